// SPDX-License-Identifier: GPL-2.0-only
/*
 * PV lock: tell the guest which of its vCPUs are preempted.
 * See Documentation/virt/kvm/arm/pvlock.rst.
 */

#include <linux/kvm_host.h>
#include <linux/uaccess.h>

#include <asm/pvlock-abi.h>

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "trace_arm.h"

/*
 * Have the vCPU see to the memory before it next runs. If it is idle, it is to come
 * back for that; if it is off, that has time until it is turned on.
 */
static void kvm_pvlock_request_update(struct kvm_vcpu *vcpu)
{
	/* check_vcpu_requests() takes them in the opposite order, so loses neither. */
	kvm_make_request(KVM_REQ_PVLOCK_UPDATE, vcpu);
	kvm_make_request(KVM_REQ_UNBLOCK, vcpu);
}

/* Count and trace an attempt to tell the guest whether a vCPU is preempted. */
static void kvm_pvlock_account(struct kvm_vcpu *vcpu, bool preempted, bool stored)
{
	if (!stored) {
		vcpu->stat.pvlock_failed++;
		trace_kvm_pvlock_failed(vcpu->vcpu_id, preempted);
		return;
	}

	if (preempted)
		vcpu->stat.pvlock_preempted++;
	else
		vcpu->stat.pvlock_resumed++;
	trace_kvm_pvlock_preempted(vcpu->vcpu_id, preempted);
}

/*
 * Write the field 'preempted', unless that would take a fault: called from the
 * preempt notifiers, with the runqueue locked when the vCPU is scheduled out.
 */
VISIBLE_IF_KUNIT bool kvm_pvlock_store_nofault(struct kvm_vcpu *vcpu, bool preempted)
{
	struct gfn_to_hva_cache *ghc = &vcpu->arch.pvlock.ghc;
	struct pvlock_vcpu_state __user *state;
	struct kvm *kvm = vcpu->kvm;
	bool dirty, stored = false;
	int idx;

	KUNIT_STATIC_STUB_REDIRECT(kvm_pvlock_store_nofault, vcpu, preempted);

	idx = srcu_read_lock(&kvm->srcu);

	/* Once there is a structure, only used here, i.e. not preempted half-way. */
	if (unlikely(ghc->generation != kvm_memslots(kvm)->generation))
		kvm_gfn_to_hva_cache_init(kvm, ghc, vcpu->arch.pvlock.base, sizeof(*state));

	if (kvm_is_error_hva(ghc->hva))
		goto out;

	/* When there is room for the 1 in the vCPU's dirty ring, there is for the 0. */
	dirty = kvm_slot_dirty_track_enabled(ghc->memslot);
	if (dirty && !kvm_dirty_ring_has_room(vcpu, preempted ? 2 : 1))
		goto out;

	state = (struct pvlock_vcpu_state __user *)ghc->hva;

	pagefault_disable();
	stored = !put_user(cpu_to_le64(preempted), &state->preempted);
	pagefault_enable();

	if (stored && dirty)
		mark_page_dirty_in_slot(kvm, ghc->memslot, ghc->gpa >> PAGE_SHIFT);
out:
	srcu_read_unlock(&kvm->srcu, idx);

	kvm_pvlock_account(vcpu, preempted, stored);
	return stored;
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_store_nofault);

/* Write 0 to it, which may take a fault. kvm->srcu is held. */
VISIBLE_IF_KUNIT int kvm_pvlock_clear(struct kvm_vcpu *vcpu)
{
	gpa_t gpa = vcpu->arch.pvlock.base + offsetof(struct pvlock_vcpu_state, preempted);
	struct kvm *kvm = vcpu->kvm;
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(kvm_pvlock_clear, vcpu);

	ret = kvm_put_guest(kvm, gpa, cpu_to_le64(0));

	/* The notifiers count, too. */
	scoped_guard(preempt)
		kvm_pvlock_account(vcpu, false, !ret);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_clear);

/**
 * kvm_pvlock_vcpu_put() - Tell the guest that a vCPU is preempted
 * @vcpu: the vCPU, which has a structure and is being scheduled out involuntarily
 *
 * If the memory can't be written now, the guest isn't told, and the memory is seen
 * to before the vCPU next runs.
 *
 * Context: Preempt notifier of the vCPU's thread. Takes no fault.
 */
