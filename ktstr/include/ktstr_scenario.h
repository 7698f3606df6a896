/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test's scenario is made of: work, CPUs, cgroups, operations, steps.
 * All of it is data; ktstr_run_steps() makes it happen in the guest. Included
 * by ktstr.h.
 */
#ifndef KTSTR_SCENARIO_H
#define KTSTR_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum ktstr_work_type - what a worker does until it is told to stop
 *
 * Parameters in brackets are members of struct ktstr_work. Where a type works
 * in groups (pairs, a sender and its receivers), the number of workers must be
 * a multiple of the group's size, and a group's workers follow each other.
 *
 * @KTSTR_SPIN_WAIT: burns CPU in a loop with pause instructions
 * @KTSTR_YIELD_HEAVY: calls sched_yield() after every short burst [burst_us]
 * @KTSTR_MIXED: bursts, short sleeps and yields in turn [burst_us, sleep_us]
 * @KTSTR_ALU_HOT: integer and vector arithmetic without a pause
 * @KTSTR_SMT_SIBLING_SPIN: pairs; each pair is pinned to the two threads of a
 *	core and spins there; without SMT, to two CPUs of an LLC
 * @KTSTR_IPC_VARIANCE: alternates between code that keeps a core's pipelines
 *	full and code that waits for memory [burst_us, size_kib]
 * @KTSTR_IO_SYNC_WRITE: writes @size_kib to a file and calls fdatasync()
 * @KTSTR_IO_RAND_READ: reads 4 KiB at random places of a file of @size_kib
 * @KTSTR_IO_CONVOY: all write and sync the same file, one behind another
 *	[size_kib]
 * @KTSTR_BURSTY: works for @burst_us, sleeps for @sleep_us, again
 * @KTSTR_IDLE_CHURN: sleeps so briefly that CPUs go idle and wake all the time
 *	[burst_us, sleep_us]
 * @KTSTR_PIPE_IO: pairs pass a byte to and fro over two pipes
 * @KTSTR_FUTEX_PING_PONG: pairs wake each other through a futex
 * @KTSTR_FUTEX_FAN_OUT: the first of @width + 1 wakes the others through one
 *	futex, and waits until all have answered
 * @KTSTR_CACHE_PRESSURE: walks @size_kib of memory, a cache line at a time
 * @KTSTR_CACHE_YIELD: the same with a sched_yield() after each walk [size_kib]
 * @KTSTR_CACHE_PIPE: pairs pass a byte, and walk @size_kib before they answer
 * @KTSTR_SEQUENCE: goes through @phases, again and again
 * @KTSTR_FORK_EXIT: forks a child that works for @burst_us and exits; waits
 * @KTSTR_NICE_SWEEP: changes its nice value from -20 to 19 in turn, a burst
 *	at each [burst_us]
 * @KTSTR_AFFINITY_CHURN: pins itself to another of its CPUs every @interval_us
 * @KTSTR_CROSS_AFFINITY_CHURN: pairs; each changes the other's affinity every
 *	@interval_us
 * @KTSTR_POLICY_CHURN: changes its policy (normal, batch, idle, and ext where
 *	there is one) every @interval_us
 * @KTSTR_NUMA_MIGRATION_CHURN: moves between nodes, with its memory, every
 *	@interval_us [size_kib]
 * @KTSTR_CGROUP_CHURN: moves itself between its cgroup and one below it every
 *	@interval_us
 * @KTSTR_FAN_OUT_COMPUTE: the first of @width + 1 hands work out, the others
 *	compute for @burst_us and answer
 * @KTSTR_ASYMMETRIC_WAKER: the first of @width + 1 computes and wakes one of
 *	the others after each burst, who answer nothing [burst_us]
 * @KTSTR_WAKE_CHAIN: @width in a ring; each wakes the next one
 * @KTSTR_EPOLL_STORM: the first of @width + 1 writes eventfds that all others
 *	wait for in epoll
 * @KTSTR_THUNDERING_HERD: the first of @width + 1 wakes all others at once,
 *	every @interval_us
 * @KTSTR_PAGE_FAULT_CHURN: maps, touches and unmaps @size_kib
 * @KTSTR_NUMA_WORKING_SET_SWEEP: touches @size_kib on one node after another
 * @KTSTR_MUTEX_CONTENTION: @width workers hold one mutex in turn for
 *	@burst_us
 * @KTSTR_PRIORITY_INVERSION: triples; a low one holds a mutex that a high one
 *	wants, while a middle one burns CPU [burst_us, pi]
 * @KTSTR_PRODUCER_CONSUMER_IMBALANCE: @width producers feed one consumer
 *	through a ring that is too small [burst_us]
 * @KTSTR_SIGNAL_STORM: pairs send each other signals and handle them
 * @KTSTR_PREEMPT_STORM: the first of @width + 1 wakes every @interval_us for
 *	an instant at a higher priority, the others spin
 * @KTSTR_RT_STARVATION: the first of @width + 1 is SCHED_FIFO and works for
 *	@burst_us every @interval_us, the others are as declared
 * @KTSTR_CUSTOM: calls @custom
 */
