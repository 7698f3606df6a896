/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a worker is scheduled and where its memory comes from. It sees to that
 * itself, in its cgroup, before its first instruction of work.
 */
#ifndef KTSTR_WORK_PLACE_H
#define KTSTR_WORK_PLACE_H

#include "ktstr/include/ktstr.h"
#include "cpumask.h"

/**
 * struct kt_worker_setup - what workers of a group have in common
 * @policy: KTSTR_POLICY_INHERIT leaves it as it is
 * @rt_priority: for SCHED_FIFO and SCHED_RR
 * @dl_runtime_us: for SCHED_DEADLINE
 * @dl_period_us: for SCHED_DEADLINE
 * @nice: for the others
 * @cpus: the affinity of each worker, NULL for what the cgroup has; the
 *	caller's until the group was set up
 * @cpus_if_possible: an affinity outside of the cpuset is no error
 * @mem: KTSTR_MEM_INHERIT leaves it as it is
 * @nodes: for @mem, a bit each
 * @seed: chooses how far into @spread_us each begins; no part of its place
 * @first: how many of this seed there were before
 * @spread_us: 0: all begin at once
 */
struct kt_worker_setup {
	enum ktstr_policy policy;
	u32 rt_priority;
	u32 dl_runtime_us;
	u32 dl_period_us;
	s32 nice;
	const struct kt_cpumask *cpus;
	bool cpus_if_possible;
	enum ktstr_mempolicy_kind mem;
	u64 nodes;
	u64 seed;
	u32 first;
	u32 spread_us;
};

/* What of it could not be done. */
enum kt_place_step {
	KT_PLACE_POLICY = 1,
	KT_PLACE_AFFINITY,
	KT_PLACE_MEMORY,
};

/* Nothing of it is asked for. */
bool kt_place_is_empty(const struct kt_worker_setup *setup);

/* Values in range; -EINVAL and a sentence in @why. */
int kt_place_check(const struct ktstr_workers *workers, char *why,
		   size_t why_size);

/* The caller becomes worker @index of @setup. 0, or -errno and @step. */
int kt_place_self(const struct kt_worker_setup *setup, u32 index,
		  enum kt_place_step *step);

/* The CPUs of a task that is not the caller. */
int kt_place_affinity(pid_t tid, const struct kt_cpumask *cpus);

/* "SCHED_DEADLINE: Operation not permitted; ...", what it is and its remedy. */
const char *kt_place_error(const struct kt_worker_setup *setup,
			   enum kt_place_step step, int err, char *buf,
			   size_t size);

#endif /* KTSTR_WORK_PLACE_H */
