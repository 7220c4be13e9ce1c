// SPDX-License-Identifier: GPL-2.0-only
/*
 * pvlock - Tests for KVM's PV lock service, by which a guest learns which of its
 * vCPUs are preempted. See Documentation/virt/kvm/arm/pvlock.rst.
 *
 * To have the vCPUs of a VM preempt each other, their threads are pinned to one CPU,
 * where another thread of a higher priority wakes up often.
 */
#include <linux/arm-smccc.h>
#include <linux/psci.h>
#include <asm/barrier.h>
#include <asm/cputype.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"
#include "ucall_common.h"
#include "userfaultfd_util.h"

#define NR_VCPUS		3
#define PVLOCK_SIZE		64	/* of the structure, whose first 8 bytes are used */
#define PVLOCK_SLOT		1
#define PVLOCK_GPA		BIT(30)
#define PVLOCK_REG		KVM_REG_ARM_VENDOR_HYP_BMAP_2
#define PVLOCK_BIT		BIT(KVM_REG_ARM_VENDOR_HYP_BIT_PV_LOCK)
#define PVLOCK_FEATURES		ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_FEATURES_FUNC_ID
#define PVLOCK_PREEMPTED	ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID

#define CASE_TIMEOUT_S		60
#define DISTURB_US		500

/* What a vCPU's guest code has seen, and what it is told. In guest memory. */
static struct guest_state {
	u64 started;
	u64 first;		/* its own field, as its first instruction saw it */
	u64 loops;
	u64 self;		/* times that it saw itself as preempted */
	u64 turns;		/* times that the next vCPU has run meanwhile ... */
	u64 marked;		/* ... and was preempted then */
	u64 blind;		/* not to look at any structure */
	u64 cpu_on;		/* MPIDR of the vCPU to turn on, */
	u64 entry;		/* and where it begins */
	u64 result;
} guest_states[NR_VCPUS];

/* Likewise, for the guest code of test_discovery() */
static bool guest_bit, guest_ipa[NR_VCPUS];
static u64 guest_nr_vcpus, guest_stride;

struct vcpu_thread {
	struct kvm_vcpu *vcpu;
	pthread_t thread;
	pid_t tid;
	bool stop;
	bool spin;		/* when stopped, until this is cleared */
	bool may_fault;		/* KVM_RUN may fail with EFAULT, */
	u64 faults;		/* so often */
};

/* A VM, with the structures of its vCPUs in a memory slot of their own. */
struct test {
	/* Set by the test, or else by test_create() */
	unsigned int nr_vcpus;
	size_t stride;		/* from one structure to the next */
	size_t size;		/* of the slot */
	void *mem;		/* its memory */

	struct kvm_vm *vm;
	struct kvm_vcpu *vcpus[NR_VCPUS];
	struct vcpu_thread threads[NR_VCPUS];
	struct guest_state *guest;
};

static int test_cpu;		/* where vCPUs are preempted */
static int other_cpu;		/* for the rest, the same one if there is no other */
static u64 stress_preemptions = 500;

#define expect_error(call, error)						\
	do {									\
		int __ret = (call);						\
										\
		TEST_ASSERT(__ret == -1 && errno == (error), #call ": %d, errno %d",	\
			    __ret, errno);					\
	} while (0)

/* The alarm ends what takes too long, see main(). */
#define wait_for(cond)								\
	do {									\
		while (!(cond))							\
			usleep(1000);						\
	} while (0)

static u64 guest_read_field(u32 cpu)
{
	return readq_relaxed((void *)(PVLOCK_GPA + cpu * guest_stride));
}

/*
 * vCPUs begin here, with their own structure in x1. What the first instruction
 * finds there becomes the third argument of the function in x3.
 */
static const u32 guest_entry[] = {
	0xf9400022,		/* ldr x2, [x1] */
	0xd61f0060,		/* br x3 */
};

/* A vCPU that is turned on begins here, without the MMU, and asks for its structure. */
static const u32 __aligned(16) guest_cpu_on_entry[] = {
	0x52800860,		/* mov w0, #0x43 */
	0x72b8c000,		/* movk w0, #0xc600, lsl #16 */
	0xd4000002,		/* hvc #0 */
	0x14000000,		/* b . */
};

static void guest_begin(u32 cpu, u64 first)
{
	WRITE_ONCE(guest_states[cpu].first, first);
	WRITE_ONCE(guest_states[cpu].started, 1);
}

/*
 * Look at the own field, which is 0 whenever this runs, and each time that the next
 * vCPU has run since the last time, at that vCPU's field. It can't have run on
 * another CPU, and hasn't stopped, so it is preempted now.
 */
static void guest_spin(u32 cpu, u64 ipa, u64 first)
{
	struct guest_state *me = &guest_states[cpu];
	u32 next = (cpu + 1) % guest_nr_vcpus;
	struct arm_smccc_res res;
	u64 loops, last = 0;

	guest_begin(cpu, first);
	for (;;) {
		WRITE_ONCE(me->loops, me->loops + 1);
		if (READ_ONCE(me->blind))
			continue;
		if (guest_read_field(cpu))
			WRITE_ONCE(me->self, me->self + 1);

		loops = READ_ONCE(guest_states[next].loops);
		if (next != cpu && loops != last) {
			last = loops;
			WRITE_ONCE(me->turns, me->turns + 1);
			if (guest_read_field(next))
				WRITE_ONCE(me->marked, me->marked + 1);
		}

		if (READ_ONCE(me->cpu_on)) {
			do_smccc(PSCI_0_2_FN64_CPU_ON, me->cpu_on, me->entry, 0, 0, 0, 0, 0, &res);
			WRITE_ONCE(me->result, res.a0);
			WRITE_ONCE(me->cpu_on, 0);
		}
	}
}

static void guest_idle(u32 cpu, u64 ipa, u64 first)
{
	guest_begin(cpu, first);
	for (;;)
		wfi();
}

static void guest_cpu_off(u32 cpu, u64 ipa, u64 first)
{
	struct arm_smccc_res res;

	guest_begin(cpu, first);
	do_smccc(PSCI_0_2_FN_CPU_OFF, 0, 0, 0, 0, 0, 0, 0, &res);
	GUEST_FAIL("CPU_OFF: 0x%lx", res.a0);
}

static void guest_sync(u32 cpu, u64 ipa, u64 first)
{
	guest_begin(cpu, first);
	for (;;)
		GUEST_SYNC(guest_read_field(cpu));
}

static u64 smccc(u32 func_id, u64 arg)
{
	struct arm_smccc_res res;

	do_smccc(func_id, arg, 0, 0, 0, 0, 0, 0, &res);
	return res.a0;
}

/* Likewise, for guest_hypervisor() and its own guest, L2 */
static struct {
	u64 features, preempted;	/* what KVM has answered to L2's SMC, */
	u64 hvc;			/* and the guest hypervisor to its HVC */
	u8 stack[4096] __aligned(16);
} l2;

#define L2_ANSWER		0x12345678UL

static void l2_code(u32 cpu)
{
	struct guest_state *me = &guest_states[cpu];
	struct arm_smccc_res res;

	smccc_smc(PVLOCK_FEATURES, PVLOCK_PREEMPTED, 0, 0, 0, 0, 0, 0, &res);
	WRITE_ONCE(l2.features, res.a0);
	smccc_smc(PVLOCK_PREEMPTED, 0, 0, 0, 0, 0, 0, 0, &res);
	WRITE_ONCE(l2.preempted, res.a0);
	smccc_hvc(PVLOCK_PREEMPTED, 0, 0, 0, 0, 0, 0, 0, &res);
	WRITE_ONCE(l2.hvc, res.a0);

	for (;;)
		WRITE_ONCE(me->loops, me->loops + 1);
}

static void guest_hypervisor_hvc(struct ex_regs *regs)
{
	regs->regs[0] = regs->regs[0] == PVLOCK_PREEMPTED ? L2_ANSWER : 0;
}

#define copy_el2_to_el1(reg)						\
	write_sysreg_s(read_sysreg_s(SYS_##reg##_EL1), SYS_##reg##_EL12)

/* Run L2 at EL1, in the same address space. */
static void guest_hypervisor(u32 cpu, u64 ipa, u64 first)
{
	GUEST_ASSERT_EQ(get_current_el(), 2);
	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, PVLOCK_PREEMPTED), 0);
	GUEST_ASSERT_EQ(smccc(PVLOCK_PREEMPTED, 0), ipa);

	copy_el2_to_el1(SCTLR);
	copy_el2_to_el1(MAIR);
	copy_el2_to_el1(TCR);
	copy_el2_to_el1(TTBR0);
	copy_el2_to_el1(TTBR1);
	copy_el2_to_el1(CPACR);
	write_sysreg((u64)&l2.stack[sizeof(l2.stack)], sp_el1);

	/* No second stage of translation. SMCs are left to KVM. */
	write_sysreg(0, vtcr_el2);
	write_sysreg(0, vttbr_el2);
	write_sysreg(HCR_EL2_RW | HCR_EL2_E2H, hcr_el2);
	write_sysreg((u64)l2_code, elr_el1);
	write_sysreg(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT | PSR_MODE_EL1h, spsr_el1);
	isb();

	guest_begin(cpu, first);
	asm volatile("mov x0, %0\n\teret" :: "r" ((u64)cpu) : "x0", "memory");
	__builtin_unreachable();
}

