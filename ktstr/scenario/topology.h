/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine as its own kernel sees it: online CPUs, LLCs, nodes. What a
 * test asked for is the host's business; here counts what came of it.
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
	struct kt_cpumask llcs[KT_MAX_LLCS];	/* by their first CPU */
};

/*
 * Reads sysfs below @root ("/sys" but in tests). An LLC is what shares the
 * level 3 cache; without one, the die, else the package.
 */
int kt_guest_topology_read(const char *root, struct kt_guest_topology *topo);

#endif /* KTSTR_SCENARIO_TOPOLOGY_H */
