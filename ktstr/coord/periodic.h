/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When periodic captures are due: boundaries at equal distances over the
 * middle four fifths of the workload, in workload time. Pure.
 */
#ifndef KTSTR_COORD_PERIODIC_H
#define KTSTR_COORD_PERIODIC_H

#include "../base/types.h"

#define KT_PERIODIC_MAX		64
#define KT_PERIODIC_MIN_NS	(100 * 1000000ULL)	/* between boundaries */

struct kt_periodic {
	u32 nr;			/* boundaries in all */
	u64 workload_ns;
	u32 next;		/* the first that is not yet done with */
	u32 fired;		/* captures, also placeholders */
	u32 failed_in_a_row;	/* freezes that timed out */
	bool ended;		/* two of them: no more in this run */
};

/* Workload time of boundary @i of @p: 0.1 d + (i + 1) * 0.8 d / (n + 1). */
u64 kt_periodic_at(const struct kt_periodic *p, u32 i);

/* -ERANGE when @nr captures do not fit a workload of @workload_ns. */
int kt_periodic_check(u32 nr, u64 workload_ns);

/* Whether one is due at @workload_ns; a boundary passed waits, in order. */
bool kt_periodic_due(const struct kt_periodic *p, u64 workload_ns);

/* How long until the next one; UINT64_MAX when there is none. */
u64 kt_periodic_left(const struct kt_periodic *p, u64 workload_ns);

/* How many were due by @workload_ns, whether taken or not. */
u32 kt_periodic_nr_due(const struct kt_periodic *p, u64 workload_ns);

/* The next one was taken, or its freeze timed out. */
void kt_periodic_done(struct kt_periodic *p, bool frozen);

#endif /* KTSTR_COORD_PERIODIC_H */
