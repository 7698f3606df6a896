/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the workers of a declaration wait before they work: words in the memory
 * that they share with their parent. No descriptor is held for it, so that any
 * number of them can wait at the same time.
 */
#ifndef KTSTR_WORK_START_H
#define KTSTR_WORK_START_H

#include "types.h"

/* What workers are told, one behind the other. */
enum kt_start_phase {
	KT_START_SET_UP = 1,		/* take your place, and say so */
	KT_START_GO,			/* begin */
};

/* Zeroes to begin with. */
struct kt_start {
	struct kt_work_word phase;
	struct kt_work_word ready;	/* so many have said something */
} __aligned(128);

/* What a worker says when it was told to take its place. */
struct kt_start_ready {
	u32 step;			/* enum kt_place_step, what failed */
	s32 err;			/* -errno, 0: set up */
};

/* In the parent: all of them, at once. */
void kt_start_tell(struct kt_start *start, enum kt_start_phase phase);

/*
 * In the parent: waits until @nr have spoken, or for some time; they may have
 * ended. How many have.
 */
u32 kt_start_wait_ready(struct kt_start *start, u32 nr);

/* In a worker: waits for that phase. False: told to stop. */
bool kt_start_wait(struct kt_start *start, enum kt_start_phase phase,
		   const volatile sig_atomic_t *stop);

/* How far into @spread_us the worker begins; the same for the same numbers. */
u32 kt_start_offset_us(u64 seed, u32 worker, u32 spread_us);

/*
 * In a worker: waits that long, or until it is told to stop. The kt_now_ns() at
 * which it was to end, but no later one than now.
 */
u64 kt_start_stagger(u32 offset_us);

/* In a worker: what is in its struct kt_start_ready can be read. */
void kt_start_say(struct kt_start *start);

#endif /* KTSTR_WORK_START_H */
