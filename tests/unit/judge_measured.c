// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on what was measured: rates, wake latencies, migrations, pages.
 * Each is silent at its bound, fires one beyond it, is off when unset, says
 * what was seen, and tells when there was nothing to judge.
 */
#include <kselftest_harness.h>

#include "ktstr/check/judge.h"
#include "ktstr/check/spread.h"

#define MS	KT_NSEC_PER_MSEC
#define US	1000ULL

FIXTURE(judge)
{
	struct kt_verdict v;
	struct kt_thresholds th;
	struct kt_guest_topology topo;
	struct kt_worker_report reports[16];
	struct kt_judge_input in;
};

/*
 * Two workers of cgroup `left`, a second each, on a machine of two nodes with
 * two CPUs each and a third one without.
 */
FIXTURE_SETUP(judge)
{
	u32 i;

	memset(self, 0, sizeof(*self));
	kt_verdict_init(&self->v, "judge");
	kt_cpumask_parse(&self->topo.online, "0-3");
	kt_cpumask_parse(&self->topo.nodes[0], "0-1");
	kt_cpumask_parse(&self->topo.nodes[1], "2-3");
	self->topo.nr_nodes = 3;
	self->topo.nodes_online = 7;
	for (i = 0; i < ARRAY_SIZE(self->reports); i++) {
		struct kt_worker_report *r = &self->reports[i];

		r->tid = 80 + i;
		r->wall_ns = 1000 * MS;
		r->cpu_ns = 500 * MS;
		r->iterations = 100;
		r->work_units = 1000;
		kt_cpumask_set(&r->cpus, i % 4);
		kt_wakes_init(&r->wakes, i);
	}
	self->in = (struct kt_judge_input){
		.cgroup = "left",
		.reports = self->reports,
		.nr = 2,
		.topo = &self->topo,
	};
}

FIXTURE_TEARDOWN(judge)
{
}

#define JUDGE()		kt_judge_cgroup(&self->v, &self->th, &self->in)
#define NR		(self->v.result.nr_details)
#define DETAIL(i)	(self->v.result.details[i])
#define STATS		(&self->v.result.cgroups[0])

#define EXPECT_SILENT() do {						\
	JUDGE();							\
	EXPECT_EQ(0, NR) {						\
		TH_LOG("%s", DETAIL(0).text);				\
	}								\
	EXPECT_EQ(1, self->v.judged);					\
} while (0)

#define EXPECT_ONE(kind_, text_) do {					\
	JUDGE();							\
	ASSERT_EQ(1, NR);						\
	EXPECT_EQ(kind_, DETAIL(0).kind);				\
	EXPECT_STREQ(text_, DETAIL(0).text);				\
	EXPECT_EQ(1, self->v.judged);					\
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&self->v));		\
} while (0)

/* A note, and nothing judged. */
#define EXPECT_UNJUDGED(text_) do {					\
	JUDGE();							\
	JUDGE();							\
	ASSERT_EQ(1, NR);						\
	EXPECT_EQ(KT_DETAIL_INFO, DETAIL(0).kind);			\
	EXPECT_STREQ(text_, DETAIL(0).text);				\
	EXPECT_EQ(0, self->v.judged);					\
} while (0)

/* 1000 and 3000 a second: 2000 in the mean, 1000 off it, 50 % */
TEST_F(judge, parity_at_its_bound)
{
	self->th.throughput_cv_pct = 50;
	self->reports[0].work_units = 500;
	self->reports[1].work_units = 1500;
	EXPECT_SILENT();
	EXPECT_EQ(50, STATS->throughput_cv_pct);
}

TEST_F(judge, parity_beyond_it)
{
	self->th.throughput_cv_pct = 49;
	self->reports[0].work_units = 500;
	self->reports[1].work_units = 1500;
	EXPECT_ONE(KT_DETAIL_RATE,
		   "cgroup left: work per CPU time varies by 50% (bound 49%; min 1000/s tid 80, max 3000/s tid 81)");
}

