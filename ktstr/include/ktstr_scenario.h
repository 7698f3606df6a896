/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test's scenario: operations and steps. All of it is data;
 * ktstr_run_steps() makes it happen in the guest. Included by ktstr.h.
 */
#ifndef KTSTR_SCENARIO_H
#define KTSTR_SCENARIO_H

#include "ktstr_cgroup.h"

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
