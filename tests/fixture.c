// SPDX-License-Identifier: GPL-2.0-only
/*
 * scx_ktstr, the scheduler that fails on demand: a healthy case, and for each
 * fault the case that notices it. So this file tests the harness as much as a
 * scheduler: a check that cannot fail here cannot fail anywhere.
 */
#include <ktstr.h>

KTSTR_SCHED(healthy, .binary = "scx_ktstr");

/* The faults begin late enough for the workload to run under them. */
KTSTR_SCHED(stalling, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "stall", "--after", "300",
			       "--timeout", "2000"));
KTSTR_SCHED(crashing, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "crash", "--after", "300"));
KTSTR_SCHED(rejected, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "reject"));

/* Slow stays below the watchdog's timeout, so the kernel tolerates it. */
#define SLOW_MS 300
KTSTR_SCHED(slow, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "slow", "--period", "300"),
	    .checks = { .longest_gap_ms = 10 * SLOW_MS });
KTSTR_SCHED(scattering, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "scattershot"));

/* No more of these than CPUs: nothing but the scheduler makes them move. */
#define SLEEPY	{ KTSTR_BURSTY, .burst_us = 300, .sleep_us = 10000 }

KTSTR_TEST(no_fault,
	   .desc = "without a fault spinners share evenly, and sleepers stay put",
	   .sched = &healthy,
	   .topology = "1n2l2c1t",
	   .duration_ms = 800,
	   .checks = { .fairness_spread_pct = 25, .longest_gap_ms = 1000 })
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .cpuset = KTSTR_LLC(0),
			       .workers = 4, .work = { KTSTR_SPIN_WAIT } },
			     { .name = "sleepers", .cpuset = KTSTR_LLC(1),
			       .workers = 2, .work = SLEEPY }));

	/* The other side of what scattershot below asks for. */
	s = ktstr_cgroup_stats(t, "sleepers");
	KTSTR_EXPECT_GE(t, s.iterations, 20);
	KTSTR_EXPECT_LE(t, 2 * s.migrations, s.iterations);
}

KTSTR_TEST(stall,
	   .desc = "tasks that are never dispatched: the kernel's watchdog says so",
	   .sched = &stalling,
	   .topology = "1n1l2c1t",
	   .duration_ms = 2000,
	   .expect = { KTSTR_EXPECT_SCHED_ERROR, "runnable task stall" })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 4, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(crash,
	   .desc = "scx_bpf_error() in the scheduler ends it with its own words",
	   .sched = &crashing,
	   .topology = "1n1l2c1t",
	   .duration_ms = 1000,
	   .expect = { KTSTR_EXPECT_SCHED_ERROR,
		       "ktstr: crash fault, asked for after 300 ms" })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "burst", .workers = 2, .work = { KTSTR_BURSTY } }));
}

KTSTR_TEST(reject,
	   .desc = "an unbounded access: the verifier refuses the program",
	   .sched = &rejected,
	   .topology = "1n1l2c1t",
	   .duration_ms = 500,
	   .expect = { KTSTR_EXPECT_NO_ATTACH, "unbounded memory access" })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 2, .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(slow,
	   .desc = "every wait is as long as asked for, and nobody starves",
	   .sched = &slow,
	   .topology = "1n1l2c1t",
	   .duration_ms = 2400)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 4, .work = { KTSTR_SPIN_WAIT } }));

	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "spin").longest_gap_ms, SLOW_MS);
}

KTSTR_TEST(scattershot,
	   .desc = "each wakeup draws another CPU by lot: sleepers move all the time",
	   .sched = &scattering,
	   .topology = "1n2l2c1t",
	   .duration_ms = 800)
{
	struct ktstr_stats s;

	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "sleepers", .workers = 2, .work = SLEEPY }));

	/* Each draw is another CPU; one of two is asked for. */
	s = ktstr_cgroup_stats(t, "sleepers");
	KTSTR_EXPECT_GE(t, s.iterations, 20);
	KTSTR_EXPECT_GE(t, 2 * s.migrations, s.iterations);
}
