// SPDX-License-Identifier: GPL-2.0-only
/*
 * pvlock - Test KVM's PV lock service, by which a guest learns which of its
 * vCPUs are preempted. See Documentation/virt/kvm/arm/pvlock.rst.
 */
#include <linux/arm-smccc.h>
#include <linux/sizes.h>
#include <linux/sysinfo.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"
#include "ucall_common.h"
#include "userfaultfd_util.h"

#define NR_VCPUS		2
#define PVLOCK_SLOT		1
#define PVLOCK_GPA		BIT(30)
#define PVLOCK_BIT		BIT(KVM_REG_ARM_VENDOR_HYP_BIT_PV_LOCK)
#define PVLOCK_FEATURES		ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_FEATURES_FUNC_ID
#define PVLOCK_PREEMPTED	ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID

struct pvlock_state {
	u64 preempted;
	u32 revision;
	u32 attributes;
	u64 padding[6];
};

/* The structures of all vCPUs, one after the other, in a slot of their own */
static struct pvlock_state *state;

static struct kvm_vm *vm;
static struct kvm_vcpu *vcpus[NR_VCPUS];

static u64 pvlock_ipa(int cpu)
{
	return PVLOCK_GPA + cpu * sizeof(*state);
}

static int set_ipa(int cpu, u64 ipa)
{
	return __vcpu_device_attr_set(vcpus[cpu], KVM_ARM_VCPU_PVLOCK_CTRL,
				      KVM_ARM_VCPU_PVLOCK_IPA, &ipa);
}

static void set_slot(u64 gpa, u32 flags)
{
	vm_set_user_memory_region(vm, PVLOCK_SLOT, flags, gpa, SZ_64K, state);
}

/* Mark all vCPUs as preempted. No byte is 0. */
static void fill_memory(void)
{
	memset(state, 0xff, SZ_64K);
}

/* A VM with the service and memory for the structures, which are not yet set. */
static void init_vm(void *guest_code)
{
	int i;

	for (i = 0; i < NR_VCPUS; i++) {
		vcpus[i] = vm_vcpu_add(vm, i, guest_code);
		vcpu_args_set(vcpus[i], 1, (u64)i);
	}
	kvm_arch_vm_finalize_vcpus(vm);
	vcpu_set_reg(vcpus[0], KVM_REG_ARM_VENDOR_HYP_BMAP_2, PVLOCK_BIT);

	state = kvm_mmap(SZ_64K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill_memory();
	set_slot(PVLOCK_GPA, 0);
	virt_map(vm, PVLOCK_GPA, PVLOCK_GPA, SZ_64K / vm->page_size);
}

static void create_vm(void *guest_code)
{
	vm = vm_create(NR_VCPUS);
	init_vm(guest_code);
}

static void free_vm(void)
{
	kvm_vm_free(vm);
	kvm_munmap(state, SZ_64K);
}

/* Run a vCPU until GUEST_SYNC(), whose argument is returned, or GUEST_DONE(). */
static u64 run_vcpu(int cpu)
{
	struct ucall uc;

	vcpu_run(vcpus[cpu]);
	switch (get_ucall(vcpus[cpu], &uc)) {
	case UCALL_SYNC:
		return uc.args[1];
	case UCALL_DONE:
		return 0;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("Unexpected exit: %s", exit_reason_str(vcpus[cpu]->run->exit_reason));
	}
}

static struct pvlock_state *guest_state(int cpu)
{
	return (void *)pvlock_ipa(cpu);
}

static void guest_sync_preempted(int cpu)
{
	for (;;)
		GUEST_SYNC(READ_ONCE(guest_state(cpu)->preempted));
}

static u64 smccc(u32 func_id, u64 arg)
{
	struct arm_smccc_res res;

	do_smccc(func_id, arg, 0, 0, 0, 0, 0, 0, &res);
	return res.a0;
}

/* vCPU 0 has a structure, vCPU 1 has none. The VM may have the service or not. */
static void guest_functions(int cpu, bool service)
{
	static const u64 others[] = {
		0, ARM_SMCCC_ARCH_FEATURES_FUNC_ID, ARM_SMCCC_HV_PV_TIME_FEATURES,
		PVLOCK_FEATURES - 1, PVLOCK_PREEMPTED + 1,
		PVLOCK_FEATURES & ~BIT(30), PVLOCK_PREEMPTED & ~BIT(30),	/* SMC32 */
	};
	static const struct pvlock_state zero;
	const u64 no = SMCCC_RET_NOT_SUPPORTED;
	bool found = service && cpu == 0;
	struct arm_smccc_res res;
	int i;

	do_smccc(ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID, 0, 0, 0, 0, 0, 0, 0, &res);
	GUEST_ASSERT_EQ(res.a2, service ? BIT(66 - 64) | BIT(67 - 64) : 0);

	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, PVLOCK_FEATURES), found ? 0 : no);
	GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, PVLOCK_PREEMPTED), found ? 0 : no);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		GUEST_ASSERT_EQ(smccc(PVLOCK_FEATURES, others[i]), no);

	GUEST_ASSERT_EQ(smccc(PVLOCK_PREEMPTED, 0), found ? pvlock_ipa(cpu) : no);
	GUEST_ASSERT(!found || !memcmp(guest_state(cpu), &zero, sizeof(zero)));
	GUEST_DONE();
}

