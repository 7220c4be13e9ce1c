// SPDX-License-Identifier: GPL-2.0-only
// expect: too many arguments to function
// One argument too many.
#include <asm/kvm_call_hyp.h>

void test(void);
void test(void)
{
	kvm_call_hyp_nvhe(__kvm_timer_set_cntvoff, (u64)0, (u64)0);
}
