// SPDX-License-Identifier: GPL-2.0-only
/*
 * The relay between a client and the port. Lines are counted when the guest
 * gets them, because only those it will answer; answers come in the order of
 * the requests, so those of a client that left are the first to come. There is
 * no new client before the last one's line is ended.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "stats.h"

#define CHUNK_BYTES	4096
/* in one pump, so that a flood starves nothing else of the loop */
#define ROUNDS		64

static size_t pipe_used(const struct kt_stats_pipe *p)
{
	return p->tail - p->head;
}

static size_t pipe_free(const struct kt_stats_pipe *p)
{
	return sizeof(p->buf) - pipe_used(p);
}

static void pipe_add(struct kt_stats_pipe *p, const void *data, size_t len)
{
	if (sizeof(p->buf) - p->tail < len) {
		memmove(p->buf, p->buf + p->head, pipe_used(p));
		p->tail -= p->head;
		p->head = 0;
	}
	memcpy(p->buf + p->tail, data, len);
	p->tail += len;
}

static void pipe_empty(struct kt_stats_pipe *p)
{
	p->head = 0;
	p->tail = 0;
}

static bool would_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* What a request that is not whole takes to be one. */
static void end_line(struct kt_stats *s)
{
	bool open = pipe_used(&s->to_guest) ?
		    s->to_guest.buf[s->to_guest.tail - 1] != '\n' : s->in_line;

	if (open)
		pipe_add(&s->to_guest, "\n", 1);
}

static void client_leaves(struct kt_stats *s)
{
	kt_close(&s->client_fd);
	s->client_eof = false;
	pipe_empty(&s->to_client);
	/* requests that the guest does not know are withdrawn */
	pipe_empty(&s->to_guest);
	if (s->in_line)
		end_line(s);
	s->stale += s->unanswered;
	s->unanswered = 0;
}

static void port_leaves(struct kt_stats *s)
{
	epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, s->port_fd, NULL);
	s->port_gone = true;
	client_leaves(s);
}

static bool can_accept(const struct kt_stats *s)
{
	return s->listen_fd >= 0 && s->client_fd < 0 && !s->port_gone &&
	       !pipe_used(&s->to_guest);
}

static bool take_client(struct kt_stats *s)
{
	struct epoll_event ev = {};

	if (!can_accept(s))
		return false;
	s->client_fd = accept4(s->listen_fd, NULL, NULL,
			       SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (s->client_fd < 0)
		return false;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->client_fd, &ev)) {
		kt_warn("a client of the statistics is turned away: %s",
			strerror(errno));
		kt_close(&s->client_fd);
		return false;
	}
	return true;
}

/* Closed, which is more than to send no more. */
static bool client_hung_up(const struct kt_stats *s)
{
	struct pollfd pfd = { .fd = s->client_fd };

	return poll(&pfd, 1, 0) == 1 && pfd.revents & (POLLHUP | POLLERR);
}

static bool read_client(struct kt_stats *s)
{
	size_t room = pipe_free(&s->to_guest);
	u8 buf[CHUNK_BYTES];
	ssize_t n;

	if (s->client_fd < 0 || s->client_eof || !room)
		return false;
	n = read(s->client_fd, buf, min(sizeof(buf), room));
	if (n > 0) {
		pipe_add(&s->to_guest, buf, n);
		return true;
	}
	if (n < 0 && would_wait())
		return false;
	if (n < 0) {
		client_leaves(s);
		return false;
	}
	s->client_eof = true;
	end_line(s);
	return true;
}

/* These bytes are the guest's now, and it answers every line. */
static void count_requests(struct kt_stats *s, const u8 *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		s->in_line = data[i] != '\n';
		if (s->in_line)
			continue;
		if (s->client_fd >= 0)
			s->unanswered++;
		else
			s->stale++;
	}
}

static bool write_port(struct kt_stats *s)
{
	struct kt_stats_pipe *p = &s->to_guest;
	ssize_t n;

	if (!pipe_used(p) || s->port_gone)
		return false;
	n = write(s->port_fd, p->buf + p->head, pipe_used(p));
	if (n < 0) {
		if (!would_wait())
			port_leaves(s);
		return false;
	}
	count_requests(s, p->buf + p->head, n);
	p->head += n;
	return n > 0;
}

