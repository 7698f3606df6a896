/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plan: what a booted machine is told to run, once, after its SysRdy.
 * Everything about the test travels here and nowhere else, so that one booted
 * machine can serve many tests.
 */
#ifndef KTSTR_WIRE_PLAN_H
#define KTSTR_WIRE_PLAN_H

#include "../base/types.h"

#define KT_PLAN_VERSION		4
#define KT_NAME_MAX		128
#define KT_PATH_MAX		256
#define KT_PLAN_MAX_ARGS	32
#define KT_PLAN_ARG_MAX		256
#define KT_PLAN_MAX_HOLDS	80
#define KT_PLAN_MAX_EVENTS_KIB	(64u << 10)
#define KT_PLAN_MAX_BYTES	(16u << 10)

/* Thresholds after all layers were merged and scaled; KT_UNSET checks not. */
#define KT_UNSET		(-1)

struct kt_thresholds {
	s32 starvation;			/* 1: each worker did some work */
	s32 fairness_spread_pct;	/* percentage points, per cgroup */
	s32 longest_gap_ms;
	s32 isolation;			/* 1: no worker left its cpuset */
	s32 throughput_cv_pct;		/* most, of units per CPU time */
	s32 throughput_per_s;		/* least, of work units, each worker */
	s32 iterations_per_s;		/* least, each worker */
	s32 wake_p99_us;		/* most, per cgroup, as are the others */
	s32 wake_cv_pct;
	s32 migrations_per_1000;	/* iterations */
	s32 page_locality_pct;		/* least */
	s32 cross_node_pct;		/* most, of migrations */
	s32 slow_tier_pct;		/* most, of pages */
};

struct kt_plan {
	char test[KT_NAME_MAX];
	char sched_path[KT_PATH_MAX];	/* in the guest; "" for none */
	u32 sched_argc;			/* argv[1..]; argv[0] is the path */
	char sched_argv[KT_PLAN_MAX_ARGS][KT_PLAN_ARG_MAX];
	u64 seed;
	u32 duration_ms;		/* of the workload */
	u32 attach_timeout_ms;
	u32 test_timeout_ms;		/* the guest ends the test's body then */
	u64 wallclock_ns;		/* CLOCK_REALTIME; 0: leave it */
	u32 speed_pct;			/* machine against real hardware, 1..100 */
	u32 start_spread_us;		/* within it workers begin, by the seed */
	u32 workers_pct;		/* of those declared, to 100; 0: all */
	u32 events_kib;			/* of buffer for scheduling events; 0: none */
	/* in the workload's time: a deterministic machine stands still for its host */
	u32 nr_holds;
	u64 hold_ns[KT_PLAN_MAX_HOLDS];	/* one after the other */
	struct kt_thresholds thresholds;
};

int kt_plan_encode(const struct kt_plan *plan, void *buf, size_t size);
int kt_plan_decode(struct kt_plan *plan, const void *buf, size_t len);

#endif /* KTSTR_WIRE_PLAN_H */
