// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host hypercalls that do nothing but let tests/host_hypercalls_kunit.c see how
 * arguments and results cross the boundary. Never part of a kernel that
 * anybody's data depends on: they tell the host where EL2 maps a pointer.
 */

#include <asm/kvm_hyp.h>

#include <nvhe/host_hypercall.h>
#include <nvhe/trace.h>

u64 __kvm_hcall_test_arg(unsigned int which, bool b, unsigned short h, int i,
			 u64 q, struct kvm_vcpu *ptr)
{
	switch (which) {
	case 1:
		return b;
	case 2:
		return h;
	case 3:
		return i;
	case 4:
		return q;
	case 5:
		return (u64)ptr;
	}

	return which;
}

int __kvm_hcall_test_ret(u64 val)
{
	return val;
}

void __kvm_hcall_test_void(void)
{
}

static DEFINE_PER_CPU(u64 [3], leaf_args);

/* Keep the arguments, and leave something of EL2's in every register. */
void __kvm_hcall_test_leaf(bool b, int i, struct kvm_vcpu *ptr)
{
	u64 *args = *this_cpu_ptr(&leaf_args);

	args[0] = b;
	args[1] = i;
	args[2] = (u64)ptr;

	asm volatile("	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n"
		     "	mov	x\\n, sp\n"
		     "	.endr\n"
		     : : : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
			   "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
			   "x17");
}

u64 __kvm_hcall_test_leaf_arg(unsigned int which)
{
	return which < 3 ? (*this_cpu_ptr(&leaf_args))[which] : 0;
}

/* Whether leaf calls take the full path at the moment. */
bool __kvm_hcall_test_tracing(void)
{
#ifdef CONFIG_NVHE_EL2_TRACING
	return READ_ONCE(hyp_tracing);
#else
	return false;
#endif
}

DEFINE_PER_CPU(u64, kvm_hcall_test_percpu_var);

/* What @load finds as the vCPU in @ctxt. None is running: any value will do. */
static u64 load_vcpu(struct kvm_cpu_context *ctxt, u64 (*load)(void))
{
	struct kvm_vcpu *vcpu = ctxt->__hyp_running_vcpu;
	u64 val;

	ctxt->__hyp_running_vcpu = (struct kvm_vcpu *)host_data_ptr(host_ctxt);
	val = load();
	ctxt->__hyp_running_vcpu = vcpu;

	return val;
}

u64 __kvm_hcall_test_percpu(unsigned int which)
{
	u64 *var = this_cpu_ptr(&kvm_hcall_test_percpu_var);

	switch (which) {
	case KVM_HCALL_TEST_TPIDR:
		return read_sysreg(tpidr_el2);
	case KVM_HCALL_TEST_C_ADDRESS:
		return (u64)var;
	case KVM_HCALL_TEST_ASM_ADDRESS:
		return __kvm_hcall_test_adr_this_cpu();
	case KVM_HCALL_TEST_ASM_LOAD:
		/* Finds its own address there. */
		*var = (u64)var;
		return __kvm_hcall_test_ldr_this_cpu();
	case KVM_HCALL_TEST_C_HOST_CTXT:
		return (u64)host_data_ptr(host_ctxt);
	case KVM_HCALL_TEST_ASM_HOST_CTXT:
		return __kvm_hcall_test_get_host_ctxt();
	case KVM_HCALL_TEST_ASM_VCPU:
		return load_vcpu(host_data_ptr(host_ctxt),
				 __kvm_hcall_test_get_vcpu_ptr);
	case KVM_HCALL_TEST_ASM_LOADED_VCPU:
		return load_vcpu(this_cpu_ptr(&kvm_hyp_ctxt),
				 __kvm_hcall_test_get_loaded_vcpu);
	}

	return 0;
}

/* Have the host's next access to ACTLR_EL1 trap, which nothing expects. */
void __kvm_hcall_test_trap(void)
{
	sysreg_clear_set_hcr(0, HCR_TACR);
}

/* Go wrong while the registers of the host aren't saved. */
void __kvm_hcall_test_leaf_bug(void)
{
	BUG();
}
