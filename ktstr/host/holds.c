// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boundaries of periodic captures and times of writes, merged.
 */
#include "../coord/periodic.h"
#include "holds.h"

static_assert(KT_PERIODIC_MAX + KT_MAX_WRITES <= KT_PLAN_MAX_HOLDS,
	      "there is room for all");

static void insert(struct kt_plan *p, u64 at_ns)
{
	u32 i = p->nr_holds++;

	for (; i && p->hold_ns[i - 1] > at_ns; i--)
		p->hold_ns[i] = p->hold_ns[i - 1];
	p->hold_ns[i] = at_ns;
}

void kt_holds_fill(struct kt_plan *p, u32 nr_captures,
		   const struct kt_write *writes, u32 nr_writes)
{
	const struct kt_periodic periodic = {
		.nr = min_t(u32, nr_captures, KT_PERIODIC_MAX),
		.workload_ns = p->duration_ms * KT_NSEC_PER_MSEC,
	};
	u32 i;

	p->nr_holds = 0;
	for (i = 0; i < periodic.nr; i++)
		insert(p, kt_periodic_at(&periodic, i));
	for (i = 0; i < nr_writes && i < KT_MAX_WRITES; i++)
		insert(p, writes[i].at_ns);
}
