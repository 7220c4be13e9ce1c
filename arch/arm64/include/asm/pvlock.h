/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __ASM_PVLOCK_H
#define __ASM_PVLOCK_H

#include <linux/types.h>

#ifdef CONFIG_PARAVIRT

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/percpu-defs.h>
#include <linux/threads.h>

#include <asm/percpu.h>
#include <asm/pvlock-abi.h>
#include <asm/rwonce.h>

DECLARE_STATIC_KEY_FALSE(pv_lock_key);
DECLARE_STATIC_KEY_FALSE(pv_lock_poll_key);
extern struct pvlock_vcpu_state *pv_lock_state[NR_CPUS];

/* How often a CPU has found another one preempted */
DECLARE_PER_CPU(unsigned long, pv_lock_found);

static __always_inline bool pv_lock_is_preempted(int cpu)
{
	if (likely(!READ_ONCE(READ_ONCE(pv_lock_state[cpu])->preempted)))
		return false;

	/* No call, or the callers would need a stack frame. It needn't be exact. */
	raw_cpu_inc(pv_lock_found);
	return true;
}

/*
 * Whether the hypervisor has taken a CPU away, see
 * Documentation/virt/kvm/arm/pvlock.rst.
 *
 * A macro, so that @cpu isn't evaluated unless there is a hypervisor that tells:
 * callers read it from another CPU's memory.
 */
#define vcpu_is_preempted(cpu)						\
	(static_branch_unlikely(&pv_lock_key) && pv_lock_is_preempted(cpu))

/*
 * smp_cond_load_relaxed() for a condition that also asks vcpu_is_preempted(), which
 * changes without anybody writing *@ptr. Then it is the event stream that ends the
 * WFE. If there is a hypervisor that tells, but no event stream, don't wait in WFE.
 */
#define vcpu_cond_load_relaxed(ptr, cond_expr)				\
({									\
	typeof(ptr) __PTR = (ptr);					\
	__unqual_scalar_typeof(*ptr) VAL;				\
	for (;;) {							\
		VAL = READ_ONCE(*__PTR);				\
		if (cond_expr)						\
			break;						\
		if (static_branch_unlikely(&pv_lock_poll_key))		\
			cpu_relax();					\
		else							\
			__cmpwait_relaxed(__PTR, VAL);			\
		barrier();	/* @cond_expr has more to read. */	\
	}								\
	(typeof(*ptr))VAL;						\
})

#else

#define vcpu_is_preempted vcpu_is_preempted
static inline bool vcpu_is_preempted(int cpu)
{
	return false;
}

#endif /* CONFIG_PARAVIRT */
#endif /* __ASM_PVLOCK_H */
