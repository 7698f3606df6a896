// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler's part of a run: attached before the body, watched while it
 * runs, exchanged when the body asks for it, stopped behind it.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "../base/fd.h"
#include "../base/proc.h"
#include "run_sched.h"

#define ATTACH_POLL_MS		10
#define SCHED_GRACE_MS		5000	/* for SIGINT, then for SIGTERM */
#define SCHED_FAREWELL_MS	3000	/* to say why, after it was thrown out */
#define REASON_MS		500	/* the kernel says why a moment later */
#define SCHED_DIR		"/sched/"

void kt_run_tell_sched_exit(struct kt_run *r)
{
	if (!r->sched.ended || r->told_exit || r->may_retry || r->ends_as_asked)
		return;
	r->told_exit = true;
	kt_port_send_i32(r->port, KT_TAG_SCHED_EXIT,
			 kt_sched_exit_code(&r->sched));
}

static int attach_failed(struct kt_run *r)
{
	char reason[KT_LIFECYCLE_REASON_MAX];

	kt_relay_last_line(&r->sched.output, r->last_line,
			   sizeof(r->last_line));
	snprintf(reason, sizeof(reason), "%s%s%s", r->attach_error,
		 r->last_line[0] ? ": " : "", r->last_line);
	kt_port_send_lifecycle(r->port, KT_LIFE_SCHED_NOT_ATTACHED, reason);
	return -ENOEXEC;
}

static void describe_end(struct kt_run *r)
{
	kt_proc_status_str(r->sched.status, r->how_ended,
			   sizeof(r->how_ended));
}

/*
 * The kernel runs ops.init() in a kthread that it makes at the first attach,
 * on any CPU. For a scheduler that must be initialised on CPU 0 the first
 * attempt may fail; then the kthread is there and can be pinned.
 */
static bool pin_init(struct kt_run *r)
{
	if (!r->may_retry)
		return false;
	r->may_retry = false;
	if (kt_sched_pin_init()) {
		kt_run_tell_sched_exit(r);
		return false;
	}
	kt_verdict_detail(&r->proc.shared->verdict, KT_DETAIL_INFO,
			  "the first attach failed (%s): once more with ops.init() on CPU 0",
			  r->kmsg.thrown_out ? r->kmsg.exit_text : "no reason");
	kt_kmsg_forget(&r->kmsg);
	return true;
}

/* The program and arguments of scheduler @index. */
static const char *const *command(const struct kt_run *r, u32 index)
{
	static char path[KT_PATH_MAX];
	static const char *argv[KT_PLAN_MAX_ARGS + 2];
	const struct ktstr_sched *s = kt_test_sched_get(r->test, index);
	u32 nr = 0;

	if (!index) {
		argv[0] = r->plan->sched_path;
		for (; nr < r->plan->sched_argc && nr < KT_PLAN_MAX_ARGS; nr++)
			argv[1 + nr] = r->plan->sched_argv[nr];
	} else {
		const char *slash = strrchr(s->binary, '/');

		snprintf(path, sizeof(path), SCHED_DIR "%s",
			 slash ? slash + 1 : s->binary);
		argv[0] = path;
		for (; s->args && s->args[nr] && nr < KT_PLAN_MAX_ARGS; nr++)
			argv[1 + nr] = s->args[nr];
	}
	argv[1 + nr] = NULL;
	return argv;
}

static u32 attach_timeout(const struct kt_run *r, u32 index)
{
	const struct ktstr_sched *s = kt_test_sched_get(r->test, index);

	return max(r->plan->attach_timeout_ms,
		   index ? s->attach_timeout_ms : 0);
}

static int attach(struct kt_run *r, u32 index)
{
	const struct ktstr_sched *s = kt_test_sched_get(r->test, index);
	const char *const *argv = command(r, index);
	u32 timeout_ms = attach_timeout(r, index);
	u64 deadline = kt_run_in_ms(timeout_ms);
	char state[32];
	int ret;

	r->sched_index = index;
	r->facts.wanted = true;
	r->may_retry = s && s->pin_init;
again:
	ret = kt_sched_start(&r->sched, argv);
	if (ret) {
		snprintf(r->attach_error, sizeof(r->attach_error),
			 "start %.160s: %s", argv[0], strerror(-ret));
		return attach_failed(r);
	}
	while (!kt_sched_enabled()) {
		kt_run_pump(r, kt_run_until(deadline, ATTACH_POLL_MS));
		if (r->sched.ended && pin_init(r))
			goto again;
		if (r->sched.ended) {
			describe_end(r);
			snprintf(r->attach_error, sizeof(r->attach_error),
				 "it ended before it was enabled: %s",
				 r->how_ended);
			return attach_failed(r);
		}
		if (kt_now_ns() >= deadline || r->port->dead) {
			snprintf(r->attach_error, sizeof(r->attach_error),
				 "not enabled within %u ms (state: %s)",
				 timeout_ms,
				 kt_sched_state(state, sizeof(state)));
			return attach_failed(r);
		}
	}
	r->facts.attached = true;
	r->watching = true;
	r->may_retry = false;
	return 0;
}

