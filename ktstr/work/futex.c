// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types that wake each other through futexes: pairs, one and many, rings.
 */
#include <limits.h>

#include "families.h"
#include "step.h"

/* It is the turn of the one whose role the word says. */
int kt_work_futex_ping_pong(struct kt_work_env *env)
{
	struct kt_work_word *turn = &env->shared->gen;
	int ret = kt_work_wait(env, turn, !env->role);

	if (ret || *env->stop)
		return ret;
	kt_work_store(turn, !env->role);
	kt_work_wake(turn, 1);
	kt_work_count(env);
	return 0;
}

static void announce(struct kt_work_env *env)
{
	kt_work_store(&env->shared->answers, 0);
	kt_work_add(&env->shared->gen, 1);
	kt_work_wake(&env->shared->gen, INT_MAX);
}

/* Until the first one has announced something new. */
static int await_news(struct kt_work_env *env)
{
	int ret = kt_work_wait(env, &env->shared->gen, env->state.seen);

	env->state.seen = kt_work_load(&env->shared->gen);
	return ret;
}

static void answer(struct kt_work_env *env)
{
	struct kt_work_word *answers = &env->shared->answers;
	u32 nr = kt_work_add(answers, 1);

	if (nr == env->group_size - 1)
		kt_work_wake(answers, 1);
}

static int await_answers(struct kt_work_env *env)
{
	struct kt_work_word *answers = &env->shared->answers;
	u32 nr;
	int ret = 0;

	while (!ret && !*env->stop) {
		nr = kt_work_load(answers);
		if (nr == env->group_size - 1)
			break;
		ret = kt_work_wait(env, answers, nr);
	}
	return ret;
}

static int fan_out(struct kt_work_env *env, u32 burst_us)
{
	int ret;

	if (!env->role) {
		announce(env);
		ret = await_answers(env);
		kt_work_count(env);
		return ret;
	}
	ret = await_news(env);
	if (ret || *env->stop)
		return ret;
	if (burst_us)
		kt_work_burst(env, burst_us);
	else
		kt_work_count(env);
	answer(env);
	return 0;
}

int kt_work_futex_fan_out(struct kt_work_env *env)
{
	return fan_out(env, 0);
}

int kt_work_fan_out_compute(struct kt_work_env *env)
{
	return fan_out(env, env->params.burst_us);
}

int kt_work_thundering_herd(struct kt_work_env *env)
{
	int ret = 0;

	if (!env->role) {
		kt_work_sleep_interval(env, env->params.interval_us);
		announce(env);
	} else {
		ret = await_news(env);
	}
	kt_work_count(env);
	return ret;
}

/* Waits until somebody gave it a token, and takes that. */
static int take_token(struct kt_work_env *env)
{
	struct kt_work_word *word = &env->slots[env->role];
	int ret = kt_work_wait(env, word, 0);

	kt_work_store(word, 0);
	return ret;
}

static void give_token(struct kt_work_env *env, u32 role)
{
	struct kt_work_word *word = &env->slots[role];

	kt_work_store(word, 1);
	kt_work_wake(word, 1);
}

int kt_work_asymmetric_waker(struct kt_work_env *env)
{
	int ret;

	if (!env->role) {
		kt_work_burst(env, env->params.burst_us);
		give_token(env, 1 + env->state.turn++ % (env->group_size - 1));
		return 0;
	}
	ret = take_token(env);
	kt_work_count(env);
	return ret;
}

/* A ring of one has nobody else to wait for. */
int kt_work_wake_chain(struct kt_work_env *env)
{
	bool starts = !env->role && !env->state.turn++;
	int ret = starts ? 0 : take_token(env);

	if (ret || *env->stop)
		return ret;
	kt_work_count(env);
	give_token(env, (env->role + 1) % env->group_size);
	return 0;
}

#define RING_ITEMS	4

/* Puts one in, if there are still *@nr; else that becomes what there are. */
static bool put_item(struct kt_work_word *items, u32 *nr)
{
	return __atomic_compare_exchange_n(&items->value, nr, *nr + 1, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static int produce(struct kt_work_env *env)
{
	struct kt_work_word *items = &env->shared->items;
	u32 nr = kt_work_load(items);
	int ret;

	while (!*env->stop) {
		if (nr == RING_ITEMS) {
			ret = kt_work_wait(env, items, nr);
			if (ret)
				return ret;
			nr = kt_work_load(items);
		} else if (put_item(items, &nr)) {
			if (!nr)
				kt_work_wake(items, INT_MAX);
			break;
		}
	}
	kt_work_count(env);
	return 0;
}

static int consume(struct kt_work_env *env)
{
	struct kt_work_word *items = &env->shared->items;
	int ret = 0;

	while (!ret && !*env->stop && !kt_work_load(items))
		ret = kt_work_wait(env, items, 0);
	if (ret || *env->stop)
		return ret;
	kt_work_burst(env, env->params.burst_us);
	kt_work_add(items, -1);
	/* there is room for one: one of them may come */
	kt_work_wake(items, 1);
	return 0;
}

int kt_work_producer_consumer(struct kt_work_env *env)
{
	return env->role ? produce(env) : consume(env);
}
