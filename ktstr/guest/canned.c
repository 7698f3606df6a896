// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a scenario by its name, with as many workers as the machine is large.
 */
#include <stdio.h>

#include "../base/topology.h"
#include "../check/verdict.h"
#include "ctx.h"

static bool has_smt(const struct kt_guest_topology *topo)
{
	u32 cpu;

	for (cpu = 0; cpu < KT_MAX_CPUS; cpu++)
		if (kt_cpumask_test(&topo->online, cpu) &&
		    topo->core[cpu] != cpu)
			return true;
	return false;
}

static u32 nodes_with_cpus(const struct kt_guest_topology *topo)
{
	u32 node, nr = 0;

	for (node = 0; node < KT_MAX_NODES; node++)
		nr += !kt_cpumask_empty(&topo->nodes[node]);
	return nr;
}

static bool within(u32 has, u32 least, u32 most)
{
	return has >= least && (!most || has <= most);
}

static bool suits(const struct kt_guest_topology *topo,
		  const struct ktstr_needs *n)
{
	return within(topo->nr_cpus, n->cpus, n->max_cpus) &&
	       within(topo->nr_llcs, n->llcs, n->max_llcs) &&
	       within(nodes_with_cpus(topo), n->nodes, n->max_nodes) &&
	       (!n->smt || has_smt(topo));
}

/* Workers are meant for the CPUs of the scenario's own topology. */
static u32 workers_factor(const struct ktstr_canned *c, u32 nr_cpus)
{
	struct kt_topology own;
	char why[256];

	if (kt_topology_parse(c->topology, &own, why, sizeof(why)))
		return 1;
	return max_t(u32, nr_cpus / kt_topology_cpus(&own), 1);
}

void ktstr_run_canned(struct ktstr_ctx *t, const char *name)
{
	const struct ktstr_canned *c = name ? ktstr_canned_find(name) : NULL;
	struct kt_verdict *v = &t->shared->verdict;
	char why[KT_DETAIL_TEXT_MAX];

	if (!c) {
		kt_verdict_detail(v, KT_DETAIL_TEST, "%s",
				  ktstr_canned_unknown(name ?: "", why,
						       sizeof(why)));
		ktstr_leave(t);
	}
	if (!suits(&t->topo, &c->needs)) {
		kt_verdict_detail(v, KT_DETAIL_TEST,
				  "scenario %s needs a machine such as %s; give the case that .topology, or .needs",
				  name, c->topology);
		ktstr_leave(t);
	}
	t->scenario.factor = workers_factor(c, t->topo.nr_cpus);
	ktstr_run_steps(t, c->steps, c->nr_steps);
}

void ktstr_scenario_body(struct ktstr_ctx *t)
{
	ktstr_run_canned(t, t->test->scenario);
}
