// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop: bytes to frames to dispatch, the Plan after SysRdy, the deadline,
 * and the drain when a machine has ended.
 */
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "coord.h"

#define READ_BYTES	(64u << 10)
#define PLAN_SEND_MS	5000
#define MAX_EVENTS	8
/* reads of one port in one turn, so that a flood starves nothing else */
#define READS_PER_TURN	16

struct loop {
	struct kt_coord *c;
	struct kt_machine *m;
	const struct kt_coord_opts *opts;
	int epoll_fd;
	bool done;
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

static void unwatch(struct loop *l, int fd)
{
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void record(struct loop *l, int fd, const void *data, size_t len_bytes)
{
	int ret;

	if (fd < 0 || l->c->record_failed)
		return;
	ret = kt_write_all(fd, data, len_bytes, 0);
	if (ret) {
		kt_warn("the run's record is incomplete: %s", strerror(-ret));
		l->c->record_failed = true;
	}
}

static int send_plan(struct loop *l)
{
	u8 buf[sizeof(struct kt_frame_hdr) + KT_PLAN_MAX_BYTES];
	struct kt_frame_hdr *hdr = (void *)buf;
	u8 *payload = buf + sizeof(*hdr);
	int len, ret;

	len = kt_plan_encode(l->opts->plan, payload, KT_PLAN_MAX_BYTES);
	if (len < 0)
		return kt_err(len, "the plan does not fit its frame");
	ret = kt_frame_encode_hdr(hdr, KT_TAG_PLAN, payload, len);
	if (!ret)
		ret = kt_write_all(l->m->bulk_fd, buf, sizeof(*hdr) + len,
				   kt_now_ns() +
				   PLAN_SEND_MS * KT_NSEC_PER_MSEC);
	return ret ? kt_err(ret, "sending the plan: %s", strerror(-ret)) : 0;
}

static void on_frame(struct loop *l, const struct kt_frame *f)
{
	struct kt_coord *c = l->c;
	bool was_ready = c->sinks.ready;

	c->sinks.now_ns = since_start(c);
	if (kt_dispatch(f, &c->sinks))
		kt_bucket_add(&c->bucket, f, c->sinks.now_ns);
	kt_watchdog_frame(&c->watchdog, f, &c->sinks);
	if (!was_ready && c->sinks.ready) {
		c->ready_ns = c->sinks.now_ns;
		if (send_plan(l))
			finish(l, KT_RUN_FAILED);
	}
	if (c->watchdog.stage == KT_STAGE_EXITED)
		finish(l, KT_RUN_EXITED);
}

/* One read of the frame stream: false when there is nothing more for now. */
static bool read_bulk(struct loop *l)
{
	u8 buf[READ_BYTES];
	struct kt_frame f;
	ssize_t n = read(l->m->bulk_fd, buf, sizeof(buf));

	if (n <= 0) {
		if (!n || (errno != EAGAIN && errno != EINTR))
			unwatch(l, l->m->bulk_fd);
		return false;
	}
	record(l, l->opts->stream_fd, buf, n);
	if (kt_assembler_feed(&l->c->assembler, buf, n))
		kt_warn("%zd bytes of frames lost: out of memory", n);
	while (kt_assembler_next(&l->c->assembler, &f))
		on_frame(l, &f);
	return true;
}

static bool read_console(struct loop *l)
{
	u8 buf[READ_BYTES];
	ssize_t n = read(l->m->console_fd, buf, sizeof(buf));

	if (n <= 0) {
		if (!n || (errno != EAGAIN && errno != EINTR))
			unwatch(l, l->m->console_fd);
		return false;
	}
	record(l, l->opts->console_log_fd, buf, n);
	kt_console_feed(&l->c->console, buf, n);
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
	while (read_bulk(l) && kt_now_ns() < deadline)
		;
}

static void on_event(struct loop *l, int fd)
{
	struct kt_coord *c = l->c;
	u64 count;

	if (fd == l->m->bulk_fd) {
		read_some(l, read_bulk);
	} else if (fd == l->m->console_fd) {
		read_some(l, read_console);
	} else if (fd == c->sinks.kill_evt) {
		/* the watchdog has moved to the teardown's budget: take the event */
		if (read(fd, &count, sizeof(count)) < 0)
			unwatch(l, fd);
	} else if (fd == l->m->event_fd) {
		drain(l);
		finish(l, KT_RUN_MACHINE_ENDED);
	} else if (fd == l->opts->cancel_fd) {
		finish(l, KT_RUN_CANCELLED);
	}
}

/* Milliseconds to the deadline, rounded up, at most a second. */
static int turn_timeout_ms(const struct kt_coord *c)
{
	u64 now = since_start(c), ms;

	if (!c->sinks.deadline_ns)
		return 1000;
	if (now >= c->sinks.deadline_ns)
		return 0;
	ms = (c->sinks.deadline_ns - now) / KT_NSEC_PER_MSEC + 1;
	return min_t(u64, ms, 1000);
}

static int turn(struct loop *l)
{
	struct epoll_event events[MAX_EVENTS];
	int i, n;

	n = epoll_wait(l->epoll_fd, events, MAX_EVENTS, turn_timeout_ms(l->c));
	if (n < 0 && errno != EINTR)
		return kt_err(-errno, "epoll_wait: %s", strerror(errno));
	for (i = 0; i < n && !l->done; i++)
		on_event(l, events[i].data.fd);
	if (!l->done &&
	    kt_watchdog_expired(&l->c->sinks, since_start(l->c))) {
		drain(l);
		finish(l, KT_RUN_WATCHDOG);
	}
	return 0;
}

static int setup(struct loop *l)
{
	const struct kt_coord_opts *o = l->opts;
	struct kt_coord *c = l->c;
	int ret;

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

	ret = watch(l, l->m->bulk_fd);
	if (!ret)
		ret = watch(l, l->m->console_fd);
	if (!ret)
		ret = watch(l, l->m->event_fd);
	if (!ret)
		ret = watch(l, c->sinks.kill_evt);
	if (!ret)
		ret = watch(l, o->cancel_fd);
	return ret;
}

int kt_coord_run(struct kt_coord *c, struct kt_machine *m,
		 const struct kt_coord_opts *opts)
{
	struct loop l = { .c = c, .m = m, .opts = opts, .epoll_fd = -1 };
	const void *residue;
	int ret;

	memset(c, 0, sizeof(*c));
	kt_assembler_init(&c->assembler);
	kt_sinks_init(&c->sinks);
	c->end = KT_RUN_FAILED;
	ret = setup(&l);
	if (ret)
		goto out;

	c->started_at_ns = kt_now_ns();
	kt_watchdog_start(&c->watchdog, &c->sinks);
	ret = m->ops->start(m);
	while (!ret && !l.done)
		ret = turn(&l);
	drain(&l);
	c->ended_ns = since_start(c);
	c->residue_bytes = kt_assembler_residue(&c->assembler, &residue);
	c->machine_end = m->ops->end(m, c->machine_text,
				     sizeof(c->machine_text));
out:
	kt_close(&l.epoll_fd);
	kt_close(&c->sinks.kill_evt);
	return ret;
}

void kt_coord_fini(struct kt_coord *c)
{
	kt_assembler_fini(&c->assembler);
	kt_bucket_fini(&c->bucket);
	kt_console_fini(&c->console);
}
