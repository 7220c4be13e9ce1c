// SPDX-License-Identifier: GPL-2.0-only
// expect: (implicit declaration of function|call to undeclared function).*__kvm_no_such_call
// A name that is not in the list.
#include <asm/kvm_call_hyp.h>

void test(void);
void test(void)
{
	kvm_call_hyp_nvhe(__kvm_no_such_call);
}
