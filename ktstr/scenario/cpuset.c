// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolving cpusets. Shares and ranges take online CPUs in the order of their
 * numbers, so that shares follow LLCs as far as their sizes allow.
 */
#include <stdarg.h>
#include <stdio.h>

#include "cpuset.h"

#define LIST_SHOWN	100	/* bytes of a list in a sentence */

/* Where a cpuset is resolved, and where to say why it cannot be. */
struct resolve {
	const struct ktstr_cpuset *set;
	const struct kt_guest_topology *topo;
	struct kt_cpumask *cpus;
	char *why;
	size_t why_size;
};

static int __printf(2, 3) refuse(const struct resolve *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, r->why_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static const char *online_str(const struct resolve *r, char *buf, size_t size)
{
	return kt_cpumask_str(&r->topo->online, buf, size);
}

/* Online CPUs from the @first on, in order, @count of them, round the end. */
static void take_cpus(const struct resolve *r, u32 first, u32 count)
{
	const struct kt_guest_topology *topo = r->topo;
	u32 i, cpu = kt_cpumask_next(&topo->online, 0);

	for (i = 0; i < topo->nr_cpus; i++) {
		if ((i + topo->nr_cpus - first) % topo->nr_cpus < count)
			kt_cpumask_set(r->cpus, cpu);
		cpu = kt_cpumask_next(&topo->online, cpu + 1);
	}
}

static int resolve_llc(const struct resolve *r)
{
	const struct kt_guest_topology *topo = r->topo;
	u32 index = r->set->index;

	if (index >= topo->nr_llcs)
		return refuse(r, "KTSTR_LLC(%u): the machine has %u LLCs, from 0",
			      index, topo->nr_llcs);
	*r->cpus = topo->llcs[index];
	return 0;
}

static int resolve_node(const struct resolve *r)
{
	const struct kt_guest_topology *topo = r->topo;
	u32 node = r->set->index;

	if (node >= KT_MAX_NODES || !(topo->nodes_online >> node & 1))
		return refuse(r, "KTSTR_NODE(%u): the machine has %u nodes, from 0",
			      node, topo->nr_nodes);
	if (kt_cpumask_empty(&topo->nodes[node]))
		return refuse(r, "KTSTR_NODE(%u): it has memory alone; choose a node with CPUs",
			      node);
	*r->cpus = topo->nodes[node];
	return 0;
}

/* Where share @index of @of begins, and how many CPUs it has. */
static void share_of(u32 nr_cpus, u32 index, u32 of, u32 *first, u32 *count)
{
	u32 larger = nr_cpus % of;	/* so many have one more */

	*first = index * (nr_cpus / of) + min(index, larger);
	*count = nr_cpus / of + (index < larger);
}

static int resolve_disjoint(const struct resolve *r)
{
	const struct ktstr_cpuset *set = r->set;
	u32 first, count;

	if (!set->of || set->index >= set->of || set->of > r->topo->nr_cpus)
		return refuse(r, "KTSTR_DISJOINT(%u, %u): the machine has %u CPUs; shares count from 0",
			      set->index, set->of, r->topo->nr_cpus);
	share_of(r->topo->nr_cpus, set->index, set->of, &first, &count);
	take_cpus(r, first, count);
	return 0;
}

/* The last share goes on into the first one; what is begun of a CPU counts. */
static int resolve_overlap(const struct resolve *r)
{
	const struct ktstr_cpuset *set = r->set;
	u32 first, count;

	if (!set->of || set->index >= set->of || set->of > r->topo->nr_cpus)
		return refuse(r, "KTSTR_OVERLAP(%u, %u, %u): the machine has %u CPUs; shares count from 0",
			      set->index, set->of, set->to_pct,
			      r->topo->nr_cpus);
	if (set->to_pct > 100)
		return refuse(r, "KTSTR_OVERLAP(%u, %u, %u): at most 100 percent of a share",
			      set->index, set->of, set->to_pct);
	share_of(r->topo->nr_cpus, set->index, set->of, &first, &count);
	count += (count * set->to_pct + 99) / 100;
	take_cpus(r, first, count);
	return 0;
}

/* A CPU belongs to where its place begins; a range has one at least. */
static int resolve_range(const struct resolve *r)
{
	const struct ktstr_cpuset *set = r->set;
	u32 nr = r->topo->nr_cpus, first, end;

	if (set->to_pct > 100 || set->from_pct >= set->to_pct)
		return refuse(r, "KTSTR_CPU_RANGE(%u, %u): give percentages, the first below the second, 100 at most",
			      set->from_pct, set->to_pct);
	first = min(nr * set->from_pct / 100, nr - 1);
	end = max(nr * set->to_pct / 100, first + 1);
	take_cpus(r, first, end - first);
	return 0;
}

static int resolve_exact(const struct resolve *r)
{
	const char *list = r->set->list ?: "";
	char online[KT_CPUMASK_STR];
	struct kt_cpumask missing;

	if (!list[0] || kt_cpumask_parse(r->cpus, list))
		return refuse(r, "KTSTR_CPUS(\"%.*s\"): not a list of CPUs such as \"0-3,8\"",
			      LIST_SHOWN, list);
	kt_cpumask_andnot(&missing, r->cpus, &r->topo->online);
	if (!kt_cpumask_empty(&missing))
		return refuse(r, "KTSTR_CPUS(\"%.*s\"): CPU %u is not online; those are %.*s",
			      LIST_SHOWN, list, kt_cpumask_next(&missing, 0),
			      LIST_SHOWN,
			      online_str(r, online, sizeof(online)));
	return 0;
}

static int resolve_kind(const struct resolve *r)
{
	switch (r->set->kind) {
	case KTSTR_CPUSET_NONE:
		*r->cpus = r->topo->online;
		return 0;
	case KTSTR_CPUSET_LLC:
		return resolve_llc(r);
	case KTSTR_CPUSET_DISJOINT:
		return resolve_disjoint(r);
	case KTSTR_CPUSET_NODE:
		return resolve_node(r);
	case KTSTR_CPUSET_RANGE:
		return resolve_range(r);
	case KTSTR_CPUSET_OVERLAP:
		return resolve_overlap(r);
	case KTSTR_CPUSET_EXACT:
		return resolve_exact(r);
	}
	return refuse(r, "cpuset kind %d: there is none such", r->set->kind);
}

int kt_cpuset_resolve(const struct ktstr_cpuset *set,
		      const struct kt_guest_topology *topo,
		      struct kt_cpumask *cpus, char *why, size_t why_size)
{
	const struct resolve r = { set, topo, cpus, why, why_size };
	char online[KT_CPUMASK_STR];
	int ret;

	memset(cpus, 0, sizeof(*cpus));
	ret = resolve_kind(&r);
	if (ret)
		return ret;
	kt_cpumask_and(cpus, cpus, &topo->online);
	if (kt_cpumask_empty(cpus))
		return refuse(&r, "none of the CPUs of %s %u is online; those are %.*s",
			      set->kind == KTSTR_CPUSET_NODE ? "node" : "LLC",
			      set->index, LIST_SHOWN,
			      online_str(&r, online, sizeof(online)));
	return 0;
}

int kt_nodes_resolve(const char *list, const struct kt_guest_topology *topo,
		     u64 *nodes, char *why, size_t why_size)
{
	if (!list || !list[0] || kt_nodes_parse(nodes, list) || !*nodes) {
		snprintf(why, why_size,
			 "nodes \"%.*s\": not a list of nodes such as \"0-1\"",
			 LIST_SHOWN, list ?: "");
		return -EINVAL;
	}
	if (*nodes & ~topo->nodes_online) {
		snprintf(why, why_size,
			 "nodes \"%.*s\": the machine has %u nodes, from 0",
			 LIST_SHOWN, list, topo->nr_nodes);
		return -EINVAL;
	}
	return 0;
}
