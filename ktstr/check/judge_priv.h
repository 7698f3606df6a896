/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the judges of one cgroup, a file for each family of checks. Each is
 * called with workers, and judges what @th has set.
 */
#ifndef KTSTR_CHECK_JUDGE_PRIV_H
#define KTSTR_CHECK_JUDGE_PRIV_H

#include "judge.h"

/* How many of one kind were told one by one, and how many not. */
struct kt_told {
	struct kt_verdict *v;
	const struct kt_judge_input *in;
	enum kt_detail_kind kind;
	const char *what;		/* "starved" */
	u32 nr;
};

/* Counts one; whether it is to be told. */
bool kt_tell(struct kt_told *t);
void kt_tell_rest(const struct kt_told *t);

/* CPU time of wall time, percent. */
u32 kt_share_pct(const struct kt_worker_report *r);

void kt_judge_rates(struct kt_verdict *v, const struct kt_thresholds *th,
		    const struct kt_judge_input *in);
void kt_judge_wakes(struct kt_verdict *v, const struct kt_thresholds *th,
		    const struct kt_judge_input *in);
void kt_judge_numa(struct kt_verdict *v, const struct kt_thresholds *th,
		   const struct kt_judge_input *in);

/* Work units per second of CPU time, by worker. */
struct kt_throughput {
	u32 nr;				/* workers that had CPU time */
	u32 cv_pct;
	u64 min_per_s, max_per_s;
	s32 min_tid, max_tid;
};

struct kt_wake_stats {
	u64 nr;
	u32 mean_us;
	u32 p50_us;
	u32 p99_us;
	u32 max_us;
	u32 cv_pct;
};

struct kt_page_stats {
	u64 nr;
	u64 local;			/* on a node of the worker's CPUs */
	u64 slow;			/* on a node without CPUs */
	u64 by_node[KT_MAX_NODES];
};

struct kt_throughput kt_throughput_of(const struct kt_judge_input *in);
struct kt_wake_stats kt_wake_stats_of(const struct kt_judge_input *in);
struct kt_page_stats kt_page_stats_of(const struct kt_judge_input *in);

#endif /* KTSTR_CHECK_JUDGE_PRIV_H */
