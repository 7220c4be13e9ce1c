/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host hypercalls, as seen from EL2.
 */

#ifndef __ARM64_KVM_NVHE_HOST_HYPERCALL_H__
#define __ARM64_KVM_NVHE_HOST_HYPERCALL_H__

#include <asm/kvm_call_hyp.h>

/* The handlers written by hand, which live in hyp-main.c. */
#define KVM_HOST_HCALL(ret, name, ...)
#define KVM_HOST_HCALL_HANDLER(ret, name, ...)				\
	ret handle_##name(KVM_HCALL_PARAMS(__VA_ARGS__));
#include <asm/kvm_host_hypercalls.h>

void handle_host_hcall(struct kvm_cpu_context *host_ctxt, u64 esr);
asmlinkage void serve_host_hcall(struct kvm_cpu_context *host_ctxt);
asmlinkage void trace_host_hcall_end(struct kvm_cpu_context *host_ctxt);

#ifdef CONFIG_KVM_ARM_HOST_HYPERCALL_COUNTS
u64 __kvm_host_hcall_count(unsigned int cpu, unsigned int nr);
#endif

#if IS_ENABLED(CONFIG_KVM_ARM_HOST_HYPERCALL_KUNIT_TEST)
u64 __kvm_hcall_test_arg(unsigned int which, bool b, unsigned short h, int i,
			 u64 q, struct kvm_vcpu *ptr);
int __kvm_hcall_test_ret(u64 val);
void __kvm_hcall_test_void(void);
bool __kvm_hcall_test_implemented(unsigned int nr);
void __kvm_hcall_test_leaf(bool b, int i, struct kvm_vcpu *ptr);
u64 __kvm_hcall_test_leaf_arg(unsigned int which);
bool __kvm_hcall_test_tracing(void);
u64 __kvm_hcall_test_percpu(unsigned int which);
void __kvm_hcall_test_trap(void);
void __kvm_hcall_test_leaf_bug(void);

/* What the accessors of assembly find, see host_hypercall_test_asm.S. */
u64 __kvm_hcall_test_adr_this_cpu(void);
u64 __kvm_hcall_test_ldr_this_cpu(void);
u64 __kvm_hcall_test_get_host_ctxt(void);
u64 __kvm_hcall_test_get_vcpu_ptr(void);
u64 __kvm_hcall_test_get_loaded_vcpu(void);

DECLARE_PER_CPU(u64, kvm_hcall_test_percpu_var);
#endif

#endif /* __ARM64_KVM_NVHE_HOST_HYPERCALL_H__ */
