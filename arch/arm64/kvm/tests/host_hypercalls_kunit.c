// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite for the host hypercalls of asm/kvm_host_hypercalls.h.
 *
 * What can be tested depends on who owns EL2: nobody can make a hypercall when
 * the kernel itself runs there, and when KVM is disabled it is the hyp-stub
 * that answers. Boot with kvm-arm.mode=nvhe, =protected and =none, and on a CPU
 * without VHE, to see all of it.
 */

#include <kunit/test.h>

#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/smp.h>

#include <asm/kvm_call_hyp.h>
#include <asm/virt.h>

#define NR_RANDOM_CALLS		50000

/* The frame pointer, x29, among them: the kernel's unwinder is used to rubbish. */
struct hvc_regs {
	u64 x[30];
};

/*
 * The immediate is part of the instruction: one function for each of a number of
 * them that are spread over all there are, beginning with 0, then one for each
 * bit, and one for some which have a meaning to others, such as Xen and
 * Jailhouse.
 */
#define NR_HVC_IMMS		(0x1000 + 16 + 3)
#define HVC_FUNCTION_INSNS	3
asm(
"	.macro		hvc_function imm\n"
"	.pushsection	.text, \"ax\"\n"
"	hint		#34\n"		/* BTI C */
"	hvc		#\\imm\n"
"	ret\n"
"	.popsection\n"
"	.pushsection	.rodata, \"a\"\n"
"	.hword		\\imm\n"
"	.popsection\n"
"	.endm\n"

"	.pushsection	.rodata, \"a\"\n"
"	.balign		2\n"
"	.globl		host_hypercalls_test_imms\n"
"host_hypercalls_test_imms:\n"
"	.popsection\n"
"	.pushsection	.text, \"ax\"\n"
"	.balign		4\n"
"	.globl		host_hypercalls_test_hvc\n"
"host_hypercalls_test_hvc:\n"
"	.popsection\n"

"	.set		i, 0\n"
"	.rept		0x1000\n"
"	hvc_function	((i * 0x9e37) & 0xffff)\n"
"	.set		i, i + 1\n"
"	.endr\n"
"	.irp		bit, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
"	hvc_function	(1 << \\bit)\n"
"	.endr\n"
"	.irp		imm, 0xea1, 0x4a48, 0xffff\n"
"	hvc_function	\\imm\n"
"	.endr\n"
"	.purgem		hvc_function\n"
);
extern const u32 host_hypercalls_test_hvc[NR_HVC_IMMS][HVC_FUNCTION_INSNS];
extern const u16 host_hypercalls_test_imms[NR_HVC_IMMS];

/*
 * host_hypercalls_test_call(regs, fn): call @fn with x0 to x29 from @regs, which
 * receive what it leaves in them, but for x18 if there is a shadow call stack.
 */
void host_hypercalls_test_call(struct hvc_regs *regs, const void *fn);
#ifdef CONFIG_SHADOW_CALL_STACK
#define REGS_18_19(insn)	"	" insn "r	x19, [x30, #152]\n"
#else
#define REGS_18_19(insn)	"	" insn "p	x18, x19, [x30, #144]\n"
#endif
asm(
"	.pushsection	.text, \"ax\"\n"
"	.balign		4\n"
"	.globl		host_hypercalls_test_call\n"
"	.type		host_hypercalls_test_call, %function\n"
"host_hypercalls_test_call:\n"
"	hint		#34\n"		/* BTI C */
"	stp	x29, x30, [sp, #-112]!\n"
"	stp	x19, x20, [sp, #16]\n"
"	stp	x21, x22, [sp, #32]\n"
"	stp	x23, x24, [sp, #48]\n"
"	stp	x25, x26, [sp, #64]\n"
"	stp	x27, x28, [sp, #80]\n"
"	stp	x0, x1, [sp, #96]\n"
"	mov	x30, x0\n"
"	ldp	x0, x1, [x30]\n"
"	ldp	x2, x3, [x30, #16]\n"
"	ldp	x4, x5, [x30, #32]\n"
"	ldp	x6, x7, [x30, #48]\n"
"	ldp	x8, x9, [x30, #64]\n"
"	ldp	x10, x11, [x30, #80]\n"
"	ldp	x12, x13, [x30, #96]\n"
"	ldp	x14, x15, [x30, #112]\n"
"	ldp	x16, x17, [x30, #128]\n"
	REGS_18_19("ld")
"	ldp	x20, x21, [x30, #160]\n"
"	ldp	x22, x23, [x30, #176]\n"
"	ldp	x24, x25, [x30, #192]\n"
"	ldp	x26, x27, [x30, #208]\n"
"	ldp	x28, x29, [x30, #224]\n"
"	ldr	x30, [sp, #104]\n"
"	blr	x30\n"
"	ldr	x30, [sp, #96]\n"
"	stp	x0, x1, [x30]\n"
"	stp	x2, x3, [x30, #16]\n"
"	stp	x4, x5, [x30, #32]\n"
"	stp	x6, x7, [x30, #48]\n"
"	stp	x8, x9, [x30, #64]\n"
"	stp	x10, x11, [x30, #80]\n"
"	stp	x12, x13, [x30, #96]\n"
"	stp	x14, x15, [x30, #112]\n"
"	stp	x16, x17, [x30, #128]\n"
	REGS_18_19("st")
"	stp	x20, x21, [x30, #160]\n"
"	stp	x22, x23, [x30, #176]\n"
"	stp	x24, x25, [x30, #192]\n"
"	stp	x26, x27, [x30, #208]\n"
"	stp	x28, x29, [x30, #224]\n"
"	ldp	x19, x20, [sp, #16]\n"
"	ldp	x21, x22, [sp, #32]\n"
"	ldp	x23, x24, [sp, #48]\n"
"	ldp	x25, x26, [sp, #64]\n"
"	ldp	x27, x28, [sp, #80]\n"
"	ldp	x29, x30, [sp], #112\n"
"	ret\n"
"	.size		host_hypercalls_test_call, . - host_hypercalls_test_call\n"
"	.popsection\n"
);

