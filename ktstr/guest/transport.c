// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding the virtio port, and whole frames over it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "transport.h"

#define PORTS_DIR	"/sys/class/virtio-ports"
#define RETRY_US	2000
#define SEND_MS		30000
#define HANGUP_MS	2000	/* a template's host may be away for a moment */

/* The device of the port into @path, or -ENOENT while there is none. */
static int find_port(const char *port_name, char *path, size_t size)
{
	char name_path[320], name[64];
	struct dirent *entry;
	int ret = -ENOENT;
	DIR *dir = opendir(PORTS_DIR);

	if (!dir)
		return -ENOENT;
	while (ret && (entry = readdir(dir))) {
		snprintf(name_path, sizeof(name_path), PORTS_DIR "/%s/name",
			 entry->d_name);
		if (kt_read_line(name_path, name, sizeof(name)) ||
		    strcmp(name, port_name))
			continue;
		snprintf(path, size, "/dev/%.200s", entry->d_name);
		ret = 0;
	}
	closedir(dir);
	return ret;
}

int kt_port_open_fd(const char *name)
{
	char path[256];
	int ret = find_port(name, path, sizeof(path));

	if (ret)
		return ret;
	ret = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return ret < 0 ? -errno : ret;
}

static bool hung_up(int fd)
{
	struct pollfd pfd = { .fd = fd };

	return poll(&pfd, 1, 0) > 0 && pfd.revents & (POLLHUP | POLLERR);
}

/* True once the host is there; a hangup ends at no event, hence the retries. */
static bool wait_connected(int fd, u64 deadline_ns)
{
	while (hung_up(fd)) {
		if (kt_now_ns() >= deadline_ns)
			return false;
		usleep(RETRY_US);
	}
	return true;
}

int kt_port_open(struct kt_port *port, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;

	port->dead = true;
	kt_assembler_init(&port->in);
	for (;;) {
		port->fd = kt_port_open_fd(KT_PORT_NAME);
		if (port->fd >= 0)
			break;
		if (kt_now_ns() >= deadline)
			return kt_err(-ENODEV,
				      "no virtio port named " KT_PORT_NAME " after %u ms",
				      timeout_ms);
		usleep(RETRY_US);
	}
	if (!wait_connected(port->fd, deadline))
		return kt_err(-ENOTCONN, "port " KT_PORT_NAME ": no host after %u ms",
			      timeout_ms);
	port->dead = false;
	return 0;
}

static int write_bytes(struct kt_port *port, const void *data,
		       size_t len_bytes, u64 deadline_ns)
{
	const u8 *p = data;

	while (len_bytes) {
		struct pollfd pfd = { .fd = port->fd, .events = POLLOUT };
		ssize_t n = write(port->fd, p, len_bytes);

		if (n > 0) {
			p += n;
			len_bytes -= n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (kt_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		poll(&pfd, 1, 1000);
		if (pfd.revents & (POLLHUP | POLLERR))
			return -EPIPE;
	}
	return 0;
}

/* Appends a frame, or as much of it as there is room for, to the buffer. */
static int put_frame(struct kt_port *port, size_t *used, u32 tag,
		     const void *payload, size_t len_bytes, u32 crc, size_t *put)
{
	struct kt_frame_hdr hdr;
	int ret = kt_frame_encode_hdr_crc(&hdr, tag, len_bytes, crc);

	if (ret)
		return ret;
	memcpy(port->buf + *used, &hdr, sizeof(hdr));
	*used += sizeof(hdr);
	*put = min_t(size_t, len_bytes, sizeof(port->buf) - *used);
	if (*put)
		memcpy(port->buf + *used, payload, *put);
	*used += *put;
	return 0;
}

/* When the frame behind it was sent, by the machine's own clock. */
static int put_time(struct kt_port *port, size_t *used)
{
	u8 now[sizeof(u64)];
	size_t put;
	int len;

	port->stamp_ns = kt_now_ns();
	len = kt_u64_encode(port->stamp_ns, now, sizeof(now));
	return len < 0 ? len : put_frame(port, used, KT_TAG_TIME, now, len,
					 crc32(0, now, len), &put);
}

int kt_port_send(struct kt_port *port, u32 tag, const void *payload,
		 size_t len_bytes)
{
	return kt_port_send_crc(port, tag, payload, len_bytes,
				crc32(0, payload, len_bytes));
}

int kt_port_send_crc(struct kt_port *port, u32 tag, const void *payload,
		     size_t len_bytes, u32 crc)
{
	u64 deadline = kt_now_ns() + SEND_MS * KT_NSEC_PER_MSEC;
	size_t used = 0, put = 0;
	int ret = 0;

	if (port->dead)
		return -EPIPE;
	if (port->stamps)
		ret = put_time(port, &used);
	/* header and payload in one write: one notice to the host, not two */
	if (!ret)
		ret = put_frame(port, &used, tag, payload, len_bytes, crc,
				&put);
	if (ret)
		return ret;
	ret = write_bytes(port, port->buf, used, deadline);
	if (!ret && len_bytes > put)
		ret = write_bytes(port, (const u8 *)payload + put,
				  len_bytes - put, deadline);
	if (ret)
		port->dead = true;
	return ret;
}

int kt_port_send_i32(struct kt_port *port, u32 tag, s32 value)
{
	u8 buf[sizeof(s32)];
	int len = kt_i32_encode(value, buf, sizeof(buf));

	return len < 0 ? len : kt_port_send(port, tag, buf, len);
}

int kt_port_send_lifecycle(struct kt_port *port, enum kt_lifecycle phase,
			   const char *reason)
{
	u8 buf[1 + KT_LIFECYCLE_REASON_MAX];
	int len = kt_lifecycle_encode(phase, reason, buf, sizeof(buf));

	return len < 0 ? len : kt_port_send(port, KT_TAG_LIFECYCLE, buf, len);
}

int kt_port_recv(struct kt_port *port, struct kt_frame *frame)
{
	while (!kt_assembler_next(&port->in, frame)) {
		struct pollfd pfd = { .fd = port->fd, .events = POLLIN };
		ssize_t n;

		if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
			return -errno;
		n = read(port->fd, port->buf, sizeof(port->buf));
		if (n > 0) {
			kt_assembler_feed(&port->in, port->buf, n);
			continue;
		}
		if (!n && !wait_connected(port->fd, kt_now_ns() + HANGUP_MS *
					  KT_NSEC_PER_MSEC))
			return -EPIPE;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return 0;
}

int kt_port_poll(struct kt_port *port, struct kt_frame *frame)
{
	ssize_t n;

	if (kt_assembler_next(&port->in, frame))
		return 1;
	if (port->dead)
		return 0;
	n = read(port->fd, port->buf, sizeof(port->buf));
	if (n > 0)
		kt_assembler_feed(&port->in, port->buf, n);
	return kt_assembler_next(&port->in, frame);
}

void kt_port_close(struct kt_port *port, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	struct pollfd pfd = { .fd = port->fd };

	while (!port->dead && !(pfd.revents & (POLLHUP | POLLERR)) &&
	       kt_now_ns() < deadline)
		poll(&pfd, 1, 100);
	kt_assembler_fini(&port->in);
	kt_close(&port->fd);
	port->dead = true;
}
