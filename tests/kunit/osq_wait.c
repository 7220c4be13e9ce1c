// SPDX-License-Identifier: GPL-2.0-only
/*
 * A waiter in osq_lock() leaves when the vCPU in front of it is preempted, although
 * nobody writes to the lock then: the event stream ends its WFE.
 *
 * This is the kernel's osq_lock() with a vcpu_is_preempted() that the test sets.
 * The emulator's WFE does not wait after LDXR, so there is none here, and a store to
 * the lock does not end the WFE either.  Interrupts would: the waiter masks them, and
 * its timers, whose interrupts end WFE on the emulator even so.  Only the event stream
 * is left.  The second case turns that off as well.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/osq_lock.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include <asm/cmpxchg.h>
#include <clocksource/arm_arch_timer.h>

static bool preempted;

#undef vcpu_is_preempted
#define vcpu_is_preempted(cpu)		READ_ONCE(preempted)
#undef __cmpwait_relaxed
#define __cmpwait_relaxed(ptr, val)	wfe()

#include "osq_lock.c"

#define ROUNDS		50
#define PERIOD_NS	(NSEC_PER_SEC / ARCH_TIMER_EVT_STREAM_FREQ)
#define LONG_US		20000	/* for a waiter to stay, */
#define FOREVER_US	1000000	/* or to leave, on a busy machine */

struct waiter {
	struct optimistic_spin_queue lock;
	bool evtstrm;
	bool locked, left;
};

static int wait_in_queue(void *arg)
{
	struct waiter *w = arg;
	unsigned long flags;
	u64 cntkctl, cntp, cntv;

	local_irq_save(flags);
	cntp = read_sysreg(cntp_ctl_el0);
	cntv = read_sysreg(cntv_ctl_el0);
	write_sysreg(cntp | ARCH_TIMER_CTRL_IT_MASK, cntp_ctl_el0);
	write_sysreg(cntv | ARCH_TIMER_CTRL_IT_MASK, cntv_ctl_el0);
	cntkctl = read_sysreg(cntkctl_el1);
	if (!w->evtstrm)
		write_sysreg(cntkctl & ~ARCH_TIMER_VIRT_EVT_EN, cntkctl_el1);
	isb();
	w->locked = osq_lock(&w->lock);
	if (w->locked)
		osq_unlock(&w->lock);
	smp_store_release(&w->left, true);
	write_sysreg(cntkctl, cntkctl_el1);
	write_sysreg(cntv, cntv_ctl_el0);
	write_sysreg(cntp, cntp_ctl_el0);
	isb();
	local_irq_restore(flags);
	return 0;
}

static bool left_within(struct waiter *w, u64 us)
{
	u64 end = ktime_get_mono_fast_ns() + us * NSEC_PER_USEC;

	while (!smp_load_acquire(&w->left)) {
		if (ktime_get_mono_fast_ns() > end)
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * One waiter behind this CPU, which is preempted after a while.  Returns the time that
 * it took to leave, in ns, U64_MAX if it did not, or 0 if it was not there any more,
 * because another task wants its CPU.
 */
static u64 leave(struct kunit *test, bool evtstrm)
{
	struct waiter w = { .lock = OSQ_LOCK_UNLOCKED, .evtstrm = evtstrm };
	struct task_struct *task;
	u64 begin, took = U64_MAX;
	unsigned int cpu;

	WRITE_ONCE(preempted, false);

	cpus_read_lock();
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	KUNIT_EXPECT_LT(test, cpu, nr_cpu_ids);
	task = cpu < nr_cpu_ids ? kthread_create_on_cpu(wait_in_queue, &w, cpu, "osq_wait/%u") :
				  ERR_PTR(-ENODEV);
	if (IS_ERR(task))
		goto out;
	get_task_struct(task);

	preempt_disable();
	KUNIT_EXPECT_TRUE(test, osq_lock(&w.lock));
	wake_up_process(task);
	while (!READ_ONCE(this_cpu_ptr(&osq_node)->next) && !READ_ONCE(w.left))
		cpu_relax();
	udelay(50);

	begin = ktime_get_mono_fast_ns();
	if (READ_ONCE(w.left))
		begin = took = 0;
	WRITE_ONCE(preempted, true);
	if (begin && left_within(&w, evtstrm ? FOREVER_US : LONG_US))
		took = ktime_get_mono_fast_ns() - begin;

	/* An event lets it go; if not that, the lock. */
	for (int i = 0; i < 10 && !left_within(&w, 100); i++)
		sev();
	osq_unlock(&w.lock);
	while (!left_within(&w, 100))
		sev();
	preempt_enable();
	KUNIT_EXPECT_FALSE(test, w.locked);

	kthread_stop(task);
	put_task_struct(task);
out:
	migrate_enable();
	cpus_read_unlock();
	return took;
}

static void osq_wait_event_stream(struct kunit *test)
{
	u64 took, best = U64_MAX;

	if (!(read_sysreg(cntkctl_el1) & ARCH_TIMER_VIRT_EVT_EN))
		kunit_skip(test, "no event stream");

	for (int i = 0; i < ROUNDS; i++) {
		took = leave(test, true);
		KUNIT_ASSERT_NE_MSG(test, took, U64_MAX, "did not leave, round %d", i);
		if (took)
			best = min(best, took);
	}

	/*
	 * What else would end the wait has been ruled out. The best one, and many
	 * periods: a busy machine is late, and an emulated CPU slow to wake up.
	 */
	KUNIT_EXPECT_LE(test, best, 50 * PERIOD_NS);
	kunit_info(test, "%llu ns, the period is %lu ns\n", best, PERIOD_NS);
}

static void osq_wait_without(struct kunit *test)
{
	/* An interrupt for the waiter may end its WFE now and then. */
	for (int i = 0; i < 10; i++) {
		if (leave(test, false) == U64_MAX)
			return;
	}
	kunit_skip(test, "WFE does not wait here");
}

static struct kunit_case osq_wait_cases[] = {
	KUNIT_CASE(osq_wait_event_stream),
	KUNIT_CASE(osq_wait_without),
	{}
};

static struct kunit_suite osq_wait_suite = {
	.name = "osq_wait",
	.test_cases = osq_wait_cases,
};
kunit_test_suite(osq_wait_suite);

MODULE_DESCRIPTION("A waiter in osq_lock() behind a preempted vCPU");
MODULE_LICENSE("GPL");
