// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop: bytes to frames to dispatch, the Plan after SysRdy, what the guest
 * asks for, the deadline, and the drain when a machine has ended.
 */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "coord.h"
#include "serve.h"

#define READ_BYTES	(64u << 10)
#define MAX_EVENTS	8
#define FREEZE_MS	5000	/* at SysRdy */
#define FREEZE_TURN_MS	100
#define END_NS		KT_NSEC_PER_SEC	/* for a broken machine to be seen ended */
/* reads of one port in one turn, so that a flood starves nothing else */
#define READS_PER_TURN	16
/* of a run's record: a guest that prints without end does not fill the disk */
#define STREAM_MAX_BYTES	(64u << 20)
#define CONSOLE_MAX_BYTES	(16u << 20)

struct loop {
	struct kt_coord *c;
	struct kt_machine *m;
	const struct kt_coord_opts *opts;
	int epoll_fd;
	bool bulk_gone;		/* its other end was closed */
	bool bulk_full;		/* waited for, to take more */
	bool done;
	bool late;		/* it has not stopped where it was to */
	bool early;		/* what is fed was sent to another one */
	u64 stream_bytes;	/* recorded */
	u64 console_bytes;
	u64 hvc_bytes;
};

static u64 since_start(const struct kt_coord *c)
{
	return kt_now_ns() - c->started_at_ns;
}

static void finish(struct loop *l, enum kt_run_end end)
{
	if (!l->done)
		l->c->end = end;
	l->done = true;
}

static int watch(struct loop *l, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0)
		return 0;
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		return kt_err(-errno, "epoll: %s", strerror(errno));
	return 0;
}

/* Told once for each thing that comes: who reads it takes all that is there. */
static int watch_edge(struct loop *l, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.fd = fd };

	if (fd >= 0 && epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		return kt_err(-errno, "epoll: %s", strerror(errno));
	return 0;
}

