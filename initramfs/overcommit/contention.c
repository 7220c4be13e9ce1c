// SPDX-License-Identifier: GPL-2.0-only
/*
 * Count how often a lock is waited for, by kind, until SIGTERM; then print
 *
 *	spinlock=N rwlock=N mutex_spin=N mutex_sleep=N rwsem_sleep=N
 *
 * The events are those of the tracepoint contention_begin, counted by perf on each
 * CPU and not recorded. A waiter for a mutex that gives up spinning and goes to sleep
 * counts as both.
 */
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ID "/sys/kernel/tracing/events/lock/contention_begin/id"
#define MAX_CPUS	64

/* LCB_F_*: 1 spins, 2 reads, 4 writes, 32 is a mutex */
static const struct kind {
	const char *name, *filter;
} kinds[] = {
	{ "spinlock", "flags == 1" },
	{ "rwlock", "flags == 3 || flags == 5" },
	{ "mutex_spin", "flags == 33" },
	{ "mutex_sleep", "flags == 32" },
	{ "rwsem_sleep", "flags == 2 || flags == 4" },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static void die(const char *what)
{
	perror(what);
	exit(1);
}

int main(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	int fds[KINDS][MAX_CPUS], cpus = sysconf(_SC_NPROCESSORS_ONLN), cpu, sig;
	unsigned int kind;
	sigset_t set;
	FILE *id;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);

	id = fopen(ID, "r");
	if (!id || fscanf(id, "%llu", &attr.config) != 1)
		die(ID);
	fclose(id);

	for (kind = 0; kind < KINDS; kind++) {
		for (cpu = 0; cpu < cpus && cpu < MAX_CPUS; cpu++) {
			fds[kind][cpu] = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, 0);
			if (fds[kind][cpu] < 0)
				die("perf_event_open");
			if (ioctl(fds[kind][cpu], PERF_EVENT_IOC_SET_FILTER, kinds[kind].filter))
				die(kinds[kind].filter);
		}
	}

	sigwait(&set, &sig);

	for (kind = 0; kind < KINDS; kind++) {
		uint64_t sum = 0, count;

		for (cpu = 0; cpu < cpus && cpu < MAX_CPUS; cpu++)
			if (read(fds[kind][cpu], &count, sizeof(count)) == sizeof(count))
				sum += count;
		printf("%s=%llu ", kinds[kind].name, (unsigned long long)sum);
	}
	printf("\n");
	return 0;
}