int kt_run_attach(struct kt_run *r)
{
	return attach(r, 0);
}

void kt_run_watch_sched(struct kt_run *r)
{
	struct kt_sched_facts *f = &r->facts;
	const char *reason;
	u64 deadline;

	if (!r->watching || f->state_lost)
		return;
	if (!r->sched.ended && !r->kmsg.thrown_out && kt_sched_enabled())
		return;
	f->state_lost = true;
	kt_testproc_stop(&r->proc);
	deadline = kt_run_in_ms(REASON_MS);
	do {
		kt_run_pump(r, kt_run_until(deadline, REASON_MS));
	} while (!r->kmsg.thrown_out && !(r->kmsg.disabled && r->sched.ended) &&
		 kt_now_ns() < deadline);
	f->ended_early = r->sched.ended;
	if (f->ended_early)
		describe_end(r);
	reason = r->kmsg.thrown_out ? r->kmsg.exit_text :
		 f->ended_early ? r->how_ended : "enabled no more";
	kt_port_send_lifecycle(r->port, KT_LIFE_SCHED_DIED, reason);
}

static void wait_sched(struct kt_run *r, u32 timeout_ms)
{
	u64 deadline = kt_run_in_ms(timeout_ms);

	while (!r->sched.ended && kt_now_ns() < deadline)
		kt_run_pump(r, kt_run_until(deadline, KT_STATE_POLL_MS));
}

/* By SIGINT, SIGTERM, SIGKILL, with time for each. */
static void end_sched(struct kt_run *r)
{
	if (!r->sched.ended) {
		kt_sched_signal(&r->sched, SIGINT);
		wait_sched(r, SCHED_GRACE_MS);
	}
	if (!r->sched.ended) {
		kt_sched_signal(&r->sched, SIGTERM);
		wait_sched(r, SCHED_GRACE_MS);
	}
	if (!r->sched.ended) {
		r->facts.had_to_be_killed = true;
		kt_sched_signal(&r->sched, SIGKILL);
		wait_sched(r, KT_KILL_MS);
	}
}

void kt_run_stop_sched(struct kt_run *r)
{
	if (!r->sched.started)
		return;
	if (r->facts.state_lost) {
		wait_sched(r, SCHED_FAREWELL_MS);
		r->facts.ended_early = r->sched.ended;
	}
	end_sched(r);
	if (r->sched.ended && !r->how_ended[0])
		describe_end(r);
}

/* A detach that was asked for is no failure, and no end of the run. */
static int detach(struct kt_run *r, char *why, size_t why_size)
{
	u64 deadline = kt_run_in_ms(KT_KILL_MS);
	char state[32];

	r->watching = false;
	r->ends_as_asked = true;
	end_sched(r);
	while (strcmp(kt_sched_state(state, sizeof(state)), "disabled") &&
	       kt_now_ns() < deadline)
		kt_run_pump(r, ATTACH_POLL_MS);
	kt_run_pump(r, 0);
	if (!r->sched.ended || strcmp(state, "disabled")) {
		snprintf(why, why_size,
			 "it was told to end, and killed at last; its process %s, sched_ext is %s",
			 r->sched.ended ? "has ended" : "lives", state);
		return -EBUSY;
	}
	kt_relay_close(&r->sched.output, r->port);
	kt_sched_forget(&r->sched);
	r->kmsg.disabled = false;
	r->ends_as_asked = false;
	return 0;
}

static int exchange(struct kt_run *r, const struct kt_test_sched_req *req,
		    char *why, size_t why_size)
{
	int ret = 0;

	if (r->facts.state_lost) {
		snprintf(why, why_size, "the scheduler before it has died");
		return -ESRCH;
	}
	if (req->kind == KTSTR_OP_ATTACH_SCHED && r->watching) {
		snprintf(why, why_size,
			 "one is attached already; replace it, or detach it first");
		return -EALREADY;
	}
	if (req->kind == KTSTR_OP_DETACH_SCHED && !r->watching) {
		snprintf(why, why_size, "none is attached");
		return -EALREADY;
	}
	if (r->watching)
		ret = detach(r, why, why_size);
	if (ret || req->kind == KTSTR_OP_DETACH_SCHED)
		return ret;
	if (!req->index && !r->plan->sched_path[0]) {
		snprintf(why, why_size, "the case has no scheduler of its own");
		return -ENOENT;
	}
	ret = attach(r, req->index);
	if (ret)
		snprintf(why, why_size, "%.150s%s%.70s", r->attach_error,
			 r->last_line[0] ? "; it said last: " : "",
			 r->last_line);
	return ret;
}

void kt_run_serve_sched(struct kt_run *r)
{
	struct kt_test_sched_req req = r->proc.sched_req;
	char why[256] = "";
	int ret;

	if (!req.kind)
		return;
	/* what has died until now is told as such */
	kt_run_watch_sched(r);
	ret = exchange(r, &req, why, sizeof(why));
	kt_testproc_sched_reply(&r->proc, ret, why);
}