static void unwatch(struct loop *l, int fd)
{
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* Appends to a copy that may hold @max bytes; the rest is counted. */
static void record(struct loop *l, int fd, u64 *recorded, u32 max,
		   const void *data, size_t len_bytes)
{
	size_t n = min_t(u64, len_bytes, (max - *recorded));
	int ret;

	if (fd < 0 || l->c->record_failed)
		return;
	l->c->unrecorded_bytes += len_bytes - n;
	*recorded += n;
	ret = kt_write_all(fd, data, n, 0);
	if (ret) {
		kt_warn("the run's record is incomplete: %s", strerror(-ret));
		l->c->record_failed = true;
	}
}

static int send_plan(struct loop *l)
{
	u8 buf[KT_PLAN_MAX_BYTES];
	int len, ret;

	len = kt_plan_encode(l->opts->plan, buf, sizeof(buf));
	if (len < 0)
		return kt_err(len, "the plan does not fit its frame");
	ret = kt_outbox_add(&l->c->outbox, KT_TAG_PLAN, buf, len);
	return ret ? kt_err(ret, "sending the plan: %s", strerror(-ret)) : 0;
}

/* Nothing of it is on its way to us: what it has sent is all in @early. */
static bool is_quiet(const struct loop *l)
{
	const void *rest;

	return !l->c->early.overflow &&
	       !kt_assembler_residue(&l->c->assembler, &rest) &&
	       !kt_wait_readable(l->m->bulk_fd, 0);
}

/* False when it did not stop, or stopped too late. */
static bool freeze_quiet(struct loop *l)
{
	u64 deadline = kt_now_ns() + FREEZE_MS * KT_NSEC_PER_MSEC;
	u32 parked, ms = l->c->trace.on ? FREEZE_TURN_MS : FREEZE_MS;
	int ret;

	/* a machine that is to stop while it naps may have begun its next Hold */
	do {
		ret = l->m->ops->freeze(l->m, ms, &parked);
	} while (ret == -ETIMEDOUT && is_quiet(l) && kt_now_ns() < deadline);
	return !ret && is_quiet(l);
}

static void thaw(struct loop *l)
{
	int ret = l->m->ops->thaw(l->m);

	if (!ret)
		return;
	kt_err(ret, "thawing the machine: %s", strerror(-ret));
	finish(l, KT_RUN_FAILED);
}

/* The time that it takes is not the guest's. False as freeze_quiet(). */
static bool at_ready(struct loop *l)
{
	struct kt_coord *c = l->c;
	u64 since = kt_now_ns();
	bool quiet = freeze_quiet(l);

	if (quiet)
		l->opts->at_ready(l->opts->at_ready_arg, l->m,
				  kt_strbuf_str(&c->early), c->early.len_bytes);
	else
		kt_warn("this machine is not saved as a template: it was not stopped in time");
	if (quiet || !c->trace.on)
		thaw(l);
	kt_watchdog_extend(&c->sinks, kt_now_ns() - since);
	return quiet;
}

/* It waits: as long as somebody wants that, without its Plan. */
static void begin(struct loop *l)
{
	if (l->opts->at_ready)
		at_ready(l);
	l->c->begun = true;
	if (send_plan(l))
		finish(l, KT_RUN_FAILED);
}

static void give(struct kt_coord *c, u64 budget_ns)
{
	kt_sinks_set_deadline(&c->sinks, kt_add_sat(c->sinks.now_ns, budget_ns));
}

/* A machine that goes on does: it has the time of any other to attach. */
static void on_answer(struct loop *l)
{
	l->c->answer_ns = l->c->sinks.now_ns;
	/* the first sample has waited for it */
	if (!l->c->monitor.by_tick)
		l->c->monitor.next_at_ns = 0;
	if (l->opts->early_bytes)
		give(l->c, l->opts->attach_budget_ns);
}

static void on_frame(struct loop *l, const struct kt_frame *f)
{
	struct kt_coord *c = l->c;
	bool was_ready = c->sinks.ready;
	bool answers = f->msg_type != KT_TAG_HOLD && f->msg_type != KT_TAG_TIME;

	kt_trace_frame(&c->trace, f);
	c->sinks.now_ns = since_start(c);
	if (c->begun && answers && !c->answer_ns && !l->early)
		on_answer(l);
	if (kt_dispatch(f, &c->sinks))
		kt_bucket_add(&c->bucket, f, c->trace.on ? c->trace.last_ns :
			      c->sinks.now_ns);
	kt_watchdog_frame(&c->watchdog, f, &c->sinks);
	if (f->msg_type == KT_TAG_SCENARIO_END && f->crc_ok &&
	    c->sinks.start_ns && !c->workload_end_ns) {
		c->workload_end_ns = c->sinks.now_ns;
		c->last_look_due = true;
	}
	if (!was_ready && c->sinks.ready) {
		c->ready_ns = c->sinks.now_ns;
		if (l->opts->early_bytes)
			give(c, l->opts->answer_budget_ns);
		if (!c->trace.on)
			begin(l);
	}
	if (f->msg_type == KT_TAG_HOLD) {
		kt_coord_hold_over(&c->hold);
		c->holds++;
	}
	/* a trace is whole when the machine has ended by itself */
	if (c->watchdog.stage == KT_STAGE_EXITED && !c->trace.on)
		finish(l, KT_RUN_EXITED);
}

static void take_bytes(struct loop *l, const void *data, size_t len_bytes)
{
	struct kt_frame f;

	record(l, l->opts->stream_fd, &l->stream_bytes, STREAM_MAX_BYTES, data,
	       len_bytes);
	if (l->opts->at_ready && !l->c->begun)
		kt_strbuf_add(&l->c->early, data, len_bytes);
	if (kt_assembler_feed(&l->c->assembler, data, len_bytes))
		kt_warn("%zu bytes of frames lost: out of memory", len_bytes);
	while (kt_assembler_next(&l->c->assembler, &f))
		on_frame(l, &f);
	if (l->c->trace.on)
		kt_coord_hold_look(&l->c->hold, &l->c->assembler);
}

/* One read of the frame stream: false when there is nothing more for now. */
static bool read_bulk(struct loop *l)
{
	u8 buf[READ_BYTES];
	ssize_t n = read(l->m->bulk_fd, buf, l->c->trace.on ?
			 KT_HOLD_READ_BYTES : sizeof(buf));

	if (n <= 0) {
		if (!n || (errno != EAGAIN && errno != EINTR)) {
			unwatch(l, l->m->bulk_fd);
			l->bulk_gone = true;
		}
		return false;
	}
	take_bytes(l, buf, n);
	return true;
}

/* Not beyond a Hold: the machine stands as long as its end is not read. */
static bool read_bulk_on(struct loop *l)
{
	return !l->c->hold.stands && read_bulk(l);
}

/* A read of one of the consoles: its bytes, or 0. */
static size_t read_text(struct loop *l, int fd, void *buf, size_t size)
{
	ssize_t n = read(fd, buf, size);

	if (n > 0)
		return n;
	if (!n || (errno != EAGAIN && errno != EINTR))
		unwatch(l, fd);
	return 0;
}

static bool read_console(struct loop *l)
{
	u8 buf[READ_BYTES];
	size_t n = read_text(l, l->m->console_fd, buf, sizeof(buf));

	if (!n)
		return false;
	record(l, l->opts->console_log_fd, &l->console_bytes,
	       CONSOLE_MAX_BYTES, buf, n);
	kt_trace_console(&l->c->trace, buf, n);
	kt_console_feed(&l->c->console, buf, n);
	return true;
}

static bool read_hvc(struct loop *l)
{
	u8 buf[READ_BYTES];
	size_t n = read_text(l, l->m->hvc_fd, buf, sizeof(buf));

	if (!n)
		return false;
	record(l, l->opts->hvc_log_fd, &l->hvc_bytes, CONSOLE_MAX_BYTES, buf,
	       n);
	kt_tail_add(&l->c->hvc, buf, n);
	return true;
}

static void read_some(struct loop *l, bool (*read_one)(struct loop *l))
{
	int i;

	for (i = 0; i < READS_PER_TURN && read_one(l); i++)
		;
}

/* What a machine sent before it ended is still in the sockets. */
static void drain(struct loop *l)
{
	u64 deadline = kt_now_ns() + KT_NSEC_PER_SEC;

	while (read_console(l) && kt_now_ns() < deadline)
		;
	while (l->m->hvc_fd >= 0 && read_hvc(l) && kt_now_ns() < deadline)
		;
	while (read_bulk(l) && kt_now_ns() < deadline)
		;
}

/* A machine that said Exit and ended is no surprise. */
static void finish_ended(struct loop *l)
{
	finish(l, l->c->watchdog.stage == KT_STAGE_EXITED ? KT_RUN_EXITED :
	       KT_RUN_MACHINE_ENDED);
}

/*
 * Something broke: because the machine has ended, and then what it said before
 * and its end say more, or by itself.
 */
static void broken(struct loop *l, int err, const char *what)
{
	bool ended;

	ended = kt_wait_readable(l->m->event_fd, kt_now_ns() + END_NS) == 1;
	drain(l);
	if (l->done)
		return;
	if (!ended)
		kt_err(err, "%s: %s", what, strerror(-err));
	if (ended)
		finish_ended(l);
	finish(l, KT_RUN_FAILED);
}

/* What waits for the guest, as far as its port takes it. */
static void send_out(struct loop *l)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct kt_outbox *o = &l->c->outbox;
	bool full;
	int ret;

	if (l->bulk_gone || l->c->hold.more)
		return;
	if (!kt_outbox_empty(o))
		kt_trace_disturb(&l->c->trace,
				 "the host's answers came through the port");
	ret = kt_outbox_flush(o, l->m->bulk_fd);
	if (ret) {
		unwatch(l, l->m->bulk_fd);
		l->bulk_gone = true;
		broken(l, ret, "sending to the guest");
		return;
	}
	full = !kt_outbox_empty(o);
	if (full == l->bulk_full)
		return;
	l->bulk_full = full;
	ev.data.fd = l->m->bulk_fd;
	if (full)
		ev.events |= EPOLLOUT;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, l->m->bulk_fd, &ev);
}

