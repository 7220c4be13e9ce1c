// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV lock: tell the guest which of its vCPUs are preempted. See
 * Documentation/virt/kvm/arm/pvlock.rst.
 */

#include <linux/arm-smccc.h>
#include <linux/kvm_host.h>
#include <linux/uaccess.h>

#include <asm/kvm_mmu.h>
#include <asm/pvlock-abi.h>

#include <kvm/arm_hypercalls.h>

static int kvm_pvlock_write(struct kvm_vcpu *vcpu, u64 preempted)
{
	u64 offset = offsetof(struct pvlock_vcpu_state, preempted);
	struct kvm *kvm = vcpu->kvm;

	guard(srcu)(&kvm->srcu);
	return kvm_put_guest(kvm, vcpu->arch.pvlock_base + offset, cpu_to_le64(preempted));
}

/* Called from the preempt notifier, which can't fault: then the guest isn't told. */
void kvm_pvlock_set_preempted(struct kvm_vcpu *vcpu)
{
	/*
	 * Write once until the next 0, or a vCPU that can't run because its
	 * dirty ring is full overfills the ring, one preemption at a time.
	 */
	if (vcpu->arch.pvlock_marked)
		return;

	pagefault_disable();
	vcpu->arch.pvlock_marked = !kvm_pvlock_write(vcpu, 1);
	pagefault_enable();
}

/*
 * Serves KVM_REQ_PVLOCK_CLEAR, which every load makes. May fault. If it is preempted
 * before it has written, the next load makes the request again.
 */
void kvm_pvlock_clear_preempted(struct kvm_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.pvlock_marked, false);
	kvm_pvlock_write(vcpu, 0);
}

int kvm_pvlock_features(struct kvm_vcpu *vcpu)
{
	long val = SMCCC_RET_NOT_SUPPORTED;

	if (kvm_pvlock_enabled(&vcpu->arch) &&
	    kvm_smccc_in_service(vcpu, smccc_get_arg1(vcpu)))
		val = SMCCC_RET_SUCCESS;

	smccc_set_retval(vcpu, val, 0, 0, 0);
	return 1;
}

int kvm_pvlock_preempted(struct kvm_vcpu *vcpu)
{
	struct pvlock_vcpu_state init_values = {};
	gpa_t base = vcpu->arch.pvlock_base;
	long val = SMCCC_RET_NOT_SUPPORTED;

	if (kvm_pvlock_enabled(&vcpu->arch) &&
	    !kvm_write_guest_lock(vcpu->kvm, base, &init_values, sizeof(init_values)))
		val = base;

	smccc_set_retval(vcpu, val, 0, 0, 0);
	return 1;
}

int kvm_pvlock_set_attr(struct kvm_vcpu *vcpu, struct kvm_device_attr *attr)
{
	u64 __user *user = (u64 __user *)attr->addr;
	struct kvm *kvm = vcpu->kvm;
	u64 ipa;

	if (kvm_pvlock_has_attr(vcpu, attr))
		return -ENXIO;
	if (get_user(ipa, user))
		return -EFAULT;
	if (!IS_ALIGNED(ipa, sizeof(struct pvlock_vcpu_state)))
		return -EINVAL;
	if (kvm_pvlock_enabled(&vcpu->arch))
		return -EEXIST;

	/* Check the address is in a memslot that can be written to */
	guard(srcu)(&kvm->srcu);
	if (kvm_is_error_hva(gfn_to_hva(kvm, gpa_to_gfn(ipa))))
		return -EINVAL;

	vcpu->arch.pvlock_base = ipa;
	return 0;
}

int kvm_pvlock_get_attr(struct kvm_vcpu *vcpu, struct kvm_device_attr *attr)
{
	u64 __user *user = (u64 __user *)attr->addr;

	if (kvm_pvlock_has_attr(vcpu, attr))
		return -ENXIO;

	return put_user(vcpu->arch.pvlock_base, user);
}

int kvm_pvlock_has_attr(struct kvm_vcpu *vcpu, struct kvm_device_attr *attr)
{
	/* The host can't write to the memory of a protected VM */
	if (attr->attr != KVM_ARM_VCPU_PVLOCK_IPA || vcpu_is_protected(vcpu))
		return -ENXIO;

	return 0;
}
