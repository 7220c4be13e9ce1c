// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite for the host's part of PV lock: that what KVM writes, and when, makes
 * the guest see a vCPU as preempted while it is, and as running before it runs.
 * Guest memory is a variable here, which can be written or can't.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>

#include <linux/kvm_host.h>

#define BASE	0x90b0000UL

struct pvlock_test {
	struct kvm	kvm;
	struct kvm_vcpu	vcpu;

	u64		memory;
	unsigned int	stores;		/* attempts from a preempt notifier */
	unsigned int	writes;		/* attempts that may fault */

	/* The outcome of each attempt and preemption in turn, see test_races() */
	unsigned long	script;
	bool		unwritable;
	bool		unmapped;
	bool		races;
};

static bool next_bit_of(struct pvlock_test *t)
{
	bool bit = t->script & 1;

	t->script >>= 1;
	return bit;
}

static bool fake_store(struct kvm_vcpu *vcpu, bool preempted)
{
	struct pvlock_test *t = container_of(vcpu, struct pvlock_test, vcpu);

	t->stores++;
	if (t->unwritable || t->unmapped || (t->races && next_bit_of(t)))
		return false;

	t->memory = preempted;
	return true;
}

/* The thread is scheduled out and in. */
static void preempt(struct pvlock_test *t)
{
	kvm_pvlock_vcpu_put(&t->vcpu);
	if (t->vcpu.arch.pvlock.state != KVM_PVLOCK_RUNNING)
		kvm_pvlock_vcpu_load(&t->vcpu);
}

static int fake_write(struct kvm_vcpu *vcpu)
{
	struct pvlock_test *t = container_of(vcpu, struct pvlock_test, vcpu);
	bool fails;

	t->writes++;
	if (t->races && next_bit_of(t))
		preempt(t);

	fails = t->unmapped || (t->races && next_bit_of(t));
	if (!fails)
		t->memory = 0;

	if (t->races && next_bit_of(t))
		preempt(t);

	return fails ? -EFAULT : 0;
}

static bool requested(struct pvlock_test *t)
{
	return kvm_test_request(KVM_REQ_PVLOCK_UPDATE, &t->vcpu);
}

/* What happens before the guest is entered. */
static void enter(struct pvlock_test *t)
{
	if (kvm_check_request(KVM_REQ_PVLOCK_UPDATE, &t->vcpu))
		kvm_pvlock_update(&t->vcpu);
}

static void load(struct pvlock_test *t)
{
	if (t->vcpu.arch.pvlock.state != KVM_PVLOCK_RUNNING)
		kvm_pvlock_vcpu_load(&t->vcpu);
}

