/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test's process has in its hands, and what it shares with init.
 */
#ifndef KTSTR_GUEST_CTX_H
#define KTSTR_GUEST_CTX_H

#include <stdatomic.h>

#include <linux/compiler.h>

#include "ktstr/include/ktstr.h"
#include "../check/verdict.h"
#include "../scenario/steps.h"
#include "requests.h"

/* In shared memory; written by the test's process, by init once it ended. */
struct kt_shared {
	struct kt_verdict verdict;
	atomic_bool finished;	/* the body returned, or left in order */
};

struct ktstr_ctx {
	const struct ktstr_test *test;
	const struct kt_plan *plan;
	struct kt_shared *shared;
	struct kt_guest_topology topo;
	struct kt_scenario scenario;
	bool ran_steps;
	bool wants_sched;	/* one should be attached */
	int frames_fd;		/* struct kt_test_frame to and from init */
	int stop_fd;		/* readable: holds end */
	struct kt_requests requests;
};

/* Ends the test's process: cgroups and workers first. */
void kt_ctx_finish(struct ktstr_ctx *t) __noreturn;

#endif /* KTSTR_GUEST_CTX_H */
