// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU lists, and cpusets resolved on machines of several shapes.
 */
#include <kselftest_harness.h>

#include "ktstr/scenario/cpuset.h"

static struct kt_guest_topology topo;
static char why[256];

/* @llcs of @cores each, CPUs in order. */
static void machine(u32 llcs, u32 cores)
{
	u32 cpu;

	memset(&topo, 0, sizeof(topo));
	topo.nr_llcs = llcs;
	topo.nr_cpus = llcs * cores;
	for (cpu = 0; cpu < topo.nr_cpus; cpu++) {
		kt_cpumask_set(&topo.online, cpu);
		kt_cpumask_set(&topo.llcs[cpu / cores], cpu);
	}
}

static const char *resolve(struct ktstr_cpuset set)
{
	static char buf[KT_CPUMASK_STR];
	struct kt_cpumask cpus;

	why[0] = '\0';
	if (kt_cpuset_resolve(&set, &topo, &cpus, why, sizeof(why)))
		return "error";
	return kt_cpumask_str(&cpus, buf, sizeof(buf));
}

TEST(list_round_trip)
{
	static const char *const lists[] = {
		"", "0", "0-3", "0,2", "1-2,5,7-9", "63-64", "0-511", "511",
	};
	char buf[KT_CPUMASK_STR];
	struct kt_cpumask mask;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		ASSERT_EQ(0, kt_cpumask_parse(&mask, lists[i]));
		EXPECT_STREQ(lists[i], kt_cpumask_str(&mask, buf, sizeof(buf)));
	}
}

TEST(bad_lists)
{
	static const char *const lists[] = {
		"x", "1-", "-1", "3-1", "1,", ",1", "1 2", "0-3:1", "1--2",
	};
	struct kt_cpumask mask;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		EXPECT_EQ(-EINVAL, kt_cpumask_parse(&mask, lists[i]));
	EXPECT_EQ(-ERANGE, kt_cpumask_parse(&mask, "512"));
	EXPECT_EQ(-ERANGE, kt_cpumask_parse(&mask, "0-99999999999999999999"));
}

TEST(longest_list_fits)
{
	char buf[KT_CPUMASK_STR];
	struct kt_cpumask mask = {}, back;
	u32 cpu;

	for (cpu = 0; cpu < KT_MAX_CPUS; cpu += 2)
		kt_cpumask_set(&mask, cpu);
	kt_cpumask_str(&mask, buf, sizeof(buf));
	EXPECT_LT(strlen(buf), sizeof(buf) - 1);
	ASSERT_EQ(0, kt_cpumask_parse(&back, buf));
	EXPECT_TRUE(kt_cpumask_equal(&mask, &back));
}

TEST(mask_bounds)
{
	struct kt_cpumask mask = {}, rest;

	kt_cpumask_set(&mask, KT_MAX_CPUS);
	EXPECT_EQ(0, kt_cpumask_weight(&mask));
	EXPECT_FALSE(kt_cpumask_test(&mask, KT_MAX_CPUS));
	EXPECT_EQ(KT_MAX_CPUS, kt_cpumask_next(&mask, 0));
	kt_cpumask_set(&mask, 3);
	kt_cpumask_set(&mask, 200);
	EXPECT_EQ(200, kt_cpumask_next(&mask, 4));
	kt_cpumask_andnot(&rest, &mask, &mask);
	EXPECT_EQ(0, kt_cpumask_weight(&rest));
}

TEST(none_is_all)
{
	machine(2, 4);
	EXPECT_STREQ("0-7", resolve((struct ktstr_cpuset){}));
}

TEST(llc)
{
	machine(2, 4);
	EXPECT_STREQ("0-3", resolve((struct ktstr_cpuset)KTSTR_LLC(0)));
	EXPECT_STREQ("4-7", resolve((struct ktstr_cpuset)KTSTR_LLC(1)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_LLC(2)));
	EXPECT_STREQ("KTSTR_LLC(2): the machine has 2 LLCs, from 0", why);
}

TEST(disjoint_even)
{
	machine(2, 2);
	EXPECT_STREQ("0-1", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(0, 2)));
	EXPECT_STREQ("2-3", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(1, 2)));
}

TEST(disjoint_first_ones_are_larger)
{
	machine(1, 7);
	EXPECT_STREQ("0-2", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(0, 3)));
	EXPECT_STREQ("3-4", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(1, 3)));
	EXPECT_STREQ("5-6", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(2, 3)));
}

TEST(disjoint_skips_what_is_offline)
{
	memset(&topo, 0, sizeof(topo));
	kt_cpumask_parse(&topo.online, "0,2,4,6");
	topo.nr_cpus = 4;
	EXPECT_STREQ("0,2", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(0, 2)));
	EXPECT_STREQ("4,6", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(1, 2)));
}

TEST(impossible_shares)
{
	machine(1, 2);
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(0, 3)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(2, 2)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_DISJOINT(0, 0)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset){ .kind = 99 }));
	EXPECT_NE('\0', why[0]);
}

TEST_HARNESS_MAIN
