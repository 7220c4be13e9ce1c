/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __ASM_PVLOCK_ABI_H
#define __ASM_PVLOCK_ABI_H

#include <linux/build_bug.h>
#include <linux/types.h>

/* One for each vCPU, see Documentation/virt/kvm/arm/pvlock.rst. */
struct pvlock_vcpu_state {
	/* Not 0 while the vCPU is preempted */
	__le64 preempted;
	/* The structure is aligned to 64 bytes, and has a cache line to itself */
	u8 padding[56];
} __packed __aligned(64);
static_assert(sizeof(struct pvlock_vcpu_state) == 64);

#endif