/* HVC with the immediate at index @i of host_hypercalls_test_imms. */
static void hvc(struct hvc_regs *regs, unsigned int i)
{
	host_hypercalls_test_call(regs, host_hypercalls_test_hvc[i]);
}

/* Values that can't be mistaken for one another, nor for anything of EL2's. */
static void fill_regs(struct hvc_regs *regs, u64 x0)
{
	int i;

	regs->x[0] = x0;
	for (i = 1; i < ARRAY_SIZE(regs->x); i++)
		regs->x[i] = 0xa5a5000000000000UL | (0x0101010101UL * i);
}

/* A call that went wrong, to be reported where one may sleep. */
struct failure {
	bool		seen;
	u16		imm;
	u64		x0;
	int		reg;
	u64		value;
	u64		expected;
};

/*
 * Make a call, and look for @status in x0 and for the other registers, but for
 * those in @changed, to be what they were. Returns whether they are. Keeps the
 * first failure only: all further ones have the same reason.
 */
static bool try_call(struct failure *failure, u64 x0, unsigned int i, u64 status,
		     u32 changed)
{
	struct hvc_regs in, out;
	int reg;

	fill_regs(&in, x0);
	out = in;
	hvc(&out, i);

	in.x[0] = status;
	for (reg = 0; reg < ARRAY_SIZE(in.x); reg++) {
		if ((changed & BIT(reg)) || out.x[reg] == in.x[reg])
			continue;

		if (!failure->seen) {
			*failure = (struct failure) {
				.seen		= true,
				.imm		= host_hypercalls_test_imms[i],
				.x0		= x0,
				.reg		= reg,
				.value		= out.x[reg],
				.expected	= in.x[reg],
			};
		}
		return false;
	}

	return true;
}

static bool try_refused(struct failure *failure, u64 x0, unsigned int i)
{
	return try_call(failure, x0, i, SMCCC_RET_NOT_SUPPORTED, 0);
}

static void report(struct kunit *test, const struct failure *failure)
{
	KUNIT_EXPECT_FALSE_MSG(test, failure->seen,
			       "hvc #0x%x with x0 = 0x%llx: x%d is 0x%llx and not 0x%llx",
			       failure->imm, failure->x0, failure->reg,
			       failure->value, failure->expected);
}

static bool pkvm;

static void skip_unless_kvm_at_el2(struct kunit *test)
{
	enum kvm_hcall_test_el2 el2 = kvm_hcall_test_el2();

	if (el2 != KVM_HCALL_TEST_EL2_KVM && el2 != KVM_HCALL_TEST_EL2_PKVM)
		kunit_skip(test, "KVM has no vectors at EL2 for the host");

	pkvm = el2 == KVM_HCALL_TEST_EL2_PKVM;
}

static void skip_unless_stub_at_el2(struct kunit *test)
{
	if (kvm_hcall_test_el2() != KVM_HCALL_TEST_EL2_STUB)
		kunit_skip(test, "no hyp-stub at EL2: needs kvm-arm.mode=none, without VHE");
}

/* The hypercalls that KVM serves now, as opposed to those that exist. */
static unsigned int first_available(void)
{
	return pkvm ? KVM_HOST_HCALLS_ALWAYS : KVM_HOST_HCALLS_BOOT;
}