static void guest_discover(u32 cpu, u64 ipa, u64 first)
{
	/* Not functions of the service */
	static const u64 others[] = {
		0, ~0UL, 0xffffffff,
		ARM_SMCCC_HV_PV_TIME_FEATURES, ARM_SMCCC_HV_PV_TIME_ST,
		ARM_SMCCC_ARCH_FEATURES_FUNC_ID,
		ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID,
		ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID,
		PVLOCK_FEATURES - 1, PVLOCK_PREEMPTED + 1,
		PVLOCK_FEATURES & ~BIT(30), PVLOCK_PREEMPTED & ~BIT(30),	/* SMC32 */
		PVLOCK_FEATURES & ~BIT(31), PVLOCK_PREEMPTED & ~BIT(31),	/* yielding */
	};
	const u64 upper = 0xdeadbeefUL << 32;
	const u64 no = SMCCC_RET_NOT_SUPPORTED;
	bool there = guest_bit && guest_ipa[cpu];
	struct arm_smccc_res res;
	unsigned int i;

	guest_begin(cpu, first);
	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, PVLOCK_FEATURES), there ? 0 : no);
	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, PVLOCK_PREEMPTED), there ? 0 : no);
	GUEST_ASSERT_EQ(smccc(PVLOCK_PREEMPTED, 0), there ? ipa : no);
	GUEST_ASSERT_EQ(smccc(PVLOCK_PREEMPTED, ~0UL), there ? ipa : no);

	/* The ID is of 32 bits. */
	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, upper | PVLOCK_PREEMPTED), there ? 0 : no);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, others[i]), no);
		GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, others[i] ^ upper), no);
	}

	/* These know of the bit only. */
	GUEST_ASSERT_EQ(smccc(ARM_SMCCC_ARCH_FEATURES_FUNC_ID, PVLOCK_FEATURES),
			guest_bit ? 0 : no);
	do_smccc(ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID, 0, 0, 0, 0, 0, 0, 0, &res);
	GUEST_ASSERT_EQ(res.a2, guest_bit ? PVLOCK_BIT : 0);

	/* As SMC32 functions, they don't exist. */
	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES & ~BIT(30), PVLOCK_FEATURES), no);
	GUEST_ASSERT_EQ(smccc(PVLOCK_PREEMPTED & ~BIT(30), 0), no);
	GUEST_DONE();
}

static u64 pvlock_ipa(struct test *t, unsigned int i)
{
	return PVLOCK_GPA + i * t->stride;
}

/* The field 'preempted' of a vCPU */
static u64 *field(struct test *t, unsigned int i)
{
	return t->mem + i * t->stride;
}

static u64 read_field(struct test *t, unsigned int i)
{
	return le64toh(READ_ONCE(*field(t, i)));
}

static void set_slot(struct test *t, u32 flags, u64 gpa)
{
	vm_set_user_memory_region(t->vm, PVLOCK_SLOT, flags, gpa, t->size, t->mem);
}

static void delete_slot(struct test *t)
{
	vm_set_user_memory_region(t->vm, PVLOCK_SLOT, 0, PVLOCK_GPA, 0, NULL);
}

static void *alloc_mem(struct test *t, int byte)
{
	void *mem = kvm_mmap(t->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	return memset(mem, byte, t->size);
}

/* Let a vCPU begin with @guest_code, the next time it runs. */
static void vcpu_set_code(struct test *t, unsigned int i, void *guest_code)
{
	memset(&t->guest[i], 0, sizeof(t->guest[i]));
	vcpu_arch_set_entry_point(t->vcpus[i], (void *)guest_entry);
	vcpu_args_set(t->vcpus[i], 4, (u64)i, pvlock_ipa(t, i), 0UL, (u64)guest_code);
}

static void vm_init_vcpus(struct test *t, void *guest_code)
{
	struct kvm_vcpu_init init;
	unsigned int i;

	kvm_get_default_vcpu_target(t->vm, &init);
	init.features[0] |= BIT(KVM_ARM_VCPU_PSCI_0_2);

	for (i = 0; i < t->nr_vcpus; i++) {
		t->vcpus[i] = aarch64_vcpu_add(t->vm, i, &init, NULL);
		vcpu_set_code(t, i, guest_code);
	}
	kvm_arch_vm_finalize_vcpus(t->vm);
}

/* Create the VM, without the service. */
static void test_create(struct test *t, void *guest_code)
{
	t->nr_vcpus = t->nr_vcpus ?: 2;
	t->stride = t->stride ?: PVLOCK_SIZE;
	t->size = t->size ?: 16 * getpagesize();
	t->mem = t->mem ?: alloc_mem(t, 0);

	t->vm = vm_create(t->nr_vcpus);
	WRITE_AND_SYNC_TO_GUEST(t->vm, guest_nr_vcpus, t->nr_vcpus);
	WRITE_AND_SYNC_TO_GUEST(t->vm, guest_stride, t->stride);
	t->guest = addr_gva2hva(t->vm, (gva_t)guest_states);
	vm_init_vcpus(t, guest_code);

	/* The structures are where the guest expects them, by virtual address, too. */
	virt_map(t->vm, PVLOCK_GPA, PVLOCK_GPA, t->size / t->vm->page_size);
	set_slot(t, 0, PVLOCK_GPA);
}

static int __set_ipa(struct kvm_vcpu *vcpu, u64 ipa)
{
	return __vcpu_device_attr_set(vcpu, KVM_ARM_VCPU_PVLOCK_CTRL,
				      KVM_ARM_VCPU_PVLOCK_IPA, &ipa);
}

static u64 get_ipa(struct kvm_vcpu *vcpu)
{
	u64 ipa = 0;

	vcpu_device_attr_get(vcpu, KVM_ARM_VCPU_PVLOCK_CTRL, KVM_ARM_VCPU_PVLOCK_IPA, &ipa);
	return ipa;
}

static void set_ipas(struct test *t)
{
	unsigned int i;
	int ret;

	for (i = 0; i < t->nr_vcpus; i++) {
		ret = __set_ipa(t->vcpus[i], pvlock_ipa(t, i));
		TEST_ASSERT(!ret, KVM_IOCTL_ERROR(KVM_SET_DEVICE_ATTR, ret));
	}
}

/* Create the VM, with the service. */
static void test_init(struct test *t, void *guest_code)
{
	test_create(t, guest_code);
	vcpu_set_reg(t->vcpus[0], PVLOCK_REG, PVLOCK_BIT);
	set_ipas(t);
}

static void test_free(struct test *t)
{
	kvm_vm_free(t->vm);
	kvm_munmap(t->mem, t->size);
}

/* Without a slot, to look at a structure is to read from a device. */
static bool emulate_structure(struct kvm_run *run)
{
	if (run->exit_reason != KVM_EXIT_MMIO || run->mmio.is_write ||
	    run->mmio.phys_addr < PVLOCK_GPA)
		return false;

	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	return true;
}

static void *vcpu_thread_fn(void *arg)
{
	struct vcpu_thread *thread = arg;
	struct kvm_vcpu *vcpu = thread->vcpu;
	struct ucall uc;
	int ret;

	pin_self_to_cpu(test_cpu);
	WRITE_ONCE(thread->tid, kvm_gettid());

	while (!READ_ONCE(thread->stop)) {
		ret = __vcpu_run(vcpu);
		if (ret && errno == EINTR)
			continue;
		if (ret && errno == EFAULT && READ_ONCE(thread->may_fault)) {
			WRITE_ONCE(thread->faults, thread->faults + 1);
			usleep(10000);
			continue;
		}
		TEST_ASSERT(!ret, KVM_IOCTL_ERROR(KVM_RUN, ret));

		if (emulate_structure(vcpu->run))
			continue;
		if (get_ucall(vcpu, &uc) == UCALL_ABORT)
			REPORT_GUEST_ASSERT(uc);
		TEST_FAIL("Unexpected exit: %s", exit_reason_str(vcpu->run->exit_reason));
	}

	while (READ_ONCE(thread->spin))
		;
	return NULL;
}

static void start_vcpu(struct test *t, unsigned int i)
{
	struct vcpu_thread *thread = &t->threads[i];

	thread->vcpu = t->vcpus[i];
	thread->stop = false;
	kvm_pthread_create(&thread->thread, NULL, vcpu_thread_fn, thread);
}

/* Have the thread leave KVM_RUN. */
static void kick_vcpu(struct test *t, unsigned int i)
{
	struct vcpu_thread *thread = &t->threads[i];

	WRITE_ONCE(thread->stop, true);
	WRITE_ONCE(thread->vcpu->run->immediate_exit, 1);
	pthread_kill(thread->thread, SIGUSR1);
}

static void stop_vcpu(struct test *t, unsigned int i)
{
	kick_vcpu(t, i);
	kvm_pthread_join(t->threads[i].thread, NULL);
	t->vcpus[i]->run->immediate_exit = 0;
}

static pthread_t disturb_thread;
static bool disturb_stop;
static void (*disturb_hook)(void);	/* While it runs, no vCPU does. */

/* For the calling thread. Not everyone is permitted to. */
static bool set_fifo(bool on)
{
	struct sched_param param = { .sched_priority = on };

	return !sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &param);
}

