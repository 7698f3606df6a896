// SPDX-License-Identifier: GPL-2.0-only
/*
 * scx_simple: one queue for all CPUs, ordered by weighted vtime, or first in
 * first out with -f. It knows nothing of cgroups, and of cpusets only what the
 * kernel enforces.
 */
#include <ktstr.h>

KTSTR_SCHED(simple,
	    .binary = "scx_simple",
	    .flags = KTSTR_FLAGS({ .name = "fifo", .args = KTSTR_ARGS("-f") }),
	    .checks = { .longest_gap_ms = 1000 });

KTSTR_TEST(oversubscribed,
	   .desc = "four spinners for each CPU share it evenly",
	   .sched = &simple,
	   .topology = "1n1l2c1t",
	   .needs = { .max_cpus = 4 },
	   .duration_ms = 1000,
	   .checks = { .fairness_spread_pct = 25 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "crowd", .workers = 8, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(shares_by_worker,
	   .desc = "who has three times the workers gets more than its half",
	   .sched = &simple,
	   .topology = "1n1l2c1t",
	   .needs = { .max_cpus = 4 },
	   .duration_ms = 1000)
{
	struct ktstr_stats few, many;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "few", .workers = 2, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "many", .workers = 6, .work = { KTSTR_SPIN_WAIT } }));

	few = ktstr_cgroup_stats(t, "few");
	many = ktstr_cgroup_stats(t, "many");
	KTSTR_EXPECT_GE(t, many.cpu_ns, 2 * few.cpu_ns);
}

KTSTR_TEST(llcs_apart,
	   .desc = "two cgroups keep to an LLC each, one spinning, one waking",
	   .sched = &simple,
	   .topology = "1n2l2c1t",
	   .needs = { .llcs = 2 },
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "left", .cpuset = KTSTR_LLC(0),
			       .workers = 3, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "right", .cpuset = KTSTR_LLC(1),
			       .workers = 2, .work = { KTSTR_BURSTY } }));
}

KTSTR_TEST(messages,
	   .desc = "pairs that pass a byte to and fro get on beside spinners",
	   .sched = &simple,
	   .topology = "1n1l2c2t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pipes", .workers = 4, .work = { KTSTR_PIPE_IO } },
			     { .name = "spin", .workers = 2, .work = { KTSTR_SPIN_WAIT } }));

	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "pipes").iterations, 20);
}

KTSTR_TEST(fifo,
	   .desc = "first in, first out: yielding and sleeping workers get on",
	   .sched = &simple,
	   .flags = KTSTR_NAMES("fifo"),
	   .topology = "1n1l2c1t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "yield", .workers = 2, .work = { KTSTR_YIELD_HEAVY } },
			     { .name = "burst", .workers = 2,
			       .work = { KTSTR_BURSTY, .burst_us = 2000, .sleep_us = 5000 } }));
}
