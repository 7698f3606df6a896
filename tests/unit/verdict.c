// SPDX-License-Identifier: GPL-2.0-only
/*
 * Verdicts: which outcome follows from what was recorded, and that neither a
 * flood of details nor a process gone wild changes it or is read past its end.
 */
#include <kselftest_harness.h>

#include "ktstr/check/verdict.h"

static struct kt_verdict v;

static const char *text(u32 i)
{
	return v.result.details[i].text;
}

TEST(nothing_expected_is_an_error)
{
	kt_verdict_init(&v, "empty");
	kt_verdict_detail(&v, KT_DETAIL_INFO, "a note is no expectation");
	EXPECT_EQ(KT_ERROR, kt_verdict_finish(&v));
	EXPECT_EQ(KT_ERROR, v.result.outcome);
	EXPECT_NE(NULL, strstr(text(1), "nothing was expected"));
}

TEST(a_claim_that_held_passes)
{
	kt_verdict_init(&v, "claim");
	kt_verdict_claim(&v, true, "f.c", 1, "a >= b", 3, 2);
	EXPECT_EQ(KT_PASS, kt_verdict_finish(&v));
	EXPECT_EQ(0, v.result.nr_details);
}

TEST(a_skip_is_one_unless_something_failed)
{
	kt_verdict_init(&v, "skip");
	kt_verdict_skip(&v, "no %s", "hardware");
	EXPECT_EQ(KT_SKIP, kt_verdict_finish(&v));
	EXPECT_EQ(1, v.result.nr_details);
	EXPECT_STREQ(KT_SKIP_PREFIX "no hardware", v.result.details[0].text);
	kt_verdict_claim(&v, false, "f.c", 1, "a", 0, 1);
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
}

TEST(a_claim_that_failed_says_where_and_what)
{
	kt_verdict_init(&v, "claim");
	kt_verdict_claim(&v, true, "f.c", 1, "c", 1, 1);
	kt_verdict_claim(&v, false, "f.c", 12, "a >= b", 1, 2);
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
	EXPECT_EQ(2, v.result.nr_claims);
	EXPECT_STREQ("f.c:12: a >= b: seen 1, bound 2", text(0));
}

TEST(a_judged_check_is_enough)
{
	kt_verdict_init(&v, "judged");
	kt_verdict_judged(&v);
	EXPECT_EQ(KT_PASS, kt_verdict_finish(&v));
}

TEST(each_kind_but_info_fails)
{
	u32 kind;

	for (kind = KT_DETAIL_INFO; kind < KT_NR_DETAIL_KINDS; kind++) {
		kt_verdict_init(&v, "kinds");
		kt_verdict_judged(&v);
		kt_verdict_detail(&v, kind, "%u", kind);
		EXPECT_EQ(kind == KT_DETAIL_INFO ? KT_PASS : KT_FAIL,
			  kt_verdict_finish(&v));
	}
}

TEST(precedence)
{
	kt_verdict_init(&v, "all");
	kt_verdict_judged(&v);
	EXPECT_EQ(KT_PASS, kt_verdict_finish(&v));
	kt_verdict_detail(&v, KT_DETAIL_GAP, "x");
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
	v.timed_out = true;
	EXPECT_EQ(KT_TIMEOUT, kt_verdict_finish(&v));
	kt_verdict_broken(&v, "y");
	EXPECT_EQ(KT_ERROR, kt_verdict_finish(&v));
}

TEST(a_dropped_failure_still_fails)
{
	u32 i;

	kt_verdict_init(&v, "flood");
	kt_verdict_judged(&v);
	for (i = 0; i < KT_MAX_DETAILS; i++)
		kt_verdict_detail(&v, KT_DETAIL_INFO, "%u", i);
	kt_verdict_detail(&v, KT_DETAIL_STARVED, "dropped");
	EXPECT_EQ(KT_MAX_DETAILS, v.result.nr_details);
	EXPECT_EQ(1, v.result.details_dropped);
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
}

TEST(a_dropped_failed_claim_still_fails)
{
	u32 i;

	kt_verdict_init(&v, "claims");
	for (i = 0; i < KT_MAX_CLAIMS; i++)
		kt_verdict_claim(&v, true, "f.c", 1, "x", 1, 1);
	kt_verdict_claim(&v, false, "f.c", 1, "x", 0, 1);
	EXPECT_EQ(KT_MAX_CLAIMS, v.result.nr_claims);
	EXPECT_EQ(1, v.result.claims_dropped);
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
}

TEST(workers_excused_nothing_else)
{
	kt_verdict_init(&v, "excused");
	kt_verdict_judged(&v);
	kt_verdict_detail(&v, KT_DETAIL_GAP, "gap");
	kt_verdict_detail(&v, KT_DETAIL_STARVED, "starved");
	kt_verdict_detail(&v, KT_DETAIL_RATE, "slow");
	kt_verdict_detail(&v, KT_DETAIL_WAKE, "late");
	kt_verdict_detail(&v, KT_DETAIL_NUMA, "far");
	kt_verdict_excuse_workers(&v);
	EXPECT_EQ(KT_PASS, kt_verdict_finish(&v));
	EXPECT_EQ(KT_DETAIL_INFO, v.result.details[0].kind);
	EXPECT_EQ(KT_DETAIL_INFO, v.result.details[1].kind);
	kt_verdict_detail(&v, KT_DETAIL_TEST, "crash");
	kt_verdict_excuse_workers(&v);
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
}

TEST(long_text_is_cut)
{
	char big[4096];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	kt_verdict_init(&v, big);
	kt_verdict_detail(&v, KT_DETAIL_INFO, "%s", big);
	kt_verdict_claim(&v, true, "f.c", 1, big, 0, 0);
	EXPECT_EQ(KT_DETAIL_TEXT_MAX - 1, strlen(text(0)));
	EXPECT_EQ(KT_CLAIM_LABEL_MAX - 1, strlen(v.result.claims[0].label));
	EXPECT_EQ(KT_NAME_MAX - 1, strlen(v.result.test));
}

/* Its writer shot its memory to pieces: still to be encoded, and told apart. */
TEST(wild_memory_is_made_safe)
{
	static u8 buf[KT_RESULT_MAX_BYTES];
	static struct kt_result out;
	int len;

	memset(&v, 0xff, sizeof(v));
	v.broken = false;
	v.timed_out = false;
	kt_verdict_sanitize(&v, "wild");
	EXPECT_EQ(KT_MAX_DETAILS, v.result.nr_details);
	EXPECT_EQ(KT_MAX_CLAIMS, v.result.nr_claims);
	EXPECT_EQ(KT_MAX_CGROUP_STATS, v.result.nr_cgroups);
	kt_verdict_detail(&v, KT_DETAIL_TEST, "crashed");
	EXPECT_EQ(KT_FAIL, kt_verdict_finish(&v));
	len = kt_result_encode(&v.result, buf, sizeof(buf));
	ASSERT_GT(len, 0);
	EXPECT_EQ(0, kt_result_decode(&out, buf, len));
	EXPECT_STREQ("wild", out.test);
}

TEST_HARNESS_MAIN
