// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pipe to the scheduler's statistics socket. Bytes pass as they are; their
 * lines are counted, for the one answer that each of them gets.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/fd.h"
#include "stats.h"

#define GIVE_UP_MS	2000

void kt_guest_stats_init(struct kt_guest_stats *s, int port_fd,
			 const char *path)
{
	memset(s, 0, sizeof(*s));
	s->path = path;
	s->port_fd = port_fd < 0 ? -1 : port_fd;
	s->sock_fd = -1;
}

void kt_guest_stats_fini(struct kt_guest_stats *s)
{
	kt_close(&s->port_fd);
	kt_close(&s->sock_fd);
}

static size_t waiting(const struct kt_guest_stats_buf *b)
{
	return b->tail - b->head;
}

static size_t room(const struct kt_guest_stats_buf *b)
{
	return sizeof(b->data) - waiting(b);
}

/* Where @room() bytes can be put. */
static u8 *space(struct kt_guest_stats_buf *b)
{
	memmove(b->data, b->data + b->head, waiting(b));
	b->tail = waiting(b);
	b->head = 0;
	return b->data + b->tail;
}

static void put(struct kt_guest_stats_buf *b, const char *text)
{
	size_t len = strlen(text);

	memcpy(space(b), text, len);
	b->tail += len;
}

static u64 nr_lines(const u8 *data, size_t len)
{
	const u8 *end = data + len, *p;
	u64 nr = 0;

	for (p = data; (p = memchr(p, '\n', end - p)); p++)
		nr++;
	return nr;
}

static bool would_block(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void owe(struct kt_guest_stats *s, u64 nr_answers, int err,
		const char *what, const char *path)
{
	s->owed += nr_answers;
	snprintf(s->error, sizeof(s->error),
		 "{\"errno\":%d,\"args\":{\"resp\":\"%s%.100s\"}}\n", err, what,
		 path);
}

/* An answer that broke off is ended; those that did not come are owed. */
static void close_sched(struct kt_guest_stats *s)
{
	kt_close(&s->sock_fd);
	if (s->in_answer) {
		put(&s->to_host, "\n");
		s->unanswered -= !!s->unanswered;
	}
	owe(s, s->unanswered, ECONNRESET,
	    "the scheduler closed its statistics socket", "");
	s->skip_line = s->in_line;
	s->in_line = false;
	s->in_answer = false;
	s->unanswered = 0;
}

static void take_requests(struct kt_guest_stats *s)
{
	struct kt_guest_stats_buf *b = &s->to_sched;
	struct pollfd pfd = { .fd = s->port_fd };
	ssize_t n;

	s->hung_up = poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLHUP | POLLERR);
	if (!room(b))
		return;
	n = read(s->port_fd, space(b), room(b));
	if (n > 0)
		b->tail += n;
	else if (!n)
		s->hung_up = true;
	else if (!would_block(n))
		kt_close(&s->port_fd);
}

/* What is left of a line whose start a scheduler took along when it ended. */
static void skip_rest(struct kt_guest_stats *s)
{
	struct kt_guest_stats_buf *b = &s->to_sched;
	u8 *end;

	if (!s->skip_line)
		return;
	end = memchr(b->data + b->head, '\n', waiting(b));
	if (!end) {
		b->head = b->tail;
		return;
	}
	b->head = end + 1 - b->data;
	s->skip_line = false;
	s->owed++;
}

/* No socket for so long: answers for all lines; the start of one may stay. */
static void give_up(struct kt_guest_stats *s)
{
	struct kt_guest_stats_buf *b = &s->to_sched;
	u8 *last = memrchr(b->data + b->head, '\n', waiting(b));

	owe(s, nr_lines(b->data + b->head, waiting(b)), ENOENT,
	    "no statistics socket at ", s->path);
	if (last)
		b->head = last + 1 - b->data;
	if (!room(b)) {
		b->head = b->tail;
		s->skip_line = true;
	}
	s->give_up_ns = 0;
}

static int open_socket(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		kt_close(&fd);
	return fd;
}

static void connect_sched(struct kt_guest_stats *s, u64 now_ns)
{
	if (s->sock_fd >= 0 || !waiting(&s->to_sched))
		return;
	s->sock_fd = open_socket(s->path);
	if (s->sock_fd >= 0)
		s->give_up_ns = 0;
	else if (!s->give_up_ns)
		s->give_up_ns = now_ns + GIVE_UP_MS * KT_NSEC_PER_MSEC;
	else if (now_ns >= s->give_up_ns)
		give_up(s);
}

static void to_sched(struct kt_guest_stats *s)
{
	struct kt_guest_stats_buf *b = &s->to_sched;
	ssize_t n;

	if (s->sock_fd < 0 || !waiting(b))
		return;
	n = send(s->sock_fd, b->data + b->head, waiting(b),
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		s->unanswered += nr_lines(b->data + b->head, n);
		s->in_line = b->data[b->head + n - 1] != '\n';
		b->head += n;
	} else if (!would_block(n)) {
		close_sched(s);
	}
}

/* A byte is left free, to end an answer that breaks off. */
static bool room_for_answer(const struct kt_guest_stats *s)
{
	return !s->owed && room(&s->to_host) > 1;
}

static void from_sched(struct kt_guest_stats *s)
{
	struct kt_guest_stats_buf *b = &s->to_host;
	ssize_t n;
	u8 *data;

	if (s->sock_fd < 0 || !room_for_answer(s))
		return;
	data = space(b);
	n = recv(s->sock_fd, data, room(b) - 1, MSG_DONTWAIT);
	if (n > 0) {
		b->tail += n;
		s->unanswered -= min_t(u64, s->unanswered, nr_lines(data, n));
		s->in_answer = data[n - 1] != '\n';
	} else if (!would_block(n)) {
		close_sched(s);
	}
}

static void to_host(struct kt_guest_stats *s)
{
	struct kt_guest_stats_buf *b = &s->to_host;
	ssize_t n;

	while (s->owed && room(b) > strlen(s->error)) {
		put(b, s->error);
		s->owed--;
	}
	if (s->port_fd < 0 || !waiting(b))
		return;
	n = write(s->port_fd, b->data + b->head, waiting(b));
	if (n > 0)
		b->head += n;
	else if (!would_block(n))
		kt_close(&s->port_fd);
}

void kt_guest_stats_fds(const struct kt_guest_stats *s,
			struct pollfd fds[KT_GUEST_STATS_FDS])
{
	struct pollfd *port = &fds[0], *sock = &fds[1];

	port->events = (room(&s->to_sched) ? POLLIN : 0) |
		       (waiting(&s->to_host) ? POLLOUT : 0);
	sock->events = (room_for_answer(s) ? POLLIN : 0) |
		       (waiting(&s->to_sched) ? POLLOUT : 0);
	/* a hangup wakes poll() whatever the events */
	port->fd = s->hung_up || !port->events ? -1 : s->port_fd;
	sock->fd = sock->events ? s->sock_fd : -1;
}

void kt_guest_stats_pump(struct kt_guest_stats *s, u64 now_ns)
{
	if (s->port_fd < 0)
		return;
	take_requests(s);
	skip_rest(s);
	connect_sched(s, now_ns);
	to_sched(s);
	from_sched(s);
	to_host(s);
}
