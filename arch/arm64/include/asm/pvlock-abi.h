/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __ASM_PVLOCK_ABI_H
#define __ASM_PVLOCK_ABI_H

#include <linux/types.h>

/* The structure is defined in Documentation/virt/kvm/arm/pvlock.rst */

struct pvlock_vcpu_state {
	__le64 preempted;
	__le32 revision;
	__le32 attributes;
	/* Structure must be 64 byte aligned, pad to that size */
	u8 padding[48];
} __packed __aligned(64);

#endif
