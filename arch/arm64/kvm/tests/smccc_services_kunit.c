// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite for the list of guest services, include/kvm/arm_smccc_services.h: what
 * the compiler doesn't find, and what userspace and guests rely on.
 */

#include <kunit/test.h>

#include <linux/arm-smccc.h>
#include <linux/kvm_host.h>

struct call {
	const char	*name;
	int		bmap;		/* -1: always there */
	unsigned int	bit;
	u32		func_id;
	const char	*handler;	/* NULL: the VMM's */
};

static const struct call calls[] = {
#define KVM_SMCCC_CALL_ALWAYS(id, handler)				\
	{ #id, -1, 0, id, #handler },
#define KVM_SMCCC_CALL(reg, bit, id, handler)				\
	{ #id, KVM_SMCCC_##reg, KVM_REG_ARM_##bit, id, #handler },
#define KVM_SMCCC_CALL_VMM(reg, bit, id)				\
	{ #id, KVM_SMCCC_##reg, KVM_REG_ARM_##bit, id, NULL },
#include <kvm/arm_smccc_services.h>
};

static const struct service {
	const char		*name;
	enum kvm_smccc_bmap	bmap;
	unsigned int		bit;
	bool			on;
} services[] = {
#define KVM_SMCCC_SERVICE(reg, bit, on)					\
	{ #bit, KVM_SMCCC_##reg, KVM_REG_ARM_##bit, on },
#include <kvm/arm_smccc_services.h>
};

static const struct bmap {
	const char	*name;
	u64		id;
	unsigned int	count;
} bmaps[] = {
#define KVM_SMCCC_BMAP(reg, owner)					\
	{ #reg, KVM_REG_ARM_##reg, KVM_REG_ARM_##reg##_BIT_COUNT },
#include <kvm/arm_smccc_services.h>
};

/* That none is there twice, nor with another owner, is for the compiler to see. */
static void smccc_services_test_functions(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		KUNIT_EXPECT_TRUE_MSG(test, ARM_SMCCC_IS_FAST_CALL(calls[i].func_id),
				      "%s", calls[i].name);
		if (calls[i].bmap < 0)
			KUNIT_EXPECT_EQ_MSG(test, ARM_SMCCC_OWNER_NUM(calls[i].func_id),
					    ARM_SMCCC_OWNER_ARCH, "%s", calls[i].name);
	}
}

static void smccc_services_test_bits(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(services); i++) {
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_FALSE_MSG(test, services[i].bmap == services[j].bmap &&
					       services[i].bit == services[j].bit,
					       "%s, %s", services[i].name, services[j].name);

		KUNIT_EXPECT_LT_MSG(test, services[i].bit, bmaps[services[i].bmap].count,
				    "%s", services[i].name);
	}
}

/* Each bit that userspace can set is a service, which has functions. */
static void smccc_services_test_complete(struct kunit *test)
{
	int i, j, n;

	/* A service may leave the bits of its other functions unused. */
	for (i = 0; i < ARRAY_SIZE(bmaps); i++) {
		for (n = j = 0; j < ARRAY_SIZE(services); j++)
			if (services[j].bmap == i)
				n = max_t(int, n, services[j].bit + 1);
		KUNIT_EXPECT_EQ_MSG(test, n, bmaps[i].count, "%s", bmaps[i].name);
	}

	for (i = 0; i < ARRAY_SIZE(services); i++) {
		for (n = j = 0; j < ARRAY_SIZE(calls); j++)
			n += calls[j].bmap == services[i].bmap && calls[j].bit == services[i].bit;
		KUNIT_EXPECT_NE_MSG(test, n, 0, "%s", services[i].name);
	}

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		for (n = j = 0; j < ARRAY_SIZE(services); j++)
			n += calls[i].bmap == services[j].bmap && calls[i].bit == services[j].bit;
		KUNIT_EXPECT_EQ_MSG(test, n, calls[i].bmap >= 0, "%s", calls[i].name);
	}
}

/* What KVM selects by itself, it has to serve. */
static void smccc_services_test_handlers(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		for (j = 0; j < ARRAY_SIZE(services); j++) {
			if (services[j].on && calls[i].bmap == services[j].bmap &&
			    calls[i].bit == services[j].bit)
				KUNIT_EXPECT_NOT_NULL_MSG(test, calls[i].handler, "%s",
							  calls[i].name);
		}
	}
}

/* In the order of the UAPI. */
static void smccc_services_test_registers(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bmaps); i++)
		KUNIT_EXPECT_EQ_MSG(test, bmaps[i].id, KVM_REG_ARM_FW_FEAT_BMAP_REG(i),
				    "%s", bmaps[i].name);
}

static struct kunit_case smccc_services_test_cases[] = {
	KUNIT_CASE(smccc_services_test_functions),
	KUNIT_CASE(smccc_services_test_bits),
	KUNIT_CASE(smccc_services_test_complete),
	KUNIT_CASE(smccc_services_test_handlers),
	KUNIT_CASE(smccc_services_test_registers),
	{}
};

static struct kunit_suite smccc_services_test_suite = {
	.name = "smccc_services",
	.test_cases = smccc_services_test_cases,
};

kunit_test_suite(smccc_services_test_suite);

MODULE_DESCRIPTION("KUnit suite for KVM/arm64's list of guest services");
MODULE_LICENSE("GPL");
