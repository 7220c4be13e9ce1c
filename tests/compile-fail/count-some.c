// SPDX-License-Identifier: GPL-2.0-only
// expect: too many arguments to function
// An argument for a hypercall that takes none.
#include <asm/kvm_call_hyp.h>

void test(void);
void test(void)
{
	kvm_call_hyp_nvhe(__kvm_flush_vm_context, (u64)0);
}
