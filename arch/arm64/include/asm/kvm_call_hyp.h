/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Typed callers of the host hypercalls in asm/kvm_host_hypercalls.h. Whoever uses
 * kvm_call_hyp(), kvm_call_hyp_ret() or kvm_call_hyp_nvhe() includes this file.
 */

#ifndef __ARM64_KVM_CALL_HYP_H__
#define __ARM64_KVM_CALL_HYP_H__

#include <linux/args.h>
#include <linux/arm-smccc.h>
#include <linux/bug.h>
#include <linux/kvm_host.h>

#include <asm/kvm_host_hypercall_ids.h>
#include <asm/kvm_pgtable.h>
#include <asm/kvm_pkvm.h>
#include <asm/spectre.h>

struct hyp_trace_desc;

/*
 * Expand m(r, arg) for each argument of a row, comma-separated, where r is the
 * number of the argument's register, @first for the first one. m##_none without
 * arguments.
 */
#define __HCALL_MAP0(m, r)		m##_none
#define __HCALL_MAP1(m, r, arg)		m(r, arg)
#define __HCALL_MAP2(m, r, arg, ...)	m(r, arg), __HCALL_MAP1(m, r + 1, __VA_ARGS__)
#define __HCALL_MAP3(m, r, arg, ...)	m(r, arg), __HCALL_MAP2(m, r + 1, __VA_ARGS__)
#define __HCALL_MAP4(m, r, arg, ...)	m(r, arg), __HCALL_MAP3(m, r + 1, __VA_ARGS__)
#define __HCALL_MAP5(m, r, arg, ...)	m(r, arg), __HCALL_MAP4(m, r + 1, __VA_ARGS__)
#define __HCALL_MAP6(m, r, arg, ...)	m(r, arg), __HCALL_MAP5(m, r + 1, __VA_ARGS__)
#define __HCALL_MAP7(m, r, arg, ...)	m(r, arg), __HCALL_MAP6(m, r + 1, __VA_ARGS__)
#define __HCALL_MAP8(m, r, arg, ...)	m(r, arg), __HCALL_MAP7(m, r + 1, __VA_ARGS__)
#define HCALL_MAP(m, first, ...)					\
	CONCATENATE(__HCALL_MAP, COUNT_ARGS(__VA_ARGS__))(m, first, ##__VA_ARGS__)

/* The parameters of a C function. */
#define __HCALL_PARAM_val(type, arg)	type arg
#define __HCALL_PARAM_ptr(type, arg)	type arg
#define __HCALL_PARAM(r, arg)		__HCALL_PARAM_##arg
#define __HCALL_PARAM_none		void
#define HCALL_PARAMS(...)		HCALL_MAP(__HCALL_PARAM, 1, ##__VA_ARGS__)

/* The functions that serve a call at EL2, and also its callers with VHE. */
#define HCALL_call(ret, name, ...)	ret name(HCALL_PARAMS(__VA_ARGS__));
#define HCALL_handler(ret, name, ...)
#define HCALL_leaf(ret, name, ...)
#define KVM_HOST_HCALL(when, kind, ...)	HCALL_##kind(__VA_ARGS__)
#include <asm/kvm_host_hypercalls.h>
#undef HCALL_call
#undef HCALL_handler
#undef HCALL_leaf

#ifndef __KVM_NVHE_HYPERVISOR__

/* An argument in its register, extended to 64 bits as its type demands. */
#define __HCALL_REG_val(type, arg)	(unsigned long)(arg)
#define __HCALL_REG_ptr(type, arg)	(unsigned long)(arg)
#define __HCALL_REG(r, arg)		__HCALL_REG_##arg

#define KVM_HOST_HCALL(when, kind, ret, name, ...)			\
static __always_inline ret __kvm_hcall_##name(HCALL_PARAMS(__VA_ARGS__)) \
{									\
	const u32 __id = KVM_HOST_SMCCC_FUNC(name);			\
	struct arm_smccc_res __res;					\
									\
	arm_smccc_1_1_hvc(HCALL_MAP(__HCALL_REG, 0, val(u32, __id),	\
				    ##__VA_ARGS__), &__res);		\
	if (WARN_ON(__res.a0 != SMCCC_RET_SUCCESS))			\
		__res.a1 = -EOPNOTSUPP;					\
									\
	return (ret)__res.a1;						\
}
#include <asm/kvm_host_hypercalls.h>

#endif /* !__KVM_NVHE_HYPERVISOR__ */

#endif /* __ARM64_KVM_CALL_HYP_H__ */
