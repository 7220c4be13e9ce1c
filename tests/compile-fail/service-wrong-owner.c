// SPDX-License-Identifier: GPL-2.0-only
// A function in the register of another owner.
// expect: ARM_SMCCC_HV_PV_TIME_ST is in the wrong service
#include <linux/kvm_host.h>
#undef KVM_REG_ARM_STD_HYP_BMAP
#define KVM_REG_ARM_STD_HYP_BMAP	KVM_REG_ARM_STD_BMAP
#include "hypercalls.c"