enum ktstr_work_type {
	KTSTR_SPIN_WAIT,
	KTSTR_YIELD_HEAVY,
	KTSTR_MIXED,
	KTSTR_ALU_HOT,
	KTSTR_SMT_SIBLING_SPIN,
	KTSTR_IPC_VARIANCE,
	KTSTR_IO_SYNC_WRITE,
	KTSTR_IO_RAND_READ,
	KTSTR_IO_CONVOY,
	KTSTR_BURSTY,
	KTSTR_IDLE_CHURN,
	KTSTR_PIPE_IO,
	KTSTR_FUTEX_PING_PONG,
	KTSTR_FUTEX_FAN_OUT,
	KTSTR_CACHE_PRESSURE,
	KTSTR_CACHE_YIELD,
	KTSTR_CACHE_PIPE,
	KTSTR_SEQUENCE,
	KTSTR_FORK_EXIT,
	KTSTR_NICE_SWEEP,
	KTSTR_AFFINITY_CHURN,
	KTSTR_CROSS_AFFINITY_CHURN,
	KTSTR_POLICY_CHURN,
	KTSTR_NUMA_MIGRATION_CHURN,
	KTSTR_CGROUP_CHURN,
	KTSTR_FAN_OUT_COMPUTE,
	KTSTR_ASYMMETRIC_WAKER,
	KTSTR_WAKE_CHAIN,
	KTSTR_EPOLL_STORM,
	KTSTR_THUNDERING_HERD,
	KTSTR_PAGE_FAULT_CHURN,
	KTSTR_NUMA_WORKING_SET_SWEEP,
	KTSTR_MUTEX_CONTENTION,
	KTSTR_PRIORITY_INVERSION,
	KTSTR_PRODUCER_CONSUMER_IMBALANCE,
	KTSTR_SIGNAL_STORM,
	KTSTR_PREEMPT_STORM,
	KTSTR_RT_STARVATION,
	KTSTR_CUSTOM,
	KTSTR_NR_WORK_TYPES,
};

/**
 * enum ktstr_phase_kind - a piece of KTSTR_SEQUENCE
 * @KTSTR_PHASE_SPIN: burns CPU for @us of CPU time
 * @KTSTR_PHASE_SLEEP: sleeps
 * @KTSTR_PHASE_YIELD: yields until the time is over
 * @KTSTR_PHASE_IO: writes and syncs a small file until the time is over
 */
enum ktstr_phase_kind {
	KTSTR_PHASE_SPIN = 1,
	KTSTR_PHASE_SLEEP,
	KTSTR_PHASE_YIELD,
	KTSTR_PHASE_IO,
};

struct ktstr_phase {
	enum ktstr_phase_kind kind;
	uint32_t us;
};

/* At most 16; in a worker they are gone through in order. */
#define KTSTR_PHASES(...)						\
	((const struct ktstr_phase[]){ __VA_ARGS__, { .us = 0 } })

/**
 * enum ktstr_worker_form - what a worker is
 * @KTSTR_PROCESS: a process; the default
 * @KTSTR_THREAD: a thread; all of a declaration are in one process
 * @KTSTR_POOL: a process that comes out of a pool: every round is done by a
 *	new child of it
 */
