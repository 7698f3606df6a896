/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what a test says of a cgroup's CPUs and nodes to the CPUs and nodes.
 */
#ifndef KTSTR_SCENARIO_CPUSET_H
#define KTSTR_SCENARIO_CPUSET_H

#include "ktstr/include/ktstr.h"
#include "topology.h"

/*
 * Resolves @set on @topo to CPUs that are online, one at least.
 * KTSTR_CPUSET_NONE yields all of them. -EINVAL and a sentence in @why when the
 * machine has no such CPUs.
 */
int kt_cpuset_resolve(const struct ktstr_cpuset *set,
		      const struct kt_guest_topology *topo,
		      struct kt_cpumask *cpus, char *why, size_t why_size);

/* @list ("0-1") as bits, all of nodes that are online, one at least. */
int kt_nodes_resolve(const char *list, const struct kt_guest_topology *topo,
		     u64 *nodes, char *why, size_t why_size);

#endif /* KTSTR_SCENARIO_CPUSET_H */
