// SPDX-License-Identifier: GPL-2.0-only
/*
 * The statistics server. A request is {"req": NAME, "args": {NAME: TEXT}}, its
 * answer {"errno": NR, "args": {"resp": VALUE}}; an errno goes with a text. Of
 * a client that leaves, what it sent last and did not end is forgotten.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "stats.h"

#define TARGET	"top"		/* whose statistics; there is no other */

static void drop(struct stats_client *c)
{
	close(c->fd);
	free(c->out);
	*c = (struct stats_client){ .fd = -1 };
}

/* The directories above @path. */
static int make_dirs(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	strcpy(dir, path);
	for (slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int listen_at(int fd, const struct sockaddr_un *addr)
{
	if (unlink(addr->sun_path) && errno != ENOENT)
		return -errno;
	if (bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) ||
	    listen(fd, STATS_MAX_CLIENTS))
		return -errno;
	return 0;
}

int stats_open(struct stats_server *s, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int i, ret;

	s->path = path;
	s->listen_fd = -1;
	for (i = 0; i < STATS_MAX_CLIENTS; i++)
		s->clients[i] = (struct stats_client){ .fd = -1 };
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	ret = make_dirs(path);
	if (ret)
		return ret;
	s->listen_fd = socket(AF_UNIX,
			      SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listen_fd < 0)
		return -errno;
	ret = listen_at(s->listen_fd, &addr);
	if (ret) {
		close(s->listen_fd);
		s->listen_fd = -1;
	}
	return ret;
}

void stats_close(struct stats_server *s)
{
	int i;

	if (s->listen_fd < 0)
		return;
	for (i = 0; i < STATS_MAX_CLIENTS; i++)
		if (s->clients[i].fd >= 0)
			drop(&s->clients[i]);
	close(s->listen_fd);
	unlink(s->path);
	s->listen_fd = -1;
}

/* Room for a client; STATS_MAX_CLIENTS when there is none. */
static int free_slot(const struct stats_server *s)
{
	int i;

	for (i = 0; i < STATS_MAX_CLIENTS; i++)
		if (s->clients[i].fd < 0)
			break;
	return i;
}

void stats_fds(const struct stats_server *s, struct pollfd fds[STATS_MAX_FDS])
{
	int i;

	/* without room for them, clients wait to be accepted */
	fds[0].fd = free_slot(s) < STATS_MAX_CLIENTS ? s->listen_fd : -1;
	fds[0].events = POLLIN;
	for (i = 0; i < STATS_MAX_CLIENTS; i++) {
		fds[1 + i].fd = s->clients[i].fd;
		fds[1 + i].events = s->clients[i].out ? POLLOUT : POLLIN;
	}
}

static json_t *all_values(const struct stats_value *values, size_t nr)
{
	json_t *resp = json_object();
	size_t i;

	for (i = 0; i < nr; i++)
		json_object_set_new(resp, values[i].name,
				    json_integer(values[i].value));
	return resp;
}

/* What there is to ask for, for clients that do not know this scheduler. */
static json_t *all_meta(const struct stats_value *values, size_t nr)
{
	json_t *fields = json_object();
	size_t i;

	for (i = 0; i < nr; i++)
		json_object_set_new(fields, values[i].name,
				    json_pack("{s:s, s:s}", "datum", "u64",
					      "desc", values[i].desc));
	return json_pack("{s:{s:s, s:s, s:s, s:o}}", "ktstr", "name", "ktstr",
			 "desc", "the fixture scheduler", "top", "true",
			 "fields", fields);
}

static json_t *refusal(const char *text, const char *what)
{
	return json_sprintf("%s \"%s\"", text, what);
}

/* The answer to @line, whose errno is left in *@err. */
static json_t *respond(const char *line, const struct stats_value *values,
		       size_t nr, int *err)
{
	const char *req = NULL, *target = TARGET;
	json_t *root, *resp = NULL;
	json_error_t why;

	root = json_loads(line, 0, &why);
	*err = EINVAL;
	if (!root)
		return json_sprintf("not a request: %s", why.text);
	if (json_unpack(root, "{s:s, s?{s?s}}", "req", &req, "args", "target",
			&target))
		resp = json_string("not a request: needs \"req\", may have \"args\" of texts");
	else if (!strcmp(req, "stats") && strcmp(target, TARGET))
		resp = refusal("unknown stat target", target);
	else if (strcmp(req, "stats") && strcmp(req, "stats_meta"))
		resp = refusal("unknown command", req);
	else
		*err = 0;
	if (!*err)
		resp = !strcmp(req, "stats") ? all_values(values, nr) :
					       all_meta(values, nr);
	json_decref(root);
	return resp;
}

static void answer(struct stats_client *c, const char *line,
		   const struct stats_value *values, size_t nr)
{
	int err = 0;
	json_t *resp = respond(line, values, nr, &err);
	json_t *root = json_pack("{s:i, s:{s:o}}", "errno", err, "args",
				 "resp", resp ?: json_null());

	c->out = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	if (!c->out) {
		drop(c);
		return;
	}
	c->out_done = 0;
	c->out_len = strlen(c->out);
	c->out[c->out_len++] = '\n';	/* in place of its end */
}

/* The first line of what has come, if it is whole. */
static bool answer_line(struct stats_client *c,
			const struct stats_value *values, size_t nr)
{
	char *end = memchr(c->in, '\n', c->in_len);
	size_t len;

	if (!end)
		return false;
	*end = '\0';
	len = end + 1 - c->in;
	answer(c, c->in, values, nr);
	if (c->fd < 0)
		return false;
	c->in_len -= len;
	memmove(c->in, c->in + len, c->in_len);
	return true;
}

static bool waits(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* True when there is more to do for it. */
static bool send_answer(struct stats_client *c)
{
	ssize_t n;

	n = send(c->fd, c->out + c->out_done, c->out_len - c->out_done,
		 MSG_NOSIGNAL);
	if (n < 0) {
		if (!waits(n))
			drop(c);
		return false;
	}
	c->out_done += n;
	if (c->out_done == c->out_len) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

static bool read_more(struct stats_client *c)
{
	ssize_t n;

	if (c->in_len == sizeof(c->in)) {
		drop(c);
		return false;
	}
	n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
	if (n > 0)
		c->in_len += n;
	else if (!waits(n))
		drop(c);
	return n > 0;
}

static void serve_client(struct stats_client *c,
			 const struct stats_value *values, size_t nr)
{
	int steps;

	/* bounded, for one that never stops asking */
	for (steps = 0; steps < 64 && c->fd >= 0; steps++) {
		if (c->out) {
			if (!send_answer(c))
				break;
		} else if (!answer_line(c, values, nr) && c->fd >= 0) {
			if (!read_more(c))
				break;
		}
	}
}

void stats_serve(struct stats_server *s, const struct stats_value *values,
		 size_t nr)
{
	int i;

	if (s->listen_fd < 0)
		return;
	i = free_slot(s);
	if (i < STATS_MAX_CLIENTS)
		s->clients[i].fd = accept4(s->listen_fd, NULL, NULL,
					   SOCK_CLOEXEC | SOCK_NONBLOCK);
	for (i = 0; i < STATS_MAX_CLIENTS; i++)
		serve_client(&s->clients[i], values, nr);
}
