// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output of processes: pipes in, frames out.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "relay.h"

#define CHUNK_BYTES	4096
#define CHUNKS_AT_ONCE	16	/* then others get their turn */
#define CLOSE_ROUNDS	64	/* of pumping, for what is left at the end */

int kt_relay_open(struct kt_relay *r, u32 tag, int *write_fd)
{
	int fds[2];

	r->fd = -1;
	r->tag = tag;
	r->sent_bytes = 0;
	r->dropped_bytes = 0;
	r->tail_len = 0;
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	kt_set_nonblock(fds[0], true);
	r->fd = fds[0];
	*write_fd = fds[1];
	return 0;
}

static void keep(struct kt_relay *r, const char *data, size_t len)
{
	if (r->tail_len + len > KT_RELAY_TAIL_BYTES) {
		size_t out = r->tail_len + len - KT_RELAY_TAIL_BYTES;

		memmove(r->tail, r->tail + out, r->tail_len - out);
		r->tail_len -= out;
	}
	memcpy(r->tail + r->tail_len, data, len);
	r->tail_len += len;
	r->tail[r->tail_len] = '\0';
}

void kt_relay_pump(struct kt_relay *r, struct kt_port *port)
{
	char buf[CHUNK_BYTES];
	int i;

	for (i = 0; i < CHUNKS_AT_ONCE && r->fd >= 0; i++) {
		ssize_t n = read(r->fd, buf, sizeof(buf));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			kt_close(&r->fd);
			return;
		}
		keep(r, buf, n);
		if (r->sent_bytes < KT_RELAY_BUDGET_BYTES) {
			kt_port_send(port, r->tag, buf, n);
			r->sent_bytes += n;
		} else {
			r->dropped_bytes += n;
		}
	}
}

void kt_relay_close(struct kt_relay *r, struct kt_port *port)
{
	char note[80];
	int i;

	for (i = 0; i < CLOSE_ROUNDS && r->fd >= 0 &&
	     kt_wait_readable(r->fd, 0) > 0; i++)
		kt_relay_pump(r, port);
	kt_close(&r->fd);
	if (!r->dropped_bytes)
		return;
	snprintf(note, sizeof(note), "\n[%llu bytes left out, the end follows]\n",
		 (unsigned long long)r->dropped_bytes);
	kt_port_send(port, r->tag, note, strlen(note));
	kt_port_send(port, r->tag, r->tail, r->tail_len);
}

const char *kt_relay_last_line(const struct kt_relay *r, char *buf,
			       size_t size)
{
	size_t end = r->tail_len, start;

	while (end && (r->tail[end - 1] == '\n' || r->tail[end - 1] == ' '))
		end--;
	start = end;
	while (start && r->tail[start - 1] != '\n')
		start--;
	snprintf(buf, size, "%.*s", (int)(end - start), r->tail + start);
	return buf;
}
