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
	};
	if (sched)
		merge_layer(th, sched);
	merge_layer(th, test);
}

u32 kt_thresholds_scale_pct(u32 speed_pct, u32 nr_cpus, bool emulated)
{
	u32 speed = clamp(speed_pct, 1u, 100u);
	u64 slowdown_pct = 10000 / speed;

	if (emulated)
		slowdown_pct *= clamp(nr_cpus, 1u, (u32)KT_MAX_CPUS);
	return clamp(slowdown_pct / FREE_SLOWDOWN, (u64)100,
		     (u64)MAX_SCALE_PCT);
}

u32 kt_thresholds_scale(struct kt_thresholds *th, u32 speed_pct, u32 nr_cpus,
			bool emulated)
{
	u32 pct = kt_thresholds_scale_pct(speed_pct, nr_cpus, emulated);

	if (th->longest_gap_ms > 0)
		th->longest_gap_ms = min((s64)th->longest_gap_ms * pct / 100,
					 (s64)INT32_MAX);
	return pct;
}
