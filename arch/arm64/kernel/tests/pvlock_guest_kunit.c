// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite for the guest's part of PV lock, with structures in this kernel's
 * memory and a hypervisor that is a function of the suite.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>

#include <linux/arm-smccc.h>
#include <linux/completion.h>
#include <linux/cpufeature.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/osq_lock.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <asm/pvlock.h>

#include "../pvlock.h"

static struct pvlock_vcpu_state *fake;		/* two of them */
static long hypervisor_says;

/* What this kernel has itself, perhaps as a guest with PV lock */
static struct pvlock_vcpu_state *saved_state[NR_CPUS];
static struct pv_lock_map saved_map;
static bool saved_key, saved_poll_key;

static void set_key(bool on)
{
	if (on)
		static_branch_enable(&pv_lock_key);
	else
		static_branch_disable(&pv_lock_key);
}

static void set_poll_key(bool on)
{
	if (on)
		static_branch_enable(&pv_lock_poll_key);
	else
		static_branch_disable(&pv_lock_poll_key);
}

static void set_preempted(struct pvlock_vcpu_state *state, u64 val)
{
	WRITE_ONCE(state->preempted, cpu_to_le64(val));
}

static long fake_call(u32 func_id, u32 arg)
{
	return func_id == ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID ?
	       hypervisor_says : SMCCC_RET_NOT_SUPPORTED;
}

static void pv_lock_test_off(struct kunit *test)
{
	int evaluated = 0;

	set_key(false);
	WRITE_ONCE(pv_lock_state[0], fake);
	set_preempted(fake, 1);
	KUNIT_EXPECT_FALSE(test, vcpu_is_preempted((evaluated++, 0)));
	KUNIT_EXPECT_EQ(test, evaluated, 0);
}

static void pv_lock_test_on(struct kunit *test)
{
	int evaluated = 0;

	WRITE_ONCE(pv_lock_state[0], fake);
	KUNIT_EXPECT_FALSE(test, vcpu_is_preempted((evaluated++, 0)));
	KUNIT_EXPECT_EQ(test, evaluated, 1);
	set_preempted(fake, 1);
	KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));
	/* Any value but 0 */
	set_preempted(fake, BIT_ULL(63));
	KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));
	set_preempted(fake, 0);
	KUNIT_EXPECT_FALSE(test, vcpu_is_preempted(0));
}

/* Counted for the CPU that asks, if the answer is yes. */
static void pv_lock_test_found(struct kunit *test)
{
	unsigned long flags, found;
	int preempted;
	bool answer;

	WRITE_ONCE(pv_lock_state[0], fake);
	for (preempted = 0; preempted <= 1; preempted++) {
		set_preempted(fake, preempted);

		/* An interrupt may wake a task, and so ask as well. */
		local_irq_save(flags);
		found = this_cpu_read(pv_lock_found);
		answer = vcpu_is_preempted(0);
		found = this_cpu_read(pv_lock_found) - found;
		local_irq_restore(flags);

		KUNIT_EXPECT_EQ(test, answer, preempted);
		KUNIT_EXPECT_EQ(test, found, preempted);
	}
}

static void pv_lock_test_hotplug(struct kunit *test)
{
	hypervisor_says = virt_to_phys(&fake[0]);
	set_preempted(&fake[0], 1);
	KUNIT_EXPECT_FALSE(test, vcpu_is_preempted(0));

	KUNIT_EXPECT_EQ(test, pv_lock_cpu_online(0), 0);
	KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));

	KUNIT_EXPECT_EQ(test, pv_lock_cpu_offline(0), 0);
	KUNIT_EXPECT_FALSE(test, vcpu_is_preempted(0));

	KUNIT_EXPECT_EQ(test, pv_lock_cpu_online(0), 0);
	KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));

	/* In another VM now */
	pv_lock_cpu_offline(0);
	hypervisor_says = virt_to_phys(&fake[1]);
	KUNIT_EXPECT_EQ(test, pv_lock_cpu_online(0), 0);
	KUNIT_EXPECT_FALSE(test, vcpu_is_preempted(0));
	set_preempted(&fake[1], 1);
	KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));
}

