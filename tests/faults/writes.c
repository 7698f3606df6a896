// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases whose variables the host cannot write; the script
 * "variable-that-is-not-there" looks at what it says of each. None passes.
 */
#include <ktstr.h>

KTSTR_SCHED(fixture, .binary = "scx_ktstr");

static void work(struct ktstr_ctx *t)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pair", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(misspelt, .desc = "there is no such variable", .sched = &fixture,
	   .duration_ms = 1000,
	   .writes = KTSTR_WRITES({ .var = "crsh", .value = 1 }))
{
	work(t);
}

KTSTR_TEST(constant, .desc = "programs do not look at it", .sched = &fixture,
	   .duration_ms = 1000,
	   .writes = KTSTR_WRITES({ .var = "reject", .value = 1 }))
{
	work(t);
}

KTSTR_TEST(too_late, .desc = "the workload is over before", .sched = &fixture,
	   .duration_ms = 1000,
	   .writes = KTSTR_WRITES({ .var = "period_ms", .value = 5 },
				  { .var = "stall", .value = 1, .at_ms = 900 }))
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(300),
			     { .name = "pair", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }));
}
