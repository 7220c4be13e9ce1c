// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest - HVCs and SMCs of guests, with random functions, arguments and immediates.
 *
 * Each is compared with smccc.h. x0 to x3 may change, x4 to x30 may not.
 *
 * Functions that stop a vCPU or the machine are for VMs of their own, with one vCPU,
 * which make no other calls. Signals wake it up. AArch32 guests make a call per exit,
 * and none that stop anything.
 */
#include "smccc.h"

#define CALLS_PER_VCPU		2500
#define NR_INSNS		512
#define STRUCTS_GPA		BIT(30)
#define CODE32_GPA		0x80000000UL
#define MMIO_GPA		0x10000000UL
#define A64_HVC			0xd4000002
#define A64_SMC			0xd4000003
#define A64_RET			0xd65f03c0
#define A32_HVC			0xe1400070
#define A32_SMC			0xe1600070
#define A32_STR_R0_R4		0xe5840000

#define REGS_2_TO_29		"2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, " \
				"19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29"

/* What each vCPU tells the host */
static struct shared {
	struct call now, bad[16];	/* the first wrong answer of each function */
	u64 nr_bad, nr_wrong, nr_smc, nr_served;
} shared[NR_VCPUS];

static void rnd_call(u64 *state, struct call *call, u32 insn)
{
	call->insn = insn;
	call->in[0] = rnd_func_id(state) | (one_in(state, 2) ? rnd(state) << 32 : 0);
	for (int i = 1; i < 30; i++)
		call->in[i] = i < 4 ? rnd_arg(state) : call->in[i - 1] * 31 + call->in[0];
}

static void check(struct shared *to, struct call *call)
{
	u64 bits = config.aarch32 ? mask(32) : ~0UL, diff = 0;
	int i, nr = config.aarch32 ? 15 : 30;

	for (i = 0; i < nr; i++)
		diff |= i < 4 ? (call->out[i] ^ call->want[i]) & ~call->any[i] & bits :
				(call->out[i] ^ call->in[i]) & bits;
	to->nr_smc += is_smc(call);
	to->nr_served += call->want[0] != NO;
	to->nr_wrong += !!diff;
	for (i = 0; diff && i < to->nr_bad; i++)
		if ((u32)to->bad[i].in[0] == (u32)call->in[0])
			diff = 0;
	if (diff && to->nr_bad < ARRAY_SIZE(to->bad))
		to->bad[to->nr_bad++] = *call;
}

/* x0 to x29 from and to the two arrays at x0; x30 is the way to the instruction and back. */
void guest_call(u64 *regs, u32 *insn);
asm(".pushsection .text\n"
    "guest_call:\n"
    "	sub	sp, sp, #112\n"
    "	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
    "	str	x\\n, [sp, #8 * (\\n - 19)]\n"
    "	.endr\n"
    "	str	x0, [sp, #96]\n"
    "	mov	x30, x1\n"
    "	.irp	n, " REGS_2_TO_29 ", 1, 0\n"
    "	ldr	x\\n, [x0, #8 * \\n]\n"
    "	.endr\n"
    "	blr	x30\n"
    "	stp	x0, x1, [sp, #-16]!\n"
    "	ldr	x0, [sp, #112]\n"
    "	.irp	n, " REGS_2_TO_29 "\n"
    "	str	x\\n, [x0, #8 * (31 + \\n)]\n"
    "	.endr\n"
    "	ldp	x1, x2, [sp], #16\n"
    "	stp	x1, x2, [x0, #8 * 31]\n"
    "	.irp	n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
    "	ldr	x\\n, [sp, #8 * (\\n - 19)]\n"
    "	.endr\n"
    "	add	sp, sp, #112\n"
    "	ret\n"
    ".popsection");

static void guest_code(int cpu)
{
	u64 n = 0, state = rnd_start(config.seed, config.vm, cpu);
	struct call *call = &shared[cpu].now;
	u32 *insn;

	call->cpu = cpu;
	while (n < config.calls) {
		insn = &config.insns[2 * rnd_below(&state, NR_INSNS)];
		rnd_call(&state, call, *insn);
		expect(call);
		if (!!call->event != config.stop)
			continue;
		guest_call(call->in, insn);
		check(&shared[cpu], call);
		n++;
	}
	GUEST_DONE();
}

static u64 nr_calls, nr_smc, nr_served, nr_wrong;
static time_t begin;