/* Preempt what runs on test_cpu, as far as set_fifo() is permitted. */
static void *disturb_fn(void *arg)
{
	void (*hook)(void);

	pin_self_to_cpu(test_cpu);
	set_fifo(true);
	while (!READ_ONCE(disturb_stop)) {
		usleep(DISTURB_US);
		hook = READ_ONCE(disturb_hook);
		if (hook)
			hook();
	}
	return NULL;
}

static void start_disturbing(void)
{
	disturb_stop = false;
	kvm_pthread_create(&disturb_thread, NULL, disturb_fn, NULL);
}

static void stop_disturbing(void)
{
	WRITE_ONCE(disturb_stop, true);
	kvm_pthread_join(disturb_thread, NULL);
}

static void start(struct test *t)
{
	unsigned int i;

	start_disturbing();
	for (i = 0; i < t->nr_vcpus; i++)
		start_vcpu(t, i);
}

/* And see that vCPUs that have been stopped are not preempted. */
static void stop(struct test *t)
{
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++)
		stop_vcpu(t, i);
	stop_disturbing();
	for (i = 0; i < t->nr_vcpus; i++)
		TEST_ASSERT_EQ(read_field(t, i), 0);
}

/* Whether a thread waits for something: the third field of its stat file. */
static bool thread_sleeps(struct vcpu_thread *thread)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", READ_ONCE(thread->tid));
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(f);
	return state == 'S';
}

/* Times that KVM has written 1 or 0 to the structure */
static u64 writes(struct kvm_vcpu *vcpu)
{
	return vcpu_get_stat(vcpu, pvlock_preempted) + vcpu_get_stat(vcpu, pvlock_resumed);
}

static void expect_preemptions(struct kvm_vcpu *vcpu, u64 n)
{
	u64 before = vcpu_get_stat(vcpu, pvlock_preempted);

	wait_for(vcpu_get_stat(vcpu, pvlock_preempted) >= before + n);
}

static void expect_failures(struct kvm_vcpu *vcpu, u64 n)
{
	u64 before = vcpu_get_stat(vcpu, pvlock_failed);

	wait_for(vcpu_get_stat(vcpu, pvlock_failed) >= before + n);
}

/* The guest is told: of vCPUs that spin, each finds the next one preempted. */
static void expect_marks(struct test *t, u64 n)
{
	u64 before[NR_VCPUS];
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++)
		before[i] = READ_ONCE(t->guest[i].marked);
	for (i = 0; i < t->nr_vcpus; i++)
		wait_for(READ_ONCE(t->guest[i].marked) >= before[i] + n);
}

static void set_blind(struct test *t, bool blind)
{
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++) {
		u64 loops = READ_ONCE(t->guest[i].loops);

		WRITE_ONCE(t->guest[i].blind, blind);
		wait_for(READ_ONCE(t->guest[i].loops) > loops + 1);
	}
}

static void clear_self(struct test *t)
{
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++)
		WRITE_ONCE(t->guest[i].self, 0);
}

/* No vCPU has found itself preempted. */
static void expect_no_self(struct test *t)
{
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++)
		TEST_ASSERT(!READ_ONCE(t->guest[i].self),
			    "vCPU %u saw itself as preempted, %lu times of %lu",
			    i, t->guest[i].self, t->guest[i].loops);
}

/*
 * After what KVM could not write to, or didn't know of: once the vCPUs have been
 * preempted a few times, all is as it should be.
 */
static void expect_convergence(struct test *t)
{
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++)
		expect_preemptions(t->vcpus[i], 3);
	clear_self(t);
	expect_marks(t, 5);
	expect_no_self(t);
}

static void expect_bytes(struct test *t, u8 val)
{
	u8 *byte;

	for (byte = t->mem; byte < (u8 *)t->mem + t->size; byte++)
		TEST_ASSERT(*byte == val, "byte 0x%lx: 0x%x", byte - (u8 *)t->mem, *byte);
}

/* Run until GUEST_SYNC(), and return what that is given, or GUEST_DONE() */
static u64 run_vcpu(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	vcpu_run(vcpu);
	switch (get_ucall(vcpu, &uc)) {
	case UCALL_SYNC:
		return uc.args[1];
	case UCALL_DONE:
		return 0;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("Unexpected exit: %s", exit_reason_str(vcpu->run->exit_reason));
	}
}

/*
 * Have each vCPU begin, alone and undisturbed, so that it isn't preempted: its first
 * instruction finds a 0, whatever was there before. Then let it begin anew.
 */
static void expect_first_clear(struct test *t)
{
	unsigned int i;

	for (i = 0; i < t->nr_vcpus; i++) {
		vcpu_set_code(t, i, guest_sync);
		run_vcpu(t->vcpus[i]);
		TEST_ASSERT_EQ(t->guest[i].started, 1);
		TEST_ASSERT_EQ(t->guest[i].first, 0);
		vcpu_run_complete_io(t->vcpus[i]);
		vcpu_set_code(t, i, guest_spin);
	}
}

/* The functions, with and without the bit, with and without structures. */
static const char *test_discovery(void)
{
	unsigned int bit, mask, i;
	u64 val;

	for (bit = 0; bit < 2; bit++) {
		for (mask = 0; mask < BIT(NR_VCPUS); mask++) {
			struct test t = { .nr_vcpus = NR_VCPUS };

			test_create(&t, guest_discover);
			TEST_ASSERT_EQ(vcpu_get_reg(t.vcpus[0], PVLOCK_REG), 0);
			expect_error(__vcpu_set_reg(t.vcpus[0], PVLOCK_REG, PVLOCK_BIT << 1),
				     EINVAL);
			if (bit)
				vcpu_set_reg(t.vcpus[0], PVLOCK_REG, PVLOCK_BIT);
			guest_bit = bit;
			for (i = 0; i < NR_VCPUS; i++) {
				guest_ipa[i] = mask & BIT(i);
				if (guest_ipa[i])
					TEST_ASSERT_EQ(__set_ipa(t.vcpus[i], pvlock_ipa(&t, i)), 0);
			}
			sync_global_to_guest(t.vm, guest_bit);
			sync_global_to_guest(t.vm, guest_ipa);

			for (i = 0; i < NR_VCPUS; i++)
				run_vcpu(t.vcpus[i]);

			/* Too late to change it, but not to write it again. */
			val = bit ? PVLOCK_BIT : 0;
			TEST_ASSERT_EQ(vcpu_get_reg(t.vcpus[1], PVLOCK_REG), val);
			vcpu_set_reg(t.vcpus[0], PVLOCK_REG, val);
			expect_error(__vcpu_set_reg(t.vcpus[0], PVLOCK_REG, val ^ PVLOCK_BIT),
				     EBUSY);
			TEST_ASSERT_EQ(vcpu_get_reg(t.vcpus[1], PVLOCK_REG), val);
			test_free(&t);
		}
	}
	return NULL;
}

/*
 * To an AArch32 guest, the functions don't exist. The guest is three A32
 * instructions, for which the MMU is off: HVC #0, store r0 where nothing is, and
 * then the same again.
 */
static const char *test_aarch32(void)
{
	static const u32 code[] = { 0xe1400070, 0xe5840000, 0xeafffffc };
	static const struct {
		u32 func_id, arg;
	} calls[] = {
		{ PVLOCK_FEATURES, PVLOCK_FEATURES },
		{ PVLOCK_FEATURES, PVLOCK_PREEMPTED },
		{ PVLOCK_PREEMPTED, 0 },
		{ ARM_SMCCC_ARCH_FEATURES_FUNC_ID, PVLOCK_FEATURES },
		{ PVLOCK_FEATURES & ~BIT(30), PVLOCK_FEATURES },
		{ PVLOCK_PREEMPTED & ~BIT(30), 0 },
	};
	const u64 code_gpa = 2 * PVLOCK_GPA, mmio_gpa = 3 * PVLOCK_GPA;
	struct test t = { .nr_vcpus = 1 };
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;
	unsigned int i;
	u32 r0;

	if (!kvm_has_cap(KVM_CAP_ARM_EL1_32BIT))
		return "no AArch32 at EL1";

	t.stride = PVLOCK_SIZE;
	t.size = 16 * getpagesize();
	t.mem = alloc_mem(&t, 0);
	t.vm = vm_create(1);
	set_slot(&t, 0, PVLOCK_GPA);
	vm_userspace_mem_region_add(t.vm, VM_MEM_SRC_ANONYMOUS, code_gpa, PVLOCK_SLOT + 1,
				    vm_calc_num_guest_pages(VM_MODE_DEFAULT, sizeof(code)), 0);
	memcpy(addr_gpa2hva(t.vm, code_gpa), code, sizeof(code));

	vcpu = __vm_vcpu_add(t.vm, 0);
	t.vcpus[0] = vcpu;
	kvm_get_default_vcpu_target(t.vm, &init);
	init.features[0] &= ~BIT(KVM_ARM_VCPU_HAS_EL2);
	init.features[0] |= BIT(KVM_ARM_VCPU_EL1_32BIT) | BIT(KVM_ARM_VCPU_PSCI_0_2);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	kvm_arch_vm_finalize_vcpus(t.vm);

	vcpu_set_reg(vcpu, PVLOCK_REG, PVLOCK_BIT);
	set_ipas(&t);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), code_gpa);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[4]), mmio_gpa);

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[0]), calls[i].func_id);
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[1]), calls[i].arg);
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
		TEST_ASSERT_EQ(vcpu->run->mmio.phys_addr, mmio_gpa);
		memcpy(&r0, vcpu->run->mmio.data, sizeof(r0));
		TEST_ASSERT(r0 == (u32)SMCCC_RET_NOT_SUPPORTED,
			    "function 0x%x of 0x%x: 0x%x", calls[i].func_id, calls[i].arg, r0);
		vcpu_run_complete_io(vcpu);
	}
	test_free(&t);
	return NULL;
}

