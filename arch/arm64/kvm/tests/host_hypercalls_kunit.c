// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the host hypercalls. They make calls that EL2 has to refuse, and
 * two that it serves without changing anything.
 */

#include <kunit/test.h>

#include <linux/arm-smccc.h>
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include <asm/kvm_host_hypercall_ids.h>
#include <asm/virt.h>

static const struct host_hcall {
	const char *name;
	unsigned int nr;
	bool served[2];		/* without pKVM, with pKVM */
} host_hcalls[] = {
#define WHEN_early	{ true, false }
#define WHEN_nopkvm	{ true, false }
#define WHEN_always	{ true, true }
#define WHEN_pkvm	{ false, true }
#define KVM_HOST_HCALL(when, kind, ret, name, ...)			\
	{ #name, __KVM_HOST_SMCCC_FUNC_##name, WHEN_##when },
#include <asm/kvm_host_hypercalls.h>
};

static const struct host_hcall *find_hcall(u64 id)
{
	u64 nr = (id & ~(u64)ARM_SMCCC_CALL_HINTS) - KVM_HOST_SMCCC_ID(0);
	int i;

	for (i = 0; i < ARRAY_SIZE(host_hcalls); i++)
		if (host_hcalls[i].nr == nr)
			return &host_hcalls[i];

	return NULL;
}

/* Values that differ from each other and from anything EL2 has. */
static void fill_regs(struct arm_smccc_1_2_regs *regs, u64 id)
{
	unsigned long *x = &regs->a0;

	for (int i = 0; i < sizeof(*regs) / sizeof(*x); i++)
		x[i] = 0xa5a5000000000000UL | i;
	regs->a0 = id;
}

static void assert_refused(struct kunit *test, u64 id)
{
	struct arm_smccc_1_2_regs args, res;

	fill_regs(&args, id);
	arm_smccc_1_2_hvc(&args, &res);

	args.a0 = SMCCC_RET_NOT_SUPPORTED;
	KUNIT_ASSERT_MEMEQ_MSG(test, &res, &args, sizeof(res), "x0 was 0x%llx", id);
}

/* A call with first argument 0 that returns @ret. */
static void expect_served(struct kunit *test, u64 id, u64 ret)
{
	struct arm_smccc_1_2_regs args, res;

	fill_regs(&args, id);
	args.a1 = 0;
	arm_smccc_1_2_hvc(&args, &res);

	KUNIT_EXPECT_EQ(test, res.a0, SMCCC_RET_SUCCESS);
	KUNIT_EXPECT_EQ(test, res.a1, ret);
	KUNIT_EXPECT_MEMEQ(test, &res.a4, &args.a4,
			   sizeof(res) - offsetof(struct arm_smccc_1_2_regs, a4));
}

KUNIT_ARRAY_PARAM_DESC(host_hcall, host_hcalls, name);

static void test_refused_call(struct kunit *test)
{
	const struct host_hcall *hcall = test->param_value;

	if (hcall->served[is_protected_kvm_enabled()])
		kunit_skip(test, "served in this mode");

	assert_refused(test, KVM_HOST_SMCCC_ID(hcall->nr));
	assert_refused(test, KVM_HOST_SMCCC_ID(hcall->nr) | ARM_SMCCC_CALL_HINTS);
}

static void test_served_call(struct kunit *test)
{
	u64 id = KVM_HOST_SMCCC_FUNC(__kvm_timer_set_cntvoff);

	/* The host's own offset is always 0. */
	expect_served(test, id, 0);
	expect_served(test, id | ARM_SMCCC_CALL_HINTS, 0);

	/* A negative int. The call works once per CPU, which is long ago. */
	if (is_protected_kvm_enabled())
		expect_served(test, KVM_HOST_SMCCC_FUNC(__pkvm_prot_finalize), -EPERM);
}

static void test_unknown_number(struct kunit *test)
{
	unsigned int nr;

	for (nr = 0; nr <= ARM_SMCCC_FUNC_MASK; nr++) {
		u64 id = KVM_HOST_SMCCC_ID(nr);

		if (find_hcall(id))
			continue;

		assert_refused(test, id);
		assert_refused(test, id | ARM_SMCCC_CALL_HINTS);
	}
}

static void test_other_id(struct kunit *test)
{
	u64 id = KVM_HOST_SMCCC_FUNC(__kvm_timer_set_cntvoff);
	unsigned int bit;

	/* What is not the number: owner, width, type and the upper half. */
	for (bit = 16; bit < 64; bit++)
		if (!(ARM_SMCCC_CALL_HINTS & BIT_ULL(bit)))
			assert_refused(test, id ^ BIT_ULL(bit));

	/* Reserved for stub calls, which pKVM does not have. */
	for (id = is_protected_kvm_enabled() ? 0 : HVC_STUB_HCALL_NR; id < SZ_4K; id++)
		assert_refused(test, id);

	assert_refused(test, KVM_HOST_SMCCC_ID(0) - 1);
	assert_refused(test, U64_MAX);
}

static void test_random_id(struct kunit *test)
{
	u64 seed = get_random_u64();
	struct rnd_state rnd;
	int i;

	kunit_info(test, "seed 0x%llx\n", seed);
	prandom_seed_state(&rnd, seed);

	for (i = 0; i < 20000; i++) {
		u64 id = (u64)prandom_u32_state(&rnd) << 32 | prandom_u32_state(&rnd);
		const struct host_hcall *hcall;

		/* Every other one close to those in use. */
		if (i & 1)
			id = KVM_HOST_SMCCC_ID(0) ^ (id & (BIT(32) | BIT(30) | 0x1007f));

		hcall = find_hcall(id);
		if (id < HVC_STUB_HCALL_NR ||
		    (hcall && hcall->served[is_protected_kvm_enabled()]))
			continue;

		assert_refused(test, id);
	}
}

/* The immediate is a part of the instruction: one for each bit, and others' calls. */
#define FOR_EACH_IMM(f)							\
	f(0x1) f(0x2) f(0x4) f(0x8) f(0x10) f(0x20) f(0x40) f(0x80)	\
	f(0x100) f(0x200) f(0x400) f(0x800) f(0x1000) f(0x2000)		\
	f(0x4000) f(0x8000) f(0x4a48) f(0xea1) f(0xffff)

#define EXPECT_REFUSED(imm)						\
({									\
	register u64 x0 asm("x0") = id;					\
	register u64 x1 asm("x1") = 0;					\
	u64 ret;							\
									\
	asm volatile("hvc " #imm : "+r" (x0), "+r" (x1) : : "x2", "x3",	\
		     "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",	\
		     "x12", "x13", "x14", "x15", "x16", "x17", "memory"); \
	ret = x0;							\
	KUNIT_EXPECT_EQ_MSG(test, ret, (u64)SMCCC_RET_NOT_SUPPORTED,	\
			    "hvc #" #imm ", x0 was 0x%llx", id);	\
});

static void test_immediate(struct kunit *test)
{
	/* Two that are served, to no effect, with an immediate of 0. */
	u64 id = KVM_HOST_SMCCC_FUNC(__kvm_timer_set_cntvoff);

	FOR_EACH_IMM(EXPECT_REFUSED)

	id = HVC_GET_ICH_VTR_EL2;
	FOR_EACH_IMM(EXPECT_REFUSED)
}

static int host_hypercalls_test_init(struct kunit *test)
{
	struct arm_smccc_1_2_regs args = { KVM_HOST_SMCCC_FUNC(__kvm_timer_set_cntvoff) }, res;
	struct dentry *dir;

	if (is_kernel_in_hyp_mode())
		kunit_skip(test, "the kernel runs at EL2");

	/* Without KVM there may not even be an EL2. */
	dir = debugfs_lookup("kvm", NULL);
	if (IS_ERR_OR_NULL(dir))
		kunit_skip(test, "KVM is not available, or debugfs is not");
	dput(dir);

	/* With kvm.enable_virt_at_load=0, the stub is back when there is no VM. */
	arm_smccc_1_2_hvc(&args, &res);
	if (res.a0 == HVC_STUB_ERR)
		kunit_skip(test, "EL2 has the hyp-stub");

	return 0;
}

static struct kunit_case host_hypercalls_test_cases[] = {
	KUNIT_CASE_PARAM(test_refused_call, host_hcall_gen_params),
	KUNIT_CASE(test_served_call),
	KUNIT_CASE(test_unknown_number),
	KUNIT_CASE(test_other_id),
	KUNIT_CASE(test_random_id),
	KUNIT_CASE(test_immediate),
	{}
};

static struct kunit_suite host_hypercalls_test_suite = {
	.name = "kvm_host_hypercalls",
	.init = host_hypercalls_test_init,
	.test_cases = host_hypercalls_test_cases,
};

kunit_test_suite(host_hypercalls_test_suite);

MODULE_DESCRIPTION("KUnit tests for the host hypercalls of KVM/arm64");
MODULE_LICENSE("GPL");
