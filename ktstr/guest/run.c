// SPDX-License-Identifier: GPL-2.0-only
/*
 * One Plan from its start to its verdict: one thread, one poll loop. Every
 * phase is a condition, a deadline, and pump() in between.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "expect.h"
#include "report.h"
#include "run.h"
#include "sched.h"
#include "stats.h"
#include "testproc.h"

#define ATTACH_POLL_MS		10
#define STATE_POLL_MS		250	/* the kernel log tells most at once */
#define SCHED_GRACE_MS		5000	/* for SIGINT, then for SIGTERM */
#define SCHED_FAREWELL_MS	3000	/* to say why, after it was thrown out */
#define REASON_MS		500	/* the kernel says why a moment later */
#define KILL_MS			5000
#define REPLIES_AT_ONCE		64

enum {
	PORT_FD,		/* in what pump() waits for */
	NR_FDS = 8,		/* of it, without those of the statistics */
};

struct run {
	struct kt_port *port;
	const struct kt_plan *plan;
	const struct ktstr_test *test;
	struct kt_sched sched;
	struct kt_testproc proc;
	struct kt_kmsg kmsg;
	struct kt_guest_stats stats;
	struct kt_sched_facts facts;
	bool may_retry;		/* the attach, with ops.init() pinned */
	bool told_exit;
	char how_ended[48];
	char attach_error[256];
	char last_line[256];
};

static u64 in_ms(u64 ms)
{
	return kt_now_ns() + ms * KT_NSEC_PER_MSEC;
}

/* At once when it has ended, unless it is to be started again. */
static void tell_sched_exit(struct run *r)
{
	if (!r->sched.ended || r->told_exit || r->may_retry)
		return;
	r->told_exit = true;
	kt_port_send_i32(r->port, KT_TAG_SCHED_EXIT,
			 kt_sched_exit_code(&r->sched));
}

/* The host's answers to the test's requests; nothing else comes by now. */
static void take_replies(struct run *r)
{
	struct kt_frame frame;
	int i;

	for (i = 0; i < REPLIES_AT_ONCE && kt_port_poll(r->port, &frame); i++)
		if (kt_testproc_reply(&r->proc, &frame))
			kt_warn("no answer to a request: frame %#x of %u bytes, CRC %s, left out",
				frame.msg_type, frame.len_bytes,
				frame.crc_ok ? "good" : "bad");
}

/* Waits for anything to happen, at most @timeout_ms, and takes it in. */
static void pump(struct run *r, int timeout_ms)
{
	struct pollfd fds[NR_FDS + KT_GUEST_STATS_FDS] = {
		[PORT_FD] = { .fd = r->port->dead ? -1 : r->port->fd,
			      .events = POLLIN },
		{ .fd = r->sched.output.fd, .events = POLLIN },
		{ .fd = r->sched.pidfd, .events = POLLIN },
		{ .fd = r->proc.frames_fd, .events = POLLIN },
		{ .fd = r->proc.out.fd, .events = POLLIN },
		{ .fd = r->proc.err.fd, .events = POLLIN },
		{ .fd = r->proc.pidfd, .events = POLLIN },
		{ .fd = r->kmsg.fd, .events = POLLIN },
	};

	kt_guest_stats_fds(&r->stats, &fds[NR_FDS]);
	poll(fds, ARRAY_SIZE(fds), timeout_ms);
	if (fds[PORT_FD].revents & (POLLHUP | POLLERR))
		r->port->dead = true;
	take_replies(r);
	kt_kmsg_pump(&r->kmsg);
	kt_relay_pump(&r->sched.output, r->port);
	kt_sched_reap(&r->sched);
	tell_sched_exit(r);
	kt_testproc_pump(&r->proc, r->port);
	kt_guest_stats_pump(&r->stats, kt_now_ns());
}

/* pump()'s timeout: until @deadline_ns, at most @most_ms. */
static int until(u64 deadline_ns, u32 most_ms)
{
	u64 now = kt_now_ns(), left_ms;

	if (now >= deadline_ns)
		return 0;
	left_ms = (deadline_ns - now) / KT_NSEC_PER_MSEC + 1;
	return min_t(u64, left_ms, most_ms);
}