static void account(int cpu, const struct shared *from)
{
	nr_calls += config.calls;
	nr_smc += from->nr_smc;
	nr_served += from->nr_served;
	if (from->nr_wrong && !nr_wrong)
		ksft_print_msg("VM %lu: PSCI %u.%u, bitmaps %lx %lx %lx %lx, filter %x+%x\n", config.vm,
			       config.psci >> 16, config.psci & 0xffff, config.bmap[0], config.bmap[1],
			       config.bmap[2], config.bmap[3], config.filter_base, config.filter_nr);
	for (int i = 0; i < from->nr_bad && nr_wrong < 200; i++) {
		const struct call *c = &from->bad[i];

		ksft_print_msg("VM %lu vCPU %d %s %08x %lx %lx %lx: %lx %lx %lx %lx, not %lx %lx %lx %lx\n",
			       config.vm, cpu, is_smc(c) ? "smc" : "hvc", c->insn, c->in[0],
			       c->in[1], c->in[2], c->out[0], c->out[1], c->out[2], c->out[3],
			       c->want[0], c->want[1], c->want[2], c->want[3]);
	}
	nr_wrong += from->nr_wrong;
}

static void report(const char *name)
{
	ksft_print_msg("%s: %lu calls in %ld s, %lu of them SMCs, %lu served, %lu wrong\n", name,
		       nr_calls, time(NULL) - begin, nr_smc, nr_served, nr_wrong);
	ksft_test_result(!nr_wrong, "%s\n", name);
	nr_calls = nr_smc = nr_served = nr_wrong = 0;
	begin = time(NULL);
}

static u64 bmap_masks[NR_BMAPS];		/* what each bitmap register accepts */

static void find_bmap_masks(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&vcpu, guest_code);

	for (int i = 0; i < 64 * NR_BMAPS; i++)
		if (!__vcpu_set_reg(vcpu, KVM_REG_ARM_FW_FEAT_BMAP_REG(i / 64), BIT(i % 64)))
			bmap_masks[i / 64] |= BIT(i % 64);
	TEST_ASSERT(bmap_masks[0] == 1 && bmap_masks[1] == 1 && bmap_masks[2] == 3 &&
		    (bmap_masks[3] & ~BIT(2)) == 3, "Bitmaps of other bits: %lx %lx %lx %lx",
		    bmap_masks[0], bmap_masks[1], bmap_masks[2], bmap_masks[3]);
	ksft_print_msg("PV lock: %s\n", bmap_masks[3] & BIT(2) ? "yes" : "no");
	kvm_vm_free(vm);
}

/* A random VM, of which the guest knows all */
static struct kvm_vm *create_vm(u64 nr, int nr_vcpus, struct kvm_vcpu **vcpus)
{
	static const u32 versions[] = { PSCI_VERSION(0, 1), PSCI_VERSION(0, 2), PSCI_VERSION(1, 0),
					PSCI_VERSION(1, 1), PSCI_VERSION(1, 2), PSCI_VERSION(1, 3) };
	u64 state = rnd_start(config.seed, nr, 63);
	struct kvm_smccc_filter filter = { .action = KVM_SMCCC_FILTER_DENY };
	struct kvm_vcpu_init init;
	struct kvm_vm *vm = vm_create(nr_vcpus);
	int i;

	vm_init_descriptor_tables(vm);
	config.vm = nr;
	config.nr_vcpus = nr_vcpus;
	config.psci = versions[rnd_below(&state, ARRAY_SIZE(versions))];
	kvm_get_default_vcpu_target(vm, &init);
	init.features[0] = config.psci == PSCI_VERSION(0, 1) ? 0 : BIT(KVM_ARM_VCPU_PSCI_0_2);
	if (config.aarch32)
		init.features[0] |= BIT(KVM_ARM_VCPU_EL1_32BIT);

	for (i = 0; i < nr_vcpus; i++) {
		if (config.aarch32) {
			vcpus[i] = __vm_vcpu_add(vm, i);
			vcpu_ioctl(vcpus[i], KVM_ARM_VCPU_INIT, &init);
			continue;
		}
		vcpus[i] = aarch64_vcpu_add(vm, i, &init, guest_code);
		vcpu_init_descriptor_tables(vcpus[i]);
		vcpu_args_set(vcpus[i], 1, (u64)i);
	}
	kvm_arch_vm_finalize_vcpus(vm);

	vcpu_set_reg(vcpus[0], KVM_REG_ARM_PSCI_VERSION, config.psci);
	for (i = 0; i < NR_BMAPS; i++) {
		config.bmap[i] = nr % 4 == 0 ? bmap_masks[i] : nr % 4 == 1 ? 0 : rnd(&state) & bmap_masks[i];
		vcpu_set_reg(vcpus[0], KVM_REG_ARM_FW_FEAT_BMAP_REG(i), config.bmap[i]);
	}
	for (i = 1; i < 4; i++)
		config.workaround[i] = vcpu_get_reg(vcpus[0], KVM_REG_ARM_FW_REG(i)) & 0xf;

