// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host hypercalls at EL2: table and dispatch. Under pKVM the host is not
 * trusted.
 */

#include <linux/arm-smccc.h>
#include <linux/nospec.h>

#include <asm/esr.h>
#include <asm/kvm_hyp.h>
#include <asm/kvm_hypevents.h>

#include <nvhe/host_hypercall.h>
#include <nvhe/trap_handler.h>

typedef void (*hcall_t)(struct kvm_cpu_context *);

#define HCALL_call(ret, name, ...)					\
static void handle_##name(struct kvm_cpu_context *host_ctxt)		\
{									\
	HCALL_UNMARSHAL(host_ctxt, ret, name, ##__VA_ARGS__);		\
}
#define HCALL_handler(ret, name, ...)
#define HCALL_leaf(ret, name, ...)
#define KVM_HOST_HCALL(when, kind, ...)	HCALL_##kind(__VA_ARGS__)
#include <asm/kvm_host_hypercalls.h>
#undef HCALL_call
#undef HCALL_handler
#undef HCALL_leaf

static void handle_not_implemented(struct kvm_cpu_context *host_ctxt)
{
	cpu_reg(host_ctxt, 0) = SMCCC_RET_NOT_SUPPORTED;
}

/* What the host may call until pKVM is initialised, and from then on. */
static const hcall_t host_hcalls[2][__KVM_HOST_SMCCC_FUNC_MAX] = {
	[0] = { [0 ... __KVM_HOST_SMCCC_FUNC_MAX - 1] = handle_not_implemented },
	[1] = { [0 ... __KVM_HOST_SMCCC_FUNC_MAX - 1] = handle_not_implemented },

#define HCALL_early(nr, fn)	[0][nr] = fn,
#define HCALL_nopkvm		HCALL_early
#define HCALL_always(nr, fn)	[0][nr] = fn, [1][nr] = fn,
#define HCALL_pkvm(nr, fn)	[1][nr] = fn,
#define KVM_HOST_HCALL(when, kind, ret, name, ...)			\
	HCALL_##when(__KVM_HOST_SMCCC_FUNC_##name, handle_##name)
#include <asm/kvm_host_hypercalls.h>
};

void handle_host_hcall(struct kvm_cpu_context *host_ctxt)
{
	DECLARE_REG(unsigned long, id, host_ctxt, 0);
	const hcall_t *hcalls = host_hcalls[0];
	hcall_t hfn = handle_not_implemented;

	if (static_branch_unlikely(&kvm_protected_mode_initialized))
		hcalls = host_hcalls[1];

	id &= ~ARM_SMCCC_CALL_HINTS;
	id -= KVM_HOST_SMCCC_ID(0);

	if (likely(id < __KVM_HOST_SMCCC_FUNC_MAX &&
		   !(read_sysreg_el2(SYS_ESR) & ESR_ELx_xVC_IMM_MASK)))
		hfn = hcalls[array_index_nospec(id, __KVM_HOST_SMCCC_FUNC_MAX)];

	if (unlikely(hyp_trace_loaded())) {
		trace_hyp_enter(host_ctxt, HYP_REASON_HVC);
		trace_host_hcall(cpu_reg(host_ctxt, 0), hfn == handle_not_implemented);
	}

	cpu_reg(host_ctxt, 0) = SMCCC_RET_SUCCESS;
	hfn(host_ctxt);

	if (unlikely(hyp_trace_loaded()))
		trace_hyp_exit(host_ctxt, HYP_REASON_ERET_HOST);
}
