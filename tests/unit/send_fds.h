/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: bytes with descriptors over a UNIX socket, as many as a test wants
 * to send.
 */
#ifndef KTSTR_TESTS_UNIT_SEND_FDS_H
#define KTSTR_TESTS_UNIT_SEND_FDS_H

#include <assert.h>
#include <sys/socket.h>

#include "ktstr/base/types.h"

#define SEND_FDS_MAX	16

/* @flags are sendmsg()'s, whose result it returns. */
static inline ssize_t send_fds(int sock, const void *data, size_t len,
			       const int *fds, u32 nr, int flags)
{
	char control[CMSG_SPACE(SEND_FDS_MAX * sizeof(int))] = {};
	struct iovec iov = { (void *)data, len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	assert(nr <= SEND_FDS_MAX);
	if (nr) {
		h.msg_control = control;
		h.msg_controllen = CMSG_SPACE(nr * sizeof(int));
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nr * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nr * sizeof(int));
	}
	return sendmsg(sock, &h, flags | MSG_NOSIGNAL);
}

#endif /* KTSTR_TESTS_UNIT_SEND_FDS_H */
