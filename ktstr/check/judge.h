/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what workers reported and the thresholds to details and statistics,
 * cgroup by cgroup.
 */
#ifndef KTSTR_CHECK_JUDGE_H
#define KTSTR_CHECK_JUDGE_H

#include "../work/worker.h"
#include "verdict.h"

/* The workers of one cgroup, as their reports say. */
struct kt_judge_input {
	const char *cgroup;
	const struct kt_cpumask *cpus;	/* its cpuset; NULL: all CPUs */
	const struct kt_worker_report *reports;
	u32 nr;
	u64 start_ns;			/* of the scenario: times count from it */
};

/* Adds the details and the statistics of one cgroup to @v. */
void kt_judge_cgroup(struct kt_verdict *v, const struct kt_thresholds *th,
		     const struct kt_judge_input *in);

#endif /* KTSTR_CHECK_JUDGE_H */
