// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of work and sleeps, for all families.
 *
 * The unit of work is a fixed number of instructions, some microseconds on
 * real hardware. A burst's length is CPU time: what a worker spends waiting
 * for a CPU is no work.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/compiler.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "step.h"

#define ADDS_PER_UNIT		2048
#define LINES_PER_COUNT		64	/* a page's */

u64 kt_work_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * KT_NSEC_PER_SEC + ts.tv_nsec;
}

void kt_work_count(struct kt_work_env *env)
{
	struct kt_telemetry *tm = env->meter.tm;

	WRITE_ONCE(tm->work_units, tm->work_units + 1);
	kt_meter_tick(&env->meter);
}

void kt_work_unit(struct kt_work_env *env)
{
	u32 add;

	for (add = 0; add < ADDS_PER_UNIT; add++)
		asm volatile("" : "+r" (add));
	kt_work_count(env);
}

void kt_work_burst(struct kt_work_env *env, u32 us)
{
	u64 end = kt_work_cpu_ns() + us * KT_NSEC_PER_USEC;

	do {
		kt_work_unit(env);
	} while (!*env->stop && kt_work_cpu_ns() < end);
}

void kt_work_spin_until(struct kt_work_env *env, u64 until_ns)
{
	do {
		kt_work_unit(env);
	} while (!*env->stop && kt_now_ns() < until_ns);
}

static void sleep_until(struct kt_work_env *env, u64 until_ns)
{
	struct timespec ts = {
		.tv_sec = until_ns / KT_NSEC_PER_SEC,
		.tv_nsec = until_ns % KT_NSEC_PER_SEC,
	};

	if (*env->stop)
		return;
	kt_meter_sleep(&env->meter, until_ns);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	kt_meter_tick(&env->meter);
}

void kt_work_sleep_us(struct kt_work_env *env, u64 us)
{
	sleep_until(env, kt_now_ns() + us * KT_NSEC_PER_USEC);
}

void kt_work_sleep_interval(struct kt_work_env *env, u32 us)
{
	u64 now = kt_now_ns(), next = env->state.next_ns;

	if (!next)
		next = now;
	next += us * KT_NSEC_PER_USEC;
	if (next > now)
		sleep_until(env, next);
	else
		next = now;
	env->state.next_ns = next;
}

int kt_work_open_file(void)
{
	const char *dir = getenv("TMPDIR") ?: "/tmp";
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd < 0 ? kt_err(-errno, "open a file in %s: %m", dir) : fd;
}

int kt_work_map(struct kt_work_env *env, size_t bytes)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mem == MAP_FAILED)
		return kt_err(-errno, "%s: map %zu bytes: %m", env->name,
			      bytes);
	env->state.mem = mem;
	env->state.mem_bytes = bytes;
	return 0;
}

void kt_work_walk(struct kt_work_env *env)
{
	volatile u8 *mem = env->state.mem;
	size_t at, lines = 0;

	for (at = 0; at < env->state.mem_bytes && !*env->stop;
	     at += KT_CACHE_LINE) {
		mem[at]++;
		if (++lines % LINES_PER_COUNT == 0)
			kt_work_count(env);
	}
}

/* xorshift64 */
u64 kt_work_random(struct kt_work_env *env)
{
	u64 x = env->state.rng ?: env->index + 0x9e3779b97f4a7c15ULL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	env->state.rng = x;
	return x;
}

int kt_work_be_fifo(const struct kt_work_env *env, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		return kt_err(-errno, "%s: SCHED_FIFO: %m", env->name);
	return 0;
}
