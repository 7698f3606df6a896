/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test's process asks init for: another scheduler. Over the socket of
 * the frames, with tags that the host never sees.
 */
#ifndef KTSTR_GUEST_TEST_SCHED_H
#define KTSTR_GUEST_TEST_SCHED_H

#include "ktstr/include/ktstr.h"
#include "test_frame.h"

#define KT_TEST_SCHED_REQ	0x54535251	/* "TSRQ" */
#define KT_TEST_SCHED_REPLY	0x54535250	/* "TSRP" */

/* Which scheduler: the run's own, or one of the case's .scheds from 1 on. */
struct kt_test_sched_req {
	u32 kind;		/* KTSTR_OP_ATTACH_SCHED, DETACH, REPLACE */
	u32 index;
};

struct kt_test_sched_reply {
	s32 err;		/* -errno, 0: done */
	char why[256];
};

/* A request that is in order, for @test; -EPROTO. */
int kt_test_sched_decode(struct kt_test_sched_req *req,
			 const struct ktstr_test *test,
			 const struct kt_test_frame *frame);

/* Of @test's; NULL for the run's own that the case does not declare. */
const struct ktstr_sched *kt_test_sched_get(const struct ktstr_test *test,
					    u32 index);

/* Which one @sched is. -ENOENT when the case names it nowhere. */
int kt_test_sched_find(const struct ktstr_test *test,
		       const struct ktstr_sched *sched, u32 *index);

/* In the test's process: asks, and waits for the answer. */
int kt_test_sched_ask(int fd, const struct kt_test_sched_req *req,
		      u64 deadline_ns, char *why, size_t why_size);

#endif /* KTSTR_GUEST_TEST_SCHED_H */
