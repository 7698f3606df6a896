// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases whose load is lopsided on purpose; the script
 * "monitor-finds-an-imbalance" looks at what is said of each. Not a test
 * program by itself.
 */
#include <ktstr.h>

/* Eight on the one CPU of LLC 0, nothing on the others. */
#define CROWD_ONE_CPU							\
	KTSTR_RUN(t,							\
		  KTSTR_STEP(KTSTR_HOLD_ALL,				\
			     { .name = "crowd", .workers = 8,		\
			       .cpuset = KTSTR_LLC(0),			\
			       .work = { KTSTR_SPIN_WAIT } }))

KTSTR_TEST(checked, .desc = "crowded on a CPU, which the case does not allow",
	   .topology = "1n4l1c1t", .duration_ms = 2500,
	   .checks = { .imbalance_pct = 400, .longest_gap_ms = KTSTR_OFF })
{
	CROWD_ONE_CPU;
}

KTSTR_TEST(told, .desc = "crowded on a CPU, which nobody forbids",
	   .topology = "1n4l1c1t", .duration_ms = 2500,
	   .checks = { .longest_gap_ms = KTSTR_OFF })
{
	CROWD_ONE_CPU;
}

KTSTR_TEST(off, .desc = "crowded on a CPU, which nobody looks at",
	   .topology = "1n4l1c1t", .duration_ms = 2500,
	   .checks = { .imbalance_pct = KTSTR_OFF,
		       .longest_gap_ms = KTSTR_OFF })
{
	CROWD_ONE_CPU;
}
