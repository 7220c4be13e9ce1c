// SPDX-License-Identifier: GPL-2.0-only
// expect: too few arguments to function
// An argument is missing.
#include <asm/kvm_call_hyp.h>

void test(void);
void test(void)
{
	kvm_call_hyp_nvhe(__kvm_timer_set_cntvoff);
}
