# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Modes, guests and verdicts.  Sourced, never run.

# The modes that a kernel is booted in, and their names for the reader.
# shellcheck disable=SC2034	# for the sourcing script
MODES="vhe nvhe protected a57"
mode_name()
{
	case $1 in
	vhe)		echo "VHE" ;;
	nvhe)		echo "nVHE" ;;
	protected)	echo "protected" ;;
	a57)		echo "no VHE (cortex-a57)" ;;
	nested)		echo "nested (guests have EL2)" ;;
	hvhe)		echo "hVHE" ;;
	none)		echo "KVM off (cortex-a57)" ;;
	*+*)		echo "$(mode_name "${1%%+*}") ${1#*+}" ;;
	esac
}

# job_head JOB limit|needs: what a job says of itself at its top.
job_head()	{ sed -n "s/^# $2: //p" "$ROOT/initramfs/jobs/$1"; }

# records LOG KIND: what a guest reported in its console log, see initramfs/init.
records()	{ sed -n "s/^\[ *[0-9.]*\] rig: $2 //p" "$1"; }

# parallel LIMIT FUNCTION ARGUMENT...: call FUNCTION once for each ARGUMENT, at
# most LIMIT at a time.  What they return is lost.
parallel()
{
	local limit=$1 function=$2 arg pid
	shift 2
	trap 'for pid in $(jobs -rp); do stop "$pid"; done; exit 130' INT TERM
	for arg; do
		while [ "$(jobs -rp | wc -l)" -ge "$limit" ]; do
			wait -n || true
		done
		"$function" "$arg" &
	done
	while [ -n "$(jobs -rp)" ]; do
		wait -n || true
	done
	trap - INT TERM
}

# A run has a folder of its own, build/runs/<date>-<target>, in RUN: for each part and
# mode the console, its KTAP and the XML that kunit.py makes of that; and the table of
# all.  BASE_VERDICTS is what the untouched kernel has.
BASE_VERDICTS=${BASE_VERDICTS:-$PATCHES/selftests.base}
RESULTS_PY=$ROOT/scripts/lib/results.py

# splats LOG: the kernel's complaints in a console log.
splats()	{ "$RESULTS_PY" splats "$1"; }

begin_run()
{
	local runs=$BUILD/runs
	# It may have to be downloaded, which is said here and not by the first guest.
	"$ROOT/scripts/emulator" > /dev/null
	RUN=$runs/$(date +%Y-%m-%d-%H%M%S)-$1
	export RUN ROOT
	mkdir -p "$RUN"
	ln -sfn "$(basename "$RUN")" "$runs/latest-$1"
	note "$SELF" "results go to ${RUN#"$ROOT"/}"
}

# ktap NAME: the XML of NAME.ktap in the run's folder.
ktap()
{
	"$LINUX/tools/testing/kunit/kunit.py" parse --junit="$RUN/$1.xml" "$RUN/$1.ktap" \
		> "$RUN/$1.txt" 2>&1 || [ -s "$RUN/$1.xml" ] ||
		die "kunit.py does not read ${RUN#"$ROOT"/}/$1.ktap" "cat ${RUN#"$ROOT"/}/$1.txt"
}

# boot NAME JOB MODE VARIANT [ARGUMENT...]: a guest, whose console, KTAP and XML are
# called NAME.  MODE may have a kernel argument behind a plus sign.
boot()
{
	local name=$1 job=$2 mode=$3 variant=$4 rc=0 expected
	shift 4
	[ "$mode" = "${mode%%+*}" ] || set -- "$@" "${mode#*+}"
	if [ -n "${V:-}${GDB:-}" ]; then
		LOG=$RUN/$name.console "$ROOT/scripts/boot" "${mode%%+*}" "$variant" "$job" "$@" || rc=$?
	else
		LOG=$RUN/$name.console "$ROOT/scripts/boot" "${mode%%+*}" "$variant" "$job" "$@" \
			> "$RUN/$name.boot" 2>&1 || rc=$?
		[ -s "$RUN/$name.boot" ] || rm "$RUN/$name.boot"
	fi
	[ -f "$RUN/$name.console" ] || die "no machine for $name:
$(sed 's/^/  | /' "$RUN/$name.boot")"
	expected=$(expected "$variant" "$job" "$@")
	# shellcheck disable=SC2086	# a list
	"$RESULTS_PY" ktap "$RUN/$name.console" "$rc" $expected > "$RUN/$name.ktap"
	ktap "$name"
}

