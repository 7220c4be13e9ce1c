// SPDX-License-Identifier: GPL-2.0-only
// expect: incompatible pointer type
// The memory of a VM where that of a vCPU is wanted.
#include <asm/kvm_call_hyp.h>

int test(struct kvm_vcpu *vcpu, struct pkvm_donated_vm *vm);
int test(struct kvm_vcpu *vcpu, struct pkvm_donated_vm *vm)
{
	return kvm_call_hyp_nvhe(__pkvm_init_vcpu, 0, vcpu, vm);
}
