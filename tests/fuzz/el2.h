/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of calls of the kernel that el2.c is built for, and how a call is made.
 */
#if __has_include(<asm/kvm_host_hypercalls.h>)
#include <asm/kvm_host_hypercall_ids.h>
#define EL2_SERIES	1
#else
#define EL2_SERIES	0	/* ignores the immediate; only x4-x17 are promised */
#endif

#if !EL2_SERIES || defined(CONFIG_NVHE_EL2_TRACING)
#define EL2_TRACING
#endif

#define EL2_REGS	29	/* x18 is not used */
#define EL2_GPRS	"2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,19,20,21,22,23,24,25,26,27,28"
#define EL2_IMMS	20
#define EL2_IMM_LIST	"0,1,2,4,8,16,32,64,128,256,512,1024,2048,4096,8192,16384,32768," \
			"0x4a48,0xea1,65535"

/* One HVC for each immediate: bti c; hvc; ret */
extern char el2_hvcs[EL2_IMMS][12];
asm(".pushsection .text; el2_hvcs:\n"
	".irp n, " EL2_IMM_LIST "; hint #34; hvc #\\n; ret; .endr; .popsection\n");

/* Load x0-x17 and x19-x28 from @x, go to @insn, and store them again. */
static noinline void el2_hvc(u64 *x, const void *insn)
{
	register u64 *x0 asm("x0") = x;
	register const void *lr asm("x30") = insn;

	asm volatile("	str	x0, [sp, #-32]!\n"
		     "	.irp n, " EL2_GPRS "; ldr x\\n, [x0, #8 * \\n]; .endr\n"
		     "	ldp	x0, x1, [x0]\n"
		     "	blr	x30\n"
		     "	str	x0, [sp, #16]\n"
		     "	ldr	x0, [sp]\n"
		     "	str	x1, [x0, #8]\n"
		     "	.irp n, " EL2_GPRS "; str x\\n, [x0, #8 * \\n]; .endr\n"
		     "	ldr	x1, [sp, #16]\n"
		     "	str	x1, [x0]\n"
		     "	add	sp, sp, #32\n"
		     : "+r" (x0), "+r" (lr) : : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		       "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x19", "x20",
		       "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "cc", "memory");
}

/* What a call must not change. */
#define EL1_REGS(f)								\
	f(sctlr_el1), f(ttbr0_el1), f(ttbr1_el1), f(tcr_el1), f(mair_el1),	\
	f(amair_el1), f(vbar_el1), f(cpacr_el1), f(contextidr_el1),		\
	f(tpidr_el1), f(tpidr_el0), f(tpidrro_el0), f(sp_el0), f(cntkctl_el1),	\
	f(mdscr_el1), f(elr_el1), f(spsr_el1), f(esr_el1), f(far_el1), f(daif)
static const char * const el1_regs[] = { EL1_REGS(__stringify), "apiakeylo_el1", "cntvoff_el2" };

struct el1_state {
	u64 regs[ARRAY_SIZE(el1_regs)];
};

static struct el1_state el1_state(void)
{
	bool pauth = system_supports_address_auth();
	u64 cntpct = read_sysreg(cntpct_el0);

	isb();
	return (struct el1_state) { { EL1_REGS(read_sysreg),
		pauth ? read_sysreg_s(SYS_APIAKEYLO_EL1) : 0,
		(read_sysreg(cntvct_el0) - cntpct) >> 36 } };
}