static unsigned int end_available(void)
{
	return pkvm ? KVM_HOST_HCALLS_END : KVM_HOST_HCALLS_PKVM;
}

/* Whether KVM does anything else than to refuse an HVC #0 with @x0. */
static bool may_be_served(u64 x0)
{
	u64 nr = (x0 & ~(u64)ARM_SMCCC_CALL_HINTS) - KVM_HOST_SMCCC_ID(0);

	if (x0 < HVC_STUB_HCALL_NR)
		return !pkvm;

	return nr >= first_available() && nr < end_available();
}

static void host_hypercalls_test_names(struct kunit *test)
{
	unsigned int nr, other;

	/* A name for each, and for nothing else. */
	for (nr = 0; nr < KVM_HOST_HCALLS_END; nr++) {
		const char *name = kvm_host_hcall_name(KVM_HOST_SMCCC_ID(nr));

		KUNIT_EXPECT_STRNEQ_MSG(test, name, "unknown", "number %u", nr);
		for (other = 0; other < nr; other++)
			KUNIT_EXPECT_STRNEQ(test, name,
					    kvm_host_hcall_name(KVM_HOST_SMCCC_ID(other)));
		KUNIT_EXPECT_STREQ(test, name,
				   kvm_host_hcall_name(KVM_HOST_SMCCC_ID(nr) |
						       ARM_SMCCC_CALL_HINTS));
	}

	for (nr = KVM_HOST_HCALLS_END; nr <= ARM_SMCCC_FUNC_MASK; nr++)
		KUNIT_EXPECT_STREQ(test, kvm_host_hcall_name(KVM_HOST_SMCCC_ID(nr)), "unknown");
	KUNIT_EXPECT_STREQ(test, kvm_host_hcall_name(KVM_HOST_SMCCC_ID(0) | BIT_ULL(32)),
			   "unknown");
	KUNIT_EXPECT_STREQ(test, kvm_host_hcall_name(KVM_HOST_SMCCC_ID(0) - 1), "unknown");
}

/*
 * What the host can do with some calls must end when pKVM has been initialised,
 * and others must not work before: they manage what EL2 has taken charge of then.
 */
static void host_hypercalls_test_ranges(struct kunit *test)
{
	static const unsigned int boot[] = {
		__KVM_HOST_SMCCC_FUNC___kvm_hyp_init,
		__KVM_HOST_SMCCC_FUNC___pkvm_init,
		__KVM_HOST_SMCCC_FUNC___pkvm_create_private_mapping,
		__KVM_HOST_SMCCC_FUNC___pkvm_cpu_set_vector,
		__KVM_HOST_SMCCC_FUNC___kvm_enable_ssbs,
		__KVM_HOST_SMCCC_FUNC___vgic_v3_init_lrs,
		__KVM_HOST_SMCCC_FUNC___vgic_v3_get_gic_config,
	};
	static const unsigned int pkvm[] = {
		__KVM_HOST_SMCCC_FUNC___pkvm_host_share_hyp,
		__KVM_HOST_SMCCC_FUNC___pkvm_host_unshare_hyp,
		__KVM_HOST_SMCCC_FUNC___pkvm_host_donate_guest,
		__KVM_HOST_SMCCC_FUNC___pkvm_reserve_vm,
		__KVM_HOST_SMCCC_FUNC___pkvm_init_vm,
		__KVM_HOST_SMCCC_FUNC___pkvm_init_vcpu,
		__KVM_HOST_SMCCC_FUNC___pkvm_vcpu_load,
		__KVM_HOST_SMCCC_FUNC___pkvm_tlb_flush_vmid,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(boot); i++)
		KUNIT_EXPECT_LT_MSG(test, boot[i], KVM_HOST_HCALLS_ALWAYS, "%s",
				    kvm_host_hcall_name(KVM_HOST_SMCCC_ID(boot[i])));
	for (i = 0; i < ARRAY_SIZE(pkvm); i++)
		KUNIT_EXPECT_GE_MSG(test, pkvm[i], KVM_HOST_HCALLS_PKVM, "%s",
				    kvm_host_hcall_name(KVM_HOST_SMCCC_ID(pkvm[i])));
}

static void host_hypercalls_test_table(struct kunit *test)
{
	unsigned int nr;

	skip_unless_kvm_at_el2(test);

	for (nr = 0; nr < KVM_HOST_HCALLS_END; nr++) {
		bool implemented = kvm_call_hyp_nvhe(__kvm_hcall_test_implemented, nr);

		/* Only the vectors that install KVM know this one. */
		KUNIT_EXPECT_EQ_MSG(test, implemented,
				    nr != __KVM_HOST_SMCCC_FUNC___kvm_hyp_init,
				    "%s", kvm_host_hcall_name(KVM_HOST_SMCCC_ID(nr)));
	}
}

