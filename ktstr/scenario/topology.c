// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs, LLCs and nodes out of sysfs.
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

int kt_guest_topology_read(const char *root, struct kt_guest_topology *topo)
{
	struct kt_cpumask nodes;
	int ret;

	memset(topo, 0, sizeof(*topo));
	ret = read_list(root, "cpu/online", &topo->online);
	if (ret)
		return kt_err(ret, "%s: list of online CPUs: %s", root,
			      strerror(-ret));
	topo->nr_cpus = kt_cpumask_weight(&topo->online);
	if (!topo->nr_cpus)
		return kt_err(-EINVAL, "%s: no CPU is online", root);
	/* a kernel without NUMA has no such file */
	topo->nr_nodes = read_list(root, "node/online", &nodes) ?
			 1 : max(kt_cpumask_weight(&nodes), 1u);
	return read_llcs(root, topo);
}
