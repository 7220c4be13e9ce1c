// SPDX-License-Identifier: GPL-2.0-only
// A function under the bit of another service.
// expect: ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID is in the wrong service
#include <linux/kvm_host.h>
#define KVM_REG_ARM_VENDOR_HYP_BIT_PTP	KVM_REG_ARM_VENDOR_HYP_BIT_FUNC_FEAT
#include "hypercalls.c"
