# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel tree, its base and the patches.  Sourced, never run.

# git as the kernel trees are handled here: without hooks, and without the
# user's configuration, which would show in patches (format.*, diff.*) or change
# how they apply (am.*, apply.*).
kgit()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git \
		-c core.hooksPath=/dev/null -c commit.gpgSign=false \
		-c core.autocrlf=false -c gc.auto=0 "$@"
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
