// SPDX-License-Identifier: GPL-2.0-only
/*
 * What declarations say beyond themselves: canned scenarios fill them, needs
 * are held against a topology, expected failures turn outcomes round. The
 * program of all scenarios is checked with it.
 */
#include <kselftest_harness.h>

#include "ktstr/host/case.h"
#include "ktstr/host/declared.h"
#include "kept_log.h"

#include "../scenarios.c"

static char why[512];

TEST(every_scenario_is_a_case)
{
	const struct ktstr_canned *c;
	u32 i;

	keep_log();
	EXPECT_EQ(0, kt_cases_check()) {
		TH_LOG("%s", last_log);
	}
	for (i = 0; (c = ktstr_canned_get(i)); i++) {
		ASSERT_LT(i, kt_cases_count());
		EXPECT_STREQ(c->name, kt_cases_get(i)->name);
		EXPECT_STREQ(c->desc, kt_cases_get(i)->desc);
	}
	EXPECT_EQ(i, kt_cases_count());
}

TEST(a_case_fills_in_less_than_it_says)
{
	static const struct ktstr_test own = {
		.name = "own", .scenario = "oversubscribed", .desc = "mine",
		.duration_ms = 7, .needs = { .llcs = 2 },
		.checks = { .longest_gap_ms = 500 },
	}, off = {
		.scenario = "oversubscribed",
		.checks = { .fairness_spread_pct = KTSTR_OFF },
	};
	const struct ktstr_canned *c = ktstr_canned_find("oversubscribed");
	const struct ktstr_test *t = kt_declared_fill(&own);

	EXPECT_STREQ("mine", t->desc);
	EXPECT_STREQ(c->topology, t->topology);
	EXPECT_EQ(7, t->duration_ms);
	EXPECT_EQ(2, t->needs.cpus);
	EXPECT_EQ(2, t->needs.llcs);
	EXPECT_EQ(500, t->checks.longest_gap_ms);
	EXPECT_EQ(c->checks.fairness_spread_pct, t->checks.fairness_spread_pct);
	EXPECT_NE(0, t->checks.fairness_spread_pct);
	free((void *)t);
	t = kt_declared_fill(&off);
	EXPECT_EQ(KTSTR_OFF, t->checks.fairness_spread_pct);
	EXPECT_STREQ(c->desc, t->desc);
	free((void *)t);
}

TEST(an_unknown_scenario_is_a_fault)
{
	static const struct ktstr_test bad = { .scenario = "stedy" };
	static const struct ktstr_test none = {};

	EXPECT_EQ(&bad, kt_declared_fill(&bad));
	EXPECT_EQ(&none, kt_declared_fill(&none));
	ASSERT_NE(NULL, kt_declared_fault(&bad, why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "\"stedy\"; there are: steady, "));
	EXPECT_EQ(NULL, kt_declared_fault(&none, why, sizeof(why)));
}

static bool lacks(const char *topology, struct ktstr_needs needs)
{
	const struct ktstr_test t = { .needs = needs };
	struct kt_topology topo;
	char reason[256];

	why[0] = '\0';
	return kt_topology_parse(topology, &topo, reason, sizeof(reason)) ||
	       kt_declared_lacks(&t, &topo, why, sizeof(why));
}

TEST(needs_against_a_topology)
{
	EXPECT_FALSE(lacks("1n1l1c1t", (struct ktstr_needs){}));
	EXPECT_FALSE(lacks("2n2l1c2t", (struct ktstr_needs){ 4, 2, 2, true }));
	EXPECT_TRUE(lacks("1n1l2c1t", (struct ktstr_needs){ .cpus = 3 }));
	EXPECT_STREQ("needs 3 CPUs, 1n1l2c1t has 2", why);
	EXPECT_TRUE(lacks("1n1l2c1t", (struct ktstr_needs){ .llcs = 2 }));
	EXPECT_STREQ("needs 2 LLCs, 1n1l2c1t has 1", why);
	EXPECT_TRUE(lacks("1n2l2c1t", (struct ktstr_needs){ .nodes = 2 }));
	EXPECT_STREQ("needs 2 nodes with CPUs, 1n2l2c1t has 1", why);
	EXPECT_TRUE(lacks("1n2l2c1t", (struct ktstr_needs){ .smt = true }));
	EXPECT_STREQ("needs cores of two threads, those of 1n2l2c1t have one", why);
	EXPECT_FALSE(lacks("2n4l2c1t", (struct ktstr_needs){
		.max_cpus = 8, .max_llcs = 4, .max_nodes = 2 }));
	EXPECT_TRUE(lacks("1n3l3c1t", (struct ktstr_needs){ .max_cpus = 8 }));
	EXPECT_STREQ("takes at most 8 CPUs, 1n3l3c1t has 9", why);
	EXPECT_TRUE(lacks("1n3l1c1t", (struct ktstr_needs){ .max_llcs = 2 }));
	EXPECT_STREQ("takes at most 2 LLCs, 1n3l1c1t has 3", why);
	EXPECT_TRUE(lacks("2n2l1c1t", (struct ktstr_needs){ .max_nodes = 1 }));
	EXPECT_STREQ("takes at most 1 nodes with CPUs, 2n2l1c1t has 2", why);
}

