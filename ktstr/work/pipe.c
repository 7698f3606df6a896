// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types that wait for each other over pipes.
 */
#include <unistd.h>

#include "families.h"
#include "step.h"

static int give(struct kt_work_env *env)
{
	char byte = 0;

	kt_work_note_wake(&env->slots[!env->role]);
	/* never blocks: one byte at most is under way in each direction */
	if (write(env->wfd, &byte, 1) != 1)
		return *env->stop ? 0 : -EPIPE;
	env->meter.tm->work_units++;
	return 0;
}

static int take(struct kt_work_env *env)
{
	char byte;
	ssize_t n;

	kt_meter_block(&env->meter);
	do {
		n = read(env->rfd, &byte, 1);
	} while (n < 0 && errno == EINTR && !*env->stop);
	kt_meter_unblock(&env->meter);
	if (n == 1)
		kt_work_woken(env, &env->slots[env->role]);
	return n == 1 || *env->stop ? 0 : -EPIPE;
}

/* One round trip: the first of a pair serves, the other one returns. */
int kt_work_pipe_io(struct kt_work_env *env)
{
	bool first = !env->role;
	int ret = first ? give(env) : take(env);

	if (!ret && !*env->stop)
		ret = first ? take(env) : give(env);
	kt_meter_tick(&env->meter);
	return ret;
}

int kt_work_cache_pipe(struct kt_work_env *env)
{
	int ret;

	if (!env->role && !env->state.turn++) {
		/* the only byte of the pair */
		ret = give(env);
		if (ret)
			return ret;
	}
	ret = take(env);
	if (ret || *env->stop)
		return ret;
	kt_work_walk(env);
	return *env->stop ? 0 : give(env);
}
