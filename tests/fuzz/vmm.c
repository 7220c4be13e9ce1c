// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmm - Random ioctls on VMs and vCPUs, from several threads at once.
 *
 * A sequence is 5 to 30 random steps. A VM serves 24 of them: 8 in each of 3 threads,
 * which share it. There are 4 such VMs at a time, each in a process of its own. What a
 * thread does follows from the seed alone, and not from what the ioctls return; how the
 * threads interleave doesn't.
 *
 * An ioctl may fail only with the errors that steps[] has for it, and some have to:
 * what needs a VM without vCPUs, a structure that is set twice, a bitmap register that
 * changes once a vCPU has run. The kernel must not complain, for which whoever runs
 * this has to look at its log. In the end, VMs, file descriptors and memory are as they
 * were.
 *
 * The guest makes one hypercall per KVM_RUN, stores to its memory, and exits by MMIO.
 * Its code has a slot that stays. Steal time and PV lock are in slots that don't.
 */
#include <dirent.h>
#include <glob.h>
#include <sys/wait.h>

#include "fuzz.h"

#define NR_PROCESSES	4
#define NR_THREADS	3
#define NR_SEQUENCES	8		/* of a thread per VM */
#define NR_VCPUS	4
#define NR_SLOTS	4		/* besides the code's */
#define SLOT_SIZE	SZ_64K
#define DATA_GPA	0x40000000UL
#define CODE_GPA	0x80000000UL
#define MMIO_GPA	0x10000000UL
#define BAD_PTR		((void *)8)
#define MEMORY_KIB	(16 * 1024)	/* may be missing in the end */
#define SLAB_KIB	64		/* ... of it in slab objects */

static const u32 guest_code[SZ_1K / sizeof(u32)] = {
	0xaa1303e0,		/* 0: mov x0, x19 */
	0xaa1403e1,		/*    mov x1, x20 */
	0xd4000002,		/*    hvc #0 */
	0xf90000e6,		/*    str x6, [x7] */
	0xf9000100,		/*    str x0, [x8] */
	0x17fffffb,		/*    b 0b */
	[0x200 / sizeof(u32)] =	/* an exception from EL1 */
	0xf9000100,		/* 1: str x0, [x8] */
	0x17ffffff,		/*    b 1b */
};

/* The VM that all threads of the process work on */
static struct {
	int vm, gic, vcpu[NR_VCPUS];
	struct kvm_run *run[NR_VCPUS];
	struct kvm_dirty_gfn *ring[NR_VCPUS];
	u32 ring_size;
	bool keep_ring;		/* nobody collects, so that it gets full */
	bool set[NR_VCPUS][KVM_ARM_VCPU_PVLOCK_CTRL + 1];	/* its structures */
	bool ran;
	u64 frozen[NR_BMAPS];	/* what was read after that, and 1 in bit 63 */
} m;

static const struct step {
	const char *name;
	void (*fn)(void);
	int weight;
	u64 errors;		/* a bit for each errno */
} steps[];

/* Counted by all processes */
static struct {
	struct {
		u64 calls, failed;
	} steps[32];
	int unexpected, fds_left;
} *count;

static __thread struct {
	u64 rng, vm, thread, sequence;
	const struct step *step;
	u64 buf[SZ_8K / sizeof(u64)];	/* for what ioctls read and write */
} my;

static int kvm_fd;
static void *pool, *code;

static u64 below(u64 n)
{
	return rnd_below(&my.rng, n);
}

static bool rarely(u64 n)
{
	return one_in(&my.rng, n);
}

#define add(to, n)	__atomic_add_fetch(to, n, __ATOMIC_RELAXED)

/* One ioctl of a step. Without the vCPU that it was meant for, there is no descriptor. */
static int try(int ret)
{
	int error = ret < 0 ? errno : 0;

	/* KVM kills a VM whose GIC isn't ready when a vCPU is to run. */
	if (error == EBADF || (error == EIO && m.gic >= 0))
		return ret;
	add(&count->steps[my.step - steps].calls, 1);
	add(&count->steps[my.step - steps].failed, !!error);
	if (error && (error >= 64 || !(my.step->errors & BIT(error))) &&
	    add(&count->unexpected, 1) < 50)
		ksft_print_msg("VM %lu thread %lu sequence %lu: %s: %s\n", my.vm, my.thread,
			       my.sequence, my.step->name, strerror(error));
	errno = error;
	return ret;
}

