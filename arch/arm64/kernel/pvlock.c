// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV lock: learn from the hypervisor which vCPUs are preempted. See
 * Documentation/virt/kvm/arm/pvlock.rst.
 */

#define pr_fmt(fmt) "arm-pv: " fmt

#include <linux/arm-smccc.h>
#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/syscore_ops.h>
#include <linux/workqueue.h>

#include <clocksource/arm_arch_timer.h>

#include <asm/hypervisor.h>

DEFINE_STATIC_KEY_FALSE(pvlock_key);
DEFINE_STATIC_KEY_FALSE_RO(virt_spin_lock_key);

/* For a CPU without a structure: not preempted. */
static const struct pvlock_vcpu_state pvlock_none;

DEFINE_PER_CPU(const struct pvlock_vcpu_state *, pvlock_state) = &pvlock_none;

/* Pages with structures, shared by CPUs, mapped for good: readers take no lock. */
struct pvlock_page {
	struct list_head list;
	phys_addr_t pa;
	void *va;
};

static LIST_HEAD(pvlock_pages);
static DEFINE_MUTEX(pvlock_pages_lock);

static bool pvlock_enabled __initdata = true;

static int __init parse_no_pvlock(char *arg)
{
	pvlock_enabled = false;
	return 0;
}
early_param("no-pvlock", parse_no_pvlock);

static bool pvspin_enabled __initdata;

static int __init parse_pvspin(char *arg)
{
	pvspin_enabled = true;
	return 0;
}
early_param("pvspin", parse_pvspin);

static const struct pvlock_vcpu_state *pvlock_map(phys_addr_t pa)
{
	struct pvlock_page *page;

	guard(mutex)(&pvlock_pages_lock);

	list_for_each_entry(page, &pvlock_pages, list) {
		if (page->pa == PAGE_ALIGN_DOWN(pa))
			return page->va + offset_in_page(pa);
	}

	page = kmalloc_obj(*page);
	if (!page)
		return NULL;

	page->pa = PAGE_ALIGN_DOWN(pa);
	page->va = memremap(page->pa, PAGE_SIZE, MEMREMAP_WB);
	if (!page->va) {
		kfree(page);
		return NULL;
	}

	list_add(&page->list, &pvlock_pages);
	return page->va + offset_in_page(pa);
}

static int pvlock_cpu_online(unsigned int cpu)
{
	const struct pvlock_vcpu_state *state = NULL;
	struct arm_smccc_res res;

	arm_smccc_1_1_invoke(ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID, &res);
	if (res.a0 != SMCCC_RET_NOT_SUPPORTED)
		state = pvlock_map(res.a0);

	if (!state || state->revision || state->attributes)
		pr_warn_once("CPU%u: no usable PV lock structure\n", cpu);
	else
		WRITE_ONCE(per_cpu(pvlock_state, cpu), state);

	return 0;
}

static int pvlock_cpu_offline(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(pvlock_state, cpu), &pvlock_none);
	return 0;
}

static void pvlock_resume_work_fn(struct work_struct *work)
{
	/* Stay on the CPU that asks, even if the worker has become unbound. */
	migrate_disable();
	pvlock_cpu_online(smp_processor_id());
	migrate_enable();
}

static DECLARE_WORK(pvlock_resume_work, pvlock_resume_work_fn);

/*
 * The boot CPU isn't taken offline for hibernation, and may wake up in another VM
 * with its structure elsewhere. It can't be mapped here, with interrupts disabled.
 */
static void pvlock_resume(void *data)
{
	unsigned int cpu = smp_processor_id();

	pvlock_cpu_offline(cpu);
	schedule_work_on(cpu, &pvlock_resume_work);
}

static const struct syscore_ops pvlock_syscore_ops = {
	.resume = pvlock_resume,
};

static struct syscore pvlock_syscore = {
	.ops = &pvlock_syscore_ops,
};

static bool __init has_pvlock(void)
{
	struct arm_smccc_res res;

	if (!kvm_arm_hyp_service_available(ARM_SMCCC_KVM_FUNC_PV_LOCK_FEATURES))
		return false;

	arm_smccc_1_1_invoke(ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_FEATURES_FUNC_ID,
			     ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID, &res);
	return res.a0 == SMCCC_RET_SUCCESS;
}

static int __init pvlock_init(void)
{
	int ret;

	if (!pvlock_enabled || !has_pvlock())
		return 0;

	/* See vcpu_is_preempted() */
	if (!arch_timer_evtstrm_available()) {
		pr_info("not using PV lock, no event stream\n");
		return 0;
	}

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hypervisor/arm/pvlock:online",
				pvlock_cpu_online, pvlock_cpu_offline);
	if (ret < 0)
		return ret;

	register_syscore(&pvlock_syscore);
	static_branch_enable(&pvlock_key);
	if (pvspin_enabled)
		static_branch_enable(&virt_spin_lock_key);

	pr_info("using PV lock%s\n", pvspin_enabled ? " and test-and-set spinlocks" : "");
	return 0;
}
arch_initcall(pvlock_init);
