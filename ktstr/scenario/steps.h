/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a scenario: set up what each step asks for, hold, tell the host,
 * stop, and keep what the workers reported. What it means is for the checks.
 */
#ifndef KTSTR_SCENARIO_STEPS_H
#define KTSTR_SCENARIO_STEPS_H

#include "../work/worker.h"
#include "cgroup.h"
#include "cpuset.h"

#define KT_MAX_CGROUPS		64

struct kt_scenario_cgroup {
	const char *name;
	struct kt_cgroup dir;
	bool has_cpuset;
	struct kt_cpumask cpus;		/* where its workers may run */
	struct kt_worker_group group;
};

struct kt_scenario {
	/* the caller's */
	const struct kt_guest_topology *topo;
	u32 duration_ms;
	u32 speed_pct;			/* bounds of waits are stretched by it */
	int stop_fd;			/* readable: holds end; -1: none */
	void (*emit)(void *arg, u32 tag, const void *payload, size_t len_bytes);
	void *emit_arg;

	/* what came of it */
	struct kt_scenario_cgroup cgroups[KT_MAX_CGROUPS];
	u32 nr_cgroups;
	u64 start_ns;			/* first hold, 0 before */
	u64 end_ns;			/* of the last one */
	bool stopped_early;		/* stop_fd */
	char why[256];			/* what failed */
};

/*
 * Runs @steps and stops all workers; their reports are in the cgroups. The
 * caller has filled its part of @s and zeroed the rest. On an error @s->why
 * says what could not be set up, and nothing runs any more. Always followed by
 * kt_scenario_fini().
 */
int kt_scenario_run(struct kt_scenario *s, const struct ktstr_step *steps,
		    size_t nr_steps);

/* Removes cgroups, kills what should be left in them, frees. */
void kt_scenario_fini(struct kt_scenario *s);

/* NULL when there is none of that name. */
const struct kt_scenario_cgroup *
kt_scenario_find(const struct kt_scenario *s, const char *name);

#endif /* KTSTR_SCENARIO_STEPS_H */
