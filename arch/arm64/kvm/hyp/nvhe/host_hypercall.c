// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host hypercalls of asm/kvm_host_hypercalls.h at EL2: unmarshalling, table
 * and dispatch. In protected mode the host is not trusted, and nothing here may
 * depend on what it leaves in a register.
 */

#include <linux/arm-smccc.h>
#include <linux/nospec.h>

#include <asm/kvm_hyp.h>
#include <asm/kvm_hypevents.h>
#include <asm/kvm_mmu.h>

#include <nvhe/host_hypercall.h>
#include <nvhe/mem_protect.h>
#include <nvhe/mm.h>
#include <nvhe/pkvm.h>
#include <nvhe/trace.h>
#include <nvhe/trap_handler.h>

typedef void (*host_hcall_t)(struct kvm_cpu_context *host_ctxt);

/* What __builtin_classify_type() calls a pointer, with GCC and with clang. */
#define POINTER_TYPE_CLASS	5

#ifdef __CHECKER__
/* Unknown to sparse, to which every argument may be a pointer. */
#define __builtin_classify_type(x)	POINTER_TYPE_CLASS
#else
static_assert(__builtin_classify_type((void *)0) == POINTER_TYPE_CLASS);
static_assert(__builtin_classify_type((u64)0) != POINTER_TYPE_CLASS);
static_assert(__builtin_classify_type((bool)0) != POINTER_TYPE_CLASS);
static_assert(__builtin_classify_type((enum kvm_pgtable_prot)0) != POINTER_TYPE_CLASS);
#endif

/*
 * An argument from its register, converted to its type: an integer loses the
 * bits that it doesn't have. Pointers are the host's, and are all translated to
 * hyp VAs: there is no way for the list to forget about one.
 */
#define HCALL_CONVERT(type, reg)					\
	((type)(__builtin_classify_type((type)0) == POINTER_TYPE_CLASS ? \
		__kern_hyp_va(reg) : (reg)))

#define HCALL_ARG(r, type, arg)		HCALL_CONVERT(type, cpu_reg(host_ctxt, r))
#define HCALL_ARG_NONE

#define HCALL_LEAF_ARG(r, type, arg)	HCALL_CONVERT(type, regs[r])
#define HCALL_LEAF_ARG_NONE

#ifdef CONFIG_KVM_ARM_HOST_HYPERCALL_COUNTS
static DEFINE_PER_CPU(u64 [KVM_HOST_HCALLS_END], hcall_counts);

