#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draw who runs, who waits and who holds the lock.

  timeline.py TITLE CONSOLE [TITLE CONSOLE] > picture.svg

A console is of the job "timeline". The clock of the guest is set to that of the host
by marks: what the guest wrote to its console reached the host no earlier than the
guest traced that it was about to, and the quickest of them counts.
"""

import re
import sys

MS = 2              # of the machine's clock, to the guest's last mark
WIDTH, ROW, LEFT, TOP = 960, 16, 60, 34
COLOURS = {"runs": "#4caf50", "preempted": "#f8cdc8", "halted": "#eeeeee",
           "waits": "#5a9bd4", "holds": "#d62728", "WFE": "#000000"}


def read(path):
    host, guest = [], []
    with open(path, errors="replace") as lines:
        for line in lines:
            m = re.search(r"rig: trace (guest|host) \s*(\S.*?)-\d+ +\[(\d+)\] \S+ +([\d.]+): (\w+): (.*)", line)
            if m:
                (guest if m[1] == "guest" else host).append((float(m[4]), int(m[3]), m[2], m[5], m[6].strip()))
    return host, guest


def events(path):
    """(from, to, vcpu, what) in milliseconds."""
    host, guest = read(path)
    marks = sorted({t for t, _, _, name, what in guest if name == "tracing_mark_write" and what.startswith("mark")})
    ends = [t for t, _, _, name, what in guest if name == "tracing_mark_write" and what == "the end"]
    arrived = [t for t, _, _, name, what in host if name == "kvm_mmio" and what.endswith("val 0x7e")]
    if not marks or not ends or len(arrived) != len(marks):
        sys.exit(f"{path}: {len(marks)} marks of the guest, {len(arrived)} seen by the host")
    offset = min(a - m for a, m in zip(arrived, marks))
    end = ends[0] + offset
    begin = end - MS / 1e3

    def span(t, until, vcpu, what):
        t, until = max(t, begin), min(until, end)
        if t <= until:
            yield (t - begin) * 1e3, (until - begin) * 1e3, vcpu, what

    since = {}
    for t, _, comm, name, what in host:
        if name == "sched_switch":
            for key, pattern in (("prev", r"prev_comm=CPU (\d+)/KVM .*prev_state=(\S+)"), ("next", r"next_comm=CPU (\d+)/KVM")):
                m = re.search(pattern, what)
                if m:
                    vcpu = int(m[1])
                    if vcpu in since:
                        yield from span(since[vcpu][0], t, vcpu, since[vcpu][1])
                    since[vcpu] = (t, "runs" if key == "next" else "preempted" if m[2][0] == "R" else "halted")
        elif name == "kvm_wfx_arm64" and "wfe" in what.lower():
            m = re.match(r"CPU (\d+)/KVM", comm)
            if m:
                yield from span(t, t, int(m[1]), "WFE")
    for vcpu, (t, state) in since.items():
        yield from span(t, end, vcpu, state)

    # The lock of the torture is the one with most events.
    locks = [what.split()[0] for _, _, _, name, what in guest if name.startswith("contention")]
    lock = max(set(locks), key=locks.count, default=None)
    waits, holder = {}, None
    for t, vcpu, _, name, what in guest:
        t += offset
        if not name.startswith("contention") or what.split()[0] != lock:
            continue
        if name == "contention_begin":
            waits[vcpu] = t
        else:
            if holder:
                yield from span(holder[0], t, holder[1], "holds")
            if vcpu in waits:
                yield from span(waits.pop(vcpu), t, vcpu, "waits")
            holder = (t, vcpu)
    if holder:
        yield from span(holder[0], end, holder[1], "holds")
    for vcpu, t in waits.items():
        yield from span(t, end, vcpu, "waits")


def main():
    pairs = list(zip(sys.argv[1::2], sys.argv[2::2]))
    scale = (WIDTH - LEFT - 40) / MS
    body, y = [], TOP
    for title, path in pairs:
        spans = list(events(path))
        vcpus = 1 + max(vcpu for _, _, vcpu, _ in spans)
        body.append(f'<text x="4" y="{y + 10}">{title}</text>')
        y += 16
        for what in COLOURS:        # in this order, the later above the earlier
            for t, until, vcpu, is_what in spans:
                if is_what != what:
                    continue
                top, height = y + vcpu * ROW + 1, ROW - 3
                if what in ("waits", "holds"):
                    top, height = top + 7, 4
                if what == "WFE":
                    height = 3
                body.append(f'<rect x="{LEFT + t * scale:.1f}" y="{top}" width="{max(0.4, (until - t) * scale):.2f}" '
                            f'height="{height}" fill="{COLOURS[what]}"/>')
        for vcpu in range(vcpus):
            body.append(f'<text x="4" y="{y + vcpu * ROW + 11}">vCPU {vcpu}</text>')
        y += vcpus * ROW + 6
    for ms in range(MS + 1):
        body.append(f'<text x="{LEFT + ms * scale - 4:.0f}" y="{y + 10}">{ms}{" ms" if ms == MS else ""}</text>')
    legend = "".join(f'<rect x="{LEFT + 130 * n}" y="8" width="12" height="12" fill="{colour}"/>'
                     f'<text x="{LEFT + 130 * n + 16}" y="18">{what}</text>' for n, (what, colour) in enumerate(COLOURS.items()))
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 18}" font-family="sans-serif" font-size="11">'
          f'<rect width="100%" height="100%" fill="white"/>{legend}')
    print("\n".join(body))
    print("</svg>")


main()
