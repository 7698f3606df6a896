// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every check on workers where it must hold; that each can fail is shown by
 * tests/faults/violations.c. Bounds are of a machine at full speed.
 */
#include <ktstr.h>

KTSTR_TEST(work_and_shares,
	   .desc = "starvation, gap, isolation, fairness: two spinners on two CPUs",
	   .topology = "1n2l2c1t", .duration_ms = 1000,
	   .checks = { .starvation = KTSTR_ON, .longest_gap_ms = 2000,
		       .isolation = KTSTR_ON, .fairness_spread_pct = 40 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 2,
			       .cpuset = KTSTR_LLC(1),
			       .work = { KTSTR_SPIN_WAIT } }));
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "spin").workers, 2);
}

KTSTR_TEST(throughput_parity,
	   .desc = "the same work takes the same CPU time",
	   .duration_ms = 1500, .checks = { .throughput_cv_pct = 50 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 4,
			       .work = { KTSTR_SPIN_WAIT } }));
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "spin").work_units, 4);
}

KTSTR_TEST(throughput_floor,
	   .desc = "spinners do at least some work a second",
	   .duration_ms = 1000, .checks = { .throughput_per_s = 500 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(iteration_rate,
	   .desc = "bursts of 2 ms come at least so often",
	   .duration_ms = 1500, .checks = { .iterations_per_s = 60 })
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "burst", .workers = 2,
			       .work = { KTSTR_BURSTY } }));
	s = ktstr_cgroup_stats(t, "burst");
	KTSTR_EXPECT_GE(t, s.off_cpu_pct, 1);
	KTSTR_EXPECT_GE(t, s.slices, 2);
}

#define EXPECT_WAKES(t, name)						\
	do {								\
		struct ktstr_stats s_ = ktstr_cgroup_stats(t, name);	\
									\
		KTSTR_EXPECT_GE(t, s_.wakes, 5);			\
		KTSTR_EXPECT_LE(t, s_.wake_p50_us, s_.wake_p99_us);	\
		KTSTR_EXPECT_LE(t, s_.wake_p99_us, s_.wake_max_us);	\
		KTSTR_EXPECT_GE(t, s_.wake_max_us, 1);			\
	} while (0)

KTSTR_TEST(wake_latency,
	   .desc = "sleepers and partners run soon after they are woken",
	   .duration_ms = 1500, .checks = { .wake_p99_us = 10000 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "sleepers", .workers = 2,
			       .work = { KTSTR_BURSTY } },
			     { .name = "pipes", .workers = 2,
			       .work = { KTSTR_PIPE_IO } },
			     { .name = "futexes", .workers = 2,
			       .work = { KTSTR_FUTEX_PING_PONG } }));
	EXPECT_WAKES(t, "sleepers");
	EXPECT_WAKES(t, "pipes");
	EXPECT_WAKES(t, "futexes");
}

KTSTR_TEST(wake_variation,
	   .desc = "a sleeper alone is woken alike each time",
	   .duration_ms = 1500, .checks = { .wake_cv_pct = 1500 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "sleeper", .workers = 1,
			       .work = { KTSTR_BURSTY } }));
	EXPECT_WAKES(t, "sleeper");
}

KTSTR_TEST(migration_ratio,
	   .desc = "pinned bursts move once at most",
	   .duration_ms = 1500, .checks = { .migrations_per_1000 = 5 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "burst", .workers = 2,
			       .with = { .affinity = {
					 KTSTR_AFFINITY_ONE } },
			       .work = { KTSTR_BURSTY, .burst_us = 500 } }));
	KTSTR_EXPECT_LE(t, ktstr_cgroup_stats(t, "burst").cpus_used, 2);
}

KTSTR_TEST(page_locality,
	   .desc = "memory is where its worker first touched it",
	   .topology = "2n2l2c1t", .duration_ms = 1500,
	   .checks = { .page_locality_pct = 90 })
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "near", .workers = 2,
			       .cpuset = KTSTR_NODE(1),
			       .work = { KTSTR_CACHE_PRESSURE,
					 .size_kib = 1024 } }));
	s = ktstr_cgroup_stats(t, "near");
	KTSTR_EXPECT_GE(t, s.pages, 2 * 1024 / 4);
	KTSTR_EXPECT_GE(t, s.local_pages_pct, 90);
}

KTSTR_TEST(cross_node_ratio,
	   .desc = "a worker that moves within a node crosses none",
	   .topology = "2n2l2c1t", .duration_ms = 1500,
	   .checks = { .cross_node_pct = 1 })
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "churn", .workers = 1,
			       .cpuset = KTSTR_NODE(1),
			       .work = { KTSTR_AFFINITY_CHURN,
					 .interval_us = 5000 } }));
	s = ktstr_cgroup_stats(t, "churn");
	KTSTR_EXPECT_GE(t, s.migrations, 2);
	KTSTR_EXPECT_EQ(t, s.cross_node_migrations, 0);
}

KTSTR_TEST(slow_tier,
	   .desc = "nothing is on the node without CPUs",
	   .topology = "2n2l2c1t1m", .memory_mib = 512, .duration_ms = 1500,
	   .checks = { .slow_tier_pct = 1 })
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "fast", .workers = 2,
			       .work = { KTSTR_CACHE_PRESSURE,
					 .size_kib = 512 } }));
	s = ktstr_cgroup_stats(t, "fast");
	KTSTR_EXPECT_GE(t, s.pages, 2 * 512 / 4);
	KTSTR_EXPECT_EQ(t, s.slow_pages_pct, 0);
}
