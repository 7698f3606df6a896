// SPDX-License-Identifier: GPL-2.0-only
/*
 * Topology strings: what is one, what is not and why, its limits; and the
 * table of outcomes.
 */
#include <kselftest_harness.h>

#include "ktstr/base/outcome.h"
#include "ktstr/base/topology.h"

static char why[256];

static int parse(const char *s, struct kt_topology *t)
{
	why[0] = '\0';
	return kt_topology_parse(s, t, why, sizeof(why));
}

TEST(good)
{
	char buf[KT_TOPOLOGY_STR];
	struct kt_topology t;

	ASSERT_EQ(0, parse("2n4l3c2t", &t));
	EXPECT_EQ(2, t.nodes);
	EXPECT_EQ(4, t.llcs);
	EXPECT_EQ(3, t.cores);
	EXPECT_EQ(2, t.threads);
	EXPECT_EQ(24, kt_topology_cpus(&t));
	EXPECT_STREQ("2n4l3c2t", kt_topology_str(&t, buf, sizeof(buf)));
	EXPECT_STREQ("", why);

	ASSERT_EQ(0, parse("01n0001l1c1t", &t));
	EXPECT_STREQ("1n1l1c1t", kt_topology_str(&t, buf, sizeof(buf)));
	EXPECT_EQ(0, parse("1n1l512c1t", &t));
	EXPECT_EQ(512, kt_topology_cpus(&t));
	EXPECT_EQ(0, parse("64n64l1c1t", &t));
}

TEST(memory_alone)
{
	char buf[KT_TOPOLOGY_STR];
	struct kt_topology t;

	ASSERT_EQ(0, parse("2n2l1c1t3m", &t));
	EXPECT_EQ(2, t.nodes);
	EXPECT_EQ(3, t.mem_nodes);
	EXPECT_EQ(5, kt_topology_all_nodes(&t));
	EXPECT_EQ(2, kt_topology_cpus(&t));
	EXPECT_STREQ("2n2l1c1t3m", kt_topology_str(&t, buf, sizeof(buf)));
	ASSERT_EQ(0, parse("2n2l1c1t0m", &t));
	EXPECT_STREQ("2n2l1c1t", kt_topology_str(&t, buf, sizeof(buf)));
}

/* The longest there can be fits the buffer that is promised to hold one. */
TEST(longest_fits)
{
	struct kt_topology t = { 9999, 9999, 9999, 9999, 9999 };
	char buf[KT_TOPOLOGY_STR];

	EXPECT_STREQ("9999n9999l9999c9999t9999m",
		     kt_topology_str(&t, buf, sizeof(buf)));
}

/* Each is refused with its own text in the sentence, and the result untouched. */
TEST(bad)
{
	static const struct {
		const char *s, *says;
	} cases[] = {
		{ "", "like 2n4l4c1t" },
		{ "2n4l4c", "like 2n4l4c1t" },
		{ "2n4l4c1", "like 2n4l4c1t" },
		{ "2n4l4c1t ", "like 2n4l4c1t" },
		{ " 2n4l4c1t", "like 2n4l4c1t" },
		{ "2n4l4c1tx", "like 2n4l4c1t" },
		{ "4l2n4c1t", "like 2n4l4c1t" },
		{ "2N4L4C1T", "like 2n4l4c1t" },
		{ "nlct", "like 2n4l4c1t" },
		{ "-1n1l1c1t", "like 2n4l4c1t" },
		{ "+1n1l1c1t", "like 2n4l4c1t" },
		{ "1n 1l1c1t", "like 2n4l4c1t" },
		{ "00001n1l1c1t", "like 2n4l4c1t" },
		{ "4294967297n1l1c1t", "like 2n4l4c1t" },
		{ "0n1l1c1t", "at least 1" },
		{ "1n0l1c1t", "at least 1" },
		{ "1n1l0c1t", "at least 1" },
		{ "1n1l1c0t", "at least 1" },
		{ "2n3l1c1t", "3 LLCs do not divide by 2 nodes" },
		{ "4n2l1c1t", "2 LLCs do not divide by 4 nodes" },
		{ "1n1l513c1t", "513 CPUs: at most 512" },
		{ "1n9999l9999c9999t", "999700029999 CPUs: at most 512" },
		{ "65n65l1c1t", "65 nodes: at most 64" },
		{ "2n2l1c1t63m", "65 nodes: at most 64" },
		{ "1n1l1c1tm", "like 2n4l4c1t" },
		{ "1n1l1c1t1mx", "like 2n4l4c1t" },
		{ "512n512l1c1t", "512 nodes: at most 64" },
	};
	struct kt_topology t = { 7, 7, 7, 7, 7 };
	char quoted[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(-EINVAL, parse(cases[i].s, &t)) {
			TH_LOG("\"%s\"", cases[i].s);
		}
		EXPECT_NE(NULL, strstr(why, cases[i].says)) {
			TH_LOG("\"%s\": %s", cases[i].s, why);
		}
		snprintf(quoted, sizeof(quoted), "\"%s\"", cases[i].s);
		EXPECT_NE(NULL, strstr(why, quoted));
	}
	EXPECT_EQ(7, t.nodes);
	EXPECT_EQ(7, t.threads);
}

TEST(long_text_is_cut)
{
	char s[1000], small[20];
	struct kt_topology t;

	memset(s, '1', sizeof(s));
	s[sizeof(s) - 1] = '\0';
	EXPECT_EQ(-EINVAL, kt_topology_parse(s, &t, small, sizeof(small)));
	EXPECT_EQ(sizeof(small) - 1, strlen(small));
}

/* What travels and what kselftest reads: none of it may move. */
TEST(outcomes)
{
	static const struct {
		u32 value;
		const char *name, *directive;
		bool ok;
		int exit_code;
	} want[] = {
		{ 0, "pass", "", true, 0 },
		{ 1, "fail", "", false, 1 },
		{ 2, "skip", "SKIP", true, 4 },
		{ 3, "xfail", "XFAIL", true, 0 },
		{ 4, "timeout", "TIMEOUT", false, 1 },
		{ 5, "error", "ERROR", false, 1 },
		/* whatever is none of ours is the harness's fault */
		{ 6, "error", "ERROR", false, 1 },
		{ 255, "error", "ERROR", false, 1 },
		{ UINT32_MAX, "error", "ERROR", false, 1 },
	};
	size_t i;

	EXPECT_EQ(6, KT_NR_OUTCOMES);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		const struct kt_outcome_info *info = kt_outcome_info(want[i].value);

		EXPECT_STREQ(want[i].name, info->name);
		EXPECT_STREQ(want[i].directive, info->directive ? info->directive : "");
		EXPECT_EQ(want[i].ok, info->ok);
		EXPECT_EQ(want[i].exit_code, info->exit_code);
	}
}

TEST_HARNESS_MAIN
