// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types of bursts, sleeps and yields.
 */
#include <sched.h>
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

/*
 * Mostly additions, with a pause now and then: an emulator takes each pause
 * for a wish to run another vCPU, and a loop of nothing else crawls.
 */
int kt_work_spin_wait(struct kt_work_env *env)
{
	kt_work_unit(env);
#if __has_builtin(__builtin_ia32_pause)
	__builtin_ia32_pause();
#endif
	return 0;
}

int kt_work_yield_heavy(struct kt_work_env *env)
{
	kt_work_burst(env, env->params.burst_us);
	sched_yield();
	return 0;
}

/* Of bursty and of idle_churn, which differ in their defaults. */
int kt_work_bursty(struct kt_work_env *env)
{
	kt_work_burst(env, env->params.burst_us);
	kt_work_sleep_us(env, env->params.sleep_us);
	return 0;
}

int kt_work_mixed(struct kt_work_env *env)
{
	kt_work_burst(env, env->params.burst_us);
	kt_work_sleep_us(env, env->params.sleep_us);
	if (*env->stop)
		return 0;
	kt_work_burst(env, env->params.burst_us);
	sched_yield();
	return 0;
}

static int read_list(u32 cpu, const char *name, struct kt_cpumask *mask)
{
	char path[96], list[KT_CPUMASK_STR];
	int ret;

	memset(mask, 0, sizeof(*mask));
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/%s", cpu,
		 name);
	ret = kt_read_line(path, list, sizeof(list));
	return ret ? ret : kt_cpumask_parse(mask, list);
}

/* Takes the next two of @left that share what @name lists. */
static bool take_pair(struct kt_cpumask *left, const char *name, u32 pair[2])
{
	struct kt_cpumask set;
	u32 cpu;

	while ((cpu = kt_cpumask_next(left, 0)) < KT_MAX_CPUS) {
		kt_cpumask_clear(left, cpu);
		if (read_list(cpu, name, &set))
			continue;
		kt_cpumask_and(&set, &set, left);
		pair[0] = cpu;
		pair[1] = kt_cpumask_next(&set, 0);
		if (pair[1] == KT_MAX_CPUS)
			continue;
		kt_cpumask_clear(left, pair[1]);
		return true;
	}
	return false;
}

/* The pair numbered @n modulo their number. */
static bool find_pair(const struct kt_cpumask *cpus, const char *name, u32 n,
		      u32 pair[2])
{
	struct kt_cpumask left = *cpus;
	u32 found = 0;

	while (take_pair(&left, name, pair))
		found++;
	if (!found)
		return false;
	left = *cpus;
	for (n %= found; take_pair(&left, name, pair) && n; n--)
		;
	return true;
}

int kt_work_smt_setup(struct kt_work_env *env)
{
	u32 group = env->index / env->group_size, pair[2];
	struct kt_cpumask cpus;
	int ret = kt_work_get_cpus(&cpus);

	if (ret)
		return kt_err(ret, "%s: its CPUs: %s", env->name,
			      strerror(-ret));
	if (!find_pair(&cpus, "topology/thread_siblings_list", group, pair) &&
	    !find_pair(&cpus, "cache/index3/shared_cpu_list", group, pair) &&
	    !find_pair(&cpus, "topology/package_cpus_list", group, pair))
		return kt_err(-ENODEV,
			      "%s: two CPUs that share a core or a cache are needed",
			      env->name);
	return kt_work_pin(0, pair[env->role]);
}
