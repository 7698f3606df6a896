// SPDX-License-Identifier: GPL-2.0-only
/*
 * Placing vCPUs: an LLC of the guest at a time, all of one size, so that taking
 * any host LLC with room for it never spoils a plan that was possible.
 */
#include <stdio.h>

#include "placement.h"

struct plan {
	struct kt_host host;		/* in the order CPUs are given away */
	bool used[CPU_SETSIZE];		/* by place in there */
	const struct kt_topology *topo;
	struct kt_placement *p;
};

/* A core's threads one behind the other, for a guest with threads. */
static int by_core(const void *a, const void *b)
{
	const struct kt_host_cpu *x = a, *y = b;

	if (x->core != y->core)
		return x->core - y->core;
	return x->id - y->id;
}

/* Each core's first thread before any second one, for a guest without. */
static int by_thread(const void *a, const void *b)
{
	const struct kt_host_cpu *x = a, *y = b;

	if (x->thread != y->thread)
		return x->thread - y->thread;
	return x->id - y->id;
}

static u32 per_llc(const struct kt_topology *t)
{
	return t->cores * t->threads;
}

static u32 room(const struct plan *pl, u32 llc, u32 node, u32 *taken)
{
	u32 i, n = 0;

	*taken = 0;
	for (i = 0; i < pl->host.nr; i++) {
		const struct kt_host_cpu *c = &pl->host.cpus[i];

		if (c->llc != llc || c->node != node)
			continue;
		n += !pl->used[i];
		*taken += pl->used[i];
	}
	return n;
}

/* Whether a vCPU of a guest's other node lies on host node @node. */
static bool is_others(const struct plan *pl, u32 guest_node, u32 node)
{
	u32 i;

	for (i = 0; i < guest_node; i++)
		if (pl->p->node[i] == (int)node)
			return true;
	return false;
}

/*
 * How well guest node @guest_node's next LLC does where host CPU @c is: 0 not at
 * all. Its own node first, then one of nobody's, then an LLC of nobody's.
 */
static u32 score(const struct plan *pl, u32 guest_node,
		 const struct kt_host_cpu *c)
{
	int own = pl->p->node[guest_node];
	u32 taken, n = room(pl, c->llc, c->node, &taken), s = 1;

	if (n < per_llc(pl->topo))
		return 0;
	if (own >= 0 ? own == c->node : !is_others(pl, guest_node, c->node))
		s += 2;
	return s + !taken;
}

/* Gives @nr CPUs to the next vCPUs, in order; @like NULL: wherever they are. */
static void take(struct plan *pl, const struct kt_host_cpu *like, u32 nr)
{
	struct kt_placement *p = pl->p;
	u32 i;

	for (i = 0; nr && i < pl->host.nr; i++) {
		const struct kt_host_cpu *c = &pl->host.cpus[i];

		if (pl->used[i] ||
		    (like && (c->llc != like->llc || c->node != like->node)))
			continue;
		pl->used[i] = true;
		p->cpu[p->nr++] = c->id;
		nr--;
	}
}

static bool place_llc(struct plan *pl, u32 guest_node)
{
	const struct kt_host_cpu *best = NULL, *c;
	u32 i, s, most = 0;

	for (i = 0; i < pl->host.nr; i++) {
		c = &pl->host.cpus[i];
		s = score(pl, guest_node, c);
		if (s > most) {
			most = s;
			best = c;
		}
	}
	if (!best)
		return false;
	if (pl->p->node[guest_node] < 0)
		pl->p->node[guest_node] = best->node;
	take(pl, best, per_llc(pl->topo));
	return true;
}

static bool place_llcs(struct plan *pl)
{
	u32 i, per_node = pl->topo->llcs / pl->topo->nodes;

	for (i = 0; i < pl->topo->llcs; i++)
		if (!place_llc(pl, i / per_node))
			return false;
	return true;
}

static const struct kt_host_cpu *find(const struct plan *pl, u32 id)
{
	u32 i;

	for (i = 0; pl->host.cpus[i].id != id; i++)
		;
	return &pl->host.cpus[i];
}

/* The host's node of guest node @node; -1 when its vCPUs are on several. */
static int node_of(const struct plan *pl, u32 node)
{
	u32 per_node = pl->p->nr / pl->topo->nodes, i = node * per_node;
	int host_node = find(pl, pl->p->cpu[i])->node;

	for (; i < (node + 1) * per_node; i++)
		if (find(pl, pl->p->cpu[i])->node != host_node)
			return -1;
	return host_node;
}

static void reset(struct plan *pl)
{
	u32 i;

	memset(pl->used, 0, sizeof(pl->used));
	pl->p->nr = 0;
	for (i = 0; i < KT_MAX_NODES; i++)
		pl->p->node[i] = -1;
}

int kt_placement_plan(const struct kt_host *host,
		      const struct kt_topology *topo, struct kt_placement *p,
		      char *why, size_t size)
{
	struct plan pl = { .host = *host, .topo = topo, .p = p };
	u32 nr = kt_topology_cpus(topo), i;

	if (nr >= host->nr) {
		snprintf(why, size,
			 "%u vCPU%s and one CPU for all other threads are more than the %u host CPU%s there are: take a smaller topology",
			 nr, nr == 1 ? "" : "s", host->nr, host->nr == 1 ? "" : "s");
		return -ENOSPC;
	}
	qsort(pl.host.cpus, pl.host.nr, sizeof(pl.host.cpus[0]),
	      topo->threads > 1 ? by_core : by_thread);
	reset(&pl);
	p->whole_llcs = place_llcs(&pl);
	if (!p->whole_llcs) {
		reset(&pl);
		take(&pl, NULL, nr);
	}
	for (i = 0; i < topo->nodes; i++)
		p->node[i] = node_of(&pl, i);
	CPU_ZERO(&p->service);
	for (i = 0; i < host->nr; i++)
		if (!pl.used[i])
			CPU_SET(pl.host.cpus[i].id, &p->service);
	return 0;
}