/* The same work in half the time is no parity; half the work in it is. */
TEST_F(judge, parity_is_of_cpu_time)
{
	self->th.throughput_cv_pct = 1;
	self->reports[1].cpu_ns = 250 * MS;
	self->reports[1].work_units = 500;
	EXPECT_SILENT();
}

TEST_F(judge, parity_of_one)
{
	self->th.throughput_cv_pct = 1;
	self->reports[1].cpu_ns = 0;
	EXPECT_UNJUDGED("cgroup left: fewer than 2 workers had CPU time: throughput parity was not judged");
}

TEST_F(judge, throughput_at_its_floor)
{
	self->th.throughput_per_s = 1000;
	EXPECT_SILENT();
	EXPECT_EQ(2000, STATS->work_units);
}

TEST_F(judge, throughput_below_it)
{
	self->th.throughput_per_s = 1000;
	self->reports[1].work_units = 999;
	EXPECT_ONE(KT_DETAIL_RATE,
		   "tid 81 in cgroup left did 999 work units/s (at least 1000/s expected)");
}

TEST_F(judge, iterations_at_their_floor)
{
	self->th.iterations_per_s = 100;
	EXPECT_SILENT();
}

TEST_F(judge, iterations_below_it)
{
	self->th.iterations_per_s = 100;
	self->reports[0].wall_ns = 1011 * MS;
	EXPECT_ONE(KT_DETAIL_RATE,
		   "tid 80 in cgroup left did 98 iterations/s (at least 100/s expected)");
}

TEST_F(judge, many_slow_ones_are_summed_up)
{
	self->in.nr = 16;
	self->th.iterations_per_s = 101;
	JUDGE();
	ASSERT_EQ(9, NR);
	EXPECT_STREQ("cgroup left: 8 more workers were as slow", DETAIL(8).text);
}

TEST_F(judge, migrations_at_their_bound)
{
	self->th.migrations_per_1000 = 30;
	self->reports[0].migrations = 6;	/* of 200 iterations */
	EXPECT_SILENT();
}

TEST_F(judge, migrations_beyond_it)
{
	self->th.migrations_per_1000 = 30;
	self->reports[0].migrations = 6;
	self->reports[1].migrations = 1;
	EXPECT_ONE(KT_DETAIL_RATE,
		   "cgroup left: 35 migrations per 1000 iterations (bound 30; 7 in 200)");
}

TEST_F(judge, migrations_of_idlers)
{
	self->th.migrations_per_1000 = 30;
	self->reports[0].iterations = 0;
	self->reports[1].iterations = 0;
	EXPECT_UNJUDGED("cgroup left: no iteration was completed: its migrations were not judged");
}

/* 1 to 100 us, the even ones of the first, the odd ones of the second */
static void add_hundred(struct kt_worker_report *reports)
{
	u32 i;

	for (i = 1; i <= 100; i++)
		kt_wakes_add(&reports[i % 2].wakes, i * US);
}

TEST_F(judge, wakes_at_their_bound)
{
	self->th.wake_p99_us = 99;
	add_hundred(self->reports);
	EXPECT_SILENT();
	EXPECT_EQ(100, STATS->wakes);
	EXPECT_EQ(50, STATS->wake_p50_us);
	EXPECT_EQ(99, STATS->wake_p99_us);
	EXPECT_EQ(100, STATS->wake_max_us);
	EXPECT_EQ(57, STATS->wake_cv_pct);
}

TEST_F(judge, wakes_beyond_it)
{
	self->th.wake_p99_us = 98;
	add_hundred(self->reports);
	EXPECT_ONE(KT_DETAIL_WAKE,
		   "cgroup left: p99 wake latency 99us (bound 98us; 100 wakes, p50 50us, max 100us)");
}

