// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolving cpusets. A disjoint share takes CPUs in the order of their
 * numbers, so that shares follow LLCs as far as their sizes allow.
 */
#include <stdio.h>

#include "cpuset.h"

static int resolve_llc(const struct ktstr_cpuset *set,
		       const struct kt_guest_topology *topo,
		       struct kt_cpumask *cpus, char *why, size_t why_size)
{
	if (set->index >= topo->nr_llcs) {
		snprintf(why, why_size,
			 "KTSTR_LLC(%u): the machine has %u LLCs, from 0",
			 set->index, topo->nr_llcs);
		return -EINVAL;
	}
	*cpus = topo->llcs[set->index];
	return 0;
}

static int resolve_disjoint(const struct ktstr_cpuset *set,
			    const struct kt_guest_topology *topo,
			    struct kt_cpumask *cpus, char *why,
			    size_t why_size)
{
	u32 share, larger, first, count, i, cpu;

	if (!set->of || set->index >= set->of || set->of > topo->nr_cpus) {
		snprintf(why, why_size,
			 "KTSTR_DISJOINT(%u, %u): the machine has %u CPUs; shares count from 0",
			 set->index, set->of, topo->nr_cpus);
		return -EINVAL;
	}
	share = topo->nr_cpus / set->of;
	larger = topo->nr_cpus % set->of;	/* so many have one more */
	first = set->index * share + min(set->index, larger);
	count = share + (set->index < larger);

	cpu = kt_cpumask_next(&topo->online, 0);
	for (i = 0; i < first + count; i++) {
		if (i >= first)
			kt_cpumask_set(cpus, cpu);
		cpu = kt_cpumask_next(&topo->online, cpu + 1);
	}
	return 0;
}

int kt_cpuset_resolve(const struct ktstr_cpuset *set,
		      const struct kt_guest_topology *topo,
		      struct kt_cpumask *cpus, char *why, size_t why_size)
{
	memset(cpus, 0, sizeof(*cpus));
	switch (set->kind) {
	case KTSTR_CPUSET_NONE:
		*cpus = topo->online;
		return 0;
	case KTSTR_CPUSET_LLC:
		return resolve_llc(set, topo, cpus, why, why_size);
	case KTSTR_CPUSET_DISJOINT:
		return resolve_disjoint(set, topo, cpus, why, why_size);
	default:
		break;
	}
	snprintf(why, why_size, "cpuset kind %d: there is none such",
		 set->kind);
	return -EINVAL;
}
