#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/overcommit and scripts/calibrate make of consoles and of their TSV.

  overcommit.py factor NATIVE CONSOLE   how many times slower the emulated machine is
  overcommit.py header                  the names of the columns
  overcommit.py rows CONSOLE GUESTS     what each cell of a console did
  overcommit.py noisy ROWS              succeeds if the machine's speed changed meanwhile
  overcommit.py table TSV BUILD SIDE... the first side is what the others are compared with
  overcommit.py chart TSV BUILD SIDE SIDE

A rate is divided by that of the load "alone", which contends for nothing, in the same
boot. A ratio is of two boots of one round, which ran one after the other.
"""

import re
import sys
from collections import defaultdict
from statistics import geometric_mean, median, quantiles

KVM = ["exits", "wfe_exit_stat", "wfi_exit_stat", "halt_exits"]     # of all guests
LOCKS = ["spinlock", "rwlock", "mutex_spin", "mutex_sleep", "rwsem_sleep"]
COUNTERS = KVM + ["preempted", "blocked"] + LOCKS
NOISE = 1.15        # between the loads "alone" at the begin and at the end of a boot


def cells(console):
    """(guest, load, ops, us, least, counters) of each cell that ended, in order."""
    with open(console, errors="replace", newline="\n") as lines:
        for line in lines:
            m = re.search(r"rig: cell (\d+) (\S+) (\d+) (\d+) (\d+)(.*) before(.*) after(.*)", line)
            if m:
                locks, before, after = ({k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", s)} for s in m.groups()[5:])
                yield (int(m[1]), m[2], int(m[3]), int(m[4]), int(m[5]),
                       {k: after[k] - before.get(k, 0) for k in after} | locks)


def factor(native, console):
    here = {}
    with open(native) as lines:
        for line in lines:
            load, ops, us = line.split()[:3]
            here[load] = int(ops) / int(us)
    ratios = {load: here[load] / (ops / us) for _, load, ops, us, _, _ in cells(console) if ops}
    missing = set(here) - set(ratios)
    if missing:
        sys.exit("not measured: " + " ".join(sorted(missing)))
    for load, ratio in ratios.items():
        print(f"{load} {ratio:.1f} times slower than here")
    print(f"factor {round(geometric_mean(ratios.values()))}")


def rows(console, guests):
    """Guests that ran at once are summed. A cell that one of them did not end has no row."""
    runs, seen = defaultdict(list), defaultdict(int)
    for guest, load, *what in cells(console):
        runs[load, seen[guest, load]].append(what)
        seen[guest, load] += 1
    for (load, _), of_guests in runs.items():
        if len(of_guests) != int(guests) or not all(ops and us for ops, us, _, _ in of_guests):
            print(f"{load} was lost", file=sys.stderr)
            continue
        us = of_guests[0][1]
        ops = sum(o * us // u for o, u, _, _ in of_guests)
        counters = [of_guests[0][3].get(c, 0) if c in KVM else sum(g[3].get(c, 0) for g in of_guests)
                    for c in COUNTERS]
        print(load, ops, us, min(g[2] for g in of_guests), *counters, sep="\t")


def noisy(path):
    alone = []
    with open(path) as lines:
        for line in lines:
            load, ops, us = line.split("\t")[:3]
            if load == "alone":
                alone.append(int(ops) / int(us))
    return len(alone) == 2 and max(alone) > NOISE * min(alone)


def read(path, build):
    """rates[size][load][side][round], counters per operation likewise, least shares."""
    rates = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    counts = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    alone = defaultdict(list)
    with open(path) as lines:
        next(lines)
        table = [line.rstrip("\n").split("\t") for line in lines]
    table = [row for row in table if row[0] == build]
    for _, size, side, turn, load, ops, us, *_ in table:
        if load == "alone":
            alone[size, side, turn].append(int(ops) / int(us))
    for _, size, side, turn, load, ops, us, least, *counters in table:
        if load == "end" or not alone[size, side, turn]:
            continue
        rate = int(ops) / int(us) * 1e6
        if load != "alone":
            rate /= median(alone[size, side, turn])
        rates[size][load][side][turn] = rate
        counts[size][load][side].append([int(c) / max(1, int(ops)) for c in counters] + [int(least)])
    rates = {size: rates[size] for size in sorted(rates, key=lambda s: ("x" in s, int(s.split("x")[-1])))}
    return rates, counts, alone


def quartiles(values):
    """Quartiles, or of fewer than five values the least, the geometric mean and the greatest."""
    if len(values) < 5:
        return [min(values), geometric_mean(values), max(values)]
    return quantiles(values, n=4, method="inclusive")


def ratios(by_side, first, side):
    return [by_side[side][t] / by_side[first][t]
            for t in by_side[first] if t in by_side[side] and by_side[first][t]]


def table(path, build, first, *sides):
    rates, counts, alone = read(path, build)
    if not rates:
        sys.exit("nothing was measured")
    speed = median(r for a in alone.values() for r in a)
    best = {load: median(s[first].values()) for load, s in rates.get("2", {}).items() if s[first]}
    everything = []
    for size in rates:
        gains = defaultdict(list)
        print(f"\n{size} vCPUs on 2 CPUs; thousands per second, median (spread of the quartiles, or of all if under five)")
        print("  %-18s %16s" % ("", first) + "".join(f" {s:>16} {'of ' + first:>18}" for s in sides) + "  of 2 vCPUs")
        for load, by_side in rates[size].items():
            line = f"  {load:18}"
            for side in (first,) + sides:
                values = list(by_side[side].values())
                if not values:
                    line += f" {'-':>16}" + (f" {'-':>18}" if side != first else "")
                    continue
                low, mid, high = quartiles(values)
                scale = 1e-3 if load == "alone" else speed / 1e3
                line += f" {mid * scale:9.1f} ({(high - low) / mid * 100:3.0f}%)" if mid else f" {0:>16}"
                if side != first:
                    both = ratios(by_side, first, side)
                    if both:
                        low, mid, high = quartiles(both)
                        line += f" {mid:6.2f} ({low:4.2f}-{high:5.2f})"
                        if load != "alone" and not load.startswith("torture"):
                            gains[side].append(mid)
                    else:
                        line += f" {'-':>18}"
            if load in best and sides and by_side[sides[-1]]:
                line += f"  {median(by_side[sides[-1]].values()) / best[load] * 100:4.0f}%"
            print(line)
        for side in sides:
            if gains[side]:
                print(f"  {side} of {first}, geometric mean without torture {geometric_mean(gains[side]):.2f}, least {min(gains[side]):.2f}")
        waits = {}
        print("  per 1000 operations: exits, WFE and WFI exits, halts, vCPUs preempted, blocked; slowest thread's share")
        for load in rates[size]:
            for side in (first,) + sides:
                rows_ = counts[size][load][side]
                if rows_ and load != "alone":
                    *columns, least = [median(c) for c in zip(*rows_)]
                    print(f"  {load:18} {side:8}" + "".join(f" {c * 1000:9.2f}" for c in columns[:-len(LOCKS)])
                          + (f" {least:4.0f}%" if least else "     -"))
                    waits[load, side] = columns[-len(LOCKS):]
        if any(any(columns) for columns in waits.values()):
            print("  waits per 1000 operations: " + ", ".join(LOCKS))
            for (load, side), columns in waits.items():
                print(f"  {load:18} {side:8}" + "".join(f" {c * 1000:9.2f}" for c in columns))


def chart(path, build, first, side):
    """load, then for each size the median of the ratios."""
    rates, _, _ = read(path, build)
    loads = list(dict.fromkeys(load for by_load in rates.values() for load in by_load if load != "alone"))
    print("load", *rates)
    for load in loads:
        line = [load]
        for size in rates:
            both = ratios(rates[size][load], first, side)
            line.append(f"{quartiles(both)[1]:.3f}" if both else "0")
        print(*line)


def main():
    what, *args = sys.argv[1:]
    if what == "header":
        print("build", "size", "side", "round", "load", "ops", "us", "least", *COUNTERS, sep="\t")
    elif what == "noisy":
        sys.exit(not noisy(*args))
    else:
        {"factor": factor, "rows": rows, "table": table, "chart": chart}[what](*args)


main()
