/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups of workers: forked, put where they belong, told to begin, told to
 * stop, and reaped. A worker does no work before all of its group are in
 * place, and none outlives its parent.
 *
 *	kt_workers_fork()	they exist and wait
 *	kt_workers_place()	the parent puts each into its cgroup
 *	kt_workers_set_up()	each takes its policy, affinity, memory policy
 *	kt_workers_go()		they begin
 *	kt_workers_report()	what each did until now, also the stuck ones
 *	kt_workers_signal()	they are told to stop
 *	kt_workers_reap()	within a bound; by SIGKILL if need be
 *	kt_workers_fini()
 */
#ifndef KTSTR_WORK_WORKER_H
#define KTSTR_WORK_WORKER_H

#include <sys/types.h>

#include "group.h"
#include "place.h"

/* What a worker did, as it stood when the report was taken. */
struct kt_worker_report {
	s32 tid;
	u64 wall_ns;		/* since it was told to begin */
	u64 cpu_ns;
	u64 run_delay_ns;
	u64 slices;
	u64 iterations;
	u64 work_units;
	u64 migrations;
	u64 cross_node;		/* of them */
	u64 gap_ns;		/* longest, also one that still goes on */
	u64 gap_at_ns;		/* when it began, of kt_now_ns() */
	u32 gap_cpu;
	struct kt_cpumask cpus;
	u32 pages[KT_MAX_NODES];
	struct kt_wakes wakes;
	bool died;		/* it had ended untold, */
	int status;		/* with this wait status */
	const struct kt_cpumask *allowed;	/* where it might run; NULL: all */
};

struct kt_worker {
	pid_t pid;		/* 0: reaped, or a thread of the first one's */
};

struct kt_worker_group {
	const struct kt_work_type *type;
	struct ktstr_work params;
	struct kt_worker_setup setup;
	u32 nr;
	u32 group_size;			/* that work together: see the type */
	struct kt_worker *workers;
	struct kt_work_area area;		/* what they share */
	struct kt_telemetry *telemetry;		/* in it, one each */
	struct kt_worker_report *reports;
	u64 frozen_at_ns;	/* 0: not frozen */
};

/*
 * @nr must suit the type; @setup may be NULL. On failure nothing is left.
 * @group is the caller's memory, valid (and empty) after any outcome.
 */
int kt_workers_fork(struct kt_worker_group *group,
		    const struct ktstr_work *work, u32 nr,
		    const struct kt_worker_setup *setup);

/* Calls @place for each worker; ends at its first error and returns it. */
int kt_workers_place(struct kt_worker_group *group,
		     int (*place)(void *arg, pid_t pid), void *arg);

/*
 * Has each worker apply the group's setup, and waits until @deadline_ns of
 * kt_now_ns() until all have. On an error @why says what could not be done.
 */
int kt_workers_set_up(struct kt_worker_group *group, u64 deadline_ns,
		      char *why, size_t why_size);

void kt_workers_go(struct kt_worker_group *group);

/*
 * While all of them are frozen: from when on. Before they are thawed, what
 * was in between is taken out of their gaps.
 */
void kt_workers_frozen(struct kt_worker_group *group);
void kt_workers_thaw(struct kt_worker_group *group);

/* Fills @group->reports. Workers may be running: they are not disturbed. */
void kt_workers_report(struct kt_worker_group *group);

void kt_workers_signal(struct kt_worker_group *group);

/*
 * Waits until @grace_ns of kt_now_ns() for workers told to stop, kills the
 * rest, and waits for those until @kill_ns. -ETIMEDOUT when some could not be
 * reaped even so.
 */
int kt_workers_reap(struct kt_worker_group *group, u64 grace_ns, u64 kill_ns);

/* Kills what is left and frees. */
void kt_workers_fini(struct kt_worker_group *group);

/* Iterations of all of them so far. */
u64 kt_workers_iterations(const struct kt_worker_group *group);

#endif /* KTSTR_WORK_WORKER_H */