static void host_hypercalls_test_unavailable(struct kunit *test)
{
	struct failure failure = { };
	unsigned int nr;

	skip_unless_kvm_at_el2(test);

	/* The other ranges of the list, then every number that isn't in it. */
	for (nr = 0; nr <= ARM_SMCCC_FUNC_MASK; nr++) {
		u64 id = KVM_HOST_SMCCC_ID(nr);

		if (may_be_served(id))
			continue;

		if (!try_refused(&failure, id, 0) ||
		    !try_refused(&failure, id | ARM_SMCCC_CALL_HINTS, 0))
			break;
	}

	/* In range, but for the vectors that install KVM. */
	try_refused(&failure, KVM_HOST_SMCCC_FUNC(__kvm_hyp_init), 0);
	report(test, &failure);
}

static void host_hypercalls_test_other_ids(struct kunit *test)
{
	u64 id = KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_void);
	struct failure failure = { };
	unsigned int bit;

	skip_unless_kvm_at_el2(test);

	/* Flip what isn't the number: owner, width, kind, and 32 bits of nothing. */
	for (bit = 16; bit < 64; bit++) {
		if (ARM_SMCCC_CALL_HINTS & BIT_ULL(bit))
			continue;

		try_refused(&failure, id ^ BIT_ULL(bit), 0);
	}

	/* Below the first number, and what is reserved for the stub calls. */
	try_refused(&failure, KVM_HOST_SMCCC_ID(0) - 1, 0);
	for (id = HVC_STUB_HCALL_NR; id < SZ_4K; id++)
		try_refused(&failure, id, 0);
	try_refused(&failure, ~0UL, 0);
	report(test, &failure);
}

static void host_hypercalls_test_random(struct kunit *test)
{
	u64 seed = get_random_u64();
	struct failure failure = { };
	struct rnd_state rnd;
	int n;

	skip_unless_kvm_at_el2(test);

	kunit_info(test, "seed 0x%llx\n", seed);
	prandom_seed_state(&rnd, seed);

	for (n = 0; n < NR_RANDOM_CALLS; n++) {
		u64 x0 = (u64)prandom_u32_state(&rnd) << 32 | prandom_u32_state(&rnd);
		unsigned int i = 0;

		/* Half of them where it matters: many of these would be served. */
		if (n & 1)
			x0 = KVM_HOST_SMCCC_ID(0) ^ (x0 & (BIT(32) | BIT(30) | BIT(16) | 0x7f));
		/* And half with an immediate. */
		if (n & 2)
			i = prandom_u32_state(&rnd) % NR_HVC_IMMS;

		if (host_hypercalls_test_imms[i] == 0 && may_be_served(x0))
			continue;
		if (!try_refused(&failure, x0, i))
			break;
	}
	report(test, &failure);
}

static void host_hypercalls_test_immediates(struct kunit *test)
{
	struct failure failure = { };
	unsigned int i;

	skip_unless_kvm_at_el2(test);

	for (i = 0; i < NR_HVC_IMMS; i++) {
		if (host_hypercalls_test_imms[i] == 0)
			continue;

		/* A call that is served, and a stub call that does no harm if it is. */
		if (!try_refused(&failure, KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_void), i) ||
		    !try_refused(&failure, HVC_GET_ICH_VTR_EL2, i))
			break;
	}
	report(test, &failure);
}

static void host_hypercalls_test_stub_calls(struct kunit *test)
{
	struct failure failure = { };
	u64 x0;

	skip_unless_kvm_at_el2(test);

	if (pkvm) {
		for (x0 = 0; x0 < HVC_STUB_HCALL_NR; x0++)
			try_refused(&failure, x0, 0);
	} else {
		/* Those that work have consequences. x5 and x6 are scratch. */
		u32 changed = BIT(5) | BIT(6);

		try_call(&failure, HVC_SET_VECTORS, 0, HVC_STUB_ERR, changed);
		try_call(&failure, HVC_FINALISE_EL2, 0, HVC_STUB_ERR, changed);
		try_call(&failure, HVC_GET_ICH_VTR_EL2, 0, HVC_STUB_ERR, changed);
	}
	report(test, &failure);
}

