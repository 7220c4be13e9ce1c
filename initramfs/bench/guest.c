// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a guest's exits, seen from the guest, and of loading and putting a
 * vCPU, seen from the VMM: a VMM of its own, with a guest of a few instructions.
 *
 * Time is the virtual counter's, which under -icount counts instructions. A
 * figure is the least of many batches, without the host's timer interrupts.
 * Results go to the kernel log, as picoseconds, i.e. thousandths of an instruction:
 *
 *	rig: bench <metric> <ps per operation>
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kvm.h>

#define RAM_IPA		0x40000000UL
#define RAM_SIZE	0x10000UL
#define RESULT_IPA	0x10000000UL	/* nothing is there: a store exits */

#define CALLS		200
#define BATCHES		100

#define REG(r)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(r))

#define ARCH_FEATURES	0x80000001UL
#define ARCH_WA1	0x80008000UL
#define TRNG_VERSION	0x84000050UL
#define UNKNOWN_CALL	0xc600ff00UL

/*
 * A guest: x19 calls, x20 the function ID and x21 its argument, x22 where the
 * result goes. Five instructions per call, the one that exits among them.
 */
#define GUEST_SIZE	64
#define GUEST(name, insns)						\
extern const char name[GUEST_SIZE];					\
asm(".pushsection .rodata\n"						\
    "	.globl	" #name "\n"							\
    #name ":\n"								\
    "	isb\n"								\
    "	mrs	x23, cntvct_el0\n"					\
    "1:\n"								\
    insns								\
    "	subs	x19, x19, #1\n"						\
    "	b.ne	1b\n"							\
    "	isb\n"								\
    "	mrs	x24, cntvct_el0\n"					\
    "	sub	x24, x24, x23\n"					\
    "	str	x24, [x22]\n"						\
    "	.org	" #name " + 64\n"					\
    ".popsection")

GUEST(guest_hvc,
    "	mov	x0, x20\n"
    "	mov	x1, x21\n"
    "	hvc	#0\n");

/* Trapped because of HCR_EL2.TID3, and answered from a table. */
GUEST(guest_idreg,
    "	mov	x0, x20\n"
    "	mov	x1, x21\n"
    "	mrs	x2, id_aa64isar0_el1\n");

static int vm, vcpu;
static struct kvm_run *run;
static char *ram;
static uint64_t frequency;

static int xioctl(int fd, unsigned long request, void *arg, const char *name)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(1, "%s", name);
	return ret;
}
#define IOCTL(fd, request, arg)	xioctl(fd, request, (void *)(unsigned long)(arg), #request)

static uint64_t counter(void)
{
	uint64_t val;

	asm volatile("isb; mrs %0, cntvct_el0" : "=r" (val) :: "memory");
	return val;
}

static void set_reg(uint64_t id, uint64_t val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&val };

	IOCTL(vcpu, KVM_SET_ONE_REG, &reg);
}

static void report_value(const char *metric, uint64_t value)
{
	FILE *kmsg = fopen("/dev/kmsg", "w");

	if (!kmsg)
		err(1, "/dev/kmsg");
	fprintf(kmsg, "rig: bench %s %llu\n", metric, (unsigned long long)value);
	fclose(kmsg);
}

static void report(const char *metric, uint64_t ticks)
{
	report_value(metric, (__uint128_t)ticks * 1000000000000ULL / CALLS / frequency);
}

/* A filter on a function that nobody calls: KVM has to look, nevertheless. */
static void set_filter(void)
{
	struct kvm_smccc_filter filter = {
		.base = UNKNOWN_CALL + 1,
		.nr_functions = 1,
		.action = KVM_SMCCC_FILTER_DENY,
	};
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VM_SMCCC_CTRL,
		.attr = KVM_ARM_VM_SMCCC_FILTER,
		.addr = (uintptr_t)&filter,
	};

	IOCTL(vm, KVM_SET_DEVICE_ATTR, &attr);
}

