/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TestResult: one test's outcome with its details, claims and statistics.
 * Versioned; bounded in every count and length, on both sides.
 */
#ifndef KTSTR_WIRE_RESULT_H
#define KTSTR_WIRE_RESULT_H

#include "../base/outcome.h"
#include "plan.h"

#define KT_RESULT_VERSION	2
#define KT_MAX_DETAILS		64
#define KT_MAX_CLAIMS		128
#define KT_MAX_CGROUP_STATS	64
#define KT_DETAIL_TEXT_MAX	512
#define KT_CLAIM_LABEL_MAX	160
#define KT_RESULT_MAX_BYTES	(256u << 10)

enum kt_detail_kind {
	KT_DETAIL_INFO = 0,	/* changes no verdict */
	KT_DETAIL_STARVED = 1,
	KT_DETAIL_UNFAIR = 2,
	KT_DETAIL_GAP = 3,
	KT_DETAIL_ISOLATION = 4,
	KT_DETAIL_SCHED = 5,	/* did not attach, died, wrong exit */
	KT_DETAIL_TEST = 6,	/* the test process crashed or hung */
	KT_DETAIL_ENV = 7,	/* out of memory, full /tmp, no cgroup */
	KT_DETAIL_CLAIM = 8,	/* an expectation in the test's body */
	KT_DETAIL_RATE = 9,	/* throughput, iterations, migrations */
	KT_DETAIL_WAKE = 10,	/* wake latencies */
	KT_DETAIL_NUMA = 11,	/* pages and migrations between nodes */
	KT_NR_DETAIL_KINDS,
};

struct kt_detail {
	u8 kind;
	char text[KT_DETAIL_TEXT_MAX];
};

/* An expectation that ran: what it says, what was seen, whether it held. */
struct kt_claim {
	u8 ok;
	char label[KT_CLAIM_LABEL_MAX];	/* the expression itself */
	s64 value;
	s64 bound;
};

struct kt_cgroup_stats {
	char name[KT_NAME_MAX];
	u32 workers;
	u64 iterations;
	u64 cpu_ns;
	u32 spread_pct;		/* of CPU share, percentage points */
	u32 min_share_pct;
	u32 max_share_pct;
	u32 longest_gap_ms;
	u32 gap_cpu;
	u32 migrations;
	u64 work_units;
	u32 throughput_cv_pct;	/* of work units per CPU time */
	u32 off_cpu_pct;	/* of the workers' wall time */
	u64 run_delay_ns;	/* runnable, not running */
	u64 slices;		/* times put on a CPU */
	u32 cpus_used;
	u32 cross_node;		/* migrations, to another node */
	u64 wakes;
	u32 wake_p50_us;
	u32 wake_p99_us;
	u32 wake_max_us;
	u32 wake_cv_pct;
	u64 pages;		/* of their own; 0 on one node */
	u32 local_pct;		/* of those, on the nodes of the cgroup */
	u32 slow_pct;		/* of those, on nodes without CPUs */
};

struct kt_result {
	u8 outcome;		/* enum kt_outcome */
	char test[KT_NAME_MAX];
	u32 duration_ms;	/* of the workload, as it was */
	u32 nr_details;
	u32 details_dropped;
	struct kt_detail details[KT_MAX_DETAILS];
	u32 nr_claims;
	u32 claims_dropped;
	struct kt_claim claims[KT_MAX_CLAIMS];
	u32 nr_cgroups;
	struct kt_cgroup_stats cgroups[KT_MAX_CGROUP_STATS];
};

/* @buf of KT_RESULT_MAX_BYTES always holds one. */
int kt_result_encode(const struct kt_result *r, void *buf, size_t size);
int kt_result_decode(struct kt_result *r, const void *buf, size_t len);

#endif /* KTSTR_WIRE_RESULT_H */
