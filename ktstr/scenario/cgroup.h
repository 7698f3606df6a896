/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cgroups of a scenario: directories of cgroup v2 below one of ours.
 */
#ifndef KTSTR_SCENARIO_CGROUP_H
#define KTSTR_SCENARIO_CGROUP_H

#include <sys/types.h>

#include "../base/types.h"

#define KT_CGROUP_MOUNT		"/sys/fs/cgroup"
#define KT_CGROUP_ROOT		KT_CGROUP_MOUNT "/ktstr"
#define KT_CGROUP_PATH_MAX	256
#define KT_CGROUP_NAME_MAX	64

struct kt_cgroup {
	char path[KT_CGROUP_PATH_MAX];	/* "" for none */
};

/*
 * Makes KT_CGROUP_ROOT with the controllers cpu, cpuset, pids and memory for
 * what will be below it. Not an error when it is there.
 */
int kt_cgroup_setup_root(void);

/* Removes it; what still lives below it is killed. */
int kt_cgroup_remove_root(u32 timeout_ms);

/* Makes KT_CGROUP_ROOT/@name. -EINVAL for what is no plain file name. */
int kt_cgroup_make(struct kt_cgroup *cg, const char *name);

/* @list as in "0-3,8". */
int kt_cgroup_set_cpus(const struct kt_cgroup *cg, const char *list);

int kt_cgroup_add(const struct kt_cgroup *cg, pid_t pid);

/* Kills what is in it, waits until it is empty, removes it. */
int kt_cgroup_remove(struct kt_cgroup *cg, u32 timeout_ms);

#endif /* KTSTR_SCENARIO_CGROUP_H */
