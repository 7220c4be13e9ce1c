# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Measure lock contention where vCPUs outnumber CPUs, on an emulator whose clock is
# slowed.  Sourced, never run, by scripts/overcommit and scripts/calibrate, which
# define boot_side.  README says what this can show and what not.
#
#	boot_side SIDE LOG RIG-ARGUMENT...	boot one machine of that side

# shellcheck disable=SC2153	# from common.sh
OC=$BUILD/overcommit
OVERCOMMIT_PY=$ROOT/scripts/lib/overcommit.py
CELL_MS=${CELL_MS:-300}		# of the emulated clock
ROUNDS=${ROUNDS:-7}
LOADS="files mmap dup futex fault fork pipe"

# overcommit_programs: the clock, and the loads for this machine.
overcommit_programs()
{
	mkdir -p "$OC/log"
	gcc -Wall -O2 -shared -fPIC -o "$OC/slowclock.so" "$ROOT/scripts/slowclock.c" -ldl &&
	gcc -Wall -O2 -static -pthread -o "$OC/loads" "$ROOT/initramfs/overcommit/loads.c"
}

# idle: whether the machine is, for three seconds.
idle()
{
	local before after
	before=$(head -n 1 /proc/stat)
	sleep 3
	after=$(head -n 1 /proc/stat)
	awk '{ for (i = 2; i <= 9; i++) { all[NR] += $i; if (i == 5 || i == 6) idle[NR] += $i } }
		END { exit (idle[2] - idle[1]) / (all[2] - all[1]) < 0.85 }' <<< "$before
$after"
}

wait_until_idle()
{
	local tries=20
	until idle; do
		[ "$((tries--))" -gt 0 ] ||
			die "the machine is too busy to measure: $(cut -d ' ' -f 1-3 /proc/loadavg)" \
				"end what else runs here, and start again: what is measured is kept"
		note "$SELF" "waits: the machine is busy"
		sleep 10
	done
}

# factor NAME SIDE BUILD: how many times slower than on this machine a load without
# contention runs in a guest of a machine of that side, in the geometric mean of LOADS.
# Not pipe: its wake-ups take what the emulated machine's idle CPUs do not. Measured
# once, kept in build/overcommit/NAME-BUILD.factor.
factor()
{
	local file=$OC/$1-$3.factor log=$OC/log/$1-factor.console load loads=${LOADS/ pipe/}
	if [ ! -s "$file" ]; then
		wait_until_idle
		for load in $loads; do
			echo "$load $("$OC/loads" "$load" 1 500 /dev/shm)"
		done > "$OC/native"
		SLOWCLOCK=1 boot_side "$2" "$log" rig.vcpus=1 rig.ms=1000 rig.cells="${loads// /,}" ||
			die "the machine that measures the emulator's speed did not end well" "tail ${log#"$ROOT"/}"
		"$OVERCOMMIT_PY" factor "$OC/native" "$log" > "$file.new"
		mv "$file.new" "$file"
	fi
	sed 's/^/  | /' "$file" >&2
	sed -n 's/^factor //p' "$file"
}

# measure TSV BUILD SIZES SIDES LOADS: run each side of each size ROUNDS times, in turn,
# and in each round another side first. A size is a number of vCPUs, or
# <guests>x<vCPUs>. What the TSV has of this BUILD is not measured again. A machine that
# did not end well, or whose speed changed while it ran, is measured again, twice at
# most; a cell that did not end has no row.
measure()
{
	local tsv=$1 build=$2 sizes=$3 sides=$4 loads=$5 size side round log key rc begin try guests
	[ -s "$tsv" ] || "$OVERCOMMIT_PY" header > "$tsv"
	for ((round = 1; round <= ROUNDS; round++)); do
	for size in $sizes; do
	for side in $sides; do
		key=$build$'\t'$size$'\t'$side$'\t'$round
		! grep -qF "$key"$'\t'end$'\t' "$tsv" || continue
		guests=1
		[[ $size != *x* ]] || guests=${size%x*}
		for try in 1 2 3; do
			wait_until_idle
			begin=$SECONDS rc=0
			log=$OC/log/$build-$size-$side-$round.console
			boot_side "$side" "$log" rig.guests="$guests" rig.vcpus="${size#*x}" \
				rig.ms="$CELL_MS" rig.cells="alone,${loads// /,},alone" || rc=$?
			"$OVERCOMMIT_PY" rows "$log" "$guests" > "$OC/rows" || true
			if [ "$rc" != 0 ]; then
				note "$SELF" "$size vCPUs, $side, round $round: did not end well ($rc): ${log#"$ROOT"/}"
			elif "$OVERCOMMIT_PY" noisy "$OC/rows"; then
				note "$SELF" "$size vCPUs, $side, round $round: the machine's speed changed"
			else
				break
			fi
		done
		[ -s "$OC/rows" ] || die "nothing was measured: $size vCPUs, $side" "tail ${log#"$ROOT"/}"
		echo "end 0 1 0 status=$rc,tries=$try" | tr ' ' '\t' >> "$OC/rows"
		sed "s/^/$key\t/" "$OC/rows" >> "$tsv"
		note "$SELF" "$size vCPUs, $side, round $round of $ROUNDS: $(($(wc -l < "$OC/rows") - 1)) cells in $(elapsed $((SECONDS - begin)))"
	done
	done
	[[ $sides != *" "* ]] || sides="${sides#* } ${sides%% *}"
	done
}
