// SPDX-License-Identifier: GPL-2.0-only
// expect: (makes pointer from integer|incompatible integer to pointer conversion)
// An integer where the list has a struct kvm_s2_mmu *.
// A warning before GCC 14, which CONFIG_WERROR makes an error.
#pragma GCC diagnostic error "-Wint-conversion"
#include <asm/kvm_call_hyp.h>

void test(unsigned long mmu);
void test(unsigned long mmu)
{
	kvm_call_hyp_nvhe(__kvm_tlb_flush_vmid, mmu);
}
