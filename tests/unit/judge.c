// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on workers: each fires beyond its bound, is silent at it, is off
 * when unset, and says what was seen.
 */
#include <kselftest_harness.h>

#include "ktstr/check/judge.h"

#define MS	KT_NSEC_PER_MSEC

FIXTURE(judge)
{
	struct kt_verdict v;
	struct kt_thresholds th;
	struct kt_worker_report reports[16];
	struct kt_cpumask cpus;
	struct kt_judge_input in;
};

/* Two workers of cgroup `left` who did well on CPUs 0 and 1 for a second. */
FIXTURE_SETUP(judge)
{
	u32 i;

	memset(self, 0, sizeof(*self));
	kt_verdict_init(&self->v, "judge");
	self->th = (struct kt_thresholds){ 1, 20, 2000, 1 };
	kt_cpumask_parse(&self->cpus, "0-1");
	for (i = 0; i < ARRAY_SIZE(self->reports); i++) {
		struct kt_worker_report *r = &self->reports[i];

		r->tid = 80 + i;
		r->wall_ns = 1000 * MS;
		r->cpu_ns = 500 * MS;
		r->iterations = 10;
		r->migrations = 1;
		r->gap_ns = 3 * MS;
		r->gap_at_ns = 5000 * MS;
		kt_cpumask_set(&r->cpus, i % 2);
	}
	self->in = (struct kt_judge_input){
		.cgroup = "left",
		.cpus = &self->cpus,
		.reports = self->reports,
		.nr = 2,
		.start_ns = 4000 * MS,
	};
}

FIXTURE_TEARDOWN(judge)
{
}

#define JUDGE()		kt_judge_cgroup(&self->v, &self->th, &self->in)
#define DETAIL(i)	(self->v.result.details[i])

TEST_F(judge, all_is_well)
{
	JUDGE();
	EXPECT_EQ(0, self->v.result.nr_details);
	EXPECT_EQ(4, self->v.judged);
	EXPECT_EQ(KT_PASS, kt_verdict_finish(&self->v));
}

TEST_F(judge, starved)
{
	self->reports[1].iterations = 0;
	JUDGE();
	ASSERT_EQ(1, self->v.result.nr_details);
	EXPECT_EQ(KT_DETAIL_STARVED, DETAIL(0).kind);
	EXPECT_STREQ("tid 81 completed no work in 1000ms (at least 1 iteration expected)",
		     DETAIL(0).text);
}

TEST_F(judge, a_slow_machine_has_longer)
{
	self->reports[1].iterations = 0;
	self->reports[1].wall_ns = 300 * MS;
	self->th = (struct kt_thresholds){ .starvation = 1 };
	self->in.speed_pct = 25;
	JUDGE();
	EXPECT_EQ(0, self->v.result.nr_details);
	self->reports[1].wall_ns = 500 * MS;
	self->in.speed_pct = 1;
	JUDGE();
	EXPECT_EQ(1, self->v.result.nr_details);
}

TEST_F(judge, gap_beyond_the_bound)
{
	self->reports[0].gap_ns = 2000 * MS;	/* at the bound: silent */
	self->reports[1].gap_ns = 3500 * MS;
	self->reports[1].gap_at_ns = 5200 * MS;
	self->reports[1].gap_cpu = 1;
	JUDGE();
	ASSERT_EQ(1, self->v.result.nr_details);
	EXPECT_EQ(KT_DETAIL_GAP, DETAIL(0).kind);
	EXPECT_STREQ("tid 81 stuck 3500ms on cpu1 at +1200ms (threshold 2000ms)",
		     DETAIL(0).text);
}

TEST_F(judge, outside_its_cpuset)
{
	kt_cpumask_set(&self->reports[0].cpus, 3);
	JUDGE();
	ASSERT_EQ(1, self->v.result.nr_details);
	EXPECT_EQ(KT_DETAIL_ISOLATION, DETAIL(0).kind);
	EXPECT_STREQ("tid 80 in cgroup left ran on cpu3, outside its cpuset 0-1",
		     DETAIL(0).text);
}