void kvm_pvlock_vcpu_put(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_pvlock *pvlock = &vcpu->arch.pvlock;

	if (pvlock->state == KVM_PVLOCK_PREEMPTED)
		return;

	if (kvm_pvlock_store_nofault(vcpu, true))
		WRITE_ONCE(pvlock->state, KVM_PVLOCK_PREEMPTED);
	else
		WRITE_ONCE(pvlock->state, KVM_PVLOCK_UNKNOWN);
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_vcpu_put);

/**
 * kvm_pvlock_vcpu_load() - Tell the guest that a vCPU isn't preempted any more
 * @vcpu: the vCPU, which is being loaded and whose state isn't KVM_PVLOCK_RUNNING
 *
 * If the memory can't be written now, it is before the vCPU runs.
 *
 * Context: vCPU load, i.e. the vCPU's thread with preemption disabled, perhaps its
 *	    preempt notifier. Takes no fault.
 */
void kvm_pvlock_vcpu_load(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_pvlock *pvlock = &vcpu->arch.pvlock;

	if (pvlock->state == KVM_PVLOCK_PREEMPTED && kvm_pvlock_store_nofault(vcpu, false)) {
		WRITE_ONCE(pvlock->state, KVM_PVLOCK_RUNNING);
		return;
	}

	kvm_pvlock_request_update(vcpu);
	/* If it was preempted when about to go idle: not yet. */
	__kvm_vcpu_wake_up(vcpu);
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_vcpu_load);

/**
 * kvm_pvlock_update() - Have the guest see a vCPU as not preempted
 * @vcpu: the vCPU, which is about to run
 *
 * Serves KVM_REQ_PVLOCK_UPDATE: nothing is known of the memory, or it could not be
 * written when the vCPU was loaded. If it can't be now either, because there is
 * nothing to write to, this is tried again when the vCPU is next loaded, and when
 * memory slots change.
 *
 * Context: The vCPU's thread, which has loaded the vCPU. May fault and sleep.
 */
void kvm_pvlock_update(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_pvlock *pvlock = &vcpu->arch.pvlock;
	int idx;

	/* The vCPU doesn't run yet: before, it exits to have the ring reset. */
	if (!kvm_dirty_ring_has_room(vcpu, 1)) {
		kvm_make_request(KVM_REQ_DIRTY_RING_SOFT_FULL, vcpu);
		kvm_make_request(KVM_REQ_PVLOCK_UPDATE, vcpu);
		return;
	}

	/* See kvm_pvlock_memslots_updated(). */
	idx = srcu_read_lock(&vcpu->kvm->srcu);

	/* The notifiers may change it meanwhile. If they fail, they leave a request. */
	WRITE_ONCE(pvlock->state, KVM_PVLOCK_RUNNING);
	if (kvm_pvlock_clear(vcpu))
		WRITE_ONCE(pvlock->state, KVM_PVLOCK_UNKNOWN);

	srcu_read_unlock(&vcpu->kvm->srcu, idx);
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_update);

/**
 * kvm_pvlock_vcpu_reset() - Write the structure of a vCPU anew before it runs
 * @vcpu: the vCPU
 *
 * Userspace may have replaced what is in memory, as when it resets a VM and loads a
 * snapshot.
 *
 * Context: Any.
 */
void kvm_pvlock_vcpu_reset(struct kvm_vcpu *vcpu)
{
	if (kvm_arm_is_pvlock_enabled(&vcpu->arch))
		kvm_pvlock_request_update(vcpu);
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_vcpu_reset);

/**
 * kvm_pvlock_memslots_updated() - Write the structures that could not be written
 * @kvm: the VM
 *
 * A slot may be back that was away for a moment, as when it can't be moved to where
 * userspace wants it. If kvm_pvlock_update() has not found it, it has said so before
 * it was done with the memory slots of that time. If a notifier hasn't, the vCPU is
 * yet to be loaded, or has a request.
 *
 * Context: Process context, kvm->slots_lock is held, and kvm->srcu synchronized.
 */
void kvm_pvlock_memslots_updated(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		if (READ_ONCE(vcpu->arch.pvlock.state) != KVM_PVLOCK_UNKNOWN)
			continue;

		kvm_pvlock_request_update(vcpu);
		kvm_vcpu_kick(vcpu);
	}
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_memslots_updated);

/**
 * kvm_pvlock_commit_memslot() - Write the structures in a new memory slot
 * @kvm: the VM
 * @slot: a slot that has been created or moved
 *
 * Its memory may say of a vCPU that runs that it is preempted.
 *
 * Context: Process context, kvm->slots_lock is held.
 */
