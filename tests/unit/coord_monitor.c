// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's rules over samples made up, with every exemption, and its ring.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/coord/coord.h"

#define MS		KT_NSEC_PER_MSEC
#define CPUS		4
#define LINE		512
#define SUSTAINED	5

FIXTURE(judge)
{
	struct kt_monitor mon;
	u64 now_ms;
};

FIXTURE_SETUP(judge)
{
	static const struct kt_monitor_opts opts = {
		.sample_ms = 100,
		.bounds = {
			.of = {
				[KT_RULE_IMBALANCE] = { 400, true },
				[KT_RULE_LOCAL_DSQ] = { 50, true },
				[KT_RULE_STALL] = { 1, true },
				[KT_RULE_FALLBACK] = { 200, true },
				[KT_RULE_KEEP_LAST] = { 100, false },
			},
			.sustained = SUSTAINED,
		},
	};

	kt_monitor_init(&self->mon, &opts);
	ASSERT_EQ(0, kt_monitor_prepare(&self->mon, CPUS, true));
	self->now_ms = 1000;
}

FIXTURE_TEARDOWN(judge)
{
	kt_monitor_fini(&self->mon);
}

/* A healthy one, 100 ms behind the last: two tasks on each CPU. */
static struct kt_monitor_sample *next(struct kt_monitor *mon, u64 *now_ms)
{
	struct kt_monitor_sample *s = kt_monitor_next(mon);
	u32 i;

	memset(s, 0, mon->sample_bytes);
	*now_ms += 100;
	s->at_ns = *now_ms * MS;
	s->running_ns = s->at_ns;
	s->workload_ns = s->at_ns - 1000 * MS;
	s->in_workload = true;
	s->sched.nr_cpus = CPUS;
	for (i = 0; i < CPUS; i++) {
		struct kt_cpu_sample *c = &s->sched.cpus[i];

		c->rq[KT_RQ_ONLINE] = 1;
		c->rq[KT_RQ_NR_RUNNING] = 2;
		c->rq[KT_RQ_CLOCK] = s->at_ns + i;
		c->curr_known = true;
		c->curr_pid = 70 + i;
		strcpy(c->curr_comm, "spinner");
		kt_monitor_ran(s)[i] = s->at_ns;
	}
	return s;
}

#define NEXT()	next(&self->mon, &self->now_ms)
#define PUT()	kt_monitor_put(&self->mon)
#define J	(&self->mon.judge)

static const char *line(const struct kt_monitor_judge *j, u32 i)
{
	static char buf[LINE];

	return i < j->nr ? kt_monitor_finding_str(&j->findings[i], buf,
						  sizeof(buf)) : "";
}

TEST_F(judge, healthy)
{
	u32 i;

	for (i = 0; i < 50; i++) {
		NEXT();
		PUT();
	}
	EXPECT_EQ(0, J->nr);
	EXPECT_EQ(0, J->failed);
	EXPECT_EQ(0, J->early);
}