/* What happened cannot be right. */
static void wrong(const char *what)
{
	if (add(&count->unexpected, 1) < 50)
		ksft_print_msg("VM %lu thread %lu sequence %lu: %s: %s\n", my.vm, my.thread,
			       my.sequence, my.step->name, what);
}

static void *rnd_ptr(void *good)
{
	return rarely(16) ? BAD_PTR : good;
}

static u64 rnd_ipa(void)
{
	u64 ipa = DATA_GPA + (below(8 * SLOT_SIZE) & ~63UL);

	if (rarely(16))
		ipa |= below(64);
	return rarely(16) ? rnd(&my.rng) : ipa;
}

static int vcpu_fd(int cpu)
{
	return __atomic_load_n(&m.vcpu[cpu], __ATOMIC_ACQUIRE);
}

static int rnd_vcpu(void)
{
	return vcpu_fd(below(NR_VCPUS));
}

static bool has_vcpus(void)
{
	for (int i = 0; i < NR_VCPUS; i++)
		if (vcpu_fd(i) >= 0)
			return true;
	return false;
}

/* A structure for steal time or PV lock, with @group as in the attribute */
static void structure_set(int cpu, u32 group)
{
	if (__atomic_exchange_n(&m.set[cpu][group], true, __ATOMIC_ACQ_REL))
		wrong("a structure is set twice");
}

static void set_reg(int fd, u64 id, u64 val)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)&val };

	try(ioctl(fd, KVM_SET_ONE_REG, &reg));
}

static int set_attr(int fd, u32 group, u64 nr, u64 val)
{
	struct kvm_device_attr attr = { .group = group, .attr = nr, .addr = (u64)&val };

	return try(ioctl(fd, KVM_SET_DEVICE_ATTR, &attr));
}

static u64 rnd_attr_ioctl(void)
{
	static const u64 cmds[] = { KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_HAS_DEVICE_ATTR };

	return cmds[below(3)];
}

static void step_firmware(void)
{
	bool ran = __atomic_load_n(&m.ran, __ATOMIC_ACQUIRE);
	u64 nr = below(8), val = rnd(&my.rng), old = 0;
	u64 id = nr < 4 ? KVM_REG_ARM_FW_REG(nr) : KVM_REG_ARM_FW_FEAT_BMAP_REG(nr - 4);
	struct kvm_one_reg reg = { .addr = (u64)rnd_ptr(my.buf) };

	if (rarely(8))
		id ^= BIT(below(64));
	else if (rarely(8))
		id = KVM_REG_ARM_FW_FEAT_BMAP_REG(below(SZ_64K));
	reg.id = id;
	my.buf[0] = rarely(4) ? val : rarely(2) ? val & 7 : PSCI_VERSION(val & 1, val / 2 % 5);
	if (try(ioctl(rnd_vcpu(), val & BIT(63) ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &reg)))
		return;

	/* What was read or written while a vCPU had run is there to stay. */
	nr = id & 0xffff;
	if (!ran || id != KVM_REG_ARM_FW_FEAT_BMAP_REG(nr) || nr >= NR_BMAPS)
		return;
	val = my.buf[0] | BIT(63);
	if (!__atomic_compare_exchange_n(&m.frozen[nr], &old, val, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) && old != val)
		wrong("a register changes after a vCPU has run");
}

/* PMU, timer, PV time, PV lock, and one that isn't there */
static void step_vcpu_attr(void)
{
	struct kvm_device_attr attr = {
		.group = below(5),
		.attr = rarely(2) ? below(5) : 0,
		.addr = (u64)rnd_ptr(my.buf),
	};
	u64 ipa = rnd_ipa(), irq = below(40), cmd = rnd_attr_ioctl();
	int cpu = below(NR_VCPUS);

	my.buf[0] = attr.group == KVM_ARM_VCPU_TIMER_CTRL ? irq : ipa;
	if (try(ioctl(vcpu_fd(cpu), cmd, &attr)) || cmd != KVM_SET_DEVICE_ATTR)
		return;
	if (attr.group == KVM_ARM_VCPU_PVTIME_CTRL || attr.group == KVM_ARM_VCPU_PVLOCK_CTRL)
		structure_set(cpu, attr.group);
}

