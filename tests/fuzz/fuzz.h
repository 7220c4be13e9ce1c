/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both fuzzers share: a PRNG that also runs in a guest, the functions that are
 * worth calling, and what the base kernel's headers don't have.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <linux/arm-smccc.h>
#include <linux/psci.h>
#include <linux/sizes.h>
#include <signal.h>
#include <time.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"
#include "ucall_common.h"

#ifndef KVM_ARM_VCPU_PVLOCK_CTRL
#define KVM_ARM_VCPU_PVLOCK_CTRL	3
#define KVM_ARM_VCPU_PVLOCK_IPA		0
#endif

#define FUZZ_CAP_ARM_FW_FEAT_BMAP_OPT_IN	252

#define KVM_VENDOR_HYP_64(nr)						\
	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64,	\
			   ARM_SMCCC_OWNER_VENDOR_HYP, nr)
#define DISCOVER_IMPL_VER	KVM_VENDOR_HYP_64(64)
#define DISCOVER_IMPL_CPUS	KVM_VENDOR_HYP_64(65)
#define PVLOCK_FEATURES		KVM_VENDOR_HYP_64(66)
#define PVLOCK_PREEMPTED	KVM_VENDOR_HYP_64(67)

#define NR_BMAPS	4

static const u32 known_ids[] = {
	ARM_SMCCC_VERSION_FUNC_ID, ARM_SMCCC_ARCH_FEATURES_FUNC_ID,
	ARM_SMCCC_ARCH_WORKAROUND_1, ARM_SMCCC_ARCH_WORKAROUND_2, ARM_SMCCC_ARCH_WORKAROUND_3,
	ARM_SMCCC_TRNG_VERSION, ARM_SMCCC_TRNG_FEATURES, ARM_SMCCC_TRNG_GET_UUID,
	ARM_SMCCC_TRNG_RND32, ARM_SMCCC_TRNG_RND64,
	ARM_SMCCC_HV_PV_TIME_FEATURES, ARM_SMCCC_HV_PV_TIME_ST,
	ARM_SMCCC_VENDOR_HYP_KVM_FEATURES_FUNC_ID, ARM_SMCCC_VENDOR_HYP_CALL_UID_FUNC_ID,
	ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID,
	DISCOVER_IMPL_VER, DISCOVER_IMPL_CPUS, PVLOCK_FEATURES, PVLOCK_PREEMPTED,
	PSCI_0_2_FN_PSCI_VERSION, PSCI_0_2_FN_CPU_SUSPEND, PSCI_0_2_FN64_CPU_SUSPEND,
	PSCI_0_2_FN_CPU_OFF, PSCI_0_2_FN_CPU_ON, PSCI_0_2_FN64_CPU_ON,
	PSCI_0_2_FN_AFFINITY_INFO, PSCI_0_2_FN64_AFFINITY_INFO,
	PSCI_0_2_FN_MIGRATE_INFO_TYPE, PSCI_0_2_FN_SYSTEM_OFF, PSCI_0_2_FN_SYSTEM_RESET,
	PSCI_1_0_FN_PSCI_FEATURES, PSCI_1_0_FN_SYSTEM_SUSPEND, PSCI_1_0_FN64_SYSTEM_SUSPEND,
	PSCI_1_1_FN_SYSTEM_RESET2, PSCI_1_1_FN64_SYSTEM_RESET2,
	PSCI_1_3_FN_SYSTEM_OFF2, PSCI_1_3_FN64_SYSTEM_OFF2,
	KVM_PSCI_FN_CPU_SUSPEND, KVM_PSCI_FN_CPU_OFF, KVM_PSCI_FN_CPU_ON, KVM_PSCI_FN_MIGRATE,
};

/* xorshift64* */
static inline u64 rnd(u64 *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dUL;
}

static inline u64 rnd_below(u64 *state, u64 n)
{
	return (rnd(state) >> 32) % n;
}

static inline bool one_in(u64 *state, u64 n)
{
	return !rnd_below(state, n);
}

/* The state to begin with, one for each vCPU or thread of each VM */
static inline u64 rnd_start(u64 seed, u64 vm, u64 nr)
{
	u64 state = (seed + 1) * 0x9e3779b97f4a7c15UL ^ (vm * 64 + nr + 1) * 0xbf58476d1ce4e5b9UL;

	state = state ? state : 1;
	for (int i = 0; i < 8; i++)
		rnd(&state);
	return state;
}

/* A known function, a neighbour of one, one of any owner, or any number at all */
static inline u32 rnd_func_id(u64 *state)
{
	u32 id = known_ids[rnd_below(state, ARRAY_SIZE(known_ids))];

	switch (rnd_below(state, 8)) {
	case 0:
		return id - 2 + rnd_below(state, 5);
	case 1:
		return id ^ (1U << rnd_below(state, 32));
	case 2:
		return rnd(state) & (BIT(31) | BIT(30) | GENMASK(29, 24) | GENMASK(6, 0));
	case 3:
		return rnd(state) >> 32;
	default:
		return id;
	}
}

static inline u64 rnd_arg(u64 *state)
{
	u64 arg = rnd(state) >> 32;

	switch (rnd_below(state, 4)) {
	case 0:
		arg = rnd_func_id(state);
		break;
	case 1:
		arg %= 8;
		break;
	case 2:
		arg %= 256;
		break;
	}
	return one_in(state, 8) ? arg | rnd(state) << 32 : arg;
}

static inline void kick_handler(int sig)
{
}

/*
 * Run @fn in @n threads, to the end of all. Every @us microseconds a signal interrupts
 * them, so that none waits for long for a vCPU that has gone to sleep.
 */
static inline void fuzz_threads(int n, void *(*fn)(void *), void **args, int us)
{
	pthread_t threads[8];
	int i, left = n;

	sigaction(SIGUSR1, &(struct sigaction) { .sa_handler = kick_handler }, NULL);
	for (i = 0; i < n; i++)
		kvm_pthread_create(&threads[i], NULL, fn, args[i]);
	while (left) {
		usleep(us);
		for (i = 0; i < left; i++) {
			if (pthread_tryjoin_np(threads[i], NULL))
				pthread_kill(threads[i], SIGUSR1);
			else
				threads[i--] = threads[--left];
		}
	}
}

/* -s SEED, -n COUNT, and -x STEP for a step that is left out */
static inline void fuzz_options(int argc, char **argv, u64 *seed, u64 *count, const char **exclude)
{
	int opt;

	*seed = time(NULL);
	while ((opt = getopt(argc, argv, "s:n:x:")) != -1) {
		switch (opt) {
		case 's':
			*seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			*count = strtoull(optarg, NULL, 0);
			break;
		case 'x':
			*exclude = optarg;
			break;
		default:
			ksft_exit_fail_msg("usage: %s [-s seed] [-n count] [-x step]\n", argv[0]);
		}
	}
	ksft_print_msg("%s -s %lu -n %lu\n", argv[0], *seed, *count);
}

#endif /* FUZZ_H */