void kvm_pvlock_commit_memslot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;
	gfn_t gfn;

	kvm_for_each_vcpu(i, vcpu, kvm) {
		if (!kvm_arm_is_pvlock_enabled(&vcpu->arch))
			continue;

		gfn = READ_ONCE(vcpu->arch.pvlock.base) >> PAGE_SHIFT;
		if (gfn < slot->base_gfn || gfn - slot->base_gfn >= slot->npages)
			continue;

		kvm_pvlock_request_update(vcpu);
		kvm_vcpu_kick(vcpu);
	}
}
EXPORT_SYMBOL_IF_KUNIT(kvm_pvlock_commit_memslot);

/**
 * kvm_arm_pvlock_set_attr() - Set an attribute of KVM_ARM_VCPU_PVLOCK_CTRL
 * @vcpu: the vCPU
 * @attr: KVM_ARM_VCPU_PVLOCK_IPA, and the user address of the structure's IPA
 *
 * Context: vCPU ioctl: process context, vcpu->mutex is held. May fault and sleep.
 * Return: 0 or an error, see Documentation/virt/kvm/devices/vcpu.rst.
 */
int kvm_arm_pvlock_set_attr(struct kvm_vcpu *vcpu, struct kvm_device_attr *attr)
{
	struct kvm_vcpu_pvlock *pvlock = &vcpu->arch.pvlock;
	u64 __user *user = (u64 __user *)attr->addr;
	struct kvm *kvm = vcpu->kvm;
	u64 ipa;
	int ret, idx;

	ret = kvm_arm_pvlock_has_attr(vcpu, attr);
	if (ret)
		return ret;
	if (get_user(ipa, user))
		return -EFAULT;
	if (!IS_ALIGNED(ipa, sizeof(struct pvlock_vcpu_state)))
		return -EINVAL;

	/* Held when a vCPU runs for the first time. */
	guard(mutex)(&kvm->arch.config_lock);

	if (kvm_vm_has_ran_once(kvm))
		return -EBUSY;
	if (kvm_arm_is_pvlock_enabled(&vcpu->arch))
		return -EEXIST;

	/* Fails for a slot that can't be written to. */
	idx = srcu_read_lock(&kvm->srcu);
	ret = kvm_gfn_to_hva_cache_init(kvm, &pvlock->ghc, ipa,
					sizeof(struct pvlock_vcpu_state));
	srcu_read_unlock(&kvm->srcu, idx);
	if (ret)
		return -EINVAL;

	WRITE_ONCE(pvlock->base, ipa);
	trace_kvm_pvlock_set_ipa(vcpu->vcpu_id, ipa);
	kvm_pvlock_request_update(vcpu);
	return 0;
}

/**
 * kvm_arm_pvlock_get_attr() - Read an attribute of KVM_ARM_VCPU_PVLOCK_CTRL
 * @vcpu: the vCPU
 * @attr: KVM_ARM_VCPU_PVLOCK_IPA, and the user address to write the IPA to
 *
 * Context: vCPU ioctl: process context, vcpu->mutex is held. May fault and sleep.
 * Return: 0 or an error, see Documentation/virt/kvm/devices/vcpu.rst.
 */
int kvm_arm_pvlock_get_attr(struct kvm_vcpu *vcpu, struct kvm_device_attr *attr)
{
	u64 __user *user = (u64 __user *)attr->addr;
	int ret;

	ret = kvm_arm_pvlock_has_attr(vcpu, attr);
	if (ret)
		return ret;

	return put_user(vcpu->arch.pvlock.base, user);
}

/**
 * kvm_arm_pvlock_has_attr() - Whether a vCPU has an attribute of KVM_ARM_VCPU_PVLOCK_CTRL
 * @vcpu: the vCPU
 * @attr: the attribute
 *
 * Context: vCPU ioctl.
 * Return: 0, or -ENXIO if there is no such attribute. A protected VM, into whose
 *	   memory the host can't write, has none.
 */
int kvm_arm_pvlock_has_attr(struct kvm_vcpu *vcpu, struct kvm_device_attr *attr)
{
	if (attr->attr != KVM_ARM_VCPU_PVLOCK_IPA || vcpu_is_protected(vcpu))
		return -ENXIO;

	return 0;
}