static void step_vm_attr(void)
{
	struct kvm_smccc_filter filter = {
		.base = rnd_func_id(&my.rng),
		.nr_functions = rarely(16) ? rnd(&my.rng) : below(16),
		.action = below(4),
		.pad = { rarely(16) },
	};
	struct kvm_device_attr attr = {
		.group = rarely(8) ? below(4) : KVM_ARM_VM_SMCCC_CTRL,
		.attr = rarely(8) ? below(4) : KVM_ARM_VM_SMCCC_FILTER,
		.addr = (u64)rnd_ptr(&filter),
	};

	try(ioctl(m.vm, rnd_attr_ioctl(), &attr));
}

static u32 rnd_cap(void)
{
	static const u32 caps[] = {
		KVM_CAP_HALT_POLL, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_CAP_DIRTY_LOG_RING,
		KVM_CAP_DIRTY_LOG_RING_ACQ_REL, KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP,
		KVM_CAP_ARM_NISV_TO_USER, KVM_CAP_ARM_MTE, KVM_CAP_ARM_SYSTEM_SUSPEND,
		KVM_CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, KVM_CAP_ARM_WRITABLE_IMP_ID_REGS,
		KVM_CAP_ARM_SEA_TO_USER, FUZZ_CAP_ARM_FW_FEAT_BMAP_OPT_IN,
	};
	u32 cap = caps[below(ARRAY_SIZE(caps))] + (rarely(4) ? below(5) - 2 : 0);

	return rarely(8) ? rnd(&my.rng) : rarely(8) ? below(300) : cap;
}

/* Not any more when there is a vCPU */
static bool before_vcpus(u32 cap)
{
	return cap == KVM_CAP_DIRTY_LOG_RING || cap == KVM_CAP_DIRTY_LOG_RING_ACQ_REL ||
	       cap == KVM_CAP_ARM_MTE || cap == KVM_CAP_ARM_WRITABLE_IMP_ID_REGS ||
	       cap == FUZZ_CAP_ARM_FW_FEAT_BMAP_OPT_IN;
}

static void step_enable_cap(void)
{
	bool late = has_vcpus();
	struct kvm_enable_cap cap = {
		.cap = rnd_cap(),
		.flags = rarely(8) ? rnd(&my.rng) : 0,
		.args = { rarely(2) ? below(4) : rarely(2) ? BIT(below(64)) : rnd(&my.rng), },
	};

	if (rarely(8))
		cap.args[1 + below(3)] = rnd(&my.rng);
	if (!try(ioctl(rarely(8) ? rnd_vcpu() : m.vm, KVM_ENABLE_CAP, &cap)) &&
	    late && before_vcpus(cap.cap))
		wrong("enabled when there are vCPUs");
}

static void step_check_extension(void)
{
	bool vm = below(8);
	int ret = ioctl(vm ? m.vm : kvm_fd, KVM_CHECK_EXTENSION, rnd_cap());

	/* There are two that only a VM has. */
	try(!vm && ret < 0 && errno == EINVAL ? 0 : ret);
}

/* Slot n is at the same address of the VMM always, and of the guest mostly. */
static void step_slot(void)
{
	u32 nr = 1 + below(NR_SLOTS);
	struct kvm_userspace_memory_region slot = {
		.slot = rarely(16) ? rnd(&my.rng) | 1 : nr,	/* not 0, that of the code */
		.flags = below(2) ? KVM_MEM_LOG_DIRTY_PAGES : 0,
		.guest_phys_addr = DATA_GPA + (rarely(3) ? below(8) : nr) * SLOT_SIZE,
		.memory_size = rarely(4) ? 0 : SLOT_SIZE,
		.userspace_addr = (u64)pool + nr * SLOT_SIZE,
	};

	if (rarely(8))
		slot.flags |= KVM_MEM_READONLY;
	if (rarely(32))
		slot.flags |= rnd(&my.rng);
	if (rarely(32))
		slot.guest_phys_addr = rnd(&my.rng);
	if (rarely(32))
		slot.memory_size = below(16) * SZ_4K + below(2);
	if (rarely(32))
		slot.userspace_addr = rnd(&my.rng);
	try(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &slot));
}

