/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __ASM_QSPINLOCK_H
#define __ASM_QSPINLOCK_H

#ifdef CONFIG_PARAVIRT

#include <linux/atomic.h>
#include <linux/jump_label.h>

#include <asm-generic/qspinlock_types.h>

DECLARE_STATIC_KEY_FALSE(virt_spin_lock_key);

/*
 * A vCPU in the queue that is preempted holds up all behind it. So there is no queue:
 * who runs gets the lock. Waiting is a WFE, which KVM can trap to run another vCPU.
 *
 * The key is turned on while other CPUs run. A CPU that is in a queue by then keeps the
 * lock's value from being 0 until it has the lock, and is passed by nobody.
 */
#define virt_spin_lock virt_spin_lock
static __always_inline bool virt_spin_lock(struct qspinlock *lock)
{
	int val;

	if (!static_branch_unlikely(&virt_spin_lock_key))
		return false;

	do {
		val = atomic_cond_read_relaxed(&lock->val, !VAL);
	} while (!atomic_try_cmpxchg_acquire(&lock->val, &val, _Q_LOCKED_VAL));

	return true;
}

#endif /* CONFIG_PARAVIRT */

#include <asm-generic/qspinlock.h>

#endif /* __ASM_QSPINLOCK_H */
