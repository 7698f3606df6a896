// SPDX-License-Identifier: GPL-2.0-only
/*
 * Affinities resolved on machines of several shapes.
 */
#include <kselftest_harness.h>

#include "ktstr/scenario/affinity.h"

#define NR	6

static struct kt_guest_topology topo;
static struct kt_cpumask allowed, cpus[NR];
static char why[256], lists[NR][KT_CPUMASK_STR];

/* Two LLCs of two cores of two threads; CPUs of a core follow each other. */
static void machine(const char *cgroup)
{
	u32 cpu;

	memset(&topo, 0, sizeof(topo));
	topo.nr_llcs = 2;
	topo.nr_cpus = 8;
	for (cpu = 0; cpu < 8; cpu++) {
		kt_cpumask_set(&topo.online, cpu);
		kt_cpumask_set(&topo.llcs[cpu / 4], cpu);
		topo.core[cpu] = cpu / 2 * 2;
	}
	kt_cpumask_parse(&allowed, cgroup);
}

static int resolve(struct ktstr_affinity a, u32 first, u32 nr)
{
	int ret;
	u32 i;

	why[0] = '\0';
	memset(cpus, 0xff, sizeof(cpus));
	ret = kt_affinity_resolve(&a, &topo, &allowed, 7, first, nr, cpus, why,
				  sizeof(why));
	for (i = 0; i < nr && !ret; i++)
		kt_cpumask_str(&cpus[i], lists[i], sizeof(lists[i]));
	return ret;
}

TEST(inherit)
{
	machine("2-5");
	ASSERT_EQ(0, resolve((struct ktstr_affinity){}, 0, 2));
	EXPECT_STREQ("2-5", lists[0]);
	EXPECT_STREQ("2-5", lists[1]);
}

TEST(one_cpu_each_goes_round)
{
	machine("1,4-5");
	ASSERT_EQ(0, resolve((struct ktstr_affinity){ KTSTR_AFFINITY_ONE }, 0, 5));
	EXPECT_STREQ("1", lists[0]);
	EXPECT_STREQ("4", lists[1]);
	EXPECT_STREQ("5", lists[2]);
	EXPECT_STREQ("1", lists[3]);
	EXPECT_STREQ("4", lists[4]);
	/* those that come later go on where the first ones ended */
	ASSERT_EQ(0, resolve((struct ktstr_affinity){ KTSTR_AFFINITY_ONE }, 5, 2));
	EXPECT_STREQ("5", lists[0]);
	EXPECT_STREQ("1", lists[1]);
}

TEST(llcs_and_cores_within_the_cgroup)
{
	machine("3-6");
	ASSERT_EQ(0, resolve((struct ktstr_affinity){ KTSTR_AFFINITY_LLC }, 0, 3));
	EXPECT_STREQ("3", lists[0]);
	EXPECT_STREQ("4-6", lists[1]);
	EXPECT_STREQ("3", lists[2]);
	ASSERT_EQ(0, resolve((struct ktstr_affinity){ KTSTR_AFFINITY_SMT }, 0, 4));
	EXPECT_STREQ("3", lists[0]);
	EXPECT_STREQ("4-5", lists[1]);
	EXPECT_STREQ("6", lists[2]);
	EXPECT_STREQ("3", lists[3]);
}

TEST(random_subsets)
{
	struct ktstr_affinity a = { KTSTR_AFFINITY_RANDOM, .count = 2 };
	struct kt_cpumask before[NR];
	u32 i, differ = 0;

	machine("1-6");
	ASSERT_EQ(0, resolve(a, 0, NR));
	memcpy(before, cpus, sizeof(before));
	for (i = 0; i < NR; i++) {
		struct kt_cpumask outside;

		EXPECT_EQ(2, kt_cpumask_weight(&cpus[i]));
		kt_cpumask_andnot(&outside, &cpus[i], &allowed);
		EXPECT_TRUE(kt_cpumask_empty(&outside));
		differ += i && !kt_cpumask_equal(&cpus[i], &cpus[0]);
	}
	EXPECT_NE(0, differ);
	/* the seed and the number say which: again, and in other company */
	ASSERT_EQ(0, resolve(a, 3, 2));
	EXPECT_TRUE(kt_cpumask_equal(&cpus[0], &before[3]));
	EXPECT_TRUE(kt_cpumask_equal(&cpus[1], &before[4]));
}

TEST(random_bounds)
{
	struct ktstr_affinity a = { KTSTR_AFFINITY_RANDOM, .count = 3 };

	machine("0-1");
	EXPECT_EQ(-EINVAL, resolve(a, 0, 1));
	EXPECT_STREQ("KTSTR_AFFINITY_RANDOM: 3 of the cgroup's 2 CPUs; give a .count from 1 to 2",
		     why);
	a.count = 0;
	EXPECT_EQ(-EINVAL, resolve(a, 0, 1));
	a.count = 2;
	ASSERT_EQ(0, resolve(a, 0, 1));
	EXPECT_STREQ("0-1", lists[0]);
}

TEST(cross)
{
	struct ktstr_affinity a = { KTSTR_AFFINITY_CROSS };

	machine("0-3");
	ASSERT_EQ(0, resolve(a, 0, 2));
	EXPECT_STREQ("4-7", lists[1]);
	machine("0-7");
	EXPECT_EQ(-EINVAL, resolve(a, 0, 1));
	EXPECT_STREQ("KTSTR_AFFINITY_CROSS: the cgroup has all CPUs; give it a cpuset",
		     why);
}

TEST(exact)
{
	struct ktstr_affinity a = { KTSTR_AFFINITY_EXACT, .list = "2,6" };

	machine("0-3");
	ASSERT_EQ(0, resolve(a, 0, 2));
	EXPECT_STREQ("2,6", lists[1]);
	a.list = "6-7";
	EXPECT_EQ(-EINVAL, resolve(a, 0, 1));
	EXPECT_STREQ("KTSTR_AFFINITY_EXACT: none of the CPUs \"6-7\" is the cgroup's, which are 0-3",
		     why);
	a.list = NULL;
	EXPECT_EQ(-EINVAL, resolve(a, 0, 1));
	EXPECT_STREQ("KTSTR_AFFINITY_EXACT: \"\" is not a list of CPUs such as \"0-3,8\"",
		     why);
}

TEST(no_such_kind)
{
	machine("0");
	EXPECT_EQ(-EINVAL, resolve((struct ktstr_affinity){ 99 }, 0, 1));
	EXPECT_STREQ("affinity kind 99: there is none such", why);
}

TEST_HARNESS_MAIN