static void host_hypercalls_test_registers(struct kunit *test)
{
	u64 id = KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_void);
	struct failure failure = { };
	struct hvc_regs regs;

	skip_unless_kvm_at_el2(test);

	/* x2 upwards are as they were. */
	try_call(&failure, id, 0, SMCCC_RET_SUCCESS, BIT(1));
	try_call(&failure, id | ARM_SMCCC_CALL_HINTS, 0, SMCCC_RET_SUCCESS, BIT(1));
	try_call(&failure, KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_ret), 0,
		 SMCCC_RET_SUCCESS, BIT(1));
	report(test, &failure);

	/* Nothing to return: 0. */
	fill_regs(&regs, id);
	hvc(&regs, 0);
	KUNIT_EXPECT_EQ(test, regs.x[1], 0);

	/* An int to return: extended. */
	fill_regs(&regs, KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_ret));
	regs.x[1] = 0x123456789abcdef0;
	hvc(&regs, 0);
	KUNIT_EXPECT_EQ(test, regs.x[1], 0xffffffff9abcdef0);
}

/*
 * A leaf call may change x1 to x18, and the function of this one has filled x0 to
 * x17 with its stack pointer. In protected mode nothing is left of that. When it
 * is traced, it is like any other call.
 */
static void host_hypercalls_test_leaf_registers(struct kunit *test)
{
	struct hvc_regs in, out;
	bool tracing;
	int reg;

	skip_unless_kvm_at_el2(test);
	tracing = kvm_call_hyp_nvhe(__kvm_hcall_test_tracing);

	fill_regs(&in, KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_leaf));
	out = in;
	hvc(&out, 0);

	KUNIT_EXPECT_EQ(test, out.x[0], SMCCC_RET_SUCCESS);
	KUNIT_EXPECT_EQ(test, out.x[1], 0);
	for (reg = 2; reg < 19; reg++) {
		if (reg == 18 && IS_ENABLED(CONFIG_SHADOW_CALL_STACK))
			continue;
		if (tracing)
			KUNIT_EXPECT_EQ_MSG(test, out.x[reg], in.x[reg], "x%d", reg);
		else if (pkvm)
			KUNIT_EXPECT_EQ_MSG(test, out.x[reg], 0, "x%d", reg);
		else if (reg < 18)
			KUNIT_EXPECT_NE_MSG(test, out.x[reg], in.x[reg],
					    "x%d: not served as a leaf call", reg);
	}
	for (reg = 19; reg < ARRAY_SIZE(in.x); reg++)
		KUNIT_EXPECT_EQ_MSG(test, out.x[reg], in.x[reg], "x%d", reg);
}

/* The caller of a leaf call gets along with that. */
static void host_hypercalls_test_leaf_call(struct kunit *test)
{
	u64 in[24], out[24];
	int i;

	skip_unless_kvm_at_el2(test);

	for (i = 0; i < ARRAY_SIZE(in); i++)
		in[i] = get_random_u64();

	/* More than there are registers, and all in use before and after. */
#define OUT(i)	u64 out##i = READ_ONCE(in[i])
#define IN(i)	WRITE_ONCE(out[i], out##i)
	OUT(0); OUT(1); OUT(2); OUT(3); OUT(4); OUT(5); OUT(6); OUT(7);
	OUT(8); OUT(9); OUT(10); OUT(11); OUT(12); OUT(13); OUT(14); OUT(15);
	OUT(16); OUT(17); OUT(18); OUT(19); OUT(20); OUT(21); OUT(22); OUT(23);
	kvm_call_hyp_nvhe(__kvm_hcall_test_leaf, true, 0, NULL);
	IN(0); IN(1); IN(2); IN(3); IN(4); IN(5); IN(6); IN(7);
	IN(8); IN(9); IN(10); IN(11); IN(12); IN(13); IN(14); IN(15);
	IN(16); IN(17); IN(18); IN(19); IN(20); IN(21); IN(22); IN(23);
#undef OUT
#undef IN

	KUNIT_EXPECT_MEMEQ(test, in, out, sizeof(in));
}

static u64 leaf_arg(unsigned int which)
{
	return kvm_call_hyp_nvhe(__kvm_hcall_test_leaf_arg, which);
}

/* The arguments get there as those of other calls do. */
static void host_hypercalls_test_leaf_args(struct kunit *test)
{
	struct kvm_vcpu *ptr = (struct kvm_vcpu *)PAGE_OFFSET;
	u64 from_regs[3], from_call[3];
	struct hvc_regs regs;
	int i;

	skip_unless_kvm_at_el2(test);

	/* EL2 keeps them per CPU. */
	preempt_disable();

	fill_regs(&regs, KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_leaf) | ARM_SMCCC_CALL_HINTS);
	regs.x[1] = BIT_ULL(63);
	regs.x[2] = 0xa5a5a5a580000000;
	regs.x[3] = (u64)ptr;
	hvc(&regs, 0);
	for (i = 0; i < 3; i++)
		from_regs[i] = leaf_arg(i);

	kvm_call_hyp_nvhe(__kvm_hcall_test_leaf, 0x100, INT_MIN, ptr);
	for (i = 0; i < 3; i++)
		from_call[i] = leaf_arg(i);

	preempt_enable();

	KUNIT_EXPECT_EQ(test, from_regs[0], 1);
	KUNIT_EXPECT_EQ(test, from_regs[1], (u64)INT_MIN);
	KUNIT_EXPECT_EQ(test, from_regs[2],
			kvm_call_hyp_nvhe(__kvm_hcall_test_arg, 5, false, 0, 0, 0, ptr));
	KUNIT_EXPECT_MEMEQ(test, from_regs, from_call, sizeof(from_regs));
}

