/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of the host hypercalls in asm/kvm_host_hypercalls.h.
 */

#ifndef __ARM64_KVM_HOST_HYPERCALL_IDS_H__
#define __ARM64_KVM_HOST_HYPERCALL_IDS_H__

#include <linux/arm-smccc.h>
#include <linux/build_bug.h>
#include <linux/sizes.h>

#include <asm/kvm_asm.h>
#include <asm/virt.h>

enum __kvm_host_smccc_func {
	/* The call that installs KVM's vectors is served by hyp-init.S. */
	__KVM_HOST_SMCCC_FUNC_INIT = __KVM_HOST_SMCCC_FUNC___kvm_hyp_init,
#define KVM_HOST_HCALL(when, kind, ret, name, ...)			\
	__KVM_HOST_SMCCC_FUNC_##name,
#include <asm/kvm_host_hypercalls.h>
	__KVM_HOST_SMCCC_FUNC_MAX
};

/* The first 4 KiB of x0's values are reserved for the stub calls. */
static_assert(HVC_STUB_HCALL_NR <= SZ_4K);
static_assert(KVM_HOST_SMCCC_ID(0) >= SZ_4K);

static_assert(__KVM_HOST_SMCCC_FUNC_MAX <= ARM_SMCCC_FUNC_MASK);

#endif /* __ARM64_KVM_HOST_HYPERCALL_IDS_H__ */
