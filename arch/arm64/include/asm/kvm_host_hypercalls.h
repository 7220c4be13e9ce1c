/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host hypercalls: what the host, at EL1, may ask of KVM at EL2. They are
 * declared here and nowhere else. A new call is a row here and the function that
 * serves it.
 *
 * This file is included several times and has no guard. The includer defines
 * KVM_HOST_HCALL(), which is undefined again at the end.
 *
 * KVM_HOST_HCALL(when, kind, ret, name, args...)
 *
 * @when: when the host may make the call
 *	early	until pKVM is initialised; at any time without pKVM
 *	nopkvm	the same, for a call that the host has no use for under pKVM
 *	always	at any time
 *	pkvm	only once pKVM is initialised
 *
 * @kind: what serves the call at EL2
 *	call	ret name(args)
 *	handler	static ret do_name(args) in hyp-main.c, which has something to check
 *		or to look up first
 *	leaf	the same for a call that is made often, has up to three arguments and
 *		does not use the host context: host.S saves in it only what a function
 *		may change
 *
 * @args: up to seven of
 *	val(type, arg)		a value
 *	ptr(type *, arg)	a kernel VA of the linear map at EL1, translated to
 *				a hyp VA for EL2. Under pKVM it comes from a host
 *				that is not trusted: pin, admit or compare it
 *				before it is dereferenced.
 *
 * kvm_call_hyp_nvhe(name, args) makes the call. Generated from a row are
 *	__KVM_HOST_SMCCC_FUNC_name	its number, in asm/kvm_host_hypercall_ids.h
 *	__kvm_hcall_name()		the caller, in asm/kvm_call_hyp.h
 *	handle_name()			its entry in EL2's table
 *	leaf_name()			the entry of a leaf call in that of host.S
 *
 * Host and EL2 are one image, so the numbers may change at any time.
 */

/* Returns only if it fails. Otherwise __pkvm_init_finalise() sets the result. */
KVM_HOST_HCALL(early, call, int, __pkvm_init, val(phys_addr_t, phys), val(unsigned long, size),
	       ptr(unsigned long *, per_cpu_base), val(u32, hyp_va_bits))
KVM_HOST_HCALL(early, handler, unsigned long, __pkvm_create_private_mapping,
	       val(phys_addr_t, phys), val(size_t, size), val(enum kvm_pgtable_prot, prot))
KVM_HOST_HCALL(early, call, int, __pkvm_cpu_set_vector, val(enum arm64_hyp_spectre_vector, slot))
KVM_HOST_HCALL(early, handler, void, __kvm_enable_ssbs)
KVM_HOST_HCALL(early, call, void, __vgic_v3_init_lrs)
KVM_HOST_HCALL(early, call, bool, __vgic_v3_get_gic_config)

KVM_HOST_HCALL(nopkvm, call, void, __kvm_flush_vm_context)
KVM_HOST_HCALL(nopkvm, call, void, __kvm_tlb_flush_vmid_ipa, ptr(struct kvm_s2_mmu *, mmu),
	       val(phys_addr_t, ipa), val(int, level))
KVM_HOST_HCALL(nopkvm, call, void, __kvm_tlb_flush_vmid_ipa_nsh, ptr(struct kvm_s2_mmu *, mmu),
	       val(phys_addr_t, ipa), val(int, level))
KVM_HOST_HCALL(nopkvm, call, void, __kvm_tlb_flush_vmid, ptr(struct kvm_s2_mmu *, mmu))
KVM_HOST_HCALL(nopkvm, call, void, __kvm_tlb_flush_vmid_range, ptr(struct kvm_s2_mmu *, mmu),
	       val(phys_addr_t, start), val(unsigned long, pages))
KVM_HOST_HCALL(nopkvm, call, void, __kvm_flush_cpu_context, ptr(struct kvm_s2_mmu *, mmu))
KVM_HOST_HCALL(nopkvm, leaf, void, __kvm_vcpu_load, ptr(struct vgic_v3_cpu_if *, cpu_if),
	       val(u64, cntvoff))
KVM_HOST_HCALL(nopkvm, leaf, void, __kvm_vcpu_put, ptr(struct vgic_v3_cpu_if *, cpu_if))
KVM_HOST_HCALL(nopkvm, call, void, __vgic_v5_save_apr, ptr(struct vgic_v5_cpu_if *, cpu_if))
KVM_HOST_HCALL(nopkvm, call, void, __vgic_v5_restore_vmcr_apr, ptr(struct vgic_v5_cpu_if *, cpu_if))

