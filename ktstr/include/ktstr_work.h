/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work: what a worker does until it is told to stop. Included by ktstr.h.
 */
#ifndef KTSTR_WORK_H
#define KTSTR_WORK_H

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
 *	[size_kib]. Files have no name and are in TMPDIR: memory in a guest,
 *	unless the test mounts a disk and sets it.
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
 * @KTSTR_CGROUP_CHURN: moves itself between its cgroup and a threaded one
 *	below it, "churn", every @interval_us
 * @KTSTR_FAN_OUT_COMPUTE: the first of @width + 1 hands work out, the others
 *	compute for @burst_us and answer
 * @KTSTR_ASYMMETRIC_WAKER: the first of @width + 1 computes and wakes one of
 *	the others after each burst, who answer nothing [burst_us]
 * @KTSTR_WAKE_CHAIN: @width in a ring; each wakes the next one
 * @KTSTR_EPOLL_STORM: the first of @width + 1 writes eventfds that all others
 *	wait for in epoll, and works for @burst_us, again
 * @KTSTR_THUNDERING_HERD: the first of @width + 1 wakes all others at once,
 *	every @interval_us
 * @KTSTR_PAGE_FAULT_CHURN: maps, touches and unmaps @size_kib
 * @KTSTR_NUMA_WORKING_SET_SWEEP: touches @size_kib on one node after another
 * @KTSTR_MUTEX_CONTENTION: @width workers hold one mutex in turn for
 *	@burst_us
 * @KTSTR_PRIORITY_INVERSION: triples on one CPU; a low one, as declared, holds
 *	a mutex for @burst_us that a high one wants, while a middle one burns
 *	CPU for four times that; those are SCHED_FIFO [pi]
 * @KTSTR_PRODUCER_CONSUMER_IMBALANCE: the first of @width + 1 consumes what
 *	the others produce, @burst_us of work each, out of a ring that is too
 *	small
 * @KTSTR_SIGNAL_STORM: pairs send each other signals and handle them
 * @KTSTR_PREEMPT_STORM: the first of @width + 1 is SCHED_FIFO and wakes every
 *	@interval_us for an instant, the others spin as declared
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
 * @KTSTR_THREAD: a thread; all of a declaration are in one process. One that
 *	fails ends them all.
 * @KTSTR_POOL: every round is done by a new child of the worker. Not for types
 *	whose workers form groups or change how they are scheduled.
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
 * @phases: KTSTR_SEQUENCE: as KTSTR_PHASES(); NULL: 1 ms of work, 1 ms of
 *	sleep, 500 us of yields, 500 us of writes
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

#endif /* KTSTR_WORK_H */
