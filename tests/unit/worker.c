// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers, real ones: none works before it is told to, all report, also those
 * that were killed or stopped, and none is left behind.
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/work/start.h"
#include "ktstr/work/worker.h"

#define DEADLINE_NS	(20 * KT_NSEC_PER_SEC)
#define OFFSET_US	168761	/* of worker 4 of seed 1, in 200 ms */

static struct kt_worker_group g;

static u64 soon(void)
{
	return kt_now_ns() + DEADLINE_NS;
}

/* Until each worker from @first on has done @iterations. */
static bool wait_iterations(u32 first, u64 iterations)
{
	u64 deadline = soon();
	u32 i = first;

	while (i < g.nr && kt_now_ns() < deadline) {
		kt_workers_report(&g);
		if (g.reports[i].iterations >= iterations)
			i++;
		else
			sched_yield();
	}
	return i == g.nr;
}

static bool wait_stopped(pid_t pid)
{
	int status;

	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status);
}

static int stop_all(void)
{
	kt_workers_signal(&g);
	return kt_workers_reap(&g, soon(), soon());
}

/* A process that was reaped is nobody any more. */
static bool gone(pid_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

TEST(workers_work_and_stop)
{
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	pid_t pids[4];
	u32 i;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 4, NULL));
	for (i = 0; i < 4; i++)
		pids[i] = g.workers[i].pid;
	kt_workers_go(&g);
	EXPECT_TRUE(wait_iterations(0, 20));
	kt_workers_report(&g);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(pids[i], g.reports[i].tid);
		EXPECT_FALSE(g.reports[i].died);
		EXPECT_GE(g.reports[i].iterations, 20);
		EXPECT_GT(g.reports[i].wall_ns, 0);
		EXPECT_GE(kt_cpumask_weight(&g.reports[i].cpus), 1);
	}
	EXPECT_GE(kt_workers_iterations(&g), 80);
	EXPECT_EQ(0, stop_all());
	for (i = 0; i < 4; i++)
		EXPECT_TRUE(gone(pids[i]));
	kt_workers_fini(&g);
}

static int count_placed(void *arg, pid_t pid)
{
	u32 *placed = arg;

	/* no work may have been done before the last one is in place */
	if (kt_workers_iterations(&g) || pid <= 0)
		return -EBUSY;
	(*placed)++;
	return 0;
}

TEST(no_work_before_go)
{
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	u32 placed = 0;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 3, NULL));
	EXPECT_EQ(0, kt_workers_place(&g, count_placed, &placed));
	EXPECT_EQ(3, placed);
	kt_workers_report(&g);
	EXPECT_EQ(0, kt_workers_iterations(&g));
	EXPECT_EQ(0, g.reports[0].gap_ns);
	kt_workers_go(&g);
	EXPECT_TRUE(wait_iterations(0, 1));
	EXPECT_EQ(0, stop_all());
	kt_workers_fini(&g);
}

/* Each at a time of its own, which is its seed's and its number's. */
TEST(starts_apart)
{
	u32 seen = 0, same = 0, i;

	for (i = 0; i < 64; i++) {
		u32 us = kt_start_offset_us(7, i, 1000);

		EXPECT_GT(1000, us);
		EXPECT_EQ(us, kt_start_offset_us(7, i, 1000));
		seen |= 1u << us / 100;
		same += us == kt_start_offset_us(8, i, 1000);
	}
	EXPECT_EQ(0x3ff, seen);		/* from all parts of it */
	EXPECT_GT(8, same);
	EXPECT_EQ(0, kt_start_offset_us(7, 1, 0));
}

/* What it waits before it begins is no gap. */
TEST(a_late_start_is_no_gap)
{
	const struct kt_worker_setup setup = {
		.seed = 1, .first = 4, .spread_us = 200000 };
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	u64 began = kt_now_ns(), waited;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 1, &setup));
	EXPECT_EQ(OFFSET_US, kt_start_offset_us(1, 4, 200000));
	kt_workers_go(&g);
	EXPECT_TRUE(wait_iterations(0, 1));
	waited = kt_now_ns() - began;
	EXPECT_LE(OFFSET_US * 1000ULL, waited);
	kt_workers_report(&g);
	/* the host may keep it waiting, but that is less than all of it */
	EXPECT_GE(waited - OFFSET_US * 1000ULL, g.reports[0].gap_ns);
	EXPECT_EQ(0, stop_all());
	kt_workers_fini(&g);
}

static int refuse(void *arg, pid_t pid)
{
	return -EPERM;
}

TEST(a_place_that_fails_leaves_none)
{
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	pid_t pid;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2, NULL));
	pid = g.workers[1].pid;
	EXPECT_EQ(-EPERM, kt_workers_place(&g, refuse, NULL));
	kt_workers_fini(&g);
	EXPECT_TRUE(gone(pid));
	EXPECT_EQ(0, g.nr);
}