static void step_dirty_log(void)
{
	u32 slot = rarely(16) ? rnd(&my.rng) : 1 + below(NR_SLOTS);
	void *bitmap = rnd_ptr(my.buf);
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };
	struct kvm_clear_dirty_log clear = {
		.slot = slot,
		.dirty_bitmap = bitmap,
		.first_page = rarely(4) ? below(256) : 0,
		.num_pages = rarely(4) ? below(256) : 16,
	};

	my.buf[0] = rnd(&my.rng);
	if (below(2))
		try(ioctl(m.vm, KVM_GET_DIRTY_LOG, &log));
	else
		try(ioctl(m.vm, KVM_CLEAR_DIRTY_LOG, &clear));
}

/* Collect dirty entries, or flag and scribble on any. */
static void step_flag_ring(void)
{
	u64 cpu = below(NR_VCPUS), first = below(256), nr = below(256), junk = rnd(&my.rng);
	bool any = rarely(4);
	struct kvm_dirty_gfn *gfn;

	if (m.keep_ring || !m.ring_size || vcpu_fd(cpu) < 0)
		return;
	try(0);
	for (u64 i = first; i < first + nr; i++) {
		gfn = &m.ring[cpu][i % (m.ring_size / sizeof(*gfn))];
		if (any && junk & BIT(i % 32))
			gfn->offset = junk >> 32;
		if (any && junk & BIT(i % 16))
			gfn->slot = junk >> 48;
		if (any || READ_ONCE(gfn->flags) == KVM_DIRTY_GFN_F_DIRTY)
			WRITE_ONCE(gfn->flags, KVM_DIRTY_GFN_F_RESET);
	}
}

static void step_reset_rings(void)
{
	if (!m.keep_ring)
		try(ioctl(m.vm, KVM_RESET_DIRTY_RINGS, 0));
}

static void create_vcpu(u64 id)
{
	int fd = try(ioctl(m.vm, KVM_CREATE_VCPU, id));

	if (fd >= 0 && id >= NR_VCPUS)
		close(fd);
	if (fd < 0 || id >= NR_VCPUS)
		return;
	m.run[id] = kvm_mmap(getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	if (m.ring_size)
		m.ring[id] = __kvm_mmap(m.ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
					KVM_DIRTY_LOG_PAGE_OFFSET * getpagesize());
	__atomic_store_n(&m.vcpu[id], fd, __ATOMIC_RELEASE);
}

static void step_create_vcpu(void)
{
	create_vcpu(rarely(8) ? rnd(&my.rng) : rarely(4) ? below(600) : below(NR_VCPUS));
}

static void init_vcpu(int fd, u64 features)
{
	struct kvm_vcpu_init init = { KVM_ARM_TARGET_GENERIC_V8, { features } };

	try(ioctl(fd, KVM_ARM_VCPU_INIT, &init));
}

static void step_init_vcpu(void)
{
	int fd = rnd_vcpu(), what = below(8);

	if (rarely(8))
		try(ioctl(fd, KVM_ARM_VCPU_FINALIZE, &what));
	else if (rarely(32))
		init_vcpu(fd, rnd(&my.rng));
	else
		init_vcpu(fd, rarely(8) ? below(BIT(11)) : BIT(KVM_ARM_VCPU_PSCI_0_2));
}

static void step_mp_state(void)
{
	struct kvm_mp_state state = { .mp_state = below(2) ? KVM_MP_STATE_RUNNABLE : below(12) };

	try(ioctl(rnd_vcpu(), rarely(4) ? KVM_GET_MP_STATE : KVM_SET_MP_STATE, &state));
}

static void step_lists(void)
{
	struct reg_mask_range range = { .addr = (u64)rnd_ptr(my.buf), .range = below(4) };

	range.reserved[below(13)] = rarely(8);
	my.buf[0] = below(2) ? ARRAY_SIZE(my.buf) - 1 : below(64);
	if (below(2))
		try(ioctl(m.vm, KVM_ARM_GET_REG_WRITABLE_MASKS, &range));
	else
		try(ioctl(rnd_vcpu(), KVM_GET_REG_LIST, my.buf));
}

static void step_counter(void)
{
	struct kvm_arm_counter_offset offset = { rnd(&my.rng), rarely(4) };

	try(ioctl(m.vm, KVM_ARM_SET_COUNTER_OFFSET, &offset));
}

/* The memory itself comes and goes. */
static void step_memory(void)
{
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };
	void *mem = pool + below(8) * SLOT_SIZE;

	if (below(2))
		try(madvise(mem, SLOT_SIZE, MADV_DONTNEED));
	else
		try(mprotect(mem, SLOT_SIZE, prots[min_t(int, below(4), 2)]));
}

