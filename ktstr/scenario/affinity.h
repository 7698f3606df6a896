/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what a test says of workers' affinity to the CPUs of each of them.
 */
#ifndef KTSTR_SCENARIO_AFFINITY_H
#define KTSTR_SCENARIO_AFFINITY_H

#include "ktstr/include/ktstr.h"
#include "topology.h"

/*
 * The CPUs of @nr workers, numbered from @first on, whose cgroup has @allowed;
 * into @cpus, one each. KTSTR_AFFINITY_INHERIT yields @allowed. Random ones
 * depend on @seed and the worker's number alone. -EINVAL and a sentence in @why
 * when there are no such CPUs.
 */
int kt_affinity_resolve(const struct ktstr_affinity *affinity,
			const struct kt_guest_topology *topo,
			const struct kt_cpumask *allowed, u64 seed, u32 first,
			u32 nr, struct kt_cpumask *cpus, char *why,
			size_t why_size);

#endif /* KTSTR_SCENARIO_AFFINITY_H */