/* Nothing that can be used: the CPU comes up nevertheless. */
static void pv_lock_test_no_structure(struct kunit *test)
{
	long answers[] = { SMCCC_RET_NOT_SUPPORTED, SMCCC_RET_INVALID_PARAMETER,
			   virt_to_phys(fake) + 8 };
	int i;

	memset(fake, 0xff, 2 * sizeof(*fake));
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		hypervisor_says = answers[i];
		KUNIT_EXPECT_EQ_MSG(test, pv_lock_cpu_online(0), 0, "%#lx", answers[i]);
		KUNIT_EXPECT_FALSE_MSG(test, vcpu_is_preempted(0), "%#lx", answers[i]);
	}
}

static void pv_lock_test_resume(struct kunit *test)
{
	long other[] = { SMCCC_RET_NOT_SUPPORTED, virt_to_phys(&fake[1]) };
	int i;

	memset(fake, 0xff, 2 * sizeof(*fake));
	for (i = 0; i < ARRAY_SIZE(other); i++) {
		hypervisor_says = virt_to_phys(&fake[0]);
		pv_lock_cpu_online(0);
		pv_lock_resume(0);
		KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));

		hypervisor_says = other[i];
		pv_lock_resume(0);
		KUNIT_EXPECT_FALSE_MSG(test, vcpu_is_preempted(0), "%#lx", other[i]);

		/* Back in the first VM */
		hypervisor_says = virt_to_phys(&fake[0]);
		pv_lock_resume(0);
		KUNIT_EXPECT_TRUE(test, vcpu_is_preempted(0));
	}
}

/* Ends a wait that doesn't end by itself. */
struct rescue {
	struct hrtimer	timer;
	u32		word;
};

static enum hrtimer_restart rescue(struct hrtimer *timer)
{
	WRITE_ONCE(container_of(timer, struct rescue, timer)->word, 1);
	return HRTIMER_NORESTART;
}

/*
 * While nobody writes the word, the condition is looked at as often as the event
 * stream ticks, or more often. (QEMU's WFE doesn't wait at all.)
 */
static void pv_lock_test_wait(struct kunit *test)
{
	const u64 ms = 50;
	struct rescue *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	u64 begin, took, looks;
	int poll;

	KUNIT_ASSERT_NOT_NULL(test, r);
	hrtimer_setup(&r->timer, rescue, CLOCK_MONOTONIC, HRTIMER_MODE_REL);

	for (poll = 0; poll <= 1; poll++) {
		if (!poll && !cpu_have_named_feature(EVTSTRM))
			continue;
		set_poll_key(poll);
		r->word = 0;
		looks = 0;
		hrtimer_start(&r->timer, ms_to_ktime(20 * ms), HRTIMER_MODE_REL);
		begin = ktime_get_mono_fast_ns();
		vcpu_cond_load_relaxed(&r->word,
				       VAL || (looks++, ktime_get_mono_fast_ns() - begin >
							ms * NSEC_PER_MSEC));
		took = ktime_get_mono_fast_ns() - begin;
		hrtimer_cancel(&r->timer);

		kunit_info(test, "%s: %llu looks in %llu us", poll ? "polling" : "WFE",
			   looks, took / NSEC_PER_USEC);
		KUNIT_EXPECT_EQ(test, r->word, 0);
		/* Polling is more often than any event stream. */
		KUNIT_EXPECT_GT(test, looks, poll ? 100 * ms : ms);
	}
}

#ifndef MODULE	/* osq_lock() isn't exported. */
struct osq_test {
	struct optimistic_spin_queue	queue;
	struct completion		held, done;
	bool				waits, over;
	bool				waited;		/* while the holder held it */
	bool				preempted;	/* "preempt" the holder */
	bool				got_it;
	bool				resched;	/* another reason to leave */
};

/*
 * Have the lock for 30 ms, or until the waiter has left, without being scheduled
 * away; or say after 10 ms that this CPU is preempted.
 */
static int osq_holder(void *data)
{
	struct osq_test *t = data;
	int ms;

	preempt_disable();
	osq_lock(&t->queue);
	complete(&t->held);
	for (ms = 0; ms < 2000 && !READ_ONCE(t->waits); ms++)
		mdelay(1);
	t->waited = READ_ONCE(t->waits);
	for (ms = 0; ms < (t->preempted ? 300 : 30) && !READ_ONCE(t->over); ms++) {
		mdelay(1);
		if (t->preempted && ms == 10)
			set_preempted(fake, 1);
	}
	osq_unlock(&t->queue);
	preempt_enable();
	complete(&t->done);
	return 0;
}

static int osq_waiter(void *data)
{
	struct osq_test *t = data;

	wait_for_completion(&t->held);
	preempt_disable();
	WRITE_ONCE(t->waits, true);
	t->got_it = osq_lock(&t->queue);
	t->resched = need_resched();
	WRITE_ONCE(t->over, true);
	if (t->got_it)
		osq_unlock(&t->queue);
	preempt_enable();
	complete(&t->done);
	return 0;
}