static void set_clock(u64 wallclock_ns)
{
	struct timespec ts = {
		.tv_sec = wallclock_ns / KT_NSEC_PER_SEC,
		.tv_nsec = wallclock_ns % KT_NSEC_PER_SEC,
	};

	if (wallclock_ns && clock_settime(CLOCK_REALTIME, &ts))
		kt_warn("set the clock: %m");
}

static int attach_failed(struct run *r)
{
	char reason[KT_LIFECYCLE_REASON_MAX];

	kt_relay_last_line(&r->sched.output, r->last_line,
			   sizeof(r->last_line));
	snprintf(reason, sizeof(reason), "%s%s%s", r->attach_error,
		 r->last_line[0] ? ": " : "", r->last_line);
	kt_port_send_lifecycle(r->port, KT_LIFE_SCHED_NOT_ATTACHED, reason);
	return -ENOEXEC;
}

static void describe_end(struct run *r)
{
	kt_proc_status_str(r->sched.status, r->how_ended,
			   sizeof(r->how_ended));
}

/*
 * The kernel runs ops.init() in a kthread that it makes at the first attach,
 * on any CPU. For a scheduler that must be initialised on CPU 0 the first
 * attempt may fail; then the kthread is there and can be pinned.
 */
static bool pin_init(struct run *r)
{
	if (!r->may_retry)
		return false;
	r->may_retry = false;
	if (kt_sched_pin_init()) {
		tell_sched_exit(r);
		return false;
	}
	kt_verdict_detail(&r->proc.shared->verdict, KT_DETAIL_INFO,
			  "the first attach failed (%s): once more with ops.init() on CPU 0",
			  r->kmsg.thrown_out ? r->kmsg.exit_text : "no reason");
	kt_kmsg_forget(&r->kmsg);
	return true;
}

/* Starts the scheduler and waits until the kernel says it is enabled. */
static int attach(struct run *r)
{
	u64 deadline = in_ms(r->plan->attach_timeout_ms);
	char state[32];
	int ret;

	r->may_retry = r->test->sched && r->test->sched->pin_init;
again:
	ret = kt_sched_start(&r->sched, r->plan);
	if (ret) {
		snprintf(r->attach_error, sizeof(r->attach_error),
			 "start %.160s: %s", r->plan->sched_path,
			 strerror(-ret));
		return attach_failed(r);
	}
	while (!kt_sched_enabled()) {
		pump(r, until(deadline, ATTACH_POLL_MS));
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
				 r->plan->attach_timeout_ms,
				 kt_sched_state(state, sizeof(state)));
			return attach_failed(r);
		}
	}
	r->facts.attached = true;
	r->may_retry = false;
	return 0;
}

/* The scheduler has gone while it was needed: once, the workload ends early. */
static void watch_sched(struct run *r)
{
	struct kt_sched_facts *f = &r->facts;
	const char *reason;
	u64 deadline;

	if (!f->attached || f->state_lost)
		return;
	if (!r->sched.ended && !r->kmsg.thrown_out && kt_sched_enabled())
		return;
	f->state_lost = true;
	kt_testproc_stop(&r->proc);
	deadline = in_ms(REASON_MS);
	do {
		pump(r, until(deadline, REASON_MS));
	} while (!r->kmsg.thrown_out && !(r->kmsg.disabled && r->sched.ended) &&
		 kt_now_ns() < deadline);
	f->ended_early = r->sched.ended;
	if (f->ended_early)
		describe_end(r);
	reason = r->kmsg.thrown_out ? r->kmsg.exit_text :
		 f->ended_early ? r->how_ended : "enabled no more";
	kt_port_send_lifecycle(r->port, KT_LIFE_SCHED_DIED, reason);
}

/* Waits for the killed process, which a broken scheduler may keep from it. */
static void kill_body(struct run *r)
{
	u64 deadline = in_ms(KILL_MS);

	kt_testproc_kill(&r->proc);
	while (!r->proc.ended && kt_now_ns() < deadline)
		pump(r, until(deadline, STATE_POLL_MS));
}

/* A pause stands outside the workload's time. */
static u64 body_deadline(const struct run *r, u64 start_ns)
{
	return start_ns + r->plan->test_timeout_ms * KT_NSEC_PER_MSEC +
	       kt_testproc_paused_ns(&r->proc);
}

