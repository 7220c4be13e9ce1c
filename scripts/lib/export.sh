# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What an export puts into the repository.  Sourced after tree.sh, never run.
#
# The export is complete in build/PROJECT/export before a file of the repository is
# touched.  Whoever comes next finishes one that was cut off in between.

# format DIR TOPIC START END: the commits START..END as the patches of a topic, in DIR,
# the same bytes whoever exports them and wherever.  REPO has the commits.
format()
{
	local dir=$1 topic=$2 start=$3 end=$4 cover options
	mkdir -p "$dir"
	[ "$start" != "$end" ] || return 0
	cover=$(topic_dir "$topic")
	cover=${cover:-$PATCHES/$(topic_name "$topic")}/cover.txt
	[ -s "$cover" ] ||
		die "topic $topic has no text for its cover letter" \
			"write ${cover#"$ROOT"/}: first line the subject, an empty line, the body"
	# The cover letter comes from whoever wrote the last patch, at its date.
	{
		read -r GIT_COMMITTER_NAME
		read -r GIT_COMMITTER_EMAIL
		read -r GIT_COMMITTER_DATE
	} < <(sgit log -1 --date=raw --format='%an%n%ae%n%ad' "$end")
	export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
	kgit -C "$REPO" update-ref "refs/heads/$topic" "$end"
	kgit -C "$REPO" config "branch.$topic.description" "$(cat "$cover")"
	# Abbreviated ids get longer with the number of objects: fix them.
	options=(-n --cover-letter --cover-from-description=subject --zero-commit
		--no-signature --abbrev=12 -M --stat=72 --no-notes)
	! sgit show refs/tags/base:scripts/git.orderfile > "$TMP/orderfile" 2> /dev/null ||
		options+=(-O"$TMP/orderfile")
	kgit -C "$REPO" format-patch -q -o "$dir" --base=refs/tags/base "${options[@]}" "$start..$topic"
	unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
}

# install_file FROM TO: keep the file, and its date, when it is the same.
changed=0
install_file()
{
	local mode=644
	[ ! -x "$1" ] || mode=755
	cmp -s "$1" "$2" && [ "$(stat -c %a "$2")" = "$mode" ] && return
	install -D -m "$mode" "$1" "$2" ||
		die "cannot write ${2#"$ROOT"/}; what is to be exported is in ${EXPORT#"$ROOT"/}" \
			"df -h ." "$SELF again, which goes on from here"
	changed=$((changed + 1))
}

# install_export: EXPORT to the repository, see scripts/export for what is in it.
install_export()
{
	local topic dir to file
	# A topic whose number changed keeps its text.
	for dir in "$EXPORT"/patches/*; do
		topic=${dir##*/} to=$PATCHES/${dir##*/}
		dir=$(topic_dir "${topic#*-}")
		[ -z "$dir" ] || [ "$dir" = "$to" ] || mv -T "$dir" "$to"
	done
	find "$PATCHES" -name '[0-9]*.patch' -printf '%P\n' | sort | while read -r file; do
		[ -f "$EXPORT/patches/$file" ] || {
			rm "$PATCHES/$file"
			note export "removed ${PATCHES#"$ROOT"/}/$file"
		}
	done
	while read -r file; do
		[ ! -f "$ROOT/$file" ] || {
			rm "$ROOT/$file"
			rmdir -p --ignore-fail-on-non-empty "$(dirname "$ROOT/$file")" 2> /dev/null || true
			note export "removed $file"
		}
	done < "$EXPORT/removed"
	while read -r file; do
		install_file "$EXPORT/patches/$file" "$PATCHES/$file"
	done < <(cd "$EXPORT/patches" && find . -type f -printf '%P\n' | sort)
	while read -r file; do
		install_file "$EXPORT/overlay/$file" "$ROOT/$file"
	done < <(cd "$EXPORT/overlay" && find . -type f -printf '%P\n' | sort)
	series_stamp "$(series_key)" "$(cat "$EXPORT/commit")"
	rm -rf "$WORK/carried"
	mv "$EXPORT" "$EXPORT.done"
	rm -rf "$EXPORT.done"
}

finish_export()
{
	[ -d "$EXPORT" ] || return 0
	note export "finishing one that was cut off"
	install_export
}