static const char *test_functions(void)
{
	int i, service;

	for (service = 0; service < 2; service++) {
		create_vm(guest_functions);
		vcpu_set_reg(vcpus[0], KVM_REG_ARM_VENDOR_HYP_BMAP_2, service ? PVLOCK_BIT : 0);
		TEST_ASSERT_EQ(set_ipa(0, pvlock_ipa(0)), 0);
		for (i = 0; i < NR_VCPUS; i++) {
			vcpu_args_set(vcpus[i], 2, (u64)i, (u64)service);
			run_vcpu(i);
		}
		free_vm();
	}
	return NULL;
}

#define expect_error(call, error)						\
do {										\
	int __ret = (call);							\
										\
	TEST_ASSERT(__ret == -1 && errno == (error), #call ": %d, errno %d",	\
		    __ret, errno);						\
} while (0)

static const char *test_attribute(void)
{
	const u64 group = KVM_ARM_VCPU_PVLOCK_CTRL, attr = KVM_ARM_VCPU_PVLOCK_IPA;
	const u64 readonly_gpa = PVLOCK_GPA + SZ_64K;
	void *bad = (void *)8;
	u64 ipa;
	int i;

	create_vm(guest_sync_preempted);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, readonly_gpa, PVLOCK_SLOT + 1,
				    SZ_64K / vm->page_size, KVM_MEM_READONLY);

	vcpu_has_device_attr(vcpus[0], group, attr);
	expect_error(__vcpu_has_device_attr(vcpus[0], group, attr + 1), ENXIO);
	expect_error(__vcpu_device_attr_set(vcpus[0], group, attr + 1, &ipa), ENXIO);
	expect_error(__vcpu_device_attr_get(vcpus[0], group, attr + 1, &ipa), ENXIO);
	expect_error(__vcpu_device_attr_set(vcpus[0], group, attr, bad), EFAULT);
	expect_error(__vcpu_device_attr_get(vcpus[0], group, attr, bad), EFAULT);
	expect_error(set_ipa(0, pvlock_ipa(0) + 8), EINVAL);
	expect_error(set_ipa(0, PVLOCK_GPA - 64), EINVAL);
	expect_error(set_ipa(0, -64UL), EINVAL);
	expect_error(set_ipa(0, readonly_gpa), EINVAL);
	vcpu_device_attr_get(vcpus[0], group, attr, &ipa);
	TEST_ASSERT_EQ(ipa, ~0UL);

	/* vCPU 0 gets its structure before the VM has run, vCPU 1 after that. */
	for (i = 0; i < NR_VCPUS; i++) {
		TEST_ASSERT_EQ(set_ipa(i, pvlock_ipa(i)), 0);
		expect_error(set_ipa(i, pvlock_ipa(i)), EEXIST);
		TEST_ASSERT_EQ(run_vcpu(i), 0);
		expect_error(set_ipa(i, pvlock_ipa(i) + 64), EEXIST);
		vcpu_device_attr_get(vcpus[i], group, attr, &ipa);
		TEST_ASSERT_EQ(ipa, pvlock_ipa(i));
	}

	/* The rest of the memory hasn't changed. */
	TEST_ASSERT_EQ(state[0].revision, ~0U);
	TEST_ASSERT_EQ(state[2].preempted, ~0UL);
	free_vm();
	return NULL;
}