/* Run a vCPU some times, unless it blocks. Each time, it is loaded and put. */
static void step_run(void)
{
	struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };
	u64 func = rnd_func_id(&my.rng), arg = rnd_arg(&my.rng), store = rnd_ipa();
	u64 cpu = below(NR_VCPUS), nr = BIT(below(m.keep_ring ? 7 : 3)), signals = 0;
	bool start = below(8), wake = below(8), leave = rarely(32);
	int fd = vcpu_fd(cpu);

	if (wake)
		try(ioctl(fd, KVM_SET_MP_STATE, &runnable));
	set_reg(fd, ARM64_CORE_REG(regs.regs[19]), func);
	set_reg(fd, ARM64_CORE_REG(regs.regs[20]), arg);
	set_reg(fd, ARM64_CORE_REG(regs.regs[7]), store & ~7UL);
	set_reg(fd, ARM64_CORE_REG(regs.regs[8]), MMIO_GPA);
	set_reg(fd, KVM_ARM64_SYS_REG(SYS_VBAR_EL1), CODE_GPA);
	if (start)
		set_reg(fd, ARM64_CORE_REG(regs.pc), CODE_GPA);
	while (fd >= 0 && nr-- && signals < 3) {
		m.run[cpu]->immediate_exit = leave;
		if (try(ioctl(fd, KVM_RUN, 0)) >= 0) {
			__atomic_store_n(&m.ran, true, __ATOMIC_RELEASE);
			continue;
		}
		if (errno != EINTR)
			break;
		signals++;
	}
}

/* A VM with 1 to 3 vCPUs, most of which can run and have structures in slot 1 */
static void setup(void)
{
	const u64 gpa = DATA_GPA + SLOT_SIZE;
	struct kvm_userspace_memory_region slots[] = {
		{ 0, 0, CODE_GPA, getpagesize(), (u64)code },
		{ 1, KVM_MEM_LOG_DIRTY_PAGES, gpa, SLOT_SIZE, (u64)pool + SLOT_SIZE },
	};
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	struct kvm_enable_cap cap = { .cap = KVM_CAP_DIRTY_LOG_RING_ACQ_REL };
	u64 i, nr = 1 + below(3);

	memset(&m, 0, sizeof(m));
	memset(m.vcpu, -1, sizeof(m.vcpu));
	m.gic = -1;
	mprotect(pool, 8 * SLOT_SIZE, PROT_READ | PROT_WRITE);

	m.vm = try(ioctl(kvm_fd, KVM_CREATE_VM, 0));
	TEST_ASSERT(m.vm >= 0, "KVM_CREATE_VM: errno %d", errno);
	m.keep_ring = rarely(4);
	if ((m.keep_ring || below(2)) && kvm_has_cap(cap.cap)) {
		m.ring_size = max(SZ_4K, getpagesize());
		cap.args[0] = m.ring_size;
		try(ioctl(m.vm, KVM_ENABLE_CAP, &cap));
	}
	cap = (struct kvm_enable_cap) { .cap = KVM_CAP_DIRTY_LOG_RING_WITH_BITMAP };
	if (rarely(4) && m.ring_size)
		try(ioctl(m.vm, KVM_ENABLE_CAP, &cap));
	for (i = 0; i < ARRAY_SIZE(slots); i++)
		try(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &slots[i]));

	if (rarely(4) && !try(ioctl(m.vm, KVM_CREATE_DEVICE, &gic))) {
		m.gic = gic.fd;
		set_attr(m.gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, 0x8000000);
		set_attr(m.gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, 0x80a0000);
	}
	for (i = 0; i < nr; i++) {
		create_vcpu(i);
		if (!rarely(8))
			init_vcpu(m.vcpu[i], BIT(KVM_ARM_VCPU_PSCI_0_2));
		if (below(2) && !set_attr(m.vcpu[i], KVM_ARM_VCPU_PVTIME_CTRL,
					  KVM_ARM_VCPU_PVTIME_IPA, gpa + i * 64))
			structure_set(i, KVM_ARM_VCPU_PVTIME_CTRL);
		if (below(2) && !set_attr(m.vcpu[i], KVM_ARM_VCPU_PVLOCK_CTRL,
					  KVM_ARM_VCPU_PVLOCK_IPA, gpa + SZ_4K + i * 64))
			structure_set(i, KVM_ARM_VCPU_PVLOCK_CTRL);
	}
	if (below(8))
		set_attr(m.gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
}

