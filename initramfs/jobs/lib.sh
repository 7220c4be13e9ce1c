# What the jobs share.  Sourced by init.

say()		{ printf '%s\n' "$*"; }
report()	{ printf 'rig: %s\n' "$*" > /dev/kmsg; }

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

# run_test NAME SECONDS [ARGUMENT...]: run /tests/NAME, report its verdict.  Its
# output is shown when it fails.
run_test()
{
	local name=$1 limit=$2 begin took rc verdict
	shift 2
	if [ ! -x "/tests/$name" ]; then
		report "RESULT $name missing 0"
		return 1
	fi
	begin=$(now)
	cd /tmp
	timeout -s KILL "$limit" "/tests/$name" "$@" > /tmp/output 2>&1 < /dev/null
	rc=$?
	took=$(($(now) - begin))
	case $rc in
	0)	verdict=pass ;;
	4)	verdict=skip ;;
	137)	verdict=fail; [ "$took" -lt "$limit" ] || verdict=timeout ;;
	*)	verdict=fail ;;
	esac
	case $verdict in
	skip)	grep -i skip /tmp/output | head -n 3 ;;
	fail|timeout)
		say "---- $name: $verdict (exit $rc), the end of its output:"
		tail -n 25 /tmp/output
		say "----" ;;
	esac
	report "RESULT $name $verdict $took"
	[ "$verdict" = pass ] || [ "$verdict" = skip ]
}
