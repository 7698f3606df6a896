/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what a test says of a cgroup's CPUs to the CPUs.
 */
#ifndef KTSTR_SCENARIO_CPUSET_H
#define KTSTR_SCENARIO_CPUSET_H

#include "ktstr/include/ktstr.h"
#include "topology.h"

/*
 * Resolves @set on @topo. KTSTR_CPUSET_NONE yields all CPUs. -EINVAL and a
 * sentence in @why when the machine has no such CPUs.
 */
int kt_cpuset_resolve(const struct ktstr_cpuset *set,
		      const struct kt_guest_topology *topo,
		      struct kt_cpumask *cpus, char *why, size_t why_size);

#endif /* KTSTR_SCENARIO_CPUSET_H */
