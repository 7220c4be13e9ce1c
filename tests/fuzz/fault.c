// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault - What a VMM does, with one allocation or one copy from or to user memory that
 * fails, by /proc/thread-self/fail-nth, or with all small allocations that fail, by
 * failslab and /proc/thread-self/make-it-fail.
 *
 * A VM is set up, run and looked at in steps. For each step and each n, there is a VM
 * whose n-th chance to fail in that step is taken. The step has to fail with an errno
 * that says so, or to cope. It then has to succeed when it is done again, and so have
 * all steps after it: nothing is lost, and nothing half done. The kernel must not
 * complain, for which whoever runs this has to look at its log.
 *
 * With -e N, it is each N-th chance, from one that -s chooses.
 */
#include "fuzz.h"

#define CODE_GPA	0x80000000UL
#define DATA_GPA	0x40000000UL
#define MMIO_GPA	0x10000000UL
#define MAX_FAULTS	500

static const u32 guest_code[] = {
	0xd4000002,		/* 0: hvc #0 */
	0xf90000e6,		/*    str x6, [x7] */
	0xf9000100,		/*    str x0, [x8] */
	0x17fffffd,		/*    b 0b */
};

static struct {
	int kvm, vm, vcpu, gic;
	struct kvm_run *run;
} m;

static void *code, *data;

static int keep_fd(int *fd, int ret)
{
	if (ret >= 0)
		*fd = ret;
	return ret;
}

static int create_vm(void)
{
	return keep_fd(&m.vm, ioctl(m.kvm, KVM_CREATE_VM, 0));
}

static int enable_ring(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_DIRTY_LOG_RING_ACQ_REL,
		.args = { max(SZ_4K, getpagesize()) },
	};

	return ioctl(m.vm, KVM_ENABLE_CAP, &cap);
}

static int set_slot(u32 slot, u32 flags, u64 gpa, u64 size, void *hva)
{
	struct kvm_userspace_memory_region region = { slot, flags, gpa, size, (u64)hva };

	return ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static int add_code(void)
{
	return set_slot(0, 0, CODE_GPA, getpagesize(), code);
}

static int add_data(void)
{
	return set_slot(1, KVM_MEM_LOG_DIRTY_PAGES, DATA_GPA, SZ_64K, data);
}

static int delete_data(void)
{
	return set_slot(1, 0, DATA_GPA, 0, data);
}

static int create_vcpu(void)
{
	return keep_fd(&m.vcpu, ioctl(m.vm, KVM_CREATE_VCPU, 0));
}

static int map_vcpu(void)
{
	m.run = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, m.vcpu, 0);
	if (m.run != MAP_FAILED)
		return 0;
	m.run = NULL;
	return -1;
}

static int init_vcpu(void)
{
	struct kvm_vcpu_init init = { KVM_ARM_TARGET_GENERIC_V8, { BIT(KVM_ARM_VCPU_PSCI_0_2) } };

	return ioctl(m.vcpu, KVM_ARM_VCPU_INIT, &init);
}

static int create_gic(void)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	int ret = ioctl(m.vm, KVM_CREATE_DEVICE, &gic);

	if (!ret)
		m.gic = gic.fd;
	return ret;
}

static int set_attr(int fd, u32 group, u64 nr, void *val)
{
	struct kvm_device_attr attr = { .group = group, .attr = nr, .addr = (u64)val };

	return ioctl(fd, KVM_SET_DEVICE_ATTR, &attr);
}

static int set_gic_dist(void)
{
	return set_attr(m.gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST,
			&(u64) { 0x8000000 });
}

static int set_gic_redist(void)
{
	return set_attr(m.gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST,
			&(u64) { 0x80a0000 });
}

