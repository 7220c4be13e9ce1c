// SPDX-License-Identifier: GPL-2.0-only
// A function in the register of another owner.
// expect: HYP_30 is in the wrong service
#include "hypercalls.c"

#define HYP_30	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, \
				   ARM_SMCCC_OWNER_STANDARD_HYP, 0x30)

const struct kvm_smccc_func rows[] = {
	SERVICE(KVM_REG_ARM_STD_BMAP, 1, 0, HYP_30, NULL),
};
