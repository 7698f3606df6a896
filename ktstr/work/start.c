// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for the start: futexes of different processes.
 */
#include <limits.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/futex.h>

#include "../base/fd.h"
#include "start.h"
#include "step.h"

#define LOOK_MS		50	/* whether they still live */

static void wait_while(struct kt_work_word *word, u32 value,
		       const struct timespec *timeout)
{
	syscall(SYS_futex, &word->value, FUTEX_WAIT, value, timeout);
}

static void wake(struct kt_work_word *word)
{
	syscall(SYS_futex, &word->value, FUTEX_WAKE, INT_MAX);
}

void kt_start_tell(struct kt_start *start, enum kt_start_phase phase)
{
	kt_work_store(&start->phase, phase);
	wake(&start->phase);
}

u32 kt_start_wait_ready(struct kt_start *start, u32 nr)
{
	const struct timespec ts = { .tv_nsec = LOOK_MS * KT_NSEC_PER_MSEC };
	u64 until = kt_now_ns() + ts.tv_nsec;
	u32 said;

	while ((said = kt_work_load(&start->ready)) < nr &&
	       kt_now_ns() < until)
		wait_while(&start->ready, said, &ts);
	return said;
}

/* A signal to stop that comes just before the wait is sent again. */
bool kt_start_wait(struct kt_start *start, enum kt_start_phase phase,
		   const volatile sig_atomic_t *stop)
{
	u32 now;

	while ((now = kt_work_load(&start->phase)) < phase && !*stop)
		wait_while(&start->phase, now, NULL);
	return !*stop;
}

/* One step of splitmix64. */
u32 kt_start_offset_us(u64 seed, u32 worker, u32 spread_us)
{
	u64 z = seed + (worker + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return spread_us ? (z ^ (z >> 31)) % spread_us : 0;
}

u64 kt_start_stagger(u32 offset_us)
{
	u64 at = kt_now_ns() + offset_us * 1000ULL;
	struct timespec ts = {
		.tv_sec = at / KT_NSEC_PER_SEC,
		.tv_nsec = at % KT_NSEC_PER_SEC,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	return min(at, kt_now_ns());
}

void kt_start_say(struct kt_start *start)
{
	kt_work_add(&start->ready, 1);
	wake(&start->ready);
}
