// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reservoir of wake latencies: all while there is room, a fair sample
 * behind that, the same one each time, and exact sums.
 */
#include <kselftest_harness.h>

#include "ktstr/work/wakes.h"

#define US	1000ULL

static struct kt_wakes w, again;

TEST(all_are_kept_while_there_is_room)
{
	u32 i;

	kt_wakes_init(&w, 0);
	for (i = 0; i < KT_WAKES_KEPT; i++)
		kt_wakes_add(&w, i * US + 999);
	EXPECT_EQ(KT_WAKES_KEPT, w.nr);
	for (i = 0; i < KT_WAKES_KEPT; i++)
		EXPECT_EQ(i, w.kept_us[i]);
	EXPECT_EQ((KT_WAKES_KEPT - 1) * US + 999, w.max_ns);
}

TEST(sums_are_exact)
{
	kt_wakes_init(&w, 0);
	kt_wakes_add(&w, 1500);
	kt_wakes_add(&w, 500);
	EXPECT_EQ(2, w.nr);
	EXPECT_TRUE(w.sum_us == 2.0);
	EXPECT_TRUE(w.sum_sq == 2.5);
	EXPECT_EQ(1500, w.max_ns);
}

TEST(a_late_one_is_kept_as_likely_as_an_early_one)
{
	u32 i, late = 0, seed;

	/* of 16 times as many as fit, the last half */
	for (seed = 0; seed < 16; seed++) {
		kt_wakes_init(&w, seed);
		for (i = 0; i < 16 * KT_WAKES_KEPT; i++)
			kt_wakes_add(&w, i * US);
		for (i = 0; i < KT_WAKES_KEPT; i++)
			late += w.kept_us[i] >= 8 * KT_WAKES_KEPT;
	}
	/* half of 4096, six times what is usual off that at most */
	EXPECT_GE(late, 2048 - 6 * 32);
	EXPECT_LE(late, 2048 + 6 * 32);
}

static void fill(struct kt_wakes *to, u32 seed)
{
	u32 i;

	kt_wakes_init(to, seed);
	for (i = 0; i < 10 * KT_WAKES_KEPT; i++)
		kt_wakes_add(to, i * US);
}

TEST(a_seed_is_a_sample)
{
	fill(&w, 7);
	fill(&again, 7);
	EXPECT_EQ(0, memcmp(&w, &again, sizeof(w)));
	fill(&again, 8);
	EXPECT_NE(0, memcmp(&w, &again, sizeof(w)));
}

TEST(the_largest)
{
	kt_wakes_init(&w, UINT32_MAX);
	kt_wakes_add(&w, UINT64_MAX);
	EXPECT_EQ(UINT32_MAX, w.kept_us[0]);
	EXPECT_EQ(UINT64_MAX, w.max_ns);
	EXPECT_EQ(1, w.nr);
}

TEST_HARNESS_MAIN