TEST_F(judge, no_cpuset_no_isolation)
{
	self->in.cpus = NULL;
	kt_cpumask_set(&self->reports[0].cpus, 3);
	JUDGE();
	EXPECT_EQ(0, self->v.result.nr_details);
	EXPECT_EQ(3, self->v.judged);
}

TEST_F(judge, unfair)
{
	self->reports[0].cpu_ns = 50 * MS;
	JUDGE();
	ASSERT_EQ(1, self->v.result.nr_details);
	EXPECT_EQ(KT_DETAIL_UNFAIR, DETAIL(0).kind);
	EXPECT_STREQ("cgroup left: CPU share spread 45pp (bound 20pp; min 5% tid 80, max 50% tid 81)",
		     DETAIL(0).text);
}

TEST_F(judge, spread_at_the_bound)
{
	self->reports[0].cpu_ns = 300 * MS;
	JUDGE();
	EXPECT_EQ(0, self->v.result.nr_details);
}

TEST_F(judge, died_untold)
{
	self->reports[0].died = true;
	self->reports[0].status = 9;
	self->reports[0].iterations = 0;
	JUDGE();
	ASSERT_EQ(1, self->v.result.nr_details);
	EXPECT_EQ(KT_DETAIL_ENV, DETAIL(0).kind);
	EXPECT_NE(NULL, strstr(DETAIL(0).text, "SIGKILL"));
}

TEST_F(judge, unset_checks_are_silent)
{
	self->th = (struct kt_thresholds){ KT_UNSET, KT_UNSET, KT_UNSET,
					   KT_UNSET };
	memset(&self->reports[0], 0, sizeof(self->reports[0]));
	self->reports[0].gap_ns = 9000 * MS;
	kt_cpumask_set(&self->reports[0].cpus, 7);
	JUDGE();
	EXPECT_EQ(0, self->v.result.nr_details);
	EXPECT_EQ(0, self->v.judged);
}

TEST_F(judge, many_are_summed_up)
{
	u32 i;

	self->in.nr = 16;
	for (i = 0; i < 16; i++)
		self->reports[i].iterations = 0;
	JUDGE();
	ASSERT_EQ(9, self->v.result.nr_details);
	EXPECT_STREQ("cgroup left: 8 more workers completed no work",
		     DETAIL(8).text);
}

TEST_F(judge, statistics)
{
	const struct kt_cgroup_stats *s = &self->v.result.cgroups[0];

	self->reports[0].cpu_ns = 300 * MS;
	self->reports[1].gap_ns = 70 * MS;
	self->reports[1].gap_cpu = 5;
	JUDGE();
	ASSERT_EQ(1, self->v.result.nr_cgroups);
	EXPECT_STREQ("left", s->name);
	EXPECT_EQ(2, s->workers);
	EXPECT_EQ(20, s->iterations);
	EXPECT_EQ(800 * MS, s->cpu_ns);
	EXPECT_EQ(30, s->min_share_pct);
	EXPECT_EQ(50, s->max_share_pct);
	EXPECT_EQ(20, s->spread_pct);
	EXPECT_EQ(70, s->longest_gap_ms);
	EXPECT_EQ(5, s->gap_cpu);
	EXPECT_EQ(2, s->migrations);
}

TEST_F(judge, no_workers_no_checks)
{
	self->in.nr = 0;
	JUDGE();
	EXPECT_EQ(1, self->v.result.nr_cgroups);
	EXPECT_EQ(0, self->v.judged);
	EXPECT_EQ(0, self->v.result.nr_details);
}

TEST_F(judge, a_share_is_never_above_all)
{
	self->reports[0].cpu_ns = 5000 * MS;
	self->reports[1].wall_ns = 0;
	JUDGE();
	EXPECT_EQ(100, self->v.result.cgroups[0].max_share_pct);
	EXPECT_EQ(0, self->v.result.cgroups[0].min_share_pct);
}

TEST_HARNESS_MAIN
