# SPDX-License-Identifier: GPL-2.0-only
# What the jobs share.  Sourced by init.

say()		{ printf '%s\n' "$*"; }
report()	{ printf 'rig: %s\n' "$*" > /dev/kmsg; }

# report_lines KIND: a record for each line of the input.
report_lines()
{
	local line
	while IFS= read -r line || [ -n "$line" ]; do
		printf 'rig: %s %.900s\n' "$1" "$line"
	done > /dev/kmsg
}

# The mode as the kernel names it, e.g. "VHE mode initialized successfully".
kvm_mode()
{
	dmesg | sed -n 's/.*kvm \[1\]: \(.* initialized successfully\).*/\1/p' | tail -n 1
}

now()		{ cut -d . -f 1 /proc/uptime; }

# swap_space: somewhere for arm64/pvlock to have a page swapped out to.
swap_space()
{
	echo 16M > /sys/block/zram0/disksize && mkswap /dev/zram0 > /dev/null && swapon /dev/zram0
}

# run_test NAME SECONDS [ARGUMENT...]: run /tests/NAME and report its verdict, with its
# results by subtest, and all that it says when it does not pass.  label= is another
# name for the report.
run_test()
{
	local name=$1 limit=$2 label=${label:-$1} begin took rc verdict
	shift 2
	report "TEST $label"
	if [ ! -x "/tests/$name" ]; then
		report "| there is no test $name in this machine"
		report "RESULT $label missing 0"
		return 1
	fi
	begin=$(now)
	cd /tmp || return
	timeout -s KILL "$limit" "/tests/$name" "$@" > /tmp/output 2>&1 < /dev/null
	rc=$?
	took=$(($(now) - begin))
	case $rc in
	0)	verdict=pass ;;
	4)	verdict=skip ;;
	137)	verdict=fail; [ "$took" -lt "$limit" ] || verdict=timeout ;;
	*)	verdict=fail ;;
	esac
	if [ $verdict = pass ]; then
		grep -E '^(not )?ok [0-9]' /tmp/output | report_lines '|'
	else
		tail -n 500 /tmp/output | report_lines '|'
	fi
	case $verdict in
	timeout)	report "| did not end in $limit s" ;;
	fail)		report "| exit status $rc" ;;
	esac
	report "RESULT $label $verdict $took"
	[ "$verdict" = pass ] || [ "$verdict" = skip ]
}