	config.system_suspend = one_in(&state, 2);
	if (config.system_suspend)
		vm_enable_cap(vm, KVM_CAP_ARM_SYSTEM_SUSPEND, 0);

	/* Calls of the owner "arch" can't be filtered. */
	filter.base = rnd_func_id(&state);
	filter.nr_functions = 1 + rnd_below(&state, 16);
	config.filter_nr = 0;
	if (nr % 2 && !config.stop &&
	    !__kvm_device_attr_set(vm->fd, KVM_ARM_VM_SMCCC_CTRL, KVM_ARM_VM_SMCCC_FILTER, &filter)) {
		config.filter_base = filter.base;
		config.filter_nr = filter.nr_functions;
	}

	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, STRUCTS_GPA, 1,
				    SZ_64K / vm->page_size, 0);
	for (i = 0; i < nr_vcpus; i++) {
		config.pvtime[i] = one_in(&state, 4) ? NONE : STRUCTS_GPA + i * 64;
		if (config.pvtime[i] != NONE)
			vcpu_device_attr_set(vcpus[i], KVM_ARM_VCPU_PVTIME_CTRL,
					     KVM_ARM_VCPU_PVTIME_IPA, &config.pvtime[i]);
		config.pvlock[i] = one_in(&state, 4) ? NONE : STRUCTS_GPA + SZ_4K + i * 64;
		if (__vcpu_has_device_attr(vcpus[i], KVM_ARM_VCPU_PVLOCK_CTRL,
					   KVM_ARM_VCPU_PVLOCK_IPA))
			config.pvlock[i] = NONE;
		if (config.pvlock[i] != NONE)
			vcpu_device_attr_set(vcpus[i], KVM_ARM_VCPU_PVLOCK_CTRL,
					     KVM_ARM_VCPU_PVLOCK_IPA, &config.pvlock[i]);
	}
	return vm;
}

static u16 rnd_imm(u64 *state)
{
	return one_in(state, 2) ? 0 : one_in(state, 4) ? 1 : rnd(state);
}

static bool stopped(struct kvm_vcpu *vcpu)
{
	struct kvm_mp_state state;

	vcpu_ioctl(vcpu, KVM_GET_MP_STATE, &state);
	return state.mp_state == KVM_MP_STATE_STOPPED;
}

/* A call has stopped the vCPU. It goes on as if nothing had happened. */
static void restart(struct kvm_vcpu *vcpu, enum event event)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct kvm_run *run = vcpu->run;
	enum event was = CPU_OFF;

	if (run->exit_reason == KVM_EXIT_SYSTEM_EVENT) {
		u64 flags = run->system_event.ndata ? run->system_event.data[0] : 0;

		switch (run->system_event.type) {
		case KVM_SYSTEM_EVENT_SHUTDOWN:
			was = flags ? SHUTDOWN2 : SHUTDOWN;
			break;
		case KVM_SYSTEM_EVENT_RESET:
			was = flags ? RESET2 : RESET;
			break;
		case KVM_SYSTEM_EVENT_SUSPEND:
			was = SUSPEND;
			break;
		default:
			was = NO_EVENT;
		}
	}
	TEST_ASSERT(was == event, "Event %d, not %d", was, event);
	TEST_ASSERT(stopped(vcpu) == (event != SUSPEND), "Stopped or not");
	vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &state);
}

static void *run_vcpu(void *arg)
{
	struct kvm_vcpu *vcpu = arg;
	struct shared *sh = (struct shared *)addr_gva2hva(vcpu->vm, (gva_t)shared) + vcpu->id;
	struct ucall uc;
	int ret;

	for (;;) {
		ret = __vcpu_run(vcpu);
		TEST_ASSERT(!ret || errno == EINTR, "KVM_RUN: errno %d", errno);
		if (ret && !(config.stop && stopped(vcpu)))
			continue;
		if (config.stop && (ret || vcpu->run->exit_reason == KVM_EXIT_SYSTEM_EVENT)) {
			restart(vcpu, READ_ONCE(sh->now.event));
			continue;
		}
		switch (get_ucall(vcpu, &uc)) {
		case UCALL_DONE:
			return NULL;
		case UCALL_ABORT:
			REPORT_GUEST_ASSERT(uc);
		default:
			TEST_FAIL("%s at call %lx, %lx", exit_reason_str(vcpu->run->exit_reason),
				  sh->now.in[0], sh->now.in[1]);
		}
	}
}