/* What is wrong gets its error, and changes nothing. */
static const char *test_attributes(void)
{
	const u64 group = KVM_ARM_VCPU_PVLOCK_CTRL, attr = KVM_ARM_VCPU_PVLOCK_IPA;
	void *bad = (void *)8;
	struct test t = { };
	struct kvm_vcpu **vcpus = t.vcpus;
	u64 readonly_gpa, val, ipa;
	unsigned int i, j;

	test_create(&t, guest_sync);
	readonly_gpa = PVLOCK_GPA + 2 * t.size;
	vm_userspace_mem_region_add(t.vm, VM_MEM_SRC_ANONYMOUS, readonly_gpa, PVLOCK_SLOT + 1,
				    t.size / t.vm->page_size, KVM_MEM_READONLY);

	for (i = 0; i < 2; i++) {
		const u64 wrong[] = {
			ipa = pvlock_ipa(&t, i),
			/* Not aligned */
			ipa + 1, ipa + 8, ipa + 32, ipa + 63, ~0UL,
			/* Not in a slot */
			PVLOCK_GPA - 64, PVLOCK_GPA + t.size, ~63UL,
			/* No address in the VM at all */
			BIT(t.vm->pa_bits), BIT(t.vm->pa_bits) | ipa, BIT(63) | ipa,
			/* Not to be written to */
			readonly_gpa, readonly_gpa + t.size - 64,
		};

		vcpu_has_device_attr(vcpus[i], group, attr);
		TEST_ASSERT_EQ(get_ipa(vcpus[i]), ~0UL);

		expect_error(__vcpu_has_device_attr(vcpus[i], group, attr + 1), ENXIO);
		expect_error(__vcpu_device_attr_set(vcpus[i], group, attr + 1, &ipa), ENXIO);
		expect_error(__vcpu_device_attr_get(vcpus[i], group, attr + 1, &val), ENXIO);
		expect_error(__vcpu_device_attr_set(vcpus[i], group, attr, bad), EFAULT);
		expect_error(__vcpu_device_attr_get(vcpus[i], group, attr, bad), EFAULT);
		for (j = 1; j < ARRAY_SIZE(wrong); j++) {
			expect_error(__set_ipa(vcpus[i], wrong[j]), EINVAL);
			TEST_ASSERT_EQ(get_ipa(vcpus[i]), ~0UL);
		}
	}

	/* The one vCPU has one now, the other one has not. */
	ipa = pvlock_ipa(&t, 0);
	TEST_ASSERT_EQ(__set_ipa(vcpus[0], ipa), 0);
	TEST_ASSERT_EQ(get_ipa(vcpus[0]), ipa);
	TEST_ASSERT_EQ(get_ipa(vcpus[1]), ~0UL);
	expect_error(__set_ipa(vcpus[0], ipa), EEXIST);
	expect_error(__set_ipa(vcpus[0], ipa + t.stride), EEXIST);
	expect_error(__set_ipa(vcpus[0], readonly_gpa), EEXIST);
	expect_error(__set_ipa(vcpus[0], ipa + 1), EINVAL);
	expect_error(__vcpu_device_attr_set(vcpus[0], group, attr, bad), EFAULT);
	expect_error(__vcpu_device_attr_get(vcpus[0], group, attr, bad), EFAULT);
	TEST_ASSERT_EQ(get_ipa(vcpus[0]), ipa);

	/* It is the VM that has run, not the vCPU. */
	for (i = 0; i < 2; i++) {
		vcpu_run(vcpus[i]);
		for (j = 0; j < 2; j++) {
			expect_error(__set_ipa(vcpus[j], pvlock_ipa(&t, j)), EBUSY);
			expect_error(__set_ipa(vcpus[j], readonly_gpa), EBUSY);
			expect_error(__set_ipa(vcpus[j], pvlock_ipa(&t, j) + 1), EINVAL);
			expect_error(__vcpu_device_attr_set(vcpus[j], group, attr, bad), EFAULT);
			vcpu_has_device_attr(vcpus[j], group, attr);
			TEST_ASSERT_EQ(get_ipa(vcpus[j]), j ? ~0UL : ipa);
		}
	}
	TEST_ASSERT_EQ(vcpu_get_reg(vcpus[0], PVLOCK_REG), 0);
	TEST_ASSERT_EQ(writes(vcpus[1]), 0);
	test_free(&t);
	return NULL;
}

static const char *test_protected_vm(void)
{
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVLOCK_CTRL,
		.attr = KVM_ARM_VCPU_PVLOCK_IPA,
	};
	int kvm_fd, vm_fd, vcpu_fd;
	u64 ipa = PVLOCK_GPA;

	kvm_fd = open_kvm_dev_path_or_exit();
	vm_fd = __kvm_ioctl(kvm_fd, KVM_CREATE_VM, (void *)KVM_VM_TYPE_ARM_PROTECTED);
	close(kvm_fd);
	if (vm_fd < 0)
		return "no protected VMs";
	vcpu_fd = ioctl(vm_fd, KVM_CREATE_VCPU, 0);
	TEST_ASSERT(vcpu_fd >= 0, KVM_IOCTL_ERROR(KVM_CREATE_VCPU, vcpu_fd));

	attr.addr = (u64)&ipa;
	expect_error(ioctl(vcpu_fd, KVM_HAS_DEVICE_ATTR, &attr), ENXIO);
	expect_error(ioctl(vcpu_fd, KVM_GET_DEVICE_ATTR, &attr), ENXIO);
	expect_error(ioctl(vcpu_fd, KVM_SET_DEVICE_ATTR, &attr), ENXIO);
	TEST_ASSERT_EQ(ipa, PVLOCK_GPA);

	close(vcpu_fd);
	close(vm_fd);
	return NULL;
}

/* KVM writes the fields, 0 before the guest runs, and not a byte more. */
static const char *test_layout(void)
{
	struct test t = { .stride = 3 * PVLOCK_SIZE };
	unsigned int i;

	test_create(&t, guest_spin);
	memset(t.mem, 0xa5, t.size);
	for (i = 0; i < t.nr_vcpus; i++)
		*field(&t, i) = ~0UL;
	set_ipas(&t);

	expect_first_clear(&t);
	start(&t);
	for (i = 0; i < t.nr_vcpus; i++)
		expect_preemptions(t.vcpus[i], 50);
	expect_marks(&t, 5);
	stop(&t);

	expect_no_self(&t);
	for (i = 0; i < t.nr_vcpus; i++)
		memset(field(&t, i), 0xa5, sizeof(u64));
	expect_bytes(&t, 0xa5);
	test_free(&t);
	return NULL;
}

/* vCPUs that preempt each other see it, and don't see themselves preempted. */
static const char *test_preemption(void)
{
	u64 val, turns, marked, not_0_or_1 = 0, ones = 0, samples = 0;
	struct test t = { };
	unsigned int i;

	test_init(&t, guest_spin);
	start(&t);
	expect_marks(&t, 1);

	while (READ_ONCE(t.guest[0].marked) < 100 || READ_ONCE(t.guest[1].marked) < 100) {
		for (i = 0; i < t.nr_vcpus; i++) {
			val = read_field(&t, i);
			samples++;
			ones += val == 1;
			not_0_or_1 += val > 1;
		}
		usleep(500);
	}
	stop(&t);

	TEST_ASSERT_EQ(not_0_or_1, 0);
	TEST_ASSERT(ones, "never 1 in %lu samples", samples);
	expect_no_self(&t);
	for (i = 0; i < t.nr_vcpus; i++) {
		turns = t.guest[i].turns;
		marked = t.guest[i].marked;
		ksft_print_msg("vCPU %u: the other one ran %lu times, then was marked %lu times\n",
			       i, turns, marked);
		/* It is a hint, so that there may be a reason not to give it. */
		TEST_ASSERT(marked >= turns - turns / 10, "%lu of %lu", marked, turns);
	}
	test_free(&t);
	return NULL;
}

/* Each write is counted, by what is written. */
static const char *test_statistics(void)
{
	struct test t = { .nr_vcpus = 1 };
	u64 preempted, resumed;
	struct kvm_vcpu *vcpu;

	test_init(&t, guest_spin);
	vcpu = t.vcpus[0];
	TEST_ASSERT_EQ(writes(vcpu), 0);
	TEST_ASSERT_EQ(vcpu_get_stat(vcpu, pvlock_failed), 0);

	start(&t);
	expect_preemptions(vcpu, 100);
	stop(&t);

	/* 0 is written at first, and then after each 1. */
	preempted = vcpu_get_stat(vcpu, pvlock_preempted);
	resumed = vcpu_get_stat(vcpu, pvlock_resumed);
	TEST_ASSERT(resumed >= preempted && resumed <= preempted + 2, "%lu, %lu",
		    preempted, resumed);
	TEST_ASSERT(vcpu_get_stat(vcpu, pvlock_failed) <= preempted / 10, "%lu of %lu",
		    vcpu_get_stat(vcpu, pvlock_failed), preempted);

	/* Nothing to write to */
	delete_slot(&t);
	preempted = vcpu_get_stat(vcpu, pvlock_preempted);
	resumed = vcpu_get_stat(vcpu, pvlock_resumed);
	start(&t);
	expect_failures(vcpu, 20);
	stop(&t);
	TEST_ASSERT_EQ(vcpu_get_stat(vcpu, pvlock_preempted), preempted);
	TEST_ASSERT_EQ(vcpu_get_stat(vcpu, pvlock_resumed), resumed);
	test_free(&t);
	return NULL;
}

