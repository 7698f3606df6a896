// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts out of a sysfs made for the test, and where vCPUs are placed on them.
 */
#include <stdarg.h>
#include <stdio.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/engine/placement.h"
#include "test_dir.h"

FIXTURE(host)
{
	struct kt_host h;
	struct kt_placement p;
	cpu_set_t allowed;
	char why[256];
};

FIXTURE_SETUP(host)
{
	u32 cpu;

	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
	CPU_ZERO(&self->allowed);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		CPU_SET(cpu, &self->allowed);
	self->why[0] = '\0';
}

FIXTURE_TEARDOWN(host)
{
	kt_remove_tree(root);
}

static void put(const char *text, const char *fmt, ...)
{
	char name[128], path[256];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	*strrchr(path, '/') = '\0';
	kt_mkdirs(path, 0755);
	path[strlen(path)] = '/';
	f = fopen(path, "w");
	if (!f)
		return;
	fprintf(f, "%s\n", text);
	fclose(f);
}

static void put_llc(u32 cpu, u32 index, u32 level, const char *list)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", level);
	put(text, "cpu/cpu%u/cache/index%u/level", cpu, index);
	put(list, "cpu/cpu%u/cache/index%u/shared_cpu_list", cpu, index);
}

/* Two nodes of one LLC of four cores of two threads: 0-3 and 8-11, 4-7, 12-15. */
static void put_two_nodes(void)
{
	char siblings[16];
	u32 cpu;

	put("0-15", "cpu/online");
	put("0-1", "node/online");
	put("0-3,8-11", "node/node0/cpulist");
	put("4-7,12-15", "node/node1/cpulist");
	for (cpu = 0; cpu < 16; cpu++) {
		snprintf(siblings, sizeof(siblings), "%u,%u", cpu % 8,
			 cpu % 8 + 8);
		put(siblings, "cpu/cpu%u/topology/thread_siblings_list", cpu);
		put_llc(cpu, 0, 1, siblings);
		put_llc(cpu, 3, 3, cpu % 8 < 4 ? "0-3,8-11" : "4-7,12-15");
	}
}

/* One node, LLCs of @size CPUs each. */
static void put_llcs(u32 nr, u32 size)
{
	char list[16];
	u32 cpu;

	snprintf(list, sizeof(list), "0-%u", nr * size - 1);
	put(list, "cpu/online");
	put("0", "node/online");
	put(list, "node/node0/cpulist");
	for (cpu = 0; cpu < nr * size; cpu++) {
		snprintf(list, sizeof(list), "%u-%u", cpu / size * size,
			 cpu / size * size + size - 1);
		put_llc(cpu, 3, 3, list);
	}
}

#define place(...) ({							\
	const struct kt_topology topo_ = { __VA_ARGS__ };		\
	kt_host_read(&self->h, root, &self->allowed);			\
	kt_placement_plan(&self->h, &topo_, &self->p, self->why,	\
			  sizeof(self->why));				\
})

/* The host CPUs of all vCPUs in order, "0 1 2 3". */
static const char *cpus(const struct kt_placement *p)
{
	static char buf[4096];
	size_t len = 0;
	u32 i;

	buf[0] = '\0';
	for (i = 0; i < p->nr; i++)
		len += snprintf(buf + len, sizeof(buf) - len, "%s%u",
				i ? " " : "", p->cpu[i]);
	return buf;
}

static const char *service(const struct kt_placement *p)
{
	static char buf[256];

	return kt_cpulist_str(&p->service, buf, sizeof(buf));
}

/* Every vCPU has a CPU of its own, no other thread is there. */
static bool apart(const struct kt_placement *p)
{
	cpu_set_t seen = p->service;
	u32 i;

	for (i = 0; i < p->nr; i++) {
		if (CPU_ISSET(p->cpu[i], &seen))
			return false;
		CPU_SET(p->cpu[i], &seen);
	}
	return CPU_COUNT(&p->service) > 0;
}