enum ktstr_worker_form {
	KTSTR_PROCESS,
	KTSTR_THREAD,
	KTSTR_POOL,
};

struct ktstr_worker;

/**
 * struct ktstr_work - a work type with its parameters
 * @type: which
 * @burst_us: length of a burst in microseconds of CPU time
 * @sleep_us: length of a sleep in microseconds
 * @interval_us: between two changes, microseconds
 * @size_kib: of memory or of a file, KiB, at most 1 GiB
 * @width: workers of a group beside its first; see the type
 * @pi: KTSTR_PRIORITY_INVERSION: the mutex inherits priorities
 * @form: process, thread, pool
 * @phases: KTSTR_SEQUENCE: as KTSTR_PHASES()
 * @custom: KTSTR_CUSTOM: one round; 0 or a negative errno, which ends the worker
 *
 * A parameter of 0 stands for the type's default; `ktstr work` lists them.
 */
struct ktstr_work {
	enum ktstr_work_type type;
	uint32_t burst_us;
	uint32_t sleep_us;
	uint32_t interval_us;
	uint32_t size_kib;
	uint32_t width;
	bool pi;
	enum ktstr_worker_form form;
	const struct ktstr_phase *phases;
	int (*custom)(struct ktstr_worker *w);
};

/**
 * struct ktstr_worker_info - a custom worker about itself
 * @index: of its declaration's workers, from 0
 * @nr: workers of its declaration
 * @told_to_stop: it should return soon
 */
struct ktstr_worker_info {
	uint32_t index;
	uint32_t nr;
	bool told_to_stop;
};

/* For KTSTR_CUSTOM, in the worker. */
struct ktstr_worker_info ktstr_worker_info(const struct ktstr_worker *w);
/* A piece of work is done: counts it, and accounts CPU, migrations and gaps. */
void ktstr_worker_tick(struct ktstr_worker *w);
/* Sleeps that are no gap; ends early when told to stop. */
void ktstr_worker_sleep_us(struct ktstr_worker *w, uint64_t us);

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

struct ktstr_sched;
struct ktstr_payload;
struct ktstr_kernel_op;

/**
 * enum ktstr_op_kind - one change, made at the start of a step
 * @KTSTR_OP_ADD_CGROUP: sets up @add
 * @KTSTR_OP_REMOVE_CGROUP: stops the workers of @cgroup and removes it
 * @KTSTR_OP_STOP_CGROUP: stops the workers of @cgroup; it stays
 * @KTSTR_OP_SET_CPUSET: @cgroup gets @cpuset
 * @KTSTR_OP_CLEAR_CPUSET: @cgroup gets all CPUs
 * @KTSTR_OP_SWAP_CPUSETS: @cgroup and @other exchange theirs
 * @KTSTR_OP_SPAWN: starts @workers in @cgroup; NULL: in the root cgroup
 * @KTSTR_OP_SET_AFFINITY: of all workers of @cgroup
 * @KTSTR_OP_MOVE_ALL: all workers of @cgroup to @other
 * @KTSTR_OP_FREEZE_CGROUP: cgroup.freeze; its gaps count not
 * @KTSTR_OP_THAW_CGROUP: the pair of it
 * @KTSTR_OP_SET_WEIGHT: cpu.weight of @cgroup becomes @value
 * @KTSTR_OP_SET_BANDWIDTH: cpu.max of @cgroup becomes @value and @period_us;
 *	a value of 0 lifts it
 * @KTSTR_OP_RUN_PAYLOAD: starts @payload in @cgroup (NULL: the root cgroup)
 * @KTSTR_OP_WAIT_PAYLOAD: until @payload has ended
 * @KTSTR_OP_KILL_PAYLOAD: SIGKILL to @payload and all it started
 * @KTSTR_OP_CAPTURE: ktstr_capture() with @text as its tag
 * @KTSTR_OP_WATCH: ktstr_watch() of the symbol @text
 * @KTSTR_OP_KERNEL: ktstr_kernel_ops() with @kernel
 * @KTSTR_OP_ATTACH_SCHED: starts @sched, waits until it is attached
 * @KTSTR_OP_DETACH_SCHED: ends the one that is attached, waits until it is gone
 * @KTSTR_OP_REPLACE_SCHED: the one behind the other
 * @KTSTR_OP_CPU_OFFLINE: CPU @value
 * @KTSTR_OP_CPU_ONLINE: CPU @value
 */
