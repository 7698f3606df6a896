// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs, cores, LLCs and nodes out of sysfs.
 */
#include <limits.h>
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "topology.h"

static int read_list(const char *root, const char *name,
		     struct kt_cpumask *mask)
{
	char path[PATH_MAX], list[KT_CPUMASK_STR];
	int ret;

	snprintf(path, sizeof(path), "%s/devices/system/%s", root, name);
	ret = kt_read_line(path, list, sizeof(list));
	return ret ? ret : kt_cpumask_parse(mask, list);
}

/* The CPUs that share @cpu's last cache: the best of what sysfs knows. */
static int read_llc(const char *root, u32 cpu, struct kt_cpumask *llc)
{
	static const char *const sources[] = {
		"cache/index3/shared_cpu_list",
		"topology/die_cpus_list",
		"topology/package_cpus_list",
	};
	char name[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		snprintf(name, sizeof(name), "cpu/cpu%u/%s", cpu, sources[i]);
		if (!read_list(root, name, llc) && kt_cpumask_test(llc, cpu))
			return 0;
	}
	return -ENOENT;
}

static bool in_some_llc(const struct kt_guest_topology *topo, u32 cpu)
{
	u32 i;

	for (i = 0; i < topo->nr_llcs; i++)
		if (kt_cpumask_test(&topo->llcs[i], cpu))
			return true;
	return false;
}

static int read_llcs(const char *root, struct kt_guest_topology *topo)
{
	u32 cpu;
	int ret;

	for (cpu = kt_cpumask_next(&topo->online, 0); cpu < KT_MAX_CPUS;
	     cpu = kt_cpumask_next(&topo->online, cpu + 1)) {
		if (in_some_llc(topo, cpu))
			continue;
		if (topo->nr_llcs == KT_MAX_LLCS)
			return kt_err(-E2BIG, "more than %u LLCs", KT_MAX_LLCS);
		ret = read_llc(root, cpu, &topo->llcs[topo->nr_llcs]);
		if (ret)
			return kt_err(ret, "%s: no cache, die or package of cpu%u",
				      root, cpu);
		topo->nr_llcs++;
	}
	return 0;
}

static void read_cores(const char *root, struct kt_guest_topology *topo)
{
	struct kt_cpumask core;
	char name[64];
	u32 cpu;

	for (cpu = kt_cpumask_next(&topo->online, 0); cpu < KT_MAX_CPUS;
	     cpu = kt_cpumask_next(&topo->online, cpu + 1)) {
		snprintf(name, sizeof(name),
			 "cpu/cpu%u/topology/thread_siblings_list", cpu);
		topo->core[cpu] = cpu;
		if (!read_list(root, name, &core) &&
		    kt_cpumask_test(&core, cpu))
			topo->core[cpu] = kt_cpumask_next(&core, 0);
	}
}

/* A kernel without NUMA has one node, of all CPUs. */
static void read_nodes(const char *root, struct kt_guest_topology *topo)
{
	struct kt_cpumask nodes;
	char name[64];
	u32 node;

	if (read_list(root, "node/online", &nodes) || kt_cpumask_empty(&nodes)) {
		topo->nr_nodes = 1;
		topo->nodes_online = 1;
		topo->nodes[0] = topo->online;
		return;
	}
	for (node = 0; node < KT_MAX_NODES; node++) {
		if (!kt_cpumask_test(&nodes, node))
			continue;
		topo->nr_nodes++;
		topo->nodes_online |= 1ULL << node;
		snprintf(name, sizeof(name), "node/node%u/cpulist", node);
		if (read_list(root, name, &topo->nodes[node]))
			topo->nodes[node] = (struct kt_cpumask){};
	}
}

int kt_guest_topology_read(const char *root, struct kt_guest_topology *topo)
{
	int ret;

	memset(topo, 0, sizeof(*topo));
	ret = read_list(root, "cpu/online", &topo->online);
	if (ret)
		return kt_err(ret, "%s: list of online CPUs: %s", root,
			      strerror(-ret));
	topo->nr_cpus = kt_cpumask_weight(&topo->online);
	if (!topo->nr_cpus)
		return kt_err(-EINVAL, "%s: no CPU is online", root);
	read_nodes(root, topo);
	read_cores(root, topo);
	return read_llcs(root, topo);
}

void kt_guest_topology_set_online(struct kt_guest_topology *topo, u32 cpu,
				  bool online)
{
	if (online)
		kt_cpumask_set(&topo->online, cpu);
	else
		kt_cpumask_clear(&topo->online, cpu);
	topo->nr_cpus = kt_cpumask_weight(&topo->online);
}

int kt_nodes_parse(u64 *nodes, const char *list)
{
	struct kt_cpumask mask;
	int ret = kt_cpumask_parse(&mask, list);

	if (ret)
		return ret;
	*nodes = mask.bits[0];
	mask.bits[0] = 0;
	return kt_cpumask_empty(&mask) ? 0 : -ERANGE;
}