/*
 * Until vCPU 1's thread has gone to sleep for good. It may have been preempted on
 * the way, when it already was in a state as if it slept.
 */
static void wait_for_sleep(struct test *t)
{
	unsigned int n = 0;

	wait_for(READ_ONCE(t->guest[1].started));
	while (n < 20) {
		n = thread_sleeps(&t->threads[1]) && !read_field(t, 1) ? n + 1 : 0;
		usleep(1000);
	}
}

/* While vCPU 0 is preempted @n times, vCPU 1 is not. */
static void expect_not_marked(struct test *t, u64 n)
{
	u64 before = vcpu_get_stat(t->vcpus[1], pvlock_preempted);
	u64 end = vcpu_get_stat(t->vcpus[0], pvlock_preempted) + n;
	u64 samples = 0;

	do {
		TEST_ASSERT(!read_field(t, 1), "marked in sample %lu", samples);
		samples++;
		usleep(500);
	} while (vcpu_get_stat(t->vcpus[0], pvlock_preempted) < end);
	TEST_ASSERT_EQ(vcpu_get_stat(t->vcpus[1], pvlock_preempted), before);
}

/* A vCPU that waits for an interrupt is not preempted. */
static const char *test_idle(void)
{
	struct test t = { };

	test_init(&t, guest_spin);
	vcpu_set_code(&t, 1, guest_idle);
	start(&t);
	wait_for_sleep(&t);
	expect_not_marked(&t, 500);
	TEST_ASSERT(thread_sleeps(&t.threads[1]), "woke up");
	stop(&t);
	expect_no_self(&t);
	test_free(&t);
	return NULL;
}

/* A vCPU that the guest has turned off isn't either, and keeps its structure. */
static const char *test_cpu_off(void)
{
	struct test t = { };
	u64 mpidr;

	test_init(&t, guest_spin);
	if (vcpu_has_el2(t.vcpus[0])) {
		test_free(&t);
		return "at EL2, HVC is the guest's own";
	}
	mpidr = vcpu_get_reg(t.vcpus[1], KVM_ARM64_SYS_REG(SYS_MPIDR_EL1)) & MPIDR_HWID_BITMASK;
	vcpu_set_code(&t, 1, guest_cpu_off);
	t.guest[0].entry = addr_gva2gpa(t.vm, (gva_t)guest_cpu_on_entry);

	start(&t);
	wait_for_sleep(&t);
	expect_not_marked(&t, 500);
	TEST_ASSERT(thread_sleeps(&t.threads[1]), "woke up");

	TEST_ASSERT(mpidr, "vCPU 1 has MPIDR 0");
	WRITE_ONCE(t.guest[0].cpu_on, mpidr);
	wait_for(!READ_ONCE(t.guest[0].cpu_on));
	TEST_ASSERT_EQ(t.guest[0].result, PSCI_RET_SUCCESS);
	expect_preemptions(t.vcpus[1], 50);
	stop(&t);

	TEST_ASSERT_EQ(vcpu_get_reg(t.vcpus[1], ARM64_CORE_REG(regs.regs[0])), pvlock_ipa(&t, 1));
	TEST_ASSERT_EQ(get_ipa(t.vcpus[1]), pvlock_ipa(&t, 1));
	expect_no_self(&t);
	test_free(&t);
	return NULL;
}

/*
 * The structure is the guest hypervisor's, also while the vCPU runs L2, to whom the
 * functions don't exist unless the guest hypervisor has them.
 */
static const char *test_l2(void)
{
	struct test t = { };
	typeof(l2) *answers;

	test_init(&t, guest_spin);
	if (!vcpu_has_el2(t.vcpus[0])) {
		test_free(&t);
		return "no EL2 in the guest";
	}
	vm_init_descriptor_tables(t.vm);
	vcpu_init_descriptor_tables(t.vcpus[1]);
	vm_install_sync_handler(t.vm, VECTOR_SYNC_LOWER_64, ESR_ELx_EC_HVC64, guest_hypervisor_hvc);
	vcpu_set_code(&t, 1, guest_hypervisor);

	start(&t);
	wait_for(READ_ONCE(t.guest[0].marked) >= 20);
	expect_preemptions(t.vcpus[1], 20);
	stop(&t);

	answers = addr_gva2hva(t.vm, (gva_t)&l2);
	TEST_ASSERT_EQ(answers->features, (u64)SMCCC_RET_NOT_SUPPORTED);
	TEST_ASSERT_EQ(answers->preempted, (u64)SMCCC_RET_NOT_SUPPORTED);
	TEST_ASSERT_EQ(answers->hvc, L2_ANSWER);
	TEST_ASSERT(t.guest[1].loops, "L2 didn't run");
	expect_no_self(&t);
	test_free(&t);
	return NULL;
}

/* What the thread does outside of KVM_RUN is no matter of KVM's. */
static const char *test_userspace(void)
{
	struct test t = { };

	test_init(&t, guest_spin);
	t.threads[1].spin = true;
	start(&t);
	expect_preemptions(t.vcpus[1], 20);
	kick_vcpu(&t, 1);
	/* Its MP state can be had again when it has left KVM_RUN. */
	vcpu_mp_state_get(t.vcpus[1], &(struct kvm_mp_state) { });
	expect_not_marked(&t, 500);
	WRITE_ONCE(t.threads[1].spin, false);
	stop(&t);
	expect_no_self(&t);
	test_free(&t);
	return NULL;
}

/* While vCPUs run, the slot vanishes and appears again, with other memory. */
static const char *test_slot_recreated(void)
{
	struct test t = { };
	void *old;
	int i;

	test_init(&t, guest_spin);
	start(&t);
	for (i = 0; i < 20; i++) {
		expect_marks(&t, 1);
		delete_slot(&t);
		usleep(i * 500);
		old = t.mem;
		t.mem = alloc_mem(&t, i & 1 ? 0xff : 0);
		kvm_munmap(old, t.size);
		set_slot(&t, 0, PVLOCK_GPA);
		expect_convergence(&t);
	}
	stop(&t);
	test_free(&t);
	return NULL;
}

/* While a vCPU is idle, it gets memory that says that the vCPU is preempted. */
static const char *test_slot_idle(void)
{
	struct test t = { };
	int i;

	test_init(&t, guest_spin);
	vcpu_set_code(&t, 1, guest_idle);
	start(&t);
	for (i = 0; i < 10; i++) {
		wait_for_sleep(&t);
		delete_slot(&t);
		memset(t.mem, 0xff, t.size);
		set_slot(&t, 0, PVLOCK_GPA);
		wait_for(!read_field(&t, 1));
	}
	wait_for_sleep(&t);
	expect_not_marked(&t, 50);
	stop(&t);
	test_free(&t);
	return NULL;
}

/* While vCPUs don't run, it gets memory that says that they are preempted. */
static const char *test_slot_replaced(void)
{
	struct test t = { };
	void *old;
	int i;

	test_init(&t, guest_spin);
	for (i = 0; i < 10; i++) {
		start(&t);
		expect_marks(&t, 1);
		stop(&t);
		expect_no_self(&t);

		delete_slot(&t);
		old = t.mem;
		t.mem = alloc_mem(&t, 0xff);
		kvm_munmap(old, t.size);
		set_slot(&t, 0, PVLOCK_GPA);
	}
	start(&t);
	expect_marks(&t, 1);
	stop(&t);
	expect_no_self(&t);
	test_free(&t);
	return NULL;
}

/* When the slot has moved elsewhere, its memory isn't the structures' any more. */
static const char *test_slot_moved(void)
{
	struct test t = { };
	int i, j;

	test_init(&t, guest_spin);
	start(&t);
	for (i = 0; i < 10; i++) {
		/* It can't go there, and is away while KVM finds out. */
		for (j = 0; j < 20; j++)
			expect_error(__vm_set_user_memory_region(t.vm, PVLOCK_SLOT, 0,
								 BIT(52), t.size, t.mem), EFAULT);
		expect_convergence(&t);

		set_slot(&t, 0, PVLOCK_GPA + t.size);
		memset(t.mem, 0xff, t.size);
		expect_failures(t.vcpus[i & 1], 2);
		expect_bytes(&t, 0xff);
		set_slot(&t, 0, PVLOCK_GPA);
		expect_convergence(&t);
	}
	stop(&t);
	test_free(&t);
	return NULL;
}

