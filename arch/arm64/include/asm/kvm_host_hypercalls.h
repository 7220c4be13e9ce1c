/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host hypercalls: what the host, at EL1, may ask of KVM at EL2 when the
 * kernel does not run there (nVHE, hVHE and protected mode). This list is the
 * one place where they are declared; see
 * Documentation/virt/kvm/arm/host-hypercalls.rst for the ABI.
 *
 * This file is included several times and has no guard. Each includer defines
 * what it wants of the following, which are undefined again at the end:
 *
 * KVM_HOST_HCALL(ret, name, [type, arg]...)
 *	A hypercall that is served by the EL2 function 'ret name(type arg...)'.
 *
 * KVM_HOST_HCALL_HANDLER(ret, name, [type, arg]...)
 *	Likewise, served by 'ret handle_name(type arg...)', which has to do more
 *	than to call the function the hypercall is named after.
 *
 * KVM_HOST_HCALL_LEAF(void, name, [type, arg]...)
 * KVM_HOST_HCALL_LEAF_HANDLER(void, name, [type, arg]...)
 *	Likewise, as a leaf call: one that returns nothing, has up to three
 *	arguments, doesn't switch to a guest, and has no use for the registers
 *	of the host. EL2 doesn't save them: the host has to expect that those
 *	which are caller-saved are changed.
 *
 * KVM_HOST_HCALL_INIT(ret, name, [type, arg]...)
 *	The call that installs KVM at EL2. It is answered by the vectors in
 *	hyp-init.S, and is not implemented once it has been.
 *
 * KVM_HOST_HCALL_RANGE(range)
 *	The hypercalls that follow belong to this range, which says when the
 *	host may make them:
 *
 *	BOOT	until pKVM has been initialised; at any time without pKVM
 *	ALWAYS	at any time
 *	PKVM	only once pKVM has been initialised
 *	END	the end of the list
 *
 * A kind of hypercall that the includer doesn't define is a KVM_HOST_HCALL(), or
 * a KVM_HOST_HCALL_HANDLER() if it has a handler.
 *
 * An argument whose type is a pointer is a kernel VA of the linear map to the
 * host, and a hyp VA to EL2's function. Memory that isn't mapped at EL2, or whose
 * ownership the call is about, is passed as an integer instead.
 */
#ifndef KVM_HOST_HCALL_HANDLER
#define KVM_HOST_HCALL_HANDLER		KVM_HOST_HCALL
#endif
#ifndef KVM_HOST_HCALL_LEAF
#define KVM_HOST_HCALL_LEAF		KVM_HOST_HCALL
#endif
#ifndef KVM_HOST_HCALL_LEAF_HANDLER
#define KVM_HOST_HCALL_LEAF_HANDLER	KVM_HOST_HCALL_HANDLER
#endif
#ifndef KVM_HOST_HCALL_INIT
#define KVM_HOST_HCALL_INIT		KVM_HOST_HCALL
#endif
#ifndef KVM_HOST_HCALL_RANGE
#define KVM_HOST_HCALL_RANGE(range)
#endif

KVM_HOST_HCALL_RANGE(BOOT)

KVM_HOST_HCALL_INIT(void, __kvm_hyp_init, phys_addr_t, params)
KVM_HOST_HCALL(int, __pkvm_init, phys_addr_t, phys, unsigned long, size,
	       unsigned long *, per_cpu_base, u32, hyp_va_bits)
KVM_HOST_HCALL_HANDLER(unsigned long, __pkvm_create_private_mapping,
		       phys_addr_t, phys, size_t, size,
		       enum kvm_pgtable_prot, prot)
KVM_HOST_HCALL(int, __pkvm_cpu_set_vector, enum arm64_hyp_spectre_vector, slot)
KVM_HOST_HCALL_HANDLER(void, __kvm_enable_ssbs)
KVM_HOST_HCALL(void, __vgic_v3_init_lrs)
KVM_HOST_HCALL(bool, __vgic_v3_get_gic_config)

KVM_HOST_HCALL_RANGE(ALWAYS)

/*
 * Made once per CPU after pKVM has been initialised, so it can't be a BOOT
 * call. It refuses to finalise the same CPU twice.
 */
KVM_HOST_HCALL(int, __pkvm_prot_finalize)

KVM_HOST_HCALL_HANDLER(void, __kvm_adjust_pc, struct kvm_vcpu *, vcpu)
KVM_HOST_HCALL_HANDLER(int, __kvm_vcpu_run, struct kvm_vcpu *, vcpu)
KVM_HOST_HCALL(void, __kvm_flush_vm_context)
KVM_HOST_HCALL(void, __kvm_tlb_flush_vmid_ipa, struct kvm_s2_mmu *, mmu,
	       phys_addr_t, ipa, int, level)
KVM_HOST_HCALL(void, __kvm_tlb_flush_vmid_ipa_nsh, struct kvm_s2_mmu *, mmu,
	       phys_addr_t, ipa, int, level)
KVM_HOST_HCALL(void, __kvm_tlb_flush_vmid, struct kvm_s2_mmu *, mmu)
KVM_HOST_HCALL(void, __kvm_tlb_flush_vmid_range, struct kvm_s2_mmu *, mmu,
	       phys_addr_t, start, unsigned long, pages)
KVM_HOST_HCALL(void, __kvm_flush_cpu_context, struct kvm_s2_mmu *, mmu)
KVM_HOST_HCALL_LEAF(void, __kvm_timer_set_cntvoff, u64, cntvoff)
KVM_HOST_HCALL(int, __tracing_load, unsigned long, desc_hva, size_t, desc_size)
KVM_HOST_HCALL(void, __tracing_unload)
KVM_HOST_HCALL(int, __tracing_enable, bool, enable)
KVM_HOST_HCALL(int, __tracing_swap_reader, unsigned int, cpu)
KVM_HOST_HCALL(void, __tracing_update_clock, u32, mult, u32, shift,
	       u64, epoch_ns, u64, epoch_cyc)