static void on_event(struct loop *l, int fd)
{
	struct kt_coord *c = l->c;
	u64 count;

	if (fd == l->m->bulk_fd) {
		read_some(l, read_bulk_on);
	} else if (fd == l->m->console_fd) {
		read_some(l, read_console);
	} else if (fd == l->m->hvc_fd) {
		read_some(l, read_hvc);
	} else if (fd == c->stats.epoll_fd) {
		kt_stats_pump(&c->stats);
	} else if (fd == l->m->watch_fd) {
		c->watch.told = true;
	} else if (fd == c->sinks.kill_evt) {
		/* the watchdog has moved to the teardown's budget: take the event */
		if (read(fd, &count, sizeof(count)) < 0)
			unwatch(l, fd);
	} else if (c->chase.on && fd == c->chase.gdb.epoll_fd) {
		if (kt_chase_gdb_pump(c, l->m))
			finish(l, KT_RUN_CANCELLED);
	} else if (fd == l->m->stop_fd) {
		/* what it said before it stopped is before what is seen now */
		while (read_bulk_on(l))
			;
		if (kt_stops_serve(c, l->m))
			unwatch(l, fd);
	} else if (fd == l->m->event_fd) {
		drain(l);
		finish_ended(l);
	} else if (fd == l->opts->cancel_fd) {
		finish(l, KT_RUN_CANCELLED);
	}
}

