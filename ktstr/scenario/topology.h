/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine as its own kernel sees it: online CPUs, cores, LLCs, nodes. What
 * a test asked for is the host's business; here counts what came of it.
 */
#ifndef KTSTR_SCENARIO_TOPOLOGY_H
#define KTSTR_SCENARIO_TOPOLOGY_H

#include "../work/cpumask.h"

#define KT_MAX_LLCS	128

struct kt_guest_topology {
	struct kt_cpumask online;
	u32 nr_cpus;
	u32 nr_nodes;
	u32 nr_llcs;
	u64 nodes_online;			/* a bit each */
	struct kt_cpumask llcs[KT_MAX_LLCS];	/* by their first CPU */
	struct kt_cpumask nodes[KT_MAX_NODES];	/* by number, also empty ones */
	u16 core[KT_MAX_CPUS];			/* first CPU of a CPU's core */
};

/*
 * Reads sysfs below @root ("/sys" but in tests). An LLC is what shares the
 * level 3 cache; without one, the die, else the package. A CPU of which no
 * siblings are known is a core.
 */
int kt_guest_topology_read(const char *root, struct kt_guest_topology *topo);

/* @topo after @cpu went offline or came back; LLCs, nodes, cores stay. */
void kt_guest_topology_set_online(struct kt_guest_topology *topo, u32 cpu,
				  bool online);

/* "0-1" as bits. -EINVAL for what is no list, -ERANGE for a node too many. */
int kt_nodes_parse(u64 *nodes, const char *list);

#endif /* KTSTR_SCENARIO_TOPOLOGY_H */
