/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host hypercalls of a kernel without asm/kvm_host_hypercalls.h, in the form of
 * that list. Kind and types matter as far as el2.c looks at them.
 */
KVM_HOST_HCALL(early, call, int, __pkvm_init)
KVM_HOST_HCALL(early, call, ulong, __pkvm_create_private_mapping)
KVM_HOST_HCALL(early, call, int, __pkvm_cpu_set_vector)
KVM_HOST_HCALL(early, call, void, __kvm_enable_ssbs)
KVM_HOST_HCALL(early, call, void, __vgic_v3_init_lrs)
KVM_HOST_HCALL(early, call, bool, __vgic_v3_get_gic_config)
KVM_HOST_HCALL(always, call, int, __pkvm_prot_finalize)
KVM_HOST_HCALL(always, call, void, __kvm_adjust_pc, ptr(struct kvm_vcpu *, vcpu))
KVM_HOST_HCALL(always, call, int, __kvm_vcpu_run, ptr(struct kvm_vcpu *, vcpu))
KVM_HOST_HCALL(always, call, void, __kvm_flush_vm_context)
KVM_HOST_HCALL(always, call, void, __kvm_tlb_flush_vmid_ipa, ptr(struct kvm_s2_mmu *, mmu),
	       val(phys_addr_t, ipa), val(int, level))
KVM_HOST_HCALL(always, call, void, __kvm_tlb_flush_vmid_ipa_nsh, ptr(struct kvm_s2_mmu *, mmu),
	       val(phys_addr_t, ipa), val(int, level))
KVM_HOST_HCALL(always, call, void, __kvm_tlb_flush_vmid, ptr(struct kvm_s2_mmu *, mmu))
KVM_HOST_HCALL(always, call, void, __kvm_tlb_flush_vmid_range, ptr(struct kvm_s2_mmu *, mmu),
	       val(phys_addr_t, start), val(ulong, pages))
KVM_HOST_HCALL(always, call, void, __kvm_flush_cpu_context, ptr(struct kvm_s2_mmu *, mmu))
KVM_HOST_HCALL(always, call, void, __kvm_timer_set_cntvoff, val(u64, cntvoff))
KVM_HOST_HCALL(always, call, int, __tracing_load, ptr(struct hyp_trace_desc *, desc),
	       val(size_t, desc_size))
KVM_HOST_HCALL(always, call, void, __tracing_unload)
KVM_HOST_HCALL(always, call, int, __tracing_enable, val(bool, enable))
KVM_HOST_HCALL(always, call, int, __tracing_swap_reader, val(uint, cpu))
KVM_HOST_HCALL(always, call, void, __tracing_update_clock, val(u32, mult), val(u32, shift),
	       val(u64, epoch_ns), val(u64, epoch_cyc))
KVM_HOST_HCALL(always, call, int, __tracing_reset, val(uint, cpu))
KVM_HOST_HCALL(always, call, int, __tracing_enable_event, val(ushort, id), val(bool, enable))
KVM_HOST_HCALL(always, call, void, __tracing_write_event, val(u64, id))
KVM_HOST_HCALL(always, call, void, __vgic_v3_save_aprs, ptr(struct vgic_v3_cpu_if *, cpu_if))
KVM_HOST_HCALL(always, call, void, __vgic_v3_restore_vmcr_aprs,
	       ptr(struct vgic_v3_cpu_if *, cpu_if))
KVM_HOST_HCALL(always, call, void, __vgic_v5_save_apr, ptr(struct vgic_v5_cpu_if *, cpu_if))
KVM_HOST_HCALL(always, call, void, __vgic_v5_restore_vmcr_apr,
	       ptr(struct vgic_v5_cpu_if *, cpu_if))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_share_hyp, val(u64, pfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_unshare_hyp, val(u64, pfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_donate_guest, val(u64, pfn), val(u64, gfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_share_guest, val(u64, pfn), val(u64, gfn),
	       val(u64, nr_pages), val(int, prot))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_unshare_guest, val(u16, handle), val(u64, gfn),
	       val(u64, nr_pages))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_relax_perms_guest, val(u64, gfn), val(int, prot))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_wrprotect_guest, val(u16, handle), val(u64, gfn),
	       val(u64, nr_pages))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_test_clear_young_guest, val(u16, handle),
	       val(u64, gfn), val(u64, nr_pages), val(bool, mkold))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_host_mkyoung_guest, val(u64, gfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_reserve_vm)
KVM_HOST_HCALL(pkvm, call, void, __pkvm_unreserve_vm, val(u16, handle))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_init_vm, ptr(struct kvm *, host_kvm),
	       ptr(void *, donated_vm), ptr(void *, donated_pgd))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_init_vcpu, val(u16, handle),
	       ptr(struct kvm_vcpu *, host_vcpu), ptr(void *, donated_vcpu))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_vcpu_in_poison_fault)
KVM_HOST_HCALL(pkvm, call, int, __pkvm_force_reclaim_guest_page, val(phys_addr_t, phys))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_reclaim_dying_guest_page, val(u16, handle),
	       val(u64, gfn))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_start_teardown_vm, val(u16, handle))
KVM_HOST_HCALL(pkvm, call, int, __pkvm_finalize_teardown_vm, val(u16, handle))
KVM_HOST_HCALL(pkvm, call, void, __pkvm_vcpu_load, val(u16, handle), val(uint, vcpu_idx),
	       val(u64, hcr_el2))
KVM_HOST_HCALL(pkvm, call, void, __pkvm_vcpu_put)
KVM_HOST_HCALL(pkvm, call, void, __pkvm_vcpu_sync_state)
KVM_HOST_HCALL(pkvm, call, void, __pkvm_tlb_flush_vmid, val(u16, handle))
#undef KVM_HOST_HCALL