/* It goes on, up to the end of the frame. */
static void leave_hold(struct loop *l)
{
	u64 deadline = kt_now_ns() + FREEZE_MS * KT_NSEC_PER_MSEC;
	struct kt_coord *c = l->c;
	u32 over = c->holds;

	kt_coord_hold_end(&c->hold, l->m, &c->outbox);
	while (c->holds == over && !l->bulk_gone &&
	       kt_wait_readable(l->m->bulk_fd, deadline) > 0)
		read_bulk(l);
}

/* The stop that was asked for comes behind this Hold: it is not wanted there. */
static void stop_late(struct loop *l)
{
	u32 parked;

	l->late = false;
	leave_hold(l);
	l->m->ops->freeze(l->m, FREEZE_MS, &parked);
	thaw(l);
	kt_trace_disturb(&l->c->trace, "it was stopped too late");
}

static void second_hold(struct loop *l)
{
	l->c->begun = true;
	if (send_plan(l) || kt_stops_begin(l->c, l->m))
		finish(l, KT_RUN_FAILED);
	if (l->late)
		stop_late(l);
}

/*
 * A machine that makes Holds is stopped between the first two, and has its Plan
 * at the second one. What its console has shown before is no part of its trace:
 * machines that go on from here show it no more.
 */
static void first_hold(struct loop *l)
{
	u64 deadline = kt_now_ns() + FREEZE_MS * KT_NSEC_PER_MSEC;
	struct kt_coord *c = l->c;

	while (read_console(l) && kt_now_ns() < deadline)
		;
	kt_trace_console_begin(&c->trace);
	if (!l->opts->at_ready || !l->m->ops->freeze_ahead ||
	    l->m->ops->freeze_ahead(l->m))
		return;
	leave_hold(l);
	l->late = !at_ready(l);
	if (c->hold.stands)
		second_hold(l);
}

/* Milliseconds to the next thing to do, rounded up, at most a second. */
static int turn_timeout_ms(const struct kt_coord *c)
{
	u64 now = since_start(c), left = kt_serve_left_ns(c, now);

	left = min(left, kt_monitor_left_ns(&c->monitor, now));
	if (c->sinks.deadline_ns)
		left = min(left, c->sinks.deadline_ns -
			   min(now, c->sinks.deadline_ns));
	if (!left)
		return 0;
	return min_t(u64, left, KT_NSEC_PER_SEC - 1) / KT_NSEC_PER_MSEC + 1;
}

static int turn(struct loop *l)
{
	struct epoll_event events[MAX_EVENTS];
	int i, n, ret = 0;

	n = epoll_wait(l->epoll_fd, events, MAX_EVENTS, turn_timeout_ms(l->c));
	if (n < 0 && errno != EINTR)
		return kt_err(-errno, "epoll_wait: %s", strerror(errno));
	for (i = 0; i < n && !l->done; i++)
		on_event(l, events[i].data.fd);
	if (!l->done && l->c->hold.stands && l->c->sinks.ready &&
	    !l->c->begun) {
		if (l->c->holds)
			second_hold(l);
		else
			first_hold(l);
	}
	if (!l->done)
		ret = kt_serve(l->c, l->m);
	if (ret)
		broken(l, ret, "thawing the machine");
	if (l->c->chase.over)
		finish(l, KT_RUN_CANCELLED);
	if (!l->done)
		kt_monitor_turn(l->c, l->m);
	send_out(l);
	if (!l->done && !kt_chase_waits(&l->c->chase) &&
	    kt_watchdog_expired(&l->c->sinks, since_start(l->c))) {
		drain(l);
		if (!l->done)
			kt_serve_last_look(l->c, l->m, KT_CAPTURE_WATCHDOG);
		finish(l, KT_RUN_WATCHDOG);
	}
	return 0;
}