/*
 * count_hcalls: host hypercalls per vcpu_load() and vcpu_put(), from the
 * hypervisor's trace.
 */
#define HYP_TRACE	"/sys/kernel/tracing/remotes/hypervisor/"

static void hyp_trace_set(const char *file, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), HYP_TRACE "%s", file);
	f = fopen(path, "w");
	if (!f || fputs(value, f) < 0 || fclose(f))
		err(1, "%s", path);
}

static void count_hcalls(const char *metric)
{
	unsigned int calls = 0, n;
	char line[256];
	FILE *f;

	/* With VHE there are no hypercalls, and no trace of them. */
	if (access(HYP_TRACE, F_OK))
		return;

	hyp_trace_set("buffer_size_kb", "1024");
	hyp_trace_set("events/hypervisor/hyp_enter/enable", "1");
	hyp_trace_set("tracing_on", "1");
	run->immediate_exit = 1;
	for (n = 0; n < CALLS; n++)
		ioctl(vcpu, KVM_RUN, 0);
	run->immediate_exit = 0;
	hyp_trace_set("tracing_on", "0");
	hyp_trace_set("events/hypervisor/hyp_enter/enable", "0");

	f = fopen(HYP_TRACE "trace", "r");
	if (!f)
		err(1, HYP_TRACE "trace");
	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "hyp_enter reason=hvc"))
			calls++;
	}
	fclose(f);
	if (calls < CALLS)
		errx(1, "%u hypercalls in the trace of %u vcpu_load()", calls, CALLS);

	/* What turned the trace on and off is in it, too: less than one per call. */
	report_value(metric, calls / CALLS * 1000);
}

/* A vGICv3, as almost every VM has one. */
static void make_vgic(void)
{
	struct kvm_create_device dev = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t addr = 0x08000000;
	struct kvm_device_attr attr = {
		.group = KVM_DEV_ARM_VGIC_GRP_ADDR,
		.attr = KVM_VGIC_V3_ADDR_TYPE_DIST,
		.addr = (uintptr_t)&addr,
	};

	IOCTL(vm, KVM_CREATE_DEVICE, &dev);
	IOCTL(dev.fd, KVM_SET_DEVICE_ATTR, &attr);
	attr.attr = KVM_VGIC_V3_ADDR_TYPE_REDIST;
	addr += 0x10000;
	IOCTL(dev.fd, KVM_SET_DEVICE_ATTR, &attr);
	attr.group = KVM_DEV_ARM_VGIC_GRP_CTRL;
	attr.attr = KVM_DEV_ARM_VGIC_CTRL_INIT;
	IOCTL(dev.fd, KVM_SET_DEVICE_ATTR, &attr);
}