static int init_gic(void)
{
	return set_attr(m.gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static int set_filter(void)
{
	struct kvm_smccc_filter filter = {
		.base = PSCI_0_2_FN_SYSTEM_OFF,
		.nr_functions = 2,
		.action = KVM_SMCCC_FILTER_DENY,
	};

	return set_attr(m.vm, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &filter);
}

static int set_reg(u64 id, u64 val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&val };

	return ioctl(m.vcpu, KVM_SET_ONE_REG, &reg);
}

static int set_firmware(void)
{
	return set_reg(KVM_REG_ARM_FW_FEAT_BMAP_REG(3), 3);
}

static int set_registers(void)
{
	return set_reg(ARM64_CORE_REG(regs.regs[0]), PVLOCK_PREEMPTED) ?:
	       set_reg(ARM64_CORE_REG(regs.regs[7]), DATA_GPA + SZ_32K) ?:
	       set_reg(ARM64_CORE_REG(regs.regs[8]), MMIO_GPA) ?:
	       set_reg(ARM64_CORE_REG(regs.pc), CODE_GPA);
}

static int get_registers(void)
{
	static u64 list[SZ_8K / sizeof(u64)];

	list[0] = ARRAY_SIZE(list) - 1;
	return ioctl(m.vcpu, KVM_GET_REG_LIST, list);
}

/* A VM has one place for it, and says so when the step is done again after it coped. */
static int set_place(u32 group, u64 ipa)
{
	int ret = set_attr(m.vcpu, group, 0, &ipa);

	return ret && errno == ENXIO ? 0 : ret;		/* the host doesn't have it */
}

static int set_pvtime(void)
{
	return set_place(KVM_ARM_VCPU_PVTIME_CTRL, DATA_GPA);
}

static int set_pvlock(void)
{
	return set_place(KVM_ARM_VCPU_PVLOCK_CTRL, DATA_GPA + SZ_4K);
}

static int run(void)
{
	int ret = ioctl(m.vcpu, KVM_RUN, 0);

	return ret ?: m.run->exit_reason == KVM_EXIT_MMIO ? 0 : -1;
}

static int get_dirty_log(void)
{
	static u64 bitmap;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bitmap };
	int ret = ioctl(m.vm, KVM_GET_DIRTY_LOG, &log);

	return ret && errno == ENXIO ? 0 : ret;		/* a VM with a ring has none */
}

static int reset_rings(void)
{
	int ret = ioctl(m.vm, KVM_RESET_DIRTY_RINGS, 0);

	return ret < 0 && errno == EINVAL ? 0 : ret;	/* a VM without a ring */
}

static int start(void)
{
	return set_reg(ARM64_CORE_REG(regs.pc), CODE_GPA);
}

#define STEP(name)	{ #name, name }
static const struct step {
	const char *name;
	int (*fn)(void);
	int spoilt;		/* errno with which KVM refuses to do it again */
} steps[] = {
	STEP(create_vm), STEP(enable_ring), STEP(add_code), STEP(add_data), STEP(create_vcpu),
	STEP(map_vcpu), STEP(init_vcpu),
	{ "create_gic", create_gic, EEXIST },	/* it stays without a descriptor */
	STEP(set_gic_dist),
	STEP(set_gic_redist), STEP(init_gic), STEP(set_filter), STEP(set_firmware),
	STEP(set_registers), STEP(set_pvtime), STEP(set_pvlock), STEP(get_registers),
	{ "run", run, EIO },			/* a VM whose GIC isn't ready is dead */
	{ "run again", run }, STEP(get_dirty_log), STEP(reset_rings), STEP(delete_data),
	STEP(add_data), STEP(start), { "run with new memory", run }, STEP(init_vcpu),
	STEP(set_registers), { "run after reset", run },
};

static void free_vm(void)
{
	if (m.run)
		munmap(m.run, getpagesize());
	close(m.gic);
	close(m.vcpu);
	close(m.vm);
	m.run = NULL;
	m.vm = m.vcpu = m.gic = -1;
}

static int fail_nth, fail_all, first = 1, every = 1;

/* The first write may be what fails. */
static void write_number(int fd, int n)
{
	char text[16];
	int len = sprintf(text, "%d", n);

	TEST_ASSERT(pwrite(fd, text, len, 0) > 0 || pwrite(fd, text, len, 0) > 0,
		    "errno %d", errno);
}