static int setup(struct loop *l)
{
	const struct kt_coord_opts *o = l->opts;
	struct kt_coord *c = l->c;
	int ret;

	ret = kt_stats_init(&c->stats, o->stats_listen_fd, l->m->stats_fd);
	if (ret)
		return ret;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return kt_err(-errno, "epoll: %s", strerror(errno));
	c->sinks.kill_evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->sinks.kill_evt < 0)
		return kt_err(-errno, "eventfd: %s", strerror(errno));
	c->sinks.duration_ns = o->workload_budget_ns;
	c->watchdog.boot_budget_ns = o->boot_budget_ns;
	c->watchdog.attach_budget_ns = o->attach_budget_ns;
	c->watchdog.teardown_budget_ns = o->teardown_budget_ns;
	kt_trace_init(&c->trace, o->trace);
	c->subject.opts = o->subject;
	kt_watch_init(&c->watch, o->subject.has_sched, o->watchpoints);
	ret = kt_chase_init(&c->chase, &o->chase);
	if (ret)
		return ret;
	kt_writes_init(&c->writes, o->writes, o->nr_writes);
	c->save_image = o->save_image;
	kt_monitor_init(&c->monitor, &o->monitor);
	c->periodic.nr = o->nr_periodic;
	c->periodic.workload_ns = o->workload_ns;
	ret = watch(l, l->m->bulk_fd);
	if (!ret)
		ret = watch(l, l->m->console_fd);
	if (!ret)
		ret = watch(l, l->m->hvc_fd);
	if (!ret)
		ret = watch(l, c->stats.epoll_fd);
	/* a traced machine's engine may have stopped it for itself */
	if (!ret && (o->watchpoints || o->trace))
		ret = watch_edge(l, l->m->watch_fd);
	if (!ret)
		ret = watch(l, l->m->stop_fd);
	if (!ret && o->chase.gdb)
		ret = watch(l, c->chase.gdb.epoll_fd);
	if (!ret)
		ret = watch(l, l->m->event_fd);
	if (!ret)
		ret = watch(l, c->sinks.kill_evt);
	if (!ret)
		ret = watch(l, o->cancel_fd);
	return ret;
}

static u64 text_link_kva(const struct kt_symbols *symbols)
{
	const struct kt_symbol *text;

	text = symbols ? kt_symbols_find(symbols, "_text") : NULL;
	return text ? text->link_kva : 0;
}

int kt_coord_run(struct kt_coord *c, struct kt_machine *m,
		 const struct kt_coord_opts *opts)
{
	struct loop l = { .c = c, .m = m, .opts = opts, .epoll_fd = -1 };
	const void *residue;
	int ret;

	memset(c, 0, sizeof(*c));
	kt_assembler_init(&c->assembler);
	kt_strbuf_init(&c->early, KT_EARLY_MAX_BYTES);
	kt_sinks_init(&c->sinks);
	c->sinks.text_link_kva = text_link_kva(opts->subject.symbols);
	c->end = KT_RUN_FAILED;
	ret = setup(&l);
	if (ret)
		goto out;

	c->started_at_ns = kt_now_ns();
	kt_watchdog_start(&c->watchdog, &c->sinks);
	ret = kt_stops_arm(c, m);
	if (!ret)
		ret = m->ops->start(m);
	l.early = true;
	if (!ret && opts->early_bytes)
		take_bytes(&l, opts->early, opts->early_bytes);
	l.early = false;
	while (!ret && !l.done)
		ret = turn(&l);
	drain(&l);
	if (c->end != KT_RUN_EXITED && c->end != KT_RUN_MACHINE_ENDED)
		kt_trace_disturb(&c->trace, "it was cut off");
	if (c->end == KT_RUN_MACHINE_ENDED)
		kt_serve_last_look(c, m, KT_CAPTURE_POST_MORTEM);
	kt_chase_end(&c->chase);
	c->ended_ns = since_start(c);
	kt_noise_end(&c->monitor.noise);
	c->workload_total_ns = kt_serve_workload_ns(c, c->ended_ns);
	c->residue_bytes = kt_assembler_residue(&c->assembler, &residue);
	c->machine_end = m->ops->end(m, c->machine_text,
				     sizeof(c->machine_text));
out:
	kt_stats_fini(&c->stats);
	kt_close(&l.epoll_fd);
	kt_close(&c->sinks.kill_evt);
	return ret;
}

void kt_coord_fini(struct kt_coord *c)
{
	kt_assembler_fini(&c->assembler);
	kt_bucket_fini(&c->bucket);
	kt_console_fini(&c->console);
	kt_tail_fini(&c->hvc);
	kt_outbox_fini(&c->outbox);
	kt_strbuf_fini(&c->early);
	kt_captures_fini(&c->captures);
	json_decref(c->last_look.state);
	c->last_look.state = NULL;
	kt_watch_fini(&c->watch);
	kt_chase_fini(&c->chase);
	kt_monitor_fini(&c->monitor);
	kt_subject_fini(&c->subject);
}