TEST_F(judge, a_full_reservoir_weighs_what_it_stands_for)
{
	u32 i;

	/* 10 slow wakes of one worker, a thousand times as many of the other */
	for (i = 0; i < 10; i++)
		kt_wakes_add(&self->reports[0].wakes, 5000 * US);
	for (i = 0; i < 10000; i++)
		kt_wakes_add(&self->reports[1].wakes, 3 * US);
	self->th.wake_p99_us = 3;
	EXPECT_SILENT();
	EXPECT_EQ(3, STATS->wake_p50_us);
	EXPECT_EQ(5000, STATS->wake_max_us);
	EXPECT_EQ(10010, STATS->wakes);
}

TEST_F(judge, wake_variation_at_its_bound)
{
	self->th.wake_cv_pct = 57;
	add_hundred(self->reports);
	EXPECT_SILENT();
}

TEST_F(judge, wake_variation_beyond_it)
{
	self->th.wake_cv_pct = 56;
	add_hundred(self->reports);
	EXPECT_ONE(KT_DETAIL_WAKE,
		   "cgroup left: wake latency varies by 57% (bound 56%; 100 wakes, mean 50us, max 100us)");
}

TEST_F(judge, no_wakes)
{
	self->th.wake_p99_us = 1;
	EXPECT_UNJUDGED("cgroup left: no wake was measured: wake latency was not judged");
}

/* 100 pages each; the first's cpuset is node 0, the second may run anywhere. */
static void add_pages(struct kt_worker_report *reports,
		      const struct kt_guest_topology *topo)
{
	reports[0].allowed = &topo->nodes[0];
	reports[0].pages[0] = 60;
	reports[0].pages[1] = 40;
	reports[1].pages[1] = 90;
	reports[1].pages[2] = 10;
}

TEST_F(judge, locality_at_its_floor)
{
	self->th.page_locality_pct = 75;
	add_pages(self->reports, &self->topo);
	EXPECT_SILENT();
	EXPECT_EQ(200, STATS->pages);
	EXPECT_EQ(75, STATS->local_pct);
	EXPECT_EQ(5, STATS->slow_pct);
}

TEST_F(judge, locality_below_it)
{
	self->th.page_locality_pct = 76;
	add_pages(self->reports, &self->topo);
	EXPECT_ONE(KT_DETAIL_NUMA,
		   "cgroup left: 75% of 200 pages on nodes of its CPUs (at least 76% expected; node 0 30%, node 1 65%, node 2 5%)");
}

TEST_F(judge, locality_of_the_cgroups_cpus)
{
	self->th.page_locality_pct = 100;
	self->in.cpus = &self->topo.nodes[1];
	self->reports[0].pages[1] = 1;
	self->reports[1].pages[0] = 1;
	EXPECT_ONE(KT_DETAIL_NUMA,
		   "cgroup left: 50% of 2 pages on nodes of its CPUs (at least 100% expected; node 0 50%, node 1 50%)");
}

TEST_F(judge, slow_tier_at_its_bound)
{
	self->th.slow_tier_pct = 5;
	add_pages(self->reports, &self->topo);
	EXPECT_SILENT();
}

TEST_F(judge, slow_tier_beyond_it)
{
	self->th.slow_tier_pct = 4;
	add_pages(self->reports, &self->topo);
	EXPECT_ONE(KT_DETAIL_NUMA,
		   "cgroup left: 5% of 200 pages on nodes without CPUs (bound 4%; node 0 30%, node 1 65%, node 2 5%)");
}

TEST_F(judge, pages_on_every_node)
{
	u32 i;

	self->th.page_locality_pct = 100;
	for (i = 0; i < KT_MAX_NODES; i++)
		self->reports[0].pages[i] = UINT32_MAX;
	JUDGE();
	ASSERT_EQ(1, NR);
	EXPECT_NE(NULL, strstr(DETAIL(0).text, "3% of 274877906880 pages"));
}

TEST_F(judge, no_pages)
{
	self->th.page_locality_pct = 1;
	EXPECT_UNJUDGED("cgroup left: no memory of its workers' own was seen on a machine of several nodes: their pages were not judged");
}

