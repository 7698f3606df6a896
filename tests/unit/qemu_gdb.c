// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gdb stub's client, and the slots over it, against a stub that answers
 * well, late, wrongly, too much or not at all.
 */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/qemu/watch.h"
#include "nr_fds.h"

#define LONG_NS		(20 * KT_NSEC_PER_SEC)
#define OK		"+$OK#9a"
#define REFUSED		"+$E22#a9"
#define PAUSED		"$T02thread:01;#04"
#define FIRED		"$T05thread:02;watch:ffffffff81e07a00;#ba"
#define BROKE		"$T05thread:01;#07"
#define FIRED_GVA	0xffffffff81e07a00

FIXTURE(gdb)
{
	struct kt_qemu_watch w;
	int peer, fds_before;
};

FIXTURE_SETUP(gdb)
{
	int sv[2];

	signal(SIGPIPE, SIG_IGN);
	self->fds_before = nr_fds();
	memset(&self->w, 0, sizeof(self->w));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	ASSERT_EQ(0, kt_set_nonblock(sv[0], true));
	kt_gdb_open(&self->w.gdb, sv[0]);
	self->peer = sv[1];
}

FIXTURE_TEARDOWN(gdb)
{
	kt_gdb_close(&self->w.gdb);
	EXPECT_EQ(-1, self->w.gdb.fd);
	kt_close(&self->peer);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static void say(int fd, const char *text)
{
	kt_write_all(fd, text, strlen(text), 0);
}

#define watch(gva, set) \
	kt_gdb_watch(&self->w.gdb, gva, set, kt_now_ns() + LONG_NS)
#define set(slot, gva) \
	kt_qemu_watch_set(&self->w, slot, gva, kt_now_ns() + LONG_NS)
#define clear(slot) \
	kt_qemu_watch_clear(&self->w, slot, kt_now_ns() + LONG_NS)

TEST_F(gdb, what_is_sent)
{
	char buf[128] = "";

	say(self->peer, OK OK);
	EXPECT_EQ(0, watch(FIRED_GVA, true));
	EXPECT_EQ(0, watch(FIRED_GVA, false));
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	EXPECT_STREQ("$Z2,ffffffff81e07a00,4#3e$z2,ffffffff81e07a00,4#5e", buf);
}

TEST_F(gdb, a_refusal)
{
	say(self->peer, REFUSED "+$#00" OK);
	EXPECT_EQ(-EPROTO, watch(1, true));
	EXPECT_EQ(-EPROTO, watch(1, true));	/* it knows no watchpoints */
	EXPECT_EQ(0, watch(1, true));
}

TEST_F(gdb, stops_in_between)
{
	say(self->peer, PAUSED FIRED OK);
	EXPECT_EQ(0, watch(1, true));
	EXPECT_TRUE(self->w.gdb.fired);
	EXPECT_EQ(FIRED_GVA, self->w.gdb.fired_gva);
	EXPECT_EQ(1, self->w.gdb.fired_vcpu);
}

TEST_F(gdb, a_pause_is_no_fire)
{
	say(self->peer, PAUSED "$W00#b7");
	kt_gdb_poll(&self->w.gdb);
	EXPECT_FALSE(self->w.gdb.fired);
}

TEST_F(gdb, a_breakpoint)
{
	u64 soon = kt_now_ns() + LONG_NS;
	char buf[128] = "";

	say(self->peer, PAUSED OK OK BROKE);
	EXPECT_EQ(0, kt_gdb_break(&self->w.gdb, FIRED_GVA, true, soon));
	EXPECT_EQ(0, kt_gdb_break(&self->w.gdb, FIRED_GVA, false, soon));
	EXPECT_FALSE(self->w.gdb.at_break);
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	EXPECT_STREQ("$Z0,ffffffff81e07a00,1#39$z0,ffffffff81e07a00,1#59", buf);
	kt_gdb_poll(&self->w.gdb);
	EXPECT_TRUE(self->w.gdb.at_break);
	EXPECT_FALSE(self->w.gdb.fired);
}

TEST_F(gdb, a_watchpoint_is_no_breakpoint)
{
	say(self->peer, FIRED);
	kt_gdb_poll(&self->w.gdb);
	EXPECT_FALSE(self->w.gdb.at_break);
}

TEST_F(gdb, a_thread_of_a_process)
{
	/* with "multiprocess", as other clients ask for */
	say(self->peer, "$T05thread:p01.0c;watch:ffffffff81e07a00;#ea");
	kt_gdb_poll(&self->w.gdb);
	EXPECT_TRUE(self->w.gdb.fired);
	EXPECT_EQ(11, self->w.gdb.fired_vcpu);
}

TEST_F(gdb, in_pieces)
{
	const char *p;

	for (p = FIRED; *p; p++) {
		kt_gdb_poll(&self->w.gdb);
		EXPECT_FALSE(self->w.gdb.fired);
		kt_write_all(self->peer, p, 1, 0);
	}
	kt_gdb_poll(&self->w.gdb);
	EXPECT_TRUE(self->w.gdb.fired);
}

TEST_F(gdb, what_is_no_fire)
{
	say(self->peer, "$T05thread:02;watch:ffffffff81e07a00;#bb"	/* sum */
	    "$T05thread:00;watch:ffffffff81e07a00;#b8"
	    "$T05watch:ffffffff81e07a00;#6b"
	    "$T05thread:02;rwatch:ffffffff81e07a00;#2c"
	    "$T05thread:02;watch:zzz;#02"
	    "garbage###$$##");
	kt_gdb_poll(&self->w.gdb);
	EXPECT_FALSE(self->w.gdb.fired);
	say(self->peer, "#00" FIRED);
	kt_gdb_poll(&self->w.gdb);
	EXPECT_TRUE(self->w.gdb.fired);
}

TEST_F(gdb, a_packet_without_end)
{
	char flood[3 * KT_GDB_PACKET_MAX];

	memset(flood, 'x', sizeof(flood));
	flood[0] = '$';
	ASSERT_EQ(0, kt_write_all(self->peer, flood, sizeof(flood), 0));
	say(self->peer, FIRED);
	kt_gdb_poll(&self->w.gdb);
	EXPECT_GE(sizeof(self->w.gdb.buf), self->w.gdb.len_bytes);
	EXPECT_TRUE(self->w.gdb.fired);
}

/* A reply that was not waited for is not taken for that of the next one. */
TEST_F(gdb, no_reply)
{
	EXPECT_EQ(-ETIMEDOUT, kt_gdb_watch(&self->w.gdb, 1, true, 0));
	say(self->peer, OK);
	EXPECT_EQ(-EPIPE, watch(1, true));
	say(self->peer, FIRED);
	kt_gdb_poll(&self->w.gdb);
	EXPECT_TRUE(self->w.gdb.fired);
}

TEST_F(gdb, the_peer_ends)
{
	kt_close(&self->peer);
	kt_gdb_poll(&self->w.gdb);
	EXPECT_FALSE(self->w.gdb.fired);
	EXPECT_TRUE(self->w.gdb.eof);
	EXPECT_EQ(-EPIPE, watch(1, true));
}

TEST_F(gdb, slots)
{
	say(self->peer, OK OK);
	EXPECT_EQ(0, set(1, FIRED_GVA));
	EXPECT_EQ(0, set(3, FIRED_GVA));
	EXPECT_EQ(-EINVAL, set(4, FIRED_GVA));
	EXPECT_EQ(-EINVAL, set(2, FIRED_GVA + 2));
	EXPECT_EQ(-EINVAL, set(2, 0));
	say(self->peer, FIRED);
	kt_qemu_watch_poll(&self->w);
	EXPECT_TRUE(self->w.fire.stopped);
	EXPECT_EQ(1u << 1 | 1u << 3, self->w.fire.slots);
	EXPECT_EQ(1, self->w.fire.vcpu);
}

/* The machine stands still all the same, and is to be thawed. */
TEST_F(gdb, cleared_as_it_fires)
{
	say(self->peer, OK FIRED OK);
	EXPECT_EQ(0, set(2, FIRED_GVA));
	EXPECT_EQ(0, clear(2));
	kt_qemu_watch_poll(&self->w);
	EXPECT_TRUE(self->w.fire.stopped);
	EXPECT_EQ(0, self->w.fire.slots);
}

TEST_F(gdb, a_slot_anew)
{
	char buf[256] = "";

	say(self->peer, OK OK OK);
	EXPECT_EQ(0, set(0, 0x1000));
	EXPECT_EQ(0, set(0, 0x2000));
	ASSERT_LT(0, read(self->peer, buf, sizeof(buf) - 1));
	EXPECT_NE(NULL, strstr(buf, "$Z2,1000,4#"));
	EXPECT_NE(NULL, strstr(buf, "$z2,1000,4#"));
	EXPECT_NE(NULL, strstr(buf, "$Z2,2000,4#"));
	EXPECT_EQ(0x2000, self->w.gva[0]);
	say(self->peer, REFUSED);
	EXPECT_EQ(-EPROTO, set(1, 0x3000));
	EXPECT_EQ(0, self->w.gva[1]);
	EXPECT_EQ(0, clear(1));		/* nothing to ask for */
}

TEST_HARNESS_MAIN
