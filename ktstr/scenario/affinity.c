// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolving affinities. What goes round does so over the sets that have a CPU
 * of the cgroup's, in the order of their first such CPU.
 */
#include <stdio.h>

#include "affinity.h"

#define LIST_SHOWN	80	/* bytes of a list in a sentence */

/* splitmix64: one step of @state, one well mixed number. */
static u64 next_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* The first @count of a shuffle of @allowed. */
static void pick_random(const struct kt_cpumask *allowed, u32 count, u64 seed,
			u32 worker, struct kt_cpumask *cpus)
{
	u64 state = seed ^ ((u64)worker << 32);
	u32 list[KT_MAX_CPUS], nr = 0, i, cpu;

	for (cpu = kt_cpumask_next(allowed, 0); cpu < KT_MAX_CPUS;
	     cpu = kt_cpumask_next(allowed, cpu + 1))
		list[nr++] = cpu;
	for (i = 0; i < count; i++) {
		u32 other = i + next_random(&state) % (nr - i);

		kt_cpumask_set(cpus, list[other]);
		list[other] = list[i];
	}
}

/* The part of @allowed that @cpu's LLC, core or self is. */
static void part_of(const struct kt_guest_topology *topo,
		    enum ktstr_affinity_kind kind, u32 cpu,
		    const struct kt_cpumask *allowed, struct kt_cpumask *part)
{
	u32 i;

	*part = (struct kt_cpumask){};
	kt_cpumask_set(part, cpu);
	for (i = 0; kind == KTSTR_AFFINITY_LLC && i < topo->nr_llcs; i++)
		if (kt_cpumask_test(&topo->llcs[i], cpu))
			*part = topo->llcs[i];
	for (i = 0; kind == KTSTR_AFFINITY_SMT && i < KT_MAX_CPUS; i++)
		if (kt_cpumask_test(&topo->online, i) &&
		    topo->core[i] == topo->core[cpu])
			kt_cpumask_set(part, i);
	kt_cpumask_and(part, part, allowed);
}

/* Workers round the parts of @allowed: the first round over the CPUs finds them. */
static void go_round(const struct kt_guest_topology *topo,
		     enum ktstr_affinity_kind kind,
		     const struct kt_cpumask *allowed, u32 first, u32 nr,
		     struct kt_cpumask *cpus)
{
	struct kt_cpumask left = *allowed, part;
	u16 heads[KT_MAX_CPUS];
	u32 nr_heads = 0, i, cpu;

	while ((cpu = kt_cpumask_next(&left, 0)) < KT_MAX_CPUS) {
		heads[nr_heads++] = cpu;
		part_of(topo, kind, cpu, allowed, &part);
		kt_cpumask_andnot(&left, &left, &part);
	}
	for (i = 0; i < nr; i++) {
		if (i >= nr_heads)	/* as the one a round before */
			cpus[i] = cpus[i - nr_heads];
		else
			part_of(topo, kind, heads[(first + i) % nr_heads],
				allowed, &cpus[i]);
	}
}

static int resolve_random(const struct ktstr_affinity *a,
			  const struct kt_cpumask *allowed, u64 seed, u32 first,
			  u32 nr, struct kt_cpumask *cpus, char *why,
			  size_t why_size)
{
	u32 nr_allowed = kt_cpumask_weight(allowed), i;

	if (!a->count || a->count > nr_allowed) {
		snprintf(why, why_size,
			 "KTSTR_AFFINITY_RANDOM: %u of the cgroup's %u CPUs; give a .count from 1 to %u",
			 a->count, nr_allowed, nr_allowed);
		return -EINVAL;
	}
	memset(cpus, 0, nr * sizeof(*cpus));
	for (i = 0; i < nr; i++)
		pick_random(allowed, a->count, seed, first + i, &cpus[i]);
	return 0;
}

static int resolve_exact(const char *list, const struct kt_cpumask *allowed,
			 struct kt_cpumask *cpus, char *why, size_t why_size)
{
	char buf[KT_CPUMASK_STR];
	struct kt_cpumask common;

	if (!list || !list[0] || kt_cpumask_parse(cpus, list)) {
		snprintf(why, why_size,
			 "KTSTR_AFFINITY_EXACT: \"%.*s\" is not a list of CPUs such as \"0-3,8\"",
			 LIST_SHOWN, list ?: "");
		return -EINVAL;
	}
	kt_cpumask_and(&common, cpus, allowed);
	if (kt_cpumask_empty(&common)) {
		snprintf(why, why_size,
			 "KTSTR_AFFINITY_EXACT: none of the CPUs \"%.*s\" is the cgroup's, which are %.*s",
			 LIST_SHOWN, list, LIST_SHOWN,
			 kt_cpumask_str(allowed, buf, sizeof(buf)));
		return -EINVAL;
	}
	return 0;
}

static int resolve_cross(const struct kt_guest_topology *topo,
			 const struct kt_cpumask *allowed,
			 struct kt_cpumask *cpus, char *why, size_t why_size)
{
	kt_cpumask_andnot(cpus, &topo->online, allowed);
	if (!kt_cpumask_empty(cpus))
		return 0;
	snprintf(why, why_size,
		 "KTSTR_AFFINITY_CROSS: the cgroup has all CPUs; give it a cpuset");
	return -EINVAL;
}

int kt_affinity_resolve(const struct ktstr_affinity *a,
			const struct kt_guest_topology *topo,
			const struct kt_cpumask *allowed, u64 seed, u32 first,
			u32 nr, struct kt_cpumask *cpus, char *why,
			size_t why_size)
{
	int ret = 0;
	u32 i;

	switch (a->kind) {
	case KTSTR_AFFINITY_RANDOM:
		return resolve_random(a, allowed, seed, first, nr, cpus, why,
				      why_size);
	case KTSTR_AFFINITY_LLC:
	case KTSTR_AFFINITY_SMT:
	case KTSTR_AFFINITY_ONE:
		go_round(topo, a->kind, allowed, first, nr, cpus);
		return 0;
	case KTSTR_AFFINITY_INHERIT:
		cpus[0] = *allowed;
		break;
	case KTSTR_AFFINITY_CROSS:
		ret = resolve_cross(topo, allowed, cpus, why, why_size);
		break;
	case KTSTR_AFFINITY_EXACT:
		ret = resolve_exact(a->list, allowed, cpus, why, why_size);
		break;
	default:
		snprintf(why, why_size, "affinity kind %d: there is none such",
			 a->kind);
		return -EINVAL;
	}
	for (i = 1; i < nr; i++)
		cpus[i] = cpus[0];
	return ret;
}
