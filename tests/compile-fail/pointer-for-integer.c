// SPDX-License-Identifier: GPL-2.0-only
// expect: (makes integer from pointer|incompatible pointer to integer conversion)
// A pointer where the list has a u64.
// A warning before GCC 14, which CONFIG_WERROR makes an error.
#pragma GCC diagnostic error "-Wint-conversion"
#include <asm/kvm_call_hyp.h>

void test(struct kvm_vcpu *vcpu);
void test(struct kvm_vcpu *vcpu)
{
	kvm_call_hyp_nvhe(__kvm_timer_set_cntvoff, vcpu);
}