static struct kt_options options;
static const char *reason;

static enum kt_outcome counts_as(const struct ktstr_test *t,
				 enum kt_outcome outcome, const char *report)
{
	reason = "";
	return kt_declared_outcome(t, &options, outcome, report, &reason);
}

TEST(failures_expected_under_a_scheduler)
{
	static const struct ktstr_sched mine = { .binary = "scx_mine" };
	struct ktstr_test t = {
		.xfails = KTSTR_XFAILS({ "scx_mine", "it is mine" },
				       { "", "the kernel's" }),
	};

	EXPECT_EQ(KT_XFAIL, counts_as(&t, KT_FAIL, NULL));
	EXPECT_STREQ("the kernel's", reason);
	t.sched = &mine;
	EXPECT_EQ(KT_XFAIL, counts_as(&t, KT_FAIL, NULL));
	EXPECT_STREQ("it is mine", reason);
	options.scheduler = "/else/where/scx_other";
	EXPECT_EQ(KT_FAIL, counts_as(&t, KT_FAIL, NULL));
	EXPECT_EQ(KT_PASS, counts_as(&t, KT_PASS, NULL));
	options.scheduler = "./scx_mine";
	EXPECT_EQ(KT_XFAIL, counts_as(&t, KT_FAIL, NULL));
	t.xfails = NULL;
	EXPECT_EQ(KT_FAIL, counts_as(&t, KT_FAIL, NULL));
}

TEST(xfails_that_are_not_in_order)
{
	struct ktstr_test t = { .xfails = KTSTR_XFAILS({ "./scx_a", "b" }) };

	EXPECT_NE(NULL, kt_declared_fault(&t, why, sizeof(why)));
	t.xfails = KTSTR_XFAILS({ "scx_a", NULL });
	EXPECT_NE(NULL, kt_declared_fault(&t, why, sizeof(why)));
	t.xfails = KTSTR_XFAILS({ "scx_a", "two\nlines" });
	EXPECT_NE(NULL, kt_declared_fault(&t, why, sizeof(why)));
	t.xfails = KTSTR_XFAILS({ "scx_a", "one" }, { "", "two" });
	EXPECT_EQ(NULL, kt_declared_fault(&t, why, sizeof(why)));
}

TEST(outcomes_turn_round_only_where_expected)
{
	const struct ktstr_test t = {
		.xfails = KTSTR_XFAILS({ "", "so" }),
	};

	EXPECT_EQ(KT_FAIL, counts_as(&t, KT_PASS, NULL));
	EXPECT_STREQ("so", reason);
	EXPECT_EQ(KT_ERROR, counts_as(&t, KT_ERROR, NULL));
	EXPECT_EQ(KT_TIMEOUT, counts_as(&t, KT_TIMEOUT, NULL));
	EXPECT_EQ(KT_SKIP, counts_as(&t, KT_SKIP, NULL));
}

TEST(failures_are_told_apart)
{
	const struct ktstr_test t = {
		.xfails = KTSTR_XFAILS({ "", "a race", .text = "stall",
					 .sometimes = true }),
	}, both = {
		.xfails = KTSTR_XFAILS({ "", "a race", .text = "stall",
					 .sometimes = true },
				       { "", "always" }),
	};

	EXPECT_EQ(KT_PASS, counts_as(&t, KT_PASS, "stall"));
	EXPECT_EQ(KT_XFAIL, counts_as(&t, KT_FAIL, "task stall"));
	EXPECT_EQ(KT_FAIL, counts_as(&t, KT_FAIL, "stuck"));
	EXPECT_EQ(KT_FAIL, counts_as(&t, KT_FAIL, NULL));
	EXPECT_EQ(KT_XFAIL, counts_as(&both, KT_FAIL, "a stall"));
	EXPECT_STREQ("a race", reason);
	EXPECT_EQ(KT_XFAIL, counts_as(&both, KT_FAIL, "stuck"));
	EXPECT_STREQ("always", reason);
	EXPECT_EQ(KT_FAIL, counts_as(&both, KT_PASS, NULL));
}

TEST_HARNESS_MAIN
