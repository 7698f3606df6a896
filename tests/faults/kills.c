// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workloads of which a process is killed in the midst: a worker, the test's
 * process, or the scheduler, by the scheduler's own companion (killer.c). The
 * script "sigkill-in-the-guest" says which and when, and looks at what the
 * host says of each; when nobody is killed all cases pass.
 */
#include <ktstr.h>

KTSTR_SCHED(doomed, .binary = "killer");
KTSTR_SCHED(simple, .binary = "scx_simple");

/*
 * What is judged is who was killed. Workers of a busy host may come to nothing
 * in so short a time.
 */
#define CHECKS	{ .starvation = KTSTR_OFF, .longest_gap_ms = KTSTR_OFF }

#define KILLS_TEST(id, desc_)						\
	KTSTR_TEST(id, .desc = desc_, .sched = &doomed,			\
		   .scheds = KTSTR_SCHEDS(&simple), .duration_ms = 500,	\
		   .checks = CHECKS)

KILLS_TEST(spin, "workers that do not know of each other")
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 4,
			       .work = { KTSTR_SPIN_WAIT } }));
}

KILLS_TEST(pairs, "workers that wait for the one that is killed")
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pipe", .workers = 2,
			       .work = { KTSTR_PIPE_IO } },
			     { .name = "futex", .workers = 2,
			       .work = { KTSTR_FUTEX_PING_PONG } }));
}

KILLS_TEST(mutex, "a lock whose holder is killed")
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "mutex", .workers = 4,
			       .work = { KTSTR_MUTEX_CONTENTION } }));
}

KILLS_TEST(threads, "all workers are one process")
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "threads", .workers = 3,
			       .work = { KTSTR_BURSTY, .form = KTSTR_THREAD } }));
}

KILLS_TEST(children, "workers with children of their own")
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pool", .workers = 2,
			       .work = { KTSTR_MIXED, .form = KTSTR_POOL } },
			     { .name = "fork", .workers = 2,
			       .work = { KTSTR_FORK_EXIT } }));
}

KILLS_TEST(steps, "workers that are set up and frozen, cgroups that come and go")
{
	KTSTR_EXPECT(t, ktstr_nr_cpus(t) > 0);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(300),
			     { .name = "placed", .cpuset = KTSTR_LLC(0),
			       .workers = 2, .work = { KTSTR_SPIN_WAIT },
			       .with = { .policy = KTSTR_POLICY_BATCH,
					 .nice = 5 } }),
		  KTSTR_CHANGE(KTSTR_HOLD_PERMILLE(400),
			       KTSTR_ADD_CGROUP(.name = "empty"),
			       KTSTR_ADD_CGROUP(.name = "more", .workers = 2,
						.work = { KTSTR_YIELD_HEAVY }),
			       KTSTR_FREEZE_CGROUP("placed")),
		  KTSTR_CHANGE(KTSTR_HOLD_PERMILLE(300),
			       KTSTR_THAW_CGROUP("placed"),
			       KTSTR_REMOVE_CGROUP("empty")));
}
