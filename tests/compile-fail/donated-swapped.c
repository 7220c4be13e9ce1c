// SPDX-License-Identifier: GPL-2.0-only
// expect: incompatible pointer type
// Two arguments of __pkvm_init_vm swapped: memory for the VM, memory for its page table.
#include <asm/kvm_call_hyp.h>

int test(struct kvm *kvm, struct pkvm_donated_vm *vm, struct pkvm_donated_pgd *pgd);
int test(struct kvm *kvm, struct pkvm_donated_vm *vm, struct pkvm_donated_pgd *pgd)
{
	return kvm_call_hyp_nvhe(__pkvm_init_vm, kvm, pgd, vm);
}
