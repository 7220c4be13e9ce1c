/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls from the host to EL2: as host hypercalls when the kernel runs at EL1,
 * as function calls when it runs at EL2 itself.
 */

#ifndef __ARM64_KVM_CALL_HYP_H__
#define __ARM64_KVM_CALL_HYP_H__

#include <linux/args.h>
#include <linux/arm-smccc.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kvm_host.h>

#include <asm/barrier.h>
#include <asm/kvm_host_hypercall_ids.h>
#include <asm/kvm_pgtable.h>
#include <asm/spectre.h>
#include <asm/virt.h>

/*
 * Expand m(r, type, arg) for each argument of a hypercall, comma-separated,
 * where r is the number of the register that carries it, @first for the first
 * one. Without an argument, the expansion is m##_NONE.
 */
#define __KVM_HCALL_MAP0(m, r)		m##_NONE
#define __KVM_HCALL_MAP2(m, r, t, a)	m(r, t, a)
#define __KVM_HCALL_MAP4(m, r, t, a, ...)				\
	m(r, t, a), __KVM_HCALL_MAP2(m, r + 1, __VA_ARGS__)
#define __KVM_HCALL_MAP6(m, r, t, a, ...)				\
	m(r, t, a), __KVM_HCALL_MAP4(m, r + 1, __VA_ARGS__)
#define __KVM_HCALL_MAP8(m, r, t, a, ...)				\
	m(r, t, a), __KVM_HCALL_MAP6(m, r + 1, __VA_ARGS__)
#define __KVM_HCALL_MAP10(m, r, t, a, ...)				\
	m(r, t, a), __KVM_HCALL_MAP8(m, r + 1, __VA_ARGS__)
#define __KVM_HCALL_MAP12(m, r, t, a, ...)				\
	m(r, t, a), __KVM_HCALL_MAP10(m, r + 1, __VA_ARGS__)
#define __KVM_HCALL_MAP14(m, r, t, a, ...)				\
	m(r, t, a), __KVM_HCALL_MAP12(m, r + 1, __VA_ARGS__)
#define __KVM_HCALL_MAP(m, first, ...)					\
	CONCATENATE(__KVM_HCALL_MAP, COUNT_ARGS(__VA_ARGS__))(m, first, ##__VA_ARGS__)

/* The parameter list of a hypercall's C functions. */
#define __KVM_HCALL_PARAM(r, type, arg)	type arg
#define __KVM_HCALL_PARAM_NONE		void
#define KVM_HCALL_PARAMS(...)		__KVM_HCALL_MAP(__KVM_HCALL_PARAM, 1, ##__VA_ARGS__)

#if IS_ENABLED(CONFIG_KVM_ARM_HOST_HYPERCALL_KUNIT_TEST)
/* What is compared of the per-CPU data of EL2, for the KUnit suite. */
enum kvm_hcall_test_percpu {
	KVM_HCALL_TEST_TPIDR,
	KVM_HCALL_TEST_C_ADDRESS,
	KVM_HCALL_TEST_ASM_ADDRESS,
	KVM_HCALL_TEST_ASM_LOAD,
	KVM_HCALL_TEST_C_HOST_CTXT,
	KVM_HCALL_TEST_ASM_HOST_CTXT,
	KVM_HCALL_TEST_ASM_VCPU,
	KVM_HCALL_TEST_ASM_LOADED_VCPU,
	KVM_HCALL_TEST_PERCPU_NR
};
#endif

#ifndef __KVM_NVHE_HYPERVISOR__

/*
 * An argument as it goes into its register: extended to 64 bits according to
 * its type, as nothing else defines the upper bits.
 */
#define __KVM_HCALL_REG(r, type, arg)	(unsigned long)(arg)

/*
 * A leaf call changes the caller-saved registers, of which SMCCC 1.1, and so
 * arm_smccc_1_1_hvc(), preserves x4 to x17.
 */
static __always_inline unsigned long
__kvm_hvc_leaf(unsigned long id, unsigned long arg1, unsigned long arg2,
	       unsigned long arg3)
{
	register unsigned long x0 asm("x0") = id;
	register unsigned long x1 asm("x1") = arg1;
	register unsigned long x2 asm("x2") = arg2;
	register unsigned long x3 asm("x3") = arg3;

	asm volatile("hvc	#0"
		     : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3)
		     :
		     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
		       "x13", "x14", "x15", "x16", "x17",
#ifndef CONFIG_SHADOW_CALL_STACK
		       "x18",
#endif
		       "memory");

	return x0;
}

/* A register that carries no argument is 0. */
#define __kvm_hvc_leaf_pad(id, arg1, arg2, arg3, ...)			\
	__kvm_hvc_leaf(id, arg1, arg2, arg3)
