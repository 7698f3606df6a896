/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Thresholds of a case: layers merged, and for a slow machine times stretched
 * and rates lowered. Pure. The host fills the Plan with them; the guest judges
 * by the Plan.
 */
#ifndef KTSTR_CHECK_THRESHOLDS_H
#define KTSTR_CHECK_THRESHOLDS_H

#include "ktstr/include/ktstr.h"
#include "../base/topology.h"
#include "../wire/plan.h"

/* Defaults, then @sched (NULL: none), then @test: the last one set wins. */
void kt_thresholds_merge(struct kt_thresholds *th,
			 const struct ktstr_checks *sched,
			 const struct ktstr_checks *test);

/*
 * By how much times are to be stretched, in percent, 100 for not at all.
 * @speed_pct is the machine against real hardware, 1..100. The vCPUs of an
 * emulated machine share one CPU, so each is slower by their number.
 */
u32 kt_thresholds_scale_pct(u32 speed_pct, u32 nr_cpus, bool emulated);

/*
 * How much slower work goes, in percent, 100 for not at all: what wake latencies
 * and rates are scaled by. They are as long and as low as the machine is slow,
 * unlike gaps, of which the default is far from what is usual.
 */
u32 kt_thresholds_slowdown_pct(u32 speed_pct, u32 nr_cpus, bool emulated);

/* Whether @th has a check that is scaled by the slowdown. */
bool kt_thresholds_slowed(const struct kt_thresholds *th);

/* Scales what is to be scaled in @th; returns kt_thresholds_scale_pct(). */
u32 kt_thresholds_scale(struct kt_thresholds *th, u32 speed_pct, u32 nr_cpus,
			bool emulated);

#endif /* KTSTR_CHECK_THRESHOLDS_H */
