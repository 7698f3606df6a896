/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wake latencies of a worker: exact count, mean, spread and maximum, and a
 * sample of bounded size that percentiles come from. Which latencies are kept
 * depends on the seed and their order alone.
 */
#ifndef KTSTR_WORK_WAKES_H
#define KTSTR_WORK_WAKES_H

#include "../base/types.h"

#define KT_WAKES_KEPT	256

/* Written by one; readable at any time, also when its writer was killed. */
struct kt_wakes {
	u64 nr;
	u64 max_ns;
	double sum_us;
	double sum_sq;			/* of microseconds */
	u64 rng;
	u32 kept_us[KT_WAKES_KEPT];	/* each latency equally likely */
};

void kt_wakes_init(struct kt_wakes *w, u32 seed);
void kt_wakes_add(struct kt_wakes *w, u64 latency_ns);

#endif /* KTSTR_WORK_WAKES_H */
