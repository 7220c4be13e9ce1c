// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fuzzer of KVM's host hypercalls: a module that makes raw HVCs at EL1, on all CPUs
 * at once. It builds against the untouched kernel and against the series alike.
 *
 * Without pKVM the host is trusted. Only what no handler acts on is called, and has to
 * be refused. Under pKVM all calls are made, with hostile arguments. Each thread has
 * memory and a VM of its own, so that calls get beyond their first check. No other VM
 * may run meanwhile.
 *
 * Wrong are: another status, a register or state of EL1 that changed, a result that is
 * neither success nor an error, success with what is not the host's, memory that does
 * not come back. An EL2 panic ends the machine, and shows each thread's last call.
 */
#include <linux/arm-smccc.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/panic_notifier.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/trace_remote_event.h>
#include <linux/uaccess.h>

#include <asm/kvm_asm.h>
#include <asm/kvm_hyptrace.h>
#include <asm/virt.h>
#include "el2.h"

static ulong seed, carveout[2];		/* seed 0: another one each time */
static uint count = 1000000, threads;	/* threads 0: one for each CPU */
static char *exclude = "";		/* calls, with a comma after each */
module_param(seed, ulong, 0400);
module_param(count, uint, 0400);
module_param(threads, uint, 0400);
module_param(exclude, charp, 0400);
module_param_array(carveout, ulong, NULL, 0400);	/* EL2's memory: address, size */

/* How an argument is made: VALUE or POINTER, unless its name is here. */
enum kind { NONE, VALUE, POINTER, DONATED, PFN, PHYS, GFN, PAGES, SIZE, HANDLE, ZERO };
static const struct {
	const char *name;
	enum kind kind;
} kinds[] = {
	{ "pfn", PFN }, { "phys", PHYS }, { "gfn", GFN }, { "nr_pages", PAGES },
	{ "handle", HANDLE }, { "donated_vm", DONATED }, { "donated_pgd", DONATED },
	{ "donated_vcpu", DONATED }, { "desc", DONATED }, { "desc_size", SIZE },
	{ "cntvoff", ZERO },	/* the host uses the virtual counter */
};

