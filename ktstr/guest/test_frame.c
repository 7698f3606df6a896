// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of variable length over the socket of the test's process.
 */
#include <sys/socket.h>

#include "test_frame.h"

#define HEAD_BYTES	offsetof(struct kt_test_frame, payload)

int kt_test_frame_send(int fd, u32 tag, const void *payload, size_t len_bytes,
		       int flags)
{
	struct kt_test_frame frame = { .tag = tag, .len_bytes = len_bytes };
	ssize_t n;

	if (len_bytes > sizeof(frame.payload))
		return -EMSGSIZE;
	if (len_bytes)
		memcpy(frame.payload, payload, len_bytes);
	do {
		n = send(fd, &frame, HEAD_BYTES + len_bytes,
			 MSG_NOSIGNAL | flags);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int kt_test_frame_recv(int fd, struct kt_test_frame *frame)
{
	ssize_t n;

	do {
		/* MSG_TRUNC: the message's own length, also of a longer one */
		n = recv(fd, frame, sizeof(*frame), MSG_DONTWAIT | MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (!n)
		return -EPIPE;
	if (n < (ssize_t)HEAD_BYTES || frame->len_bytes != n - HEAD_BYTES ||
	    frame->len_bytes > sizeof(frame->payload))
		return -EPROTO;
	return 1;
}
