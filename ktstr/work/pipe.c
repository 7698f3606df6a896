// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types that wait for each other over pipes.
 */
#include <unistd.h>

#include "types.h"

static int give(struct kt_work_env *env)
{
	char byte = 0;

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
	return n == 1 || *env->stop ? 0 : -EPIPE;
}

/* One round trip: the even one of a pair serves, the odd one returns. */
int kt_work_pipe_io(struct kt_work_env *env)
{
	bool first = env->index % 2 == 0;
	int ret = first ? give(env) : take(env);

	if (!ret && !*env->stop)
		ret = first ? take(env) : give(env);
	kt_meter_tick(&env->meter);
	return ret;
}