struct percpu_values {
	u64 el2[KVM_HCALL_TEST_PERCPU_NR];
	u64 host[KVM_HCALL_TEST_PERCPU_NR];
};

static int get_percpu_values(void *arg)
{
	struct percpu_values *values = arg;
	int which;

	for (which = 0; which < KVM_HCALL_TEST_PERCPU_NR; which++) {
		values->el2[which] = kvm_call_hyp_nvhe(__kvm_hcall_test_percpu, which);
		values->host[which] = kvm_hcall_test_percpu(which);
	}

	return 0;
}

static int suspend_cpu(void *arg)
{
	return kvm_hcall_test_suspend_cpu();
}

/* Where EL2 finds its per-CPU data, against where the host knows it to be. */
static void check_percpu(struct kunit *test, unsigned int cpu, const char *when)
{
	static const char * const names[] = {
		[KVM_HCALL_TEST_TPIDR]		= "TPIDR_EL2",
		[KVM_HCALL_TEST_C_ADDRESS]	= "this_cpu_ptr()",
		[KVM_HCALL_TEST_ASM_ADDRESS]	= "adr_this_cpu",
		[KVM_HCALL_TEST_ASM_LOAD]	= "ldr_this_cpu",
		[KVM_HCALL_TEST_C_HOST_CTXT]	= "host_data_ptr(host_ctxt)",
		[KVM_HCALL_TEST_ASM_HOST_CTXT]	= "get_host_ctxt",
		[KVM_HCALL_TEST_ASM_VCPU]	= "get_vcpu_ptr",
		[KVM_HCALL_TEST_ASM_LOADED_VCPU] = "get_loaded_vcpu",
	};
	struct percpu_values values = { };
	int which;

	KUNIT_ASSERT_EQ(test, smp_call_on_cpu(cpu, get_percpu_values, &values, false), 0);
	for (which = 0; which < KVM_HCALL_TEST_PERCPU_NR; which++)
		KUNIT_EXPECT_EQ_MSG(test, values.el2[which], values.host[which],
				    "%s on CPU %u, %s", names[which], cpu, when);
}

static void host_hypercalls_test_percpu(struct kunit *test)
{
	unsigned int cpu;

	skip_unless_kvm_at_el2(test);

	for_each_online_cpu(cpu)
		check_percpu(test, cpu, "as booted");
}

static void host_hypercalls_test_percpu_suspend(struct kunit *test)
{
	unsigned int cpu;

	skip_unless_kvm_at_el2(test);

	for_each_online_cpu(cpu) {
		if (smp_call_on_cpu(cpu, suspend_cpu, NULL, false))
			kunit_skip(test, "CPU %u can't be suspended", cpu);
		check_percpu(test, cpu, "resumed");
	}
}

static void host_hypercalls_test_percpu_hotplug(struct kunit *test)
{
	unsigned int cpu, n = 0;

	skip_unless_kvm_at_el2(test);

	for_each_present_cpu(cpu) {
		if (!cpu_online(cpu) || remove_cpu(cpu))
			continue;
		KUNIT_ASSERT_EQ(test, add_cpu(cpu), 0);
		check_percpu(test, cpu, "plugged in");
		n++;
	}

	if (!n)
		kunit_skip(test, "no CPU can be unplugged");
}

struct arg_case {
	const char	*desc;
	unsigned int	which;
	u64		reg;
	u64		expect;
};

static const struct arg_case arg_cases[] = {
	{ "u32_upper_half",	0, 0xffffffff00000007,	7 },
	{ "bool_false",		1, 0,			0 },
	{ "bool_true",		1, 1,			1 },
	{ "bool_any_bit",	1, 0x8000000000000000,	1 },
	{ "u16",		2, 0xfffe,		0xfffe },
	{ "u16_upper_bits",	2, 0xffffffffffff0001,	1 },
	{ "int_negative",	3, 0xffffffffffffffff,	0xffffffffffffffff },
	{ "int_sign_from_bit31", 3, 0x0000000080000000,	0xffffffff80000000 },
	{ "int_upper_half",	3, 0xffffffff00000001,	1 },
	{ "int_max",		3, 0x7fffffff,		0x7fffffff },
	{ "u64",		4, 0xfedcba9876543210,	0xfedcba9876543210 },
};