KVM_HOST_HCALL(int, __tracing_reset, unsigned int, cpu)
KVM_HOST_HCALL(int, __tracing_enable_event, unsigned short, id, bool, enable)
KVM_HOST_HCALL(void, __tracing_write_event, u64, id)
KVM_HOST_HCALL_LEAF_HANDLER(void, __vgic_v3_save_aprs,
			    struct vgic_v3_cpu_if *, cpu_if)
KVM_HOST_HCALL_LEAF_HANDLER(void, __vgic_v3_restore_vmcr_aprs,
			    struct vgic_v3_cpu_if *, cpu_if)
KVM_HOST_HCALL_LEAF(void, __vgic_v5_save_apr, struct vgic_v5_cpu_if *, cpu_if)
KVM_HOST_HCALL_LEAF(void, __vgic_v5_restore_vmcr_apr,
		    struct vgic_v5_cpu_if *, cpu_if)

#ifdef CONFIG_KVM_ARM_HOST_HYPERCALL_COUNTS
KVM_HOST_HCALL(u64, __kvm_host_hcall_count, unsigned int, cpu, unsigned int, nr)
#endif

#if IS_ENABLED(CONFIG_KVM_ARM_HOST_HYPERCALL_KUNIT_TEST)
KVM_HOST_HCALL(u64, __kvm_hcall_test_arg, unsigned int, which, bool, b,
	       unsigned short, h, int, i, u64, q, struct kvm_vcpu *, ptr)
KVM_HOST_HCALL(int, __kvm_hcall_test_ret, u64, val)
KVM_HOST_HCALL(void, __kvm_hcall_test_void)
KVM_HOST_HCALL(bool, __kvm_hcall_test_implemented, unsigned int, nr)
KVM_HOST_HCALL_LEAF(void, __kvm_hcall_test_leaf, bool, b, int, i,
		    struct kvm_vcpu *, ptr)
KVM_HOST_HCALL(u64, __kvm_hcall_test_leaf_arg, unsigned int, which)
KVM_HOST_HCALL(bool, __kvm_hcall_test_tracing)
KVM_HOST_HCALL(u64, __kvm_hcall_test_percpu, unsigned int, which)
KVM_HOST_HCALL(void, __kvm_hcall_test_trap)
KVM_HOST_HCALL_LEAF(void, __kvm_hcall_test_leaf_bug)
#endif

KVM_HOST_HCALL_RANGE(PKVM)

KVM_HOST_HCALL(int, __pkvm_host_share_hyp, u64, pfn)
KVM_HOST_HCALL(int, __pkvm_host_unshare_hyp, u64, pfn)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_donate_guest, u64, pfn, u64, gfn)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_share_guest, u64, pfn, u64, gfn,
		       u64, nr_pages, enum kvm_pgtable_prot, prot)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_unshare_guest, pkvm_handle_t, handle,
		       u64, gfn, u64, nr_pages)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_relax_perms_guest, u64, gfn,
		       enum kvm_pgtable_prot, prot)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_wrprotect_guest, pkvm_handle_t, handle,
		       u64, gfn, u64, nr_pages)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_test_clear_young_guest,
		       pkvm_handle_t, handle, u64, gfn, u64, nr_pages,
		       bool, mkold)
KVM_HOST_HCALL_HANDLER(int, __pkvm_host_mkyoung_guest, u64, gfn)
KVM_HOST_HCALL(int, __pkvm_reserve_vm)
KVM_HOST_HCALL(void, __pkvm_unreserve_vm, pkvm_handle_t, handle)
KVM_HOST_HCALL(int, __pkvm_init_vm, struct kvm *, host_kvm,
	       unsigned long, vm_hva, unsigned long, pgd_hva)
KVM_HOST_HCALL(int, __pkvm_init_vcpu, pkvm_handle_t, handle,
	       struct kvm_vcpu *, host_vcpu, unsigned long, vcpu_hva)
KVM_HOST_HCALL_HANDLER(int, __pkvm_vcpu_in_poison_fault)
KVM_HOST_HCALL(int, __pkvm_force_reclaim_guest_page, phys_addr_t, phys)
KVM_HOST_HCALL(int, __pkvm_reclaim_dying_guest_page, pkvm_handle_t, handle,
	       u64, gfn)
KVM_HOST_HCALL(int, __pkvm_start_teardown_vm, pkvm_handle_t, handle)
KVM_HOST_HCALL(int, __pkvm_finalize_teardown_vm, pkvm_handle_t, handle)
KVM_HOST_HCALL_HANDLER(void, __pkvm_vcpu_load, pkvm_handle_t, handle,
		       unsigned int, vcpu_idx, u64, hcr_el2)
KVM_HOST_HCALL_HANDLER(void, __pkvm_vcpu_put)
KVM_HOST_HCALL_HANDLER(void, __pkvm_vcpu_sync_state)
KVM_HOST_HCALL_HANDLER(void, __pkvm_tlb_flush_vmid, pkvm_handle_t, handle)

KVM_HOST_HCALL_RANGE(END)

#undef KVM_HOST_HCALL
#undef KVM_HOST_HCALL_HANDLER
#undef KVM_HOST_HCALL_LEAF
#undef KVM_HOST_HCALL_LEAF_HANDLER
#undef KVM_HOST_HCALL_INIT
#undef KVM_HOST_HCALL_RANGE
