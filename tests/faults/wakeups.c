// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wakeups, as many as there can be, under a scheduler that forgets one where two
 * CPUs meet. Whether they do is a matter of the seed.
 */
#include <ktstr.h>

KTSTR_SCHED(forgetful, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "lost-wakeup", "--timeout", "1000"));

KTSTR_TEST(bursts,
	   .desc = "who sleeps often is woken often",
	   .sched = &forgetful,
	   .topology = "1n1l2c1t",
	   .duration_ms = 1000)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "bursts", .workers = 4,
			       .work = { KTSTR_BURSTY } }));
}

KTSTR_TEST(ping_pong,
	   .desc = "pairs that wake each other all the time",
	   .sched = &forgetful,
	   .topology = "1n1l2c1t",
	   .duration_ms = 1000)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pairs", .workers = 4,
			       .work = { KTSTR_FUTEX_PING_PONG } }));
}
