// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host hypercalls of asm/kvm_host_hypercalls.h, for people to read.
 */

#include <kunit/visibility.h>

#include <linux/cpu_pm.h>
#include <linux/debugfs.h>
#include <linux/psci.h>
#include <linux/seq_file.h>

#include <asm/cpuidle.h>
#include <asm/kvm_call_hyp.h>
#include <asm/kvm_mmu.h>

/**
 * kvm_host_hcall_name() - Name of a host hypercall
 * @id: SMCCC function ID, hints allowed
 *
 * Context: Any.
 * Return: The name that the list declares, or "unknown".
 */
const char *kvm_host_hcall_name(u64 id)
{
	/* Should two calls ever share a number, this doesn't compile. */
	switch (id & ~(u64)ARM_SMCCC_CALL_HINTS) {
#define KVM_HOST_HCALL(ret, name, ...)					\
	case KVM_HOST_SMCCC_ID(__KVM_HOST_SMCCC_FUNC_##name): return #name;
#include <asm/kvm_host_hypercalls.h>
	}

	return "unknown";
}
EXPORT_SYMBOL_IF_KUNIT(kvm_host_hcall_name);

#if IS_ENABLED(CONFIG_KVM_ARM_HOST_HYPERCALL_KUNIT_TEST)
/* For tests/host_hypercalls_kunit.c: who answers an HVC of this CPU's? */
enum kvm_hcall_test_el2 kvm_hcall_test_el2(void)
{
	struct arm_smccc_res res;

	if (is_kernel_in_hyp_mode() || !is_hyp_mode_available())
		return KVM_HCALL_TEST_EL2_NONE;

	/* Nobody serves this one, but not in the same words. */
	arm_smccc_1_1_hvc(HVC_STUB_HCALL_NR, &res);
	switch (res.a0) {
	case HVC_STUB_ERR:
		return KVM_HCALL_TEST_EL2_STUB;
	case (unsigned long)SMCCC_RET_NOT_SUPPORTED:
		return is_pkvm_initialized() ? KVM_HCALL_TEST_EL2_PKVM :
					       KVM_HCALL_TEST_EL2_KVM;
	}

	return KVM_HCALL_TEST_EL2_NONE;
}
EXPORT_SYMBOL_IF_KUNIT(kvm_hcall_test_el2);

/* ... and where are the vectors that install KVM? */
phys_addr_t kvm_hcall_test_init_vectors(void)
{
	return __pa_symbol(kvm_nvhe_sym(__kvm_hyp_init));
}
EXPORT_SYMBOL_IF_KUNIT(kvm_hcall_test_init_vectors);

DECLARE_KVM_NVHE_PER_CPU(u64, kvm_hcall_test_percpu_var);

/*
 * kvm_arm_hyp_percpu_base, which in protected mode isn't the host's to read any
 * more: kept after kvm_arm_init(), an initcall of the same level in an object that
 * is linked earlier, and before finalize_pkvm(), which is device_initcall_sync.
 */
static unsigned long hyp_percpu_base[NR_CPUS] __ro_after_init;

static int __init keep_hyp_percpu_base(void)
{
	memcpy(hyp_percpu_base, kvm_nvhe_sym(kvm_arm_hyp_percpu_base),
	       nr_cpu_ids * sizeof(hyp_percpu_base[0]));

	return 0;
}
device_initcall(keep_hyp_percpu_base);

#define hyp_percpu(sym)							\
	(hyp_percpu_base[smp_processor_id()] +				\
	 (__force u64)&kvm_nvhe_sym(sym) -				\
	 (u64)&kvm_nvhe_sym(__per_cpu_start))

/*
 * What __kvm_hcall_test_percpu() has to return on this CPU. EL2 sees its image,
 * where the symbols are, and its per-CPU data, which is elsewhere, as the hyp VAs of
 * the linear map, so that is where the distance between them is measured.
 */
u64 kvm_hcall_test_percpu(enum kvm_hcall_test_percpu which)
{
	u64 image = (u64)lm_alias(&kvm_nvhe_sym(kvm_hcall_test_percpu_var));
	u64 var = hyp_percpu(kvm_hcall_test_percpu_var);
	u64 data = hyp_percpu(kvm_host_data);

	switch (which) {
	case KVM_HCALL_TEST_TPIDR:
		return kern_hyp_va(var) - kern_hyp_va(image);
	case KVM_HCALL_TEST_C_ADDRESS:
	case KVM_HCALL_TEST_ASM_ADDRESS:
	case KVM_HCALL_TEST_ASM_LOAD:
		return kern_hyp_va(var);
	default:
		return kern_hyp_va(data) + offsetof(struct kvm_host_data, host_ctxt);
	}
}
EXPORT_SYMBOL_IF_KUNIT(kvm_hcall_test_percpu);

/*
 * Suspend this CPU and resume it, as far as KVM is concerned. Without pKVM it
 * gives up EL2 before and takes it again afterwards. With pKVM, EL2 relays the
 * call to the firmware, here for a standby state, in which nothing is lost.
 */
int kvm_hcall_test_suspend_cpu(void)
{
	struct arm_cpuidle_irq_context context;
	unsigned long flags;
	int ret;

	if (!IS_ENABLED(CONFIG_CPU_PM) || !psci_ops.cpu_suspend)
		return -EOPNOTSUPP;

	local_irq_save(flags);
	if (is_protected_kvm_enabled()) {
		arm_cpuidle_save_irq_context(&context);
		ret = psci_ops.cpu_suspend(0, 0);
		arm_cpuidle_restore_irq_context(&context);
	} else {
		ret = cpu_pm_enter() ?: cpu_pm_exit();
	}
	local_irq_restore(flags);

	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(kvm_hcall_test_suspend_cpu);
#endif

#ifdef CONFIG_KVM_ARM_HOST_HYPERCALL_COUNTS
/*
 * Doesn't use kvm_call_hyp_nvhe(), as it is no reason for a warning if KVM isn't
 * installed on this CPU at the moment.
 */
static u64 host_hcall_count(unsigned int cpu, unsigned int nr)
{
	struct arm_smccc_res res;

	arm_smccc_1_1_hvc(KVM_HOST_SMCCC_FUNC(__kvm_host_hcall_count),
			  (unsigned long)cpu, (unsigned long)nr, &res);

	return res.a0 == SMCCC_RET_SUCCESS ? res.a1 : 0;
}

static void show_counts(struct seq_file *m, unsigned int nr)
{
	int cpu;

	if (is_kernel_in_hyp_mode())
		return;

	for_each_possible_cpu(cpu)
		seq_printf(m, " %10llu", host_hcall_count(cpu, nr));
}

static void show_counts_header(struct seq_file *m)
{
	int cpu;

	if (is_kernel_in_hyp_mode())
		return;

	for_each_possible_cpu(cpu)
		seq_printf(m, " %6s%4d", "CPU", cpu);
}
#else
static void show_counts(struct seq_file *m, unsigned int nr) { }
static void show_counts_header(struct seq_file *m) { }
#endif

static const char *host_hcall_range(unsigned int nr)
{
	if (nr < KVM_HOST_HCALLS_ALWAYS)
		return "boot";
	if (nr < KVM_HOST_HCALLS_PKVM)
		return "always";
	return "pkvm";
}

static int host_hypercalls_show(struct seq_file *m, void *v)
{
	unsigned int nr;

	seq_printf(m, "%-10s %-6s", "id", "when");
	show_counts_header(m);
	seq_puts(m, " name\n");

	for (nr = 0; nr < KVM_HOST_HCALLS_END; nr++) {
		u64 id = KVM_HOST_SMCCC_ID(nr);

		seq_printf(m, "0x%08llx %-6s", id, host_hcall_range(nr));
		show_counts(m, nr);
		seq_printf(m, " %s\n", kvm_host_hcall_name(id));
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(host_hypercalls);

static int __init host_hypercalls_init(void)
{
	/* Not in kvm/, where a file of the root is a statistic, a number. */
	if (is_kvm_arm_initialised())
		debugfs_create_file("kvm_host_hypercalls", 0400, NULL, NULL,
				    &host_hypercalls_fops);

	return 0;
}
late_initcall(host_hypercalls_init);
