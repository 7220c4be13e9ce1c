/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For host_hypercall_test.c: what the per-CPU accessors of assembly find.
 */

#include <linux/linkage.h>

#include <asm/assembler.h>
#include <asm/kvm_asm.h>

	.text

SYM_FUNC_START(__kvm_hcall_test_adr_this_cpu)
	adr_this_cpu	x0, kvm_hcall_test_percpu_var, x1
	ret
SYM_FUNC_END(__kvm_hcall_test_adr_this_cpu)

SYM_FUNC_START(__kvm_hcall_test_ldr_this_cpu)
	ldr_this_cpu	x0, kvm_hcall_test_percpu_var, x1
	ret
SYM_FUNC_END(__kvm_hcall_test_ldr_this_cpu)

SYM_FUNC_START(__kvm_hcall_test_get_host_ctxt)
	get_host_ctxt	x0, x1
	ret
SYM_FUNC_END(__kvm_hcall_test_get_host_ctxt)

SYM_FUNC_START(__kvm_hcall_test_get_vcpu_ptr)
	get_vcpu_ptr	x0, x1
	ret
SYM_FUNC_END(__kvm_hcall_test_get_vcpu_ptr)

SYM_FUNC_START(__kvm_hcall_test_get_loaded_vcpu)
	get_loaded_vcpu	x0, x1
	ret
SYM_FUNC_END(__kvm_hcall_test_get_loaded_vcpu)