TEST_F(judge, crossings_at_their_bound)
{
	self->th.cross_node_pct = 25;
	self->reports[0].migrations = 8;
	self->reports[0].cross_node = 2;
	EXPECT_SILENT();
	EXPECT_EQ(2, STATS->cross_node);
}

TEST_F(judge, crossings_beyond_it)
{
	self->th.cross_node_pct = 24;
	self->reports[0].migrations = 8;
	self->reports[0].cross_node = 2;
	EXPECT_ONE(KT_DETAIL_NUMA,
		   "cgroup left: 25% of 8 migrations to another node (bound 24%; 2)");
}

TEST_F(judge, no_migrations_cross_nothing)
{
	self->th.cross_node_pct = 1;
	EXPECT_SILENT();
}

TEST_F(judge, unset_checks_are_silent)
{
	self->th = (struct kt_thresholds){
		KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET,
		KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET,
		KT_UNSET,
	};
	self->reports[0].work_units = 1;
	self->reports[0].migrations = 1000;
	self->reports[0].cross_node = 1000;
	add_hundred(self->reports);
	add_pages(self->reports, &self->topo);
	JUDGE();
	EXPECT_EQ(0, NR);
	EXPECT_EQ(0, self->v.judged);
}

TEST_F(judge, other_statistics)
{
	self->reports[0].cpu_ns = 250 * MS;
	self->reports[0].run_delay_ns = 3;
	self->reports[1].run_delay_ns = 4;
	self->reports[0].slices = 5;
	self->reports[1].slices = 6;
	kt_cpumask_set(&self->reports[0].cpus, 1);
	kt_cpumask_set(&self->reports[0].cpus, 3);
	JUDGE();
	EXPECT_EQ(62, STATS->off_cpu_pct);
	EXPECT_EQ(7, STATS->run_delay_ns);
	EXPECT_EQ(11, STATS->slices);
	EXPECT_EQ(3, STATS->cpus_used);
}

TEST_F(judge, many_workers)
{
	static struct kt_worker_report many[4096];
	u32 i, j;

	/* 4 of 5 wakes last 1 us, all of the last 41 workers 7 us */
	for (i = 0; i < ARRAY_SIZE(many); i++) {
		kt_wakes_init(&many[i].wakes, i);
		for (j = 0; j < 300; j++)
			kt_wakes_add(&many[i].wakes, (i < 4055 ? 1 : 7) * US);
	}
	self->in.reports = many;
	self->in.nr = ARRAY_SIZE(many);
	JUDGE();
	EXPECT_EQ(4096 * 300, STATS->wakes);
	EXPECT_EQ(1, STATS->wake_p50_us);
	EXPECT_EQ(7, STATS->wake_p99_us);
}

TEST(variation)
{
	EXPECT_EQ(0, kt_spread_cv_pct(0, 0, 0));
	EXPECT_EQ(0, kt_spread_cv_pct(1, 5, 25));
	EXPECT_EQ(0, kt_spread_cv_pct(3, 15, 75));
	EXPECT_EQ(0, kt_spread_cv_pct(3, 0.3, 0.03));	/* but for rounding */
	EXPECT_EQ(100, kt_spread_cv_pct(2, 4, 16));	/* 0 and 4 */
	EXPECT_EQ(0, kt_spread_cv_pct(2, 0, 16));
	EXPECT_EQ(UINT32_MAX, kt_spread_cv_pct(2, 1 / 0x1p600, 0x1p600));
}

TEST(shares)
{
	EXPECT_EQ(0, kt_spread_pct(5, 0));
	EXPECT_EQ(33, kt_spread_pct(1, 3));
	EXPECT_EQ(100, kt_spread_pct(UINT64_MAX, UINT64_MAX));
	EXPECT_EQ(UINT32_MAX, kt_spread_pct(UINT64_MAX, 1));
}

TEST_HARNESS_MAIN
