/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Thresholds of a case: layers merged, times stretched for a slow machine.
 * Pure. The host fills the Plan with them; the guest judges by the Plan.
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

/* Stretches the times in @th; returns kt_thresholds_scale_pct(). */
u32 kt_thresholds_scale(struct kt_thresholds *th, u32 speed_pct, u32 nr_cpus,
			bool emulated);

#endif /* KTSTR_CHECK_THRESHOLDS_H */
