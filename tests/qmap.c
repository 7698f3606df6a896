// SPDX-License-Identifier: GPL-2.0-only
/*
 * scx_qmap: five queues of PIDs, served in turns, the heavier the task the more
 * often. Its options set the slice, let it dispatch in batches, and make it
 * fail, which is how a case that expects an error is written.
 */
#include <ktstr.h>

KTSTR_SCHED(qmap,
	    .binary = "scx_qmap",
	    .flags = KTSTR_FLAGS({ .name = "short", .args = KTSTR_ARGS("-s", "5000") },
				 { .name = "batch", .args = KTSTR_ARGS("-b", "4") }),
	    .checks = { .longest_gap_ms = 1500 });

KTSTR_TEST(oversubscribed,
	   .desc = "three spinners for each CPU share it evenly",
	   .sched = &qmap,
	   .topology = "1n1l2c1t",
	   .needs = { .max_cpus = 3 },
	   .duration_ms = 1000,
	   .checks = { .fairness_spread_pct = 25 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "crowd", .workers = 6, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(short_slices,
	   .desc = "slices of 5 ms and batches of 4, all work types at once",
	   .sched = &qmap,
	   .flags = KTSTR_NAMES("short", "batch"),
	   .topology = "1n2l2c1t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 4, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "yield", .workers = 2, .work = { KTSTR_YIELD_HEAVY } },
			     { .name = "burst", .workers = 2, .work = { KTSTR_BURSTY } },
			     { .name = "pipes", .workers = 2, .work = { KTSTR_PIPE_IO } }));
}

KTSTR_TEST(disjoint_shares,
	   .desc = "three cgroups on disjoint shares of four CPUs stay apart",
	   .sched = &qmap,
	   .topology = "1n2l2c1t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "a", .cpuset = KTSTR_DISJOINT(0, 3),
			       .workers = 4, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "b", .cpuset = KTSTR_DISJOINT(1, 3),
			       .workers = 2, .work = { KTSTR_BURSTY } },
			     { .name = "c", .cpuset = KTSTR_DISJOINT(2, 3),
			       .workers = 2, .work = { KTSTR_PIPE_IO } }));
}

KTSTR_TEST(own_error,
	   .desc = "told to fail after 500 enqueues, it does and says so",
	   .sched = &qmap,
	   .sched_args = KTSTR_ARGS("-e", "500"),
	   .topology = "1n1l2c1t",
	   .duration_ms = 1000,
	   .expect = { KTSTR_EXPECT_SCHED_ERROR, "test triggering error" })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "yield", .workers = 4, .work = { KTSTR_YIELD_HEAVY } }));
}
