// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames to a guest whose port takes them slowly, or not at all.
 */
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/coord/outbox.h"
#include "ktstr/wire/frame.h"

FIXTURE(outbox)
{
	struct kt_outbox o;
	int ours, theirs;
};

FIXTURE_SETUP(outbox)
{
	int sv[2], size = 4096;

	memset(&self->o, 0, sizeof(self->o));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	self->ours = sv[0];
	self->theirs = sv[1];
	ASSERT_EQ(0, kt_set_nonblock(self->ours, true));
	ASSERT_EQ(0, kt_set_nonblock(self->theirs, true));
	setsockopt(self->ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	signal(SIGPIPE, SIG_IGN);
}

FIXTURE_TEARDOWN(outbox)
{
	kt_outbox_fini(&self->o);
	kt_close(&self->ours);
	kt_close(&self->theirs);
}

/* Reads what there is into @a; how many frames came, each a u32, counted up. */
static u32 receive(int fd, struct kt_assembler *a, u32 next)
{
	struct kt_frame f;
	u32 nr = 0, value;
	u8 buf[700];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (kt_assembler_feed(a, buf, n))
			return 0;
		while (kt_assembler_next(a, &f)) {
			if (!f.crc_ok || f.len_bytes < sizeof(value))
				return 0;
			memcpy(&value, f.payload, sizeof(value));
			if (value != next + nr)
				return 0;
			nr++;
		}
	}
	return nr;
}

TEST_F(outbox, frames_come_whole_and_in_order)
{
	struct kt_assembler a;
	u32 i, got = 0;

	kt_assembler_init(&a);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, kt_outbox_add(&self->o, 'A', &i, sizeof(i)));
	EXPECT_FALSE(kt_outbox_empty(&self->o));
	ASSERT_EQ(0, kt_outbox_flush(&self->o, self->ours));
	EXPECT_TRUE(kt_outbox_empty(&self->o));
	got = receive(self->theirs, &a, 0);
	EXPECT_EQ(20, got);
	kt_assembler_fini(&a);
}

/* Nothing waits, nothing is lost, however slowly the guest reads. */
TEST_F(outbox, a_slow_port)
{
	u8 payload[1000] = {};
	struct kt_assembler a;
	u32 sent = 0, got = 0, turns = 0;
	int ret;

	kt_assembler_init(&a);
	while (sent < 2000 && turns++ < 100000) {
		memcpy(payload, &sent, sizeof(sent));
		ret = kt_outbox_add(&self->o, 'A', payload, sizeof(payload));
		if (!ret)
			sent++;
		else
			ASSERT_EQ(-ENOBUFS, ret);
		ASSERT_EQ(0, kt_outbox_flush(&self->o, self->ours));
		if (ret)
			got += receive(self->theirs, &a, got);
	}
	while (got < sent && turns++ < 100000) {
		ASSERT_EQ(0, kt_outbox_flush(&self->o, self->ours));
		got += receive(self->theirs, &a, got);
	}
	EXPECT_EQ(2000, sent);
	EXPECT_EQ(sent, got);
	EXPECT_LT(0, self->o.refused);
	kt_assembler_fini(&a);
}

TEST_F(outbox, what_never_fits)
{
	static u8 big[KT_OUTBOX_MAX_BYTES];

	EXPECT_EQ(-ENOBUFS, kt_outbox_add(&self->o, 'A', big, sizeof(big)));
	EXPECT_EQ(1, self->o.refused);
	EXPECT_EQ(0, kt_outbox_add(&self->o, 'A', big, sizeof(big) -
				   sizeof(struct kt_frame_hdr)));
	EXPECT_EQ(-ENOBUFS, kt_outbox_add(&self->o, 'A', "", 0));
	EXPECT_EQ(-EMSGSIZE, kt_outbox_add(&self->o, 'A', big,
					   KT_FRAME_MAX_PAYLOAD + 1));
}

TEST_F(outbox, a_port_that_broke)
{
	kt_close(&self->theirs);
	ASSERT_EQ(0, kt_outbox_add(&self->o, 'A', "x", 1));
	EXPECT_EQ(-EPIPE, kt_outbox_flush(&self->o, self->ours));
}

TEST_HARNESS_MAIN