/* Nothing is written to a slot that is read-only, or by way of it. */
static const char *test_slot_readonly(void)
{
	struct test t = { };
	int i;

	if (!kvm_has_cap(KVM_CAP_READONLY_MEM))
		return "no read-only slots";

	test_init(&t, guest_spin);
	start(&t);
	for (i = 0; i < 5; i++) {
		expect_marks(&t, 1);
		delete_slot(&t);
		memset(t.mem, 0xff, t.size);
		set_slot(&t, KVM_MEM_READONLY, PVLOCK_GPA);
		expect_failures(t.vcpus[0], 20);
		expect_failures(t.vcpus[1], 20);
		expect_bytes(&t, 0xff);
		delete_slot(&t);
		set_slot(&t, 0, PVLOCK_GPA);
		expect_convergence(&t);
	}
	stop(&t);
	test_free(&t);
	return NULL;
}

/* The page is given back to the host, again and again. */
static const char *test_discarded(void)
{
	struct test t = { };
	u64 failed;
	int i;

	test_init(&t, guest_spin);
	start(&t);
	expect_marks(&t, 1);
	failed = vcpu_get_stat(t.vcpus[0], pvlock_failed);
	for (i = 0; i < 200; i++) {
		kvm_madvise(t.mem, t.size, MADV_DONTNEED);
		usleep(1000);
	}
	expect_marks(&t, 10);
	stop(&t);
	TEST_ASSERT(vcpu_get_stat(t.vcpus[0], pvlock_failed) > failed, "the page was never missed");
	expect_no_self(&t);
	test_free(&t);
	return NULL;
}

static bool have_swap(void)
{
	FILE *f = fopen("/proc/swaps", "r");
	char line[256];
	int lines = 0;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		lines++;
	fclose(f);
	return lines > 1;
}

static const char *test_swapped_out(void)
{
	struct test t = { };
	u64 failed;
	int i;

	if (!have_swap())
		return "no swap space";

	test_init(&t, guest_spin);
	start(&t);
	expect_marks(&t, 1);
	failed = vcpu_get_stat(t.vcpus[0], pvlock_failed);
	for (i = 0; i < 200; i++) {
		kvm_madvise(t.mem, t.size, MADV_PAGEOUT);
		usleep(1000);
	}
	expect_convergence(&t);
	stop(&t);
	TEST_ASSERT(vcpu_get_stat(t.vcpus[0], pvlock_failed) > failed,
		    "the page was never missed");
	test_free(&t);
	return NULL;
}

static void *uffd_page;
static u64 uffd_pages;

static int uffd_handler(int mode, int uffd, struct uffd_msg *msg)
{
	struct uffdio_copy copy = {
		.src = (u64)uffd_page,
		.dst = msg->arg.pagefault.address & ~(getpagesize() - 1UL),
		.len = getpagesize(),
	};

	WRITE_ONCE(uffd_pages, uffd_pages + 1);
	/* Another fault for the same page may have been first. */
	if (ioctl(uffd, UFFDIO_COPY, &copy) && errno != EEXIST)
		return -errno;
	return 0;
}

/*
 * Pages come by way of userfaultfd: at first those of a VM that was migrated while
 * its vCPUs were preempted, later others whose place has been discarded.
 */
static const char *test_userfaultfd(void)
{
	struct uffd_desc *uffd;
	struct test t = { };
	int i, fd;
	u64 pages;

	fd = syscall(__NR_userfaultfd, O_CLOEXEC);
	if (fd < 0)
		return "no userfaultfd";
	close(fd);

	test_init(&t, guest_spin);
	kvm_madvise(t.mem, t.size, MADV_DONTNEED);
	uffd_page = alloc_mem(&t, 0xff);
	uffd_pages = 0;
	uffd = uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_MISSING, 2000, t.mem, t.size, 1,
					uffd_handler);
	expect_first_clear(&t);
	TEST_ASSERT(uffd_pages, "no page was missed");
	start(&t);
	expect_marks(&t, 5);
	expect_no_self(&t);

	memset(uffd_page, 0, t.size);
	for (i = 0; i < 20; i++) {
		pages = READ_ONCE(uffd_pages);
		kvm_madvise(t.mem, t.size, MADV_DONTNEED);
		wait_for(READ_ONCE(uffd_pages) > pages);
		expect_marks(&t, 1);
	}
	stop(&t);
	uffd_stop_demand_paging(uffd);
	expect_no_self(&t);
	kvm_munmap(uffd_page, t.size);
	test_free(&t);
	return NULL;
}

static struct test *swap_test;
static bool swap_wanted;

/* Called when no vCPU runs: take the page away from a vCPU that is preempted. */
static void swap_out(void)
{
	if (!READ_ONCE(swap_wanted) || read_field(swap_test, 0) != 1)
		return;
	kvm_madvise(swap_test->mem, swap_test->size, MADV_DONTNEED);
	WRITE_ONCE(swap_wanted, false);
	/* Have the vCPU run, and not be preempted again soon. */
	usleep(20000);
}

/*
 * The page goes when the vCPU is preempted, and comes back the way it went, i.e.
 * with a 1, which the vCPU doesn't see.
 */
static const char *test_swapped_by_userspace(void)
{
	struct test t = { .nr_vcpus = 1 };
	struct uffd_desc *uffd;
	u64 loops;
	int i, fd;

	fd = syscall(__NR_userfaultfd, O_CLOEXEC);
	if (fd < 0)
		return "no userfaultfd";
	close(fd);
	if (!set_fifo(true))
		return "no SCHED_FIFO";
	set_fifo(false);

	test_init(&t, guest_spin);
	uffd_page = alloc_mem(&t, 0);
	*(u64 *)uffd_page = htole64(1);
	uffd_pages = 0;
	uffd = uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_MISSING, 0, t.mem, t.size, 1,
					uffd_handler);
	swap_test = &t;
	disturb_hook = swap_out;
	start(&t);
	for (i = 1; i <= 50; i++) {
		/* If the vCPU looked, it would wait for the page, and begin anew then. */
		set_blind(&t, true);
		WRITE_ONCE(swap_wanted, true);
		wait_for(!READ_ONCE(swap_wanted));
		loops = READ_ONCE(t.guest[0].loops);
		wait_for(READ_ONCE(t.guest[0].loops) > loops);
		read_field(&t, 0);
		TEST_ASSERT(READ_ONCE(uffd_pages) >= i, "%lu of %d", uffd_pages, i);
		set_blind(&t, false);
		expect_no_self(&t);
	}
	expect_preemptions(t.vcpus[0], 3);
	stop(&t);
	disturb_hook = NULL;
	uffd_stop_demand_paging(uffd);
	expect_no_self(&t);
	kvm_munmap(uffd_page, t.size);
	test_free(&t);
	return NULL;
}

/* Userspace takes the right to write away from itself, and gives it back. */
static const char *test_mprotect(void)
{
	struct test t = { };
	unsigned int i;

	/* Before a vCPU first runs, and then for good */
	test_init(&t, guest_sync);
	memset(t.mem, 0xff, t.size);
	TEST_ASSERT_EQ(mprotect(t.mem, t.size, PROT_READ), 0);
	for (i = 0; i < t.nr_vcpus; i++) {
		TEST_ASSERT_EQ(run_vcpu(t.vcpus[i]), ~0UL);
		TEST_ASSERT_EQ(t.guest[i].first, ~0UL);
	}
	expect_bytes(&t, 0xff);
	TEST_ASSERT_EQ(mprotect(t.mem, t.size, PROT_READ | PROT_WRITE), 0);
	for (i = 0; i < t.nr_vcpus; i++) {
		TEST_ASSERT_EQ(run_vcpu(t.vcpus[i]), 0);
		vcpu_run_complete_io(t.vcpus[i]);
		vcpu_set_code(&t, i, guest_spin);
	}

	/* While vCPUs run */
	start(&t);
	for (i = 0; i < 10; i++) {
		expect_marks(&t, 1);
		memset(t.mem, 0xff, t.size);
		TEST_ASSERT_EQ(mprotect(t.mem, t.size, PROT_READ), 0);
		expect_failures(t.vcpus[0], 5);
		expect_failures(t.vcpus[1], 5);
		TEST_ASSERT_EQ(mprotect(t.mem, t.size, PROT_READ | PROT_WRITE), 0);
		expect_convergence(&t);
	}
	stop(&t);
	test_free(&t);
	return NULL;
}

