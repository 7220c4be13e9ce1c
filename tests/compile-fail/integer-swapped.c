// SPDX-License-Identifier: GPL-2.0-only
// expect: (makes pointer from integer|incompatible integer to pointer conversion)
// A pointer and an integer swapped.
// A warning before GCC 14, which CONFIG_WERROR makes an error.
#pragma GCC diagnostic error "-Wint-conversion"
#include <asm/kvm_call_hyp.h>

void test(struct kvm_s2_mmu *mmu, phys_addr_t ipa);
void test(struct kvm_s2_mmu *mmu, phys_addr_t ipa)
{
	kvm_call_hyp_nvhe(__kvm_tlb_flush_vmid_ipa, ipa, mmu, 0);
}
