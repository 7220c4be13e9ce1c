/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __ASM_PVLOCK_H
#define __ASM_PVLOCK_H

#ifdef CONFIG_PARAVIRT

#include <linux/jump_label.h>
#include <linux/percpu-defs.h>

#include <asm/percpu.h>
#include <asm/pvlock-abi.h>
#include <asm/rwonce.h>

DECLARE_STATIC_KEY_FALSE(pvlock_key);
DECLARE_PER_CPU(const struct pvlock_vcpu_state *, pvlock_state);

/*
 * A macro, so that @cpu is evaluated only if there is PV lock: osq_lock() reads
 * it from another CPU's queue node.
 *
 * osq_lock() asks while it waits in smp_cond_load_relaxed(), which is a WFE here.
 * Nobody writes to the lock when a vCPU is preempted. It is the event stream that
 * ends the WFE, so there is no PV lock without it.
 */
#define vcpu_is_preempted(cpu)						\
	(static_branch_unlikely(&pvlock_key) &&				\
	 READ_ONCE(READ_ONCE(per_cpu(pvlock_state, cpu))->preempted))

#endif /* CONFIG_PARAVIRT */
#endif /* __ASM_PVLOCK_H */
