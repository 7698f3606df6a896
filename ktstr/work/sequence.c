// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sequence of phases that the test gives.
 */
#include <sched.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "families.h"
#include "step.h"

static const struct ktstr_phase some[] = {
	{ KTSTR_PHASE_SPIN, 1000 },
	{ KTSTR_PHASE_SLEEP, 1000 },
	{ KTSTR_PHASE_YIELD, 500 },
	{ KTSTR_PHASE_IO, 500 },
	{ .us = 0 },
};

static const struct ktstr_phase *phases_of(const struct ktstr_work *params)
{
	return params->phases ?: some;
}

int kt_work_sequence_check(const struct ktstr_work *params)
{
	const struct ktstr_phase *p;

	for (p = phases_of(params); p->us; p++)
		if (p->kind < KTSTR_PHASE_SPIN || p->kind > KTSTR_PHASE_IO ||
		    p - phases_of(params) >= KT_WORK_MAX_PHASES)
			return kt_err(-EINVAL,
				      "sequence: phase %td is of kind %u: at most %u phases, of kinds %u to %u",
				      p - phases_of(params), p->kind,
				      KT_WORK_MAX_PHASES, KTSTR_PHASE_SPIN,
				      KTSTR_PHASE_IO);
	if (p == phases_of(params))
		return kt_err(-EINVAL, "sequence: no phase; one of 1 us at least is right");
	return 0;
}

static void yield_until(struct kt_work_env *env, u64 until_ns)
{
	do {
		sched_yield();
		kt_work_count(env);
	} while (!*env->stop && kt_now_ns() < until_ns);
}

static int io_until(struct kt_work_env *env, u64 until_ns)
{
	do {
		kt_meter_block(&env->meter);
		if ((pwrite(env->state.fd, "ktstr", 5, 0) != 5 ||
		     fdatasync(env->state.fd)) && !*env->stop)
			return kt_err(-errno, "%s: write a file: %m",
				      env->name);
		kt_meter_unblock(&env->meter);
		kt_work_count(env);
	} while (!*env->stop && kt_now_ns() < until_ns);
	return 0;
}

int kt_work_sequence(struct kt_work_env *env)
{
	const struct ktstr_phase *p;
	int ret = 0;

	for (p = phases_of(&env->params); p->us && !ret && !*env->stop; p++) {
		u64 until = kt_now_ns() + p->us * KT_NSEC_PER_USEC;

		switch (p->kind) {
		case KTSTR_PHASE_SPIN:
			kt_work_burst(env, p->us);
			break;
		case KTSTR_PHASE_SLEEP:
			kt_work_sleep_us(env, p->us);
			break;
		case KTSTR_PHASE_YIELD:
			yield_until(env, until);
			break;
		case KTSTR_PHASE_IO:
			ret = io_until(env, until);
			break;
		}
	}
	return ret;
}