/* All vCPUs at once, each in a thread, and kicked now and then */
static void run_aarch64(u64 nr, int nr_vcpus)
{
	u64 state = rnd_start(config.seed, nr, 62);
	struct kvm_vcpu *vcpus[NR_VCPUS];
	struct kvm_vm *vm;
	u32 *insns;
	int i;

	vm = create_vm(nr, nr_vcpus, vcpus);
	config.insns = (u32 *)vm_alloc(vm, 2 * NR_INSNS * sizeof(u32), KVM_UTIL_MIN_VADDR);
	insns = addr_gva2hva(vm, (gva_t)config.insns);
	for (i = 0; i < NR_INSNS; i++) {
		insns[2 * i] = (i % 2 ? A64_SMC : A64_HVC) | rnd_imm(&state) << 5;
		insns[2 * i + 1] = A64_RET;
	}
	sync_global_to_guest(vm, config);

	fuzz_threads(nr_vcpus, run_vcpu, (void **)vcpus, config.stop ? 200 : 5000);
	for (i = 0; i < nr_vcpus; i++)
		account(i, (struct shared *)addr_gva2hva(vm, (gva_t)shared) + i);
	kvm_vm_free(vm);
}

/* The VMM makes up each call, and looks at the answer after the store that follows it. */
static void run_aarch32(u64 nr)
{
	u64 n, state = rnd_start(config.seed, nr, 0);
	struct call *call = &shared[0].now;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	u32 *insns, imm;
	int i;

	memset(shared, 0, sizeof(shared));
	vm = create_vm(nr, 1, &vcpu);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, CODE32_GPA, 2, 1, 0);
	insns = addr_gpa2hva(vm, CODE32_GPA);
	for (i = 0; i < NR_INSNS; i++) {
		imm = rnd_imm(&state);
		insns[2 * i] = i % 2 ? A32_SMC | (imm & 0xf) : A32_HVC | (imm & 0xfff0) << 4 | (imm & 0xf);
		insns[2 * i + 1] = A32_STR_R0_R4;
	}

	for (n = 0; n < config.calls;) {
		u64 pc = 2 * rnd_below(&state, NR_INSNS);

		rnd_call(&state, call, insns[pc]);
		call->in[4] = MMIO_GPA;
		for (i = 0; i < 15; i++)
			call->in[i] &= mask(32);
		expect(call);
		if (call->event)
			continue;

		for (i = 0; i < 15; i++)
			vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.regs[i]), call->in[i]);
		vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), CODE32_GPA + pc * sizeof(u32));
		vcpu_run(vcpu);
		TEST_ASSERT_KVM_EXIT_REASON(vcpu, KVM_EXIT_MMIO);
		for (i = 0; i < 15; i++)
			call->out[i] = vcpu_get_reg(vcpu, ARM64_CORE_REG(regs.regs[i]));
		check(&shared[0], call);
		vcpu_run_complete_io(vcpu);
		n++;
	}
	account(0, &shared[0]);
	kvm_vm_free(vm);
}

int main(int argc, char **argv)
{
	u64 nr, vms, calls = 1000000;
	const char *none;

	ksft_print_header();
	fuzz_options(argc, argv, &config.seed, &calls, &none);
	ksft_set_plan(3);
	find_bmap_masks();
	begin = time(NULL);

	vms = DIV_ROUND_UP(calls, NR_VCPUS * CALLS_PER_VCPU);
	config.calls = DIV_ROUND_UP(calls, NR_VCPUS * vms);
	for (nr = 0; nr < vms; nr++)
		run_aarch64(nr, NR_VCPUS);
	report("AArch64");

	/* These take one exit to the VMM each, and more: a fiftieth of the calls. */
	vms = DIV_ROUND_UP(calls, 50 * CALLS_PER_VCPU);
	config.calls = DIV_ROUND_UP(calls, 50 * vms);
	config.stop = true;
	for (nr = 0; nr < vms; nr++)
		run_aarch64(nr, 1);
	report("AArch64, calls that stop the vCPU or the machine");

	config.stop = false;
	config.aarch32 = true;
	if (kvm_has_cap(KVM_CAP_ARM_EL1_32BIT)) {
		for (nr = 0; nr < vms; nr++)
			run_aarch32(nr);
		report("AArch32");
	} else {
		ksft_test_result_skip("AArch32: not at EL1\n");
	}
	ksft_finished();
}