TEST(lists)
{
	static const char *const bad[] = {
		"x", "-", "1-", "-1", "3-1,", ",", ",1", "1,", "1,,2", "1 2",
		"1024", "0-1024", "99999999999999999999", "0x1", "1-2-3",
		"0-3 garbage", "\xff",
	};
	static const char *const good[] = {
		"", "0", "0-3", "0,2,4-5", "1023", "5-6,1000-1023",
	};
	cpu_set_t set;
	char buf[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, kt_cpulist_parse(bad[i], &set));
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(0, kt_cpulist_parse(good[i], &set));
		EXPECT_STREQ(good[i], kt_cpulist_str(&set, buf, sizeof(buf)));
	}
	EXPECT_EQ(0, kt_cpulist_parse("3-1", &set));
	EXPECT_EQ(0, CPU_COUNT(&set));
	EXPECT_EQ(0, kt_cpulist_parse("100-200,300", &set));
	EXPECT_STREQ("100", kt_cpulist_str(&set, buf, 4));
}

TEST_F(host, one_llc)
{
	put_llcs(1, 4);
	ASSERT_EQ(0, place(1, 1, 3, 1));
	EXPECT_STREQ("0 1 2", cpus(&self->p));
	EXPECT_STREQ("3", service(&self->p));
	EXPECT_TRUE(self->p.whole_llcs);
	EXPECT_EQ(0, self->p.node[0]);
}

TEST_F(host, an_llc_for_each)
{
	put_llcs(2, 4);
	ASSERT_EQ(0, place(1, 2, 2, 1));
	EXPECT_STREQ("0 1 4 5", cpus(&self->p));
	EXPECT_TRUE(self->p.whole_llcs);
	/* there are too few: some share one */
	ASSERT_EQ(0, place(1, 3, 2, 1));
	EXPECT_STREQ("0 1 4 5 2 3", cpus(&self->p));
	EXPECT_TRUE(self->p.whole_llcs);
	EXPECT_STREQ("6-7", service(&self->p));
}

TEST_F(host, an_llc_that_does_not_fit)
{
	put_llcs(2, 4);
	ASSERT_EQ(0, place(1, 1, 6, 1));
	EXPECT_FALSE(self->p.whole_llcs);
	EXPECT_TRUE(apart(&self->p));
	EXPECT_STREQ("0 1 2 3 4 5", cpus(&self->p));
	/* 7 and one more are all there are, but not in three LLCs */
	ASSERT_EQ(0, place(1, 1, 7, 1));
	EXPECT_STREQ("7", service(&self->p));
}

TEST_F(host, too_few)
{
	put_llcs(2, 2);
	EXPECT_EQ(-ENOSPC, place(1, 2, 2, 1));
	EXPECT_NE(NULL, strstr(self->why, "4 vCPUs and one CPU for all other threads"));
	EXPECT_NE(NULL, strstr(self->why, "more than the 4 host CPUs there are: take a smaller"));
	EXPECT_EQ(0, place(1, 1, 3, 1));
	EXPECT_EQ(-ENOSPC, place(4, 8, 32, 2));
}

TEST_F(host, one_cpu)
{
	put("0", "cpu/online");
	EXPECT_EQ(-ENOSPC, place(1, 1, 1, 1));
	EXPECT_NE(NULL, strstr(self->why, "the 1 host CPU there are"));
}

/* A guest without threads gets whole cores first, one with threads their pairs. */
TEST_F(host, threads)
{
	put_two_nodes();
	ASSERT_EQ(0, place(1, 1, 4, 1));
	EXPECT_STREQ("0 1 2 3", cpus(&self->p));
	EXPECT_STREQ("4-15", service(&self->p));
	ASSERT_EQ(0, place(1, 1, 3, 2));
	EXPECT_STREQ("0 8 1 9 2 10", cpus(&self->p));
	ASSERT_EQ(0, place(1, 1, 6, 1));
	EXPECT_STREQ("0 1 2 3 8 9", cpus(&self->p));
}

TEST_F(host, nodes)
{
	put_two_nodes();
	ASSERT_EQ(0, place(2, 2, 2, 1));
	EXPECT_STREQ("0 1 4 5", cpus(&self->p));
	EXPECT_EQ(0, self->p.node[0]);
	EXPECT_EQ(1, self->p.node[1]);
	/* LLCs of a node stay together, though others are free */
	ASSERT_EQ(0, place(2, 4, 2, 1));
	EXPECT_STREQ("0 1 2 3 4 5 6 7", cpus(&self->p));
	EXPECT_TRUE(self->p.whole_llcs);
	/* three nodes on two */
	ASSERT_EQ(0, place(3, 3, 4, 1));
	EXPECT_TRUE(self->p.whole_llcs);
	EXPECT_TRUE(apart(&self->p));
	EXPECT_EQ(0, self->p.node[2]);
	/* a node that is larger than any of the host's */
	ASSERT_EQ(0, place(1, 1, 10, 1));
	EXPECT_EQ(-1, self->p.node[0]);
	EXPECT_FALSE(self->p.whole_llcs);
}

