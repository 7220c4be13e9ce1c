// SPDX-License-Identifier: GPL-2.0-only
// expect: incompatible pointer type
// A pointer to another type than the one in the list.
#include <asm/kvm_call_hyp.h>

void test(struct kvm_vcpu *vcpu);
void test(struct kvm_vcpu *vcpu)
{
	kvm_call_hyp_nvhe(__kvm_tlb_flush_vmid, vcpu);
}
