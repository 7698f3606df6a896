// SPDX-License-Identifier: GPL-2.0-only
/*
 * The schedule of periodic captures, and the ring they are kept in.
 */
#include <kselftest_harness.h>

#include "ktstr/coord/capture.h"
#include "ktstr/coord/periodic.h"

#define MS	1000000ULL

TEST(boundaries)
{
	/* 0.1 d + (i + 1) 0.8 d / (n + 1) */
	struct kt_periodic p = { .nr = 3, .workload_ns = 1000 * MS };
	struct kt_periodic one = { .nr = 1, .workload_ns = 400 * MS };

	EXPECT_EQ(300 * MS, kt_periodic_at(&p, 0));
	EXPECT_EQ(500 * MS, kt_periodic_at(&p, 1));
	EXPECT_EQ(700 * MS, kt_periodic_at(&p, 2));
	EXPECT_EQ(200 * MS, kt_periodic_at(&one, 0));
}

TEST(longest_workload)
{
	struct kt_periodic p = { .nr = 64, .workload_ns = 3600 * 1000 * MS };

	EXPECT_GT(3600 * 1000 * MS / 10 * 9, kt_periodic_at(&p, 63));
	EXPECT_LT(3600 * 1000 * MS / 100 * 88, kt_periodic_at(&p, 63));
}

TEST(declarations)
{
	EXPECT_EQ(0, kt_periodic_check(0, 1));
	EXPECT_EQ(0, kt_periodic_check(8, 1125 * MS));
	EXPECT_EQ(-ERANGE, kt_periodic_check(8, 1124 * MS));
	EXPECT_EQ(0, kt_periodic_check(64, 8125 * MS));
	EXPECT_EQ(-ERANGE, kt_periodic_check(64, 8124 * MS));
	EXPECT_EQ(-ERANGE, kt_periodic_check(65, 3600 * 1000 * MS));
	EXPECT_EQ(-ERANGE, kt_periodic_check(UINT32_MAX, 3600 * 1000 * MS));
}

TEST(one_after_the_other)
{
	struct kt_periodic p = { .nr = 3, .workload_ns = 1000 * MS };

	EXPECT_FALSE(kt_periodic_due(&p, 0));
	EXPECT_EQ(300 * MS, kt_periodic_left(&p, 0));
	EXPECT_FALSE(kt_periodic_due(&p, 300 * MS - 1));
	EXPECT_EQ(1, kt_periodic_left(&p, 300 * MS - 1));
	EXPECT_TRUE(kt_periodic_due(&p, 300 * MS));
	/* it waits, and is not dropped when the next one passes */
	EXPECT_TRUE(kt_periodic_due(&p, 600 * MS));
	EXPECT_EQ(2, kt_periodic_nr_due(&p, 600 * MS));
	kt_periodic_done(&p, true);
	EXPECT_TRUE(kt_periodic_due(&p, 600 * MS));
	kt_periodic_done(&p, true);
	EXPECT_FALSE(kt_periodic_due(&p, 600 * MS));
	EXPECT_TRUE(kt_periodic_due(&p, 700 * MS));
	kt_periodic_done(&p, true);
	EXPECT_FALSE(kt_periodic_due(&p, 5000 * MS));
	EXPECT_EQ(UINT64_MAX, kt_periodic_left(&p, 5000 * MS));
	EXPECT_EQ(3, p.fired);
	EXPECT_EQ(3, kt_periodic_nr_due(&p, 5000 * MS));
	EXPECT_FALSE(p.ended);
}

TEST(two_failures_in_a_row_end_it)
{
	struct kt_periodic p = { .nr = 8, .workload_ns = 1000 * MS };

	kt_periodic_done(&p, false);
	kt_periodic_done(&p, true);
	kt_periodic_done(&p, false);
	EXPECT_FALSE(p.ended);
	EXPECT_TRUE(kt_periodic_due(&p, 1000 * MS));
	kt_periodic_done(&p, false);
	EXPECT_TRUE(p.ended);
	EXPECT_FALSE(kt_periodic_due(&p, 1000 * MS));
	EXPECT_EQ(4, p.fired);
}

TEST(none)
{
	struct kt_periodic p = { .workload_ns = 1000 * MS };

	EXPECT_FALSE(kt_periodic_due(&p, 1000 * MS));
	EXPECT_EQ(0, kt_periodic_nr_due(&p, 1000 * MS));
}

TEST(the_oldest_capture_goes_first)
{
	struct kt_captures c = {};
	u32 i;

	EXPECT_EQ(0, kt_captures_nr(&c));
	EXPECT_EQ(NULL, kt_captures_get(&c, 0));
	for (i = 0; i < KT_MAX_CAPTURES + 3; i++) {
		struct kt_capture *cap = kt_captures_add(&c);

		ASSERT_NE(NULL, cap);
		EXPECT_EQ(0, cap->at_ns);
		cap->at_ns = i + 1;
	}
	EXPECT_EQ(KT_MAX_CAPTURES, kt_captures_nr(&c));
	EXPECT_EQ(KT_MAX_CAPTURES + 3, c.taken);
	EXPECT_EQ(4, kt_captures_get(&c, 0)->at_ns);
	EXPECT_EQ(KT_MAX_CAPTURES + 3,
		  kt_captures_get(&c, KT_MAX_CAPTURES - 1)->at_ns);
	EXPECT_EQ(NULL, kt_captures_get(&c, KT_MAX_CAPTURES));
	kt_captures_fini(&c);
	EXPECT_EQ(0, kt_captures_nr(&c));
}

TEST_HARNESS_MAIN