/* The VM goes with the last of its descriptors and mappings, in any order. */
static void teardown(void)
{
	int fds[NR_VCPUS + 2] = { m.vm, m.gic }, first = below(NR_VCPUS + 2), i;

	memcpy(fds + 2, m.vcpu, sizeof(m.vcpu));
	for (i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[(first + i) % ARRAY_SIZE(fds)]);
	for (i = 0; i < NR_VCPUS; i++) {
		if (m.run[i])
			kvm_munmap(m.run[i], getpagesize());
		if (m.ring[i])
			kvm_munmap(m.ring[i], m.ring_size);
	}
}

#define E(error)	BIT(E##error)

/* What Documentation/virt/kvm/api.rst and devices/ have, EFAULT, and where no vCPU is */
static const struct step steps[] = {
	{ "setup", setup, 0, E(NXIO) },
	{ "firmware register", step_firmware, 4,
	  E(NOENT) | E(INVAL) | E(PERM) | E(BUSY) | E(FAULT) | E(NOEXEC) },
	{ "vCPU attribute", step_vcpu_attr, 4,
	  E(NXIO) | E(PERM) | E(INVAL) | E(EXIST) | E(BUSY) | E(NODEV) | E(FAULT) },
	{ "VM attribute", step_vm_attr, 2, E(NXIO) | E(INVAL) | E(EXIST) | E(BUSY) | E(FAULT) },
	{ "enable capability", step_enable_cap, 2, E(INVAL) | E(BUSY) | E(2BIG) },
	{ "check extension", step_check_extension, 1 },
	{ "memory slot", step_slot, 3, E(INVAL) | E(EXIST) | E(FAULT) | E(NOMEM) },
	{ "dirty log", step_dirty_log, 2, E(INVAL) | E(NOENT) | E(NXIO) | E(FAULT) },
	{ "flag dirty ring", step_flag_ring, 1 },
	{ "reset dirty rings", step_reset_rings, 1, E(INVAL) },
	{ "create vCPU", step_create_vcpu, 1, E(EXIST) | E(INVAL) | E(BUSY) },
	{ "init vCPU", step_init_vcpu, 1, E(INVAL) | E(NOENT) | E(NOEXEC) | E(PERM) | E(FAULT) },
	{ "MP state", step_mp_state, 1, E(INVAL) },
	{ "lists", step_lists, 1, E(INVAL) | E(2BIG) | E(NOEXEC) | E(PERM) | E(FAULT) },
	{ "counter offset", step_counter, 1, E(INVAL) | E(BUSY) },
	{ "memory", step_memory, 1 },
	{ "run", step_run, 5,
	  E(INTR) | E(NOEXEC) | E(NOSYS) | E(PERM) | E(FAULT) | E(INVAL) | E(NOENT) | E(BUSY) },
};

static const struct step *rnd_step(void)
{
	int i, total = 0, at;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		total += steps[i].weight;
	at = below(total);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	return &steps[i];
}

static u64 seed;
static const char *exclude = "-";	/* the beginning of a step's name */

static void *worker(void *arg)
{
	u64 nr = (u64)arg;

	my.vm = nr / NR_THREADS;
	my.thread = nr % NR_THREADS;
	my.rng = rnd_start(seed, my.vm, my.thread);
	for (my.sequence = 0; my.sequence < NR_SEQUENCES; my.sequence++) {
		for (u64 n = 5 + below(26); n; n--) {
			my.step = rnd_step();
			if (strncmp(my.step->name, exclude, strlen(exclude)))
				my.step->fn();
		}
	}
	return NULL;
}

static void fuzz_vm(u64 vm)
{
	void *nr[NR_THREADS];

	my.vm = vm;
	my.rng = rnd_start(seed, vm, NR_THREADS);
	my.step = &steps[0];
	setup();
	for (u64 i = 0; i < NR_THREADS; i++)
		nr[i] = (void *)(vm * NR_THREADS + i);
	fuzz_threads(NR_THREADS, worker, nr, 500);
	teardown();
}

