# shellcheck shell=bash
# Common ground of the scripts in this directory: paths, steps that are timed
# and logged, and errors that say what to try.  Sourced, never run.
#
# shellcheck disable=SC2034	# most of these are for the sourcing script

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
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

# base_tree: see to it that LINUX_BASE, the worktree of the untouched base, is there.
base_tree()
{
	[ -d "$LINUX/.git" ] || die "there is no kernel in ${LINUX#"$ROOT"/}" "scripts/fetch"
	[ ! -e "$LINUX_BASE/.git" ] || return 0
	kgit -C "$LINUX" worktree prune
	step worktree "worktree of the base" \
		kgit -C "$LINUX" worktree add -f --detach "$LINUX_BASE" refs/tags/base
}

# stamp_is FILE VALUE: whether FILE holds VALUE, i.e. nothing is to be done.
stamp_is()	{ [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# git as the kernel trees are handled here: without hooks, and without the
# user's configuration, which would show in patches (format.*, diff.*) or change
# how they apply (am.*, apply.*).
kgit()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git \
		-c core.hooksPath=/dev/null -c commit.gpgSign=false \
		-c core.autocrlf=false -c gc.auto=0 "$@"
}

# The compiler.  gcc takes two thirds of clang's time; LLVM=-19 builds with clang
# instead, and for branch target identification.  The compiler cache stays in
# build/, and all kernels share it.
LLVM=${LLVM:-}
CCACHE=$(command -v ccache || true)
export CCACHE_DIR=$BUILD/ccache CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}

# kmake TARGET...: make kernel targets of the tree TREE in OUT.
kmake()
{
	local cc=${CROSS_COMPILE}gcc
	[ -z "$LLVM" ] || cc=clang$LLVM
	make -C "$TREE" O="$OUT" ${LLVM:+LLVM="$LLVM"} CC="${CCACHE:+ccache }$cc" -j "$JOBS" "$@"
}

# tree_state TREE: what a kernel tree holds, as one word: its commit with the
# changes that are not committed.
tree_state()
{
	{
		kgit -C "$1" rev-parse HEAD
		kgit -C "$1" diff HEAD
	} | sha1sum | cut -d ' ' -f 1
}

# The patches of the series, in order, without the cover letter.
series_patches()
{
	[ -d "$PATCHES" ] || return 0
	find "$PATCHES" -maxdepth 1 -name '[0-9]*.patch' ! -name '0000-*' | sort
}

# What branch "series" is made from, as one checksum: the base and the patches.
series_key()
{
	{
		kgit -C "$LINUX" rev-parse 'refs/tags/base^{commit}'
		series_patches | xargs -r -d '\n' cat
	} | sha256sum | cut -c 1-40
}

# SERIES_STAMP holds the series_key that branch "series" was last applied from
# or exported to, and its commit then.
SERIES_STAMP=$KBUILD/series.stamp
series_stamp()	{ printf '%s %s\n' "$1" "$2" > "$SERIES_STAMP"; }

# unexported: say what the tree holds that patches/ does not have, one line each.
unexported()
{
	local tip base key='' last='' head
	[ -d "$LINUX/.git" ] || return 0
	base=$(kgit -C "$LINUX" rev-parse 'refs/tags/base^{commit}') || return 0
	head=$(kgit -C "$LINUX" rev-parse HEAD)
	tip=$(kgit -C "$LINUX" rev-parse -q --verify refs/heads/series) || tip=$base
	[ ! -f "$SERIES_STAMP" ] || read -r key last < "$SERIES_STAMP"
	if [ "$tip" != "$base" ] && [ "$tip" != "$last" ]; then
		kgit -C "$LINUX" log --no-decorate --format='commit %h %s' "$base..$tip" \
			${last:+--not "$last"} 2> /dev/null |
			grep . || say "branch series at ${tip:0:12}, which is not what was applied"
	fi
	if [ "$head" != "$tip" ]; then
		say "a checkout of ${head:0:12} instead of branch series (a rebase under way?)"
	fi
	kgit -C "$LINUX" status --porcelain --untracked-files=no | sed 's/^/change /'
	kgit -C "$LINUX" ls-files --others --exclude-standard | sed 's/^/untracked file /'
}

# am_series COMMIT: apply the series to COMMIT of the tree's repository and print
# the commit it ends in.  git am works in a worktree without files, since it
# takes from the index what it needs, so that no checkout changes.  A patch that
# does not apply is named with its files.
am_series()
(
	onto=$1 log=$LOGS/am.log
	mapfile -t patches < <(series_patches)
	# Dates and identity are fixed for the sake of equal commit ids.
	GIT_COMMITTER_NAME=${GIT_COMMITTER_NAME:-$(git -C "$ROOT" config user.name || echo "KVM/arm64 rig")}
	GIT_COMMITTER_EMAIL=${GIT_COMMITTER_EMAIL:-$(git -C "$ROOT" config user.email || echo rig@localhost)}
	export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

	scratch=$(mktemp -d "$KBUILD/am.XXXXXX")
	trap 'kgit -C "$LINUX" worktree remove --force "$scratch"' EXIT
	{
		kgit -C "$LINUX" worktree add -q --detach --no-checkout "$scratch" "$onto" &&
		kgit -C "$scratch" read-tree HEAD
	} > "$log" 2>&1 || die "cannot make a worktree of $onto, see ${log#"$ROOT"/}"
	if [ ${#patches[@]} -gt 0 ] &&
	   ! kgit -C "$scratch" -c am.keepcr=false am -q --no-3way --no-scissors \
			--committer-date-is-author-date "${patches[@]}" >> "$log" 2>&1; then
		next=$(kgit -C "$scratch" rev-parse --git-path rebase-apply/next)
		patch=${patches[$(($(cat "$next" 2> /dev/null || echo 1) - 1))]}
		say "patch does not apply: ${patch#"$ROOT"/}"
		sed -n 's/^\(error\|fatal\): /  /p' "$log"
		say "  log: ${log#"$ROOT"/}"
		exit 1
	fi >&2
	kgit -C "$scratch" rev-parse HEAD
)

# same_series A B: whether two commits carry the same series: same trees, authors,
# dates and messages all the way from base, whoever committed them.
same_series()
{
	local format='%T %an <%ae> %ad%n%B'
	[ "$(kgit -C "$LINUX" log --format="$format" "refs/tags/base..$1")" = \
	  "$(kgit -C "$LINUX" log --format="$format" "refs/tags/base..$2")" ]
}

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
