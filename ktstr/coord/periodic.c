// SPDX-License-Identifier: GPL-2.0-only
/*
 * The schedule of periodic captures.
 */
#include "periodic.h"

u64 kt_periodic_at(const struct kt_periodic *p, u32 i)
{
	return p->workload_ns / 10 +
	       (i + 1) * (p->workload_ns / 10 * 8) / (p->nr + 1);
}

int kt_periodic_check(u32 nr, u64 workload_ns)
{
	if (!nr)
		return 0;
	if (nr > KT_PERIODIC_MAX ||
	    workload_ns / 10 * 8 / (nr + 1) < KT_PERIODIC_MIN_NS)
		return -ERANGE;
	return 0;
}

u64 kt_periodic_left(const struct kt_periodic *p, u64 workload_ns)
{
	u64 at;

	if (p->ended || p->next >= p->nr)
		return UINT64_MAX;
	at = kt_periodic_at(p, p->next);
	return workload_ns >= at ? 0 : at - workload_ns;
}

bool kt_periodic_due(const struct kt_periodic *p, u64 workload_ns)
{
	return !kt_periodic_left(p, workload_ns);
}

u32 kt_periodic_nr_due(const struct kt_periodic *p, u64 workload_ns)
{
	u32 nr = 0;

	while (nr < p->nr && kt_periodic_at(p, nr) <= workload_ns)
		nr++;
	return nr;
}

void kt_periodic_done(struct kt_periodic *p, bool frozen)
{
	p->next++;
	p->fired++;
	p->failed_in_a_row = frozen ? 0 : p->failed_in_a_row + 1;
	if (p->failed_in_a_row >= 2)
		p->ended = true;
}
