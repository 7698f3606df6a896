// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ids of requests, and the wait for their answers.
 */
#include <poll.h>
#include <sys/socket.h>

#include "../base/fd.h"
#include "requests.h"

#define ROOM_POLL_MS	100

void kt_requests_begin(struct kt_requests *r)
{
	r->nr = 0;
	r->waiting = 0;
}

u32 kt_requests_add(struct kt_requests *r)
{
	if (!++r->last_id)
		r->last_id = 1;
	r->ids[r->nr++] = r->last_id;
	r->waiting++;
	return r->last_id;
}

int kt_requests_match(struct kt_requests *r, u32 request_id)
{
	u32 i;

	for (i = 0; i < r->nr; i++) {
		if (!request_id || r->ids[i] != request_id)
			continue;
		r->ids[i] = 0;
		r->waiting--;
		return i;
	}
	r->stale++;
	return -ENOENT;
}

int kt_reply_decode(struct kt_reply *reply, u32 tag, const void *payload,
		    size_t len_bytes)
{
	int ret = -EPROTO;

	reply->tag = tag;
	if (tag == KT_TAG_KERNEL_OP_REPLY) {
		ret = kt_kernel_op_reply_decode(&reply->op, payload, len_bytes);
		reply->request_id = reply->op.request_id;
	} else if (tag == KT_TAG_SNAPSHOT_REPLY) {
		ret = kt_snapshot_reply_decode(&reply->snapshot, payload,
					       len_bytes);
		reply->request_id = reply->snapshot.request_id;
	}
	return ret;
}

int kt_requests_send(int fd, u32 tag, const void *payload, size_t len_bytes,
		     u64 deadline_ns)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int ret;

	for (;;) {
		ret = kt_test_frame_send(fd, tag, payload, len_bytes,
					 MSG_DONTWAIT);
		if (ret != -EAGAIN)
			return ret;
		if (kt_now_ns() >= deadline_ns)
			return -ETIMEDOUT;
		poll(&pfd, 1, ROOM_POLL_MS);
	}
}

int kt_requests_wait(struct kt_requests *r, int fd, u32 tag,
		     struct kt_reply *reply, u64 deadline_ns)
{
	struct kt_test_frame frame;
	int ret;

	do {
		ret = kt_wait_readable(fd, deadline_ns);
		if (ret > 0)
			ret = kt_test_frame_recv(fd, &frame);
		if (!ret)
			continue;
		if (ret < 0 && ret != -EPROTO)
			return ret;
		if (ret == -EPROTO || frame.tag != tag ||
		    kt_reply_decode(reply, tag, frame.payload,
				    frame.len_bytes)) {
			r->stale++;
			continue;
		}
		ret = kt_requests_match(r, reply->request_id);
		if (ret >= 0)
			return ret;
	} while (kt_now_ns() < deadline_ns);
	return -ETIMEDOUT;
}