KUNIT_ARRAY_PARAM_DESC(arg, arg_cases, desc);

static void host_hypercalls_test_arg_from_register(struct kunit *test)
{
	const struct arg_case *c = test->param_value;
	struct hvc_regs regs;

	skip_unless_kvm_at_el2(test);

	/* As a host that doesn't use the macros, and has no good intentions. */
	fill_regs(&regs, KVM_HOST_SMCCC_FUNC(__kvm_hcall_test_arg));
	regs.x[1] = c->which;
	regs.x[1 + c->which] = c->reg;
	hvc(&regs, 0);

	KUNIT_EXPECT_EQ(test, regs.x[0], SMCCC_RET_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs.x[1], c->expect);
}

#define test_arg(which, b, h, i, q, ptr)				\
	kvm_call_hyp_nvhe(__kvm_hcall_test_arg, which, b, h, i, q, ptr)

static void host_hypercalls_test_arg_from_call(struct kunit *test)
{
	skip_unless_kvm_at_el2(test);

	KUNIT_EXPECT_EQ(test, test_arg(7, false, 0, 0, 0, NULL), 7);
	KUNIT_EXPECT_EQ(test, test_arg(1, true, 0, 0, 0, NULL), 1);
	KUNIT_EXPECT_EQ(test, test_arg(1, 0x100, 0, 0, 0, NULL), 1);
	KUNIT_EXPECT_EQ(test, test_arg(2, false, 0xffff, 0, 0, NULL), 0xffff);
	KUNIT_EXPECT_EQ(test, test_arg(3, false, 0, -1, 0, NULL), ~0UL);
	KUNIT_EXPECT_EQ(test, test_arg(3, false, 0, INT_MIN, 0, NULL), (u64)INT_MIN);
	/* An int where 64 bits are wanted: extended, not whatever there was. */
	KUNIT_EXPECT_EQ(test, test_arg(4, false, 0, 0, -2, NULL), ~1UL);
	KUNIT_EXPECT_EQ(test, test_arg(4, false, 0, 0, U32_MAX, NULL), U32_MAX);
	KUNIT_EXPECT_EQ(test, test_arg(4, false, 0, 0, U64_MAX, NULL), U64_MAX);

	KUNIT_EXPECT_EQ(test, kvm_call_hyp_nvhe(__kvm_hcall_test_ret, -1), -1);
	KUNIT_EXPECT_EQ(test, kvm_call_hyp_nvhe(__kvm_hcall_test_ret, 0x80000000), INT_MIN);
	KUNIT_EXPECT_EQ(test, kvm_call_hyp_nvhe(__kvm_hcall_test_ret, U32_MAX + 2UL), 1);
}

static void host_hypercalls_test_pointer(struct kunit *test)
{
	struct kvm_vcpu *vcpu = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 va, again;

	skip_unless_kvm_at_el2(test);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, vcpu);

	/*
	 * The same address in another address space: not the kernel's, the same
	 * offset, and a hyp VA stays one.
	 */
	va = test_arg(5, false, 0, 0, 0, vcpu);
	KUNIT_EXPECT_NE(test, va, (u64)vcpu);
	KUNIT_EXPECT_EQ(test, va & BIT_ULL(63), 0);
	KUNIT_EXPECT_EQ(test, test_arg(5, false, 0, 0, 0, (void *)vcpu + 8), va + 8);
	again = test_arg(5, false, 0, 0, 0, (struct kvm_vcpu *)va);
	KUNIT_EXPECT_EQ(test, again, va);
	/* Not translated where the list doesn't say that it is a pointer. */
	KUNIT_EXPECT_EQ(test, test_arg(4, false, 0, 0, (u64)vcpu, NULL), (u64)vcpu);
}

static void host_hypercalls_test_stub_vectors(struct kunit *test)
{
	struct failure failure = { };
	unsigned int i;

	skip_unless_stub_at_el2(test);

	/* This one returns 0 and has no effect, if it is served. */
	for (i = 0; i < NR_HVC_IMMS; i++) {
		u64 status = host_hypercalls_test_imms[i] ? HVC_STUB_ERR : 0;

		if (!try_call(&failure, HVC_RESET_VECTORS, i, status, 0))
			break;
	}

	try_call(&failure, HVC_STUB_HCALL_NR, 0, HVC_STUB_ERR, 0);
	try_call(&failure, KVM_HOST_SMCCC_FUNC(__kvm_vcpu_run), 0, HVC_STUB_ERR, 0);
	report(test, &failure);
}

