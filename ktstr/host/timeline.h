/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scheduler did in each phase of a workload: the steps, as the guest
 * told of them, against the monitor's samples.
 */
#ifndef KTSTR_HOST_TIMELINE_H
#define KTSTR_HOST_TIMELINE_H

#include <stdio.h>

#include "../coord/coord.h"

#define KT_TIMELINE_MAX_PHASES	64	/* the last one takes the rest */

struct kt_timeline_cpu {
	u64 nr_running;		/* of all samples together */
	u64 most_running;
};

/* A step from its begin to its end; times since the workload's start. */
struct kt_timeline_phase {
	u32 step;		/* from 1; 0: what came behind the last one */
	u64 from_ns;		/* of the run's time: pauses and freezes count */
	u64 to_ns;
	u64 iterations;		/* of all workers, as far as the guest told */
	u32 samples;
	u64 imbalance_pct;	/* the most */
	u64 counted_ns;		/* between its first and last sample */
	u64 switches;		/* in that, of all CPUs */
	u64 wakeups;
	u64 run_delay_ns;
	u32 nr_cpus;
	const struct kt_timeline_cpu *cpus;
};

/*
 * Calls @fn for each phase in order until it returns other than 0, which is
 * returned. -ENODATA: no workload was started, -ENOMEM.
 */
int kt_timeline_for_each(const struct kt_coord *c,
			 int (*fn)(void *arg,
				   const struct kt_timeline_phase *p),
			 void *arg);

/* A line for each, at most @max_lines. */
void kt_timeline_print(FILE *out, const struct kt_coord *c, u32 max_lines);

/* "phases", and "cgroups" by the test's result; NULL without a workload. */
json_t *kt_timeline_json(const struct kt_coord *c);

/* The whole text for the record, the caller's; NULL without a workload. */
char *kt_timeline_text(const struct kt_coord *c);

#endif /* KTSTR_HOST_TIMELINE_H */
