// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a failure smaller: each step halves one thing, ends at a bound, and is
 * said with the options that it is run with.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/shrink.h"

KTSTR_TEST(big, .desc = "has something of all", .duration_ms = 450,
	   .topology = "4n12l3c2t")
{
}

KTSTR_TEST(small, .desc = "has nothing to spare", .duration_ms = 150,
	   .topology = "1n1l1c1t")
{
}

FIXTURE(shrink)
{
	struct kt_options o;
	struct kt_shrink sh;
};

FIXTURE_SETUP(shrink)
{
	keep_log();
	ASSERT_EQ(0, kt_shrink_init(&self->sh, &self->o, &big_test));
}

FIXTURE_TEARDOWN(shrink)
{
}

TEST_F(shrink, topology)
{
	static const struct {
		enum kt_shrink_kind kind;
		const char *want;	/* NULL: no further */
	} steps[] = {
		{ KT_SHRINK_NODES, "2n6l3c2t" }, { KT_SHRINK_NODES, "1n3l3c2t" },
		{ KT_SHRINK_NODES, NULL }, { KT_SHRINK_LLCS, "1n1l3c2t" },
		{ KT_SHRINK_LLCS, NULL }, { KT_SHRINK_CORES, "1n1l1c2t" },
		{ KT_SHRINK_CORES, NULL }, { KT_SHRINK_THREADS, "1n1l1c1t" },
		{ KT_SHRINK_THREADS, NULL },
	};
	size_t i;

	EXPECT_EQ(NULL, self->sh.options.topology);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		EXPECT_EQ(!!steps[i].want,
			  kt_shrink_halve(&self->sh, steps[i].kind));
		if (steps[i].want)
			EXPECT_STREQ(steps[i].want, self->sh.options.topology);
	}
}

TEST_F(shrink, llcs_stay_even_among_nodes)
{
	self->o.topology = "2n6l1c1t";
	ASSERT_EQ(0, kt_shrink_init(&self->sh, &self->o, &big_test));
	EXPECT_TRUE(kt_shrink_halve(&self->sh, KT_SHRINK_LLCS));
	EXPECT_STREQ("2n2l1c1t", self->sh.options.topology);
	EXPECT_FALSE(kt_shrink_halve(&self->sh, KT_SHRINK_LLCS));
}

TEST_F(shrink, workers_and_time)
{
	struct kt_shrink copy;

	EXPECT_TRUE(kt_shrink_halve(&self->sh, KT_SHRINK_WORKERS));
	EXPECT_EQ(50, self->sh.options.workers_pct);
	EXPECT_TRUE(kt_shrink_halve(&self->sh, KT_SHRINK_WORKERS));
	EXPECT_EQ(25, self->sh.options.workers_pct);
	EXPECT_FALSE(kt_shrink_halve(&self->sh, KT_SHRINK_WORKERS));
	EXPECT_TRUE(kt_shrink_halve(&self->sh, KT_SHRINK_DURATION));
	kt_shrink_copy(&copy, &self->sh);
	EXPECT_TRUE(kt_shrink_halve(&self->sh, KT_SHRINK_DURATION));
	EXPECT_STREQ("112ms", self->sh.options.duration);
	EXPECT_EQ(112, self->sh.options.duration_ms);
	EXPECT_FALSE(kt_shrink_halve(&self->sh, KT_SHRINK_DURATION));
	/* a copy has its own words */
	EXPECT_STREQ("225ms", copy.options.duration);
}

TEST_F(shrink, nothing_to_spare)
{
	u32 kind;

	ASSERT_EQ(0, kt_shrink_init(&self->sh, &self->o, &small_test));
	for (kind = 0; kind < KT_SHRINK_NR; kind++)
		EXPECT_EQ(kind == KT_SHRINK_WORKERS,
			  kt_shrink_halve(&self->sh, kind));
	self->o.topology = "nonsense";
	EXPECT_EQ(-EINVAL, kt_shrink_init(&self->sh, &self->o, &small_test));
}

TEST_HARNESS_MAIN
