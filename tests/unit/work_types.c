// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every work type, by real workers in groups: it gets on, ends when told to,
 * notices a partner that was killed, leaves no process and no descriptor.
 * Whether its pattern is what its name says, tests/machine/work_types.c sees.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/work/worker.h"
#include "nr_fds.h"

#define DEADLINE_NS	(20 * KT_NSEC_PER_SEC)
#define ROUNDS		5

static struct kt_worker_group g;

static u64 soon(void)
{
	return kt_now_ns() + DEADLINE_NS;
}

static int custom_round(struct ktstr_worker *w)
{
	struct ktstr_worker_info info = ktstr_worker_info(w);

	if (info.told_to_stop)
		return 0;
	ktstr_worker_tick(w);
	ktstr_worker_sleep_us(w, 10);
	return info.index < info.nr ? 0 : -EINVAL;
}

static int failing_round(struct ktstr_worker *w)
{
	(void)w;
	return -EIO;
}

/* Small and quick, two groups of it. */
static struct ktstr_work small(u32 type)
{
	return (struct ktstr_work){
		.type = type,
		.burst_us = 20,
		.sleep_us = 20,
		.interval_us = 200,
		.size_kib = 16,
		.custom = custom_round,
	};
}

static u32 group_size(const struct ktstr_work *work)
{
	struct ktstr_work params = kt_work_defaults(work);

	return kt_work_group_size(kt_work_type(work->type), &params, 2);
}

/* What wants more than a process of its own: rights, nodes, a cgroup. */
static bool for_everyone(const struct ktstr_work *work)
{
	struct sched_param fifo = { .sched_priority = 1 }, none = {};
	bool may_rt;

	switch (work->type) {
	case KTSTR_CGROUP_CHURN:
	case KTSTR_NUMA_MIGRATION_CHURN:
	case KTSTR_NUMA_WORKING_SET_SWEEP:
		return false;
	case KTSTR_SMT_SIBLING_SPIN:
		return sysconf(_SC_NPROCESSORS_ONLN) > 1;
	case KTSTR_NICE_SWEEP:
	case KTSTR_PRIORITY_INVERSION:
	case KTSTR_PREEMPT_STORM:
	case KTSTR_RT_STARVATION:
		may_rt = !sched_setscheduler(0, SCHED_FIFO, &fifo);
		sched_setscheduler(0, SCHED_OTHER, &none);
		return may_rt;
	default:
		return true;
	}
}

/* Of each worker, and in them some work: others may have taken it. */
static bool wait_rounds(u64 rounds)
{
	u64 deadline = soon();
	u32 i = 0;

	while (i < g.nr && kt_now_ns() < deadline) {
		if (*(volatile u64 *)&g.telemetry[i].iterations >= rounds &&
		    *(volatile u64 *)&g.telemetry[i].work_units)
			i++;
		else
			sched_yield();
	}
	return i == g.nr;
}

static bool gone(pid_t pid)
{
	return kill(pid, 0) && errno == ESRCH;
}

/* A type a test, so that one that hangs is named. */
FIXTURE(type) {
	int fds;
};

FIXTURE_VARIANT(type) {
	u32 type;
	bool pi;
};

FIXTURE_SETUP(type)
{
	self->fds = nr_fds();
}

FIXTURE_TEARDOWN(type)
{
	kt_workers_fini(&g);
	EXPECT_EQ(self->fds, nr_fds());
}

#define TYPE(id)							\
FIXTURE_VARIANT_ADD(type, id) { .type = KTSTR_##id }

TYPE(SPIN_WAIT);
TYPE(YIELD_HEAVY);
TYPE(MIXED);
TYPE(ALU_HOT);
TYPE(SMT_SIBLING_SPIN);
TYPE(IPC_VARIANCE);
TYPE(IO_SYNC_WRITE);
TYPE(IO_RAND_READ);
TYPE(IO_CONVOY);
TYPE(BURSTY);
TYPE(IDLE_CHURN);
TYPE(PIPE_IO);
TYPE(FUTEX_PING_PONG);
TYPE(FUTEX_FAN_OUT);
TYPE(CACHE_PRESSURE);
TYPE(CACHE_YIELD);
TYPE(CACHE_PIPE);
TYPE(SEQUENCE);
TYPE(FORK_EXIT);
TYPE(NICE_SWEEP);
TYPE(AFFINITY_CHURN);
TYPE(CROSS_AFFINITY_CHURN);
TYPE(POLICY_CHURN);
TYPE(NUMA_MIGRATION_CHURN);
TYPE(CGROUP_CHURN);
TYPE(FAN_OUT_COMPUTE);
TYPE(ASYMMETRIC_WAKER);
TYPE(WAKE_CHAIN);
TYPE(EPOLL_STORM);
TYPE(THUNDERING_HERD);
TYPE(PAGE_FAULT_CHURN);
TYPE(NUMA_WORKING_SET_SWEEP);
TYPE(MUTEX_CONTENTION);
TYPE(PRIORITY_INVERSION);
TYPE(PRODUCER_CONSUMER_IMBALANCE);
TYPE(SIGNAL_STORM);
TYPE(PREEMPT_STORM);
TYPE(RT_STARVATION);
TYPE(CUSTOM);

FIXTURE_VARIANT_ADD(type, PRIORITY_INHERITANCE) {
	.type = KTSTR_PRIORITY_INVERSION,
	.pi = true,
};

TEST_F(type, works_and_stops)
{
	struct ktstr_work work = small(variant->type);
	pid_t pids[16];
	u32 i;

	work.pi = variant->pi;
	if (!for_everyone(&work))
		SKIP(return, "for a machine of its own, or more rights");
	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2 * group_size(&work), NULL));
	ASSERT_GE(ARRAY_SIZE(pids), g.nr);
	for (i = 0; i < g.nr; i++)
		pids[i] = g.workers[i].pid;
	kt_workers_go(&g);
	EXPECT_TRUE(wait_rounds(ROUNDS));
	kt_workers_report(&g);
	for (i = 0; i < g.nr; i++) {
		EXPECT_FALSE(g.reports[i].died);
		EXPECT_GE(g.reports[i].work_units, 1);
	}
	kt_workers_signal(&g);
	EXPECT_EQ(0, kt_workers_reap(&g, soon(), soon()));
	for (i = 0; i < g.nr; i++)
		EXPECT_TRUE(gone(pids[i]));
}