#define kvm_hvc_leaf(...)	__kvm_hvc_leaf_pad(__VA_ARGS__, 0, 0, 0)

/*
 * One function per hypercall, so that the compiler holds the arguments of every
 * call site against the list. The names of its own variables can't be those of
 * an argument. The name of the call must be pasted before anything else expands
 * it, as __kvm_hyp_init is also a macro.
 */
#define KVM_HOST_HCALL(ret, name, ...)					\
static __always_inline ret __kvm_hcall_##name(KVM_HCALL_PARAMS(__VA_ARGS__)) \
{									\
	const unsigned long __id =					\
		KVM_HOST_SMCCC_ID(__KVM_HOST_SMCCC_FUNC_##name);	\
	struct arm_smccc_res __res;					\
									\
	arm_smccc_1_1_hvc(__KVM_HCALL_MAP(__KVM_HCALL_REG, 0,		\
					  unsigned long, __id,		\
					  ##__VA_ARGS__),		\
			  &__res);					\
	if (WARN_ON(__res.a0 != SMCCC_RET_SUCCESS))			\
		__res.a1 = -EOPNOTSUPP;					\
									\
	return (ret)__res.a1;						\
}

#define KVM_HOST_HCALL_LEAF(ret, name, ...)				\
static __always_inline ret __kvm_hcall_##name(KVM_HCALL_PARAMS(__VA_ARGS__)) \
{									\
	const unsigned long __id =					\
		KVM_HOST_SMCCC_ID(__KVM_HOST_SMCCC_FUNC_##name);	\
									\
	WARN_ON(kvm_hvc_leaf(__KVM_HCALL_MAP(__KVM_HCALL_REG, 0,	\
					     unsigned long, __id,	\
					     ##__VA_ARGS__)) !=		\
		SMCCC_RET_SUCCESS);					\
}
#define KVM_HOST_HCALL_LEAF_HANDLER	KVM_HOST_HCALL_LEAF

#include <asm/kvm_host_hypercalls.h>

const char *kvm_host_hcall_name(u64 id);

#if IS_ENABLED(CONFIG_KVM_ARM_HOST_HYPERCALL_KUNIT_TEST)
enum kvm_hcall_test_el2 {
	KVM_HCALL_TEST_EL2_NONE,
	KVM_HCALL_TEST_EL2_STUB,
	KVM_HCALL_TEST_EL2_KVM,
	KVM_HCALL_TEST_EL2_PKVM,
};

enum kvm_hcall_test_el2 kvm_hcall_test_el2(void);
phys_addr_t kvm_hcall_test_init_vectors(void);
u64 kvm_hcall_test_percpu(enum kvm_hcall_test_percpu which);
int kvm_hcall_test_suspend_cpu(void);
#endif

/**
 * kvm_call_hyp_nvhe() - Make a host hypercall
 * @f: name of the hypercall, as declared in asm/kvm_host_hypercalls.h
 * @...: its arguments, of the types declared there. Pointers are kernel VAs in
 *	 the linear map.
 *
 * Context: Any, with the kernel at EL1 and KVM installed at EL2 of this CPU, or
 *	    about to be, for __kvm_hyp_init. The call is served on the CPU that
 *	    makes it: if that matters, the caller has preemption disabled.
 * Return: What the hypercall returns, as the type declared in the list. If EL2
 *	   refuses the call, -EOPNOTSUPP converted to that type (true, for a
 *	   bool), after a warning.
 */
#define kvm_call_hyp_nvhe(f, ...)	__kvm_hcall_##f(__VA_ARGS__)

/*
 * The isb() below is there to guarantee the same behaviour on VHE as on !VHE,
 * where the eret to EL1 acts as a context synchronization event.
 */
#define kvm_call_hyp(f, ...)						\
	do {								\
		if (has_vhe()) {					\
			f(__VA_ARGS__);					\
			isb();						\
		} else {						\
			kvm_call_hyp_nvhe(f, ##__VA_ARGS__);		\
		}							\
	} while (0)

#define kvm_call_hyp_ret(f, ...)					\
	({								\
		typeof(f(__VA_ARGS__)) ret;				\
									\
		if (has_vhe()) {					\
			ret = f(__VA_ARGS__);				\
		} else {						\
			ret = kvm_call_hyp_nvhe(f, ##__VA_ARGS__);	\
		}							\
									\
		ret;							\
	})

#else /* __KVM_NVHE_HYPERVISOR__ */

#define kvm_call_hyp(f, ...) f(__VA_ARGS__)
#define kvm_call_hyp_ret(f, ...) f(__VA_ARGS__)
#define kvm_call_hyp_nvhe(f, ...) f(__VA_ARGS__)

#endif /* __KVM_NVHE_HYPERVISOR__ */

#endif /* __ARM64_KVM_CALL_HYP_H__ */
