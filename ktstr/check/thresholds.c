// SPDX-License-Identifier: GPL-2.0-only
/*
 * Merging and stretching of thresholds.
 */
#include "thresholds.h"

#define DEFAULT_GAP_MS	2000

/*
 * Gaps of a healthy scheduler on real hardware are some milliseconds, far from
 * the default of 2 s. So a machine may be this much slower before times are
 * stretched at all; and beyond the ceiling a threshold would say nothing.
 */
#define FREE_SLOWDOWN	25
#define MAX_SCALE_PCT	2000

/* Inherited (0) leaves *@to as it is. */
static void merge_one(s32 *to, s32 value, bool on_off)
{
	if (value < 0)
		*to = KT_UNSET;
	else if (value > 0)
		*to = on_off ? 1 : value;
}

static void merge_layer(struct kt_thresholds *th, const struct ktstr_checks *c)
{
	merge_one(&th->starvation, c->starvation, true);
	merge_one(&th->fairness_spread_pct, c->fairness_spread_pct, false);
	merge_one(&th->longest_gap_ms, c->longest_gap_ms, false);
	merge_one(&th->isolation, c->isolation, true);
	merge_one(&th->throughput_cv_pct, c->throughput_cv_pct, false);
	merge_one(&th->throughput_per_s, c->throughput_per_s, false);
	merge_one(&th->iterations_per_s, c->iterations_per_s, false);
	merge_one(&th->wake_p99_us, c->wake_p99_us, false);
	merge_one(&th->wake_cv_pct, c->wake_cv_pct, false);
	merge_one(&th->migrations_per_1000, c->migrations_per_1000, false);
	merge_one(&th->page_locality_pct, c->page_locality_pct, false);
	merge_one(&th->cross_node_pct, c->cross_node_pct, false);
	merge_one(&th->slow_tier_pct, c->slow_tier_pct, false);
}

void kt_thresholds_merge(struct kt_thresholds *th,
			 const struct ktstr_checks *sched,
			 const struct ktstr_checks *test)
{
	*th = (struct kt_thresholds){
		.starvation = 1,
		.fairness_spread_pct = KT_UNSET,
		.longest_gap_ms = DEFAULT_GAP_MS,
		.isolation = 1,
		.throughput_cv_pct = KT_UNSET,
		.throughput_per_s = KT_UNSET,
		.iterations_per_s = KT_UNSET,
		.wake_p99_us = KT_UNSET,
		.wake_cv_pct = KT_UNSET,
		.migrations_per_1000 = KT_UNSET,
		.page_locality_pct = KT_UNSET,
		.cross_node_pct = KT_UNSET,
		.slow_tier_pct = KT_UNSET,
	};
	if (sched)
		merge_layer(th, sched);
	merge_layer(th, test);
}

u32 kt_thresholds_slowdown_pct(u32 speed_pct, u32 nr_cpus, bool emulated)
{
	u32 slowdown_pct = 10000 / clamp(speed_pct, 1u, 100u);

	if (emulated)
		slowdown_pct *= clamp(nr_cpus, 1u, (u32)KT_MAX_CPUS);
	return slowdown_pct;
}

u32 kt_thresholds_scale_pct(u32 speed_pct, u32 nr_cpus, bool emulated)
{
	u32 pct = kt_thresholds_slowdown_pct(speed_pct, nr_cpus, emulated);

	return clamp(pct / FREE_SLOWDOWN, 100u, (u32)MAX_SCALE_PCT);
}

bool kt_thresholds_slowed(const struct kt_thresholds *th)
{
	return th->wake_p99_us > 0 || th->migrations_per_1000 > 0 ||
	       th->throughput_per_s > 0 || th->iterations_per_s > 0;
}

static void raise_most(s32 *most, u32 pct)
{
	if (*most > 0)
		*most = min((s64)*most * pct / 100, (s64)INT32_MAX);
}

/* Never down to nothing, which would switch it off. */
static void lower_least(s32 *least, u32 pct)
{
	if (*least > 0)
		*least = max((s64)*least * 100 / pct, (s64)1);
}

u32 kt_thresholds_scale(struct kt_thresholds *th, u32 speed_pct, u32 nr_cpus,
			bool emulated)
{
	u32 pct = kt_thresholds_scale_pct(speed_pct, nr_cpus, emulated);

	u32 slow_pct = kt_thresholds_slowdown_pct(speed_pct, nr_cpus, emulated);

	raise_most(&th->longest_gap_ms, pct);
	raise_most(&th->wake_p99_us, slow_pct);
	/* the kernel balances by the clock, whatever an iteration takes */
	raise_most(&th->migrations_per_1000, slow_pct);
	lower_least(&th->throughput_per_s, slow_pct);
	lower_least(&th->iterations_per_s, slow_pct);
	return pct;
}
