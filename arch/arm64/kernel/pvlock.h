/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __ARM64_KERNEL_PVLOCK_H
#define __ARM64_KERNEL_PVLOCK_H

#include <linux/percpu.h>
#include <linux/types.h>

#include <asm/pvlock-abi.h>

struct pv_lock_map {
	phys_addr_t			ipa;
	struct pvlock_vcpu_state	*state;	/* NULL: not mapped yet */
};

/* For the KUnit suite; otherwise static */
#if IS_ENABLED(CONFIG_KUNIT)
DECLARE_PER_CPU(struct pv_lock_map, pv_lock_map);
long pv_lock_call(u32 func_id, u32 arg);
int pv_lock_cpu_online(unsigned int cpu);
int pv_lock_cpu_offline(unsigned int cpu);
void pv_lock_resume(unsigned int cpu);
#endif

#endif