/* The slot is there, but its memory isn't. */
static const char *test_munmap(void)
{
	bool look = false;
	struct test t = { };
	void *mem;
	int i;

	test_init(&t, guest_spin);
	t.threads[0].may_fault = true;
	t.threads[1].may_fault = true;
	start(&t);
	for (i = 0; i < 10; i++) {
		/*
		 * When the guest looks at it, KVM_RUN fails, and the kernel's log says
		 * so each time. Have that once only.
		 */
		look = i == 9;
		expect_marks(&t, 1);
		set_blind(&t, !look);
		kvm_munmap(t.mem, t.size);
		expect_failures(t.vcpus[0], 5);
		expect_failures(t.vcpus[1], 5);
		if (look)
			wait_for(READ_ONCE(t.threads[0].faults) && READ_ONCE(t.threads[1].faults));
		else
			TEST_ASSERT(!t.threads[0].faults && !t.threads[1].faults,
				    "KVM_RUN failed %lu and %lu times", t.threads[0].faults,
				    t.threads[1].faults);
		mem = mmap(t.mem, t.size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		TEST_ASSERT(mem == t.mem, "mapped at %p instead of %p", mem, t.mem);
		memset(mem, 0xff, t.size);
		set_blind(&t, false);
		expect_convergence(&t);
	}
	ksft_print_msg("KVM_RUN failed %lu and %lu times\n", t.threads[0].faults,
		       t.threads[1].faults);
	stop(&t);
	test_free(&t);
	return NULL;
}

static const char *test_guest_memfd(void)
{
	const u64 flags = GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED;
	struct test t = { };
	void *anon;
	int fd;

	test_create(&t, guest_spin);
	if ((vm_check_cap(t.vm, KVM_CAP_GUEST_MEMFD_FLAGS) & flags) != flags) {
		test_free(&t);
		return "no guest_memfd that can be mapped";
	}

	delete_slot(&t);
	anon = t.mem;
	fd = vm_create_guest_memfd(t.vm, t.size, flags);
	t.mem = kvm_mmap(t.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	memset(t.mem, 0xff, t.size);
	vm_set_user_memory_region2(t.vm, PVLOCK_SLOT, KVM_MEM_GUEST_MEMFD, PVLOCK_GPA, t.size,
				   t.mem, fd, 0);
	set_ipas(&t);

	expect_first_clear(&t);
	start(&t);
	expect_marks(&t, 20);
	stop(&t);
	expect_no_self(&t);
	close(fd);
	test_free(&t);
	kvm_munmap(anon, t.size);
	return NULL;
}

/* What has become dirty since the last call, one bit for each of the 16 pages */
static u64 get_dirty_log(struct test *t)
{
	u64 log = 0;

	kvm_vm_get_dirty_log(t->vm, PVLOCK_SLOT, &log);
	return log;
}

/* A page is dirty when KVM has written to the structure in it, and only then. */
static const char *test_dirty_bitmap(void)
{
	struct test t = { .stride = getpagesize() + PVLOCK_SIZE };
	unsigned int i, quiet = 0;
	u64 before, log;

	test_init(&t, guest_sync);
	vcpu_set_code(&t, 1, guest_spin);
	set_slot(&t, KVM_MEM_LOG_DIRTY_PAGES, PVLOCK_GPA);
	TEST_ASSERT_EQ(get_dirty_log(&t), 0);

	start_disturbing();
	for (i = 0; i < 5; i++) {
		start_vcpu(&t, 1);
		expect_preemptions(t.vcpus[1], 10);
		stop_vcpu(&t, 1);
		TEST_ASSERT_EQ(get_dirty_log(&t), BIT(1));
		TEST_ASSERT_EQ(get_dirty_log(&t), 0);
	}

	/* vCPUs that run, */
	start_vcpu(&t, 1);
	for (i = 0; i < 20; i++) {
		expect_preemptions(t.vcpus[1], 2);
		TEST_ASSERT_EQ(get_dirty_log(&t), BIT(1));
	}
	stop_vcpu(&t, 1);
	stop_disturbing();
	get_dirty_log(&t);

	/* that may not be preempted, */
	for (i = 0; i < 100; i++) {
		before = writes(t.vcpus[0]);
		vcpu_run(t.vcpus[0]);
		log = get_dirty_log(&t);
		TEST_ASSERT(log == (writes(t.vcpus[0]) != before), "0x%lx, %lu writes in run %u",
			    log, writes(t.vcpus[0]) - before, i);
		quiet += !log;
	}
	TEST_ASSERT(quiet, "written to in each run");
	ksft_print_msg("nothing written in %u runs of %u\n", quiet, i);

	/* and that don't get as far. */
	before = writes(t.vcpus[0]);
	t.vcpus[0]->run->immediate_exit = 1;
	for (i = 0; i < 1000; i++)
		expect_error(__vcpu_run(t.vcpus[0]), EINTR);
	TEST_ASSERT_EQ(get_dirty_log(&t), 0);
	TEST_ASSERT_EQ(writes(t.vcpus[0]), before);
	test_free(&t);
	return NULL;
}

/* The number of entries, each of which must be for the second page of the slot */
static u64 harvest_ring(struct kvm_vcpu *vcpu)
{
	struct kvm_dirty_gfn *gfns = vcpu_map_dirty_ring(vcpu), *gfn;
	u64 n = 0;

	for (;;) {
		gfn = &gfns[vcpu->fetch_index % vcpu->dirty_gfns_count];
		/* Before the entry is read */
		if (smp_load_acquire(&gfn->flags) != KVM_DIRTY_GFN_F_DIRTY)
			return n;
		TEST_ASSERT_EQ(gfn->slot, PVLOCK_SLOT);
		TEST_ASSERT_EQ(gfn->offset, 1);
		/* After the entry is read */
		smp_store_release(&gfn->flags, KVM_DIRTY_GFN_F_RESET);
		vcpu->fetch_index++;
		n++;
	}
}

/*
 * Every write is in the ring of the vCPU, and none is lost when that is full. The
 * VM is less than others are, since a bitmap besides the ring is only to be had
 * before there are memory slots. The guest is one branch to itself.
 */
static const char *test_dirty_ring(void)
{
	const u64 code_gpa = 2 * PVLOCK_GPA;
	static const u32 code = 0x14000000;	/* b . */
	/* The vCPU has the second structure, in the second page. */
	struct test t = {
		.nr_vcpus = 1,
		.stride = getpagesize(),
		.size = 16 * getpagesize(),
	};
	u64 entries = 0, limit, full, preempted, n;
	struct kvm_dirty_gfn *gfns;
	struct kvm_vcpu_init init;
	struct kvm_vcpu *vcpu;
	unsigned int i, round;
	bool bitmap;

	t.vm = vm_create_barebones();
	if (!vm_check_cap(t.vm, KVM_CAP_DIRTY_LOG_RING_ACQ_REL)) {
		kvm_vm_free(t.vm);
		return "no dirty ring";
	}
	vm_enable_dirty_ring(t.vm, getpagesize());
	bitmap = vm_check_cap(t.vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP);
	if (bitmap)
		vm_enable_cap(t.vm, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP, 0);

	t.mem = alloc_mem(&t, 0);
	set_slot(&t, KVM_MEM_LOG_DIRTY_PAGES, PVLOCK_GPA);
	vm_userspace_mem_region_add(t.vm, VM_MEM_SRC_ANONYMOUS, code_gpa, PVLOCK_SLOT + 1,
				    vm_calc_num_guest_pages(t.vm->mode, sizeof(code)), 0);
	memcpy(addr_gpa2hva(t.vm, code_gpa), &code, sizeof(code));

	vcpu = __vm_vcpu_add(t.vm, 0);
	t.vcpus[0] = vcpu;
	kvm_get_default_vcpu_target(t.vm, &init);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), code_gpa);
	TEST_ASSERT_EQ(__set_ipa(vcpu, pvlock_ipa(&t, 1)), 0);
	vcpu_map_dirty_ring(vcpu);
	limit = vcpu->dirty_gfns_count;

	pin_self_to_cpu(test_cpu);
	start_disturbing();
	for (round = 0; round < 3; round++) {
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_DIRTY_RING_FULL);
		full = writes(vcpu) - entries;
		TEST_ASSERT(full > limit / 2 && full <= limit, "full with %lu of %lu", full, limit);

		/* It has stopped to have the ring reset, and so is not preempted. */
		TEST_ASSERT_EQ(read_field(&t, 1), 0);
		preempted = vcpu_get_stat(vcpu, pvlock_preempted);

		/* KVM_RUN doesn't get far, but may be preempted. */
		for (i = 0; i < 2000; i++) {
			vcpu_run(vcpu);
			TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_DIRTY_RING_FULL);
		}
		n = writes(vcpu) - entries;
		TEST_ASSERT(n <= limit, "%lu of %lu", n, limit);
		TEST_ASSERT_EQ(vcpu_get_stat(vcpu, pvlock_preempted), preempted);
		ksft_print_msg("full with %lu entries of %lu, %lu after %u more KVM_RUNs\n",
			       full, limit, n, i);

		TEST_ASSERT_EQ(harvest_ring(vcpu), n);
		entries += n;
		TEST_ASSERT_EQ(kvm_vm_reset_dirty_ring(t.vm), n);

		/* What isn't in the ring can't be taken out of it. */
		gfns = vcpu_map_dirty_ring(vcpu);
		for (i = 0; i < limit; i++)
			gfns[i].flags = KVM_DIRTY_GFN_F_RESET;
		TEST_ASSERT_EQ(kvm_vm_reset_dirty_ring(t.vm), 0);
	}
	stop_disturbing();
	pin_self_to_cpu(other_cpu);

	if (bitmap)
		TEST_ASSERT_EQ(get_dirty_log(&t), 0);
	test_free(&t);
	return NULL;
}

