# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Modes, consoles and verdicts.  Sourced, never run.

# The modes that a kernel is booted in, and their names for the reader.
MODES="vhe nvhe protected a57"
mode_name()
{
	case $1 in
	vhe)		echo "VHE" ;;
	nvhe)		echo "nVHE" ;;
	protected)	echo "protected" ;;
	a57)		echo "no VHE (cortex-a57)" ;;
	hvhe)		echo "hVHE" ;;
	none)		echo "KVM off (cortex-a57)" ;;
	esac
}

# splats LOG: the kernel's complaints in a console log.  One is left out: when an
# emulated CPU has not run for a second or two, the scheduler's deadline timer
# finds itself queued again (hrtimer_forward() from dl_task_timer()).
splats()
{
	grep -aE '^\[ *[0-9.]+\] .*(BUG:|WARNING:|Oops|Internal error|Unable to handle|Kernel panic|hyp panic|detected stall|soft lockup|blocked for more than)' "$1" |
		grep -avE ' rig: |WARNING: .*kernel/time/hrtimer.c:[0-9]+ at hrtimer_forward\+' || true
}

# parallel LIMIT FUNCTION ARGUMENT...: call FUNCTION once for each ARGUMENT, at
# most LIMIT at a time.  What they return is lost.
parallel()
{
	local limit=$1 function=$2 arg
	shift 2
	for arg; do
		while [ "$(jobs -rp | wc -l)" -ge "$limit" ]; do
			wait -n || true
		done
		"$function" "$arg" &
	done
	wait
}

# Verdicts of a test run, one line each in $RESULTS: group, mode, test, and pass,
# fail or skip.
RESULTS=${RESULTS:-$LOGS/results.tsv}
result()	{ printf '%s\t%s\t%s\t%s\n' "$@" >> "$RESULTS"; }

# tally: the closing line; whether nothing failed.
tally()
{
	awk -F '\t' '{ n[$4]++ }
		END {
			printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skip"]
			exit n["fail"] > 0
		}' "$RESULTS"
}

# records LOG KIND: what a guest reported in its console log, see initramfs/init.
records()	{ sed -n "s/^\[ *[0-9.]*\] rig: $2 //p" "$1"; }