/* Counted by each vCPU, in guest memory */
static struct guest_counts {
	u64 loops;
	u64 self;		/* found itself preempted: never, as it runs */
	u64 turns;		/* the other vCPU has run since the last look, ... */
	u64 marked;		/* ... and is preempted now */
} guest_counts[NR_VCPUS];

/* While set, the vCPUs don't read the structures. */
static bool guest_blind;

/* Both as the host sees them */
static struct guest_counts *counts;
static bool *blind;

/*
 * Both vCPUs have the same CPU. When the other one has run, it has been preempted
 * since, and must say so.
 */
static void guest_spin(int cpu)
{
	struct guest_counts *me = &guest_counts[cpu], *other = &guest_counts[!cpu];
	u64 loops, last = 0;

	for (;;) {
		WRITE_ONCE(me->loops, me->loops + 1);
		loops = READ_ONCE(other->loops);
		if (loops == last)
			continue;

		last = loops;
		WRITE_ONCE(me->turns, me->turns + 1);
		if (READ_ONCE(guest_blind))
			continue;
		if (READ_ONCE(guest_state(!cpu)->preempted))
			WRITE_ONCE(me->marked, me->marked + 1);
		if (READ_ONCE(guest_state(cpu)->preempted))
			WRITE_ONCE(me->self, me->self + 1);
	}
}

static void guest_idle(int cpu)
{
	for (;;)
		wfi();
}

static int test_cpu;		/* of both vCPUs, */
static int other_cpu;		/* of the rest, the same if there is no other */

static pthread_t threads[NR_VCPUS], disturber;
static u64 nr_runs[NR_VCPUS];
static bool stopping;

static void *vcpu_thread(void *arg)
{
	struct kvm_vcpu *vcpu = arg;
	int ret;

	pin_self_to_cpu(test_cpu);
	while (!READ_ONCE(stopping)) {
		WRITE_ONCE(nr_runs[vcpu->id], nr_runs[vcpu->id] + 1);
		ret = __vcpu_run(vcpu);
		TEST_ASSERT(ret && errno == EINTR, "KVM_RUN: %d, errno %d, exit reason %s",
			    ret, errno, exit_reason_str(vcpu->run->exit_reason));
	}
	return NULL;
}

/* The vCPUs preempt each other, but rarely. This thread preempts them often. */
static void *disturb(void *arg)
{
	struct sched_param param = { .sched_priority = 1 };

	pin_self_to_cpu(test_cpu);
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		ksft_print_msg("No SCHED_FIFO, vCPUs are preempted rarely\n");
	while (!READ_ONCE(stopping))
		usleep(500);
	return NULL;
}

static void start_disturbing(void)
{
	stopping = false;
	kvm_pthread_create(&disturber, NULL, disturb, NULL);
}

static void stop_disturbing(void)
{
	WRITE_ONCE(stopping, true);
	kvm_pthread_join(disturber, NULL);
}

static void start_vcpus(void)
{
	int i;

	counts = addr_gva2hva(vm, (gva_t)guest_counts);
	blind = addr_gva2hva(vm, (gva_t)&guest_blind);
	start_disturbing();
	for (i = 0; i < NR_VCPUS; i++)
		kvm_pthread_create(&threads[i], NULL, vcpu_thread, vcpus[i]);
}

static void kick_vcpu(int cpu)
{
	pthread_kill(threads[cpu], SIGUSR1);
}

static void stop_vcpus(void)
{
	int i;

	WRITE_ONCE(stopping, true);
	for (i = 0; i < NR_VCPUS; i++) {
		WRITE_ONCE(vcpus[i]->run->immediate_exit, 1);
		kick_vcpu(i);
		kvm_pthread_join(threads[i], NULL);
		vcpus[i]->run->immediate_exit = 0;
	}
	stop_disturbing();
}

/* If this takes forever, the runner's time limit ends the test. */
#define wait_for(cond)								\
do {										\
	while (!(cond))								\
		usleep(1000);							\
} while (0)

