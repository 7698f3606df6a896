// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's view of its machine, out of a sysfs made for the test.
 */
#include <stdarg.h>
#include <stdio.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/scenario/topology.h"
#include "test_dir.h"

FIXTURE(sysfs)
{
	struct kt_guest_topology topo;
};

FIXTURE_SETUP(sysfs)
{
	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
}

FIXTURE_TEARDOWN(sysfs)
{
	kt_remove_tree(root);
}

/* <root>/devices/system/<name> with @text in it. */
static int put(const char *text, const char *fmt, ...)
{
	char name[128], path[256];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s/devices/system/%s", root, name);
	*strrchr(path, '/') = '\0';
	kt_mkdirs(path, 0755);
	path[strlen(path)] = '/';
	f = fopen(path, "w");
	if (!f)
		return -errno;
	fprintf(f, "%s\n", text);
	return fclose(f);
}

static int read_topo(struct kt_guest_topology *topo)
{
	memset(topo, 0xff, sizeof(*topo));
	return kt_guest_topology_read(root, topo);
}

static bool is_list(const struct kt_cpumask *mask, const char *list)
{
	char buf[KT_CPUMASK_STR];

	return !strcmp(kt_cpumask_str(mask, buf, sizeof(buf)), list);
}

TEST_F(sysfs, level_3_caches)
{
	u32 cpu;

	put("0-3", "cpu/online");
	put("0-1", "node/online");
	for (cpu = 0; cpu < 4; cpu++) {
		put(cpu < 2 ? "0-1" : "2-3",
		    "cpu/cpu%u/cache/index3/shared_cpu_list", cpu);
		put("0-3", "cpu/cpu%u/topology/die_cpus_list", cpu);
	}
	ASSERT_EQ(0, read_topo(&self->topo));
	EXPECT_EQ(4, self->topo.nr_cpus);
	EXPECT_EQ(2, self->topo.nr_nodes);
	ASSERT_EQ(2, self->topo.nr_llcs);
	EXPECT_TRUE(is_list(&self->topo.llcs[0], "0-1"));
	EXPECT_TRUE(is_list(&self->topo.llcs[1], "2-3"));
}

TEST_F(sysfs, interleaved_llcs_in_the_order_of_their_first_cpu)
{
	u32 cpu;

	put("0-3", "cpu/online");
	for (cpu = 0; cpu < 4; cpu++)
		put(cpu % 2 ? "1,3" : "0,2",
		    "cpu/cpu%u/cache/index3/shared_cpu_list", cpu);
	ASSERT_EQ(0, read_topo(&self->topo));
	ASSERT_EQ(2, self->topo.nr_llcs);
	EXPECT_TRUE(is_list(&self->topo.llcs[0], "0,2"));
	EXPECT_TRUE(is_list(&self->topo.llcs[1], "1,3"));
	EXPECT_EQ(1, self->topo.nr_nodes);
}

TEST_F(sysfs, dies_without_a_level_3_cache)
{
	u32 cpu;

	put("0-3", "cpu/online");
	for (cpu = 0; cpu < 4; cpu++) {
		put(cpu < 2 ? "0-1" : "2-3",
		    "cpu/cpu%u/topology/die_cpus_list", cpu);
		put("0-3", "cpu/cpu%u/topology/package_cpus_list",
		    cpu);
	}
	ASSERT_EQ(0, read_topo(&self->topo));
	EXPECT_EQ(2, self->topo.nr_llcs);
}

TEST_F(sysfs, packages_without_dies)
{
	put("0-1", "cpu/online");
	put("0-1", "cpu/cpu0/topology/package_cpus_list");
	ASSERT_EQ(0, read_topo(&self->topo));
	EXPECT_EQ(1, self->topo.nr_llcs);
}

TEST_F(sysfs, nodes_and_cores)
{
	u32 cpu;

	put("0-3", "cpu/online");
	put("0,2", "node/online");
	put("0-3", "node/node0/cpulist");
	put("", "node/node2/cpulist");
	for (cpu = 0; cpu < 4; cpu++) {
		put("0-3", "cpu/cpu%u/topology/package_cpus_list", cpu);
		put(cpu % 2 ? "1,3" : "0,2",
		    "cpu/cpu%u/topology/thread_siblings_list", cpu);
	}
	ASSERT_EQ(0, read_topo(&self->topo));
	EXPECT_EQ(2, self->topo.nr_nodes);
	EXPECT_EQ(5, self->topo.nodes_online);
	EXPECT_TRUE(is_list(&self->topo.nodes[0], "0-3"));
	EXPECT_TRUE(is_list(&self->topo.nodes[1], ""));
	EXPECT_TRUE(is_list(&self->topo.nodes[2], ""));
	EXPECT_EQ(0, self->topo.core[2]);
	EXPECT_EQ(1, self->topo.core[3]);
}

TEST_F(sysfs, without_numa_a_node_has_all_cpus)
{
	put("0-1", "cpu/online");
	put("0-1", "cpu/cpu0/topology/package_cpus_list");
	ASSERT_EQ(0, read_topo(&self->topo));
	EXPECT_EQ(1, self->topo.nodes_online);
	EXPECT_TRUE(is_list(&self->topo.nodes[0], "0-1"));
	EXPECT_EQ(1, self->topo.core[1]);	/* nothing known: a core */
}

TEST_F(sysfs, nothing_known_of_a_cpu)
{
	put("0-1", "cpu/online");
	put("0", "cpu/cpu0/cache/index3/shared_cpu_list");
	EXPECT_EQ(-ENOENT, read_topo(&self->topo));
}

TEST_F(sysfs, a_list_without_the_cpu_itself_is_not_believed)
{
	put("0", "cpu/online");
	put("1", "cpu/cpu0/cache/index3/shared_cpu_list");
	put("0", "cpu/cpu0/topology/die_cpus_list");
	ASSERT_EQ(0, read_topo(&self->topo));
	EXPECT_TRUE(is_list(&self->topo.llcs[0], "0"));
}

TEST_F(sysfs, no_sysfs)
{
	EXPECT_EQ(-ENOENT, read_topo(&self->topo));
	put("junk", "cpu/online");
	EXPECT_EQ(-EINVAL, read_topo(&self->topo));
	put("", "cpu/online");
	EXPECT_EQ(-EINVAL, read_topo(&self->topo));
}

TEST_HARNESS_MAIN
