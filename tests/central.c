// SPDX-License-Identifier: GPL-2.0-only
/*
 * scx_central: one CPU decides for all. Slices have no end of their own: a BPF
 * timer on the central CPU preempts who ran for too long. It needs two CPUs at
 * least, one to decide and one to be decided for.
 *
 * It also needs its init to run on the central CPU, which is CPU 0. Kernels
 * that enable schedulers from a thread of their own run it anywhere; there it
 * gives up with "init from non-central CPU" unless that thread is pinned.
 */
#include <ktstr.h>

KTSTR_SCHED(central,
	    .binary = "scx_central",
	    .pin_init = true,
	    .checks = { .longest_gap_ms = 1500 });

KTSTR_TEST(two_cpus,
	   .desc = "two spinners for each of two CPUs, and none is left out",
	   .sched = &central,
	   .topology = "1n1l2c1t",
	   .duration_ms = 800)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "crowd", .workers = 4, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(short_slices,
	   .desc = "slices of 5 ms, with workers that sleep and yield",
	   .sched = &central,
	   .sched_args = KTSTR_ARGS("-s", "5000"),
	   .topology = "1n1l2c2t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 3, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "burst", .workers = 2, .work = { KTSTR_BURSTY } },
			     { .name = "yield", .workers = 2, .work = { KTSTR_YIELD_HEAVY } }));
}

KTSTR_TEST(decided_from_afar,
	   .desc = "the central CPU lies in one LLC, both LLCs are served",
	   .sched = &central,
	   .topology = "1n2l2c1t",
	   .duration_ms = 800)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "near", .cpuset = KTSTR_LLC(0),
			       .workers = 2, .work = { KTSTR_BURSTY } },
			     { .name = "far", .cpuset = KTSTR_LLC(1),
			       .workers = 4, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(messages,
	   .desc = "pairs that pass a byte get on, each wakeup through the centre",
	   .sched = &central,
	   .topology = "1n1l2c1t",
	   .duration_ms = 500)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pipes", .workers = 4, .work = { KTSTR_PIPE_IO } }));

	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "pipes").iterations, 20);
}
