// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each pattern: what keeps to it, what breaks it and how that is told, and
 * what a missing sample does.
 */
#include <kselftest_harness.h>

#include "ktstr/check/temporal.h"

#define GAP	(-1e9L)		/* a sample that is missing */
#define MAX	16

FIXTURE(temporal)
{
	struct kt_strbuf text;
	struct kt_sample v[2][MAX];
	struct kt_samples s[2];
};

FIXTURE_SETUP(temporal)
{
	memset(self, 0, sizeof(*self));
	kt_strbuf_init(&self->text, 4096);
}

FIXTURE_TEARDOWN(temporal)
{
	kt_strbuf_fini(&self->text);
}

/* Samples 100 ms apart, the first at 100 ms. */
static void fill(FIXTURE_DATA(temporal) * self, u32 which,
		 const long double *values, u32 nr)
{
	static const char *const tags[MAX] = {
		"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7",
		"p8", "p9", "p10", "p11", "p12", "p13", "p14", "p15",
	};
	u32 i;

	for (i = 0; i < nr; i++)
		self->v[which][i] = (struct kt_sample){
			.tag = tags[i],
			.workload_ns = (i + 1) * 100 * KT_NSEC_PER_MSEC,
			.value = values[i],
			.gap = values[i] == GAP ? "not frozen" : NULL,
		};
	self->s[which].label = which ? "below" : "above";
	self->s[which].v = self->v[which];
	self->s[which].nr = nr;
}

#define FILL(which, ...)						\
	do {								\
		const long double v_[] = { __VA_ARGS__ };		\
		fill(self, which, v_, ARRAY_SIZE(v_));			\
	} while (0)

#define JUDGE(...)							\
	({								\
		const struct ktstr_pattern p_ = { __VA_ARGS__ };	\
		kt_strbuf_reset(&self->text);				\
		kt_temporal_judge(&self->s[0], &p_, &self->s[1],	\
				  &self->text);				\
	})

#define TOLD	kt_strbuf_str(&self->text)

TEST_F(temporal, nondecreasing)
{
	FILL(0, 1, 1, 5, 5);
	EXPECT_TRUE(JUDGE(KTSTR_P_NONDECREASING));
	EXPECT_STREQ("", TOLD);
	FILL(0, 1, 5, 4, GAP, 3.5L);
	EXPECT_FALSE(JUDGE(KTSTR_P_NONDECREASING));
	EXPECT_STREQ("p2 at 300 ms: 4, after 5 at p1\n"
		     "p4 at 500 ms: 3.5, after 4 at p2\n"
		     "gap: p3 of above at 400 ms: not frozen\n", TOLD);
	FILL(0, 1, GAP, 2);
	EXPECT_TRUE(JUDGE(KTSTR_P_NONDECREASING));
	EXPECT_STREQ("gap: p1 of above at 200 ms: not frozen\n", TOLD);
	FILL(0, 1, GAP);
	EXPECT_FALSE(JUDGE(KTSTR_P_NONDECREASING));
	EXPECT_STREQ("1 of 2 samples there, at least 2 needed\n"
		     "gap: p1 of above at 200 ms: not frozen\n", TOLD);
}

/* Nanoseconds of years differ by one: no double tells them apart. */
TEST_F(temporal, strictly_increasing)
{
	FILL(0, 1, 2, 18446744073709551614.0L, 18446744073709551615.0L);
	EXPECT_TRUE(JUDGE(KTSTR_P_STRICTLY_INCREASING));
	FILL(0, 18446744073709551615.0L, 18446744073709551614.0L);
	EXPECT_FALSE(JUDGE(KTSTR_P_STRICTLY_INCREASING));
	EXPECT_STREQ("p1 at 200 ms: 18446744073709551614, after "
		     "18446744073709551615 at p0\n", TOLD);
	FILL(0, 1, 1);
	EXPECT_FALSE(JUDGE(KTSTR_P_STRICTLY_INCREASING));
	FILL(0, -3, -2);
	EXPECT_TRUE(JUDGE(KTSTR_P_STRICTLY_INCREASING));
}

