/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Function IDs of the host hypercalls, generated from the list in
 * asm/kvm_host_hypercalls.h.
 */

#ifndef __ARM64_KVM_HOST_HYPERCALL_IDS_H__
#define __ARM64_KVM_HOST_HYPERCALL_IDS_H__

#include <linux/arm-smccc.h>
#include <linux/build_bug.h>
#include <linux/sizes.h>

#include <asm/kvm_asm.h>
#include <asm/virt.h>

/* The range markers take no number: each is that of the call behind it. */
enum __kvm_host_smccc_func {
#define KVM_HOST_HCALL(ret, name, ...)	__KVM_HOST_SMCCC_FUNC_##name,
#define KVM_HOST_HCALL_RANGE(range)	MARKER(KVM_HOST_HCALLS_##range),
#include <asm/kvm_host_hypercalls.h>
};

#define KVM_HOST_SMCCC_ID(id)						\
	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL,				\
			   ARM_SMCCC_SMC_64,				\
			   ARM_SMCCC_OWNER_VENDOR_HYP,			\
			   (id))

#define KVM_HOST_SMCCC_FUNC(name) KVM_HOST_SMCCC_ID(__KVM_HOST_SMCCC_FUNC_##name)

/*
 * The first 4 KiB of the values of x0 are reserved for the stub calls of
 * asm/virt.h, which KVM's vectors tell from its own calls by the value alone.
 */
static_assert(HVC_STUB_HCALL_NR <= SZ_4K);
static_assert(KVM_HOST_SMCCC_ID(KVM_HOST_HCALLS_BOOT) >= SZ_4K);

/* A function number has 16 bits, and it alone distinguishes two calls. */
static_assert(ARM_SMCCC_FUNC_NUM(KVM_HOST_HCALLS_END) == KVM_HOST_HCALLS_END);

/* What EL2 refuses, and when, depends on the order of the ranges. */
static_assert(KVM_HOST_HCALLS_BOOT == 0);
static_assert(KVM_HOST_HCALLS_BOOT < KVM_HOST_HCALLS_ALWAYS);
static_assert(KVM_HOST_HCALLS_ALWAYS < KVM_HOST_HCALLS_PKVM);
static_assert(KVM_HOST_HCALLS_PKVM < KVM_HOST_HCALLS_END);

#endif /* __ARM64_KVM_HOST_HYPERCALL_IDS_H__ */
