// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thresholds and cgroups in words: what is told, what is left out, and how
 * much of it.
 */
#include <kselftest_harness.h>

#include "ktstr/host/cgroups.h"

static struct kt_result r;
static struct kt_case c;

static char *report(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	kt_cgroups_report(out, &r);
	fclose(out);
	return text;
}

static char *thresholds(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	kt_cgroups_thresholds(out, &c);
	fclose(out);
	return text;
}

static u32 lines(const char *text)
{
	u32 nr = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		nr++;
	}
	return nr;
}

TEST(all_that_is_known)
{
	char *text;

	memset(&r, 0, sizeof(r));
	r.nr_cgroups = 1;
	r.cgroups[0] = (struct kt_cgroup_stats){
		.name = "left", .workers = 2, .iterations = 3,
		.min_share_pct = 4, .max_share_pct = 5, .longest_gap_ms = 6,
		.migrations = 7, .work_units = 8, .throughput_cv_pct = 9,
		.off_cpu_pct = 10, .run_delay_ns = 11000000, .slices = 12,
		.cpus_used = 13, .cross_node = 14, .wakes = 15,
		.wake_p50_us = 16, .wake_p99_us = 17, .wake_max_us = 18,
		.wake_cv_pct = 19, .pages = 20, .local_pct = 21,
		.slow_pct = 22,
	};
	text = report();
	ASSERT_NE(NULL, text);
	EXPECT_STREQ("cgroup left: 2 workers, 3 iterations, CPU share 4..5%, longest gap 6 ms, 7 migrations\n"
		     "cgroup left: 15 wakes, latency p50 16 us, p99 17 us, longest 18 us, varying by 19%\n"
		     "cgroup left: 8 work units, varying by 9%, off CPU 10%, run delay 11 ms, 12 slices on 13 CPUs\n"
		     "cgroup left: 20 pages, 21% on nodes of its CPUs, 22% on nodes without CPUs; 14 migrations to another node\n",
		     text);
	free(text);
}

TEST(nothing_of_what_was_not_measured)
{
	char *text;

	memset(&r, 0, sizeof(r));
	r.nr_cgroups = 2;
	r.cgroups[0].workers = 1;
	text = report();
	ASSERT_NE(NULL, text);
	EXPECT_EQ(NULL, strstr(text, "wakes"));
	EXPECT_EQ(NULL, strstr(text, "pages"));
	EXPECT_EQ(3, lines(text));	/* one of a cgroup without workers */
	free(text);
}

TEST(many_are_told_in_short)
{
	char *text;
	u32 i;

	memset(&r, 0, sizeof(r));
	r.nr_cgroups = KT_MAX_CGROUP_STATS;
	for (i = 0; i < r.nr_cgroups; i++)
		r.cgroups[i].workers = 1;
	text = report();
	ASSERT_NE(NULL, text);
	EXPECT_EQ(KT_MAX_CGROUP_STATS + 16, lines(text));
	free(text);
}

TEST(thresholds_that_the_slowdown_scales)
{
	char *text;

	memset(&c, 0, sizeof(c));
	c.slowdown_pct = 2050;
	c.plan.thresholds = (struct kt_thresholds){
		.wake_p99_us = 1, .throughput_per_s = 2, .iterations_per_s = 3,
		.migrations_per_1000 = 4, .wake_cv_pct = 5,
	};
	text = thresholds();
	ASSERT_NE(NULL, text);
	EXPECT_STREQ("thresholds of wakes and rates for a machine 20.50 times slower: p99 wake latency 1 us, at least 2 work units/s, at least 3 iterations/s, at most 4 migrations per 1000 iterations\n",
		     text);
	free(text);
}

TEST(no_such_threshold_no_line)
{
	char *text;

	memset(&c, 0, sizeof(c));
	c.plan.thresholds.wake_cv_pct = 5;
	c.plan.thresholds.wake_p99_us = KT_UNSET;
	text = thresholds();
	ASSERT_NE(NULL, text);
	EXPECT_STREQ("", text);
	free(text);
}

TEST_HARNESS_MAIN