/* Made on each CPU after pKVM is initialised. Returns -EPERM the second time. */
KVM_HOST_HCALL(always, call, int, __pkvm_prot_finalize)

KVM_HOST_HCALL(always, handler, void, __kvm_adjust_pc, ptr(struct kvm_vcpu *, vcpu))
KVM_HOST_HCALL(always, handler, int, __kvm_vcpu_run, ptr(struct kvm_vcpu *, vcpu))
/* Under pKVM, only tests need it: __pkvm_vcpu_load sets the offset. */
KVM_HOST_HCALL(always, leaf, void, __kvm_timer_set_cntvoff, val(u64, cntvoff))
#ifdef CONFIG_NVHE_EL2_TRACING
KVM_HOST_HCALL(always, call, int, __tracing_load, ptr(struct hyp_trace_desc *, desc),
	       val(size_t, desc_size))
KVM_HOST_HCALL(always, call, void, __tracing_unload)
KVM_HOST_HCALL(always, call, int, __tracing_enable, val(bool, enable))
KVM_HOST_HCALL(always, call, int, __tracing_swap_reader, val(unsigned int, cpu))
KVM_HOST_HCALL(always, call, void, __tracing_update_clock, val(u32, mult), val(u32, shift),
	       val(u64, epoch_ns), val(u64, epoch_cyc))
KVM_HOST_HCALL(always, call, int, __tracing_reset, val(unsigned int, cpu))
KVM_HOST_HCALL(always, call, int, __tracing_enable_event, val(unsigned short, id),
	       val(bool, enable))
KVM_HOST_HCALL(always, call, void, __tracing_write_event, val(u64, id))
#endif

KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_share_hyp, val(u64, pfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_unshare_hyp, val(u64, pfn))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_donate_guest, val(u64, pfn), val(u64, gfn))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_share_guest, val(u64, pfn), val(u64, gfn),
	       val(u64, nr_pages), val(enum kvm_pgtable_prot, prot))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_unshare_guest, val(pkvm_handle_t, handle),
	       val(u64, gfn), val(u64, nr_pages))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_relax_perms_guest, val(u64, gfn),
	       val(enum kvm_pgtable_prot, prot))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_wrprotect_guest, val(pkvm_handle_t, handle),
	       val(u64, gfn), val(u64, nr_pages))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_test_clear_young_guest, val(pkvm_handle_t, handle),
	       val(u64, gfn), val(u64, nr_pages), val(bool, mkold))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_host_mkyoung_guest, val(u64, gfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_reserve_vm)
KVM_HOST_HCALL(pkvm, call, void, __pkvm_unreserve_vm, val(pkvm_handle_t, handle))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_init_vm, ptr(struct kvm *, host_kvm),
	       ptr(struct pkvm_donated_vm *, donated_vm),
	       ptr(struct pkvm_donated_pgd *, donated_pgd))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_init_vcpu, val(pkvm_handle_t, handle),
	       ptr(struct kvm_vcpu *, host_vcpu), ptr(struct pkvm_donated_vcpu *, donated_vcpu))
KVM_HOST_HCALL(pkvm, handler, int, __pkvm_vcpu_in_poison_fault)
KVM_HOST_HCALL(pkvm, call, int, __pkvm_force_reclaim_guest_page, val(phys_addr_t, phys))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_reclaim_dying_guest_page, val(pkvm_handle_t, handle),
	       val(u64, gfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_start_teardown_vm, val(pkvm_handle_t, handle))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_finalize_teardown_vm, val(pkvm_handle_t, handle))
KVM_HOST_HCALL(pkvm, leaf, void, __pkvm_vcpu_load, val(pkvm_handle_t, handle),
	       val(unsigned int, vcpu_idx), val(u64, cntvoff))
KVM_HOST_HCALL(pkvm, leaf, void, __pkvm_vcpu_put)
KVM_HOST_HCALL(pkvm, handler, void, __pkvm_vcpu_sync_state)
KVM_HOST_HCALL(pkvm, handler, void, __pkvm_tlb_flush_vmid, val(pkvm_handle_t, handle))

#undef KVM_HOST_HCALL
