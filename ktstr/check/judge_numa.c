// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks on nodes: where memory lies against where its workers may run, and
 * how often workers change nodes. On a machine of one node there is nothing to
 * judge.
 */
#include <stdio.h>

#include "judge_priv.h"
#include "spread.h"

#define NODES_STR	64

/* Whether a CPU of node @node is among @cpus. */
static bool has_cpu_of(const struct kt_guest_topology *topo, u32 node,
		       const struct kt_cpumask *cpus)
{
	struct kt_cpumask both;

	kt_cpumask_and(&both, &topo->nodes[node], cpus);
	return !kt_cpumask_empty(&both);
}

struct kt_page_stats kt_page_stats_of(const struct kt_judge_input *in)
{
	struct kt_page_stats s = { .nr = 0 };
	u32 i, node;

	for (i = 0; i < in->nr && in->topo; i++) {
		const struct kt_worker_report *r = &in->reports[i];
		const struct kt_cpumask *cpus = r->allowed ?: in->cpus ?:
						&in->topo->online;

		for (node = 0; node < KT_MAX_NODES; node++) {
			u32 pages = r->pages[node];

			if (!pages)
				continue;
			s.nr += pages;
			s.by_node[node] += pages;
			if (has_cpu_of(in->topo, node, cpus))
				s.local += pages;
			if (kt_cpumask_empty(&in->topo->nodes[node]))
				s.slow += pages;
		}
	}
	return s;
}

/* "node 0 12%, node 2 88%", as many as fit. */
static const char *say_nodes(const struct kt_page_stats *s, char *buf,
			     size_t size)
{
	size_t len = 0;
	u32 node;

	buf[0] = '\0';
	for (node = 0; node < KT_MAX_NODES; node++) {
		if (!s->by_node[node])
			continue;
		len += snprintf(buf + len, size - len, "%snode %u %u%%",
				len ? ", " : "", node,
				kt_spread_pct(s->by_node[node], s->nr));
		if (len >= size)
			break;
	}
	return buf;
}

static void judge_pages(struct kt_verdict *v, const struct kt_thresholds *th,
			const struct kt_judge_input *in)
{
	struct kt_page_stats s = kt_page_stats_of(in);
	char nodes[NODES_STR];
	u32 pct;

	if (!s.nr) {
		kt_verdict_unjudged(v, KT_DETAIL_NUMA,
				    "cgroup %s: no memory of its workers' own was seen on a machine of several nodes: their pages were not judged",
				    in->cgroup);
		return;
	}
	say_nodes(&s, nodes, sizeof(nodes));
	pct = kt_spread_pct(s.local, s.nr);
	if (th->page_locality_pct > 0 && pct < (u32)th->page_locality_pct)
		kt_verdict_detail(v, KT_DETAIL_NUMA,
				  "cgroup %s: %u%% of %llu pages on nodes of its CPUs (at least %d%% expected; %s)",
				  in->cgroup, pct, (unsigned long long)s.nr,
				  th->page_locality_pct, nodes);
	pct = kt_spread_pct(s.slow, s.nr);
	if (th->slow_tier_pct > 0 && pct > (u32)th->slow_tier_pct)
		kt_verdict_detail(v, KT_DETAIL_NUMA,
				  "cgroup %s: %u%% of %llu pages on nodes without CPUs (bound %d%%; %s)",
				  in->cgroup, pct, (unsigned long long)s.nr,
				  th->slow_tier_pct, nodes);
	kt_verdict_judged(v);
}

static void judge_crossings(struct kt_verdict *v,
			    const struct kt_judge_input *in, s32 bound_pct)
{
	u64 migrations = 0, cross = 0;
	u32 i, pct;

	for (i = 0; i < in->nr; i++) {
		migrations += in->reports[i].migrations;
		cross += in->reports[i].cross_node;
	}
	pct = kt_spread_pct(cross, migrations);
	if (pct > (u32)bound_pct)
		kt_verdict_detail(v, KT_DETAIL_NUMA,
				  "cgroup %s: %u%% of %llu migrations to another node (bound %d%%; %llu)",
				  in->cgroup, pct,
				  (unsigned long long)migrations, bound_pct,
				  (unsigned long long)cross);
	kt_verdict_judged(v);
}

void kt_judge_numa(struct kt_verdict *v, const struct kt_thresholds *th,
		   const struct kt_judge_input *in)
{
	if (th->page_locality_pct > 0 || th->slow_tier_pct > 0)
		judge_pages(v, th, in);
	if (th->cross_node_pct > 0)
		judge_crossings(v, in, th->cross_node_pct);
}
