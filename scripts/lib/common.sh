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

# step LOGNAME DESCRIPTION COMMAND...: run a long command with its output in
# build/log/LOGNAME.log; show that it runs, how long it took, and on failure the
# command, the last lines and the log.
step()
{
	local log=$LOGS/$1.log desc=$2 begin=$SECONDS rc=0 now beat
	shift 2
	printf '  %-9s %s' "$SELF" "$desc"
	printf '+ %s\n' "$*" > "$log"
	"$@" >> "$log" 2>&1 < /dev/null &
	local pid=$!
	beat=$((SECONDS + 15))
	while kill -0 "$pid" 2> /dev/null; do
		sleep 0.2
		now=$SECONDS
		if [ "$now" -ge "$beat" ]; then
			printf ' .'
			beat=$((now + 15))
		fi
	done
	wait "$pid" || rc=$?
	if [ "$rc" -ne 0 ]; then
		printf ' FAILED after %s\n' "$(elapsed $((SECONDS - begin)))"
		printf '  command: %s\n  log:     %s\n' "$*" "${log#"$ROOT"/}" >&2
		tail -n 15 "$log" | sed 's/^/  | /' >&2
		return "$rc"
	fi
	printf ' (%s)\n' "$(elapsed $((SECONDS - begin)))"
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
