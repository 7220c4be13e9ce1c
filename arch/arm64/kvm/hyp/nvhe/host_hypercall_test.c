// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host hypercalls that do nothing but let tests/host_hypercalls_kunit.c see how
 * arguments and results cross the boundary. Never part of a kernel that
 * anybody's data depends on: they tell the host where EL2 maps a pointer.
 */

#include <nvhe/host_hypercall.h>

u64 __kvm_hcall_test_arg(unsigned int which, bool b, unsigned short h, int i,
			 u64 q, struct kvm_vcpu *ptr)
{
	switch (which) {
	case 1:
		return b;
	case 2:
		return h;
	case 3:
		return i;
	case 4:
		return q;
	case 5:
		return (u64)ptr;
	}

	return which;
}

int __kvm_hcall_test_ret(u64 val)
{
	return val;
}

void __kvm_hcall_test_void(void)
{
}