/* The @n-th chance to fail is taken, or, with ALL, each of slab. 0: none any more */
#define ALL	-1
static void set_faults(int n)
{
	write_number(fail_nth, 0);
	write_number(fail_all, n == ALL);
	if (n > 0)
		write_number(fail_nth, n);
}

/* Is there a chance that wasn't taken? If so, the read itself may be next to fail. */
static bool faults_left(int n)
{
	char text[16] = "";

	if (n == ALL)
		return false;
	if (pread(fail_nth, text, sizeof(text) - 1, 0) > 0)
		return atoi(text);
	TEST_ASSERT(errno == EFAULT, "fail-nth: errno %d", errno);
	return true;
}

/* Is the step left out, of a VM without a ring? */
static bool without(const struct step *step, bool ring)
{
	return !ring && step->fn == enable_ring;
}

/* 0, or the errno of the step that failed */
static int do_steps(int from, int to, bool ring)
{
	for (int i = from; i < to; i++) {
		if (without(&steps[i], ring) || steps[i].fn() >= 0)
			continue;
		if (i != from || errno != steps[i].spoilt)
			ksft_print_msg("%s: errno %d, without a fault\n", steps[i].name, errno);
		return errno;
	}
	return 0;
}

/* Is the @n-th chance to fail in step @nr taken as it should be? 0 if there is none. */
static int one_fault(int nr, int n, bool ring)
{
	const struct step *step = &steps[nr];
	int ret, error, again = 0;
	bool fine, left;

	fine = !do_steps(0, nr, ring);
	set_faults(n);
	ret = step->fn();
	error = ret < 0 ? errno : 0;
	left = faults_left(n);
	set_faults(0);

	fine &= left ? !error : !error || error == ENOMEM || error == EFAULT;
	if (fine)
		again = do_steps(error ? nr : nr + 1, ARRAY_SIZE(steps), ring);
	fine &= !again || (error && again == step->spoilt);
	if (!fine)
		ksft_print_msg("%s, fault %d of a VM with%s ring: errno %d, then %d\n", step->name,
			       n, ring ? "" : "out", error, again);
	free_vm();
	return !fine ? -1 : left ? 0 : 1;
}

static void fault_step(int nr, bool ring)
{
	int n, ret = 1, taken = 0, bad = one_fault(nr, ALL, ring) < 0;

	for (n = first; ret && n < MAX_FAULTS; n += every) {
		ret = one_fault(nr, n, ring);
		taken += !!ret;
		bad += ret < 0;
	}
	ksft_test_result(!bad && !ret, "%s, %s ring: %d faults\n", steps[nr].name,
			 ring ? "with" : "without", taken);
}

int main(int argc, char *argv[])
{
	u32 seed = 0;
	bool ring;
	int i;

	while ((i = getopt(argc, argv, "e:s:")) != -1) {
		if (i == 'e')
			every = atoi_positive("Every", optarg);
		else if (i == 's')
			seed = strtoul(optarg, NULL, 0);
		else
			ksft_exit_fail_msg("usage: fault [-s seed] [-e n]\n");
	}
	first += seed % every;

	ksft_print_header();
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	fail_all = open("/proc/thread-self/make-it-fail", O_RDWR);
	if (fail_nth < 0 || fail_all < 0)
		ksft_exit_skip("no CONFIG_FAULT_INJECTION\n");
	m.kvm = open_kvm_dev_path_or_exit();
	m.vm = m.vcpu = m.gic = -1;
	ring = kvm_has_cap(KVM_CAP_DIRTY_LOG_RING_ACQ_REL);
	code = kvm_mmap(getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	data = kvm_mmap(SZ_64K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memcpy(code, guest_code, sizeof(guest_code));

	ksft_set_plan(ARRAY_SIZE(steps) * 2 - 1);
	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (!without(&steps[i], false))
			fault_step(i, false);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if (ring)
			fault_step(i, true);
		else
			ksft_test_result_skip("%s, with ring\n", steps[i].name);
	}
	ksft_finished();
}
