/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What KVM answers to a hypercall, given the firmware registers and the VM. Everything
 * that isn't here is NOT_SUPPORTED. Used by guests and by the VMM.
 *
 *  - HVC: the immediate is ignored. EL2 answers the workarounds, whatever they are.
 *  - SMC: with an immediate, it is NOT_SUPPORTED. From AArch32, the immediate isn't in
 *    the syndrome, and KVM takes it for 0.
 *  - The SMCCC filter denies what is in its range.
 */
#ifndef SMCCC_H
#define SMCCC_H

#include "fuzz.h"

#define NR_VCPUS		4
#define NONE			(~0UL)
#define NO			((u64)SMCCC_RET_NOT_SUPPORTED)
#define HWID_BITMASK		0xff00ffffffUL

#define A64_IMM			GENMASK(20, 5)	/* of HVC and SMC */

enum event { NO_EVENT, CPU_SUSPEND, CPU_OFF, SHUTDOWN, SHUTDOWN2, RESET, RESET2, SUSPEND };

/* What the guest may know of its VM, and what to do */
static struct config {
	u64 seed, vm, calls;
	u64 bmap[NR_BMAPS], workaround[4];
	u64 pvtime[NR_VCPUS], pvlock[NR_VCPUS];
	u32 psci, nr_vcpus, filter_base, filter_nr;
	bool stop, aarch32, system_suspend;
	u32 *insns;
} config;

struct call {
	u64 in[31], out[31];
	u64 want[4], any[4];		/* x0 to x3, but for the bits of any[] */
	enum event event;
	u32 insn;
	int cpu;
};

static bool is_smc(const struct call *call)
{
	return call->insn & (config.aarch32 ? BIT(21) : BIT(0));
}

static u64 mask(long bits)
{
	return bits <= 0 ? 0 : bits >= 64 ? ~0UL : BIT(bits) - 1;
}

/* Is @id among the @n functions from @first, and not SMC64 for AArch32? */
static bool in_range(u32 id, u32 first, u32 n)
{
	return id - first < n && !(config.aarch32 && ARM_SMCCC_IS_64(id));
}

static bool is_trng(u32 id)
{
	return in_range(id, ARM_SMCCC_TRNG_VERSION, 4) || in_range(id, ARM_SMCCC_TRNG_RND64, 1);
}

static u64 arch_feature(u32 id)
{
	switch (id) {
	case ARM_SMCCC_ARCH_WORKAROUND_1:
		return config.workaround[1] - 1;	/* not available, available, not required */
	case ARM_SMCCC_ARCH_WORKAROUND_2:
		return config.workaround[2] == KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2_NOT_REQUIRED ?
			SMCCC_RET_NOT_REQUIRED : NO;
	case ARM_SMCCC_ARCH_WORKAROUND_3:
		return config.workaround[3] - 1;
	}
	return in_range(id, ARM_SMCCC_HV_PV_TIME_FEATURES, 1) && (config.bmap[1] & BIT(0)) ? 0 : NO;
}

/* All vCPUs are on, and vCPU n has n as its affinity. */
static u64 affinity_info(u64 target, u64 level)
{
	u64 mask = HWID_BITMASK & ~(BIT(8 * (level & 3)) - 1);

	if (level > 3 || (target & ~HWID_BITMASK) ||
	    (target & mask) >= (level ? 1 : config.nr_vcpus))
		return PSCI_RET_INVALID_PARAMS;
	return 0;
}

static u64 psci_feature(u32 id)
{
	if (config.aarch32 && ARM_SMCCC_IS_64(id))
		return NO;

	switch (id & ~BIT(30)) {
	case ARM_SMCCC_VERSION_FUNC_ID:
	case PSCI_0_2_FN_PSCI_VERSION:
	case PSCI_0_2_FN_CPU_OFF:
	case PSCI_0_2_FN_MIGRATE_INFO_TYPE:
	case PSCI_0_2_FN_SYSTEM_OFF:
	case PSCI_0_2_FN_SYSTEM_RESET:
	case PSCI_1_0_FN_PSCI_FEATURES:
		return ARM_SMCCC_IS_64(id) ? NO : 0;
	case PSCI_0_2_FN_CPU_SUSPEND:
	case PSCI_0_2_FN_CPU_ON:
	case PSCI_0_2_FN_AFFINITY_INFO:
		return 0;
	case PSCI_1_0_FN_SYSTEM_SUSPEND:
		return config.system_suspend ? 0 : NO;
	case PSCI_1_1_FN_SYSTEM_RESET2:
		return config.psci >= PSCI_VERSION(1, 1) ? 0 : NO;
	case PSCI_1_3_FN_SYSTEM_OFF2:
		return config.psci >= PSCI_VERSION(1, 3) ? PSCI_1_3_OFF_TYPE_HIBERNATE_OFF : NO;
	}
	return NO;
}

