// SPDX-License-Identifier: GPL-2.0-only
// expect: (void value not ignored|incompatible type .void.)
// The result of a hypercall that returns none.
#include <asm/kvm_call_hyp.h>

int test(void);
int test(void)
{
	int ret = kvm_call_hyp_nvhe(__kvm_flush_vm_context);

	return ret;
}
