// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own scheduler: a case that names no .sched runs under it. What
 * it achieves on a topology is what another scheduler can be held against.
 */
#include <ktstr.h>

#define NSEC_PER_MSEC 1000000

KTSTR_TEST(steady,
	   .desc = "as many spinners as CPUs, and each has one for itself",
	   .topology = "1n1l2c1t",
	   .duration_ms = 500,
	   .checks = { .fairness_spread_pct = 30 })
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "steady", .workers = 2, .work = { KTSTR_SPIN_WAIT } }));

	s = ktstr_cgroup_stats(t, "steady");
	KTSTR_EXPECT_EQ(t, s.workers, 2);
	/* Of the second that two CPUs have in half of one, half is asked for. */
	KTSTR_EXPECT_GE(t, s.cpu_ns / NSEC_PER_MSEC, 500);
}

KTSTR_TEST(oversubscribed,
	   .desc = "three spinners for each CPU share it evenly",
	   .topology = "1n2l2c1t",
	   .duration_ms = 2000,
	   .checks = { .fairness_spread_pct = 50, .longest_gap_ms = 1000 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "crowd", .workers = 12, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(llcs_apart,
	   .desc = "two cgroups keep to an LLC each, one spinning, one waking",
	   .topology = "1n2l2c1t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "left", .cpuset = KTSTR_LLC(0),
			       .workers = 3, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "right", .cpuset = KTSTR_LLC(1),
			       .workers = 2, .work = { KTSTR_BURSTY } }));

	KTSTR_EXPECT_EQ(t, ktstr_nr_llcs(t), 2);
}

KTSTR_TEST(smt_shares,
	   .desc = "disjoint halves of an SMT machine, yielding against messaging",
	   .topology = "1n1l2c2t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "yield", .cpuset = KTSTR_DISJOINT(0, 2),
			       .workers = 4, .work = { KTSTR_YIELD_HEAVY } },
			     { .name = "pipes", .cpuset = KTSTR_DISJOINT(1, 2),
			       .workers = 4, .work = { KTSTR_PIPE_IO } }));

	KTSTR_EXPECT_EQ(t, ktstr_nr_cpus(t), 4);
}

KTSTR_TEST(two_nodes,
	   .desc = "all work types at once on a machine of two NUMA nodes",
	   .topology = "2n2l2c1t",
	   .duration_ms = 800)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 2, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "yield", .workers = 2, .work = { KTSTR_YIELD_HEAVY } },
			     { .name = "burst", .workers = 2, .work = { KTSTR_BURSTY } },
			     { .name = "pipes", .workers = 2, .work = { KTSTR_PIPE_IO } }));
}

KTSTR_TEST(late_arrival,
	   .desc = "a cgroup that arrives at half time gets its share of the rest",
	   .topology = "1n1l2c1t",
	   .duration_ms = 1000)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "early", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }),
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "late", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }));

	/* Half of the second half's CPU second, less a half for margin. */
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "late").cpu_ns / NSEC_PER_MSEC, 250);
}
