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

# report_coverage: which lines were taken, by a kernel that counts them; in a guest, whose
# console is slow, only those of PV lock.
report_coverage()
{
	local f line only='*'
	[ "$job" != inner ] || only=pvlock
	find /sys/kernel/debug/gcov -name "$only.gcda" 2> /dev/null | while read -r f; do
		gzip < "$f" | base64 -w 800 | while read -r line; do
			report "gcda ${f#*/out/coverage/} $line"
		done
	done
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

# pvlock: whether this guest uses PV lock: no, yes or pvspin.
pvlock()
{
	case $(dmesg) in
	*"arm-pv: using PV lock and test-and-set"*)	echo pvspin ;;
	*"arm-pv: using PV lock"*)			echo yes ;;
	*)						echo no ;;
	esac
}

# run_guest NAME QEMU IMAGE CPU [KERNEL-ARGUMENT...]: run a guest with 4 vCPUs, in which
# the job is that of $inner, to its end; kill it after $limit seconds.
run_guest()
{
	local log=/tmp/$1.log qemu=/qemu/$2 image=/guest/$3 cpu=$4 pid
	shift 4
	# shellcheck disable=SC2086	# words
	"$qemu" -M virt,gic-version=3,its=off -accel kvm -cpu "$cpu" -smp 4 -m "${memory:-384}" \
		${firmware:-} -nodefaults -display none -monitor none -serial "file:$log" -no-reboot \
		-kernel "$image" -initrd /guest/initramfs -append "$inner console=ttyAMA0 panic=-1 oops=panic printk.devkmsg=on $*" \
		> /tmp/qemu.out 2>&1 < /dev/null &
	pid=$!
	begin=$(now)
	while kill -0 $pid 2> /dev/null; do
		[ $(($(now) - begin)) -lt "${limit:-300}" ] || kill -9 $pid
		sleep 1
	done
	wait $pid
}

# verdict NAME WANTED [yes|no]: report whether the guest got to its end, without
# complaint, and said of PV lock, each time it booted, what is wanted; and whether it
# ever saw a queue for a spinlock.
verdict()
{
	local log=/tmp/$1.log want=$2 queue=${3:-} said bad v=pass
	said=$(sed -n 's/.*rig: pvlock //p' "$log" | tr -d '\r' | sort -u | xargs)
	bad=$(grep -aE 'BUG:|WARNING:|Oops|Internal error|Unable to handle|Kernel panic|rcu.*stall' "$log")
	grep -aqE 'rig: EXIT 0' "$log" || v=fail
	[ "$said" = "$want" ] || v=fail
	[ -z "$queue" ] || [ "$(sed -n 's/.*rig: queue //p' "$log" | tr -d '\r' | sort -u | xargs)" = "$queue" ] || v=fail
	[ -z "$bad" ] || v=fail

	grep -aE 'Linux version|arm-pv:|rig: ' "$log" | tr -d '\r' | sed "s/^/$1| /"
	[ $v = pass ] || { say "---- $1: PV lock '$said', wanted '$want'${queue:+, a queue: $queue}; what it complained of, and the end of its console:"
		say "$bad"; tail -n 30 "$log"; cat /tmp/qemu.out; say ----; }
	report "guest $1: PV lock $said"
	report "RESULT $1 $v $(($(now) - begin))"
	[ $v = pass ]
}
