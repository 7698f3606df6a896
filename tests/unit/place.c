// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers take their places before they work: policy, nice value, affinity; and
 * what cannot be done is said. What a worker was frozen is no gap.
 */
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/work/worker.h"

#define DEADLINE_NS	(20 * KT_NSEC_PER_SEC)

static const struct ktstr_work spin = { KTSTR_SPIN_WAIT };
static struct kt_worker_group g;
static char why[256];

static u64 soon(void)
{
	return kt_now_ns() + DEADLINE_NS;
}

static void stop_all(void)
{
	kt_workers_signal(&g);
	kt_workers_reap(&g, soon(), soon());
	kt_workers_fini(&g);
}

/* The CPUs that this process may use. */
static void own_cpus(struct kt_cpumask *cpus)
{
	memset(cpus, 0, sizeof(*cpus));
	sched_getaffinity(0, sizeof(*cpus), (void *)cpus);
}

TEST(they_are_in_place_before_they_work)
{
	struct kt_worker_setup setup = {
		.policy = KTSTR_POLICY_BATCH, .nice = 5,
	};
	struct kt_cpumask own, each[2] = {}, seen;
	u32 i;

	own_cpus(&own);
	kt_cpumask_set(&each[0], kt_cpumask_next(&own, 0));
	each[1] = own;
	setup.cpus = each;
	ASSERT_EQ(0, kt_workers_fork(&g, &spin, 2, &setup));
	ASSERT_EQ(0, kt_workers_set_up(&g, soon(), why, sizeof(why)));
	EXPECT_EQ(0, kt_workers_iterations(&g));
	for (i = 0; i < 2; i++) {
		pid_t pid = g.workers[i].pid;

		EXPECT_EQ(SCHED_BATCH, sched_getscheduler(pid));
		EXPECT_EQ(5, getpriority(PRIO_PROCESS, pid));
		memset(&seen, 0, sizeof(seen));
		EXPECT_LT(0, sched_getaffinity(pid, sizeof(seen),
					       (void *)&seen) + 1);
		EXPECT_TRUE(kt_cpumask_equal(&seen, &each[i]));
	}
	kt_workers_go(&g);
	stop_all();
}

TEST(what_cannot_be_done_is_said)
{
	struct kt_cpumask none = {};
	struct kt_worker_setup setup = { .cpus = &none };
	pid_t pid;

	kt_cpumask_set(&none, KT_MAX_CPUS - 1);
	ASSERT_EQ(0, kt_workers_fork(&g, &spin, 1, &setup));
	pid = g.workers[0].pid;
	EXPECT_EQ(-EINVAL, kt_workers_set_up(&g, soon(), why, sizeof(why)));
	EXPECT_STREQ("affinity: Invalid argument; none of its CPUs is in the cgroup's cpuset and online",
		     why);
	kt_workers_fini(&g);
	EXPECT_TRUE(kill(pid, 0) && errno == ESRCH);
	/* as far as the kernel lets it */
	setup.cpus_if_possible = true;
	ASSERT_EQ(0, kt_workers_fork(&g, &spin, 1, &setup));
	EXPECT_EQ(0, kt_workers_set_up(&g, soon(), why, sizeof(why)));
	kt_workers_go(&g);
	stop_all();
}

/* Kills worker @i of @nr, which wait to be set up; what is said of it. */
static void kill_before_set_up(struct __test_metadata *_metadata, u32 i, u32 nr)
{
	struct kt_worker_setup setup = { .nice = 1 };
	char expected[80];
	siginfo_t info;

	ASSERT_EQ(0, kt_workers_fork(&g, &spin, nr, &setup));
	snprintf(expected, sizeof(expected),
		 "tid %d ended before it was set up: signal 9 (SIGKILL)",
		 g.workers[i].pid);
	kill(g.workers[i].pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, g.workers[i].pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(-ESRCH, kt_workers_set_up(&g, soon(), why, sizeof(why)));
	EXPECT_STREQ(expected, why);
	kt_workers_fini(&g);
}

TEST(one_that_is_killed_before_it_is_set_up)
{
	kill_before_set_up(_metadata, 0, 1);
}

TEST(one_of_many_that_is_killed_before_it_is_set_up)
{
	u64 start = kt_now_ns();

	kill_before_set_up(_metadata, 1, 3);
	EXPECT_GT(DEADLINE_NS / 2, kt_now_ns() - start);
}

TEST(all_that_are_killed_before_they_begin)
{
	siginfo_t info;

	ASSERT_EQ(0, kt_workers_fork(&g, &spin, 1, NULL));
	kill(g.workers[0].pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, g.workers[0].pid, &info, WEXITED | WNOWAIT));
	kt_workers_go(&g);
	kt_workers_report(&g);
	EXPECT_TRUE(g.reports[0].died);
	EXPECT_EQ(SIGKILL, g.reports[0].status);
	stop_all();
}

TEST(errors_have_a_remedy)
{
	struct kt_worker_setup setup = { .policy = KTSTR_POLICY_DEADLINE };
	char buf[160];

	EXPECT_STREQ("SCHED_DEADLINE: Operation not permitted; such a worker needs all CPUs: no cpuset, no affinity",
		     kt_place_error(&setup, KT_PLACE_POLICY, -EPERM, buf,
				    sizeof(buf)));
	setup.mem = KTSTR_MEM_BIND;
	EXPECT_STREQ("MPOL_BIND: Invalid argument; its nodes must be the cgroup's, and have memory",
		     kt_place_error(&setup, KT_PLACE_MEMORY, -EINVAL, buf,
				    sizeof(buf)));
}

TEST(nothing_asked_for_is_nothing_done)
{
	struct kt_worker_setup setup = {};

	EXPECT_TRUE(kt_place_is_empty(&setup));
	setup.nice = -1;
	EXPECT_FALSE(kt_place_is_empty(&setup));
}

TEST(frozen_time_is_no_gap)
{
	u64 before, gap_ns, frozen_ns;
	int status;

	ASSERT_EQ(0, kt_workers_fork(&g, &spin, 2, NULL));
	kt_workers_go(&g);
	while (!g.telemetry[0].iterations || !g.telemetry[1].iterations)
		sched_yield();
	/* stopped as a frozen one is; the other one is not, and is the clock */
	kill(g.workers[0].pid, SIGSTOP);
	ASSERT_EQ(g.workers[0].pid,
		  waitpid(g.workers[0].pid, &status, WUNTRACED));
	kt_workers_frozen(&g);
	before = kt_now_ns();
	kt_workers_report(&g);
	gap_ns = g.reports[0].gap_ns;	/* of a busy machine */
	while (kt_now_ns() < before + gap_ns + KT_NSEC_PER_SEC)
		sched_yield();
	kt_workers_report(&g);
	EXPECT_EQ(gap_ns, g.reports[0].gap_ns);
	frozen_ns = kt_now_ns() - before;
	kt_workers_thaw(&g);
	EXPECT_LE(frozen_ns, g.telemetry[0].frozen_ns);
	kt_workers_report(&g);
	EXPECT_LT(g.reports[0].gap_ns, frozen_ns);
	kill(g.workers[0].pid, SIGCONT);
	before = g.telemetry[0].iterations;
	while (*(volatile u64 *)&g.telemetry[0].iterations < before + 10)
		sched_yield();
	EXPECT_LT(g.telemetry[0].gap_ns, frozen_ns);
	stop_all();
}

TEST_HARNESS_MAIN
