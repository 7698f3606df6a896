// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types that keep changing how they are scheduled: nice value, policy,
 * affinity, cgroup.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

#define NICE_MIN	(-20)
#define NICE_VALUES	40
#define CGROUP_MOUNT	"/sys/fs/cgroup"
#define KT_SCHED_EXT	7	/* newer than the C library's headers */

static int work_interval(struct kt_work_env *env)
{
	kt_work_spin_until(env, kt_now_ns() +
				env->params.interval_us * KT_NSEC_PER_USEC);
	return 0;
}

int kt_work_nice_sweep(struct kt_work_env *env)
{
	int value = NICE_MIN + (int)(env->state.turn++ % NICE_VALUES);

	if (setpriority(PRIO_PROCESS, 0, value))
		return kt_err(-errno, "%s: nice %d: %m", env->name, value);
	kt_work_burst(env, env->params.burst_us);
	return 0;
}

int kt_work_policy_churn(struct kt_work_env *env)
{
	static const int policies[] = {
		SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, KT_SCHED_EXT,
	};
	struct sched_param none = {};
	int policy = policies[env->state.turn++ % ARRAY_SIZE(policies)];

	/* a kernel without sched_ext knows no such policy */
	if (sched_setscheduler(0, policy, &none) &&
	    !(policy == KT_SCHED_EXT && errno == EINVAL))
		return kt_err(-errno, "%s: policy %d: %m", env->name, policy);
	return work_interval(env);
}

int kt_work_affinity_setup(struct kt_work_env *env)
{
	int ret = kt_work_get_cpus(&env->state.cpus);

	return ret ? kt_err(ret, "%s: its CPUs: %s", env->name,
			    strerror(-ret)) : 0;
}

/* When its cpuset has left all it began with, those of the cpuset are its. */
static int pin_next(struct kt_work_env *env, pid_t tid)
{
	struct kt_cpumask *cpus = &env->state.cpus;
	int ret = kt_work_pin(tid, kt_work_nth_cpu(cpus, env->state.turn++));

	if (ret != -EINVAL)
		return ret;
	memset(cpus, 0xff, sizeof(*cpus));
	ret = kt_work_set_cpus(0, cpus);
	return ret ? ret : kt_work_get_cpus(cpus);
}

int kt_work_affinity_churn(struct kt_work_env *env)
{
	int ret = pin_next(env, 0);

	return ret ? kt_err(ret, "%s: pin itself: %s", env->name,
			    strerror(-ret)) : work_interval(env);
}

int kt_work_cross_setup(struct kt_work_env *env)
{
	int ret = kt_work_affinity_setup(env);

	/* neither is pinned before the other has seen its own CPUs */
	return ret ? ret : kt_work_meet(env);
}

int kt_work_cross_affinity_churn(struct kt_work_env *env)
{
	int ret = pin_next(env, env->members[!env->role].tid);

	if (ret && *env->stop)
		return 0;
	if (ret)
		return kt_err(ret, "%s: pin its partner: %s", env->name,
			      strerror(-ret));
	/* one that has ended can still be pinned */
	ret = kt_work_partners(env);
	return ret ? ret : work_interval(env);
}

static int write_knob(const char *dir, const char *knob, const char *text)
{
	char path[512];
	int ret;

	snprintf(path, sizeof(path), "%s/%s", dir, knob);
	ret = kt_write_file(path, text);
	return ret ? kt_err(ret, "write \"%s\" to %s: %s", text, path,
			    strerror(-ret)) : 0;
}

/*
 * "churn" below its own cgroup, of which it is a threaded one: only so may both
 * hold tasks and the cpu controller know the one from the other.
 */
int kt_work_cgroup_setup(struct kt_work_env *env)
{
	char line[200], *dir = env->state.text, below[280];
	int ret = kt_read_line("/proc/self/cgroup", line, sizeof(line));

	if (ret || strncmp(line, "0::/", 4))
		return kt_err(ret ?: -EOPNOTSUPP, "%s: a cgroup of version 2 is needed",
			      env->name);
	snprintf(dir, sizeof(env->state.text), CGROUP_MOUNT "%s",
		 strcmp(line + 3, "/") ? line + 3 : "");
	snprintf(below, sizeof(below), "%s/churn", dir);
	if (mkdir(below, 0755) && errno != EEXIST)
		return kt_err(-errno, "make cgroup %s: %m", below);
	ret = write_knob(below, "cgroup.type", "threaded");
	return ret ? ret : write_knob(dir, "cgroup.subtree_control", "+cpu");
}

int kt_work_cgroup_churn(struct kt_work_env *env)
{
	char tid[16];
	bool below = env->state.turn++ % 2 == 0;
	int ret;

	snprintf(tid, sizeof(tid), "%d", env->meter.tm->tid);
	ret = write_knob(env->state.text, below ? "churn/cgroup.threads" :
						  "cgroup.threads", tid);
	return ret ? ret : work_interval(env);
}

/* The last one that leaves removes it. */
void kt_work_cgroup_teardown(struct kt_work_env *env)
{
	char path[280], tid[16];

	if (!env->state.text[0])
		return;
	snprintf(tid, sizeof(tid), "%d", env->meter.tm->tid);
	write_knob(env->state.text, "cgroup.threads", tid);
	snprintf(path, sizeof(path), "%s/churn", env->state.text);
	rmdir(path);
}