TEST_F(temporal, rate_within)
{
	/* 20 in 0.1 s, then 40 in 0.2 s: both 200 a second */
	FILL(0, 0, 20, GAP, 60);
	EXPECT_TRUE(JUDGE(KTSTR_P_RATE_WITHIN, .low = 200, .high = 200));
	EXPECT_FALSE(JUDGE(KTSTR_P_RATE_WITHIN, .low = 201, .high = 300));
	EXPECT_STREQ("p1 at 200 ms: 20, 200 a second since p0 (bounds 201..300)\n"
		     "p3 at 400 ms: 60, 200 a second since p1 (bounds 201..300)\n"
		     "gap: p2 of above at 300 ms: not frozen\n", TOLD);
	EXPECT_FALSE(JUDGE(KTSTR_P_RATE_WITHIN, .low = 0, .high = 199.5));
	FILL(0, 10, 0);
	EXPECT_FALSE(JUDGE(KTSTR_P_RATE_WITHIN, .low = 0, .high = 1));
	EXPECT_TRUE(JUDGE(KTSTR_P_RATE_WITHIN, .low = -100, .high = 0));
	/* two at the same time have no rate */
	self->v[0][1].workload_ns = self->v[0][0].workload_ns;
	EXPECT_FALSE(JUDGE(KTSTR_P_RATE_WITHIN, .low = -100, .high = 0));
	EXPECT_STREQ("nothing to judge in 2 samples\n", TOLD);
}

TEST_F(temporal, steady_within)
{
	FILL(0, 500, 9, 11, GAP, 10);
	EXPECT_TRUE(JUDGE(KTSTR_P_STEADY_WITHIN, .ms = 200, .tolerance = 10));
	EXPECT_FALSE(JUDGE(KTSTR_P_STEADY_WITHIN, .ms = 200, .tolerance = 9));
	EXPECT_STREQ("p1 at 200 ms: 9, mean 10 (bounds 9.1..10.9)\n"
		     "p2 at 300 ms: 11, mean 10 (bounds 9.1..10.9)\n"
		     "gap: p3 of above at 400 ms: not frozen\n", TOLD);
	EXPECT_FALSE(JUDGE(KTSTR_P_STEADY_WITHIN, .tolerance = 10));
	EXPECT_FALSE(JUDGE(KTSTR_P_STEADY_WITHIN, .ms = 600, .tolerance = 10));
	EXPECT_NE(NULL, strstr(TOLD, "nothing to judge in 4 samples\n"));
	FILL(0, 5);
	EXPECT_FALSE(JUDGE(KTSTR_P_STEADY_WITHIN, .tolerance = 10));
	FILL(0, -9, -11);
	EXPECT_TRUE(JUDGE(KTSTR_P_STEADY_WITHIN, .tolerance = 10));
}

TEST_F(temporal, converges_to)
{
	FILL(0, 9, 5, 9, 5, GAP, 6, 4, 9);
	EXPECT_TRUE(JUDGE(KTSTR_P_CONVERGES_TO, .target = 5, .tolerance = 1,
			  .ms = 700));
	EXPECT_STREQ("gap: p4 of above at 500 ms: not frozen\n", TOLD);
	EXPECT_FALSE(JUDGE(KTSTR_P_CONVERGES_TO, .target = 5, .tolerance = 1,
			   .ms = 699));
	EXPECT_STREQ("seen: 9 at 100 ms (p0), 5 at 200 ms (p1), "
		     "9 at 300 ms (p2), 5 at 400 ms (p3), 6 at 600 ms (p5)\n"
		     "gap: p4 of above at 500 ms: not frozen\n", TOLD);
	EXPECT_FALSE(JUDGE(KTSTR_P_CONVERGES_TO, .target = 5, .tolerance = 0.5,
			   .ms = 9999));
	EXPECT_FALSE(JUDGE(KTSTR_P_CONVERGES_TO, .target = 5, .tolerance = 1,
			   .ms = 50));
	EXPECT_NE(NULL, strstr(TOLD, "nothing to judge in 7 samples\n"));
	FILL(0, 5, 5);
	EXPECT_FALSE(JUDGE(KTSTR_P_CONVERGES_TO, .target = 5, .ms = 9999));
	EXPECT_NE(NULL, strstr(TOLD, "2 of 2 samples there, at least 3 needed"));
}

