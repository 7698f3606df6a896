/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a worker reports about itself, in memory shared with its parent: a
 * worker that is stuck or was killed has reported all it did until then.
 *
 * A gap is a time in which a worker wanted to run and did not. It is the time
 * between two successive calls of kt_meter_tick(), which the work types make
 * every few microseconds of work. Sleeps and waits are taken out of it:
 *
 * - a sleep counts from the moment it was meant to end (kt_meter_sleep());
 * - a wait for another worker counts for what the kernel's schedstat says was
 *   spent runnable but not running (kt_meter_block(), kt_meter_unblock());
 * - what a worker was frozen counts not: its parent says how long.
 *
 * A wake latency is the time from the wake to the first look at the clock: of
 * a sleep, from the moment it was meant to end; of a wait, from the moment that
 * its waker has noted (kt_meter_woken()).
 */
#ifndef KTSTR_WORK_TELEMETRY_H
#define KTSTR_WORK_TELEMETRY_H

#include <linux/compiler.h>

#include "cpumask.h"
#include "wakes.h"

/*
 * Written by its worker alone, but for start_ns and frozen_ns; times of
 * kt_now_ns().
 */
struct kt_telemetry {
	u64 start_ns;		/* told to begin; by the parent */
	u64 frozen_ns;		/* in all; by the parent while it is frozen */
	u64 frozen_seen_ns;	/* of it, up to seen_ns */
	u64 seen_ns;		/* up to here gaps were accounted */
	u64 iterations;		/* rounds of the work type completed */
	u64 work_units;		/* smaller pieces of them */
	u64 cpu_ns;		/* CPU time */
	u64 run_delay_ns;	/* runnable, not running; 0 without schedstat */
	u64 slices;		/* times it was put on a CPU */
	u64 migrations;
	u64 cross_node;		/* of them, to another node */
	u64 gap_ns;		/* longest gap, */
	u64 gap_at_ns;		/* when it began */
	u32 gap_cpu;		/* and the CPU it ended on */
	u32 cpu;		/* where it was seen last, */
	u32 node;		/* and its node */
	u32 blocked;		/* waits for another worker */
	s32 tid;
	struct kt_cpumask cpus;	/* it was seen on */
	u32 pages[KT_MAX_NODES];	/* of its own memory; none on one node */
	struct kt_wakes wakes;
} __aligned(128);

/* A worker's own side of its telemetry. */
struct kt_meter {
	struct kt_telemetry *tm;
	int schedstat_fd;	/* -1: none */
	u64 refresh_ns;		/* when CPU time is looked at next */
	u64 pages_ns;		/* when pages are; 0: never */
	u64 began_ns;
	u64 children_ns;	/* CPU time of its children that have ended */
	bool asleep;		/* until seen_ns */
	u64 wait_ns;		/* the last wait began, */
	u64 waited_ns;		/* ended, */
	u64 delay_ns;		/* and had it runnable for so long at most */
};

void kt_meter_init(struct kt_meter *m, struct kt_telemetry *tm);

/* The worker runs now: accounts CPU, migration and gap. */
void kt_meter_tick(struct kt_meter *m);

/* CPU time, run delay and slices as of now; kt_meter_tick() does it often. */
void kt_meter_refresh(struct kt_meter *m);

/* Before a sleep that is meant to end at @until_ns; tick after it. */
void kt_meter_sleep(struct kt_meter *m, u64 until_ns);

/* Around a wait for another worker. */
void kt_meter_block(struct kt_meter *m);
void kt_meter_unblock(struct kt_meter *m);

/*
 * Behind kt_meter_unblock(): the wait was ended by a partner who had noted
 * @woken_ns, of kt_now_ns(), just before. What was noted before the wait began,
 * 0 among it, ended none.
 */
void kt_meter_woken(struct kt_meter *m, u64 woken_ns);

#endif /* KTSTR_WORK_TELEMETRY_H */
