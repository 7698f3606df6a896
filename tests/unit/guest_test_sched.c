// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking init for a scheduler: which one is meant, what is believed, and the
 * answer over a real socket.
 */
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/guest/test_sched.h"

static const struct ktstr_sched own = { .name = "own" };
static const struct ktstr_sched first = { .name = "first" };
static const struct ktstr_sched second = { .name = "second" };
static const struct ktstr_sched other = { .name = "other" };

static const struct ktstr_test some = {
	.sched = &own, .scheds = KTSTR_SCHEDS(&first, &second),
};

TEST(places)
{
	static const struct ktstr_test bare = {};
	u32 index;

	EXPECT_EQ(0, kt_test_sched_find(&some, &own, &index));
	EXPECT_EQ(0, index);
	EXPECT_EQ(0, kt_test_sched_find(&some, &second, &index));
	EXPECT_EQ(2, index);
	EXPECT_EQ(&second, kt_test_sched_get(&some, 2));
	EXPECT_EQ(&own, kt_test_sched_get(&some, 0));
	EXPECT_EQ(-ENOENT, kt_test_sched_find(&some, &other, &index));
	EXPECT_EQ(-ENOENT, kt_test_sched_find(&bare, &own, &index));
	EXPECT_EQ(NULL, kt_test_sched_get(&bare, 0));
}

static int decode(u32 kind, u32 index, u32 len_bytes)
{
	struct kt_test_sched_req req = { kind, index };
	struct kt_test_frame frame = { .len_bytes = len_bytes };

	memcpy(frame.payload, &req, sizeof(req));
	return kt_test_sched_decode(&req, &some, &frame);
}

TEST(requests)
{
	EXPECT_EQ(0, decode(KTSTR_OP_ATTACH_SCHED, 2, 8));
	EXPECT_EQ(0, decode(KTSTR_OP_DETACH_SCHED, 0, 8));
	EXPECT_EQ(0, decode(KTSTR_OP_REPLACE_SCHED, 0, 8));
	EXPECT_EQ(-EPROTO, decode(KTSTR_OP_REPLACE_SCHED, 3, 8));
	EXPECT_EQ(-EPROTO, decode(KTSTR_OP_CAPTURE, 0, 8));
	EXPECT_EQ(-EPROTO, decode(0, 0, 8));
	EXPECT_EQ(-EPROTO, decode(KTSTR_OP_ATTACH_SCHED, 0, 7));
}

FIXTURE(ask)
{
	int fds[2];
	char why[64];
};

FIXTURE_SETUP(ask)
{
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, self->fds));
}

FIXTURE_TEARDOWN(ask)
{
	close(self->fds[0]);
	close(self->fds[1]);
}

static const struct kt_test_sched_req detach = { KTSTR_OP_DETACH_SCHED, 0 };

TEST_F(ask, an_answer)
{
	struct kt_test_sched_reply reply = { -EBUSY, "it lives" };

	/* a late answer of the host comes first */
	kt_test_frame_send(self->fds[1], KT_TAG_SNAPSHOT_REPLY, NULL, 0, 0);
	kt_test_frame_send(self->fds[1], KT_TEST_SCHED_REPLY, &reply,
			   sizeof(reply), 0);
	EXPECT_EQ(-EBUSY, kt_test_sched_ask(self->fds[0], &detach,
					    kt_now_ns() + KT_NSEC_PER_SEC * 20,
					    self->why, sizeof(self->why)));
	EXPECT_STREQ("it lives", self->why);
}

TEST_F(ask, no_answer)
{
	EXPECT_EQ(-ETIMEDOUT, kt_test_sched_ask(self->fds[0], &detach,
						kt_now_ns(), self->why,
						sizeof(self->why)));
	EXPECT_STREQ("no answer from init: Connection timed out", self->why);
	shutdown(self->fds[1], SHUT_RDWR);
	EXPECT_EQ(-EPIPE, kt_test_sched_ask(self->fds[0], &detach,
					    kt_now_ns() + KT_NSEC_PER_SEC * 20,
					    self->why, sizeof(self->why)));
}

TEST_HARNESS_MAIN
