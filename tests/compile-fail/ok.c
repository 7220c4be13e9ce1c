// SPDX-License-Identifier: GPL-2.0-only
// expect: no message
// The control: right calls. They have to compile, or the others fail for another reason.
#include <asm/kvm_call_hyp.h>

void test(struct kvm_s2_mmu *mmu, struct kvm_vcpu *vcpu, struct kvm *kvm,
	  struct pkvm_donated_vm *vm, struct pkvm_donated_pgd *pgd);
void test(struct kvm_s2_mmu *mmu, struct kvm_vcpu *vcpu, struct kvm *kvm,
	  struct pkvm_donated_vm *vm, struct pkvm_donated_pgd *pgd)
{
	WARN_ON(kvm_call_hyp_nvhe(__pkvm_init_vm, kvm, vm, pgd));
	kvm_call_hyp_nvhe(__kvm_timer_set_cntvoff, (u64)0);
	kvm_call_hyp_nvhe(__kvm_tlb_flush_vmid, mmu);
	if (kvm_call_hyp_nvhe(__kvm_vcpu_run, vcpu))
		kvm_call_hyp_nvhe(__kvm_flush_vm_context);
}
