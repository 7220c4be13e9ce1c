// SPDX-License-Identifier: GPL-2.0-only
// A second function that the vendor's features call has no bit for.
// expect: FUNC_128 is in the wrong service
#include "hypercalls.c"

#define FUNC_ID(n)	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, \
					   ARM_SMCCC_OWNER_VENDOR_HYP, n)
#define FUNC_127	FUNC_ID(127)
#define FUNC_128	FUNC_ID(128)

const struct kvm_smccc_func rows[] = {
	SERVICE(KVM_REG_ARM_VENDOR_HYP_BMAP_2, 63, 0, FUNC_127, NULL),
	FUNC(1, FUNC_127, FUNC_128, NULL),
};
