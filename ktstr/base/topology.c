// SPDX-License-Identifier: GPL-2.0-only
/*
 * Topology strings: parsed, checked, printed.
 */
#include <ctype.h>
#include <stdio.h>

#include "topology.h"

#define EXAMPLE	"write nodes, LLCs, cores per LLC, threads per core, like 2n4l4c1t"

/* Reads "<number><unit>" and moves @s on. A number is 1 to 4 digits. */
static bool take(const char **s, char unit, u32 *value)
{
	u32 v = 0, digits = 0;

	while (isdigit((unsigned char)**s) && digits++ < 4)
		v = v * 10 + (*(*s)++ - '0');
	if (!digits || digits > 4 || **s != unit)
		return false;
	(*s)++;
	*value = v;
	return true;
}

int kt_topology_parse(const char *s, struct kt_topology *topo, char *why,
		      size_t why_size)
{
	struct kt_topology t = {};
	const char *p = s;

	if (!take(&p, 'n', &t.nodes) || !take(&p, 'l', &t.llcs) ||
	    !take(&p, 'c', &t.cores) || !take(&p, 't', &t.threads) ||
	    (*p && (!take(&p, 'm', &t.mem_nodes) || *p))) {
		snprintf(why, why_size, "topology \"%s\": %s", s, EXAMPLE);
		return -EINVAL;
	}
	if (!t.nodes || !t.llcs || !t.cores || !t.threads) {
		snprintf(why, why_size,
			 "topology \"%s\" has 0 CPUs: each number must be at least 1",
			 s);
		return -EINVAL;
	}
	if (kt_topology_all_nodes(&t) > KT_MAX_NODES) {
		snprintf(why, why_size,
			 "topology \"%s\" has %u nodes: at most %u are possible",
			 s, kt_topology_all_nodes(&t), KT_MAX_NODES);
		return -EINVAL;
	}
	if (t.llcs % t.nodes) {
		snprintf(why, why_size,
			 "topology \"%s\": %u LLCs do not divide by %u nodes",
			 s, t.llcs, t.nodes);
		return -EINVAL;
	}
	if ((u64)t.llcs * t.cores * t.threads > KT_MAX_CPUS) {
		snprintf(why, why_size,
			 "topology \"%s\" has %llu CPUs: at most %u are possible",
			 s, (unsigned long long)t.llcs * t.cores * t.threads,
			 KT_MAX_CPUS);
		return -EINVAL;
	}
	*topo = t;
	return 0;
}

u32 kt_topology_cpus(const struct kt_topology *topo)
{
	return topo->llcs * topo->cores * topo->threads;
}

u32 kt_topology_all_nodes(const struct kt_topology *topo)
{
	return topo->nodes + topo->mem_nodes;
}

const char *kt_topology_str(const struct kt_topology *topo, char *buf,
			    size_t size)
{
	int len = snprintf(buf, size, "%un%ul%uc%ut", topo->nodes, topo->llcs,
			   topo->cores, topo->threads);

	if (topo->mem_nodes && len > 0 && (size_t)len < size)
		snprintf(buf + len, size - len, "%um", topo->mem_nodes);
	return buf;
}
