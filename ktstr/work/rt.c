// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types in which one worker of a group runs before the others, because it
 * is SCHED_FIFO. The others burn CPU as declared.
 */
#include "families.h"
#include "step.h"

int kt_work_rt_setup(struct kt_work_env *env)
{
	return env->role ? 0 : kt_work_be_fifo(env, 1);
}

int kt_work_preempt_storm(struct kt_work_env *env)
{
	if (!env->role)
		kt_work_sleep_interval(env, env->params.interval_us);
	kt_work_unit(env);
	return 0;
}

/* Less than all of the time: a machine in which nothing else runs is lost. */
int kt_work_rt_starvation(struct kt_work_env *env)
{
	if (env->role) {
		kt_work_unit(env);
		return 0;
	}
	kt_work_burst(env, env->params.burst_us);
	kt_work_sleep_interval(env, env->params.interval_us);
	return 0;
}