/* Those who wait for a partner end when it is gone, with an error. */
TEST_F(type, notices_a_partner_that_died)
{
	struct ktstr_work work = small(variant->type);
	siginfo_t info;
	u32 size;

	work.pi = variant->pi;
	size = group_size(&work);
	switch (variant->type) {
	case KTSTR_IO_CONVOY:
	case KTSTR_SMT_SIBLING_SPIN:
	case KTSTR_PREEMPT_STORM:
	case KTSTR_RT_STARVATION:
		return;		/* they do not wait for each other */
	case KTSTR_MUTEX_CONTENTION:
		return;		/* nor for one that died without the lock */
	case KTSTR_ASYMMETRIC_WAKER:
	case KTSTR_EPOLL_STORM:
	case KTSTR_THUNDERING_HERD:
		break;		/* the first one's death */
	}
	if (size < 2)
		return;
	if (!for_everyone(&work))
		SKIP(return, "for a machine of its own, or more rights");
	ASSERT_EQ(0, kt_workers_fork(&g, &work, size, NULL));
	kt_workers_go(&g);
	ASSERT_TRUE(wait_rounds(1));
	kill(g.workers[0].pid, SIGKILL);
	ASSERT_EQ(0, waitid(P_PID, g.workers[1].pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(CLD_EXITED, info.si_code);
	EXPECT_EQ(1, info.si_status);
}

/* Told to stop before the first round is over. */
TEST_F(type, stops_at_once)
{
	struct ktstr_work work = small(variant->type);
	u32 i;

	work.pi = variant->pi;
	if (!for_everyone(&work))
		SKIP(return, "for a machine of its own, or more rights");
	work.burst_us = 3600u * 1000000u;
	work.sleep_us = 3600u * 1000000u;
	work.interval_us = 3600u * 1000000u;
	work.size_kib = KT_WORK_MAX_SIZE_KIB;
	if (variant->type == KTSTR_IO_RAND_READ ||
	    variant->type == KTSTR_IPC_VARIANCE)
		work.size_kib = 1024;	/* all of it is touched */
	ASSERT_EQ(0, kt_workers_fork(&g, &work, group_size(&work), NULL));
	kt_workers_go(&g);
	for (i = 0; i < g.nr; i++)
		while (!*(volatile u64 *)&g.telemetry[i].cpu_ns)
			sched_yield();
	kt_workers_signal(&g);
	EXPECT_EQ(0, kt_workers_reap(&g, soon(), 0));
}

/* All of a declaration in one process: as good as processes. */
TEST_F(type, works_in_threads)
{
	struct ktstr_work work = small(variant->type);
	pid_t pid;
	u32 i;

	work.pi = variant->pi;
	work.form = KTSTR_THREAD;
	if (!for_everyone(&work))
		SKIP(return, "for a machine of its own, or more rights");
	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2 * group_size(&work), NULL));
	pid = g.workers[0].pid;
	kt_workers_go(&g);
	EXPECT_TRUE(wait_rounds(ROUNDS));
	kt_workers_report(&g);
	for (i = 0; i < g.nr; i++) {
		EXPECT_FALSE(g.reports[i].died);
		EXPECT_GE(g.reports[i].work_units, 1);
		EXPECT_NE(pid, g.reports[i].tid);
		EXPECT_EQ(0, i ? g.workers[i].pid : 0);
	}
	kt_workers_signal(&g);
	EXPECT_EQ(0, kt_workers_reap(&g, soon(), 0));
	EXPECT_TRUE(gone(pid));
}

