// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits for partners: futexes in the memory that a group shares.
 *
 * A partner that was killed wakes nobody. A wait that lasts looks now and then
 * whether all of its group are still there; that, and a signal to stop that
 * came just before it, is what its bound is for.
 */
#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/compiler.h>
#include <linux/futex.h>

#include "../base/fd.h"
#include "step.h"

static long futex(u32 *word, int op, u32 val, const struct timespec *timeout,
		  u32 bits)
{
	return syscall(SYS_futex, word, op, val, timeout, NULL, bits);
}

/* Its parent reaps it only when all have ended: until then it is a zombie. */
static bool has_ended(pid_t tid)
{
	char path[32], stat[256];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (kt_read_line(path, stat, sizeof(stat)))
		return true;
	state = strrchr(stat, ')');
	return state && state[1] && (state[2] == 'Z' || state[2] == 'X');
}

int kt_work_partners(const struct kt_work_env *env)
{
	u32 i;

	for (i = 0; i < env->group_size; i++)
		if (i != env->role && has_ended(env->members[i].tid))
			return *env->stop ? 0 : -EPIPE;
	return 0;
}

static struct timespec look_time(void)
{
	u64 at = kt_now_ns() + KT_WORK_LOOK_MS * KT_NSEC_PER_MSEC;

	return (struct timespec){
		.tv_sec = at / KT_NSEC_PER_SEC,
		.tv_nsec = at % KT_NSEC_PER_SEC,
	};
}

u32 kt_work_load(const struct kt_work_word *word)
{
	/* pairs with kt_work_store() and kt_work_add() */
	return __atomic_load_n(&word->value, __ATOMIC_ACQUIRE);
}

void kt_work_store(struct kt_work_word *word, u32 value)
{
	__atomic_store_n(&word->value, value, __ATOMIC_RELEASE);
}

u32 kt_work_add(struct kt_work_word *word, u32 by)
{
	return __atomic_add_fetch(&word->value, by, __ATOMIC_ACQ_REL);
}

void kt_work_note_wake(struct kt_work_word *word)
{
	WRITE_ONCE(word->woken_ns, kt_now_ns());
}

void kt_work_woken(struct kt_work_env *env, const struct kt_work_word *word)
{
	kt_meter_woken(&env->meter, READ_ONCE(word->woken_ns));
}

int kt_work_wait_bits(struct kt_work_env *env, struct kt_work_word *word,
		      u32 val, u32 bits)
{
	int ret = 0;

	if (kt_work_load(word) != val)
		return 0;
	kt_meter_block(&env->meter);
	while (!ret && !*env->stop && kt_work_load(word) == val) {
		struct timespec ts = look_time();

		if (futex(&word->value, FUTEX_WAIT_BITSET, val, &ts, bits) &&
		    errno == ETIMEDOUT)
			ret = kt_work_partners(env);
	}
	kt_meter_unblock(&env->meter);
	if (!ret && !*env->stop)
		kt_work_woken(env, word);
	return ret;
}

int kt_work_wait(struct kt_work_env *env, struct kt_work_word *word, u32 val)
{
	return kt_work_wait_bits(env, word, val, FUTEX_BITSET_MATCH_ANY);
}

void kt_work_wake(struct kt_work_word *word, int nr)
{
	kt_work_note_wake(word);
	futex(&word->value, FUTEX_WAKE, nr, NULL, 0);
}

void kt_work_wake_bits(struct kt_work_word *word, u32 bits)
{
	kt_work_note_wake(word);
	futex(&word->value, FUTEX_WAKE_BITSET, INT_MAX, NULL, bits);
}

int kt_work_lock_pi(struct kt_work_env *env, u32 *word)
{
	u32 none = 0;
	int ret = 0;

	if (__atomic_compare_exchange_n(word, &none, env->meter.tm->tid, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return 0;
	kt_meter_block(&env->meter);
	/* the kernel goes on with it after a signal: the bound ends it */
	while (!ret && !*env->stop) {
		struct timespec ts = look_time();

		if (!futex(word, FUTEX_LOCK_PI2, 0, &ts, 0))
			break;
		ret = errno == ETIMEDOUT ? kt_work_partners(env) :
		      errno == EINTR ? 0 : -errno;
	}
	kt_meter_unblock(&env->meter);
	return ret;
}

void kt_work_unlock_pi(struct kt_work_env *env, u32 *word)
{
	u32 mine = env->meter.tm->tid;

	if (!__atomic_compare_exchange_n(word, &mine, 0, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		futex(word, FUTEX_UNLOCK_PI, 0, NULL, 0);
}

int kt_work_meet(struct kt_work_env *env)
{
	struct kt_work_word *met = &env->shared->met;
	u32 seen = kt_work_add(met, 1);
	int ret = 0;

	kt_work_wake(met, INT_MAX);
	while (seen < env->group_size && !ret && !*env->stop) {
		ret = kt_work_wait(env, met, seen);
		seen = kt_work_load(met);
	}
	return ret;
}
