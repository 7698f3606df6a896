// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking init for another scheduler. Both sides are one program: schedulers go
 * by their place in the case's record.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/strbuf.h"
#include "test_sched.h"

static u32 nr_scheds(const struct ktstr_test *test)
{
	u32 nr = 0;

	while (test->scheds && test->scheds[nr])
		nr++;
	return nr;
}

const struct ktstr_sched *kt_test_sched_get(const struct ktstr_test *test,
					    u32 index)
{
	return index ? test->scheds[index - 1] : test->sched;
}

int kt_test_sched_find(const struct ktstr_test *test,
		       const struct ktstr_sched *sched, u32 *index)
{
	u32 i;

	*index = 0;
	if (sched == test->sched)
		return 0;
	for (i = 0; i < nr_scheds(test); i++) {
		if (test->scheds[i] != sched)
			continue;
		*index = i + 1;
		return 0;
	}
	return -ENOENT;
}

int kt_test_sched_decode(struct kt_test_sched_req *req,
			 const struct ktstr_test *test,
			 const struct kt_test_frame *frame)
{
	if (frame->len_bytes != sizeof(*req))
		return -EPROTO;
	memcpy(req, frame->payload, sizeof(*req));
	if (req->index > nr_scheds(test))
		return -EPROTO;
	switch (req->kind) {
	case KTSTR_OP_ATTACH_SCHED:
	case KTSTR_OP_DETACH_SCHED:
	case KTSTR_OP_REPLACE_SCHED:
		return 0;
	}
	return -EPROTO;
}

/* What else comes is an answer that nobody waits for any more. */
static int take_reply(int fd, struct kt_test_sched_reply *reply,
		      u64 deadline_ns)
{
	struct kt_test_frame frame;
	int ret;

	do {
		ret = kt_wait_readable(fd, deadline_ns);
		if (ret > 0)
			ret = kt_test_frame_recv(fd, &frame);
		if (ret < 0 && ret != -EPROTO)
			return ret;
		if (ret <= 0 || frame.tag != KT_TEST_SCHED_REPLY ||
		    frame.len_bytes != sizeof(*reply))
			continue;
		memcpy(reply, frame.payload, sizeof(*reply));
		reply->why[sizeof(reply->why) - 1] = '\0';
		return 0;
	} while (kt_now_ns() < deadline_ns);
	return -ETIMEDOUT;
}

int kt_test_sched_ask(int fd, const struct kt_test_sched_req *req,
		      u64 deadline_ns, char *why, size_t why_size)
{
	struct kt_test_sched_reply reply;
	int ret;

	ret = kt_test_frame_send(fd, KT_TEST_SCHED_REQ, req, sizeof(*req), 0);
	if (!ret)
		ret = take_reply(fd, &reply, deadline_ns);
	if (ret) {
		snprintf(why, why_size, "no answer from init: %s",
			 strerror(-ret));
		return ret;
	}
	kt_utf8_copy(why, why_size, reply.why);
	return reply.err;
}
