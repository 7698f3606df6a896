/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test's process: a fork of init in a process group of its own that runs
 * the body of the case. Its result lies in shared memory, its frames come as
 * messages over a socket, answers of the host go back over it, its output
 * comes over pipes.
 */
#ifndef KTSTR_GUEST_TESTPROC_H
#define KTSTR_GUEST_TESTPROC_H

#include <sys/types.h>

#include "ctx.h"
#include "holds.h"
#include "relay.h"
#include "test_sched.h"

struct kt_testproc {
	pid_t pid;		/* 0: none, or it has ended */
	int pidfd;		/* readable when it has ended */
	int frames_fd;
	int stop_fd;		/* an event: holds end */
	u64 paused_at_ns;	/* 0: the workload is not paused */
	u64 paused_ns;		/* pauses that are over */
	struct kt_holds holds;
	u64 undelivered;	/* answers for which there was no room */
	const struct ktstr_test *test;
	struct kt_test_sched_req sched_req;	/* kind 0: none waits */
	bool ended;
	int status;		/* wait status */
	struct kt_shared *shared;
	struct kt_relay out;
	struct kt_relay err;
};

/* A program's case for all names that it does not declare; weak. */
extern const struct ktstr_test kt_test_any;

/* The case of that name, or NULL. */
const struct ktstr_test *kt_test_find(const char *name);

/* Before anything else: the shared memory, with an empty verdict. */
int kt_testproc_init(struct kt_testproc *p, const char *test);

int kt_testproc_start(struct kt_testproc *p, const struct ktstr_test *test,
		      const struct kt_plan *plan);

/* Frames and output on to the host; the process reaped when it has ended. */
void kt_testproc_pump(struct kt_testproc *p, struct kt_port *port);

/*
 * Hands on an answer of the host, without waiting. -EPROTO when it is none;
 * what does not fit into the socket is counted.
 */
int kt_testproc_reply(struct kt_testproc *p, const struct kt_frame *frame);

/* Answers the request for another scheduler. */
void kt_testproc_sched_reply(struct kt_testproc *p, int err, const char *why);

/* How long the workload has been paused until now: its time stood still. */
u64 kt_testproc_paused_ns(const struct kt_testproc *p);

/* Ends the workload's holds and pauses; the body goes on behind them. */
void kt_testproc_stop(struct kt_testproc *p);

/* SIGKILL to the whole group. */
void kt_testproc_kill(struct kt_testproc *p);

/*
 * Once it has ended (or cannot be waited for any longer): the verdict made
 * safe to read, and what the process's end adds to it.
 */
struct kt_verdict *kt_testproc_verdict(struct kt_testproc *p,
				       const char *test);

#endif /* KTSTR_GUEST_TESTPROC_H */