/* Until both vCPUs have counted @n more; @count is that of vCPU 0. */
static void wait_for_more(u64 *count, u64 n)
{
	u64 end;
	int i;

	for (i = 0; i < NR_VCPUS; i++) {
		end = READ_ONCE(*count) + n;
		wait_for(READ_ONCE(*count) >= end);
		count = (void *)count + sizeof(*counts);
	}
}

static void create_vm_with_structures(void *guest_code)
{
	int i;

	create_vm(guest_code);
	for (i = 0; i < NR_VCPUS; i++)
		TEST_ASSERT_EQ(set_ipa(i, pvlock_ipa(i)), 0);
}

static const char *test_preemption(void)
{
	int i;

	create_vm_with_structures(guest_spin);
	start_vcpus();
	wait_for_more(&counts->marked, 100);
	stop_vcpus();

	for (i = 0; i < NR_VCPUS; i++) {
		ksft_print_msg("vCPU %d: %lu of %lu times the other was marked\n", i,
			       counts[i].marked, counts[i].turns);
		TEST_ASSERT_EQ(counts[i].self, 0);
		/* It is a hint, and may be missing now and then. */
		TEST_ASSERT(counts[i].marked > counts[i].turns / 2, "Rarely marked");
	}
	free_vm();
	return NULL;
}

/*
 * A vCPU that waits for an interrupt isn't marked. If it was preempted on its way
 * there, it remains marked: let it run, and try again.
 */
static const char *test_idle(void)
{
	int ms = 0, tries = 0;
	u64 runs;

	create_vm_with_structures(guest_spin);
	vcpu_arch_set_entry_point(vcpus[1], guest_idle);
	start_vcpus();

	while (ms++ < 100) {
		usleep(1000);
		if (!READ_ONCE(state[1].preempted))
			continue;

		TEST_ASSERT(tries++ < 100, "Always marked");
		ms = 0;
		runs = READ_ONCE(nr_runs[1]);
		do {
			kick_vcpu(1);
			usleep(1000);
		} while (READ_ONCE(nr_runs[1]) == runs);
	}

	stop_vcpus();
	free_vm();
	return NULL;
}

static void kick_handler(int sig)
{
}

static void choose_cpus(void)
{
	cpu_set_t cpus;
	int cpu;

	kvm_sched_getaffinity(0, sizeof(cpus), &cpus);
	test_cpu = -1;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &cpus))
			continue;
		if (test_cpu < 0)
			test_cpu = cpu;
		else
			break;
	}
	other_cpu = cpu < CPU_SETSIZE ? cpu : test_cpu;
	pin_self_to_cpu(other_cpu);
}

static void *uffd_page;

static int uffd_copy(int mode, int uffd, struct uffd_msg *msg)
{
	struct uffdio_copy copy = {
		.src = (u64)uffd_page,
		.dst = msg->arg.pagefault.address & ~(getpagesize() - 1UL),
		.len = getpagesize(),
	};

	/* Another fault for the same page may have been first. */
	return ioctl(uffd, UFFDIO_COPY, &copy) && errno != EEXIST ? -errno : 0;
}

static void discard(void)
{
	kvm_madvise(state, SZ_64K, MADV_DONTNEED);
}

static void swap_out(void)
{
	kvm_madvise(state, SZ_64K, MADV_PAGEOUT);
}

static void protect(void)
{
	TEST_ASSERT(!mprotect(state, SZ_64K, PROT_READ), "mprotect() failed");
}

static void unprotect(void)
{
	TEST_ASSERT(!mprotect(state, SZ_64K, PROT_READ | PROT_WRITE), "mprotect() failed");
}

static void unmap(void)
{
	kvm_munmap(state, SZ_64K);
}