#define EXPECT_STATE(test, st, mem)							\
do {											\
	struct pvlock_test *_t = (test)->priv;						\
											\
	KUNIT_EXPECT_EQ(test, _t->vcpu.arch.pvlock.state, KVM_PVLOCK_##st);		\
	KUNIT_EXPECT_EQ(test, _t->memory, mem);						\
} while (0)

/* Each change of state is one store, and nothing else is. */
static void pvlock_test_preempted(struct kunit *test)
{
	struct pvlock_test *t = test->priv;

	load(t);
	EXPECT_STATE(test, RUNNING, 0);
	KUNIT_EXPECT_EQ(test, t->stores, 0);

	kvm_pvlock_vcpu_put(&t->vcpu);
	EXPECT_STATE(test, PREEMPTED, 1);
	kvm_pvlock_vcpu_put(&t->vcpu);
	EXPECT_STATE(test, PREEMPTED, 1);
	KUNIT_EXPECT_EQ(test, t->stores, 1);

	load(t);
	EXPECT_STATE(test, RUNNING, 0);
	load(t);
	enter(t);
	KUNIT_EXPECT_EQ(test, t->stores, 2);
	KUNIT_EXPECT_EQ(test, t->writes, 0);
}

/* The guest is not told, but the memory is made writable for the next time. */
static void pvlock_test_put_fails(struct kunit *test)
{
	struct pvlock_test *t = test->priv;

	t->unwritable = true;
	kvm_pvlock_vcpu_put(&t->vcpu);
	EXPECT_STATE(test, UNKNOWN, 0);

	load(t);
	KUNIT_EXPECT_EQ(test, t->stores, 1);
	KUNIT_EXPECT_TRUE(test, requested(t));

	enter(t);
	EXPECT_STATE(test, RUNNING, 0);
	KUNIT_EXPECT_EQ(test, t->writes, 1);
	KUNIT_EXPECT_FALSE(test, requested(t));
}

static void pvlock_test_load_fails(struct kunit *test)
{
	struct pvlock_test *t = test->priv;

	kvm_pvlock_vcpu_put(&t->vcpu);
	t->unwritable = true;
	load(t);
	EXPECT_STATE(test, PREEMPTED, 1);
	KUNIT_EXPECT_TRUE(test, requested(t));
	/* It may be about to go idle. */
	KUNIT_EXPECT_TRUE(test, kvm_test_request(KVM_REQ_UNBLOCK, &t->vcpu));

	enter(t);
	EXPECT_STATE(test, RUNNING, 0);
	KUNIT_EXPECT_FALSE(test, requested(t));
}

/* No slot: the vCPU runs, and every load tries again. */
static void pvlock_test_unmapped(struct kunit *test)
{
	struct pvlock_test *t = test->priv;
	int i;

	t->memory = 1;
	t->unmapped = true;
	kvm_make_request(KVM_REQ_PVLOCK_UPDATE, &t->vcpu);
	for (i = 1; i <= 3; i++) {
		load(t);
		enter(t);
		EXPECT_STATE(test, UNKNOWN, 1);
		KUNIT_EXPECT_EQ(test, t->writes, i);
		KUNIT_EXPECT_FALSE(test, requested(t));
	}

	t->unmapped = false;
	load(t);
	enter(t);
	EXPECT_STATE(test, RUNNING, 0);
}

/* With a full dirty ring nothing is written before the ring has been reset. */
static void pvlock_test_ring_full(struct kunit *test)
{
	struct pvlock_test *t = test->priv;
	struct kvm_dirty_ring *ring = &t->vcpu.dirty_ring;
	u32 used[] = { 192, 256 };
	int i;

	t->kvm.dirty_ring_size = PAGE_SIZE;
	*ring = (struct kvm_dirty_ring) { .size = 256, .soft_limit = 192 };

	for (i = 0; i < ARRAY_SIZE(used); i++) {
		ring->dirty_index = ring->reset_index + used[i];
		t->memory = 1;
		kvm_make_request(KVM_REQ_PVLOCK_UPDATE, &t->vcpu);
		enter(t);
		KUNIT_EXPECT_EQ(test, t->writes, 0);
		KUNIT_EXPECT_TRUE(test, requested(t));
		/* It exits, and does not try for ever. */
		KUNIT_EXPECT_TRUE(test, kvm_test_request(KVM_REQ_DIRTY_RING_SOFT_FULL, &t->vcpu));
		kvm_clear_request(KVM_REQ_DIRTY_RING_SOFT_FULL, &t->vcpu);
	}

	ring->dirty_index = ring->reset_index + 191;
	enter(t);
	EXPECT_STATE(test, RUNNING, 0);
	KUNIT_EXPECT_FALSE(test, requested(t));
}

/*
 * Whatever fails, and wherever the thread is preempted while it serves the request:
 * a vCPU that enters the guest without a request has 0 in memory, unless the last
 * write failed, in which case the next load makes another request.
 */
static void pvlock_test_races(struct kunit *test)
{
	struct pvlock_test *t = test->priv;
	unsigned long script;
	int round;

	t->races = true;
	for (script = 0; script < BIT(16); script++) {
		t->vcpu.arch.pvlock.state = KVM_PVLOCK_RUNNING;
		t->vcpu.requests = 0;
		t->memory = 0;
		t->script = script;

		preempt(t);
		/* The script ends in successes. */
		for (round = 0; requested(t) && round < 16; round++)
			enter(t);

		if (requested(t) ||
		    (t->vcpu.arch.pvlock.state == KVM_PVLOCK_RUNNING && t->memory) ||
		    t->vcpu.arch.pvlock.state == KVM_PVLOCK_PREEMPTED) {
			KUNIT_FAIL(test, "script %#lx: state %d, memory %llu, request %d",
				   script, t->vcpu.arch.pvlock.state, t->memory, requested(t));
			break;
		}

		/* From now on, all is well. */
		t->script = 0;
		load(t);
		enter(t);
		if (t->memory || requested(t)) {
			KUNIT_FAIL(test, "script %#lx: memory %llu after another load",
				   script, t->memory);
			break;
		}
	}
}

static void pvlock_test_reset(struct kunit *test)
{
	struct pvlock_test *t = test->priv;

	/* A snapshot has been loaded. */
	t->memory = 1;
	kvm_pvlock_vcpu_reset(&t->vcpu);
	KUNIT_EXPECT_TRUE(test, requested(t));
	enter(t);
	EXPECT_STATE(test, RUNNING, 0);

	t->vcpu.arch.pvlock.base = INVALID_GPA;
	kvm_pvlock_vcpu_reset(&t->vcpu);
	KUNIT_EXPECT_FALSE(test, requested(t));
}

/* A new slot is of concern if the structure is in it. */
static void pvlock_test_memslot(struct kunit *test)
{
	struct pvlock_test *t = test->priv;
	gfn_t gfn = BASE >> PAGE_SHIFT;
	struct { gfn_t base; unsigned long npages; bool concerned; } slots[] = {
		{ gfn, 1, true },
		{ gfn - 1, 2, true },
		{ gfn - 1, 1, false },
		{ gfn + 1, 1, false },
		{ 0, gfn, false },
		{ 0, gfn + 1, true },
	};
	struct kvm_memory_slot slot = {};
	int i;

	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		slot.base_gfn = slots[i].base;
		slot.npages = slots[i].npages;
		kvm_pvlock_commit_memslot(&t->kvm, &slot);
		KUNIT_EXPECT_EQ_MSG(test, requested(t), slots[i].concerned, "slot %d", i);
		KUNIT_EXPECT_EQ(test, kvm_test_request(KVM_REQ_UNBLOCK, &t->vcpu),
				slots[i].concerned);
		kvm_clear_request(KVM_REQ_PVLOCK_UPDATE, &t->vcpu);
		kvm_clear_request(KVM_REQ_UNBLOCK, &t->vcpu);
	}

	/* Whatever has changed, a vCPU whose structure wasn't there tries again. */
	kvm_pvlock_memslots_updated(&t->kvm);
	KUNIT_EXPECT_FALSE(test, requested(t));
	t->vcpu.arch.pvlock.state = KVM_PVLOCK_UNKNOWN;
	kvm_pvlock_memslots_updated(&t->kvm);
	KUNIT_EXPECT_TRUE(test, requested(t));
	KUNIT_EXPECT_TRUE(test, kvm_test_request(KVM_REQ_UNBLOCK, &t->vcpu));
	kvm_clear_request(KVM_REQ_PVLOCK_UPDATE, &t->vcpu);

	t->vcpu.arch.pvlock.base = INVALID_GPA;
	slot.base_gfn = 0;
	slot.npages = ~0UL;
	kvm_pvlock_commit_memslot(&t->kvm, &slot);
	KUNIT_EXPECT_FALSE(test, requested(t));
}