static void make_vm(void)
{
	struct kvm_vcpu_init init = {};
	struct kvm_userspace_memory_region slot = {
		.guest_phys_addr = RAM_IPA,
		.memory_size = RAM_SIZE,
	};
	int kvm = open("/dev/kvm", O_RDWR);

	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = IOCTL(kvm, KVM_CREATE_VM, 0);

	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (ram == MAP_FAILED)
		err(1, "mmap");
	slot.userspace_addr = (uintptr_t)ram;
	IOCTL(vm, KVM_SET_USER_MEMORY_REGION, &slot);

	vcpu = IOCTL(vm, KVM_CREATE_VCPU, 0);
	run = mmap(NULL, IOCTL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
		   PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		err(1, "mmap");

	IOCTL(vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
	IOCTL(vcpu, KVM_ARM_VCPU_INIT, &init);

	/* The services of the standard owner, i.e. the TRNG, are denied. */
	set_reg(KVM_REG_ARM_STD_BMAP, 0);
}

/*
 * Have KVM tell the guest whether the vCPU is preempted. The untouched kernel can't:
 * its figure is the one without.
 */
static void set_pvlock(void)
{
#ifdef KVM_ARM_VCPU_PVLOCK_CTRL
	uint64_t ipa = RAM_IPA + RAM_SIZE - 64;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVLOCK_CTRL,
		.attr = KVM_ARM_VCPU_PVLOCK_IPA,
		.addr = (uintptr_t)&ipa,
	};

	IOCTL(vcpu, KVM_SET_DEVICE_ATTR, &attr);
#endif
}

/* tell_module: what the module measures on a vCPU. */
static void tell_module(const char *metric)
{
	FILE *f = fopen("/sys/module/bench_host/parameters/vm", "w");

	if (!f || fprintf(f, "%d %s", vm, metric) < 0 || fclose(f))
		err(1, "bench_host");
}

/* run_guest: the least number of ticks that a guest takes for a batch. */
static uint64_t run_guest(const char code[GUEST_SIZE], uint64_t id, uint64_t arg)
{
	uint64_t ticks, least = UINT64_MAX;
	int batch;

	memcpy(ram, code, GUEST_SIZE);
	__builtin___clear_cache(ram, ram + GUEST_SIZE);

	for (batch = 0; batch < BATCHES; batch++) {
		set_reg(REG(regs.pc), RAM_IPA);
		set_reg(REG(regs.regs[19]), CALLS);
		set_reg(REG(regs.regs[20]), id);
		set_reg(REG(regs.regs[21]), arg);
		set_reg(REG(regs.regs[22]), RESULT_IPA);

		IOCTL(vcpu, KVM_RUN, 0);
		if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
		    run->mmio.phys_addr != RESULT_IPA || run->mmio.len != 8)
			errx(1, "unexpected exit %u", run->exit_reason);
		memcpy(&ticks, run->mmio.data, sizeof(ticks));
		if (ticks < least)
			least = ticks;

		/* Complete the store, without running on. */
		run->immediate_exit = 1;
		ioctl(vcpu, KVM_RUN, 0);
		run->immediate_exit = 0;
	}
	return least;
}

/* KVM_RUN without a guest's instruction: vcpu_load() and vcpu_put(). */
static uint64_t load_put(void)
{
	uint64_t ticks, least = UINT64_MAX;
	int batch, call;

	run->immediate_exit = 1;
	for (batch = 0; batch < BATCHES; batch++) {
		ticks = counter();
		for (call = 0; call < CALLS; call++) {
			if (ioctl(vcpu, KVM_RUN, 0) == 0 || errno != EINTR)
				err(1, "KVM_RUN with immediate_exit");
		}
		ticks = counter() - ticks;
		if (ticks < least)
			least = ticks;
	}
	run->immediate_exit = 0;
	return least;
}

int main(void)
{
	asm volatile("mrs %0, cntfrq_el0" : "=r" (frequency));
	make_vm();

	report("guest-exit", run_guest(guest_idreg, 0, 0));
	report("guest-hvc-unknown", run_guest(guest_hvc, UNKNOWN_CALL, 0));
	report("guest-hvc-features", run_guest(guest_hvc, ARCH_FEATURES, ARCH_WA1));
	report("guest-hvc-denied", run_guest(guest_hvc, TRNG_VERSION, 0));
	report("vcpu-load-put", load_put());
	tell_module("vcpu-preempt");

	make_vm();
	set_filter();
	report("guest-hvc-filter", run_guest(guest_hvc, ARCH_FEATURES, ARCH_WA1));

	make_vm();
	set_pvlock();
	run_guest(guest_idreg, 0, 0);
	report("vcpu-load-put-pvlock", load_put());
	tell_module("vcpu-preempt-pvlock");

	make_vm();
	make_vgic();
	run_guest(guest_idreg, 0, 0);
	report("vcpu-load-put-vgic", load_put());
	/* At last: EL2 goes on looking for events while there are some to read. */
	count_hcalls("hcalls-load-put");
	return 0;
}
