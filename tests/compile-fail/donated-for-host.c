// SPDX-License-Identifier: GPL-2.0-only
// expect: incompatible pointer type
// Two arguments of __pkvm_init_vm swapped: the host's VM, memory for EL2's.
#include <asm/kvm_call_hyp.h>

int test(struct kvm *kvm, struct pkvm_donated_vm *vm, struct pkvm_donated_pgd *pgd);
int test(struct kvm *kvm, struct pkvm_donated_vm *vm, struct pkvm_donated_pgd *pgd)
{
	return kvm_call_hyp_nvhe(__pkvm_init_vm, vm, kvm, pgd);
}
