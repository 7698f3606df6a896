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
	EXPECT_EQ(KT_UNSET, th.throughput_cv_pct);
	EXPECT_EQ(KT_UNSET, th.throughput_per_s);
	EXPECT_EQ(KT_UNSET, th.iterations_per_s);
	EXPECT_EQ(KT_UNSET, th.wake_p99_us);
	EXPECT_EQ(KT_UNSET, th.wake_cv_pct);
	EXPECT_EQ(KT_UNSET, th.migrations_per_1000);
	EXPECT_EQ(KT_UNSET, th.page_locality_pct);
	EXPECT_EQ(KT_UNSET, th.cross_node_pct);
	EXPECT_EQ(KT_UNSET, th.slow_tier_pct);
	EXPECT_FALSE(kt_thresholds_slowed(&th));
}

/* Each of them: inherited, overridden, switched off. */
TEST(layers_of_the_measured_ones)
{
	struct ktstr_checks sched = {
		.throughput_cv_pct = 1, .throughput_per_s = 2,
		.iterations_per_s = 3, .wake_p99_us = 4, .wake_cv_pct = 5,
		.migrations_per_1000 = 6, .page_locality_pct = 7,
		.cross_node_pct = 8, .slow_tier_pct = 9,
	};
	struct ktstr_checks test = {
		.throughput_per_s = KTSTR_OFF, .wake_p99_us = 40,
		.migrations_per_1000 = KTSTR_OFF, .cross_node_pct = 80,
	};
	struct kt_thresholds th;

	kt_thresholds_merge(&th, &sched, &test);
	EXPECT_EQ(1, th.throughput_cv_pct);
	EXPECT_EQ(KT_UNSET, th.throughput_per_s);
	EXPECT_EQ(3, th.iterations_per_s);
	EXPECT_EQ(40, th.wake_p99_us);
	EXPECT_EQ(5, th.wake_cv_pct);
	EXPECT_EQ(KT_UNSET, th.migrations_per_1000);
	EXPECT_EQ(7, th.page_locality_pct);
	EXPECT_EQ(80, th.cross_node_pct);
	EXPECT_EQ(9, th.slow_tier_pct);
	EXPECT_TRUE(kt_thresholds_slowed(&th));
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

TEST(slowdown)
{
	EXPECT_EQ(100, kt_thresholds_slowdown_pct(100, 64, false));
	EXPECT_EQ(1000, kt_thresholds_slowdown_pct(10, 64, false));
	EXPECT_EQ(2000, kt_thresholds_slowdown_pct(10, 2, true));
	EXPECT_EQ(5120000, kt_thresholds_slowdown_pct(0, UINT32_MAX, true));
}

TEST(wakes_and_rates_follow_the_slowdown)
{
	struct kt_thresholds th = {
		.longest_gap_ms = 2000, .wake_p99_us = 1000,
		.migrations_per_1000 = 3, .throughput_per_s = 500,
		.iterations_per_s = 19, .wake_cv_pct = 50,
		.throughput_cv_pct = 60, .page_locality_pct = 70,
		.cross_node_pct = 80, .slow_tier_pct = 90,
	};

	/* 20 times slower, which is not enough for gaps */
	EXPECT_EQ(100, kt_thresholds_scale(&th, 10, 2, true));
	EXPECT_EQ(2000, th.longest_gap_ms);
	EXPECT_EQ(20000, th.wake_p99_us);
	EXPECT_EQ(60, th.migrations_per_1000);
	EXPECT_EQ(25, th.throughput_per_s);
	EXPECT_EQ(1, th.iterations_per_s);	/* never switched off */
	EXPECT_EQ(50, th.wake_cv_pct);
	EXPECT_EQ(60, th.throughput_cv_pct);
	EXPECT_EQ(70, th.page_locality_pct);
	EXPECT_EQ(80, th.cross_node_pct);
	EXPECT_EQ(90, th.slow_tier_pct);
}

TEST(unset_stays_unset_and_large_stays_positive)
{
	struct kt_thresholds th = { .longest_gap_ms = KT_UNSET,
				    .wake_p99_us = KT_UNSET,
				    .throughput_per_s = KT_UNSET };

	kt_thresholds_scale(&th, 1, 512, true);
	EXPECT_EQ(KT_UNSET, th.longest_gap_ms);
	EXPECT_EQ(KT_UNSET, th.wake_p99_us);
	EXPECT_EQ(KT_UNSET, th.throughput_per_s);
	th.longest_gap_ms = INT32_MAX;
	th.wake_p99_us = INT32_MAX;
	th.throughput_per_s = INT32_MAX;
	kt_thresholds_scale(&th, 1, 512, true);
	EXPECT_EQ(INT32_MAX, th.longest_gap_ms);
	EXPECT_EQ(INT32_MAX, th.wake_p99_us);
	EXPECT_EQ(INT32_MAX / 51200, th.throughput_per_s);
}

TEST_HARNESS_MAIN