static void osq_run(struct kunit *test, struct osq_test *t, int holder, int waiter,
		    bool preempted)
{
	struct task_struct *tasks[2];

	*t = (struct osq_test) { .preempted = preempted };
	set_preempted(fake, 0);
	osq_lock_init(&t->queue);
	init_completion(&t->held);
	init_completion(&t->done);

	tasks[0] = kthread_create_on_cpu(osq_holder, t, holder, "osq_holder/%u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tasks[0]);
	tasks[1] = kthread_create_on_cpu(osq_waiter, t, waiter, "osq_waiter/%u");
	if (IS_ERR(tasks[1])) {
		kthread_stop(tasks[0]);
		KUNIT_FAIL_AND_ABORT(test, "no second thread");
	}

	/* With a priority that nobody else gets in between. */
	sched_set_fifo(tasks[0]);
	sched_set_fifo(tasks[1]);
	wake_up_process(tasks[0]);
	wake_up_process(tasks[1]);
	wait_for_completion(&t->done);
	wait_for_completion(&t->done);
}

/* A waiter leaves the queue when the one before it is preempted, and only then. */
static void pv_lock_test_osq(struct kunit *test)
{
	int holder = cpumask_first(cpu_online_mask);
	int waiter = cpumask_next(holder, cpu_online_mask);
	struct osq_test t;
	int preempted, tries;
	bool tells;

	if (waiter >= nr_cpu_ids)
		kunit_skip(test, "needs two CPUs");

	WRITE_ONCE(pv_lock_state[holder], fake);

	for (preempted = 0; preempted <= 1; preempted++) {
		for (tries = 0; tries < 10; tries++) {
			osq_run(test, &t, holder, waiter, preempted);
			tells = t.waited && (t.got_it || !t.resched);
			if (tells)
				break;
		}
		KUNIT_EXPECT_TRUE(test, tells);
		KUNIT_EXPECT_EQ(test, t.got_it, !preempted);
	}
}
#else
static void pv_lock_test_osq(struct kunit *test)
{
	kunit_skip(test, "osq_lock() isn't for modules");
}
#endif

static int pv_lock_test_init(struct kunit *test)
{
	memcpy(saved_state, pv_lock_state, sizeof(saved_state));
	saved_map = per_cpu(pv_lock_map, 0);
	saved_key = static_key_enabled(&pv_lock_key);
	saved_poll_key = static_key_enabled(&pv_lock_poll_key);

	/* Aligned as its size */
	fake = kzalloc(2 * sizeof(*fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake);
	KUNIT_ASSERT_TRUE(test, IS_ALIGNED((unsigned long)fake, sizeof(*fake)));

	/* To begin with, CPU 0 has no structure. */
	pv_lock_cpu_offline(0);
	per_cpu(pv_lock_map, 0) = (struct pv_lock_map) {};
	hypervisor_says = SMCCC_RET_NOT_SUPPORTED;
	kunit_activate_static_stub(test, pv_lock_call, fake_call);
	set_key(true);
	return 0;
}

static void pv_lock_test_exit(struct kunit *test)
{
	set_key(saved_key);
	set_poll_key(saved_poll_key);
	per_cpu(pv_lock_map, 0) = saved_map;
	memcpy(pv_lock_state, saved_state, sizeof(saved_state));

	/* Somebody may be looking at it. */
	synchronize_rcu();
	kfree(fake);
}

static struct kunit_case pv_lock_test_cases[] = {
	KUNIT_CASE(pv_lock_test_off),
	KUNIT_CASE(pv_lock_test_on),
	KUNIT_CASE(pv_lock_test_found),
	KUNIT_CASE(pv_lock_test_hotplug),
	KUNIT_CASE(pv_lock_test_no_structure),
	KUNIT_CASE(pv_lock_test_resume),
	KUNIT_CASE(pv_lock_test_wait),
	KUNIT_CASE(pv_lock_test_osq),
	{}
};

static struct kunit_suite pv_lock_test_suite = {
	.name = "pv_lock",
	.init = pv_lock_test_init,
	.exit = pv_lock_test_exit,
	.test_cases = pv_lock_test_cases,
};

kunit_test_suite(pv_lock_test_suite);

MODULE_DESCRIPTION("KUnit test for the guest's part of PV lock");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
