// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into an emulator: its clock runs SLOWCLOCK times slower, and so do all
 * timers of the machine that it emulates.
 *
 * Emulated code is slow, timers are not.  With the clock slowed by the same factor,
 * critical sections, time slices, ticks and time-outs stand to each other as they do
 * on hardware.  CLOCK_REALTIME, which the emulated machine reads once, is left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define NSEC	1000000000LL

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_ppoll)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
static int64_t factor, start;

static int64_t ns(const struct timespec *ts)
{
	return ts->tv_sec * NSEC + ts->tv_nsec;
}

__attribute__((constructor)) static void init(void)
{
	const char *value = getenv("SLOWCLOCK");
	struct timespec now;

	if (factor)
		return;
	real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	real_ppoll = dlsym(RTLD_NEXT, "ppoll");
	real_clock_gettime(CLOCK_MONOTONIC, &now);
	start = ns(&now);
	factor = value ? atoi(value) : 1;
	if (factor < 1)
		abort();
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int64_t t;
	int ret;

	init();
	ret = real_clock_gettime(clock, ts);
	if (ret || clock != CLOCK_MONOTONIC)
		return ret;
	t = start + (ns(ts) - start) / factor;
	ts->tv_sec = t / NSEC;
	ts->tv_nsec = t % NSEC;
	return 0;
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec slow;
	int64_t t;

	init();
	if (timeout) {
		t = ns(timeout) * factor;
		slow.tv_sec = t / NSEC;
		slow.tv_nsec = t % NSEC;
		timeout = &slow;
	}
	return real_ppoll(fds, n, timeout, mask);
}