static void run_body(struct run *r)
{
	struct kt_verdict *v = &r->proc.shared->verdict;
	u64 start = kt_now_ns();

	if (kt_testproc_start(&r->proc, r->test, r->plan)) {
		kt_verdict_broken(v, "the test's process could not be started");
		return;
	}
	while (!r->proc.ended && kt_now_ns() < body_deadline(r, start) &&
	       !r->port->dead) {
		pump(r, until(body_deadline(r, start), STATE_POLL_MS));
		watch_sched(r);
	}
	if (r->proc.ended)
		return;
	kill_body(r);
	kt_verdict_sanitize(v, r->plan->test);
	v->timed_out = true;
	kt_verdict_detail(v, KT_DETAIL_TEST, "did not end within %u ms: killed",
			  r->plan->test_timeout_ms);
}

static void wait_sched(struct run *r, u32 timeout_ms)
{
	u64 deadline = in_ms(timeout_ms);

	while (!r->sched.ended && kt_now_ns() < deadline)
		pump(r, until(deadline, STATE_POLL_MS));
}

static void stop_sched(struct run *r)
{
	if (!r->sched.started)
		return;
	if (r->facts.state_lost) {
		wait_sched(r, SCHED_FAREWELL_MS);
		r->facts.ended_early = r->sched.ended;
	}
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
		wait_sched(r, KILL_MS);
	}
	if (r->sched.ended && !r->how_ended[0])
		describe_end(r);
}

/* What is still under way in pipes; a body that could not die before may now. */
static void settle(struct run *r)
{
	if (!r->proc.ended && r->proc.pid)
		kill_body(r);
	pump(r, 0);
	if (r->proc.undelivered)
		kt_warn("%llu answers of the host did not fit: the test does not read them",
			(unsigned long long)r->proc.undelivered);
	kt_relay_close(&r->sched.output, r->port);
	kt_relay_close(&r->proc.out, r->port);
	kt_relay_close(&r->proc.err, r->port);
	kt_relay_last_line(&r->sched.output, r->last_line,
			   sizeof(r->last_line));
}

static void run_case(struct run *r)
{
	struct kt_verdict *v = &r->proc.shared->verdict;

	r->test = kt_test_find(r->plan->test);
	if (!r->test) {
		kt_verdict_broken(v, "this program has no case named \"%s\"",
				  r->plan->test);
		return;
	}
	if (kt_kmsg_open(&r->kmsg))
		kt_verdict_broken(v, "the kernel's log could not be followed");
	set_clock(r->plan->wallclock_ns);
	kt_port_send_lifecycle(r->port, KT_LIFE_PAYLOAD_STARTING, NULL);
	r->facts.wanted = r->plan->sched_path[0];
	if (!r->facts.wanted || !attach(r))
		run_body(r);
	watch_sched(r);
	stop_sched(r);
	settle(r);
	v = kt_testproc_verdict(&r->proc, r->plan->test);
	kt_expect_judge(v, &r->test->expect, &r->facts);
	kt_report_environment(v, &r->kmsg);
	kt_kmsg_close(&r->kmsg);
}

void kt_run_plan(struct kt_port *port, const struct kt_plan *plan,
		 const char *trouble)
{
	static struct kt_verdict no_memory;
	static struct run run;
	struct run *r = &run;
	struct kt_verdict *v = &no_memory;

	r->port = port;
	r->plan = plan;
	r->kmsg.fd = -1;
	r->sched.pidfd = -1;
	r->sched.output.fd = -1;
	snprintf(r->attach_error, sizeof(r->attach_error), "none was started");
	r->facts.attach_error = r->attach_error;
	r->facts.how_ended = r->how_ended;
	r->facts.last_line = r->last_line;
	r->facts.output = r->sched.output.tail;
	r->facts.kmsg = &r->kmsg;
	kt_guest_stats_init(&r->stats, kt_port_open_fd(KT_STATS_PORT_NAME),
			    KT_STATS_SOCKET);
	kt_verdict_init(v, plan->test);
	if (kt_testproc_init(&r->proc, plan->test))
		kt_verdict_broken(v, "no memory for the result");
	else
		v = &r->proc.shared->verdict;
	if (trouble[0])
		kt_verdict_broken(v, "%s", trouble);
	if (!v->broken)
		run_case(r);
	kt_guest_stats_fini(&r->stats);
	kt_report_send(port, v, &r->kmsg);
}
