// SPDX-License-Identifier: GPL-2.0-only
// A function that already is in the table.
// expect: redeclaration of enumerator .*ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID
#include "hypercalls.c"

const struct kvm_smccc_func rows[] = {
	SERVICE(KVM_REG_ARM_VENDOR_HYP_BMAP, KVM_REG_ARM_VENDOR_HYP_BIT_PTP, 0,
		ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID, NULL),
};