/* Each round in a child, whose account is the worker's. */
TEST_F(type, works_in_a_pool)
{
	struct ktstr_work work = small(variant->type);
	const struct kt_work_type *t = kt_work_type(variant->type);
	u32 i;

	work.form = KTSTR_POOL;
	if (!for_everyone(&work))
		SKIP(return, "for a machine of its own, or more rights");
	if (t->itself || (!t->together && group_size(&work) > 1)) {
		keep_log();
		EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &work,
						   group_size(&work), NULL));
		return;
	}
	ASSERT_EQ(0, kt_workers_fork(&g, &work, 2, NULL));
	kt_workers_go(&g);
	EXPECT_TRUE(wait_rounds(ROUNDS));
	kt_workers_report(&g);
	for (i = 0; i < g.nr; i++) {
		EXPECT_FALSE(g.reports[i].died);
		EXPECT_GE(g.reports[i].work_units, ROUNDS);
	}
	kt_workers_signal(&g);
	EXPECT_EQ(0, kt_workers_reap(&g, soon(), 0));
}

TEST(a_thread_that_fails_ends_all)
{
	struct ktstr_work work = { KTSTR_CUSTOM, .form = KTSTR_THREAD,
				   .custom = failing_round };
	siginfo_t info;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 3, NULL));
	kt_workers_go(&g);
	ASSERT_EQ(0, waitid(P_PID, g.workers[0].pid, &info, WEXITED | WNOWAIT));
	kt_workers_report(&g);
	EXPECT_TRUE(g.reports[0].died);
	EXPECT_TRUE(g.reports[2].died);
	kt_workers_fini(&g);
}

TEST(groups_are_whole)
{
	static const struct {
		u32 type, width, size;
	} groups[] = {
		{ KTSTR_SPIN_WAIT, 0, 1 }, { KTSTR_PIPE_IO, 0, 2 },
		{ KTSTR_FUTEX_FAN_OUT, 0, 4 }, { KTSTR_FUTEX_FAN_OUT, 6, 7 },
		{ KTSTR_WAKE_CHAIN, 5, 5 }, { KTSTR_PRIORITY_INVERSION, 0, 3 },
	};
	char say[64];
	u32 i;

	keep_log();
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		struct ktstr_work work = { .type = groups[i].type,
					   .width = groups[i].width };

		EXPECT_EQ(groups[i].size, group_size(&work));
		if (groups[i].size == 1)
			continue;
		EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &work,
						   groups[i].size + 1, NULL));
		snprintf(say, sizeof(say), "of type %s: they work in groups of %u;",
			 kt_work_type(work.type)->name, groups[i].size);
		EXPECT_NE(NULL, strstr(last_log, say));
	}
}

TEST(bad_parameters)
{
	struct ktstr_work large = { KTSTR_CACHE_PRESSURE,
				    .size_kib = KT_WORK_MAX_SIZE_KIB + 1 };
	struct ktstr_work wide = { KTSTR_WAKE_CHAIN, .width = KT_MAX_WORKERS };
	struct ktstr_work phases = {
		KTSTR_SEQUENCE, .phases = KTSTR_PHASES({ 7, 100 }),
	};
	struct ktstr_work none = { KTSTR_SEQUENCE,
				   .phases = KTSTR_PHASES({ KTSTR_PHASE_SPIN, 0 }) };
	struct ktstr_work custom = { KTSTR_CUSTOM };

	keep_log();
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &large, 1, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &wide, KT_MAX_WORKERS, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &phases, 1, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &none, 1, NULL));
	EXPECT_EQ(-EINVAL, kt_workers_fork(&g, &custom, 1, NULL));
	EXPECT_EQ(5, nr_errors);
	EXPECT_EQ(0, g.nr);
}

TEST(a_custom_round_can_fail)
{
	struct ktstr_work work = { KTSTR_CUSTOM, .custom = failing_round };
	siginfo_t info;

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 1, NULL));
	kt_workers_go(&g);
	ASSERT_EQ(0, waitid(P_PID, g.workers[0].pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(1, info.si_status);
	kt_workers_report(&g);
	EXPECT_TRUE(g.reports[0].died);
	EXPECT_EQ(0, g.reports[0].iterations);
	kt_workers_fini(&g);
}

/* It does not stay with the one that has it. */
TEST(a_mutex_goes_round)
{
	struct ktstr_work work = { KTSTR_MUTEX_CONTENTION, .burst_us = 20 };
	volatile u64 *handoffs;
	u64 deadline = soon();

	ASSERT_EQ(0, kt_workers_fork(&g, &work, 4, NULL));
	handoffs = &g.area.shared[0].handoffs;
	kt_workers_go(&g);
	EXPECT_TRUE(wait_rounds(1));
	while (*handoffs < 50 && kt_now_ns() < deadline)
		sched_yield();
	EXPECT_GE(*handoffs, 50);
	kt_workers_fini(&g);
}

TEST(every_parameter_is_listed_once)
{
	const struct kt_work_param *p, *q;
	u32 type;

	for (type = 0; type < KTSTR_NR_WORK_TYPES; type++) {
		const struct kt_work_type *t = kt_work_type(type);

		ASSERT_NE(NULL, t->name);
		ASSERT_NE(NULL, t->desc);
		ASSERT_TRUE(!!t->step);
		for (p = t->params; p->name; p++)
			for (q = t->params; q < p; q++)
				EXPECT_NE(0, strcmp(p->name, q->name));
	}
}

TEST_HARNESS_MAIN