static void free_srcu(void *srcu)
{
	cleanup_srcu_struct(srcu);
}

static int pvlock_test_init(struct kunit *test)
{
	struct pvlock_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;

	t->vcpu.kvm = &t->kvm;
	t->vcpu.cpu = -1;
	t->vcpu.arch.pvlock.base = BASE;
	rcuwait_init(&t->vcpu.wait);

	KUNIT_ASSERT_EQ(test, init_srcu_struct(&t->kvm.srcu), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_srcu, &t->kvm.srcu), 0);
	xa_init(&t->kvm.vcpu_array);
	KUNIT_ASSERT_EQ(test, xa_err(xa_store(&t->kvm.vcpu_array, 0, &t->vcpu, GFP_KERNEL)), 0);
	atomic_set(&t->kvm.online_vcpus, 1);

	kunit_activate_static_stub(test, kvm_pvlock_store_nofault, fake_store);
	kunit_activate_static_stub(test, kvm_pvlock_clear, fake_write);
	return 0;
}

static void pvlock_test_exit(struct kunit *test)
{
	struct pvlock_test *t = test->priv;

	if (t)
		xa_destroy(&t->kvm.vcpu_array);
}

static struct kunit_case pvlock_test_cases[] = {
	KUNIT_CASE(pvlock_test_preempted),
	KUNIT_CASE(pvlock_test_put_fails),
	KUNIT_CASE(pvlock_test_load_fails),
	KUNIT_CASE(pvlock_test_unmapped),
	KUNIT_CASE(pvlock_test_ring_full),
	KUNIT_CASE(pvlock_test_races),
	KUNIT_CASE(pvlock_test_reset),
	KUNIT_CASE(pvlock_test_memslot),
	{}
};

static struct kunit_suite pvlock_test_suite = {
	.name = "kvm_pvlock",
	.init = pvlock_test_init,
	.exit = pvlock_test_exit,
	.test_cases = pvlock_test_cases,
};

kunit_test_suite(pvlock_test_suite);

MODULE_DESCRIPTION("KUnit test for the host's part of KVM/arm64 PV lock");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
