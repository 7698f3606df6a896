// SPDX-License-Identifier: GPL-2.0-only
/*
 * One Plan from its start to its verdict: one thread, one poll loop. Every
 * phase is a condition, a deadline, and kt_run_pump() in between.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "events.h"
#include "hold.h"
#include "report.h"
#include "run.h"
#include "run_sched.h"

#define REPLIES_AT_ONCE		64

enum {
	PORT_FD,		/* in what kt_run_pump() waits for */
	NR_FDS = 8,		/* of it, without those of the statistics */
};

u64 kt_run_in_ms(u64 ms)
{
	return kt_now_ns() + ms * KT_NSEC_PER_MSEC;
}

/* The host's answers to the test's requests; nothing else comes by now. */
static void take_replies(struct kt_run *r)
{
	struct kt_frame frame;
	int i;

	for (i = 0; i < REPLIES_AT_ONCE && kt_port_poll(r->port, &frame); i++)
		if (kt_testproc_reply(&r->proc, &frame))
			kt_warn("no answer to a request: frame %#x of %u bytes, CRC %s, left out",
				frame.msg_type, frame.len_bytes,
				frame.crc_ok ? "good" : "bad");
}

/* What the host does at times of the workload, it does now. */
static void hold_due(struct kt_run *r)
{
	if (kt_holds_left_ns(&r->proc.holds, kt_now_ns()))
		return;
	kt_port_hold(r->port);
	kt_holds_made(&r->proc.holds, r->port->stamp_ns);
}

/* Rounded up: it is due by then. */
static int pump_ms(const struct kt_run *r, int timeout_ms)
{
	u64 left = kt_holds_left_ns(&r->proc.holds, kt_now_ns());

	if (left >= timeout_ms * KT_NSEC_PER_MSEC)
		return timeout_ms;
	return left ? left / KT_NSEC_PER_MSEC + 1 : 0;
}

void kt_run_pump(struct kt_run *r, int timeout_ms)
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
	poll(fds, ARRAY_SIZE(fds), pump_ms(r, timeout_ms));
	if (fds[PORT_FD].revents & (POLLHUP | POLLERR))
		r->port->dead = true;
	hold_due(r);
	kt_kmsg_pump(&r->kmsg);
	kt_relay_pump(&r->sched.output, r->port);
	kt_sched_reap(&r->sched);
	kt_run_tell_sched_exit(r);
	kt_testproc_pump(&r->proc, r->port);
	take_replies(r);	/* also those to what was just asked */
	kt_guest_stats_pump(&r->stats, kt_now_ns());
}

int kt_run_until(u64 deadline_ns, u32 most_ms)
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

/*
 * Machines of one template have the same randomness up to here. The time tells
 * two runs of one seed apart, where the host gives one; the kernel adds what
 * its CPU has.
 */
static void reseed(const struct kt_plan *plan)
{
	const u64 own[] = { plan->seed, plan->wallclock_ns };
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	if (fd < 0 || write(fd, own, sizeof(own)) != sizeof(own) ||
	    ioctl(fd, RNDRESEEDCRNG))
		kt_warn("seed the kernel's random numbers: %m");
	kt_close(&fd);
}

/* Waits for the killed process, which a broken scheduler may keep from it. */
static void kill_body(struct kt_run *r)
{
	u64 deadline = kt_run_in_ms(KT_KILL_MS);

	kt_testproc_kill(&r->proc);
	while (!r->proc.ended && kt_now_ns() < deadline)
		kt_run_pump(r, kt_run_until(deadline, KT_STATE_POLL_MS));
}

/* A pause stands outside the workload's time. */
static u64 body_deadline(const struct kt_run *r, u64 start_ns)
{
	return start_ns + r->plan->test_timeout_ms * KT_NSEC_PER_MSEC +
	       kt_testproc_paused_ns(&r->proc);
}

static void run_body(struct kt_run *r)
{
	struct kt_verdict *v = &r->proc.shared->verdict;
	u64 start = kt_now_ns();

	if (kt_testproc_start(&r->proc, r->test, r->plan)) {
		kt_verdict_broken(v, "the test's process could not be started");
		return;
	}
	while (!r->proc.ended && kt_now_ns() < body_deadline(r, start) &&
	       !r->port->dead) {
		kt_run_pump(r, kt_run_until(body_deadline(r, start), KT_STATE_POLL_MS));
		kt_run_watch_sched(r);
		kt_run_serve_sched(r);
	}
	if (r->proc.ended)
		return;
	kill_body(r);
	kt_verdict_sanitize(v, r->plan->test);
	v->timed_out = true;
	kt_verdict_detail(v, KT_DETAIL_TEST, "did not end within %u ms: killed",
			  r->plan->test_timeout_ms);
}

/* What is still under way in pipes; a body that could not die before may now. */
static void settle(struct kt_run *r)
{
	if (!r->proc.ended && r->proc.pid)
		kill_body(r);
	kt_run_pump(r, 0);
	if (r->proc.undelivered)
		kt_warn("%llu answers of the host did not fit: the test does not read them",
			(unsigned long long)r->proc.undelivered);
	kt_relay_close(&r->sched.output, r->port);
	kt_relay_close(&r->proc.out, r->port);
	kt_relay_close(&r->proc.err, r->port);
	kt_relay_last_line(&r->sched.output, r->last_line,
			   sizeof(r->last_line));
}

static void start_events(struct kt_run *r)
{
	char why[256];

	r->traces = !kt_events_start(r->plan->events_kib, why, sizeof(why));
	if (!r->traces)
		kt_verdict_broken(&r->proc.shared->verdict, "%s", why);
}

static void run_case(struct kt_run *r)
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
	reseed(r->plan);
	kt_port_send_lifecycle(r->port, KT_LIFE_PAYLOAD_STARTING, NULL);
	r->facts.wanted = r->plan->sched_path[0];
	if (!r->facts.wanted || !kt_run_attach(r))
		run_body(r);
	kt_run_watch_sched(r);
	kt_run_stop_sched(r);
	settle(r);
	if (r->traces)
		kt_events_stop();
	v = kt_testproc_verdict(&r->proc, r->plan->test);
	kt_expect_judge(v, &r->test->expect, &r->facts);
	kt_report_environment(v, &r->kmsg);
	kt_kmsg_close(&r->kmsg);
}

void kt_run_plan(struct kt_port *port, const struct kt_plan *plan,
		 const char *trouble)
{
	static struct kt_verdict no_memory;
	static struct kt_run run;
	struct kt_run *r = &run;
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
	if (!v->broken && plan->events_kib)
		start_events(r);
	if (!v->broken)
		run_case(r);
	kt_guest_stats_fini(&r->stats);
	kt_report_send(port, v, &r->kmsg, r->traces ? plan->events_kib : 0);
}
