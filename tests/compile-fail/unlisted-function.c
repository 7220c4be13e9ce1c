// SPDX-License-Identifier: GPL-2.0-only
// expect: (implicit declaration of function|call to undeclared function).*__kvm_debug_dummy
// A function of that name exists, but the list does not have it.
#include <asm/kvm_call_hyp.h>

static int __kvm_debug_dummy(void) { return 0; }
int test(void);
int test(void)
{
	return __kvm_debug_dummy() + kvm_call_hyp_nvhe(__kvm_debug_dummy);
}