#define HCALL_COUNT(name)						\
	((*this_cpu_ptr(&hcall_counts))[__KVM_HOST_SMCCC_FUNC_##name]++)

/* How often @cpu has had number @nr served. Not exact while it makes the call. */
u64 __kvm_host_hcall_count(unsigned int cpu, unsigned int nr)
{
	if (cpu >= hyp_nr_cpus || nr >= KVM_HOST_HCALLS_END)
		return 0;

	cpu = array_index_nospec(cpu, hyp_nr_cpus);
	nr = array_index_nospec(nr, KVM_HOST_HCALLS_END);

	return READ_ONCE((*per_cpu_ptr(&hcall_counts, cpu))[nr]);
}
#else
#define HCALL_COUNT(name)		do { } while (0)
#endif

/* What goes into x1: zero for a call that returns nothing. */
#define HCALL_RET(ret, call)						\
	__builtin_choose_expr(__builtin_types_compatible_p(ret, void),	\
			      ({ call; 0UL; }), (call))

#define HCALL_UNMARSHAL(ret, name, fn, ...)				\
static void hcall_##name(struct kvm_cpu_context *host_ctxt)		\
{									\
	static_assert(__same_type(&fn,					\
				  ret (*)(KVM_HCALL_PARAMS(__VA_ARGS__)))); \
									\
	HCALL_COUNT(name);						\
	cpu_reg(host_ctxt, 1) =						\
		HCALL_RET(ret, fn(__KVM_HCALL_MAP(HCALL_ARG, 1,		\
						  ##__VA_ARGS__)));	\
}

/* In protected mode, host.S exchanges key A around a leaf call, and no other. */
#ifdef __ARM_FEATURE_PAC_DEFAULT
static_assert((__ARM_FEATURE_PAC_DEFAULT & 3) == 1);
#endif

/*
 * A leaf call gets its arguments where host.S leaves them, and when there is
 * something to trace, like any other. host.S doesn't look at the range: only a
 * call that may be made at any time can be a leaf call.
 */
#define HCALL_UNMARSHAL_LEAF(ret, name, fn, ...)			\
HCALL_UNMARSHAL(ret, name, fn, ##__VA_ARGS__)				\
asmlinkage void hcall_leaf_##name(u64 x0, u64 x1, u64 x2, u64 x3);	\
asmlinkage void hcall_leaf_##name(u64 x0, u64 x1, u64 x2, u64 x3)	\
{									\
	const u64 regs[] = { x0, x1, x2, x3 };				\
									\
	static_assert(__builtin_types_compatible_p(ret, void));		\
	static_assert(COUNT_ARGS(__VA_ARGS__) / 2 < ARRAY_SIZE(regs));	\
	static_assert(__KVM_HOST_SMCCC_FUNC_##name >= KVM_HOST_HCALLS_ALWAYS && \
		      __KVM_HOST_SMCCC_FUNC_##name < KVM_HOST_HCALLS_PKVM); \
									\
	HCALL_COUNT(name);						\
	fn(__KVM_HCALL_MAP(HCALL_LEAF_ARG, 1, ##__VA_ARGS__));		\
}

#define KVM_HOST_HCALL(ret, name, ...)					\
	HCALL_UNMARSHAL(ret, name, name, ##__VA_ARGS__)
#define KVM_HOST_HCALL_HANDLER(ret, name, ...)				\
	HCALL_UNMARSHAL(ret, name, handle_##name, ##__VA_ARGS__)
#define KVM_HOST_HCALL_LEAF(ret, name, ...)				\
	HCALL_UNMARSHAL_LEAF(ret, name, name, ##__VA_ARGS__)
#define KVM_HOST_HCALL_LEAF_HANDLER(ret, name, ...)			\
	HCALL_UNMARSHAL_LEAF(ret, name, handle_##name, ##__VA_ARGS__)
#define KVM_HOST_HCALL_INIT(ret, name, ...)
#include <asm/kvm_host_hypercalls.h>

static void hcall_not_implemented(struct kvm_cpu_context *host_ctxt)
{
	cpu_reg(host_ctxt, 0) = SMCCC_RET_NOT_SUPPORTED;
}

static const host_hcall_t host_hcalls[] = {
	[0 ... KVM_HOST_HCALLS_END - 1] = hcall_not_implemented,
#define KVM_HOST_HCALL(ret, name, ...)					\
	[__KVM_HOST_SMCCC_FUNC_##name] = hcall_##name,
#define KVM_HOST_HCALL_INIT(ret, name, ...)
#include <asm/kvm_host_hypercalls.h>
};

static_assert(ARRAY_SIZE(host_hcalls) == KVM_HOST_HCALLS_END);

#if IS_ENABLED(CONFIG_KVM_ARM_HOST_HYPERCALL_KUNIT_TEST)
bool __kvm_hcall_test_implemented(unsigned int nr)
{
	return nr < KVM_HOST_HCALLS_END && host_hcalls[nr] != hcall_not_implemented;
}
#endif

/*
 * Find what serves function ID @id, hcall_not_implemented() if nothing does at
 * this time.
 */
static __always_inline host_hcall_t find_host_hcall(unsigned long id)
{
	unsigned long min = KVM_HOST_HCALLS_BOOT, max = KVM_HOST_HCALLS_END;
	unsigned long nr;

	/*
	 * If pKVM has been initialised then reject any calls to the
	 * early "privileged" hypercalls. Note that we cannot reject
	 * calls to __pkvm_prot_finalize for two reasons: (1) The static
	 * key used to determine initialisation must be toggled prior to
	 * finalisation and (2) finalisation is performed on a per-CPU
	 * basis. This is all fine, however, since __pkvm_prot_finalize
	 * returns -EPERM after the first call for a given CPU.
	 */
	if (static_branch_unlikely(&kvm_protected_mode_initialized))
		min = KVM_HOST_HCALLS_ALWAYS;
	else
		max = KVM_HOST_HCALLS_PKVM;

	id &= ~ARM_SMCCC_CALL_HINTS;
	nr = id - KVM_HOST_SMCCC_ID(min);

	if (unlikely(nr >= max - min))
		return hcall_not_implemented;

	/* Not even speculatively does the host get a call it may not make. */
	return host_hcalls[min + array_index_nospec(nr, max - min)];
}

/**
 * handle_host_hcall() - Serve a host hypercall
 * @host_ctxt: registers of the host (hyp VA). x0 has the function ID and
 *	       receives the SMCCC status, x1 onwards have the arguments and x1
 *	       receives the result of a call that was served. Everything else
 *	       is left alone.
 * @esr: ESR_EL2 of the HVC
 *
 * Context: EL2, on an HVC from the host, exceptions masked. May not return: some
 *	    calls enter the host by themselves.
 */
void handle_host_hcall(struct kvm_cpu_context *host_ctxt, u64 esr)
{
	host_hcall_t hcall = hcall_not_implemented;
	u64 id = cpu_reg(host_ctxt, 0);
	u64 imm = esr & ESR_ELx_xVC_IMM_MASK;

	/* With an immediate, the ID means something to somebody else. */
	if (likely(!imm))
		hcall = find_host_hcall(id);

	trace_host_hcall(id, imm, hcall == hcall_not_implemented);

	cpu_reg(host_ctxt, 0) = SMCCC_RET_SUCCESS;
	hcall(host_ctxt);
}

/**
 * serve_host_hcall() - Serve a host hypercall that began while the trace was off
 * @host_ctxt: as for handle_host_hcall()
 *
 * Context: EL2, called by host.S on an HVC #0 from the host while the hypervisor's
 *	    trace is off, exceptions masked. May not return.
 */
asmlinkage void serve_host_hcall(struct kvm_cpu_context *host_ctxt)
{
	host_hcall_t hcall = find_host_hcall(cpu_reg(host_ctxt, 0));

	cpu_reg(host_ctxt, 0) = SMCCC_RET_SUCCESS;
	hcall(host_ctxt);
}

#ifdef CONFIG_NVHE_EL2_TRACING
/* For host.S, when the trace has been turned on during a call of serve_host_hcall(). */
asmlinkage void trace_host_hcall_end(struct kvm_cpu_context *host_ctxt)
{
	trace_hyp_exit(host_ctxt, HYP_REASON_ERET_HOST);
}
#endif
