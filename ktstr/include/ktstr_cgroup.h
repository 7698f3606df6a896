/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where work is done: CPUs, policies, memory, cgroups and their workers.
 * Included by ktstr.h.
 */
#ifndef KTSTR_CGROUP_H
#define KTSTR_CGROUP_H

#include "ktstr_work.h"

/**
 * enum ktstr_cpuset_kind - how CPUs are chosen
 * @KTSTR_CPUSET_NONE: no cpuset, all CPUs
 * @KTSTR_CPUSET_LLC: the CPUs of the LLC numbered @index
 * @KTSTR_CPUSET_DISJOINT: share @index of @of equal, disjoint shares
 * @KTSTR_CPUSET_NODE: the CPUs of the node numbered @index
 * @KTSTR_CPUSET_RANGE: from @from_pct to @to_pct of the online CPUs, in order
 * @KTSTR_CPUSET_OVERLAP: share @index of @of, widened by @to_pct of a share
 *	into the next one
 * @KTSTR_CPUSET_EXACT: @list, as the kernel writes it: "0-3,8"
 */
enum ktstr_cpuset_kind {
	KTSTR_CPUSET_NONE,
	KTSTR_CPUSET_LLC,
	KTSTR_CPUSET_DISJOINT,
	KTSTR_CPUSET_NODE,
	KTSTR_CPUSET_RANGE,
	KTSTR_CPUSET_OVERLAP,
	KTSTR_CPUSET_EXACT,
};

struct ktstr_cpuset {
	enum ktstr_cpuset_kind kind;
	uint32_t index;
	uint32_t of;
	uint32_t from_pct;
	uint32_t to_pct;
	const char *list;
};

/* The LLC numbered @i, counted from 0 in the order of its first CPU. */
#define KTSTR_LLC(i)		{ .kind = KTSTR_CPUSET_LLC, .index = (i) }
/* Share @i (from 0) of @n disjoint shares; the first ones are the larger. */
#define KTSTR_DISJOINT(i, n)						\
	{ .kind = KTSTR_CPUSET_DISJOINT, .index = (i), .of = (n) }
#define KTSTR_NODE(i)		{ .kind = KTSTR_CPUSET_NODE, .index = (i) }
#define KTSTR_CPU_RANGE(from, to)					\
	{ .kind = KTSTR_CPUSET_RANGE, .from_pct = (from), .to_pct = (to) }
#define KTSTR_OVERLAP(i, n, pct)					\
	{ .kind = KTSTR_CPUSET_OVERLAP, .index = (i), .of = (n),	\
	  .to_pct = (pct) }
#define KTSTR_CPUS(list_)	{ .kind = KTSTR_CPUSET_EXACT, .list = (list_) }

/**
 * enum ktstr_policy - a worker's scheduling policy
 * @KTSTR_POLICY_INHERIT: as the harness has it: SCHED_OTHER
 * @KTSTR_POLICY_NORMAL: SCHED_OTHER
 * @KTSTR_POLICY_BATCH: SCHED_BATCH
 * @KTSTR_POLICY_IDLE: SCHED_IDLE
 * @KTSTR_POLICY_FIFO: SCHED_FIFO at @rt_priority
 * @KTSTR_POLICY_RR: SCHED_RR at @rt_priority
 * @KTSTR_POLICY_DEADLINE: SCHED_DEADLINE with @dl_runtime_us every
 *	@dl_period_us
 * @KTSTR_POLICY_EXT: SCHED_EXT
 */
enum ktstr_policy {
	KTSTR_POLICY_INHERIT,
	KTSTR_POLICY_NORMAL,
	KTSTR_POLICY_BATCH,
	KTSTR_POLICY_IDLE,
	KTSTR_POLICY_FIFO,
	KTSTR_POLICY_RR,
	KTSTR_POLICY_DEADLINE,
	KTSTR_POLICY_EXT,
};

