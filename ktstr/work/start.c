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

void kt_start_say(struct kt_start *start)
{
	kt_work_add(&start->ready, 1);
	wake(&start->ready);
}
