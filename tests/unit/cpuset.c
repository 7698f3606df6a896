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
	topo.nr_nodes = 2;
	topo.nodes_online = 3;
	for (cpu = 0; cpu < topo.nr_cpus; cpu++) {
		kt_cpumask_set(&topo.online, cpu);
		kt_cpumask_set(&topo.llcs[cpu / cores], cpu);
		kt_cpumask_set(&topo.nodes[0], cpu);
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

TEST(ranges)
{
	machine(2, 4);
	EXPECT_STREQ("0-3", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(0, 50)));
	EXPECT_STREQ("2-5", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(25, 75)));
	EXPECT_STREQ("0-7", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(0, 100)));
	/* a narrow one has a CPU all the same, also at the end */
	EXPECT_STREQ("4", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(50, 51)));
	EXPECT_STREQ("7", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(99, 100)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(50, 50)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_CPU_RANGE(0, 101)));
	EXPECT_STREQ("KTSTR_CPU_RANGE(0, 101): give percentages, the first below the second, 100 at most",
		     why);
}

TEST(overlaps)
{
	machine(2, 4);
	EXPECT_STREQ("0-5", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(0, 2, 50)));
	EXPECT_STREQ("0-1,4-7", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(1, 2, 50)));
	EXPECT_STREQ("0-3", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(0, 2, 0)));
	EXPECT_STREQ("0-7", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(0, 1, 100)));
	/* what is begun of a CPU counts */
	EXPECT_STREQ("2-4", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(1, 4, 10)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(0, 2, 101)));
	EXPECT_STREQ("KTSTR_OVERLAP(0, 2, 101): at most 100 percent of a share",
		     why);
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_OVERLAP(2, 2, 10)));
}

TEST(exact)
{
	machine(2, 4);
	EXPECT_STREQ("0-1,7", resolve((struct ktstr_cpuset)KTSTR_CPUS("7,0-1")));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_CPUS("7-8")));
	EXPECT_STREQ("KTSTR_CPUS(\"7-8\"): CPU 8 is not online; those are 0-7",
		     why);
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_CPUS("")));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_CPUS("all")));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset){
		.kind = KTSTR_CPUSET_EXACT }));
	EXPECT_STREQ("KTSTR_CPUS(\"\"): not a list of CPUs such as \"0-3,8\"", why);
}

TEST(nodes)
{
	machine(2, 4);
	EXPECT_STREQ("0-7", resolve((struct ktstr_cpuset)KTSTR_NODE(0)));
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_NODE(1)));
	EXPECT_STREQ("KTSTR_NODE(1): it has memory alone; choose a node with CPUs",
		     why);
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_NODE(2)));
	EXPECT_STREQ("KTSTR_NODE(2): the machine has 2 nodes, from 0", why);
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_NODE(9999)));
}

TEST(what_is_offline_is_left_out)
{
	machine(2, 2);
	kt_guest_topology_set_online(&topo, 3, false);
	EXPECT_EQ(3, topo.nr_cpus);
	EXPECT_STREQ("2", resolve((struct ktstr_cpuset)KTSTR_LLC(1)));
	EXPECT_STREQ("0-2", resolve((struct ktstr_cpuset)KTSTR_NODE(0)));
	kt_guest_topology_set_online(&topo, 2, false);
	EXPECT_STREQ("error", resolve((struct ktstr_cpuset)KTSTR_LLC(1)));
	EXPECT_STREQ("none of the CPUs of LLC 1 is online; those are 0-1", why);
	kt_guest_topology_set_online(&topo, 3, true);
	EXPECT_STREQ("3", resolve((struct ktstr_cpuset)KTSTR_LLC(1)));
}

TEST(lists_of_nodes)
{
	u64 nodes;

	machine(1, 2);
	EXPECT_EQ(0, kt_nodes_resolve("0-1", &topo, &nodes, why, sizeof(why)));
	EXPECT_EQ(3, nodes);
	EXPECT_EQ(-EINVAL, kt_nodes_resolve("0-2", &topo, &nodes, why,
					    sizeof(why)));
	EXPECT_STREQ("nodes \"0-2\": the machine has 2 nodes, from 0", why);
	EXPECT_EQ(-EINVAL, kt_nodes_resolve("64", &topo, &nodes, why,
					    sizeof(why)));
	EXPECT_EQ(-EINVAL, kt_nodes_resolve(NULL, &topo, &nodes, why,
					    sizeof(why)));
	EXPECT_STREQ("nodes \"\": not a list of nodes such as \"0-1\"", why);
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