enum ktstr_op_kind {
	KTSTR_OP_END,
	KTSTR_OP_ADD_CGROUP,
	KTSTR_OP_REMOVE_CGROUP,
	KTSTR_OP_STOP_CGROUP,
	KTSTR_OP_SET_CPUSET,
	KTSTR_OP_CLEAR_CPUSET,
	KTSTR_OP_SWAP_CPUSETS,
	KTSTR_OP_SPAWN,
	KTSTR_OP_SET_AFFINITY,
	KTSTR_OP_MOVE_ALL,
	KTSTR_OP_FREEZE_CGROUP,
	KTSTR_OP_THAW_CGROUP,
	KTSTR_OP_SET_WEIGHT,
	KTSTR_OP_SET_BANDWIDTH,
	KTSTR_OP_RUN_PAYLOAD,
	KTSTR_OP_WAIT_PAYLOAD,
	KTSTR_OP_KILL_PAYLOAD,
	KTSTR_OP_CAPTURE,
	KTSTR_OP_WATCH,
	KTSTR_OP_KERNEL,
	KTSTR_OP_ATTACH_SCHED,
	KTSTR_OP_DETACH_SCHED,
	KTSTR_OP_REPLACE_SCHED,
	KTSTR_OP_CPU_OFFLINE,
	KTSTR_OP_CPU_ONLINE,
	KTSTR_NR_OPS,
};

/* Members as the kind says; use the macros below. */
struct ktstr_op {
	enum ktstr_op_kind kind;
	const char *cgroup;
	const char *other;
	const char *text;
	uint32_t value;
	uint32_t period_us;
	struct ktstr_cpuset cpuset;
	struct ktstr_affinity affinity;
	const struct ktstr_cgroup *add;
	const struct ktstr_workers *workers;
	const struct ktstr_payload *payload;
	const struct ktstr_sched *sched;
	struct ktstr_kernel_op *kernel;
};

#define KTSTR_ADD_CGROUP(...)						\
	{ .kind = KTSTR_OP_ADD_CGROUP,					\
	  .add = &(const struct ktstr_cgroup){ __VA_ARGS__ } }
#define KTSTR_REMOVE_CGROUP(name_)					\
	{ .kind = KTSTR_OP_REMOVE_CGROUP, .cgroup = (name_) }
#define KTSTR_STOP_CGROUP(name_)					\
	{ .kind = KTSTR_OP_STOP_CGROUP, .cgroup = (name_) }
#define KTSTR_SET_CPUSET(name_, ...)					\
	{ .kind = KTSTR_OP_SET_CPUSET, .cgroup = (name_),		\
	  .cpuset = __VA_ARGS__ }
#define KTSTR_CLEAR_CPUSET(name_)					\
	{ .kind = KTSTR_OP_CLEAR_CPUSET, .cgroup = (name_) }
#define KTSTR_SWAP_CPUSETS(a, b)					\
	{ .kind = KTSTR_OP_SWAP_CPUSETS, .cgroup = (a), .other = (b) }
#define KTSTR_SPAWN(name_, ...)						\
	{ .kind = KTSTR_OP_SPAWN, .cgroup = (name_),			\
	  .workers = &(const struct ktstr_workers){ __VA_ARGS__ } }
#define KTSTR_SET_AFFINITY(name_, ...)					\
	{ .kind = KTSTR_OP_SET_AFFINITY, .cgroup = (name_),		\
	  .affinity = __VA_ARGS__ }
#define KTSTR_MOVE_ALL(from, to)					\
	{ .kind = KTSTR_OP_MOVE_ALL, .cgroup = (from), .other = (to) }
#define KTSTR_FREEZE_CGROUP(name_)					\
	{ .kind = KTSTR_OP_FREEZE_CGROUP, .cgroup = (name_) }
#define KTSTR_THAW_CGROUP(name_)					\
	{ .kind = KTSTR_OP_THAW_CGROUP, .cgroup = (name_) }
