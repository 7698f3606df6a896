/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which host CPU each vCPU is to have for itself: the vCPUs of a guest's LLC
 * share one of the host's, a guest's node keeps to one of the host's, threads of
 * a core to one core. Planning alone; who asks puts it into effect.
 */
#ifndef KTSTR_ENGINE_PLACEMENT_H
#define KTSTR_ENGINE_PLACEMENT_H

#include "../base/topology.h"
#include "host_topology.h"

struct kt_placement {
	u16 cpu[KT_MAX_CPUS];		/* host CPU of each vCPU */
	u32 nr;
	cpu_set_t service;		/* for all other threads; never empty */
	bool whole_llcs;		/* else they did not fit */
	int node[KT_MAX_NODES];		/* of the host; -1: none alone */
};

/*
 * -ENOSPC when @host has no CPU for each vCPU and one more, with a sentence in
 * @why that says what would do.
 */
int kt_placement_plan(const struct kt_host *host,
		      const struct kt_topology *topo, struct kt_placement *p,
		      char *why, size_t size);

#endif /* KTSTR_ENGINE_PLACEMENT_H */
