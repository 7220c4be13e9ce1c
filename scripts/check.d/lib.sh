# shellcheck shell=bash
# What the checks share: results, one line each, and the series in its scratch
# tree.  Sourced by the checks, which scripts/check runs with
#
#	SERIES	the commit that the patches end in, on top of tag base
#	TREE	a worktree at that commit
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

: "${SERIES:?run by scripts/check}" "${TREE:?run by scripts/check}"
export SCRATCH=$KBUILD/check	# what the checks keep

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

# The series' commits, the files it adds, and the files it changes or adds.
commits()	{ kgit -C "$TREE" rev-list --reverse "refs/tags/base..$SERIES"; }
added()		{ kgit -C "$TREE" diff --no-renames --diff-filter=A --name-only refs/tags/base "$SERIES"; }
touched()	{ kgit -C "$TREE" diff --no-renames --diff-filter=d --name-only refs/tags/base "$SERIES"; }

subject()	{ kgit -C "$TREE" log -1 --format=%s "$1"; }

# messages LOG: a compiler's or checker's messages without their positions, which
# other changes move.
messages()
{
	grep -iE '(^|[^a-z_-])(warning|error):' "$1" |
		sed -E 's/:[0-9]+(:[0-9]+)?//g' | sort -u || true
}

# new_messages OLD NEW: those that only the log NEW has.
new_messages()	{ comm -13 <(messages "$1") <(messages "$2"); }
