// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thresholds: the last layer that sets one wins, and a slow machine gets more
 * time, within bounds.
 */
#include <kselftest_harness.h>

#include "ktstr/check/thresholds.h"

TEST(defaults)
{
	struct ktstr_checks none = {};
	struct kt_thresholds th;

	kt_thresholds_merge(&th, NULL, &none);
	EXPECT_EQ(1, th.starvation);
	EXPECT_EQ(KT_UNSET, th.fairness_spread_pct);
	EXPECT_EQ(2000, th.longest_gap_ms);
	EXPECT_EQ(1, th.isolation);
}

TEST(last_layer_wins)
{
	struct ktstr_checks sched = {
		.starvation = KTSTR_OFF,
		.fairness_spread_pct = 30,
		.longest_gap_ms = 500,
		.isolation = KTSTR_OFF,
	};
	struct ktstr_checks test = {
		.starvation = KTSTR_ON,
		.fairness_spread_pct = KTSTR_OFF,
		.longest_gap_ms = 700,
	};
	struct kt_thresholds th;

	kt_thresholds_merge(&th, &sched, &test);
	EXPECT_EQ(1, th.starvation);
	EXPECT_EQ(KT_UNSET, th.fairness_spread_pct);
	EXPECT_EQ(700, th.longest_gap_ms);
	EXPECT_EQ(KT_UNSET, th.isolation);	/* inherited from the scheduler */
}

TEST(inherited_from_sched)
{
	struct ktstr_checks sched = { .longest_gap_ms = 500 };
	struct ktstr_checks none = {};
	struct kt_thresholds th;

	kt_thresholds_merge(&th, &sched, &none);
	EXPECT_EQ(500, th.longest_gap_ms);
}

TEST(fast_machine_is_not_scaled)
{
	EXPECT_EQ(100, kt_thresholds_scale_pct(100, 64, false));
	EXPECT_EQ(100, kt_thresholds_scale_pct(100, 1, true));
	EXPECT_EQ(100, kt_thresholds_scale_pct(50, 2, true));
}

TEST(emulated_machine_is_scaled_by_its_cpus)
{
	u32 four = kt_thresholds_scale_pct(4, 4, true);
	u32 sixteen = kt_thresholds_scale_pct(4, 16, true);

	EXPECT_EQ(400, four);
	EXPECT_EQ(1600, sixteen);
	EXPECT_EQ(100, kt_thresholds_scale_pct(4, 16, false));
}

TEST(scale_is_bounded)
{
	u32 most = kt_thresholds_scale_pct(1, 512, true);

	EXPECT_EQ(2000, most);
	EXPECT_EQ(most, kt_thresholds_scale_pct(0, UINT32_MAX, true));
	EXPECT_EQ(100, kt_thresholds_scale_pct(UINT32_MAX, 0, true));
}

TEST(only_times_are_scaled)
{
	struct kt_thresholds th = { 1, 20, 2000, 1 };

	EXPECT_EQ(400, kt_thresholds_scale(&th, 4, 4, true));
	EXPECT_EQ(8000, th.longest_gap_ms);
	EXPECT_EQ(20, th.fairness_spread_pct);
	EXPECT_EQ(1, th.starvation);
	EXPECT_EQ(1, th.isolation);
}

TEST(unset_stays_unset_and_large_stays_positive)
{
	struct kt_thresholds th = { .longest_gap_ms = KT_UNSET };

	kt_thresholds_scale(&th, 1, 512, true);
	EXPECT_EQ(KT_UNSET, th.longest_gap_ms);
	th.longest_gap_ms = INT32_MAX;
	kt_thresholds_scale(&th, 1, 512, true);
	EXPECT_EQ(INT32_MAX, th.longest_gap_ms);
}

TEST_HARNESS_MAIN