static void map(void)
{
	void *mem = mmap(state, SZ_64K, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	TEST_ASSERT(mem == state, "mmap() failed");
	fill_memory();
}

static void delete_slot(void)
{
	vm_set_user_memory_region(vm, PVLOCK_SLOT, 0, PVLOCK_GPA, 0, NULL);
}

static void create_slot(void)
{
	fill_memory();
	set_slot(PVLOCK_GPA, 0);
}

static void make_slot_readonly(void)
{
	delete_slot();
	fill_memory();
	set_slot(PVLOCK_GPA, KVM_MEM_READONLY);
}

static void make_slot_writable(void)
{
	TEST_ASSERT_EQ(state[0].preempted & state[1].preempted, ~0UL);
	delete_slot();
	set_slot(PVLOCK_GPA, 0);
}

static void move_slot(void)
{
	set_slot(PVLOCK_GPA + SZ_64K, 0);
	fill_memory();
}

static void move_slot_back(void)
{
	TEST_ASSERT_EQ(state[0].preempted & state[1].preempted, ~0UL);
	set_slot(PVLOCK_GPA, 0);
}

static const struct mem_test {
	const char *name;
	void (*take)(void);	/* take the memory away, or change it */
	void (*give)(void);	/* give it back, with all vCPUs marked */
	bool uffd;		/* pages come from userfaultfd, likewise */
} mem_tests[] = {
	{ "contents changed", fill_memory },
	{ "page discarded", discard },
	{ "page swapped out", swap_out },
	{ "page from userfaultfd", discard, .uffd = true },
	{ "page write-protected", protect, unprotect },
	{ "page unmapped", unmap, map },
	{ "slot deleted", delete_slot, create_slot },
	{ "slot read-only", make_slot_readonly, make_slot_writable },
	{ "slot moved", move_slot, move_slot_back },
};

static const char *test_memory(const struct mem_test *test)
{
	struct uffd_desc *uffd = NULL;
	struct sysinfo info;
	int i, fd;

	if (test->take == swap_out && (sysinfo(&info) || !info.totalswap))
		return "no swap space";

	create_vm_with_structures(guest_sync_preempted);

	if (test->uffd) {
		fd = syscall(__NR_userfaultfd, O_CLOEXEC);
		if (fd < 0) {
			free_vm();
			return "no userfaultfd";
		}
		close(fd);
		uffd_page = kvm_mmap(getpagesize(), PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1);
		memset(uffd_page, 0xff, getpagesize());
		uffd = uffd_setup_demand_paging(UFFDIO_REGISTER_MODE_MISSING, 0, state, SZ_64K,
						1, uffd_copy);
	}

	/* While the vCPUs are stopped. Each must find a 0 when it runs. */
	for (i = 0; i < NR_VCPUS; i++) {
		fill_memory();
		test->take();
		if (test->give)
			test->give();
		TEST_ASSERT_EQ(run_vcpu(i), 0);
		vcpu_run_complete_io(vcpus[i]);
		vcpu_arch_set_entry_point(vcpus[i], guest_spin);
		vcpu_args_set(vcpus[i], 1, (u64)i);
	}

	/* While the vCPUs run and preempt each other */
	start_vcpus();
	for (i = 0; i < 5; i++) {
		wait_for_more(&counts->marked, 2);
		WRITE_ONCE(*blind, true);
		wait_for_more(&counts->turns, 2);
		test->take();
		wait_for_more(&counts->turns, 3);
		if (test->give)
			test->give();
		WRITE_ONCE(*blind, false);

		/* By the third mark, each was loaded and must read 0 again. */
		wait_for_more(&counts->marked, 3);
		counts[0].self = 0;
		counts[1].self = 0;
		wait_for_more(&counts->marked, 3);
		TEST_ASSERT_EQ(counts[0].self + counts[1].self, 0);
	}
	stop_vcpus();

	if (uffd) {
		uffd_stop_demand_paging(uffd);
		kvm_munmap(uffd_page, getpagesize());
	}
	free_vm();
	return NULL;
}

static const char *test_dirty_bitmap(void)
{
	u64 log;
	int i;

	create_vm_with_structures(guest_sync_preempted);
	set_slot(PVLOCK_GPA, KVM_MEM_LOG_DIRTY_PAGES);
	for (i = 0; i < 3; i++) {
		run_vcpu(0);
		kvm_vm_get_dirty_log(vm, PVLOCK_SLOT, &log);
		TEST_ASSERT_EQ(log, BIT(0));
		kvm_vm_get_dirty_log(vm, PVLOCK_SLOT, &log);
		TEST_ASSERT_EQ(log, 0);
	}
	free_vm();
	return NULL;
}

static int count_dirty_gfns(struct kvm_dirty_gfn *gfns, int max)
{
	int i;

	for (i = 0; i < max && gfns[i].flags == KVM_DIRTY_GFN_F_DIRTY; i++)
		TEST_ASSERT(gfns[i].slot == PVLOCK_SLOT && !gfns[i].offset, "Other page");
	return i;
}

/* Each run dirties the page. With a full ring, the vCPU exits and adds one entry at most. */
static const char *test_dirty_ring(void)
{
	size_t size = max_t(size_t, SZ_16K, getpagesize());
	int i, nr, max = size / sizeof(struct kvm_dirty_gfn);
	struct kvm_dirty_gfn *gfns;
	struct rusage usage;
	long end;

	if (!kvm_has_cap(KVM_CAP_DIRTY_LOG_RING_ACQ_REL))
		return "no dirty ring";

	vm = vm_create(NR_VCPUS);
	vm_enable_dirty_ring(vm, size);
	init_vm(guest_sync_preempted);
	TEST_ASSERT_EQ(set_ipa(0, pvlock_ipa(0)), 0);
	set_slot(PVLOCK_GPA, KVM_MEM_LOG_DIRTY_PAGES);
	gfns = vcpu_map_dirty_ring(vcpus[0]);

	pin_self_to_cpu(test_cpu);
	start_disturbing();
	do
		vcpu_run(vcpus[0]);
	while (vcpus[0]->run->exit_reason != KVM_EXIT_DIRTY_RING_FULL);

	nr = count_dirty_gfns(gfns, max);
	getrusage(RUSAGE_THREAD, &usage);
	end = usage.ru_nivcsw + 100;
	do {
		vcpu_run(vcpus[0]);
		TEST_ASSERT_KVM_EXIT_REASON(vcpus[0], KVM_EXIT_DIRTY_RING_FULL);
		getrusage(RUSAGE_THREAD, &usage);
	} while (usage.ru_nivcsw < end);
	TEST_ASSERT(count_dirty_gfns(gfns, max) <= nr + 1, "One entry per preemption");
	stop_disturbing();
	pin_self_to_cpu(other_cpu);

	for (i = 0; gfns[i].flags == KVM_DIRTY_GFN_F_DIRTY; i++)
		gfns[i].flags = KVM_DIRTY_GFN_F_RESET;
	TEST_ASSERT_EQ(kvm_vm_reset_dirty_ring(vm), i);
	TEST_ASSERT_EQ(run_vcpu(0), 0);
	free_vm();
	return NULL;
}

static struct {
	u64 hvc;		/* the guest hypervisor's answer */
	u8 stack[SZ_4K] __aligned(16);
} l2;

#define L2_ANSWER		0x12345678UL

static void l2_code(int cpu)
{
	struct arm_smccc_res res;

	smccc_hvc(PVLOCK_PREEMPTED, 0, 0, 0, 0, 0, 0, 0, &res);
	WRITE_ONCE(l2.hvc, res.a0);
	for (;;)
		WRITE_ONCE(guest_counts[cpu].loops, guest_counts[cpu].loops + 1);
}

static void guest_hypervisor_hvc(struct ex_regs *regs)
{
	regs->regs[0] = L2_ANSWER;
}

#define copy_el2_to_el1(reg)						\
	write_sysreg_s(read_sysreg_s(SYS_##reg##_EL1), SYS_##reg##_EL12)

/* Runs L2 at EL1, in the same address space. */
static void guest_hypervisor(int cpu)
{
	GUEST_ASSERT_EQ(get_current_el(), 2);
	GUEST_ASSERT_EQ(smccc(PVLOCK_PREEMPTED, 0), pvlock_ipa(cpu));

	copy_el2_to_el1(SCTLR);
	copy_el2_to_el1(MAIR);
	copy_el2_to_el1(TCR);
	copy_el2_to_el1(TTBR0);
	copy_el2_to_el1(TTBR1);
	copy_el2_to_el1(CPACR);
	write_sysreg((u64)&l2.stack[sizeof(l2.stack)], sp_el1);
	write_sysreg(0, vtcr_el2);
	write_sysreg(0, vttbr_el2);
	write_sysreg(HCR_EL2_RW | HCR_EL2_E2H, hcr_el2);
	write_sysreg((u64)l2_code, elr_el1);
	write_sysreg(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT | PSR_MODE_EL1h, spsr_el1);
	isb();

	asm volatile("mov x0, %0\n\teret" :: "r" ((u64)cpu) : "x0", "memory");
	__builtin_unreachable();
}

/* The vCPU of a guest hypervisor is marked when it is preempted in L2, too. */
static const char *test_guest_hypervisor(void)
{
	create_vm_with_structures(guest_spin);
	if (!vcpu_has_el2(vcpus[1])) {
		free_vm();
		return "no EL2 in the guest";
	}
	vm_init_descriptor_tables(vm);
	vcpu_init_descriptor_tables(vcpus[1]);
	vm_install_sync_handler(vm, VECTOR_SYNC_LOWER_64, ESR_ELx_EC_HVC64, guest_hypervisor_hvc);
	vcpu_arch_set_entry_point(vcpus[1], guest_hypervisor);

	start_vcpus();
	wait_for(READ_ONCE(counts[0].marked) >= 20);
	stop_vcpus();

	sync_global_from_guest(vm, l2);
	TEST_ASSERT_EQ(l2.hvc, L2_ANSWER);
	TEST_ASSERT(counts[1].loops, "L2 didn't run");
	free_vm();
	return NULL;
}

static const char *test_protected_vm(void)
{
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVLOCK_CTRL,
		.attr = KVM_ARM_VCPU_PVLOCK_IPA,
	};
	int kvm_fd = open_kvm_dev_path_or_exit(), vm_fd, vcpu_fd;

	vm_fd = __kvm_ioctl(kvm_fd, KVM_CREATE_VM, (void *)KVM_VM_TYPE_ARM_PROTECTED);
	close(kvm_fd);
	if (vm_fd < 0)
		return "no protected VMs";

	vcpu_fd = ioctl(vm_fd, KVM_CREATE_VCPU, 0);
	TEST_ASSERT(vcpu_fd >= 0, KVM_IOCTL_ERROR(KVM_CREATE_VCPU, vcpu_fd));
	expect_error(ioctl(vcpu_fd, KVM_HAS_DEVICE_ATTR, &attr), ENXIO);
	expect_error(ioctl(vcpu_fd, KVM_GET_DEVICE_ATTR, &attr), ENXIO);
	expect_error(ioctl(vcpu_fd, KVM_SET_DEVICE_ATTR, &attr), ENXIO);
	close(vcpu_fd);
	close(vm_fd);
	return NULL;
}

/* Each returns why it was skipped, or NULL. */
static const struct {
	const char *name;
	const char *(*fn)(void);
} tests[] = {
	{ "functions", test_functions },
	{ "attribute", test_attribute },
	{ "preemption", test_preemption },
	{ "idle vCPU", test_idle },
	{ "dirty bitmap", test_dirty_bitmap },
	{ "dirty ring", test_dirty_ring },
	{ "guest hypervisor", test_guest_hypervisor },
	{ "protected VM", test_protected_vm },
};

static void report(const char *name, const char *skipped)
{
	if (skipped)
		ksft_test_result_skip("%s: %s\n", name, skipped);
	else
		ksft_test_result_pass("%s\n", name);
}

int main(void)
{
	int i;

	vm = vm_create_with_one_vcpu(&vcpus[0], NULL);
	TEST_REQUIRE(!__vcpu_has_device_attr(vcpus[0], KVM_ARM_VCPU_PVLOCK_CTRL,
					     KVM_ARM_VCPU_PVLOCK_IPA));
	kvm_vm_free(vm);

	choose_cpus();
	sigaction(SIGUSR1, &(struct sigaction) { .sa_handler = kick_handler }, NULL);

	ksft_print_header();
	ksft_set_plan(ARRAY_SIZE(tests) + ARRAY_SIZE(mem_tests));
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		report(tests[i].name, tests[i].fn());
	for (i = 0; i < ARRAY_SIZE(mem_tests); i++)
		report(mem_tests[i].name, test_memory(&mem_tests[i]));
	ksft_finished();
}