/**
 * enum ktstr_affinity_kind - which of its cgroup's CPUs a worker may use
 * @KTSTR_AFFINITY_INHERIT: all of them
 * @KTSTR_AFFINITY_RANDOM: @count of them, chosen by the run's seed
 * @KTSTR_AFFINITY_LLC: those of one LLC, workers going round the LLCs
 * @KTSTR_AFFINITY_SMT: the threads of one core, workers going round the cores
 * @KTSTR_AFFINITY_CROSS: those that are not of its cgroup's cpuset, as far as
 *	the kernel lets it
 * @KTSTR_AFFINITY_ONE: a CPU each, workers going round them
 * @KTSTR_AFFINITY_EXACT: @list
 */
enum ktstr_affinity_kind {
	KTSTR_AFFINITY_INHERIT,
	KTSTR_AFFINITY_RANDOM,
	KTSTR_AFFINITY_LLC,
	KTSTR_AFFINITY_SMT,
	KTSTR_AFFINITY_CROSS,
	KTSTR_AFFINITY_ONE,
	KTSTR_AFFINITY_EXACT,
};

struct ktstr_affinity {
	enum ktstr_affinity_kind kind;
	uint32_t count;
	const char *list;
};

/**
 * enum ktstr_mempolicy_kind - where a worker's memory comes from
 * @KTSTR_MEM_INHERIT: as the harness has it: the default policy
 * @KTSTR_MEM_DEFAULT: MPOL_DEFAULT
 * @KTSTR_MEM_LOCAL: MPOL_LOCAL
 * @KTSTR_MEM_BIND: MPOL_BIND to @nodes
 * @KTSTR_MEM_PREFERRED: MPOL_PREFERRED, the first of @nodes
 * @KTSTR_MEM_INTERLEAVE: MPOL_INTERLEAVE over @nodes
 * @KTSTR_MEM_WEIGHTED: MPOL_WEIGHTED_INTERLEAVE over @nodes, with the weights
 *	in /sys/kernel/mm/mempolicy/weighted_interleave
 */
enum ktstr_mempolicy_kind {
	KTSTR_MEM_INHERIT,
	KTSTR_MEM_DEFAULT,
	KTSTR_MEM_LOCAL,
	KTSTR_MEM_BIND,
	KTSTR_MEM_PREFERRED,
	KTSTR_MEM_INTERLEAVE,
	KTSTR_MEM_WEIGHTED,
};

struct ktstr_mempolicy {
	enum ktstr_mempolicy_kind kind;
	const char *nodes;		/* "0-1" */
};

/**
 * struct ktstr_workers - workers of a kind in a cgroup
 * @nr: how many, at most 4096
 * @work: what each of them does
 * @policy: scheduling policy
 * @rt_priority: for KTSTR_POLICY_FIFO and KTSTR_POLICY_RR, 1 to 99; 0 means 1
 * @dl_runtime_us: for KTSTR_POLICY_DEADLINE
 * @dl_period_us: for KTSTR_POLICY_DEADLINE
 * @nice: -20 to 19
 * @affinity: which CPUs
 * @mem: where its memory comes from
 */
struct ktstr_workers {
	uint32_t nr;
	struct ktstr_work work;
	enum ktstr_policy policy;
	uint32_t rt_priority;
	uint32_t dl_runtime_us;
	uint32_t dl_period_us;
	int32_t nice;
	struct ktstr_affinity affinity;
	struct ktstr_mempolicy mem;
};

/**
 * struct ktstr_cgroup - a cgroup and the workers in it
 * @name: its directory below the scenario's; required, unique within a case;
 *	"a/b" is below "a", which is made first
 * @cpuset: its CPUs
 * @mems: its nodes, as "0-1"; NULL: all
 * @workers: processes to start in it, at most 4096
 * @work: what each of them does
 * @with: how those are scheduled: its nr and work are not used
 * @more: further workers of other kinds; ends with one whose nr is 0; NULL none
 * @weight: cpu.weight, 1 to 10000; 0: the kernel's default
 * @quota_us: cpu.max; 0: no limit
 * @period_us: of @quota_us; 0: 100000
 */
struct ktstr_cgroup {
	const char *name;
	struct ktstr_cpuset cpuset;
	const char *mems;
	uint32_t workers;
	struct ktstr_work work;
	struct ktstr_workers with;
	const struct ktstr_workers *more;
	uint32_t weight;
	uint32_t quota_us;
	uint32_t period_us;
};

#endif /* KTSTR_CGROUP_H */
