# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Source trees, their bases and the patches.  Sourced, never run.
#
# A project is a directory of patches/, the kernel's by its version, or "qemu":
#
#	base		what the patches are for, in lines "field: text"
#	series		the topics in order, one a line: name, and what it needs
#			besides the base
#	N-TOPIC/	its patches, and cover.txt, the text of its cover letter
#
# Its git tree has tag "base", branch "series", which is the base and the topics in
# order, and a branch "topic/NAME" where a topic ends.  The last topic ends where
# "series" ends, and has no branch.
#
# shellcheck disable=SC2034,SC2153	# for the sourcing script, from common.sh

# project NAME: what the functions below work on.
project()
{
	PROJECT=$1
	PATCHES=$ROOT/patches/$PROJECT
	case $PROJECT in
	"$BASE")	WORK=$KBUILD SRC=$LINUX ;;
	[0-9]*)		die "the kernel's project is $BASE now" "BASE=$PROJECT $SELF" ;;
	*)		WORK=$BUILD/$PROJECT SRC=$WORK/src LOGS=$BUILD/log/$PROJECT ;;
	esac
	[ -f "$PATCHES/base" ] || [ "$PROJECT" = "$BASE" ] ||
		die "no project $PROJECT" "one of: $(cd "$ROOT/patches" && echo *)"
	TREE_NAME=${SRC#"$ROOT"/}
	# The series_key that branch "series" was last applied from or exported to, its
	# commit then, the patches_key; and the commits of the topics' branches.
	SERIES_STAMP=$WORK/series.stamp
	EXPORT=$WORK/export	# see export.sh
	mkdir -p "$WORK" "$LOGS"
}

# git as the trees are handled here: without hooks, and without the user's
# configuration, which would show in patches (format.*, diff.*) or change how they
# apply (am.*, apply.*).
kgit()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null git \
		-c core.hooksPath=/dev/null -c commit.gpgSign=false \
		-c core.autocrlf=false -c gc.auto=0 "$@"
}

sgit()	{ kgit -C "$SRC" "$@"; }

have_tree()
{
	[ -d "$SRC/.git" ] || die "there is no tree in $TREE_NAME" "scripts/tree"
}

# base_field FIELD: its text in patches/PROJECT/base.
base_field()
{
	[ ! -f "$PATCHES/base" ] || sed -n "s/^$1:[[:space:]]*//p" "$PATCHES/base"
}

# tree_version: the version of the untouched source, as it says itself.
tree_version()
{
	sgit show refs/tags/base:VERSION 2> /dev/null ||
		sgit show refs/tags/base:Makefile |
		awk '/^(VERSION|PATCHLEVEL|SUBLEVEL) =/ { v = v sep $3; sep = "." }
		     /^EXTRAVERSION =/ { v = v $3 }
		     END { print v }'
}

# base_tree: make LINUX_BASE, the worktree of the untouched base, if it is not there.
base_tree()
{
	[ -d "$LINUX/.git" ] || die "there is no kernel in ${LINUX#"$ROOT"/}" "scripts/fetch"
	[ ! -e "$LINUX_BASE/.git" ] || return 0
	kgit -C "$LINUX" worktree prune
	step worktree "worktree of the base" \
		kgit -C "$LINUX" worktree add -f --detach "$LINUX_BASE" refs/tags/base
}

# tree_state TREE: what a tree holds, as one word: the files of its commit, with changes that
# are not committed.
tree_state()
{
	{
		kgit -C "$1" rev-parse 'HEAD^{tree}'
		kgit -C "$1" diff HEAD
	} | sha1sum | cut -d ' ' -f 1
}

# among LINE TEXT: whether TEXT has that line.
among()	{ grep -qxF -- "$1" <<< "$2"; }

# topics: their names, in order.
topics()
{
	[ ! -f "$PATCHES/series" ] || sed 's/#.*//' "$PATCHES/series" | awk 'NF { print $1 }'
}

