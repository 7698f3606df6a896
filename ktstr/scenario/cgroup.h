/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cgroups of a scenario: directories of cgroup v2 below one of ours. What
 * the kernel refuses is reported with file, text and reason, and as -errno.
 */
#ifndef KTSTR_SCENARIO_CGROUP_H
#define KTSTR_SCENARIO_CGROUP_H

#include <sys/types.h>

#include "../work/cpumask.h"

#define KT_CGROUP_MOUNT		"/sys/fs/cgroup"
#define KT_CGROUP_ROOT		KT_CGROUP_MOUNT "/ktstr"
#define KT_CGROUP_PATH_MAX	256
#define KT_CGROUP_NAME_MAX	128	/* with all its levels */
#define KT_CGROUP_WEIGHT_MAX	10000

struct kt_cgroup {
	char path[KT_CGROUP_PATH_MAX];	/* "" for none */
};

/*
 * Makes KT_CGROUP_ROOT with the controllers cpu, cpuset, pids and memory for
 * what will be below it. Not an error when it is there.
 */
int kt_cgroup_setup_root(void);

/* Removes it and all below it; what still lives there is killed. */
int kt_cgroup_remove_root(u32 timeout_ms);

/*
 * True for names that can be cgroups: one or more levels of plain file names,
 * "a/b", without dots in front.
 */
bool kt_cgroup_name_ok(const char *name);

/*
 * Makes KT_CGROUP_ROOT/@name; what it is below is made first and hands its
 * controllers on. -EBUSY when there are processes in one of those: cgroup v2
 * has them in leaves alone.
 */
int kt_cgroup_make(struct kt_cgroup *cg, const char *name);

/* @list as in "0-3,8". */
int kt_cgroup_set_cpus(const struct kt_cgroup *cg, const char *list);
int kt_cgroup_set_mems(const struct kt_cgroup *cg, const char *list);

/* The CPUs that the kernel lets it use. */
int kt_cgroup_effective_cpus(const struct kt_cgroup *cg,
			     struct kt_cpumask *cpus);

int kt_cgroup_set_weight(const struct kt_cgroup *cg, u32 weight);

/* @quota_us of CPU time in each @period_us; 0: no limit. */
int kt_cgroup_set_bandwidth(const struct kt_cgroup *cg, u32 quota_us,
			    u32 period_us);

/* Waits until all of it is frozen, or runs again. -ETIMEDOUT. */
int kt_cgroup_freeze(const struct kt_cgroup *cg, bool on, u32 timeout_ms);

int kt_cgroup_add(const struct kt_cgroup *cg, pid_t pid);

/* Moves all that lives in @from, and what it forks meanwhile. */
int kt_cgroup_move_all(const struct kt_cgroup *from,
		       const struct kt_cgroup *to);

/*
 * Kills what is in and below it, waits until it is empty, removes it with all
 * below it.
 */
int kt_cgroup_remove(struct kt_cgroup *cg, u32 timeout_ms);

#endif /* KTSTR_SCENARIO_CGROUP_H */
