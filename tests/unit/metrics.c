// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metrics: numbers found in text of any kind, and judged.
 */
#include <kselftest_harness.h>

#include "ktstr/check/metrics.h"

#define NONE	-12345.0

static double by_regex(const char *regex, const char *text)
{
	const struct ktstr_metric m = { .name = "m", .regex = regex };
	double v = NONE;
	char why[256];

	return kt_metric_read(&m, text, &v, why, sizeof(why)) ? NONE : v;
}

static double by_json(const char *path, const char *text)
{
	const struct ktstr_metric m = { .name = "m", .json = path };
	double v = NONE;
	char why[256];

	return kt_metric_read(&m, text, &v, why, sizeof(why)) ? NONE : v;
}

TEST(regular_expressions)
{
	EXPECT_EQ(1.5, by_regex("Time: ([0-9.]+)", "x\nTime: 1.5\n"));
	EXPECT_EQ(-2e3, by_regex("^v=(.*)$", "v=1\nv=-2e3\n"));
	EXPECT_EQ(3, by_regex("([0-9])", "1 2 3"));
	EXPECT_EQ(NONE, by_regex("Time: ([0-9.]+)", "nothing"));
	EXPECT_EQ(NONE, by_regex("Time: ([0-9.]+)", ""));
	EXPECT_EQ(NONE, by_regex("v=(.*)", "v=1.2.3"));
	EXPECT_EQ(NONE, by_regex("v=(.*)", "v=nan"));
	EXPECT_EQ(NONE, by_regex("v=(.*)", "v="));
	EXPECT_EQ(NONE, by_regex("no group", "no group"));
	EXPECT_EQ(NONE, by_regex("(", "("));
	EXPECT_EQ(NONE, by_regex("(a)|(b)", "a"));
	/* matches nothing, everywhere */
	EXPECT_EQ(NONE, by_regex("(x*)", "abc\nabc"));
}

TEST(json_paths)
{
	const char *text = "{\"a\": {\"b\": [1, {\"c\": 2.5}]}, \"s\": \"3\"}";

	EXPECT_EQ(2.5, by_json("a.b[1].c", text));
	EXPECT_EQ(1, by_json("a.b[0]", text));
	EXPECT_EQ(7, by_json("[1]", "[1, 7]"));
	EXPECT_EQ(4, by_json("n", "starting\n{\"n\": 3}\n{\"n\": 4}\ndone\n"));
	EXPECT_EQ(NONE, by_json("s", text));
	EXPECT_EQ(NONE, by_json("a.b[9]", text));
	EXPECT_EQ(NONE, by_json("a.b[x]", text));
	EXPECT_EQ(NONE, by_json("a.b[1", text));
	EXPECT_EQ(NONE, by_json("a..b", text));
	EXPECT_EQ(NONE, by_json("a", ""));
	EXPECT_EQ(NONE, by_json("a", "{\"a\": "));
	EXPECT_EQ(NONE, by_json("a[18446744073709551616]", text));
}

TEST(bounds)
{
	static const struct ktstr_metric metrics[] = {
		{ .name = "fine", .regex = "v=([0-9]+)", .unit = "ms",
		  .lower = KTSTR_BOUND(10), .upper = KTSTR_BOUND(10) },
		{ .name = "small", .regex = "v=([0-9]+)", .lower = KTSTR_BOUND(11) },
		{ .name = "large", .regex = "v=([0-9]+)", .unit = "ms",
		  .upper = KTSTR_BOUND(0) },
		{ .name = "absent", .regex = "w=([0-9]+)" },
		{ .name = "neither" },
		{ .name = NULL },
	};
	const struct ktstr_payload p = { .name = "p", .metrics = metrics };
	static struct kt_verdict v;

	kt_verdict_init(&v, "t");
	kt_metrics_judge(&v, &p, "v=10");
	ASSERT_EQ(5, v.result.nr_details);
	EXPECT_EQ(5, v.judged);
	EXPECT_EQ(4, v.failing[KT_DETAIL_CLAIM]);
	EXPECT_STREQ("payload p: fine 10ms", v.result.details[0].text);
	EXPECT_STREQ("payload p: small 10 (lower bound 11)", v.result.details[1].text);
	EXPECT_STREQ("payload p: large 10ms (upper bound 0ms)", v.result.details[2].text);
	EXPECT_STREQ("payload p: metric absent: nothing in the output matches \"w=([0-9]+)\"",
		     v.result.details[3].text);
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
}

TEST_HARNESS_MAIN
