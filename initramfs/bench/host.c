// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a host hypercall, seen from the host: a module that builds against
 * the untouched kernel and against the series alike. It measures what needs no
 * guest as it is loaded, and what needs one when the descriptor of a VM, with one
 * vCPU, is written to its parameter "vm".
 *
 * Time is the virtual counter's, which under -icount counts instructions. Results
 * go to the kernel log, as picoseconds, i.e. thousandths of an instruction:
 *
 *	rig: bench <metric> <ps per call>
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm_host.h>
#include <linux/math64.h>
#include <linux/module.h>

#include <asm/arch_timer.h>
#include <asm/kvm_asm.h>
#if __has_include(<asm/kvm_host_hypercall_ids.h>)
#include <asm/kvm_host_hypercall_ids.h>
#endif
#include <asm/virt.h>

#define CALLS	20000

/*
 * Make a host hypercall many times. Five instructions per call, the HVC among
 * them. Whatever a call may clobber on either kernel is said to be clobbered.
 */
static void measure(const char *metric, unsigned long id, unsigned long arg)
{
	unsigned long n = CALLS, flags;
	u64 begin, end;

	local_irq_save(flags);
	begin = __arch_counter_get_cntvct();
	asm volatile("1:	mov	x0, %[id]\n"
		     "	mov	x1, %[arg]\n"
		     "	hvc	#0\n"
		     "	subs	%[n], %[n], #1\n"
		     "	b.ne	1b\n"
		     : [n] "+r" (n)
		     : [id] "r" (id), [arg] "r" (arg)
		     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
		       "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
		       "x17", "x18", "cc", "memory");
	end = __arch_counter_get_cntvct();
	local_irq_restore(flags);

	pr_info("rig: bench %s %llu\n", metric,
		mul_u64_u64_div_u64(end - begin, 1000000000000ULL,
				    (u64)CALLS * arch_timer_get_cntfrq()));
}

/* Schedule a vCPU that wants to run in and out, by its preempt notifier. */
static void measure_preempt(const char *metric, struct kvm_vcpu *vcpu)
{
	struct preempt_notifier *pn = &vcpu->preempt_notifier;
	bool wants_to_run = vcpu->wants_to_run;
	unsigned long flags;
	u64 begin, end;
	int n;

	vcpu->wants_to_run = true;
	local_irq_save(flags);
	begin = __arch_counter_get_cntvct();
	for (n = 0; n < CALLS / 10; n++) {
		pn->ops->sched_in(pn, smp_processor_id());
#ifdef KVM_REQ_PVLOCK_CLEAR
		/* As if KVM_RUN had written 0: otherwise 1 is not written again. */
		vcpu->arch.pvlock_marked = false;
#endif
		pn->ops->sched_out(pn, NULL);
	}
	end = __arch_counter_get_cntvct();
	/* Leave it as it was: neither loaded nor preempted. */
	pn->ops->sched_in(pn, smp_processor_id());
	vcpu->wants_to_run = false;
	pn->ops->sched_out(pn, NULL);
	local_irq_restore(flags);
	vcpu->wants_to_run = wants_to_run;
	vcpu->scheduled_out = false;

	pr_info("rig: bench %s %llu\n", metric,
		mul_u64_u64_div_u64(end - begin, 1000000000000ULL,
				    (u64)CALLS / 10 * arch_timer_get_cntfrq()));
}

/* "FD METRIC": what the preemption of the VM's first vCPU takes. */
static int set_vm(const char *val, const struct kernel_param *kp)
{
	struct kvm_vcpu *vcpu;
	char metric[32];
	int fd;

	if (sscanf(val, "%d %31s", &fd, metric) != 2)
		return -EINVAL;

	CLASS(fd, f)(fd);
	/* What tells that it is a VM's is exported to KVM's own modules only. */
	if (fd_empty(f) || strcmp(fd_file(f)->f_path.dentry->d_name.name, "kvm-vm"))
		return -EBADF;
	vcpu = kvm_get_vcpu(fd_file(f)->private_data, 0);
	if (!vcpu)
		return -ENOENT;

	measure_preempt(metric, vcpu);
	return 0;
}

static const struct kernel_param_ops vm_ops = { .set = set_vm };
module_param_cb(vm, &vm_ops, NULL, 0200);

static int __init bench_init(void)
{
	if (is_kernel_in_hyp_mode())
		return 0;

	measure("hcall-unknown", KVM_HOST_SMCCC_ID(0xfff0), 0);
	/* No guest runs: the host's own offset is 0. */
	measure("hcall-leaf", KVM_HOST_SMCCC_FUNC(__kvm_timer_set_cntvoff), 0);
	/* No such CPU: -EINVAL. Served in all modes, and not a leaf call. */
	measure("hcall-full", KVM_HOST_SMCCC_FUNC(__tracing_reset), U32_MAX);
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
}
module_exit(bench_exit);

MODULE_DESCRIPTION("KVM/arm64 host hypercall benchmark");
MODULE_LICENSE("GPL");
