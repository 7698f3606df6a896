/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a scenario: make each step's operations, set up what it asks for,
 * hold, tell the host, stop, and keep what the workers reported. What it means
 * is for the checks.
 */
#ifndef KTSTR_SCENARIO_STEPS_H
#define KTSTR_SCENARIO_STEPS_H

#include "../work/worker.h"
#include "cgroup.h"
#include "cpuset.h"

#define KT_MAX_CGROUPS		1024
#define KT_CGROUP_BUCKETS	1024

/* Workers that were started together. */
struct kt_scenario_group {
	struct kt_worker_group workers;
	bool stopped;
	bool unconfined;		/* it might use all CPUs, once at least */
	struct kt_cpumask allowed;	/* that it might use in its life */
	u32 nr;
	u64 iterations;			/* once stopped */
	struct kt_worker_report *reports;	/* once stopped */
	struct kt_scenario_group *next;
	struct kt_scenario_group *next_waiting;
};

struct kt_scenario_cgroup {
	const char *name;		/* KT_ROOT_CGROUP: the machine's own */
	struct kt_cgroup dir;
	bool live;			/* set up, and not removed */
	bool frozen;
	bool has_cpuset;
	struct kt_cpumask cpus;		/* if so */
	u32 nr_spawned;			/* workers, in all its life */
	struct kt_scenario_group *groups;
	u32 next;			/* in its bucket, from 1; 0: the last */
	struct kt_worker_report *reports;	/* of all, when it is over */
	u32 nr_reports;
};

#define KT_ROOT_CGROUP		"/"

/**
 * struct kt_scenario_services - what operations need from outside of the
 * scenario; each returns 0, or -errno and a sentence in @why
 * @capture: have the host capture the kernel's state as @tag
 * @watch: have it watch @symbol
 * @kernel: have it make @op
 * @sched: attach, detach or replace the scheduler as @op says
 * @payload: run, await or kill a payload program as @op says; @cgroup is the
 *	directory for it. NULL: there are none.
 * @alive: the scheduler that should be attached is
 */
struct kt_scenario_services {
	int (*capture)(void *arg, const char *tag, char *why, size_t why_size);
	int (*watch)(void *arg, const char *symbol, char *why, size_t why_size);
	int (*kernel)(void *arg, struct ktstr_kernel_op *op, char *why,
		      size_t why_size);
	int (*sched)(void *arg, const struct ktstr_op *op, char *why,
		     size_t why_size);
	int (*payload)(void *arg, const struct ktstr_op *op,
		       const char *cgroup, char *why, size_t why_size);
	bool (*alive)(void *arg);
};

struct kt_scenario {
	/* the caller's */
	const struct kt_guest_topology *topo;
	u32 duration_ms;
	u32 speed_pct;			/* bounds of waits are stretched by it */
	u64 seed;			/* of what is random */
	u32 start_spread_us;		/* by it, workers begin within that */
	u32 factor;			/* times the declared workers; 0: 1 */
	u32 workers_pct;		/* of those; 0: all */
	int stop_fd;			/* readable: holds end; -1: none */
	void (*emit)(void *arg, u32 tag, const void *payload, size_t len_bytes);
	void *emit_arg;
	const struct kt_scenario_services *services;	/* NULL: none */
	void *services_arg;

	/* what came of it */
	struct kt_scenario_cgroup cgroups[KT_MAX_CGROUPS];
	u32 nr_cgroups;
	struct kt_scenario_group *waiting;	/* to begin, all at once */
	u32 buckets[KT_CGROUP_BUCKETS];	/* of names; from 1, 0: empty */
	struct kt_guest_topology now;	/* @topo, as CPUs went and came back */
	u32 nr_ops;			/* of this step */
	u32 op_kinds;			/* of those, bit kind - 1 each */
	u64 start_ns;			/* first hold, 0 before */
	u64 end_ns;			/* of the last one */
	bool stopped_early;		/* stop_fd */
	bool sched_failed;		/* what failed is about the scheduler */
	char why[512];			/* what failed */
};

/*
 * Runs @steps and stops all workers; their reports are in the cgroups. The
 * caller has filled its part of @s and zeroed the rest. On an error @s->why
 * says what could not be done, and nothing runs any more. Always followed by
 * kt_scenario_fini().
 */
int kt_scenario_run(struct kt_scenario *s, const struct ktstr_step *steps,
		    size_t nr_steps);

/* Removes cgroups, kills what should be left in them, frees. */
void kt_scenario_fini(struct kt_scenario *s);

/* @ms of a machine of full speed on this one; bounds of waits alone. */
u32 kt_scenario_scale_ms(const struct kt_scenario *s, u32 ms);

/* The workload is to end early. */
bool kt_scenario_told_to_stop(struct kt_scenario *s);

/* Keeps the sentence as @s->why; returns @err. */
int kt_scenario_fail(struct kt_scenario *s, int err, const char *fmt, ...)
	__printf(3, 4);

#endif /* KTSTR_SCENARIO_STEPS_H */