TEST_F(host, offline_and_not_allowed)
{
	put_llcs(2, 4);
	put("0,2-7", "cpu/online");
	CPU_CLR(4, &self->allowed);
	ASSERT_EQ(0, place(1, 2, 2, 1));
	EXPECT_EQ(6, self->h.nr);
	EXPECT_STREQ("0 2 5 6", cpus(&self->p));
	EXPECT_STREQ("3,7", service(&self->p));
	/* nothing is allowed */
	CPU_ZERO(&self->allowed);
	EXPECT_EQ(-ENOSPC, place(1, 1, 1, 1));
}

/* The cache of the highest level, where there is no third. */
TEST_F(host, level_2)
{
	put("0-3", "cpu/online");
	put_llc(0, 2, 2, "0-1");
	put_llc(1, 2, 2, "0-1");
	put_llc(2, 2, 2, "2-3");
	put_llc(3, 2, 2, "2-3");
	put_llc(3, 0, 1, "3");
	ASSERT_EQ(0, place(1, 1, 2, 1));
	EXPECT_EQ(2, self->h.cpus[2].llc);
	EXPECT_EQ(2, self->h.cpus[3].llc);
	EXPECT_EQ(0, self->h.cpus[1].llc);
}

TEST_F(host, nothing_known)
{
	u32 cpu;

	for (cpu = 6; cpu < CPU_SETSIZE; cpu++)
		CPU_CLR(cpu, &self->allowed);
	ASSERT_EQ(0, place(1, 1, 5, 1));
	EXPECT_STREQ("0 1 2 3 4", cpus(&self->p));
	EXPECT_TRUE(self->p.whole_llcs);
}

TEST_F(host, garbage)
{
	static const char *const texts[] = {
		"", "\xff\xfe", "0-1048576", "-1", "4294967296", "7", "0-", ",",
		"5,0-7,5",
	};
	char longest[16384];
	size_t i;
	u32 cpu;

	memset(longest, '1', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	put("0-7", "cpu/online");
	put("0-1023", "node/online");
	for (i = 0; i <= ARRAY_SIZE(texts); i++) {
		const char *s = i < ARRAY_SIZE(texts) ? texts[i] : longest;

		for (cpu = 0; cpu < 8; cpu += 2) {
			put_llc(cpu, 3, 3, s);
			put(s, "cpu/cpu%u/cache/index2/level", cpu);
			put(s, "cpu/cpu%u/topology/thread_siblings_list", cpu);
			put(s, "node/node%u/cpulist", 1023 - cpu);
		}
		ASSERT_EQ(0, place(1, 1, 7, 1));
		EXPECT_TRUE(apart(&self->p));
		ASSERT_EQ(0, place(2, 2, 1, 3));
		EXPECT_TRUE(apart(&self->p));
	}
	put("garbage", "cpu/online");
	ASSERT_EQ(0, place(1, 1, 7, 1));
	EXPECT_EQ(CPU_SETSIZE, self->h.nr);
}

TEST_F(host, the_largest)
{
	put_llcs(64, 16);
	ASSERT_EQ(0, place(4, 32, 16, 1));
	EXPECT_EQ(KT_MAX_CPUS, self->p.nr);
	EXPECT_TRUE(self->p.whole_llcs && apart(&self->p));
}

/* The host we are on, whatever it is. */
TEST_F(host, this_one)
{
	const struct kt_topology one = { 1, 1, 1, 1 };
	int ret;

	ASSERT_EQ(0, sched_getaffinity(0, sizeof(self->allowed),
				       &self->allowed));
	kt_host_read(&self->h, KT_SYSFS_SYSTEM, &self->allowed);
	EXPECT_EQ((u32)CPU_COUNT(&self->allowed), self->h.nr);
	ret = kt_placement_plan(&self->h, &one, &self->p, self->why,
				sizeof(self->why));
	EXPECT_EQ(self->h.nr > 1 ? 0 : -ENOSPC, ret);
	EXPECT_TRUE(ret || apart(&self->p));
}

TEST_HARNESS_MAIN
