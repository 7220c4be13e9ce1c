/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The SMCCC services that KVM/arm64 has for its guests, and the firmware registers
 * by which a VMM selects them. This list is the one place where they are declared;
 * see Documentation/virt/kvm/arm/fw-pseudo-registers.rst.
 *
 * This file is included several times and has no guard. Each includer defines
 * what it wants of the following, which are undefined again at the end:
 *
 * KVM_SMCCC_BMAP(reg, owner)
 *	A bitmap firmware register, KVM_REG_ARM_<reg>, for services of this owner
 *	(ARM_SMCCC_OWNER_<owner>).
 *
 * KVM_SMCCC_SERVICE(reg, bit, on)
 *	A service, which KVM_REG_ARM_<bit> in that register selects, and whether
 *	it is selected in a VM whose VMM has not written the register.
 *
 * KVM_SMCCC_CALL(reg, bit, func_id, handler)
 *	A function of the service, served by 'int handler(struct kvm_vcpu *vcpu)'.
 *
 * KVM_SMCCC_CALL_FEATURE(reg, bit, func_id, handler)
 *	Likewise, and SMCCC_ARCH_FEATURES says so.
 *
 * KVM_SMCCC_CALL_VMM(reg, bit, func_id)
 *	A function that KVM does not serve: the VMM does, which has it forwarded
 *	with the SMCCC filter. The bit tells the guest.
 *
 * KVM_SMCCC_CALL_ALWAYS(func_id, handler)
 *	A function that is there for every guest.
 *
 * KVM_SMCCC_CALL_FEATURE() defaults to KVM_SMCCC_CALL(), everything else to nothing.
 * The PSCI has ranges of functions, and is not in the list.
 */
#ifndef KVM_SMCCC_BMAP
#define KVM_SMCCC_BMAP(reg, owner)
#endif
#ifndef KVM_SMCCC_SERVICE
#define KVM_SMCCC_SERVICE(reg, bit, on)
#endif
#ifndef KVM_SMCCC_CALL
#define KVM_SMCCC_CALL(reg, bit, func_id, handler)
#endif
#ifndef KVM_SMCCC_CALL_FEATURE
#define KVM_SMCCC_CALL_FEATURE		KVM_SMCCC_CALL
#endif
#ifndef KVM_SMCCC_CALL_VMM
#define KVM_SMCCC_CALL_VMM(reg, bit, func_id)
#endif
#ifndef KVM_SMCCC_CALL_ALWAYS
#define KVM_SMCCC_CALL_ALWAYS(func_id, handler)
#endif

KVM_SMCCC_CALL_ALWAYS(ARM_SMCCC_VERSION_FUNC_ID, kvm_smccc_version)
KVM_SMCCC_CALL_ALWAYS(ARM_SMCCC_ARCH_FEATURES_FUNC_ID, kvm_smccc_arch_features)

KVM_SMCCC_BMAP(STD_BMAP, STANDARD)

KVM_SMCCC_SERVICE(STD_BMAP, STD_BIT_TRNG_V1_0, true)
KVM_SMCCC_CALL(STD_BMAP, STD_BIT_TRNG_V1_0,
	       ARM_SMCCC_TRNG_VERSION, kvm_trng_call)
KVM_SMCCC_CALL(STD_BMAP, STD_BIT_TRNG_V1_0,
	       ARM_SMCCC_TRNG_FEATURES, kvm_trng_call)
KVM_SMCCC_CALL(STD_BMAP, STD_BIT_TRNG_V1_0,
	       ARM_SMCCC_TRNG_GET_UUID, kvm_trng_call)
KVM_SMCCC_CALL(STD_BMAP, STD_BIT_TRNG_V1_0,
	       ARM_SMCCC_TRNG_RND32, kvm_trng_call)
KVM_SMCCC_CALL(STD_BMAP, STD_BIT_TRNG_V1_0,
	       ARM_SMCCC_TRNG_RND64, kvm_trng_call)

KVM_SMCCC_BMAP(STD_HYP_BMAP, STANDARD_HYP)

KVM_SMCCC_SERVICE(STD_HYP_BMAP, STD_HYP_BIT_PV_TIME, true)
KVM_SMCCC_CALL_FEATURE(STD_HYP_BMAP, STD_HYP_BIT_PV_TIME,
		       ARM_SMCCC_HV_PV_TIME_FEATURES, kvm_smccc_pv_time_features)
KVM_SMCCC_CALL(STD_HYP_BMAP, STD_HYP_BIT_PV_TIME,
	       ARM_SMCCC_HV_PV_TIME_ST, kvm_smccc_pv_time_st)

/* Function numbers 0-63 */
KVM_SMCCC_BMAP(VENDOR_HYP_BMAP, VENDOR_HYP)

KVM_SMCCC_SERVICE(VENDOR_HYP_BMAP, VENDOR_HYP_BIT_FUNC_FEAT, true)
KVM_SMCCC_CALL(VENDOR_HYP_BMAP, VENDOR_HYP_BIT_FUNC_FEAT,
	       ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID, kvm_smccc_vendor_features)
KVM_SMCCC_CALL(VENDOR_HYP_BMAP, VENDOR_HYP_BIT_FUNC_FEAT,
	       ARM_SMCCC_VENDOR_HYP_CALL_UID_FUNC_ID, kvm_smccc_vendor_uid)

KVM_SMCCC_SERVICE(VENDOR_HYP_BMAP, VENDOR_HYP_BIT_PTP, true)
KVM_SMCCC_CALL(VENDOR_HYP_BMAP, VENDOR_HYP_BIT_PTP,
	       ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID, kvm_smccc_ptp)

/* Function numbers 64-127 */
KVM_SMCCC_BMAP(VENDOR_HYP_BMAP_2, VENDOR_HYP)

KVM_SMCCC_SERVICE(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_DISCOVER_IMPL_VER, false)
KVM_SMCCC_CALL_VMM(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_DISCOVER_IMPL_VER,
		   ARM_SMCCC_VENDOR_HYP_KVM_DISCOVER_IMPL_VER_FUNC_ID)

KVM_SMCCC_SERVICE(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_DISCOVER_IMPL_CPUS, false)
KVM_SMCCC_CALL_VMM(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_DISCOVER_IMPL_CPUS,
		   ARM_SMCCC_VENDOR_HYP_KVM_DISCOVER_IMPL_CPUS_FUNC_ID)

KVM_SMCCC_SERVICE(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_PV_LOCK, false)
KVM_SMCCC_CALL_FEATURE(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_PV_LOCK,
		       ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_FEATURES_FUNC_ID,
		       kvm_smccc_pv_lock_features)
KVM_SMCCC_CALL(VENDOR_HYP_BMAP_2, VENDOR_HYP_BIT_PV_LOCK,
	       ARM_SMCCC_VENDOR_HYP_KVM_PV_LOCK_PREEMPTED_FUNC_ID,
	       kvm_smccc_pv_lock_preempted)

#undef KVM_SMCCC_BMAP
#undef KVM_SMCCC_SERVICE
#undef KVM_SMCCC_CALL
#undef KVM_SMCCC_CALL_FEATURE
#undef KVM_SMCCC_CALL_VMM
#undef KVM_SMCCC_CALL_ALWAYS
