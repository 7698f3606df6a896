// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fixture scheduler's faults, each switched on by the host in the midst of
 * a workload, in cases that do not expect them; the script
 * "dump-names-the-cause" looks at what is said of each. Not a test program by
 * itself: none of its cases passes.
 */
#include <ktstr.h>

#define FAULT_AT_MS	400

KTSTR_SCHED(healthy, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--timeout", "2000"));
KTSTR_SCHED(patient, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--period", "1500", "--timeout", "20000"));

static void spin(struct ktstr_ctx *t, uint32_t workers)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "spin", .workers = workers,
				  .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(stall,
	   .desc = "tasks are queued and never run",
	   .sched = &healthy, .topology = "1n1l2c1t", .duration_ms = 8000,
	   .writes = KTSTR_WRITES({ .var = "stall", .value = 1,
				    .at_ms = FAULT_AT_MS }))
{
	spin(t, 4);
}

KTSTR_TEST(crash,
	   .desc = "the scheduler reports an error of its own",
	   .sched = &healthy, .topology = "1n1l2c1t", .duration_ms = 3000,
	   .writes = KTSTR_WRITES({ .var = "crash", .value = 1,
				    .at_ms = FAULT_AT_MS }))
{
	spin(t, 4);
}

KTSTR_TEST(slow,
	   .desc = "each wait is long, and none too long for the kernel",
	   .sched = &patient, .topology = "1n1l2c1t", .duration_ms = 4000,
	   .writes = KTSTR_WRITES({ .var = "slow", .value = 1,
				    .at_ms = FAULT_AT_MS }),
	   .checks = { .longest_gap_ms = 300 })
{
	spin(t, 6);
}

KTSTR_TEST(scattershot,
	   .desc = "CPUs are drawn by lot",
	   .sched = &healthy, .topology = "1n1l4c1t", .duration_ms = 2000,
	   .writes = KTSTR_WRITES({ .var = "scattershot", .value = 1,
				    .at_ms = FAULT_AT_MS }))
{
	spin(t, 8);
	/* a draw at each turn, of which three in four are another CPU */
	KTSTR_EXPECT_LE(t, ktstr_cgroup_stats(t, "spin").migrations, 0);
}
