// SPDX-License-Identifier: GPL-2.0-only
/*
 * A worker's account of itself: which wakes are measured, from when, and what
 * it says about CPUs and time.
 */
#include <sched.h>
#include <sys/prctl.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/work/telemetry.h"

#define MS	KT_NSEC_PER_MSEC

FIXTURE(meter)
{
	struct kt_meter m;
	struct kt_telemetry tm;
};

FIXTURE_SETUP(meter)
{
	memset(&self->tm, 0, sizeof(self->tm));
	kt_wakes_init(&self->tm.wakes, 0);
	self->tm.start_ns = kt_now_ns();
	self->tm.seen_ns = self->tm.start_ns;
	kt_meter_init(&self->m, &self->tm);
}

FIXTURE_TEARDOWN(meter)
{
	kt_close(&self->m.schedstat_fd);
}

static void spin_until(u64 until_ns)
{
	while (kt_now_ns() < until_ns)
		;
}

TEST_F(meter, a_sleep_that_ended)
{
	u64 until = kt_now_ns() + MS;

	kt_meter_sleep(&self->m, until);
	spin_until(until + MS);
	kt_meter_tick(&self->m);
	ASSERT_EQ(1, self->tm.wakes.nr);
	EXPECT_GE(self->tm.wakes.max_ns, MS);
	EXPECT_LE(self->tm.wakes.max_ns, kt_now_ns() - until);
	/* the next tick is none */
	kt_meter_tick(&self->m);
	EXPECT_EQ(1, self->tm.wakes.nr);
}

TEST_F(meter, a_sleep_that_was_cut_short)
{
	kt_meter_sleep(&self->m, kt_now_ns() + 3600 * KT_NSEC_PER_SEC);
	kt_meter_tick(&self->m);
	EXPECT_EQ(0, self->tm.wakes.nr);
}

TEST_F(meter, a_sleep_that_was_over_before_it_began)
{
	kt_meter_sleep(&self->m, kt_now_ns() - MS);
	kt_meter_tick(&self->m);
	EXPECT_EQ(0, self->tm.wakes.nr);
}

TEST_F(meter, a_freeze_is_no_latency)
{
	u64 until = kt_now_ns() + MS;

	kt_meter_sleep(&self->m, until);
	self->tm.frozen_ns += 3600 * KT_NSEC_PER_SEC;
	spin_until(until);
	kt_meter_tick(&self->m);
	EXPECT_EQ(0, self->tm.wakes.nr);
}

TEST_F(meter, a_wait_that_a_partner_ended)
{
	u64 woken;

	kt_meter_block(&self->m);
	woken = kt_now_ns() + 1;
	spin_until(woken + 1000);
	kt_meter_unblock(&self->m);
	kt_meter_woken(&self->m, woken);
	ASSERT_EQ(1, self->tm.wakes.nr);
	EXPECT_LE(self->tm.wakes.max_ns, kt_now_ns() - woken);
}

/* What the kernel says it was runnable is the most that a wait can tell. */
TEST_F(meter, a_waker_that_came_late_is_not_counted)
{
	u64 woken;

	if (self->m.schedstat_fd < 0)
		SKIP(return, "no schedstat");
	kt_meter_refresh(&self->m);
	kt_meter_block(&self->m);
	woken = kt_now_ns() + 1;
	spin_until(woken + 200 * MS);
	kt_meter_unblock(&self->m);
	kt_meter_woken(&self->m, woken);
	ASSERT_EQ(1, self->tm.wakes.nr);
	EXPECT_LE(self->tm.wakes.max_ns, self->m.delay_ns);
	EXPECT_LE(self->m.delay_ns, self->tm.run_delay_ns);
}

TEST_F(meter, notes_that_ended_no_wait)
{
	u64 before = kt_now_ns();

	spin_until(before + 1000);
	kt_meter_block(&self->m);
	kt_meter_unblock(&self->m);
	kt_meter_woken(&self->m, 0);
	kt_meter_woken(&self->m, before);
	kt_meter_woken(&self->m, kt_now_ns() + MS);
	EXPECT_EQ(0, self->tm.wakes.nr);
}

TEST_F(meter, where_it_ran)
{
	unsigned int cpu, node;

	ASSERT_EQ(0, getcpu(&cpu, &node));
	EXPECT_GE(kt_cpumask_weight(&self->tm.cpus), 1);
	EXPECT_EQ(0, self->tm.cross_node);
	/* as if it had come from elsewhere */
	self->tm.cpu = KT_MAX_CPUS - 1;
	self->tm.node = KT_MAX_NODES - 1;
	kt_meter_tick(&self->m);
	EXPECT_EQ(1, self->tm.migrations);
	EXPECT_EQ(1, self->tm.cross_node);
	/* and from another CPU of the same node */
	self->tm.cpu = KT_MAX_CPUS - 1;
	kt_meter_tick(&self->m);
	EXPECT_GE(self->tm.migrations, 2);
	EXPECT_LE(self->tm.cross_node, self->tm.migrations - 1);
}

TEST_F(meter, timers_have_no_slack)
{
	EXPECT_EQ(1, prctl(PR_GET_TIMERSLACK));
}

TEST_HARNESS_MAIN
