# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the checks share: results, one line each, and what there is to check.  Sourced by
# the checks, which scripts/check runs with
#
#	RIG_PROJECT	the directory of patches/
#	TOPICS	the topics to check
#	SERIES	the commit that they end in, with all that they need
#	START	where they start: tag base, or what a single topic needs
#	TREE	a worktree at SERIES
: "${SERIES:?run by scripts/check}" "${START:?}" "${TOPICS:?}" "${TREE:?}"

lib=$(dirname "${BASH_SOURCE[0]}")
. "$lib/common.sh"
. "$lib/build.sh"
. "$lib/tree.sh"
export SCRATCH=$WORK/check	# what the checks keep

# The kernel's configuration, with the suites.
FRAGMENTS=()
for fragment in base kvm tests kunit; do
	[ ! -f "$ROOT/configs/$fragment.config" ] || FRAGMENTS+=("$ROOT/configs/$fragment.config")
done

# The Python that the distribution's modules belong to, if another comes first.
PATH=/usr/bin:$PATH

ok()		{ say "ok $SELF: $*"; }
not_ok()	{ say "not ok $SELF: $*"; }
skip()		{ say "skip $SELF: $*"; }

# details: show the reason for a result, some lines of it.
details()
{
	awk 'NR <= 20 { print "  | " $0 } END { if (NR > 20) print "  | (" NR - 20 " more lines)" }'
}

# The files that the topics add, and those that they change or add.
added()		{ kgit -C "$TREE" diff --no-renames --diff-filter=A --name-only "$START" "$SERIES"; }
touched()	{ kgit -C "$TREE" diff --no-renames --diff-filter=d --name-only "$START" "$SERIES"; }

# topic_commits TOPIC: its commits, on the base and what it needs alone.
topic_commits()
{
	kgit -C "$TREE" rev-list --reverse "$(alone_base "$1")..$(alone "$1")"
}

subject()	{ kgit -C "$TREE" log -1 --format=%s "$1"; }

# configure FRAGMENT...: .config in OUT for what TREE holds now.
configure()
{
	mkdir -p "$OUT"
	(cd "$TREE" && scripts/kconfig/merge_config.sh -n -O "$OUT" "$@")
}

# messages LOG: a compiler's or checker's messages without their positions, which
# other changes move.
messages()
{
	grep -iE '(^|[^a-z_-])(warning|error):' "$1" |
		sed -E 's/:[0-9]+(:[0-9]+)?//g' | sort -u || true
}

# new_messages OLD NEW: those that only the log NEW has.
new_messages()	{ comm -13 <(messages "$1") <(messages "$2"); }
