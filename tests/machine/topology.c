// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine as the guest's sysfs shows it against what was asked for: LLCs,
 * dies, packages, SMT siblings, nodes, distances, HMAT. Each case's topology is
 * its own description; nothing here knows which engine made the machine.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ktstr.h>

#define CPU_DIR		"/sys/devices/system/cpu/cpu%u/"
#define NODE_DIR	"/sys/devices/system/node/node%u/"
#define LOCAL_DISTANCE	10
#define REMOTE_DISTANCE	20

struct shape {
	uint32_t nodes, llcs, cores, threads, mem_nodes;
};

static struct shape shape_of(const char *s)
{
	struct shape sh = {};

	sh.nodes = strtoul(s, (char **)&s, 10);
	sh.llcs = strtoul(s + 1, (char **)&s, 10);
	sh.cores = strtoul(s + 1, (char **)&s, 10);
	sh.threads = strtoul(s + 1, (char **)&s, 10);
	sh.mem_nodes = strtoul(s + 1, (char **)&s, 10);
	return sh;
}

/* One line of a file in sysfs; "" when it cannot be read. */
static const char *line(char *buf, size_t size, const char *fmt, uint32_t id,
			const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), fmt, id);
	strncat(path, name, sizeof(path) - strlen(path) - 1);
	buf[0] = '\0';
	f = fopen(path, "re");
	if (f && fgets(buf, size, f))
		buf[strcspn(buf, "\n")] = '\0';
	if (f)
		fclose(f);
	return buf;
}

static long number(const char *fmt, uint32_t id, const char *name)
{
	char buf[64];

	if (!*line(buf, sizeof(buf), fmt, id, name))
		return -1;
	return strtol(buf, NULL, 10);
}

/* "4-7", "3": @nr CPUs from @first, as the kernel prints them. */
static const char *range(char *buf, uint32_t first, uint32_t nr)
{
	if (nr == 1)
		sprintf(buf, "%u", first);
	else
		sprintf(buf, "%u-%u", first, first + nr - 1);
	return buf;
}

static void same(struct ktstr_ctx *t, uint32_t id, const char *what,
		 const char *seen, const char *want)
{
	if (!KTSTR_EXPECT(t, !strcmp(seen, want)))
		ktstr_note(t, "%u: %s is \"%s\", not \"%s\"", id, what, seen,
			   want);
}

static void check_cpu(struct ktstr_ctx *t, const struct shape *sh, uint32_t cpu)
{
	uint32_t per_llc = sh->cores * sh->threads;
	uint32_t per_node = per_llc * (sh->llcs / sh->nodes);
	char seen[128], want[32];

	same(t, cpu, "LLC",
	     line(seen, sizeof(seen), CPU_DIR, cpu, "cache/index3/shared_cpu_list"),
	     range(want, cpu / per_llc * per_llc, per_llc));
	KTSTR_EXPECT_EQ(t, number(CPU_DIR, cpu, "cache/index3/level"), 3);
	same(t, cpu, "SMT siblings",
	     line(seen, sizeof(seen), CPU_DIR, cpu, "topology/thread_siblings_list"),
	     range(want, cpu / sh->threads * sh->threads, sh->threads));
	same(t, cpu, "die",
	     line(seen, sizeof(seen), CPU_DIR, cpu, "topology/die_cpus_list"),
	     range(want, cpu / per_llc * per_llc, per_llc));
	same(t, cpu, "package",
	     line(seen, sizeof(seen), CPU_DIR, cpu, "topology/package_cpus_list"),
	     range(want, cpu / per_node * per_node, per_node));
	KTSTR_EXPECT_EQ(t, number(CPU_DIR, cpu, "topology/physical_package_id"),
			cpu / per_node);
}

static void check_node(struct ktstr_ctx *t, const struct shape *sh,
		       uint32_t node)
{
	uint32_t per_node = sh->cores * sh->threads * sh->llcs / sh->nodes;
	uint32_t all = sh->nodes + sh->mem_nodes, i;
	char seen[512], want[512] = "", one[16];

	line(seen, sizeof(seen), NODE_DIR, node, "cpulist");
	same(t, node, "CPUs of the node", seen,
	     node < sh->nodes ? range(want, node * per_node, per_node) : "");
	want[0] = '\0';
	for (i = 0; i < all; i++) {
		snprintf(one, sizeof(one), "%s%u", i ? " " : "",
			 i == node ? LOCAL_DISTANCE : REMOTE_DISTANCE);
		strcat(want, one);
	}
	same(t, node, "distances",
	     line(seen, sizeof(seen), NODE_DIR, node, "distance"), want);
	if (all == 1)
		return;
	/* from HMAT: of the nearest CPUs, in ns and MiB/s */
	KTSTR_EXPECT_EQ(t, number(NODE_DIR, node,
				  "access0/initiators/read_latency"),
			node < sh->nodes ? 10 : 20);
	KTSTR_EXPECT_EQ(t, number(NODE_DIR, node,
				  "access0/initiators/read_bandwidth"),
			node < sh->nodes ? 10000 : 5000);
}

static void check(struct ktstr_ctx *t, const char *topology)
{
	struct shape sh = shape_of(topology);
	uint32_t i;

	KTSTR_ASSERT(t, sh.nodes && sh.llcs && sh.cores && sh.threads);
	KTSTR_EXPECT_EQ(t, ktstr_nr_cpus(t), sh.llcs * sh.cores * sh.threads);
	KTSTR_EXPECT_EQ(t, ktstr_nr_llcs(t), sh.llcs);
	for (i = 0; i < ktstr_nr_cpus(t); i++)
		check_cpu(t, &sh, i);
	for (i = 0; i < sh.nodes + sh.mem_nodes; i++)
		check_node(t, &sh, i);
}

#define TOPOLOGY(str)							\
	KTSTR_TEST(sees_##str, .desc = "the guest sees " #str,		\
		   .topology = #str, .duration_ms = 100)		\
	{								\
		check(t, #str);						\
	}

TOPOLOGY(1n1l4c1t)
TOPOLOGY(1n2l2c2t)
TOPOLOGY(1n1l2c2t)
TOPOLOGY(2n4l4c1t)
TOPOLOGY(4n8l4c1t)
TOPOLOGY(2n2l2c1t1m)
TOPOLOGY(2n4l10c1t)
