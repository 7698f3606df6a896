// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work types that burn CPU: without end, with a yield after every burst, with
 * a sleep after every burst.
 *
 * The unit of work is a fixed number of instructions, some microseconds on
 * real hardware. A burst's length is CPU time: what a worker spends waiting
 * for a CPU is no work.
 */
#include <sched.h>
#include <time.h>

#include "../base/fd.h"
#include "types.h"

/*
 * Mostly additions, with a pause now and then: an emulator takes each pause
 * for a wish to run another vCPU, and a loop of nothing else crawls.
 */
#define PAUSES_PER_UNIT		8
#define ADDS_PER_PAUSE		256

#define NSEC_PER_USEC		1000ULL

static void work_unit(struct kt_work_env *env)
{
	struct kt_telemetry *tm = env->meter.tm;
	u32 pause, add;

	for (pause = 0; pause < PAUSES_PER_UNIT; pause++) {
		for (add = 0; add < ADDS_PER_PAUSE; add++)
			asm volatile("" : "+r" (add));
#if __has_builtin(__builtin_ia32_pause)
		__builtin_ia32_pause();
#endif
	}
	tm->work_units++;
	kt_meter_tick(&env->meter);
}

static u64 cpu_time_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * KT_NSEC_PER_SEC + ts.tv_nsec;
}

static void burst(struct kt_work_env *env)
{
	u64 end = cpu_time_ns() + env->params.burst_us * NSEC_PER_USEC;

	do {
		work_unit(env);
	} while (!*env->stop && cpu_time_ns() < end);
}

int kt_work_spin_wait(struct kt_work_env *env)
{
	work_unit(env);
	return 0;
}

int kt_work_yield_heavy(struct kt_work_env *env)
{
	burst(env);
	sched_yield();
	return 0;
}

int kt_work_bursty(struct kt_work_env *env)
{
	u64 until;
	struct timespec ts;

	burst(env);
	if (*env->stop)
		return 0;
	until = kt_now_ns() + env->params.sleep_us * NSEC_PER_USEC;
	ts.tv_sec = until / KT_NSEC_PER_SEC;
	ts.tv_nsec = until % KT_NSEC_PER_SEC;
	kt_meter_sleep(&env->meter, until);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	kt_meter_tick(&env->meter);
	return 0;
}
