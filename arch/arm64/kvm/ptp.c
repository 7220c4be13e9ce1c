// SPDX-License-Identifier: GPL-2.0
// Copyright (C) 2019 Arm Ltd.

#include <linux/arm-smccc.h>
#include <linux/clocksource_ids.h>
#include <linux/kvm_host.h>
#include <linux/timekeeping.h>

#include <asm/kvm_emulate.h>

#include <kvm/arm_hypercalls.h>

int kvm_ptp_call(struct kvm_vcpu *vcpu)
{
	struct system_time_snapshot systime_snapshot;
	u64 val[4] = {SMCCC_RET_NOT_SUPPORTED};
	u64 cycles = ~0UL;
	u32 feature;

	/*
	 * system time and counter value must captured at the same
	 * time to keep consistency and precision.
	 */
	ktime_get_snapshot_id(CLOCK_REALTIME, &systime_snapshot);

	/*
	 * This is only valid if the current clocksource is the
	 * architected counter, as this is the only one the guest
	 * can see.
	 */
	if (systime_snapshot.cs_id != CSID_ARM_ARCH_COUNTER)
		goto out;

	/*
	 * The guest selects one of the two reference counters
	 * (virtual or physical) with the first argument of the SMCCC
	 * call. In case the identifier is not supported, error out.
	 */
	feature = smccc_get_arg1(vcpu);
	switch (feature) {
	case KVM_PTP_VIRT_COUNTER:
		cycles = systime_snapshot.cycles - vcpu->kvm->arch.timer_data.voffset;
		break;
	case KVM_PTP_PHYS_COUNTER:
		cycles = systime_snapshot.cycles - vcpu->kvm->arch.timer_data.poffset;
		break;
	default:
		goto out;
	}

	/*
	 * This relies on the top bit of val[0] never being set for
	 * valid values of system time, because that is *really* far
	 * in the future (about 292 years from 1970, and at that stage
	 * nobody will give a damn about it).
	 */
	val[0] = upper_32_bits(systime_snapshot.systime);
	val[1] = lower_32_bits(systime_snapshot.systime);
	val[2] = upper_32_bits(cycles);
	val[3] = lower_32_bits(cycles);

out:
	smccc_set_retval(vcpu, val[0], val[1], val[2], val[3]);
	return 1;
}
