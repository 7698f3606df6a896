/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run under way, between run.c and run_sched.c only: the loop that all waits
 * are made of, and the scheduler's part of the run.
 */
#ifndef KTSTR_GUEST_RUN_SCHED_H
#define KTSTR_GUEST_RUN_SCHED_H

#include "expect.h"
#include "sched.h"
#include "stats.h"
#include "testproc.h"

#define KT_STATE_POLL_MS	250	/* the kernel log tells most at once */
#define KT_KILL_MS		5000

struct kt_run {
	struct kt_port *port;
	const struct kt_plan *plan;
	const struct ktstr_test *test;
	struct kt_sched sched;
	struct kt_testproc proc;
	struct kt_kmsg kmsg;
	struct kt_guest_stats stats;
	struct kt_sched_facts facts;
	u32 sched_index;	/* which one, as in a request */
	bool watching;		/* it is attached and must stay so */
	bool may_retry;		/* the attach, with ops.init() pinned */
	bool ends_as_asked;	/* its end is no end of the run */
	bool told_exit;
	bool traces;		/* events, as the Plan has it */
	char how_ended[48];
	char attach_error[256];
	char last_line[256];
};

/* Waits for anything to happen, at most @timeout_ms, and takes it in. */
void kt_run_pump(struct kt_run *r, int timeout_ms);

/* kt_now_ns() in so long; a timeout: until @deadline_ns, at most @most_ms. */
u64 kt_run_in_ms(u64 ms);
int kt_run_until(u64 deadline_ns, u32 most_ms);

/* At once when it has ended, unless that was asked for. */
void kt_run_tell_sched_exit(struct kt_run *r);

/* Starts the Plan's scheduler and waits until the kernel says it is enabled. */
int kt_run_attach(struct kt_run *r);

/* The scheduler has gone while it was needed: once, the workload ends early. */
void kt_run_watch_sched(struct kt_run *r);

/* What the test's process asks for. */
void kt_run_serve_sched(struct kt_run *r);

/* At the end of the run. */
void kt_run_stop_sched(struct kt_run *r);

#endif /* KTSTR_GUEST_RUN_SCHED_H */
