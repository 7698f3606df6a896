// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work that the test itself brings: its rounds, and what they may call.
 */
#include "../base/log.h"
#include "families.h"
#include "step.h"

/* What a custom round sees of its worker is opaque to it. */
struct ktstr_worker {
	struct kt_work_env env;
};

int kt_work_custom_check(const struct ktstr_work *params)
{
	if (!params->custom)
		return kt_err(-EINVAL, "type custom: .custom is not set; the function that is one round is right");
	return 0;
}

int kt_work_custom(struct kt_work_env *env)
{
	return env->params.custom(container_of(env, struct ktstr_worker, env));
}

struct ktstr_worker_info ktstr_worker_info(const struct ktstr_worker *w)
{
	const struct kt_work_env *env = &w->env;

	return (struct ktstr_worker_info){
		.index = env->index,
		.nr = env->nr,
		.told_to_stop = *env->stop,
	};
}

void ktstr_worker_tick(struct ktstr_worker *w)
{
	kt_work_count(&w->env);
}

void ktstr_worker_sleep_us(struct ktstr_worker *w, uint64_t us)
{
	kt_work_sleep_us(&w->env, us);
}
