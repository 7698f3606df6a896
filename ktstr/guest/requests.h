/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test's process asks of the host, and the answers. All requests of
 * one call are in flight at once; each answer is matched by its id. Ids are
 * used once in a run, so an answer to a call that has given up is told from
 * one to the call that waits.
 */
#ifndef KTSTR_GUEST_REQUESTS_H
#define KTSTR_GUEST_REQUESTS_H

#include "ktstr/include/ktstr.h"
#include "test_frame.h"

#define KT_MAX_REQUESTS	KTSTR_MAX_KERNEL_OPS	/* of one call */

struct kt_requests {
	u32 last_id;		/* given out in this run */
	u32 nr;			/* of this call */
	u32 waiting;		/* of those, without an answer */
	u32 ids[KT_MAX_REQUESTS];	/* 0: answered */
	u64 stale;		/* answers that no request waited for */
};

struct kt_reply {
	u32 tag;		/* KT_TAG_KERNEL_OP_REPLY, KT_TAG_SNAPSHOT_REPLY */
	u32 request_id;
	union {
		struct kt_kernel_op_reply op;
		struct kt_snapshot_reply snapshot;
	};
};

/* A new call: what the one before still waits for is given up. */
void kt_requests_begin(struct kt_requests *r);

/* The id of one more request, never 0; at most KT_MAX_REQUESTS in a call. */
u32 kt_requests_add(struct kt_requests *r);

/* Which request of this call is answered, once each; else -ENOENT. */
int kt_requests_match(struct kt_requests *r, u32 request_id);

/* Decodes an answer of either kind. -EPROTO. */
int kt_reply_decode(struct kt_reply *reply, u32 tag, const void *payload,
		    size_t len_bytes);

/* As kt_test_frame_send(), but waits for room. -ETIMEDOUT. */
int kt_requests_send(int fd, u32 tag, const void *payload, size_t len_bytes,
		     u64 deadline_ns);

/*
 * Waits for an answer of kind @tag to any request of this call: its number,
 * from 0 in the order of kt_requests_add(). -ETIMEDOUT, -EPIPE.
 */
int kt_requests_wait(struct kt_requests *r, int fd, u32 tag,
		     struct kt_reply *reply, u64 deadline_ns);

#endif /* KTSTR_GUEST_REQUESTS_H */
