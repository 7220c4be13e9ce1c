// SPDX-License-Identifier: GPL-2.0-only
// expect: (invalid use of undefined type|incomplete definition of type)
// Memory that is donated is of no type that can be looked into.
#include <asm/kvm_call_hyp.h>

unsigned long test(struct pkvm_donated_vcpu *vcpu);
unsigned long test(struct pkvm_donated_vcpu *vcpu)
{
	return vcpu->flags;
}
