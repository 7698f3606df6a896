// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations that are not made in the test's process alone: requests to the
 * host, and to init for another scheduler.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "ctx.h"
#include "kernel_api.h"
#include "payload.h"
#include "sched.h"
#include "services.h"
#include "test_sched.h"

#define ANSWER_MS	30000
#define ATTACHES	2	/* one that is to be pinned is tried again */
#define SLACK_MS	60000	/* the one before has to end */

static int capture(void *arg, const char *tag, char *why, size_t why_size)
{
	struct ktstr_ctx *t = arg;

	return kt_snapshot_run(&t->requests, t->frames_fd, KT_SNAPSHOT_CAPTURE,
			       tag, ANSWER_MS, why, why_size);
}

static int watch(void *arg, const char *symbol, char *why, size_t why_size)
{
	struct ktstr_ctx *t = arg;

	return kt_snapshot_run(&t->requests, t->frames_fd, KT_SNAPSHOT_WATCH,
			       symbol, ANSWER_MS, why, why_size);
}

static int kernel(void *arg, struct ktstr_kernel_op *op, char *why,
		  size_t why_size)
{
	struct ktstr_ctx *t = arg;

	if (kt_kernel_ops_run(&t->requests, t->frames_fd, t->test->name, op, 1,
			      ANSWER_MS) == 1)
		return 0;
	snprintf(why, why_size, "%s", op->reason);
	return -EIO;
}

static u64 deadline(const struct ktstr_ctx *t, const struct ktstr_sched *sched)
{
	u64 ms = max(t->plan->attach_timeout_ms,
		     sched ? sched->attach_timeout_ms : 0);

	return kt_now_ns() + (ATTACHES * ms +
			      kt_scenario_scale_ms(&t->scenario, SLACK_MS)) *
			     KT_NSEC_PER_MSEC;
}

static int sched(void *arg, const struct ktstr_op *op, char *why,
		 size_t why_size)
{
	struct kt_test_sched_req req = { .kind = op->kind };
	struct ktstr_ctx *t = arg;
	int ret;

	if (op->sched && kt_test_sched_find(t->test, op->sched, &req.index)) {
		snprintf(why, why_size,
			 "%s is not in the machine: name it in the case's .scheds",
			 op->sched->name);
		return -ENOENT;
	}
	ret = kt_test_sched_ask(t->frames_fd, &req, deadline(t, op->sched), why,
				why_size);
	if (ret != -EALREADY)
		t->wants_sched = !ret && op->kind != KTSTR_OP_DETACH_SCHED;
	return ret;
}

static int payload(void *arg, const struct ktstr_op *op, const char *cgroup,
		   char *why, size_t why_size)
{
	return kt_payload_op(arg, op, cgroup, why, why_size);
}

static bool alive(void *arg)
{
	const struct ktstr_ctx *t = arg;

	return !t->wants_sched || kt_sched_enabled();
}

const struct kt_scenario_services kt_guest_services = {
	.capture = capture,
	.watch = watch,
	.kernel = kernel,
	.sched = sched,
	.payload = payload,
	.alive = alive,
};