static u64 expect_event(struct call *call, enum event event, u64 ret)
{
	call->event = event;
	return ret;
}

static u64 psci_0_1(struct call *call)
{
	switch ((u32)call->in[0]) {
	case KVM_PSCI_FN_CPU_OFF:
		return expect_event(call, CPU_OFF, 0);
	case KVM_PSCI_FN_CPU_ON:
		return PSCI_RET_INVALID_PARAMS;
	}
	return NO;
}

static u64 psci(struct call *call)
{
	u32 id = call->in[0], type = call->in[1];
	u64 arg1 = ARM_SMCCC_IS_64(id) ? call->in[1] : type;
	u64 arg2 = ARM_SMCCC_IS_64(id) ? call->in[2] : (u32)call->in[2];

	switch (id) {
	case PSCI_0_2_FN_PSCI_VERSION:
		return config.psci;
	case PSCI_0_2_FN_CPU_SUSPEND:
	case PSCI_0_2_FN64_CPU_SUSPEND:
		return expect_event(call, CPU_SUSPEND, 0);
	case PSCI_0_2_FN_CPU_OFF:
		return expect_event(call, CPU_OFF, 0);
	case PSCI_0_2_FN_CPU_ON:
	case PSCI_0_2_FN64_CPU_ON:
		return affinity_info(arg1, 0) ?: PSCI_RET_ALREADY_ON;
	case PSCI_0_2_FN_AFFINITY_INFO:
	case PSCI_0_2_FN64_AFFINITY_INFO:
		return affinity_info(arg1, arg2);
	case PSCI_0_2_FN_MIGRATE_INFO_TYPE:
		return PSCI_0_2_TOS_MP;
	case PSCI_0_2_FN_SYSTEM_OFF:
		return expect_event(call, SHUTDOWN, PSCI_RET_INTERNAL_FAILURE);
	case PSCI_0_2_FN_SYSTEM_RESET:
		return expect_event(call, RESET, PSCI_RET_INTERNAL_FAILURE);
	}
	if (config.psci < PSCI_VERSION(1, 0))
		return NO;

	switch (id) {
	case PSCI_1_0_FN_PSCI_FEATURES:
		return psci_feature(call->in[1]);
	case PSCI_1_0_FN_SYSTEM_SUSPEND:
	case PSCI_1_0_FN64_SYSTEM_SUSPEND:
		/* The VMM is to set the result, and doesn't. */
		for (int i = 0; config.system_suspend && i < 4; i++)
			call->any[i] = ~0UL;
		return config.system_suspend ? expect_event(call, SUSPEND, 0) : NO;
	case PSCI_1_1_FN_SYSTEM_RESET2:
	case PSCI_1_1_FN64_SYSTEM_RESET2:
		if (config.psci < PSCI_VERSION(1, 1))
			return NO;
		if (type && type < PSCI_1_1_RESET_TYPE_VENDOR_START)
			return PSCI_RET_INVALID_PARAMS;
		call->any[1] = call->any[2] = call->any[3] = ~0UL;
		return expect_event(call, RESET2, PSCI_RET_INTERNAL_FAILURE);
	case PSCI_1_3_FN_SYSTEM_OFF2:
	case PSCI_1_3_FN64_SYSTEM_OFF2:
		if (config.psci < PSCI_VERSION(1, 3))
			return NO;
		if (type > PSCI_1_3_OFF_TYPE_HIBERNATE_OFF || arg2)
			return PSCI_RET_INVALID_PARAMS;
		return expect_event(call, SHUTDOWN2, PSCI_RET_INTERNAL_FAILURE);
	}
	return NO;
}

static void set_want(struct call *call, u64 x0, u64 x1, u64 x2, u64 x3)
{
	call->want[0] = x0;
	call->want[1] = x1;
	call->want[2] = x2;
	call->want[3] = x3;
}

