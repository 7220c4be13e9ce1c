// SPDX-License-Identifier: GPL-2.0-only
// The right bit, in the other register of the same owner.
// expect: ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID is in the wrong service
#include "hypercalls.c"

const struct kvm_smccc_func rows[] = {
	SERVICE(KVM_REG_ARM_VENDOR_HYP_BMAP_2, 1, 0,
		ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID, NULL),
};
