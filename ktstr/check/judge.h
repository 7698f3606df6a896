/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what workers reported and the thresholds to details and statistics,
 * cgroup by cgroup.
 */
#ifndef KTSTR_CHECK_JUDGE_H
#define KTSTR_CHECK_JUDGE_H

#include "../scenario/topology.h"
#include "../work/worker.h"
#include "verdict.h"

/* The workers of one cgroup, as their reports say. */
struct kt_judge_input {
	const char *cgroup;
	/* for workers that do not say for themselves; NULL: all CPUs */
	const struct kt_cpumask *cpus;
	const struct kt_worker_report *reports;
	u32 nr;
	const struct kt_guest_topology *topo;	/* NULL: of one node */
	u64 start_ns;			/* of the scenario: times count from it */
	u32 speed_pct;			/* of the machine; 0: as hardware's */
};

/* What they did, in sum. */
void kt_judge_stats(const struct kt_judge_input *in, struct kt_cgroup_stats *s);

/* Adds the details and the statistics of one cgroup to @v. */
void kt_judge_cgroup(struct kt_verdict *v, const struct kt_thresholds *th,
		     const struct kt_judge_input *in);

#endif /* KTSTR_CHECK_JUDGE_H */