TEST_F(judge, imbalance_when_sustained)
{
	u32 i;

	for (i = 0; i < SUSTAINED - 1; i++) {
		NEXT()->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = 9;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
	NEXT();
	PUT();
	for (i = 0; i < SUSTAINED + 2; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = i == 3 ? 12 : 9;
		s->sched.cpus[1].rq[KT_RQ_NR_RUNNING] = 0;
		PUT();
		EXPECT_EQ(i >= SUSTAINED - 1, J->nr);
	}
	EXPECT_EQ(1, J->failed);
	EXPECT_STREQ("imbalance 12.00 over 4.00: cpu2 has 12 runnable tasks, cpu1 0, for 600 ms from +600 ms (7 samples)",
		     line(J, 0));
	/* what comes behind a healthy sample is another one */
	NEXT();
	PUT();
	for (i = 0; i < SUSTAINED; i++) {
		NEXT()->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = 9;
		PUT();
	}
	EXPECT_EQ(2, J->nr);
}

TEST_F(judge, the_ratio_is_to_one_at_least_and_above)
{
	u32 i;

	/* 4 to 0 is 4.00, not above it */
	for (i = 0; i < 2 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.cpus[0].rq[KT_RQ_NR_RUNNING] = 4;
		s->sched.cpus[1].rq[KT_RQ_NR_RUNNING] = 0;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
}

TEST_F(judge, a_cpu_that_is_offline_is_not_empty)
{
	u32 i;

	for (i = 0; i < 2 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();
		u32 cpu;

		for (cpu = 0; cpu < CPUS; cpu++)
			s->sched.cpus[cpu].rq[KT_RQ_NR_RUNNING] = 6;
		s->sched.cpus[1].rq[KT_RQ_NR_RUNNING] = 0;
		s->sched.cpus[1].rq[KT_RQ_ONLINE] = 0;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
}

TEST_F(judge, local_dsq)
{
	u32 i;

	for (i = 0; i < SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.cpus[3].rq[KT_RQ_LOCAL_DSQ] = 51 + i;
		s->sched.cpus[0].rq[KT_RQ_LOCAL_DSQ] = 50;
		PUT();
	}
	ASSERT_EQ(1, J->nr);
	EXPECT_STREQ("local DSQ of cpu3 55 tasks deep, over 50, for 400 ms from +100 ms (5 samples)",
		     line(J, 0));
}

/* CPU 1's clock stands at 5, and it is as @say does it. */
static void stall(struct kt_monitor *mon, u64 *now_ms, u32 nr,
		  void (*say)(struct kt_monitor_sample *s,
			      struct kt_cpu_sample *c))
{
	struct kt_monitor_sample *s;
	u32 i;

	for (i = 0; i < nr; i++) {
		s = next(mon, now_ms);
		s->sched.cpus[1].rq[KT_RQ_CLOCK] = 5;
		if (say)
			say(s, &s->sched.cpus[1]);
		kt_monitor_put(mon);
	}
}

TEST_F(judge, stalled)
{
	stall(&self->mon, &self->now_ms, SUSTAINED, NULL);
	EXPECT_EQ(0, J->nr);
	stall(&self->mon, &self->now_ms, 1, NULL);
	ASSERT_EQ(1, J->nr);
	EXPECT_STREQ("stall: the clock of cpu1 stands still with 2 runnable tasks, spinner[71] on it, while the host ran it for 500 ms, for 400 ms from +200 ms (5 samples)",
		     line(J, 0));
}

static void nothing_to_run(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	c->rq[KT_RQ_NR_RUNNING] = 0;
}

static void idle(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	c->curr_pid = 0;
}

static void offline(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	c->rq[KT_RQ_ONLINE] = 0;
}

static void not_run(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	kt_monitor_ran(s)[1] = 7000 * MS;
}

/* A fifth of the time: of five intervals not half of one. */
static void hardly_run(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	kt_monitor_ran(s)[1] = s->at_ns / 5;
}

static void not_known(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	kt_monitor_ran(s)[1] = KT_RAN_UNKNOWN;
}

static void frozen(struct kt_monitor_sample *s, struct kt_cpu_sample *c)
{
	s->sched.cpus[0].rq[KT_RQ_CLOCK] = 5;
	s->sched.cpus[2].rq[KT_RQ_CLOCK] = 5;
	s->sched.cpus[3].rq[KT_RQ_CLOCK] = 5;
}

TEST_F(judge, exempt_from_stalls)
{
	stall(&self->mon, &self->now_ms, 20, nothing_to_run);
	stall(&self->mon, &self->now_ms, 20, idle);
	stall(&self->mon, &self->now_ms, 20, offline);
	stall(&self->mon, &self->now_ms, 20, not_run);
	NEXT();
	PUT();
	stall(&self->mon, &self->now_ms, SUSTAINED + 1, hardly_run);
	EXPECT_FALSE(J->ran_unknown);
	stall(&self->mon, &self->now_ms, 20, not_known);
	EXPECT_TRUE(J->ran_unknown);
	EXPECT_EQ(0, J->nr);
	EXPECT_EQ(0, J->early);
	/* all clocks the same: from before there was a scheduler */
	stall(&self->mon, &self->now_ms, 20, frozen);
	EXPECT_EQ(20, J->early);
	EXPECT_EQ(0, J->nr);
}

TEST_F(judge, a_stall_counts_the_time_that_it_was_run)
{
	/* in the long run the time comes together */
	stall(&self->mon, &self->now_ms, 20, hardly_run);
	EXPECT_EQ(1, J->nr);
}

TEST_F(judge, rates)
{
	u64 fallbacks = 1000, keep_lasts = 1000;
	u32 i;

	for (i = 0; i < SUSTAINED + 1; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.has_events = true;
		s->sched.fallbacks = fallbacks += 30;
		s->sched.keep_lasts = keep_lasts += 10;
		PUT();
	}
	ASSERT_EQ(1, J->nr);
	EXPECT_STREQ("select_cpu fallbacks 300/s over 200/s, for 400 ms from +200 ms (5 samples)",
		     line(J, 0));
	for (i = 0; i < SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.has_events = true;
		s->sched.fallbacks = fallbacks;
		s->sched.keep_lasts = keep_lasts += 11;
		PUT();
	}
	EXPECT_EQ(2, J->nr);
	EXPECT_EQ(1, J->failed);
	EXPECT_FALSE(J->findings[1].fails);
}

TEST_F(judge, rates_begin_anew_with_a_scheduler)
{
	u32 i;

	for (i = 0; i < 4 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		/* each one counts from 0: none of them gets far */
		s->sched.has_events = i % 4 != 3;
		s->sched.fallbacks = i % 4 * 100;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
	EXPECT_TRUE(J->has_events);
}

TEST_F(judge, frozen_time_is_no_time)
{
	u64 fallbacks = 0, running_ms = 0;
	u32 i;

	/* 30 in 50 ms of running are 600 a second */
	for (i = 0; i < SUSTAINED + 1; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->running_ns = (running_ms += 50) * MS;
		s->sched.has_events = true;
		s->sched.fallbacks = fallbacks += 15;
		PUT();
	}
	ASSERT_EQ(1, J->nr);
	EXPECT_EQ(300, J->findings[0].worst);
}

TEST_F(judge, only_the_workload)
{
	u32 i;

	for (i = 0; i < 4 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = 90;
		s->in_workload = i % SUSTAINED;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
}

TEST_F(judge, early_samples)
{
	u32 i;

	for (i = 0; i < 4 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = 90;
		s->sched.cpus[1].rq[KT_RQ_LOCAL_DSQ] = 10001;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
	EXPECT_EQ(4 * SUSTAINED, J->early);
}

TEST_F(judge, off)
{
	u32 i;

	memset(J->bounds.of, 0, sizeof(J->bounds.of));
	for (i = 0; i < 4 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();

		s->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = UINT32_MAX;
		s->sched.cpus[1].rq[KT_RQ_LOCAL_DSQ] = 9999;
		s->sched.cpus[3].rq[KT_RQ_CLOCK] = 5;
		s->sched.has_events = true;
		s->sched.fallbacks = i * 1000000;
		PUT();
	}
	EXPECT_EQ(0, J->nr);
}

TEST_F(judge, notes_leave_room_for_what_fails)
{
	u32 i;

	J->bounds.of[KT_RULE_IMBALANCE].fails = false;
	/* each second streak is another finding */
	for (i = 0; i < 60 * (SUSTAINED + 1); i++) {
		if (i % (SUSTAINED + 1))
			NEXT()->sched.cpus[2].rq[KT_RQ_NR_RUNNING] = 90;
		else
			NEXT();
		PUT();
	}
	EXPECT_EQ(KT_MONITOR_MAX_FINDINGS / 2, J->nr);
	EXPECT_EQ(60 - KT_MONITOR_MAX_FINDINGS / 2, J->dropped);
	EXPECT_EQ(0, J->failed);
	for (i = 0; i < SUSTAINED; i++) {
		NEXT()->sched.cpus[1].rq[KT_RQ_LOCAL_DSQ] = 60;
		PUT();
	}
	EXPECT_EQ(KT_MONITOR_MAX_FINDINGS / 2 + 1, J->nr);
	EXPECT_EQ(1, J->failed);
}

TEST_F(judge, numbers_that_cannot_be)
{
	u32 i;

	for (i = 0; i < 2 * SUSTAINED; i++) {
		struct kt_monitor_sample *s = NEXT();
		u32 cpu;

		for (cpu = 0; cpu < CPUS; cpu++)
			memset(s->sched.cpus[cpu].rq, 0xff,
			       sizeof(s->sched.cpus[cpu].rq));
		for (cpu = 0; cpu < CPUS; cpu++)
			s->sched.cpus[cpu].rq[KT_RQ_LOCAL_DSQ] = 9999;
		s->sched.cpus[0].rq[KT_RQ_CLOCK] = i;
		memset(s->sched.cpus[1].curr_comm, '\n', KT_COMM_BYTES);
		s->sched.has_events = true;
		s->sched.fallbacks = i % 2 ? UINT64_MAX : 0;
		s->running_ns = i;
		PUT();
	}
	EXPECT_EQ(CPUS + 3, J->nr);	/* their queues; three stand still */
	for (i = 0; i < J->nr; i++)
		EXPECT_EQ(NULL, strchr(line(J, i), '\n'));
}

TEST_F(judge, the_ring_wraps)
{
	u32 i, nr = self->mon.nr_ring;

	EXPECT_EQ(KT_MONITOR_MAX_RING, nr);
	for (i = 0; i < nr + 7; i++) {
		NEXT();
		PUT();
		if (i + 1 < nr)
			EXPECT_EQ(i + 1, kt_monitor_nr(&self->mon));
	}
	EXPECT_EQ(nr, kt_monitor_nr(&self->mon));
	EXPECT_EQ((1000 + 8 * 100) * MS, kt_monitor_get(&self->mon, 0)->at_ns);
	EXPECT_EQ(self->now_ms * MS, kt_monitor_get(&self->mon, nr - 1)->at_ns);
	EXPECT_EQ(NULL, kt_monitor_get(&self->mon, nr));
}

TEST(the_ring_of_the_largest_machine)
{
	const struct kt_monitor_opts opts = { .sample_ms = 100 };
	struct kt_monitor mon;

	kt_monitor_init(&mon, &opts);
	EXPECT_EQ(1, mon.opts.bounds.sustained);
	ASSERT_EQ(0, kt_monitor_prepare(&mon, KT_SAMPLE_MAX_CPUS, true));
	EXPECT_LE(KT_MONITOR_MIN_RING, mon.nr_ring);
	EXPECT_GE(KT_MONITOR_RING_BYTES, mon.nr_ring * mon.sample_bytes);
	kt_monitor_fini(&mon);
}

TEST(faster_samples_are_more_samples)
{
	const struct kt_monitor_bounds bounds = { .sustained = 5 };
	struct kt_monitor_judge j;

	ASSERT_EQ(0, kt_monitor_judge_init(&j, &bounds, 1 * MS, 1, true));
	EXPECT_EQ(500, j.bounds.sustained);
	kt_monitor_judge_fini(&j);
	ASSERT_EQ(0, kt_monitor_judge_init(&j, &bounds, 300 * MS, 1, true));
	EXPECT_EQ(5, j.bounds.sustained);
	kt_monitor_judge_fini(&j);
}

TEST(when_the_next_one_is_due)
{
	const struct kt_monitor_opts off = {}, on = { .sample_ms = 100 };
	struct kt_monitor mon;

	kt_monitor_init(&mon, &off);
	EXPECT_EQ(UINT64_MAX, kt_monitor_left_ns(&mon, 0));
	kt_monitor_init(&mon, &on);
	EXPECT_EQ(0, kt_monitor_left_ns(&mon, 0));
	mon.next_at_ns = 300;
	EXPECT_EQ(100, kt_monitor_left_ns(&mon, 200));
	EXPECT_EQ(0, kt_monitor_left_ns(&mon, 400));
}

/* That there is no vmlinux is found out by looking. */
TEST(no_look_while_the_guest_reads_its_plan)
{
	static const struct kt_monitor_opts opts = { .sample_ms = 100 };
	struct kt_coord *c = calloc(1, sizeof(*c));
	struct kt_machine m = {};

	ASSERT_NE(NULL, c);
	kt_monitor_init(&c->monitor, &opts);
	c->watchdog.stage = KT_STAGE_INIT;
	c->begun = true;
	kt_monitor_turn(c, &m);
	EXPECT_FALSE(c->monitor.ended);
	EXPECT_STREQ("", c->monitor.why);
	c->answer_ns = 1;
	c->monitor.next_at_ns = 0;
	kt_monitor_turn(c, &m);
	EXPECT_TRUE(c->monitor.ended);
	EXPECT_NE(NULL, strstr(c->monitor.why, "no vmlinux"));
	kt_monitor_fini(&c->monitor);
	free(c);
}

TEST_HARNESS_MAIN