TEST(a_killed_worker_has_reported)
{
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	siginfo_t info;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2, NULL));
	kt_workers_go(&g);
	ASSERT_TRUE(wait_iterations(0, 500));
	kill(g.workers[0].pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, g.workers[0].pid, &info, WEXITED | WNOWAIT));
	kt_workers_report(&g);
	EXPECT_TRUE(g.reports[0].died);
	EXPECT_TRUE(WIFSIGNALED(g.reports[0].status));
	EXPECT_EQ(SIGKILL, WTERMSIG(g.reports[0].status));
	EXPECT_GE(g.reports[0].iterations, 500);
	EXPECT_GT(g.reports[0].cpu_ns, 0);
	EXPECT_GE(kt_cpumask_weight(&g.reports[0].cpus), 1);
	EXPECT_FALSE(g.reports[1].died);
	EXPECT_EQ(0, stop_all());
	kt_workers_fini(&g);
}

TEST(the_gap_of_a_stuck_worker_goes_on)
{
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	u64 since, gap;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2, NULL));
	kt_workers_go(&g);
	ASSERT_TRUE(wait_iterations(0, 1));
	kill(g.workers[0].pid, SIGSTOP);
	ASSERT_TRUE(wait_stopped(g.workers[0].pid));
	since = kt_now_ns();
	/* the other one is the clock: it works on while the first is stuck */
	ASSERT_TRUE(wait_iterations(1, g.telemetry[1].iterations + 2000));
	gap = kt_now_ns() - since;
	kt_workers_report(&g);
	EXPECT_GE(g.reports[0].gap_ns, gap);
	EXPECT_LE(g.reports[0].gap_at_ns, since);
	/* it cannot stop when told: it is killed, and reaped all the same */
	kt_workers_signal(&g);
	EXPECT_EQ(0, kt_workers_reap(&g, kt_now_ns(), soon()));
	kt_workers_fini(&g);
}

TEST(a_sleep_is_no_gap)
{
	struct ktstr_work work = { .type = KTSTR_BURSTY, .burst_us = 10,
				   .sleep_us = 3600u * 1000000u };
	u64 deadline = soon();

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 1, NULL));
	kt_workers_go(&g);
	/* asleep once its account reaches into the future */
	while (*(volatile u64 *)&g.telemetry[0].seen_ns < deadline &&
	       kt_now_ns() < deadline)
		sched_yield();
	kt_workers_report(&g);
	EXPECT_LT(g.reports[0].gap_ns, DEADLINE_NS / 2);
	EXPECT_EQ(0, g.reports[0].iterations);
	EXPECT_EQ(0, stop_all());	/* a signal ends the sleep */
	kt_workers_fini(&g);
}

TEST(a_partner_that_died_is_noticed)
{
	struct ktstr_work work = { KTSTR_PIPE_IO };
	siginfo_t info;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2, NULL));
	kt_workers_go(&g);
	ASSERT_TRUE(wait_iterations(0, 5));
	kill(g.workers[0].pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, g.workers[0].pid, &info, WEXITED | WNOWAIT));
	ASSERT_EQ(0, waitid(P_PID, g.workers[1].pid, &info, WEXITED | WNOWAIT));
	kt_workers_report(&g);
	EXPECT_TRUE(g.reports[0].died);
	EXPECT_TRUE(g.reports[1].died);
	EXPECT_EQ(0, stop_all());
	kt_workers_fini(&g);
}

/* Workers die with the process that started them. */
TEST(none_outlives_its_parent)
{
	struct ktstr_work work = { KTSTR_SPIN_WAIT };
	struct pollfd pfd = { .events = POLLIN };
	int alive[2];
	pid_t parent;

	ASSERT_EQ(0, pipe(alive));
	parent = fork();
	ASSERT_GE(parent, 0);
	if (!parent) {
		if (kt_workers_fork(&g, &work, 2, NULL))
			_exit(1);
		kt_workers_go(&g);
		if (!wait_iterations(0, 1))
			_exit(1);
		_exit(0);
	}
	close(alive[1]);
	pfd.fd = alive[0];
	/* hangs up when the last process that holds the other end has ended */
	ASSERT_EQ(1, poll(&pfd, 1, DEADLINE_NS / KT_NSEC_PER_MSEC));
	EXPECT_TRUE(pfd.revents & POLLHUP);
	waitpid(parent, NULL, 0);
	close(alive[0]);
}

TEST(bad_requests)
{
	struct ktstr_work spin = { KTSTR_SPIN_WAIT };
	struct ktstr_work pairs = { KTSTR_PIPE_IO };
	struct ktstr_work unknown = { .type = 99 };

	keep_log();
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &spin, 0, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &spin, KT_MAX_WORKERS + 1, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &pairs, 3, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &unknown, 2, NULL));
	EXPECT_EQ(0, g.nr);
	kt_workers_fini(&g);
}

TEST(every_type_is_described)
{
	u32 type;

	for (type = 0; type < KTSTR_NR_WORK_TYPES; type++) {
		const struct kt_work_type *t = kt_work_type(type);

		ASSERT_NE(NULL, t);
		EXPECT_NE(NULL, t->name);
		EXPECT_NE(NULL, t->desc);
		EXPECT_TRUE(!!t->step);
	}
	EXPECT_EQ(NULL, kt_work_type(KTSTR_NR_WORK_TYPES));
}

TEST(defaults_fill_zeroes_only)
{
	struct ktstr_work work = { .type = KTSTR_BURSTY, .sleep_us = 7 };
	struct ktstr_work filled = kt_work_defaults(&work);

	EXPECT_EQ(2000, filled.burst_us);
	EXPECT_EQ(7, filled.sleep_us);
}

TEST_HARNESS_MAIN