# suites: the modules with KUnit suites, those that the series adds and tests/kunit.
suites()
{
	(cd "$ROOT/tests/kunit" && printf '%s\n' *.c | sed 's/\.c$//')
	[ ! -d "$LINUX/.git" ] || kgit -C "$LINUX" diff --name-only --diff-filter=A base -- '*_kunit.c' |
		sed 's,.*/,,; s/\.c$//'
}

# expected VARIANT JOB [ARGUMENT...]: the tests that such a guest has to run.
expected()
{
	local variant=$1 job=$2 arg only=
	shift 2
	for arg; do
		case $arg in
		rig.tests=*)	only=${arg#rig.tests=} ;;
		esac
	done
	if [ -n "$only" ]; then
		tr , '\n' <<< "$only"
	elif [ "$job" = selftests ]; then
		# Those that the untouched kernel has, too: none gets lost.
		{
			cut -d ' ' -f 1 "$KBUILD/initramfs/$variant.tests"
			cut -f 1 "$BASE_VERDICTS" | sed '1d; s/: .*//; / /d; /^boot$/d'
		} | sort -u
	elif [ "$job" = kexec ] || [ "$job" = resume ] || [ "$job" = trace ] || [ "$job" = soak ]; then
		echo "$job"
	elif [ "$job" = kunit ]; then
		suites
	fi
}

# again NAME: the tests of NAME that count as failed.
again()	{ "$RESULTS_PY" again "$RUN/$1.xml" "$BASE_VERDICTS"; }

# guests JOB MODE...: a guest in each mode, two at a time.  What fails is tried once
# more, in a guest of its own, before it counts.  M= leaves modes out; VARIANT= is the
# kernel, ARGUMENTS= are the job's, PART= is another name for the results, ONCE= lets
# count what fails at once.
guests()
{
	JOB=$1
	local PART=${PART:-$1} modes=() mode name failed
	shift
	for mode; do
		if [ -z "${M:-}" ] || grep -qw -- "${mode%%+*}" <<< "$M"; then
			modes+=("$mode")
		fi
	done
	[ ${#modes[@]} -gt 0 ] || return 0

	say "$PART, two guests at a time: ${modes[*]}"
	parallel 2 guest "${modes[@]}" &
	watch $!
	for mode in "${modes[@]}"; do
		name=$PART-$mode
		[ -s "$RUN/$name.xml" ] || die "$name has no result" "cat ${RUN#"$ROOT"/}/$name.*"
		failed=$(again "$name")
		if [ -z "$failed" ] || [ -n "${ONCE:-}" ]; then
			continue
		fi
		# Only selftests can be picked from what a guest runs.
		[ "$JOB" = selftests ] || [ "$JOB" = show ] || failed=
		! grep -qxE 'boot|KTAP' <<< "$failed" || failed=
		note again "$(mode_name "$mode")${failed:+: $(xargs <<< "$failed")}"
		failed=$(paste -sd , <<< "$failed")
		# shellcheck disable=SC2086	# a list
		boot "$name.again" "$JOB" "$mode" "${VARIANT:-series}" ${ARGUMENTS:-} \
			${failed:+"rig.tests=$failed"}
	done
}

guest()
{
	local begin=$SECONDS name=$PART-$1
	# shellcheck disable=SC2086	# a list
	boot "$name" "$JOB" "$1" "${VARIANT:-series}" ${ARGUMENTS:-}
	progress_end
	note "$PART" "$(mode_name "$1"): $(sed -n 's/.*Testing complete. //p' "$RUN/$name.txt") ($(elapsed $((SECONDS - begin))))"
}

# watch PID: say what the guests are at, for as long as the process lives.
watch()
{
	local name line
	progress_begin
	trap 'stop '"$1"'; exit 130' INT TERM
	while kill -0 "$1" 2> /dev/null; do
		sleep 1
		line=
		for name in $(find "$RUN" -name "$PART-*.console" | sort); do
			[ ! -f "${name%.console}.ktap" ] || continue
			line+=" $(basename "$name" .console | sed "s/^$PART-//") $(records "$name" TEST | wc -l) ($(records "$name" TEST | tail -n 1))"
		done
		progress "$PART" "$line"
	done
	progress_end
	trap - INT TERM
}

# end_run: the table, what failed, and the closing line; whether nothing failed.
end_run()
{
	say ""
	say "Total time $(elapsed $SECONDS); ${RUN#"$ROOT"/}: table.txt, results.tsv, junit.xml, consoles"
	"$RESULTS_PY" report "$RUN" "$BASE_VERDICTS"
}