static struct hcall {
	const char *name, *ret;
	u32 nr;
	bool served[2];		/* without pKVM, with pKVM */
	struct {
		const char *type, *name;
		enum kind kind;
	} args[8];
	atomic_t ok, refused;
} hcalls[] = {
#define val(type, arg)	{ #type, #arg, VALUE }
#define ptr(type, arg)	{ #type, #arg, POINTER }
#define WHEN_early	{ true, false }
#define WHEN_nopkvm	{ true, false }
#define WHEN_always	{ true, true }
#define WHEN_pkvm	{ false, true }
#define KVM_HOST_HCALL(when, kind, ret, name, ...)			\
	{ #name, #ret, __KVM_HOST_SMCCC_FUNC_##name, WHEN_##when, { __VA_ARGS__ } },
#if EL2_SERIES
#include <asm/kvm_host_hypercalls.h>
#else
#include "el2-base.h"
#endif
#undef val
#undef ptr
};

#define NR(name)	__KVM_HOST_SMCCC_FUNC_##name

/* A thread's pages: shared with EL2, to give away, and a block to share. */
enum { SOIL = 0, POOL = 32, POOL_END = 128, BLOCK = 512, NR_PAGES = 1024 };
/* Those of the pool that new_vm() uses. */
enum { VM_PAGE = POOL, PGD_PAGE = 48, VCPU_PAGE = 64, CACHE_PAGE = 80 };

static struct fuzzer {
	struct rnd_state rnd;
	struct completion done;
	void *mem;
	struct kvm *kvm;	/* both in the soil */
	struct kvm_vcpu *vcpu;
	u16 handle;		/* of its VM, or 0 */
	bool live;		/* initialised, not only reserved */
	const struct hcall *hcall;
	u64 x[EL2_REGS];
} fuzzers[64];

static const u16 gfns[] = { 0, 1, 2, 3, 512, 513, 1024, 1535 };
static bool protected;
static u64 linear_mask;		/* the bits of a kernel VA that EL2 does not replace */
static atomic_t failures, junk;

/* A call that is not itself tested. */
#define hvc(name, ...)		__hvc(KVM_HOST_SMCCC_FUNC(name), ##__VA_ARGS__, 0, 0, 0)
#define __hvc(id, a, b, c, ...)	plain_hvc((u64 [EL2_REGS]) { id, (u64)(a), (u64)(b), (u64)(c) })
static s64 plain_hvc(u64 *x)
{
	el2_hvc(x, el2_hvcs[0]);
	return x[0] == SMCCC_RET_SUCCESS ? (s64)x[1] : -EOPNOTSUPP;
}

static u32 below(struct fuzzer *f, u32 n)
{
	return prandom_u32_state(&f->rnd) % n;
}

static u64 rnd(struct fuzzer *f)
{
	return (u64)prandom_u32_state(&f->rnd) << 32 | prandom_u32_state(&f->rnd);
}

static u64 odd_value(struct fuzzer *f)
{
	u64 v = rnd(f);

	switch (below(f, 5)) {
	case 0:		return v;
	case 1:		return v & 0xf;
	case 2:		return -(v & 0xf);
	case 3:		return BIT(v & 63) - (v >> 63);
	default:	return v & U32_MAX;
	}
}

static void *va_of(struct fuzzer *f, int page)
{
	return f->mem + page * PAGE_SIZE;
}

static u64 phys_of(struct fuzzer *f, int page)
{
	return __pa(va_of(f, page));
}

static bool hosts(u64 phys)
{
	return pfn_is_map_memory(PHYS_PFN(phys)) && phys - carveout[0] >= carveout[1];
}

/* EL2's memory, MMIO, and addresses of nothing. */
static u64 foreign_phys(struct fuzzer *f)
{
	u64 end = __pa(high_memory - 1) + 1, phys;

	do {
		u64 choice[] = { carveout[0] + rnd(f) % (carveout[1] ?: 1), rnd(f) % (2 * end),
				 end + below(f, 2) * PAGE_SIZE, odd_value(f) };

		phys = choice[below(f, 4)] & (below(f, 2) ? PAGE_MASK : ~0UL);
	} while (hosts(phys));
	return phys;
}

static u64 foreign_va(struct fuzzer *f)
{
	switch (below(f, 6)) {
	case 0:		return odd_value(f);
	case 1:		return (u64)current;
	case 2:		return (u64)el2_hvcs;
	case 3:		return (u64)f->mem - below(f, 512);	/* only its end is shared */
	default:	return (u64)__va(foreign_phys(f));
	}
}

/* One argument in four is hostile: the call must not succeed. */
static u64 argument(struct fuzzer *f, const struct hcall *h, int i, bool *entitled)
{
	/* Handles of VMs begin at 0x1000, and end at 0x10fe if all are in use. */
	static const u16 no_vm[] = { 0, 0xfff, 0x10fe, 0x10ff };
	bool debug = IS_ENABLED(CONFIG_NVHE_EL2_DEBUG), hostile = !below(f, 4);
	enum kind kind = h->args[i].kind;
	u64 v, bad, alias;

	for (int j = 0; j < ARRAY_SIZE(kinds); j++)
		if (!strcmp(kinds[j].name, h->args[i].name))
			kind = kinds[j].kind;
	switch (kind) {
	case ZERO:
		return 0;
	case GFN:
		/* EL2 asserts with DEBUG that what it changes in a guest's table is valid. */
		if (debug && (strstr(h->name, "relax_perms") || strstr(h->name, "wrprotect") ||
			      strstr(h->name, "young")))
			hostile = false;
		v = gfns[below(f, ARRAY_SIZE(gfns))];
		if (hostile)	/* beyond all IPAs, or with bits that a shift loses */
			v |= below(f, 2) ? BIT(48) | odd_value(f) : rnd(f) << (64 - PAGE_SHIFT);
		return v;
	case PAGES:
		v = hostile ? odd_value(f) : below(f, 2) ? 1 : 512;
		return debug && v == 512 ? 1 : v;
	case SIZE:
		v = hostile ? odd_value(f) : PAGE_SIZE << below(f, 2);
		/* Never so much that it takes more than the pool. */
		return PAGE_ALIGNED(v) && v > 2 * PAGE_SIZE && v < BIT(40) ? v + 1 : v;
	case PFN:
	case PHYS:
		v = phys_of(f, below(f, 4) ? POOL + below(f, POOL_END - POOL) : BLOCK);
		bad = foreign_phys(f);
		if (kind == PFN) {
			v = PHYS_PFN(v);
			bad = PHYS_PFN(bad);
		}
		break;
	case HANDLE:
		v = f->handle;
		/* Another thread's, unless this is about the VM's end. */
		if (!strstr(h->name, "teardown") && !strstr(h->name, "unreserve") &&
		    !strstr(h->name, "dying"))
			v = fuzzers[below(f, threads)].handle;
		bad = below(f, 2) ? no_vm[below(f, 4)] : odd_value(f) | BIT(15);
		break;
	case DONATED:
		v = (u64)va_of(f, POOL + below(f, VCPU_PAGE - POOL));
		bad = (u64)va_of(f, SOIL + below(f, POOL));
		if (below(f, 2))
			break;
		bad = foreign_va(f);
		alias = __pa(((u64)(high_memory - 1) & ~linear_mask) | (bad & linear_mask));
		if (PAGE_ALIGNED(bad) && hosts(alias))
			bad += 8;
		break;
	case POINTER:
		v = (u64)f->mem + rnd(f) % (POOL * PAGE_SIZE);
		if (strstr(h->args[i].type, "kvm_vcpu"))
			v = (u64)f->vcpu;
		else if (strstr(h->args[i].type, "kvm *"))
			v = (u64)f->kvm;
		bad = foreign_va(f);
		break;
	default:
		return odd_value(f);
	}
	*entitled &= !hostile;
	return hostile ? bad : v;
}

/* Write to a page of the pool, unless EL2 or a guest has it. */
static void put_in_pool(struct fuzzer *f, int page, const void *what, size_t size)
{
	char c;

	if (!copy_from_kernel_nofault(&c, va_of(f, page), 1))
		memcpy(va_of(f, page), what, size);
}

/* Change what EL2 may be reading at this moment. */
static void scribble(struct fuzzer *f)
{
	/* None for which EL2 would take more than the pool. */
	static const int vcpus[] = { 1, 2, 3, 64, 0, -1, INT_MIN, INT_MAX };
	struct kvm_hyp_memcache *mc = &f->vcpu->arch.pkvm_memcache;
	struct hyp_trace_desc desc = {
		.bpages_backing_start = (ulong)va_of(f, POOL + below(f, VCPU_PAGE - POOL)),
		.bpages_backing_size = PAGE_SIZE << below(f, 2),
		.trace_buffer_desc.nr_cpus = below(f, 3),
	};

	if (below(f, 2))
		prandom_bytes_state(&f->rnd, f->mem + rnd(f) % (POOL * PAGE_SIZE - 256), 256);
	f->kvm->created_vcpus = vcpus[below(f, ARRAY_SIZE(vcpus))];
	f->kvm->arch.pkvm.handle = f->handle;
	f->vcpu->vcpu_idx = below(f, 3);
	mc->head = below(f, 4) ? phys_of(f, CACHE_PAGE) : foreign_phys(f);
	mc->nr_pages = odd_value(f);
	for (int i = CACHE_PAGE; i < POOL_END - 1; i++)
		put_in_pool(f, i, &(u64) { phys_of(f, i + 1) }, sizeof(u64));
	put_in_pool(f, POOL + below(f, VCPU_PAGE - POOL), &desc, sizeof(desc));
}

/* Take back what the VM was given, which its end leaves alone. */
static void take_back(struct fuzzer *f)
{
	hvc(__pkvm_vcpu_put);
	hvc(__pkvm_start_teardown_vm, f->handle);
	for (int i = 0; i < ARRAY_SIZE(gfns); i++) {
		hvc(__pkvm_host_unshare_guest, f->handle, gfns[i], 1);
		hvc(__pkvm_host_unshare_guest, f->handle, gfns[i], 512);
		hvc(__pkvm_reclaim_dying_guest_page, f->handle, gfns[i]);
	}
}

/* Fails while another thread has a vCPU of the VM loaded. */
static bool end_vm(struct fuzzer *f)
{
	if (f->handle) {
		take_back(f);
		if (f->live && hvc(__pkvm_finalize_teardown_vm, f->handle))
			return false;
		hvc(__pkvm_unreserve_vm, f->handle);
	}
	f->handle = 0;
	f->live = false;
	return true;
}

static void new_vm(struct fuzzer *f)
{
	s64 handle;

	if (!end_vm(f))
		return;
	for (int i = SOIL; i < POOL; i++)
		hvc(__pkvm_host_share_hyp, PHYS_PFN(phys_of(f, i)));
	for (int i = POOL; i <= POOL_END; i++)
		hvc(__pkvm_host_unshare_hyp, PHYS_PFN(phys_of(f, i < POOL_END ? i : BLOCK)));
	handle = hvc(__pkvm_reserve_vm);
	if (handle < 0)
		return;
	f->handle = handle;
	memset(f->mem, 0, POOL * PAGE_SIZE);
	scribble(f);
	f->kvm->created_vcpus = 3;
	f->kvm->arch.pkvm.is_protected = below(f, 2);
	f->kvm->arch.flags = rnd(f) | BIT(KVM_ARCH_FLAG_ID_REGS_INITIALIZED);
	f->live = !hvc(__pkvm_init_vm, f->kvm, va_of(f, VM_PAGE), va_of(f, PGD_PAGE));
	hvc(__pkvm_init_vcpu, handle, f->vcpu, va_of(f, VCPU_PAGE));
	hvc(__pkvm_vcpu_load, handle, f->vcpu->vcpu_idx, 0);
}

static void show(const struct fuzzer *f)
{
	pr_err("rig: | el2 call %s x0 %llx x1 %llx x2 %llx x3 %llx x4 %llx\n",
	       f->hcall ? f->hcall->name : "-", f->x[0], f->x[1], f->x[2], f->x[3], f->x[4]);
}

static void fail(const struct fuzzer *f, const char *what, const char *reg, int nr, u64 is)
{
	if (atomic_inc_return(&failures) > 20)
		return;
	show(f);
	pr_err("rig: | el2 FAIL %s %s%d: %llx\n", what, reg, nr, is);
}

static void check(const struct fuzzer *f, const struct hcall *h, const u64 *x, bool entitled)
{
	bool refused = !h || !h->served[protected];
	s64 ret = x[1];

	if (x[0] != (u64)(refused ? SMCCC_RET_NOT_SUPPORTED : SMCCC_RET_SUCCESS))
		fail(f, "status", "x", 0, x[0]);
	for (int i = !EL2_SERIES ? 4 : refused ? 1 : 2; i < EL2_REGS; i++)
		if (x[i] != f->x[i])
			fail(f, "changed", "x", i, x[i]);
	if (refused)
		return;
	if (!strcmp(h->ret, "void")) {
		if (EL2_SERIES && ret)
			fail(f, "result of a void call", "x", 1, ret);
	} else if (h->nr == NR(__kvm_vcpu_run) ? ret != (int)ret :
		   ret < -MAX_ERRNO || ret > U16_MAX) {
		fail(f, "neither success nor an error", "x", 1, ret);
	} else if (ret >= 0 && !entitled) {
		fail(f, "success with what is not the host's", "x", 1, ret);
	}
}

static u64 junk_id(struct fuzzer *f)
{
	u64 id = KVM_HOST_SMCCC_ID(below(f, ARRAY_SIZE(hcalls) + 2));

	switch (below(f, 6)) {
	case 0:		return odd_value(f);
	case 1:		return id ^ BIT(16 + below(f, 48));	/* owner, width, type, top half */
	case 2:		return id | rnd(f) << 32;
	case 3:		return -id;
	case 4:		return KVM_HOST_SMCCC_ID(ARRAY_SIZE(hcalls) + 1 + (rnd(f) & 0x7fff));
	default:	return KVM_HOST_SMCCC_ID(0) - below(f, 2);
	}
}

static struct hcall *find(u64 id)
{
	u64 nr = (id & ~(u64)ARM_SMCCC_CALL_HINTS) - KVM_HOST_SMCCC_ID(0);

	for (int i = 0; i < ARRAY_SIZE(hcalls); i++)
		if (hcalls[i].nr == nr)
			return &hcalls[i];
	return NULL;
}

static bool left_out(const struct hcall *h)
{
	const char *at = strstr(exclude, h->name);

	/* Without pKVM, one call that does nothing is made. */
	if (!protected && h->served[0] && h->nr != NR(__kvm_timer_set_cntvoff))
		return true;
	return at && (at == exclude || at[-1] == ',') && at[strlen(h->name)] == ',';
}

static void one_call(struct fuzzer *f)
{
	int imm = below(f, 8) ? 0 : below(f, EL2_IMMS);
	u64 id = KVM_HOST_SMCCC_ID(0) + hcalls[below(f, ARRAY_SIZE(hcalls))].nr, x[EL2_REGS];
	bool entitled = true, finalize;
	struct el1_state before, after;
	unsigned long flags;
	struct hcall *h;

	if (!below(f, 4))
		id = junk_id(f);
	else if (!below(f, 8))
		id |= ARM_SMCCC_CALL_HINTS;
	h = EL2_SERIES && imm ? NULL : find(id);
	if ((h && left_out(h)) || (!protected && id < HVC_STUB_HCALL_NR))
		return;

	prandom_bytes_state(&f->rnd, x, sizeof(x));
	x[0] = id;
	for (int i = 0; h && h->served[protected] && h->args[i].kind; i++)
		x[i + 1] = argument(f, h, i, &entitled);
	finalize = protected && h && h->nr == NR(__pkvm_finalize_teardown_vm) && entitled;
	if (finalize)
		take_back(f);
	f->hcall = h;
	memcpy(f->x, x, sizeof(x));

	local_irq_save(flags);
	before = el1_state();
	el2_hvc(x, el2_hvcs[imm]);
	after = el1_state();
	local_irq_restore(flags);

	for (int i = 0; i < ARRAY_SIZE(el1_regs); i++)
		if (before.regs[i] != after.regs[i])
			fail(f, "changed", el1_regs[i], 0, after.regs[i]);
	check(f, h, x, entitled);
	if (!h || !h->served[protected] || (strcmp(h->ret, "void") && (s64)x[1] < 0)) {
		atomic_inc(h ? &h->refused : &junk);
		return;
	}
	atomic_inc(&h->ok);
	if (h->nr == NR(__pkvm_reserve_vm))
		hvc(__pkvm_unreserve_vm, x[1]);
	else if (h->nr == NR(__pkvm_init_vm) || finalize)
		f->live = !finalize;
}

static int fuzz(void *arg)
{
	struct fuzzer *f = arg;

	for (uint n = count / threads; n; n--) {
		if (protected && !below(f, 512))
			new_vm(f);
		if (protected && !below(f, 8))
			scribble(f);
		one_call(f);
		cond_resched();
	}
	if (protected)
		hvc(__pkvm_vcpu_put);
	kthread_complete_and_exit(&f->done, 0);
}

/* All pages are the host's alone again, and EL2's are out of its reach. */
static void check_memory(void)
{
	u64 v;

#ifdef EL2_TRACING
	hvc(__tracing_enable);
	for (int i = 0; i < 256; i++)
		hvc(__tracing_enable_event, i);
	hvc(__tracing_unload);
#endif
	/* Each may have pages of another thread. */
	for (int i = 0; i < threads; i++)
		end_vm(&fuzzers[i]);
	for (struct fuzzer *f = fuzzers; f < fuzzers + threads; f++) {
		bool lost = f->handle;

		for (int i = 0; i < NR_PAGES; i++) {
			u64 pfn = PHYS_PFN(phys_of(f, i));

			hvc(__pkvm_host_unshare_hyp, pfn);
			lost |= copy_from_kernel_nofault(&v, va_of(f, i), sizeof(v)) ||
				hvc(__pkvm_host_share_hyp, pfn) ||
				hvc(__pkvm_host_unshare_hyp, pfn);
		}
		if (!lost)
			continue;
		fail(f, "not all came back of", "", 0, phys_of(f, 0));
		f->mem = NULL;
	}
	for (u64 at = 0; at < carveout[1]; at += PAGE_SIZE)
		if (!copy_from_kernel_nofault(&v, __va(carveout[0] + at), sizeof(v)))
			fail(fuzzers, "the host can read EL2's", "", 0, carveout[0] + at);
}

static int show_all(struct notifier_block *nb, unsigned long action, void *data)
{
	for (int i = 0; i < threads; i++)
		show(&fuzzers[i]);
	return NOTIFY_DONE;
}

static struct notifier_block panic_nb = { .notifier_call = show_all };

static int __init el2_init(void)
{
	struct dentry *dir = debugfs_lookup("kvm", NULL);
	unsigned long dram = 0;
	struct fuzzer *f;

	if (is_kernel_in_hyp_mode() || IS_ERR_OR_NULL(dir))
		return -ENODEV;
	dput(dir);
	protected = is_protected_kvm_enabled();
	seed = seed ?: get_random_u32();
	threads = min3(threads ?: U32_MAX, num_online_cpus(), (uint)ARRAY_SIZE(fuzzers));
	while (!pfn_is_map_memory(dram))
		dram++;
	linear_mask = BIT(fls64((u64)__va(PFN_PHYS(dram)) ^ (u64)(high_memory - 1))) - 1;

	for (f = fuzzers; f < fuzzers + threads; f++) {
		prandom_seed_state(&f->rnd, seed + (f - fuzzers));
		init_completion(&f->done);
		f->mem = alloc_pages_exact(NR_PAGES * PAGE_SIZE, GFP_KERNEL);
		if (!f->mem)
			threads = f - fuzzers;
		f->kvm = f->mem;
		f->vcpu = va_of(f, POOL / 2);
	}
	if (!threads)
		return -ENOMEM;

	pr_info("rig: | el2 seed=%lu count=%u threads=%u\n", seed, count, threads);
	atomic_notifier_chain_register(&panic_notifier_list, &panic_nb);
	for (f = fuzzers; f < fuzzers + threads; f++)
		if (IS_ERR(kthread_run_on_cpu(fuzz, f, f - fuzzers, "el2/%u"))) {
			atomic_inc(&failures);
			complete(&f->done);
		}
	for (f = fuzzers; f < fuzzers + threads; f++)
		wait_for_completion(&f->done);
	if (protected)
		check_memory();
	for (f = fuzzers; f < fuzzers + threads; f++)
		if (f->mem)
			free_pages_exact(f->mem, NR_PAGES * PAGE_SIZE);
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_nb);

	for (struct hcall *h = hcalls; h < hcalls + ARRAY_SIZE(hcalls); h++)
		pr_info("rig: | el2 %s %d %d\n", h->name, h->ok.counter, h->refused.counter);
	pr_info("rig: | el2 end: %d failures, %d junk\n", atomic_read(&failures), atomic_read(&junk));
	return atomic_read(&failures) ? -EPROTO : 0;
}
module_init(el2_init);

static void __exit el2_exit(void)
{
}
module_exit(el2_exit);

MODULE_DESCRIPTION("KVM/arm64 host hypercall fuzzer");
MODULE_LICENSE("GPL");
