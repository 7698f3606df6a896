// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types about locks: one that many want, and one that keeps a worker of
 * high priority waiting for one of low priority.
 */
#include <limits.h>

#include "../base/log.h"
#include "families.h"
#include "step.h"

#define BITS		32
#define MIDDLE_BURSTS	4	/* of the low one's */
#define MIDDLE_PRIO	1
#define HIGH_PRIO	2

enum { LOW, MIDDLE, HIGH };

/* By tickets: the lock goes to who has waited longest, each one in turn. */
static int lock(struct kt_work_env *env, u32 *ticket)
{
	struct kt_work_shared *sh = env->shared;
	u32 serving;
	int ret = 0;

	*ticket = __atomic_fetch_add(&sh->next, 1, __ATOMIC_ACQ_REL);
	while (!ret && !*env->stop) {
		serving = kt_work_load(&sh->serving);
		if (serving == *ticket)
			return 0;
		ret = kt_work_wait_bits(env, &sh->serving, serving,
					1u << *ticket % BITS);
	}
	return ret;
}

static void unlock(struct kt_work_env *env, u32 ticket)
{
	struct kt_work_shared *sh = env->shared;

	kt_work_store(&sh->serving, ticket + 1);
	kt_work_wake_bits(&sh->serving, 1u << (ticket + 1) % BITS);
}

int kt_work_mutex_contention(struct kt_work_env *env)
{
	u32 ticket;
	int ret = lock(env, &ticket);

	/* told to stop, it never gets it; neither need those behind it */
	if (ret || *env->stop)
		return ret;
	if (env->state.seen != ticket)
		env->shared->handoffs++;
	kt_work_burst(env, env->params.burst_us);
	env->state.seen = ticket + 1;
	unlock(env, ticket);
	return 0;
}

/*
 * All three on one CPU. The low one is as declared, the others are real-time:
 * while the middle one runs, the low one does not, unless it has inherited the
 * high one's priority.
 */
int kt_work_inversion_setup(struct kt_work_env *env)
{
	struct kt_cpumask cpus;
	int ret = kt_work_get_cpus(&cpus);

	if (!ret)
		ret = kt_work_pin(0, kt_work_nth_cpu(&cpus, env->index /
						     env->group_size));
	if (ret)
		return kt_err(ret, "%s: pin to a CPU: %s", env->name,
			      strerror(-ret));
	if (env->role != LOW)
		ret = kt_work_be_fifo(env, env->role == HIGH ? HIGH_PRIO :
							       MIDDLE_PRIO);
	return ret ? ret : kt_work_meet(env);
}

static int take_lock(struct kt_work_env *env, u32 *ticket)
{
	return env->params.pi ? kt_work_lock_pi(env, &env->shared->lock) :
			 lock(env, ticket);
}

static void drop_lock(struct kt_work_env *env, u32 ticket)
{
	if (env->params.pi)
		kt_work_unlock_pi(env, &env->shared->lock);
	else
		unlock(env, ticket);
}

/* With the lock in hand it wakes both, and goes on; then awaits both. */
static int low_round(struct kt_work_env *env)
{
	struct kt_work_shared *sh = env->shared;
	u32 ticket = 0, nr;
	int ret = take_lock(env, &ticket);

	if (ret || *env->stop)
		return ret;
	kt_work_store(&sh->answers, 0);
	kt_work_add(&sh->gen, 1);
	kt_work_wake(&sh->gen, INT_MAX);
	kt_work_burst(env, env->params.burst_us);
	drop_lock(env, ticket);
	while (!ret && !*env->stop) {
		nr = kt_work_load(&sh->answers);
		if (nr == env->group_size - 1)
			break;
		ret = kt_work_wait(env, &sh->answers, nr);
	}
	return ret;
}

int kt_work_priority_inversion(struct kt_work_env *env)
{
	struct kt_work_shared *sh = env->shared;
	u32 ticket = 0;
	int ret;

	if (env->role == LOW)
		return low_round(env);
	ret = kt_work_wait(env, &sh->gen, env->state.seen);
	env->state.seen = kt_work_load(&sh->gen);
	if (ret || *env->stop)
		return ret;
	if (env->role == MIDDLE) {
		kt_work_burst(env, MIDDLE_BURSTS * env->params.burst_us);
	} else {
		ret = take_lock(env, &ticket);
		if (ret || *env->stop)
			return ret;
		kt_work_count(env);
		drop_lock(env, ticket);
	}
	kt_work_add(&sh->answers, 1);
	kt_work_wake(&sh->answers, 1);
	return 0;
}
