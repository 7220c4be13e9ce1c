// SPDX-License-Identifier: GPL-2.0-only
// expect: no message
// list: new-call
// A row and a function are enough: number, prototype and caller come from the row.
#pragma GCC diagnostic error "-Wmissing-prototypes"
#include <asm/kvm_call_hyp.h>

int __kvm_new_call(struct kvm_vcpu *vcpu, u64 arg)
{
	return vcpu->vcpu_id == arg;
}

int test(struct kvm_vcpu *vcpu);
int test(struct kvm_vcpu *vcpu)
{
	static_assert(__KVM_HOST_SMCCC_FUNC___kvm_new_call == 1);

	return kvm_call_hyp_ret(__kvm_new_call, vcpu, 1);
}
