// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host hypercalls of asm/kvm_host_hypercalls.h, for people to read.
 */

#include <kunit/visibility.h>

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include <asm/kvm_call_hyp.h>

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
