/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor of a run, for people and for the verdict: which of its rules a
 * case has made a check, what it found, and all of it as a tree.
 */
#ifndef KTSTR_HOST_MONITOR_H
#define KTSTR_HOST_MONITOR_H

#include <stdio.h>

#include "ktstr/include/ktstr.h"
#include "../coord/coord.h"

/*
 * Defaults, which are only told of; then @sched (NULL: none), then @test, who
 * set what fails a run. @scale_pct as of the times of the plan.
 */
void kt_monitor_bounds(struct kt_monitor_bounds *b,
		       const struct ktstr_checks *sched,
		       const struct ktstr_checks *test, u32 scale_pct);

/* Whether a check of @test or its scheduler is judged by samples. */
bool kt_monitor_wanted(const struct ktstr_test *test);

/* Whether a check was violated; how many in @why. */
bool kt_monitor_failed(const struct kt_monitor *mon, char *why, size_t size);

/*
 * Findings, those that fail first, and what could not be judged. @own_clock: the
 * machine's stands still while the host does not run it.
 */
void kt_monitor_report(FILE *out, const struct kt_monitor *mon, bool own_clock);

/*
 * The member "monitor" of a run's dump: "interval_ms", "samples", "findings",
 * "noise" and "timeline" as kt_noise_json() and kt_timeline_json() make them,
 * and "last": the last samples.
 */
json_t *kt_monitor_json(const struct kt_coord *c);

#endif /* KTSTR_HOST_MONITOR_H */
