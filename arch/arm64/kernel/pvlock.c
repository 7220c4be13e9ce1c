// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV lock: which vCPUs of this guest are preempted, as told by the hypervisor.
 * See Documentation/virt/kvm/arm/pvlock.rst.
 */

#define pr_fmt(fmt) "arm-pv: " fmt

#include <linux/arm-smccc.h>
#include <linux/cpuhotplug.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/jump_label.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/syscore_ops.h>

#include <clocksource/arm_arch_timer.h>

#include <asm/hypervisor.h>
#include <asm/pvlock.h>

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "pvlock.h"

#define CREATE_TRACE_POINTS
#include "trace_pvlock.h"

DEFINE_STATIC_KEY_FALSE(pv_lock_key);
EXPORT_SYMBOL_IF_KUNIT(pv_lock_key);

/* Waiters have nothing that would have them look again. */
DEFINE_STATIC_KEY_FALSE(pv_lock_poll_key);
EXPORT_SYMBOL_IF_KUNIT(pv_lock_poll_key);

/* A CPU that the hypervisor says nothing of, or whose structure isn't mapped. */
static struct pvlock_vcpu_state pv_lock_none;

/* Never NULL, so that nobody has to look. */
struct pvlock_vcpu_state *pv_lock_state[NR_CPUS] __read_mostly = {
	[0 ... NR_CPUS - 1] = &pv_lock_none,
};
EXPORT_SYMBOL_IF_KUNIT(pv_lock_state);

/*
 * Structures are mapped as CPUs come up, and stay mapped, since those who look at
 * them hold no lock. As the hypervisor doesn't move them, that is no waste.
 */
VISIBLE_IF_KUNIT DEFINE_PER_CPU(struct pv_lock_map, pv_lock_map);
#if IS_ENABLED(CONFIG_KUNIT)	/* EXPORT_SYMBOL_IF_KUNIT() isn't for these. */
EXPORT_PER_CPU_SYMBOL_GPL(pv_lock_map);
#endif

DEFINE_PER_CPU(unsigned long, pv_lock_found);
#if IS_ENABLED(CONFIG_KUNIT)
EXPORT_PER_CPU_SYMBOL_GPL(pv_lock_found);
#endif

static bool pv_lock_off __initdata;

static int __init parse_no_pvlock(char *arg)
{
	pv_lock_off = true;
	return 0;
}
early_param("no-pvlock", parse_no_pvlock);

VISIBLE_IF_KUNIT long pv_lock_call(u32 func_id, u32 arg)
{
	struct arm_smccc_res res;

	KUNIT_STATIC_STUB_REDIRECT(pv_lock_call, func_id, arg);

	arm_smccc_1_1_invoke(func_id, arg, &res);
	return res.a0;
}
EXPORT_SYMBOL_IF_KUNIT(pv_lock_call);

/* Where the calling CPU's structure is, if it has one that can be used. */
static bool pv_lock_ipa(phys_addr_t *ipa)
{
	long ret = pv_lock_call(ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID, 0);

	*ipa = ret;
	return ret >= 0 && IS_ALIGNED(ret, sizeof(struct pvlock_vcpu_state));
}

/* Look at a structure, which has been mapped. */
static void pv_lock_use(unsigned int cpu, struct pv_lock_map *map)
{
	WRITE_ONCE(pv_lock_state[cpu], map->state);
	trace_pv_lock_structure(cpu, map->ipa);
}

/**
 * pv_lock_cpu_online() - Look at the calling CPU's structure from now on
 * @cpu: the CPU
 *
 * Context: CPU hotplug thread of the CPU. May sleep.
 * Return: 0: that there is no structure doesn't keep a CPU from coming up.
 */