TEST_F(temporal, always_true)
{
	FILL(0, 1, -1, 5);
	EXPECT_TRUE(JUDGE(KTSTR_P_ALWAYS_TRUE));
	FILL(0, 1, 0, GAP);
	EXPECT_FALSE(JUDGE(KTSTR_P_ALWAYS_TRUE));
	EXPECT_STREQ("p1 at 200 ms: 0\np2 at 300 ms: missing: not frozen\n",
		     TOLD);
	FILL(0, 1, GAP);
	EXPECT_FALSE(JUDGE(KTSTR_P_ALWAYS_TRUE));
	self->s[0].nr = 0;
	EXPECT_FALSE(JUDGE(KTSTR_P_ALWAYS_TRUE));
	EXPECT_STREQ("0 of 0 samples there, at least 1 needed\n", TOLD);
}

TEST_F(temporal, each)
{
	FILL(0, 1, 3);
	EXPECT_TRUE(JUDGE(KTSTR_P_EACH, .low = 1, .high = 3));
	EXPECT_TRUE(JUDGE(KTSTR_P_EACH, .high = __builtin_inf()));
	EXPECT_FALSE(JUDGE(KTSTR_P_EACH, .low = 2, .high = 3));
	EXPECT_STREQ("p0 at 100 ms: 1 (bounds 2..3)\n", TOLD);
	EXPECT_FALSE(JUDGE(KTSTR_P_EACH, .low = 0, .high = 2));
	FILL(0, 1, GAP);
	EXPECT_FALSE(JUDGE(KTSTR_P_EACH, .low = 2 * GAP, .high = 3));
	EXPECT_STREQ("p1 at 200 ms: missing: not frozen\n", TOLD);
	/* a bound that is no number bounds nothing */
	EXPECT_FALSE(JUDGE(KTSTR_P_EACH, .high = __builtin_nan("")));
	/* so many are told */
	FILL(0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);
	EXPECT_FALSE(JUDGE(KTSTR_P_EACH, .high = 3));
	EXPECT_NE(NULL, strstr(TOLD, "p7 at 800 ms: 9 (bounds 0..3)\nand 2 more\n"));
}

TEST_F(temporal, ratio_within)
{
	FILL(0, 10, 20, 30, GAP, 7);
	FILL(1, 5, 10, GAP, 4, 0);
	EXPECT_TRUE(JUDGE(KTSTR_P_RATIO_WITHIN, .low = 2, .high = 2));
	EXPECT_STREQ("gap: p3 of above at 400 ms: not frozen\n"
		     "gap: p2 of below at 300 ms: not frozen\n", TOLD);
	EXPECT_FALSE(JUDGE(KTSTR_P_RATIO_WITHIN, .low = 0, .high = 1.5));
	EXPECT_NE(NULL, strstr(TOLD, "p0 at 100 ms: 10 to 5 is 2 (bounds 0..1.5)\n"));
	EXPECT_FALSE(JUDGE(KTSTR_P_RATIO_WITHIN, .low = 2.5, .high = 3));
	FILL(1, 0, 0, 0, 0, 0);
	EXPECT_FALSE(JUDGE(KTSTR_P_RATIO_WITHIN, .low = 0, .high = 9));
	EXPECT_NE(NULL, strstr(TOLD, "nothing to judge in 4 samples\n"));
}

TEST_F(temporal, words)
{
	static const struct {
		struct ktstr_pattern p;
		const char *words;
	} want[] = {
		{ { KTSTR_P_NONDECREASING }, "nondecreasing" },
		{ { KTSTR_P_STRICTLY_INCREASING }, "strictly increasing" },
		{ { KTSTR_P_RATE_WITHIN, .low = -1, .high = 2.5 },
		  "rate within -1..2.5 a second" },
		{ { KTSTR_P_STEADY_WITHIN, .ms = 5, .tolerance = 3 },
		  "steady within 3% of its mean from 5 ms on" },
		{ { KTSTR_P_CONVERGES_TO, .target = 4, .tolerance = 0.5,
		    .ms = 90 }, "converges to 4 within 0.5 by 90 ms" },
		{ { KTSTR_P_ALWAYS_TRUE }, "always true" },
		{ { KTSTR_P_RATIO_WITHIN, .low = 1, .high = 2 },
		  "ratio to below within 1..2" },
		{ { KTSTR_P_EACH, .high = 9 }, "each within 0..9" },
	};
	u32 i;

	FILL(1, 1);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		kt_strbuf_reset(&self->text);
		kt_temporal_describe(&want[i].p, &self->s[1], &self->text);
		EXPECT_STREQ(want[i].words, TOLD);
	}
	EXPECT_EQ(KTSTR_NR_PATTERNS, i);
}

TEST_HARNESS_MAIN
