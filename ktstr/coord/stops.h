/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a deterministic machine is to stop, and what is done there: what a chase
 * looks for (chase.h), and in every run the end of a scheduler: where the kernel's
 * irq_work sees to an error, right behind the store to exit_kind, while what was
 * queued is still there; and where it has written all that it tells of that; and
 * behind stores to what a test watches; and from the Plan on at ticks, for the
 * monitor's samples. The machine notices none of them.
 *
 * The clock is the kernel's tick.
 */
#ifndef KTSTR_COORD_STOPS_H
#define KTSTR_COORD_STOPS_H

#include "../engine/engine.h"
#include "../engine/stops.h"

struct kt_coord;

/* kt_stop_orders.pcs */
enum { KT_STOP_TICK, KT_STOP_SCHED_END, KT_STOP_SCHED_TOLD };
/* kt_stop_orders.ranges */
enum { KT_STOP_ATTACH, KT_STOP_VAR, KT_STOP_SYMBOLS };

struct kt_stops {
	struct kt_stop_orders orders;
	struct kt_stop stop;	/* as far as it was read */
	size_t stop_bytes;
	u64 jiffies_gpa;	/* 0: no clock is known */
	u64 last_update_gpa;
};

/*
 * Says to a machine that was not started where it is to stop. Nothing for one
 * that cannot. -errno, reported.
 */
int kt_stops_arm(struct kt_coord *c, struct kt_machine *m);

/*
 * m->stop_fd is readable: looks around if the machine has stopped, and has it go
 * on. -errno: there will be no more stops.
 */
int kt_stops_serve(struct kt_coord *c, struct kt_machine *m);

/* The machine stands at the Hold that its Plan answers. -errno. */
int kt_stops_begin(struct kt_coord *c, const struct kt_machine *m);

/* CLOCK_MONOTONIC of the last tick. */
u64 kt_stops_now_ns(const struct kt_coord *c, const struct kt_machine *m);

/* Sends new ranges to a machine that stands at a Hold. -errno. */
int kt_stops_renew(struct kt_stops *s, const struct kt_machine *m);

/* A debugger is about to ask a machine that has stopped, and still is. -errno. */
int kt_stops_debugged(struct kt_stops *s, const struct kt_machine *m);

/* Has a machine that has stopped go on, and stop no more. */
int kt_stops_release(struct kt_stops *s, const struct kt_machine *m);

#endif /* KTSTR_COORD_STOPS_H */
