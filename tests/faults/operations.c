// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cases whose steps ask for what cannot be done; the script
 * "operation-that-cannot-be-made" looks at what is said of each.
 */
#include <ktstr.h>

KTSTR_SCHED(simple, .binary = "scx_simple");
KTSTR_SCHED(queues, .binary = "scx_qmap");
KTSTR_SCHED(rejected, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "reject"));
KTSTR_SCHED(crashing, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "crash", "--after", "500"));

#define SPIN(n)	.workers = (n), .work = { KTSTR_SPIN_WAIT }
#define PAIR	KTSTR_STEP(KTSTR_HOLD_MS(100), { .name = "pair", SPIN(2) })
#define HOLD	KTSTR_HOLD_MS(100)

KTSTR_TEST(misspelt, .desc = "there is no such cgroup", .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR, KTSTR_CHANGE(HOLD, KTSTR_STOP_CGROUP("pear")));
}

KTSTR_TEST(parent_with_workers, .desc = "a cgroup below one with workers",
	   .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR,
		  KTSTR_STEP(HOLD, { .name = "pair/below", SPIN(1) }));
}

KTSTR_TEST(not_shipped, .desc = "a scheduler that .scheds does not name",
	   .sched = &simple, .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR, KTSTR_CHANGE(HOLD, KTSTR_REPLACE_SCHED(queues)));
}

KTSTR_TEST(twice, .desc = "a second one beside the first", .sched = &simple,
	   .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR, KTSTR_CHANGE(HOLD, KTSTR_ATTACH_SCHED(simple)));
}

KTSTR_TEST(none_attached, .desc = "nothing to detach", .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR, KTSTR_CHANGE(HOLD, KTSTR_DETACH_SCHED()));
}

KTSTR_TEST(next_is_rejected, .desc = "the next scheduler does not attach",
	   .sched = &simple, .scheds = KTSTR_SCHEDS(&rejected),
	   .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR, KTSTR_CHANGE(HOLD, KTSTR_REPLACE_SCHED(rejected)));
}

KTSTR_TEST(next_one_crashes, .desc = "the next scheduler dies while it is needed",
	   .sched = &simple, .scheds = KTSTR_SCHEDS(&crashing),
	   .duration_ms = 20000)
{
	KTSTR_RUN(t, PAIR,
		  KTSTR_CHANGE(KTSTR_HOLD_MS(15000),
			       KTSTR_REPLACE_SCHED(crashing)),
		  KTSTR_CHANGE(HOLD, KTSTR_REPLACE_SCHED(simple)));
}

KTSTR_TEST(too_many_cpus, .desc = "a CPU that the machine has not",
	   .duration_ms = 1000)
{
	KTSTR_RUN(t, PAIR, KTSTR_CHANGE(HOLD, KTSTR_CPU_OFFLINE(7)));
}

KTSTR_TEST(deadline_in_a_cpuset, .desc = "what the kernel refuses a worker",
	   .duration_ms = 1000)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(HOLD,
			     { .name = "dl", .cpuset = KTSTR_CPUS("1"), SPIN(1),
			       .with = { .policy = KTSTR_POLICY_DEADLINE,
					 .dl_runtime_us = 1000,
					 .dl_period_us = 10000 } }));
}
