/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host hypercalls of asm/kvm_host_hypercalls.h at EL2.
 */

#ifndef __ARM64_KVM_NVHE_HOST_HYPERCALL_H__
#define __ARM64_KVM_NVHE_HOST_HYPERCALL_H__

#include <asm/kvm_call_hyp.h>
#include <asm/kvm_mmu.h>

#include <nvhe/trap_handler.h>

/*
 * An argument in its register, before C converts it to the parameter's type. The
 * host's pointers become hyp VAs. There are no casts, so a pointer that the list
 * has as a value, or the reverse, does not go unnoticed.
 */
#define __HCALL_ARG_val(type, arg)
#define __HCALL_ARG_ptr(type, arg)	(void *)kern_hyp_va
#define __HCALL_ARG(r, arg)		__HCALL_ARG_##arg(cpu_reg(host_ctxt, r))
#define __HCALL_ARG_none

/* What a call returns goes to x1: 0 if that is void. */
#define __HCALL_RESULT(ret, call)					\
	__builtin_choose_expr(__same_type(ret, void), ({ call; 0UL; }), call)

/* Serve a call with @fn, a function with the parameters that the list declares. */
#define HCALL_UNMARSHAL(host_ctxt, ret, fn, ...)			\
	(cpu_reg(host_ctxt, 1) =					\
	 __HCALL_RESULT(ret, fn(HCALL_MAP(__HCALL_ARG, 1, ##__VA_ARGS__))))

/* Status and result of a leaf call, for host.S in x0 and x1. */
struct leaf_result {
	u64 x0;
	u64 x1;
};

/* The entries in the tables that live in hyp-main.c. */
#define HCALL_call(ret, name, ...)
#define HCALL_handler(ret, name, ...)					\
	void handle_##name(struct kvm_cpu_context *host_ctxt);
#define HCALL_leaf(ret, name, ...)					\
	void handle_##name(struct kvm_cpu_context *host_ctxt);		\
	struct leaf_result leaf_##name(u64 x0, u64 x1, u64 x2, u64 x3);
#define KVM_HOST_HCALL(when, kind, ...)	HCALL_##kind(__VA_ARGS__)
#include <asm/kvm_host_hypercalls.h>
#undef HCALL_call
#undef HCALL_handler
#undef HCALL_leaf

void handle_host_hcall(struct kvm_cpu_context *host_ctxt);

#endif /* __ARM64_KVM_NVHE_HOST_HYPERCALL_H__ */