static long meminfo(const char *name)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	TEST_ASSERT(f, "No /proc/meminfo");
	while (kib < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kib = strtol(line + strlen(name) + 1, NULL, 10);
	fclose(f);
	return kib;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

/*
 * How many KiB of slab objects are in use, caches and what waits to be freed aside.
 * Without slabinfo, and the right to read it, whole slabs have to do.
 */
static long slab_kib(void)
{
	unsigned long active, nr, size;
	char line[256], name[64];
	u64 bytes = 0;
	glob_t caches;
	FILE *f;

	write_file("/proc/sys/vm/drop_caches", "3\n");
	if (!glob("/sys/kernel/slab/*/shrink", 0, NULL, &caches)) {
		for (int i = 0; i < caches.gl_pathc; i++)
			write_file(caches.gl_pathv[i], "1\n");
		globfree(&caches);
	}

	f = fopen("/proc/slabinfo", "r");
	if (!f)
		return meminfo("Slab");
	while (fgets(line, sizeof(line), f)) {
		/* vmalloc() frees late. */
		if (sscanf(line, "%63s %lu %lu %lu", name, &active, &nr, &size) == 4 &&
		    strcmp(name, "vmap_area"))
			bytes += active * size;
	}
	fclose(f);
	return bytes / 1024;
}

/* How many names in a directory begin with one of the characters @first, or with any */
static int count_names(const char *path, const char *first)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)))
		n += !*first || strchr(first, e->d_name[0]);
	if (dir)
		closedir(dir);
	return n;
}

/* VMs number @first to @end - 1 */
static void fuzz_vms(u64 first, u64 end)
{
	int i, status, fds = count_names("/proc/self/fd", "");

	for (i = 0; i < NR_PROCESSES; i++) {
		if (fork())
			continue;
		for (u64 vm = first + i; vm < end; vm += NR_PROCESSES)
			fuzz_vm(vm);
		add(&count->fds_left, count_names("/proc/self/fd", "") - fds);
		_exit(0);
	}
	while (wait(&status) > 0)
		TEST_ASSERT(!status, "A process ended with %x", status);
}

int main(int argc, char **argv)
{
	u64 sequences = 100000, vms;
	long available, slab, less, more;
	int i, left;

	ksft_print_header();
	fuzz_options(argc, argv, &seed, &sequences, &exclude);
	ksft_set_plan(4);
	kvm_fd = open_kvm_dev_path_or_exit();
	count = kvm_mmap(sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	/*
	 * QEMU 11.1's max does not record that a page is dirty if it was read before it was
	 * written. Not to be lost by drop_caches, it has to be written first.
	 */
	count->unexpected = 0;
	pool = kvm_mmap(8 * SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	code = kvm_mmap(getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	memcpy(code, guest_code, sizeof(guest_code));

	/* What the first VMs leave is caches. */
	vms = DIV_ROUND_UP(sequences, NR_THREADS * NR_SEQUENCES);
	fuzz_vms(0, min_t(u64, vms / 2, 40));
	available = meminfo("MemAvailable");
	slab = slab_kib();
	fuzz_vms(min_t(u64, vms / 2, 40), vms);

	/* Some of a VM is freed later. */
	for (i = 0; i < 100; i++) {
		left = count_names("/sys/kernel/debug/kvm", "123456789");
		less = available - meminfo("MemAvailable");
		more = slab_kib() - slab;
		if (!left && less < MEMORY_KIB && more < SLAB_KIB)
			break;
		usleep(100000);
	}

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		ksft_print_msg("%s: %lu calls, %lu failed\n", steps[i].name,
			       count->steps[i].calls, count->steps[i].failed);
	ksft_print_msg("%lu sequences, %lu VMs, %ld KiB less available, %ld KiB more in slab objects\n",
		       vms * NR_THREADS * NR_SEQUENCES, vms, less, more);
	ksft_test_result(!count->unexpected, "errors\n");
	ksft_test_result(!left, "VMs are gone\n");
	ksft_test_result(!count->fds_left, "file descriptors\n");
	ksft_test_result(less < MEMORY_KIB && more < SLAB_KIB, "memory\n");
	ksft_finished();
}
