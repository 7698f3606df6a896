// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many wait in epoll for the same few eventfds that one keeps writing.
 */
#include <sys/epoll.h>
#include <unistd.h>

#include "../base/log.h"
#include "families.h"
#include "step.h"

int kt_work_epoll_setup(struct kt_work_env *env)
{
	struct epoll_event ev = { .events = EPOLLIN };
	u32 i;

	if (!env->role)
		return 0;
	env->state.fd = epoll_create1(EPOLL_CLOEXEC);
	if (env->state.fd < 0)
		return kt_err(-errno, "%s: epoll_create1: %m", env->name);
	for (i = 0; i < KT_WORK_FDS; i++) {
		ev.data.fd = env->fds[i];
		if (epoll_ctl(env->state.fd, EPOLL_CTL_ADD, env->fds[i], &ev))
			return kt_err(-errno, "%s: EPOLL_CTL_ADD: %m",
				      env->name);
	}
	return 0;
}

/* All that wait are woken; most find that another one was faster. */
static int receive(struct kt_work_env *env)
{
	struct epoll_event events[KT_WORK_FDS];
	int nr = 0, i, ret = 0;
	u64 value;

	kt_meter_block(&env->meter);
	while (!nr && !ret && !*env->stop) {
		nr = epoll_wait(env->state.fd, events, KT_WORK_FDS,
				KT_WORK_LOOK_MS);
		if (!nr)
			ret = kt_work_partners(env);
		nr = max(nr, 0);
	}
	kt_meter_unblock(&env->meter);
	if (nr)
		kt_work_woken(env, &env->shared->gen);
	for (i = 0; i < nr; i++)
		if (read(events[i].data.fd, &value, sizeof(value)) > 0)
			kt_work_count(env);
	return ret;
}

int kt_work_epoll_storm(struct kt_work_env *env)
{
	const u64 one = 1;
	u32 i;

	if (env->role)
		return receive(env);
	kt_work_note_wake(&env->shared->gen);
	for (i = 0; i < KT_WORK_FDS; i++)
		if (write(env->fds[i], &one, sizeof(one)) != sizeof(one))
			return kt_err(-errno, "%s: write an eventfd: %m",
				      env->name);
	kt_work_burst(env, env->params.burst_us);
	return 0;
}
