// SPDX-License-Identifier: GPL-2.0-only
// expect: conflicting types for .__kvm_new_call
// list: new-call
// The function at EL2 has other arguments than its row.
#include <asm/kvm_call_hyp.h>

int __kvm_new_call(struct kvm_vcpu *vcpu, u32 arg)
{
	return vcpu->vcpu_id == arg;
}