static void host_hypercalls_test_init_vectors(struct kunit *test)
{
	struct hvc_regs set = { .x = { HVC_SET_VECTORS, kvm_hcall_test_init_vectors() } };
	struct hvc_regs reset = { .x = { HVC_RESET_VECTORS } };
	struct failure failure = { };
	unsigned int i;

	skip_unless_stub_at_el2(test);

	/*
	 * Install the vectors that install KVM, but don't let them do so. With
	 * those of this CPU not being what the kernel expects, nothing here may
	 * sleep or fail.
	 */
	preempt_disable();
	hvc(&set, 0);

	for (i = 0; i < NR_HVC_IMMS; i++) {
		if (host_hypercalls_test_imms[i] == 0)
			continue;

		/* Were they served: a crash, and HVC_STUB_ERR. */
		if (!try_refused(&failure, HVC_GET_ICH_VTR_EL2, i) ||
		    !try_refused(&failure, KVM_HOST_SMCCC_FUNC(__kvm_hyp_init), i))
			break;
	}
	try_call(&failure, KVM_HOST_SMCCC_FUNC(__kvm_vcpu_run), 0,
		 SMCCC_RET_NOT_SUPPORTED, BIT(3));
	try_call(&failure, HVC_GET_ICH_VTR_EL2, 0, HVC_STUB_ERR, 0);

	hvc(&reset, 0);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, set.x[0], 0);
	KUNIT_EXPECT_EQ(test, reset.x[0], 0);
	KUNIT_EXPECT_EQ(test, kvm_hcall_test_el2(), KVM_HCALL_TEST_EL2_STUB);
	report(test, &failure);
}

static struct kunit_case host_hypercalls_test_cases[] = {
	KUNIT_CASE(host_hypercalls_test_names),
	KUNIT_CASE(host_hypercalls_test_ranges),
	KUNIT_CASE(host_hypercalls_test_table),
	KUNIT_CASE(host_hypercalls_test_unavailable),
	KUNIT_CASE(host_hypercalls_test_other_ids),
	KUNIT_CASE_SLOW(host_hypercalls_test_random),
	KUNIT_CASE(host_hypercalls_test_immediates),
	KUNIT_CASE(host_hypercalls_test_stub_calls),
	KUNIT_CASE(host_hypercalls_test_registers),
	KUNIT_CASE(host_hypercalls_test_leaf_registers),
	KUNIT_CASE(host_hypercalls_test_leaf_call),
	KUNIT_CASE(host_hypercalls_test_leaf_args),
	KUNIT_CASE(host_hypercalls_test_percpu),
	KUNIT_CASE(host_hypercalls_test_percpu_suspend),
	KUNIT_CASE(host_hypercalls_test_percpu_hotplug),
	KUNIT_CASE_PARAM(host_hypercalls_test_arg_from_register, arg_gen_params),
	KUNIT_CASE(host_hypercalls_test_arg_from_call),
	KUNIT_CASE(host_hypercalls_test_pointer),
	KUNIT_CASE(host_hypercalls_test_stub_vectors),
	KUNIT_CASE(host_hypercalls_test_init_vectors),
	{}
};

/*
 * What EL2 can't live with ends in a panic of the kernel, and not in a result: for
 * whoever wants to see it.
 */
static char *provoke;
module_param(provoke, charp, 0);
MODULE_PARM_DESC(provoke, "Instead of testing, make EL2 panic: trap, an unexpected trap from the host, or leaf, a BUG() in a leaf call");

static int host_hypercalls_test_init(struct kunit_suite *suite)
{
	enum kvm_hcall_test_el2 el2;

	if (!provoke)
		return 0;

	el2 = kvm_hcall_test_el2();
	if (el2 != KVM_HCALL_TEST_EL2_KVM && el2 != KVM_HCALL_TEST_EL2_PKVM)
		return -EOPNOTSUPP;

	preempt_disable();
	if (!strcmp(provoke, "trap")) {
		kvm_call_hyp_nvhe(__kvm_hcall_test_trap);
		read_sysreg(actlr_el1);
	} else if (!strcmp(provoke, "leaf")) {
		kvm_call_hyp_nvhe(__kvm_hcall_test_leaf_bug);
	}
	preempt_enable();

	return -EINVAL;
}

static struct kunit_suite host_hypercalls_test_suite = {
	.name = "host_hypercalls",
	.suite_init = host_hypercalls_test_init,
	.test_cases = host_hypercalls_test_cases,
};

kunit_test_suite(host_hypercalls_test_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit suite for KVM/arm64's host hypercalls");
MODULE_LICENSE("GPL");
