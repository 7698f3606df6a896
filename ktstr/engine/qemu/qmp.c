// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QMP client: one JSON object a line, read with jansson.
 */
#include <jansson.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../base/strbuf.h"
#include "qmp.h"

#define POLL_READS	64	/* a flood is not read to its end */

/* Takes the first whole line out of the buffer and parses it. */
static json_t *take_line(struct kt_qmp *q)
{
	char *end = memchr(q->buf, '\n', q->len_bytes);
	json_t *obj;
	size_t len;

	if (!end)
		return NULL;
	len = end - q->buf;
	obj = json_loadb(q->buf, len, 0, NULL);
	q->len_bytes -= len + 1;
	memmove(q->buf, end + 1, q->len_bytes);
	return obj ? obj : json_null();
}

/* 1 when something was read, 0 at the deadline or end of file, -errno. */
static int fill(struct kt_qmp *q, u64 deadline_ns)
{
	ssize_t n;
	int ret;

	if (q->len_bytes == sizeof(q->buf))
		return -EMSGSIZE;
	ret = kt_wait_readable(q->fd, deadline_ns);
	if (ret <= 0)
		return ret;
	n = read(q->fd, q->buf + q->len_bytes, sizeof(q->buf) - q->len_bytes);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	if (!n) {
		q->eof = true;
		return 0;
	}
	q->len_bytes += n;
	return 1;
}

static void note_event(struct kt_qmp *q, json_t *obj, const char *event)
{
	const char *reason;

	if (strcmp(event, "SHUTDOWN"))
		return;
	reason = json_string_value(json_object_get(json_object_get(obj, "data"),
						   "reason"));
	q->shutdown = true;
	kt_utf8_copy(q->reason, sizeof(q->reason), reason ? reason : "");
}

/* Not the late reply to a command that was given up. */
static bool is_ours(const struct kt_qmp *q, json_t *obj)
{
	json_t *id = json_object_get(obj, "id");

	return !id || json_integer_value(id) == q->last_id;
}

/*
 * Reads on until an object with @key ("QMP", "return") or "error" comes;
 * events are noted on the way. However much comes, it ends at the deadline.
 * *@value (NULL: not wanted) is the caller's.
 */
static int await(struct kt_qmp *q, const char *key, const char *what,
		 u64 deadline_ns, json_t **value)
{
	bool late = false;

	for (;;) {
		json_t *obj = take_line(q), *error;
		const char *event, *desc;
		int ret;

		if (!obj) {
			ret = late ? 0 : fill(q, deadline_ns);
			late = kt_now_ns() >= deadline_ns;
			if (ret > 0)
				continue;
			if (!ret)
				ret = q->eof ? -EPIPE : -ETIMEDOUT;
			return ret;
		}
		event = json_string_value(json_object_get(obj, "event"));
		if (event)
			note_event(q, obj, event);
		ret = is_ours(q, obj) && json_object_get(obj, key) ? 0 : 1;
		error = json_object_get(obj, "error");
		desc = json_string_value(json_object_get(error, "desc"));
		if (error && is_ours(q, obj))
			ret = kt_err(-EPROTO, "QEMU refused \"%s\": %s", what,
				     desc ? desc : "no reason given");
		if (!ret && value)
			*value = json_incref(json_object_get(obj, key));
		json_decref(obj);
		if (ret <= 0)
			return ret;
	}
}

int kt_qmp_open(struct kt_qmp *q, int fd, u64 deadline_ns)
{
	int ret;

	memset(q, 0, sizeof(*q));
	q->fd = fd;
	ret = await(q, "QMP", "greeting", deadline_ns, NULL);
	if (!ret)
		ret = kt_qmp_cmd(q, "qmp_capabilities", deadline_ns);
	return ret;
}

void kt_qmp_close(struct kt_qmp *q)
{
	kt_close(&q->fd);
}

int kt_qmp_send(struct kt_qmp *q, const char *command, const char *arguments,
		u64 deadline_ns)
{
	char line[512];
	int len;

	/* no end of line: QEMU goes by the brace, and left it unread till later */
	len = snprintf(line, sizeof(line),
		       "{\"execute\":\"%s\",%s%s%s\"id\":%u}", command,
		       *arguments ? "\"arguments\":{" : "", arguments,
		       *arguments ? "}," : "", ++q->last_id);
	if ((size_t)len >= sizeof(line))
		return -E2BIG;
	return kt_write_all(q->fd, line, len, deadline_ns);
}

int kt_qmp_await(struct kt_qmp *q, const char *command, u64 deadline_ns)
{
	return await(q, "return", command, deadline_ns, NULL);
}

int kt_qmp_ask(struct kt_qmp *q, const char *command, const char *arguments,
	       json_t **value, u64 deadline_ns)
{
	int ret = kt_qmp_send(q, command, arguments, deadline_ns);

	return ret ? ret : await(q, "return", command, deadline_ns, value);
}

int kt_qmp_cmd(struct kt_qmp *q, const char *command, u64 deadline_ns)
{
	return kt_qmp_ask(q, command, "", NULL, deadline_ns);
}

/* It comes with the command's first byte; the line is short enough for one. */
static int send_with_fd(int sock, const char *line, size_t len_bytes, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	struct iovec iov = { (char *)line, len_bytes };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	if (n < 0)
		return -errno;
	return (size_t)n == len_bytes ? 0 : -EMSGSIZE;
}

int kt_qmp_give_fd(struct kt_qmp *q, const char *name, int fd, u64 deadline_ns)
{
	char line[128];
	int len, ret;

	len = snprintf(line, sizeof(line),
		       "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"%s\"},\"id\":%u}",
		       name, ++q->last_id);
	if ((size_t)len >= sizeof(line))
		return -E2BIG;
	ret = send_with_fd(q->fd, line, len, fd);
	if (!ret)
		ret = await(q, "return", "getfd", deadline_ns, NULL);
	return ret;
}

int kt_qmp_hmp(struct kt_qmp *q, const char *command, u32 vcpu, char *text,
	       size_t size, u64 deadline_ns)
{
	json_t *value = NULL;
	char line[256];
	int len, ret;

	len = snprintf(line, sizeof(line),
		       "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"%s\",\"cpu-index\":%u},\"id\":%u}",
		       command, vcpu, ++q->last_id);
	ret = kt_write_all(q->fd, line, len, deadline_ns);
	if (!ret)
		ret = await(q, "return", command, deadline_ns, &value);
	if (!ret && !json_is_string(value))
		ret = -EPROTO;
	if (!ret && (size_t)snprintf(text, size, "%s",
				     json_string_value(value)) >= size)
		ret = -EMSGSIZE;
	json_decref(value);
	return ret;
}

void kt_qmp_poll(struct kt_qmp *q)
{
	int reads = POLL_READS;

	do {
		json_t *obj;

		while ((obj = take_line(q))) {
			const char *event;

			event = json_string_value(json_object_get(obj, "event"));
			if (event)
				note_event(q, obj, event);
			json_decref(obj);
		}
	} while (!q->eof && reads-- > 0 && fill(q, 0) > 0);
}