/* What was saved while vCPUs were preempted, another VM can go on with. */
static const char *test_migration(void)
{
	struct test from = { }, to;
	u64 ipas[NR_VCPUS], reg;
	unsigned int i, late;

	test_init(&from, guest_spin);
	start(&from);
	expect_marks(&from, 5);
	stop(&from);

	reg = vcpu_get_reg(from.vcpus[0], PVLOCK_REG);
	TEST_ASSERT_EQ(reg, PVLOCK_BIT);
	for (i = 0; i < from.nr_vcpus; i++) {
		ipas[i] = get_ipa(from.vcpus[i]);
		*field(&from, i) = htole64(1);
	}

	/* The memory may come before the attribute, or after it. */
	for (late = 0; late < 2; late++) {
		to = (struct test) { };
		test_create(&to, guest_spin);
		if (!late)
			memcpy(to.mem, from.mem, to.size);
		vcpu_set_reg(to.vcpus[0], PVLOCK_REG, reg);
		for (i = 0; i < to.nr_vcpus; i++)
			TEST_ASSERT_EQ(__set_ipa(to.vcpus[i], ipas[i]), 0);
		if (late)
			memcpy(to.mem, from.mem, to.size);

		expect_first_clear(&to);
		start(&to);
		expect_marks(&to, 5);
		stop(&to);
		expect_no_self(&to);
		test_free(&to);
	}
	test_free(&from);
	return NULL;
}

/* So can the same VM, when its vCPUs are reset. */
static const char *test_reset(void)
{
	struct test t = { };
	unsigned int i, round;
	u64 sp;

	test_init(&t, guest_spin);
	for (round = 0; round < 5; round++) {
		expect_first_clear(&t);
		start(&t);
		expect_marks(&t, 5);
		stop(&t);
		expect_no_self(&t);

		memset(t.mem, 0xff, t.size);
		for (i = 0; i < t.nr_vcpus; i++) {
			sp = vcpu_get_reg(t.vcpus[i], ctxt_reg_alias(t.vcpus[i], SYS_SP_EL1));
			aarch64_vcpu_setup(t.vcpus[i], &t.vcpus[i]->init);
			vcpu_set_reg(t.vcpus[i], ctxt_reg_alias(t.vcpus[i], SYS_SP_EL1), sp);
			vcpu_set_code(&t, i, guest_spin);
			TEST_ASSERT_EQ(get_ipa(t.vcpus[i]), pvlock_ipa(&t, i));
		}
	}
	expect_first_clear(&t);
	test_free(&t);
	return NULL;
}

/* All of it at once, while vCPUs are preempted */
static const char *test_stress(void)
{
	u64 log, preemptions, failures, changes = 0;
	struct test t = { };
	void *mem[2];

	test_init(&t, guest_spin);
	mem[0] = t.mem;
	mem[1] = alloc_mem(&t, 0xff);
	start(&t);
	expect_marks(&t, 1);

	do {
		switch (changes++ % 8) {
		case 0:
			set_slot(&t, KVM_MEM_LOG_DIRTY_PAGES, PVLOCK_GPA);
			break;
		case 1:
			kvm_vm_get_dirty_log(t.vm, PVLOCK_SLOT, &log);
			TEST_ASSERT(!(log & ~BIT(0)), "dirty pages: 0x%lx", log);
			break;
		case 2:
			set_slot(&t, 0, PVLOCK_GPA);
			break;
		case 3:
			kvm_madvise(t.mem, t.size, MADV_DONTNEED);
			break;
		case 4:
			delete_slot(&t);
			t.mem = mem[t.mem == mem[0]];
			set_slot(&t, 0, PVLOCK_GPA);
			break;
		case 5:
			set_slot(&t, 0, PVLOCK_GPA + t.size);
			set_slot(&t, 0, PVLOCK_GPA);
			break;
		case 6:
			TEST_ASSERT_EQ(mprotect(t.mem, t.size, PROT_READ), 0);
			TEST_ASSERT_EQ(mprotect(t.mem, t.size, PROT_READ | PROT_WRITE), 0);
			break;
		case 7:
			delete_slot(&t);
			set_slot(&t, KVM_MEM_READONLY, PVLOCK_GPA);
			delete_slot(&t);
			set_slot(&t, KVM_MEM_LOG_DIRTY_PAGES, PVLOCK_GPA);
			break;
		}
		usleep(changes % 8 * 500);
		if (!(changes % 64))
			alarm(CASE_TIMEOUT_S);
		preemptions = vcpu_get_stat(t.vcpus[0], pvlock_preempted) +
			      vcpu_get_stat(t.vcpus[1], pvlock_preempted);
	} while (preemptions < stress_preemptions);

	failures = vcpu_get_stat(t.vcpus[0], pvlock_failed) +
		   vcpu_get_stat(t.vcpus[1], pvlock_failed);
	/* In the end, it is right again, in either memory. */
	expect_convergence(&t);
	delete_slot(&t);
	t.mem = mem[t.mem == mem[0]];
	set_slot(&t, 0, PVLOCK_GPA);
	expect_convergence(&t);
	stop(&t);
	ksft_print_msg("%lu preemptions, %lu failures, %lu changes\n", preemptions, failures,
		       changes);
	kvm_munmap(mem[t.mem == mem[0]], t.size);
	test_free(&t);
	return NULL;
}

/* They return the reason to be skipped for, or NULL. */
static const struct testcase {
	const char *name;
	const char *(*fn)(void);
} testcases[] = {
	{ "discovery", test_discovery },
	{ "AArch32", test_aarch32 },
	{ "attributes", test_attributes },
	{ "protected VM", test_protected_vm },
	{ "layout", test_layout },
	{ "preemption", test_preemption },
	{ "statistics", test_statistics },
	{ "idle vCPU", test_idle },
	{ "CPU_OFF and CPU_ON", test_cpu_off },
	{ "guest hypervisor", test_l2 },
	{ "vCPU in userspace", test_userspace },
	{ "slot deleted and created again", test_slot_recreated },
	{ "slot with other memory", test_slot_replaced },
	{ "slot with other memory, idle vCPU", test_slot_idle },
	{ "slot moved", test_slot_moved },
	{ "slot read-only", test_slot_readonly },
	{ "page discarded", test_discarded },
	{ "page swapped out", test_swapped_out },
	{ "page from userfaultfd", test_userfaultfd },
	{ "page swapped by userspace", test_swapped_by_userspace },
	{ "page protected", test_mprotect },
	{ "page unmapped", test_munmap },
	{ "guest_memfd", test_guest_memfd },
	{ "dirty bitmap", test_dirty_bitmap },
	{ "dirty ring", test_dirty_ring },
	{ "migration", test_migration },
	{ "reset", test_reset },
	{ "stress", test_stress },
};

static void ignore_signal(int sig)
{
}

static void time_out(int sig)
{
	static const char msg[] = "# Timed out\n";

	if (write(STDOUT_FILENO, msg, sizeof(msg) - 1))
		_exit(KSFT_FAIL);
	_exit(KSFT_FAIL);
}

static void choose_cpus(void)
{
	cpu_set_t cpus;
	int cpu;

	kvm_sched_getaffinity(0, sizeof(cpus), &cpus);
	for (cpu = 0; !CPU_ISSET(cpu, &cpus); cpu++)
		;
	test_cpu = cpu;
	other_cpu = cpu;
	while (++cpu < CPU_SETSIZE) {
		if (CPU_ISSET(cpu, &cpus)) {
			other_cpu = cpu;
			break;
		}
	}
	pin_self_to_cpu(other_cpu);
}

static bool has_pvlock(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, NULL);
	int ret = __vcpu_has_device_attr(vcpu, KVM_ARM_VCPU_PVLOCK_CTRL, KVM_ARM_VCPU_PVLOCK_IPA);

	kvm_vm_free(vm);
	return !ret;
}

static void help(const char *name)
{
	pr_info("usage: %s [-s preemptions] [-t test]\n", name);
	pr_info("  -s: run the stress test for as many preemptions (default: %lu)\n",
		stress_preemptions);
	pr_info("  -t: run the tests whose names contain this\n");
}

int main(int argc, char *argv[])
{
	const char *only = "", *reason;
	struct timespec begin;
	unsigned int i, n = 0;
	int opt;

	while ((opt = getopt(argc, argv, "hs:t:")) != -1) {
		switch (opt) {
		case 's':
			stress_preemptions = atoi_positive("Number of preemptions", optarg);
			break;
		case 't':
			only = optarg;
			break;
		default:
			help(argv[0]);
			return opt == 'h' ? 0 : KSFT_FAIL;
		}
	}

	for (i = 0; i < ARRAY_SIZE(testcases); i++)
		n += !!strstr(testcases[i].name, only);

	ksft_print_header();
	TEST_REQUIRE(has_pvlock());
	ksft_set_plan(n);
	choose_cpus();
	if (set_fifo(true))
		set_fifo(false);
	else
		ksft_print_msg("No SCHED_FIFO, so vCPUs are mostly preempted by each other\n");
	signal(SIGALRM, time_out);
	/* To be delivered is all that it is for. */
	sigaction(SIGUSR1, &(struct sigaction) { .sa_handler = ignore_signal }, NULL);

	for (i = 0; i < ARRAY_SIZE(testcases); i++) {
		if (!strstr(testcases[i].name, only))
			continue;

		clock_gettime(CLOCK_MONOTONIC, &begin);
		alarm(CASE_TIMEOUT_S);
		reason = testcases[i].fn();
		alarm(0);
		if (reason)
			ksft_test_result_skip("%s: %s\n", testcases[i].name, reason);
		else
			ksft_test_result_pass("%s (%lu ms)\n", testcases[i].name,
					      timespec_to_ns(timespec_elapsed(begin)) / 1000000);
	}
	ksft_finished();
}
