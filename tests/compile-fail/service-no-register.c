// SPDX-License-Identifier: GPL-2.0-only
// A function of an owner that has no register.
// expect: OWNER_7 is in the wrong service
#include "hypercalls.c"

#define OWNER_7	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, 7, 2)

const struct kvm_smccc_func rows[] = {
	SERVICE(KVM_REG_ARM_VENDOR_HYP_BMAP_2, 2, 0, OWNER_7, NULL),
};