# needs TOPIC: the topics that it needs, and what those need, in order.  A list that
# makes no sense is an error.
needs()
{
	awk -v topic="$1" '
	function take(name,	list, count, i)
	{
		if (taken[name]++)
			return
		count = split(needs[name], list)
		for (i = 1; i <= count; i++)
			take(list[i])
	}
	function bad(text)
	{
		print "line " FNR ": " text > "/dev/stderr"
		failed = 1
		exit 1
	}
	{ sub(/#.*/, "") }
	!NF { next }
	$1 !~ /^[a-z0-9-]+$/	{ bad("not a name: " $1) }
	$1 in at		{ bad("a second " $1) }
	{
		for (i = 2; i <= NF; i++)
			if (!($i in at))
				bad($1 " needs " $i ", which does not come before it")
		at[$1] = ++n
		order[n] = $1
		$1 = ""
		needs[order[n]] = $0
	}
	END {
		if (failed)
			exit 1
		if (!(topic in at)) {
			print "no topic " topic > "/dev/stderr"
			exit 1
		}
		take(topic)
		for (i = 1; i < at[topic]; i++)
			if (order[i] in taken)
				print order[i]
	}' "$PATCHES/series" || die "${PATCHES#"$ROOT"/}/series: see above"
}

# before TOPIC: all that come before it.
before()	{ topics | sed "/^$1\$/,\$d"; }

last_topic()	{ topics | tail -n 1; }

# topic_dir TOPIC: its directory under PATCHES, whatever its number.
topic_dir()
{
	local dir
	for dir in "$PATCHES"/[0-9]*-"$1"; do
		[[ ! ${dir##*/} =~ ^[0-9]+-$1$ ]] || { printf '%s\n' "$dir"; return; }
	done
}

# topic_name TOPIC: what that directory is to be called.
topic_name()	{ topics | awk -v topic="$1" '$0 == topic { print NR "-" topic }'; }

# topic_patches TOPIC: its patches, in order, without the cover letter.
topic_patches()
{
	local dir
	dir=$(topic_dir "$1")
	[ -z "$dir" ] || find "$dir" -name '[0-9]*.patch' ! -name '0000-*' | sort
}

# series_patches: the patches of all topics, in order.
series_patches()
{
	local topic
	for topic in $(topics); do
		topic_patches "$topic"
	done
}

# patches_key: all patches as one checksum; series_key: with the base and the topics.
patches_key()
{
	find "$PATCHES" -name '[0-9]*.patch' ! -name '0000-*' | sort | xargs -r -d '\n' cat |
		sha256sum | cut -c 1-40
}

series_key()
{
	{
		sgit rev-parse 'refs/tags/base^{commit}'
		topics | xargs
		patches_key
	} | sha256sum | cut -c 1-40
}

# set_topics COMMIT: let the branches of the topics end where their patches end in
# base..COMMIT.
set_topics()
{
	local topic name was count=0 commits
	mapfile -t commits < <(sgit rev-list --reverse "refs/tags/base..$1")
	for topic in $(topics); do
		count=$((count + $(topic_patches "$topic" | wc -l)))
		if [ "$topic" = "$(last_topic)" ]; then
			sgit update-ref -d "refs/heads/topic/$topic"
		elif [ "$count" -eq 0 ]; then
			sgit update-ref "refs/heads/topic/$topic" 'refs/tags/base^{commit}'
		else
			sgit update-ref "refs/heads/topic/$topic" "${commits[$((count - 1))]}"
		fi
	done
	# Those that are no topics any more, and where they were left.
	[ ! -f "$SERIES_STAMP" ] || while read -r name was; do
		among "$name" "$(topics)" ||
			[ "$(sgit rev-parse -q --verify "refs/heads/topic/$name")" != "$was" ] ||
			sgit update-ref -d "refs/heads/topic/$name"
	done < <(tail -n +2 "$SERIES_STAMP")
}

topic_branches()
{
	sgit for-each-ref --format '%(refname:lstrip=3) %(objectname)' refs/heads/topic/
}

# series_stamp KEY COMMIT
series_stamp()
{
	{ say "$1 $2 $(patches_key)"; topic_branches; } > "$SERIES_STAMP.new"
	mv "$SERIES_STAMP.new" "$SERIES_STAMP"
}

# unexported: say what the tree holds that patches/ does not have, one line each.
unexported()
{
	local tip base key='' last='' head
	[ -d "$SRC/.git" ] || return 0
	base=$(sgit rev-parse 'refs/tags/base^{commit}') || return 0
	head=$(sgit rev-parse HEAD)
	tip=$(sgit rev-parse -q --verify refs/heads/series) || tip=$base
	[ ! -f "$SERIES_STAMP" ] || read -r key last _ < "$SERIES_STAMP"
	if [ "$tip" != "$base" ] && [ "$tip" != "$last" ]; then
		sgit log --no-decorate --format='commit %h %s' "$base..$tip" \
			${last:+--not "$last"} 2> /dev/null |
			grep . || say "branch series at ${tip:0:12}, which is not what was applied"
	elif [ -f "$SERIES_STAMP" ] && [ "$(tail -n +2 "$SERIES_STAMP")" != "$(topic_branches)" ]; then
		say "branches topic/* that have moved"
	fi
	if [ "$head" != "$tip" ]; then
		say "a checkout of ${head:0:12} instead of branch series (a rebase under way?)"
	fi
	sgit status --porcelain --untracked-files=no | sed 's/^/change /'
	sgit ls-files --others --exclude-standard | sed 's/^/untracked file /'
}

# show_work: the first lines of such a list.
show_work()	{ head -n 10 | sed 's/^/  | /' >&2; }

# keep_work WHY COMMAND: stop if the tree holds such work, which COMMAND saves.
keep_work()
{
	local work
	work=$(unexported)
	[ -n "$work" ] || return 0
	show_work <<< "$work"
	die "$1, and $TREE_NAME has work that patches/$PROJECT does not have" \
		"to keep it: commit it there, then $2" \
		"to drop it: git -C $TREE_NAME reset --hard base"
}

# scratch: a directory TMP for this run, and in it REPO, a git repository with refs
# and an index of its own on the objects of the tree, where nothing is checked out.
scratch()
{
	local dir
	for dir in "$WORK"/tmp.*; do
		[ ! -d "$dir" ] || kill -0 "${dir##*.}" 2> /dev/null || rm -rf "$dir"
	done
	TMP=$WORK/tmp.$$ REPO=$WORK/tmp.$$/repo
	rm -rf "$TMP"
	trap 'rm -rf "$TMP"' EXIT
	mkdir -p "$TMP"
	kgit init -q -b none "$REPO"
	rm -r "$REPO/.git/objects"
	ln -s "$SRC/.git/objects" "$REPO/.git/objects"
	[ ! -f "$SRC/.git/shallow" ] || cp "$SRC/.git/shallow" "$REPO/.git/"
	kgit -C "$REPO" update-ref refs/tags/base "$(sgit rev-parse 'refs/tags/base^{commit}')"
}

# am COMMIT PATCH...: the commit that the patches end in on top of COMMIT.  A patch
# that does not apply is named with its files.
am()
{
	local onto=$1 log=$LOGS/am.log next patch
	shift
	# git am takes from the index what it needs: nothing is checked out.
	find "$REPO" -mindepth 1 -maxdepth 1 ! -name .git -exec rm -rf {} +
	kgit -C "$REPO" update-ref --no-deref HEAD "$onto"
	kgit -C "$REPO" read-tree HEAD
	# Dates and identity are fixed for the sake of equal commit ids.
	GIT_COMMITTER_NAME=${GIT_COMMITTER_NAME:-$(git -C "$ROOT" config user.name || echo "KVM/arm64 rig")} \
	GIT_COMMITTER_EMAIL=${GIT_COMMITTER_EMAIL:-$(git -C "$ROOT" config user.email || echo rig@localhost)} \
		kgit -C "$REPO" -c am.keepcr=false am -q --no-3way --no-scissors \
		--committer-date-is-author-date "$@" > "$log" 2>&1 || {
		next=$(kgit -C "$REPO" rev-parse --git-path rebase-apply/next)
		next=$(cat "$REPO/$next" 2> /dev/null || echo 1)
		patch=${*:$next:1}
		say "patch does not apply: ${patch#"$ROOT"/}"
		sed -n 's/^\(error\|fatal\): /  /p' "$log"
		say "  log: ${log#"$ROOT"/}"
		rm -rf "$REPO/.git/rebase-apply"
		return 1
	} >&2
	kgit -C "$REPO" rev-parse HEAD
}

# chain TOPICS: the commit that the base and these topics, in this order, end in.  It is
# remembered by what went into it.
chain()
{
	local topic onto key patches
	onto=$(sgit rev-parse 'refs/tags/base^{commit}')
	for topic in $1; do
		mapfile -t patches < <(topic_patches "$topic")
		[ ${#patches[@]} -gt 0 ] || continue
		key=$WORK/chain/$({ say "$onto"; cat "${patches[@]}"; } | sha256sum | cut -c 1-40)
		if [ -f "$key" ] && sgit cat-file -e "$(cat "$key")^{commit}" 2> /dev/null; then
			onto=$(cat "$key")
		else
			onto=$(am "$onto" "${patches[@]}") || return
			mkdir -p "$WORK/chain"
			say "$onto" > "$key"
		fi
	done
	say "$onto"
}

# alone TOPIC: the commit that a topic ends in, on the base and what it needs;
# alone_base TOPIC: where it starts there.
alone()		{ chain "$(needs "$1") $1"; }
alone_base()	{ chain "$(needs "$1")"; }

# same_series A B: whether two commits carry the same series: same trees, authors,
# dates and messages all the way from base, whoever committed them.
same_series()
{
	local format='%T %an <%ae> %ad%n%B'
	[ "$(sgit log --format="$format" "refs/tags/base..$1")" = \
	  "$(sgit log --format="$format" "refs/tags/base..$2")" ]
}

# overlay_dirs: the directories of the repository that hold copies of the files which
# the series adds.
overlay_dirs()	{ base_field overlay | tr -s ' ' '\n'; }

# overlay_edits COMMIT: the files of the overlay that are not what COMMIT adds.
overlay_edits()
{
	local dir file
	for dir in $(overlay_dirs); do
		[ ! -d "$ROOT/$dir" ] || (cd "$ROOT" && find "$dir" -type f)
	done | while read -r file; do
		[ "$(git hash-object --no-filters "$ROOT/$file")" = \
		  "$(sgit rev-parse -q --verify "$1:$file")" ] || say "$file"
	done
}

# fold_hint FILE COMMIT: the command that makes a change of FILE, which is in the
# tree, part of the last patch that touches it.
fold_hint()
{
	local commit
	commit=$(sgit log -1 --format=%h "refs/tags/base..$2" -- "$1")
	say "git -C $TREE_NAME add $1 && git -C $TREE_NAME commit ${commit:+--fixup $commit}"
}

project "${RIG_PROJECT:-$BASE}"