/* Answers to the client that is here; what else comes is dropped. */
static void take_answers(struct kt_stats *s, const u8 *data, size_t len)
{
	while (len) {
		const u8 *nl = memchr(data, '\n', len);
		size_t part = nl ? (size_t)(nl - data) + 1 : len;

		if (s->stale) {
			s->stale -= !!nl;
		} else if (s->unanswered) {
			pipe_add(&s->to_client, data, part);
			s->unanswered -= !!nl;
		}
		data += part;
		len -= part;
	}
}

static bool read_port(struct kt_stats *s)
{
	size_t room = pipe_free(&s->to_client);
	u8 buf[CHUNK_BYTES];
	ssize_t n;

	if (s->port_gone || !room)
		return false;
	n = read(s->port_fd, buf, min(sizeof(buf), room));
	if (n > 0) {
		take_answers(s, buf, n);
		return true;
	}
	if (!n || !would_wait())
		port_leaves(s);
	return false;
}

static bool write_client(struct kt_stats *s)
{
	struct kt_stats_pipe *p = &s->to_client;
	ssize_t n;

	if (s->client_fd < 0 || !pipe_used(p))
		return false;
	n = send(s->client_fd, p->buf + p->head, pipe_used(p), MSG_NOSIGNAL);
	if (n < 0) {
		if (!would_wait())
			client_leaves(s);
		return false;
	}
	p->head += n;
	return n > 0;
}

/* Whether one that sends no more has got all it waited for. */
static bool client_is_done(const struct kt_stats *s)
{
	return s->client_eof && !s->unanswered && !pipe_used(&s->to_guest) &&
	       !pipe_used(&s->to_client);
}

static bool round_of_all(struct kt_stats *s)
{
	bool moved = take_client(s);

	moved |= read_client(s);
	moved |= write_port(s);
	moved |= read_port(s);
	moved |= write_client(s);
	if (s->client_fd >= 0 && (client_is_done(s) || client_hung_up(s))) {
		client_leaves(s);
		moved = true;
	}
	return moved;
}

static void want(struct kt_stats *s, int fd, bool in, bool out)
{
	struct epoll_event ev = {
		.events = (in ? EPOLLIN : 0) | (out ? EPOLLOUT : 0),
	};

	if (fd >= 0)
		epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, fd, &ev);
}

static void set_interest(struct kt_stats *s)
{
	want(s, s->listen_fd, can_accept(s), false);
	want(s, s->client_fd, !s->client_eof && pipe_free(&s->to_guest),
	     pipe_used(&s->to_client));
	if (!s->port_gone)
		want(s, s->port_fd, pipe_free(&s->to_client),
		     pipe_used(&s->to_guest));
}

void kt_stats_pump(struct kt_stats *s)
{
	int i;

	/* without a listener nobody asks, and what is not asked for waits */
	if (s->listen_fd < 0)
		return;
	for (i = 0; i < ROUNDS && round_of_all(s); i++)
		;
	set_interest(s);
}

int kt_stats_init(struct kt_stats *s, int listen_fd, int port_fd)
{
	struct epoll_event ev = {};
	int ret;

	memset(s, 0, sizeof(*s));
	s->listen_fd = listen_fd;
	s->client_fd = -1;
	s->port_fd = port_fd;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0)
		return kt_err(-errno, "epoll: %s", strerror(errno));
	if (listen_fd < 0)
		return 0;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, listen_fd, &ev) ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, port_fd, &ev)) {
		ret = -errno;
		kt_close(&s->epoll_fd);
		return kt_err(ret, "epoll of the statistics: %s",
			      strerror(-ret));
	}
	set_interest(s);
	return 0;
}

void kt_stats_fini(struct kt_stats *s)
{
	/* all zero: it was never initialised */
	if (!s->epoll_fd)
		return;
	kt_close(&s->client_fd);
	kt_close(&s->epoll_fd);
}
