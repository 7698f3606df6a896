/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shape of a machine: NnLlCcTt. Nodes, LLCs in all, cores per LLC,
 * threads per core; LLCs divide evenly among nodes.
 */
#ifndef KTSTR_BASE_TOPOLOGY_H
#define KTSTR_BASE_TOPOLOGY_H

#include "types.h"

#define KT_MAX_CPUS	512
#define KT_MAX_NODES	64
#define KT_TOPOLOGY_STR	32

struct kt_topology {
	u32 nodes;
	u32 llcs;		/* in all */
	u32 cores;		/* per LLC */
	u32 threads;		/* per core */
	u32 mem_nodes;		/* with memory and no CPU, numbered behind @nodes */
};

/*
 * Parses "2n4l4c1t", or "2n4l4c1t1m" with a node of memory alone. -EINVAL and
 * a sentence in @why that names the value and
 * what would be right.
 */
int kt_topology_parse(const char *s, struct kt_topology *topo, char *why,
		      size_t why_size);

u32 kt_topology_cpus(const struct kt_topology *topo);

/* Nodes with CPUs and nodes without. */
u32 kt_topology_all_nodes(const struct kt_topology *topo);

/* "2n4l4c1t" into @buf of at least KT_TOPOLOGY_STR bytes; returns @buf. */
const char *kt_topology_str(const struct kt_topology *topo, char *buf,
			    size_t size);

#endif /* KTSTR_BASE_TOPOLOGY_H */
