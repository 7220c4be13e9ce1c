# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Common ground of the scripts in this directory: paths, steps that are timed
# and logged, and errors that say what to try.  Sourced, never run.
#
# shellcheck disable=SC2034	# most of these are for the sourcing script

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
SELF=$(basename "$0")

BASE=${BASE:-7.3}			# the kernel the series is for
BUILD=$ROOT/build			# everything generated
KBUILD=$BUILD/$BASE			# ... for this kernel
LINUX=$KBUILD/linux			# git tree that carries the series
LINUX_BASE=$KBUILD/linux-base		# worktree of the untouched base
PATCHES=$ROOT/patches/$BASE
LOGS=$BUILD/log

# M= and V= of "make test" are not for the makes that scripts call.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES

JOBS=${JOBS:-$(($(nproc) + 1))}
export ARCH=arm64
export CROSS_COMPILE=${CROSS_COMPILE:-aarch64-linux-gnu-}
# Fixed names keep the compiler cache and the images comparable.
export KBUILD_BUILD_USER=kvmarm KBUILD_BUILD_HOST=rig
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970'

mkdir -p "$LOGS"

say()	{ printf '%s\n' "$*"; }
note()	{ printf '  %-9s %s\n' "$1" "$2"; }

# die MESSAGE [HINT...]: the message, what to try, and out.
die()
{
	printf '%s: error: %s\n' "$SELF" "$1" >&2
	shift
	local hint
	for hint in "$@"; do
		printf '  try: %s\n' "$hint" >&2
	done
	exit 1
}

# elapsed SECONDS: 75 -> 1m15s
elapsed()
{
	if [ "$1" -ge 60 ]; then
		printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
	else
		printf '%ds' "$1"
	fi
}

# progress TEXT: what is being done, and for how long.  On a terminal it takes the
# place of what was said before; elsewhere it is said once a minute.  progress_begin
# starts the clock, progress_end leaves the line empty.
progress_begin()	{ PROGRESS_BEGIN=$SECONDS PROGRESS_NEXT=$((SECONDS + 60)); }
progress()
{
	local line
	line=$(note "$SELF" "$1, $(elapsed $((SECONDS - PROGRESS_BEGIN)))${2:+: $2}")
	if [ -t 1 ]; then
		printf '\r%-*.*s' "$((${COLUMNS:-80} - 1))" "$((${COLUMNS:-80} - 1))" "$line"
	elif [ "$SECONDS" -ge "$PROGRESS_NEXT" ]; then
		printf '%.120s\n' "$line"
		PROGRESS_NEXT=$((SECONDS + 60))
	fi
}
progress_end()	{ [ ! -t 1 ] || printf '\r%*s\r' "$((${COLUMNS:-80} - 1))" ''; }

# stop PID: end a process and all that it started.
stop()
{
	local children child
	read -ra children < <(cat /proc/"$1"/task/*/children 2> /dev/null) || true
	for child in "${children[@]}"; do
		stop "$child"
	done
	kill "$1" 2> /dev/null || true
}

# step LOGNAME DESCRIPTION COMMAND...: run a long command with its output in
# build/log/LOGNAME.log; show what it does and how long it took, and on failure the
# command, the last lines and the log.  What kbuild makes is counted; STEP_TOTAL= says
# how much there will be, about.
step()
{
	local log=$LOGS/$1.log desc=$2 rc=0 pid count last
	shift 2
	note "$SELF" "$desc, log: ${log#"$ROOT"/}"
	progress_begin
	printf '+ %s\n' "$*" > "$log"
	"$@" >> "$log" 2>&1 < /dev/null &
	pid=$!
	# A command in the background does not get ctrl-c.
	trap 'stop "$pid"; exit 130' INT TERM
	while kill -0 "$pid" 2> /dev/null; do
		sleep 0.5
		count=$(grep -cE '^  [A-Z][A-Z0-9]+ ' "$log" || true)
		last=$(tail -n 1 "$log" | tr -s ' \t\r' ' ' | sed 's/^ //')
		[ "$count" -eq 0 ] || last="$count${STEP_TOTAL:+ of about $STEP_TOTAL} made, $last"
		progress "$desc" "$last"
	done
	wait "$pid" || rc=$?
	trap - INT TERM
	progress_end
	if [ "$rc" -ne 0 ]; then
		note FAILED "$desc, after $(elapsed $((SECONDS - PROGRESS_BEGIN)))"
		printf '  command: %s\n  log:     %s\n' "$*" "${log#"$ROOT"/}" >&2
		tail -n 15 "$log" | sed 's/^/  | /' >&2
		[ "$(df -Pm "$BUILD" | awk 'NR == 2 { print $4 }')" -gt 20 ] ||
			printf '  The disk that holds %s is full.\n' "$BUILD" >&2
		return "$rc"
	fi
	note "$SELF" "$desc: done ($(elapsed $((SECONDS - PROGRESS_BEGIN))))"
}

# stamp_is FILE VALUE: whether FILE holds VALUE, i.e. nothing is to be done.
stamp_is()	{ [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# one_run: runs that share build/ would write each other's images and logs, so a
# second one waits for the first.  What a run calls is part of it.
one_run()
{
	[ -z "${RIG_RUN:-}" ] || return 0
	export RIG_RUN=$$
	exec 9> "$BUILD/.lock"
	flock -n 9 || {
		note "$SELF" "waits for another run in ${BUILD#"$ROOT"/}"
		flock 9
	}
}