/* @bits random bits in x1 to x3, @size each */
static void expect_random(struct call *call, long size)
{
	u32 bits = call->in[1];

	call->want[0] = bits > 3 * size ? PSCI_RET_INVALID_PARAMS : 0;
	for (int i = 1; i < 4 && !call->want[0]; i++)
		call->any[i] = mask(min_t(long, size, bits - (3 - i) * size));
}

static void expect(struct call *call)
{
	u32 id = call->in[0], arg = call->in[1];
	bool pvtime = config.pvtime[call->cpu] != NONE, pvlock = config.pvlock[call->cpu] != NONE;
	u64 *want = call->want;

	set_want(call, NO, 0, 0, 0);
	memset(call->any, 0, sizeof(call->any));
	call->event = NO_EVENT;

	if (is_smc(call) && !config.aarch32 && (call->insn & A64_IMM)) {
		set_want(call, NO, call->in[1], call->in[2], call->in[3]);
		return;
	}
	if (!is_smc(call) && (id == ARM_SMCCC_ARCH_WORKAROUND_1 ||
			      id == ARM_SMCCC_ARCH_WORKAROUND_2 ||
			      id == ARM_SMCCC_ARCH_WORKAROUND_3)) {
		set_want(call, 0, 0, call->in[2], call->in[3]);
		call->any[1] = ~0UL;
		return;
	}
	if (id - config.filter_base < config.filter_nr || !in_range(id, id, 1))
		return;

	if (id == ARM_SMCCC_VERSION_FUNC_ID) {
		want[0] = ARM_SMCCC_VERSION_1_1;
	} else if (id == ARM_SMCCC_ARCH_FEATURES_FUNC_ID) {
		want[0] = arch_feature(arg);
	} else if (is_trng(id) && (config.bmap[0] & BIT(0))) {
		if (id == ARM_SMCCC_TRNG_VERSION)
			want[0] = 0x10000;
		else if (id == ARM_SMCCC_TRNG_FEATURES)
			want[0] = is_trng(arg) ? 0 : NO;
		else if (id == ARM_SMCCC_TRNG_GET_UUID)
			set_want(call, 0x00e0210d, 0xeb118443, 0x44527080, 0x4c5a4e55);
		else
			expect_random(call, id == ARM_SMCCC_TRNG_RND32 ? 32 : 64);
	} else if (in_range(id, ARM_SMCCC_HV_PV_TIME_FEATURES, 2) && (config.bmap[1] & BIT(0))) {
		if (id == ARM_SMCCC_HV_PV_TIME_ST)
			want[0] = config.pvtime[call->cpu];
		else if (in_range(arg, ARM_SMCCC_HV_PV_TIME_FEATURES, 2) && pvtime)
			want[0] = 0;
	} else if (id == ARM_SMCCC_VENDOR_HYP_CALL_UID_FUNC_ID && (config.bmap[2] & BIT(0))) {
		set_want(call, 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d);
	} else if (id == ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID && (config.bmap[2] & BIT(0))) {
		/* PV lock has functions 66 and 67. The others' bits are functions. */
		u64 functions = config.bmap[3] | (config.bmap[3] & BIT(2)) << 1;

		set_want(call, config.bmap[2], 0, config.aarch32 ? 0 : functions, 0);
	} else if (id == ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID && (config.bmap[2] & BIT(1))) {
		for (int i = 0; i < 4 && arg <= KVM_PTP_PHYS_COUNTER; i++) {
			want[i] = 0;
			call->any[i] = mask(i ? 32 : 31);
		}
	} else if (in_range(id, PVLOCK_FEATURES, 2) && (config.bmap[3] & BIT(2))) {
		if (id == PVLOCK_PREEMPTED)
			want[0] = config.pvlock[call->cpu];
		else if (in_range(arg, PVLOCK_FEATURES, 2) && pvlock)
			want[0] = 0;
	} else if (ARM_SMCCC_OWNER_NUM(id) == ARM_SMCCC_OWNER_STANDARD ||
		   in_range(id, KVM_PSCI_FN(0), 4)) {
		want[0] = config.psci == PSCI_VERSION(0, 1) ? psci_0_1(call) : psci(call);
	}
}

#endif /* SMCCC_H */
