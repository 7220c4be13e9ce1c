/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of the kernel, with one row more: nothing else is needed for a new call. */
KVM_HOST_HCALL(always, call, int, __kvm_new_call, ptr(struct kvm_vcpu *, vcpu), val(u64, arg))

#include_next <asm/kvm_host_hypercalls.h>