VISIBLE_IF_KUNIT int pv_lock_cpu_online(unsigned int cpu)
{
	struct pv_lock_map *map = per_cpu_ptr(&pv_lock_map, cpu);
	struct pvlock_vcpu_state *state;
	phys_addr_t ipa;

	if (!pv_lock_ipa(&ipa)) {
		pr_warn("CPU%u: no PV lock structure\n", cpu);
		return 0;
	}

	if (!map->state || map->ipa != ipa) {
		state = memremap(ipa, sizeof(*state), MEMREMAP_WB);
		if (!state) {
			pr_warn("CPU%u: cannot map PV lock structure at %pa\n", cpu, &ipa);
			return 0;
		}
		map->ipa = ipa;
		map->state = state;
	}

	pv_lock_use(cpu, map);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(pv_lock_cpu_online);

/**
 * pv_lock_cpu_offline() - Don't look at a CPU's structure any more
 * @cpu: the CPU
 *
 * A CPU that is off isn't preempted, and when it comes up again, perhaps after
 * hibernation, it may be in another VM.
 *
 * Context: CPU hotplug thread of the CPU.
 * Return: 0.
 */
VISIBLE_IF_KUNIT int pv_lock_cpu_offline(unsigned int cpu)
{
	WRITE_ONCE(pv_lock_state[cpu], &pv_lock_none);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(pv_lock_cpu_offline);

/**
 * pv_lock_resume() - Find out if the boot CPU's structure is still where it was
 * @cpu: the boot CPU, which calls
 *
 * It goes through suspend and hibernation without being taken offline, but may wake
 * up in another VM. A limitation: a structure elsewhere can't be mapped here, so the
 * CPU isn't seen as preempted until it has been offline once.
 *
 * Context: syscore resume: one CPU, interrupts disabled.
 */
VISIBLE_IF_KUNIT void pv_lock_resume(unsigned int cpu)
{
	struct pv_lock_map *map = per_cpu_ptr(&pv_lock_map, cpu);
	phys_addr_t ipa;

	if (!map->state)
		return;

	if (pv_lock_ipa(&ipa) && ipa == map->ipa) {
		pv_lock_use(cpu, map);
	} else {
		pr_warn("CPU%u: PV lock structure is not at %pa any more\n", cpu, &map->ipa);
		pv_lock_cpu_offline(cpu);
	}
}
EXPORT_SYMBOL_IF_KUNIT(pv_lock_resume);

static void pv_lock_syscore_resume(void *data)
{
	pv_lock_resume(smp_processor_id());
}

static const struct syscore_ops pv_lock_syscore_ops = {
	.resume = pv_lock_syscore_resume,
};

static struct syscore pv_lock_syscore = {
	.ops = &pv_lock_syscore_ops,
};

/* The structures, what they say at the moment, and what use was made of them. */
static int pv_lock_show(struct seq_file *m, void *unused)
{
	struct pvlock_vcpu_state *state;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		state = READ_ONCE(pv_lock_state[cpu]);
		if (state == &pv_lock_none)
			seq_printf(m, "CPU %u: no structure", cpu);
		else
			seq_printf(m, "CPU %u: structure at %pa, preempted %d", cpu,
				   &per_cpu_ptr(&pv_lock_map, cpu)->ipa,
				   !!READ_ONCE(state->preempted));
		seq_printf(m, ", found others preempted %lu times\n",
			   READ_ONCE(per_cpu(pv_lock_found, cpu)));
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pv_lock);

static bool __init has_pv_lock(void)
{
	return kvm_arm_hyp_service_available(ARM_SMCCC_KVM_FUNC_PV_LOCK_FEATURES) &&
	       pv_lock_call(ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_FEATURES_FUNC_ID,
			    ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID) ==
	       SMCCC_RET_SUCCESS;
}

static int __init pv_lock_init(void)
{
	int ret;

	if (pv_lock_off || !has_pv_lock())
		return 0;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hypervisor/arm/pvlock:online",
				pv_lock_cpu_online, pv_lock_cpu_offline);
	if (ret < 0)
		return ret;

	register_syscore(&pv_lock_syscore);
	if (!arch_timer_evtstrm_available())
		static_branch_enable(&pv_lock_poll_key);
	static_branch_enable(&pv_lock_key);
	debugfs_create_file("pv_lock", 0400, NULL, NULL, &pv_lock_fops);

	pr_info("using PV lock\n");

	return 0;
}
arch_initcall(pv_lock_init);