#define KTSTR_SET_WEIGHT(name_, weight_)				\
	{ .kind = KTSTR_OP_SET_WEIGHT, .cgroup = (name_),		\
	  .value = (weight_) }
#define KTSTR_SET_BANDWIDTH(name_, quota, period)			\
	{ .kind = KTSTR_OP_SET_BANDWIDTH, .cgroup = (name_),		\
	  .value = (quota), .period_us = (period) }
#define KTSTR_RUN_PAYLOAD(payload_, name_)				\
	{ .kind = KTSTR_OP_RUN_PAYLOAD, .payload = &(payload_),		\
	  .cgroup = (name_) }
#define KTSTR_WAIT_PAYLOAD(payload_)					\
	{ .kind = KTSTR_OP_WAIT_PAYLOAD, .payload = &(payload_) }
#define KTSTR_KILL_PAYLOAD(payload_)					\
	{ .kind = KTSTR_OP_KILL_PAYLOAD, .payload = &(payload_) }
#define KTSTR_CAPTURE(tag)		{ .kind = KTSTR_OP_CAPTURE, .text = (tag) }
#define KTSTR_WATCH(symbol)		{ .kind = KTSTR_OP_WATCH, .text = (symbol) }
#define KTSTR_KERNEL_OP(op)		{ .kind = KTSTR_OP_KERNEL, .kernel = (op) }
#define KTSTR_ATTACH_SCHED(s)		{ .kind = KTSTR_OP_ATTACH_SCHED, .sched = &(s) }
#define KTSTR_DETACH_SCHED()		{ .kind = KTSTR_OP_DETACH_SCHED }
#define KTSTR_REPLACE_SCHED(s)		{ .kind = KTSTR_OP_REPLACE_SCHED, .sched = &(s) }
#define KTSTR_CPU_OFFLINE(cpu)		{ .kind = KTSTR_OP_CPU_OFFLINE, .value = (cpu) }
#define KTSTR_CPU_ONLINE(cpu)		{ .kind = KTSTR_OP_CPU_ONLINE, .value = (cpu) }

#define KTSTR_OPS(...)							\
	((const struct ktstr_op[]){ __VA_ARGS__, { .kind = KTSTR_OP_END } })

/**
 * struct ktstr_hold - how long a step lasts after it was set up
 * @permille: of the case's duration
 * @ms: fixed, milliseconds; added to @permille's
 */
struct ktstr_hold {
	uint32_t permille;
	uint32_t ms;
};

#define KTSTR_HOLD_ALL		{ .permille = 1000 }
#define KTSTR_HOLD_PERMILLE(n)	{ .permille = (n) }
#define KTSTR_HOLD_MS(n)	{ .ms = (n) }

/**
 * struct ktstr_step - operations, cgroups to set up, then a hold
 * @pause_ms: before that, the workload's clock stands still for so long:
 *	neither its budget nor its captures count it. Workers go on.
 * @ops: made in order, as KTSTR_OPS(); NULL none
 * @cgroups: what is set up then; ends with one without a name. What a step
 *	sets up stays until the case ends or an operation removes it.
 * @hold: for how long
 * @loop_ms: while holding, @loop is gone through again every so often; 0 not
 * @loop: as KTSTR_OPS()
 */
struct ktstr_step {
	uint32_t pause_ms;
	const struct ktstr_op *ops;
	const struct ktstr_cgroup *cgroups;
	struct ktstr_hold hold;
	uint32_t loop_ms;
	const struct ktstr_op *loop;
};

#define KTSTR_PAUSE_MS(n)	{ .pause_ms = (n) }

#define KTSTR_STEP(hold_, ...)						\
	{								\
		.hold = hold_,						\
		.cgroups = (const struct ktstr_cgroup[]){		\
			__VA_ARGS__, { .name = NULL } },		\
	}

/* A step of operations alone. */
#define KTSTR_CHANGE(hold_, ...)					\
	{ .hold = hold_, .ops = KTSTR_OPS(__VA_ARGS__) }

/* A hold during which operations are made every @ms. */
#define KTSTR_LOOP(hold_, ms, ...)					\
	{ .hold = hold_, .loop_ms = (ms), .loop = KTSTR_OPS(__VA_ARGS__) }

#endif /* KTSTR_SCENARIO_H */
