// SPDX-License-Identifier: GPL-2.0-only
// A second function that does not follow the first one: function 67 belongs to the
// service of function 66, not to that of function 65.
// expect: FUNC_67 is in the wrong service
#include "hypercalls.c"

#define FUNC_ID(n)	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, \
					   ARM_SMCCC_OWNER_VENDOR_HYP, n)
#define FUNC_65		FUNC_ID(65)
#define FUNC_67		FUNC_ID(67)

const struct kvm_smccc_func rows[] = {
	SERVICE(KVM_REG_ARM_VENDOR_HYP_BMAP_2, 1, 0, FUNC_65, NULL),
	FUNC(1, FUNC_65, FUNC_67, NULL),
};
