// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gates, row by row: what each frame does with a good CRC, a bad one and a
 * wrong size, what is kept, and sequences no honest guest sends.
 */
#include <fcntl.h>
#include <sys/eventfd.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/coord/dispatch.h"

#define S	KT_NSEC_PER_SEC

FIXTURE(gates)
{
	struct kt_sinks s;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
};

FIXTURE_SETUP(gates)
{
	keep_log();
	kt_sinks_init(&self->s);
	self->s.kill_evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->s.ready_evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->s.kern_addrs_evt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->s.now_ns = 5 * S;
	self->s.duration_ns = 10 * S;
}

FIXTURE_TEARDOWN(gates)
{
	close(self->s.kill_evt);
	close(self->s.ready_evt);
	close(self->s.kern_addrs_evt);
}

static bool send(struct kt_sinks *s, u32 tag, bool crc_ok, const void *payload,
		 size_t len)
{
	const struct kt_frame f = {
		.msg_type = tag, .len_bytes = len, .payload = payload,
		.crc_ok = crc_ok,
	};

	return kt_dispatch(&f, s);
}

static bool good(struct kt_sinks *s, u32 tag)
{
	return send(s, tag, true, "", 0);
}

static bool bad(struct kt_sinks *s, u32 tag)
{
	return send(s, tag, false, "", 0);
}

/* How often an event fired since the last look. */
static u64 fired(int fd)
{
	u64 n;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

TEST_F(gates, init)
{
	kt_sinks_init(&self->s);
	EXPECT_EQ(-1, self->s.kill_evt);
	EXPECT_EQ(-1, self->s.ready_evt);
	EXPECT_EQ(-1, self->s.kern_addrs_evt);
	EXPECT_FALSE((bool)self->s.kill);
	/* events nobody waits for */
	EXPECT_TRUE(good(&self->s, KT_TAG_SCHED_EXIT));
	EXPECT_FALSE(good(&self->s, KT_TAG_SYS_RDY));
	EXPECT_EQ(0, self->s.warnings);
}

TEST_F(gates, sched_exit)
{
	EXPECT_FALSE(send(&self->s, KT_TAG_SCHED_EXIT, false, "\1\0\0\0", 4));
	EXPECT_FALSE((bool)self->s.kill);
	EXPECT_EQ(0, fired(self->s.kill_evt));
	EXPECT_EQ(1, self->s.warnings);

	EXPECT_TRUE(send(&self->s, KT_TAG_SCHED_EXIT, true, "\1\0\0\0", 4));
	EXPECT_TRUE((bool)self->s.kill);
	EXPECT_EQ(1, fired(self->s.kill_evt));
	EXPECT_EQ(1, self->s.warnings);
}

/* Its payload is for the report; what it means is that it came. */
TEST_F(gates, sched_exit_of_any_size)
{
	static const u8 payload[64];
	size_t len;

	for (len = 0; len <= sizeof(payload); len++) {
		self->s.kill = false;
		EXPECT_FALSE(send(&self->s, KT_TAG_SCHED_EXIT, false, payload,
				  len));
		EXPECT_FALSE((bool)self->s.kill);
		EXPECT_TRUE(send(&self->s, KT_TAG_SCHED_EXIT, true, payload,
				 len));
		EXPECT_TRUE((bool)self->s.kill);
		EXPECT_EQ(1, fired(self->s.kill_evt));
	}
}

TEST_F(gates, sched_exit_with_a_dead_event)
{
	int fd = self->s.kill_evt;

	self->s.kill_evt = open("/dev/null", O_RDONLY | O_CLOEXEC);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCHED_EXIT));
	EXPECT_TRUE((bool)self->s.kill);
	EXPECT_EQ(1, nr_logged);
	close(self->s.kill_evt);
	self->s.kill_evt = fd;
}

TEST_F(gates, sys_rdy)
{
	EXPECT_FALSE(bad(&self->s, KT_TAG_SYS_RDY));
	EXPECT_FALSE(self->s.ready);
	EXPECT_EQ(1, self->s.warnings);
	EXPECT_FALSE(send(&self->s, KT_TAG_SYS_RDY, true, "x", 1));
	EXPECT_FALSE(self->s.ready);
	EXPECT_EQ(2, self->s.warnings);
	EXPECT_EQ(0, fired(self->s.ready_evt));

	EXPECT_FALSE(good(&self->s, KT_TAG_SYS_RDY));
	EXPECT_TRUE(self->s.ready);
	EXPECT_EQ(1, fired(self->s.ready_evt));
	EXPECT_FALSE(good(&self->s, KT_TAG_SYS_RDY));
	EXPECT_FALSE(good(&self->s, KT_TAG_SYS_RDY));
	EXPECT_EQ(0, fired(self->s.ready_evt));
	EXPECT_EQ(2, self->s.warnings);
}

static bool send_addrs(struct kt_sinks *s, bool crc_ok, u64 phys, u64 text)
{
	const struct kt_kern_addrs k = { phys, 0xffffffff82000000, text };
	u8 buf[KT_KERN_ADDRS_BYTES];

	kt_kern_addrs_encode(&k, buf, sizeof(buf));
	return send(s, KT_TAG_KERN_ADDRS, crc_ok, buf, sizeof(buf));
}

TEST_F(gates, kern_addrs)
{
	u8 buf[32] = { 1 };

	EXPECT_FALSE(send_addrs(&self->s, false, 0x1001, 0));
	EXPECT_FALSE(send(&self->s, KT_TAG_KERN_ADDRS, true, buf, 23));
	EXPECT_FALSE(send(&self->s, KT_TAG_KERN_ADDRS, true, buf, 25));
	EXPECT_EQ(0, (u64)self->s.phys_base_biased);
	EXPECT_EQ(0, self->s.kern_addrs.page_offset_base_kva);
	EXPECT_EQ(0, fired(self->s.kern_addrs_evt));
	EXPECT_EQ(3, self->s.warnings);

	EXPECT_FALSE(send_addrs(&self->s, true, 0x1001, 0));
	EXPECT_EQ(0x1001, (u64)self->s.phys_base_biased);
	EXPECT_EQ(0xffffffff82000000, self->s.kern_addrs.page_offset_base_kva);
	EXPECT_EQ(1, fired(self->s.kern_addrs_evt));

	/* "not known" takes nothing back */
	EXPECT_FALSE(send_addrs(&self->s, true, 0, 0));
	EXPECT_EQ(0x1001, (u64)self->s.phys_base_biased);
	EXPECT_EQ(3, self->s.warnings);
}

#define LINK	0xffffffff81000000ULL

TEST_F(gates, slide)
{
	self->s.text_link_kva = LINK;
	send_addrs(&self->s, true, 1, LINK + 0x5000000 + 1);
	EXPECT_EQ(0x5000000 + 1, (u64)self->s.slide_biased);
	EXPECT_EQ(0, self->s.warnings);

	/* an equal one is normal, a different one is said and changes nothing */
	send_addrs(&self->s, true, 1, LINK + 0x5000000 + 1);
	EXPECT_EQ(0, self->s.warnings);
	send_addrs(&self->s, true, 1, LINK + 0x6000000 + 1);
	EXPECT_EQ(1, self->s.warnings);
	EXPECT_NE(NULL, strstr(last_log, "0x6000000"));
	EXPECT_NE(NULL, strstr(last_log, "0x5000000"));
	EXPECT_NE(NULL, strstr(last_log, "0x1000000"));
	EXPECT_EQ(0x5000000 + 1, (u64)self->s.slide_biased);
}

TEST_F(gates, slide_refused)
{
	static const struct {
		u64 link, text;
	} refused[] = {
		{ 0x1000, LINK },			/* no kernel's link address */
		{ 0xffff7fffffffffff, 0xffff800000000000 },
		{ LINK, 0x400000 },			/* not the kernel half */
		{ LINK, 0xffff7fffffffffff },
		{ LINK, LINK - 1 },			/* below */
		{ 0xffffffff80000000, 0xffffffffc0000001 },	/* 1 GiB and a byte */
		{ LINK, UINT64_MAX - 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		self->s.text_link_kva = refused[i].link;
		send_addrs(&self->s, true, 1, refused[i].text + 1);
		EXPECT_EQ(0, (u64)self->s.slide_biased);
		EXPECT_EQ(i + 1, self->s.warnings);
	}
	/* without a vmlinux, or from a guest that does not know, nothing is said */
	self->s.text_link_kva = 0;
	send_addrs(&self->s, true, 1, LINK + 1);
	self->s.text_link_kva = LINK;
	send_addrs(&self->s, true, 1, 0);
	EXPECT_EQ(0, (u64)self->s.slide_biased);
	EXPECT_EQ(i, self->s.warnings);
	/* the bounds themselves are fine */
	self->s.text_link_kva = 0xffffffff80000000;
	send_addrs(&self->s, true, 1, 0xffffffffc0000000 + 1);
	EXPECT_EQ((1 << 30) + 1, (u64)self->s.slide_biased);
	self->s.slide_biased = 0;
	send_addrs(&self->s, true, 1, 0xffffffff80000000 + 1);
	EXPECT_EQ(1, (u64)self->s.slide_biased);
}

static bool send_snapshot(struct kt_sinks *s, u32 id, bool crc_ok)
{
	const struct kt_snapshot_req req = { id, KT_SNAPSHOT_CAPTURE, "tag" };
	u8 buf[KT_SNAPSHOT_REQ_BYTES];

	kt_snapshot_req_encode(&req, buf, sizeof(buf));
	return send(s, KT_TAG_SNAPSHOT_REQ, crc_ok, buf, sizeof(buf));
}

TEST_F(gates, snapshot_request)
{
	u8 buf[KT_SNAPSHOT_REQ_BYTES + 1] = { 1, 0, 0, 0, 1 };

	EXPECT_FALSE(send_snapshot(&self->s, 4, false));
	EXPECT_FALSE(send(&self->s, KT_TAG_SNAPSHOT_REQ, true, buf, 71));
	EXPECT_FALSE(send(&self->s, KT_TAG_SNAPSHOT_REQ, true, buf, 73));
	buf[4] = 3;
	EXPECT_FALSE(send(&self->s, KT_TAG_SNAPSHOT_REQ, true, buf, 72));
	buf[4] = 2;
	buf[0] = 0;
	EXPECT_FALSE(send(&self->s, KT_TAG_SNAPSHOT_REQ, true, buf, 72));
	EXPECT_EQ(0, self->s.nr_snapshots);
	EXPECT_EQ(5, self->s.warnings);

	EXPECT_FALSE(send_snapshot(&self->s, 4, true));
	EXPECT_FALSE(send_snapshot(&self->s, 5, true));
	ASSERT_EQ(2, self->s.nr_snapshots);
	EXPECT_EQ(4, self->s.snapshots[0].request_id);
	EXPECT_EQ(5, self->s.snapshots[1].request_id);
	EXPECT_STREQ("tag", self->s.snapshots[0].tag);
	EXPECT_EQ(5, self->s.warnings);
}

TEST_F(gates, watch_request)
{
	const struct kt_snapshot_req req = { 6, KT_SNAPSHOT_WATCH, "symbol" };
	u8 buf[KT_SNAPSHOT_REQ_BYTES];

	kt_snapshot_req_encode(&req, buf, sizeof(buf));
	EXPECT_FALSE(send(&self->s, KT_TAG_SNAPSHOT_REQ, true, buf,
			  sizeof(buf)));
	ASSERT_EQ(1, self->s.nr_snapshots);
	EXPECT_EQ(KT_SNAPSHOT_WATCH, self->s.snapshots[0].kind);
	EXPECT_EQ(0, self->s.warnings);
}

TEST_F(gates, full_list_of_snapshots)
{
	u32 i;

	for (i = 1; i <= KT_MAX_PENDING; i++)
		send_snapshot(&self->s, i, true);
	EXPECT_EQ(KT_MAX_PENDING, self->s.nr_snapshots);
	EXPECT_EQ(0, self->s.warnings);
	EXPECT_FALSE(send_snapshot(&self->s, i, true));
	EXPECT_EQ(KT_MAX_PENDING, self->s.nr_snapshots);
	EXPECT_EQ(KT_MAX_PENDING,
		  self->s.snapshots[KT_MAX_PENDING - 1].request_id);
	EXPECT_EQ(1, self->s.warnings);
}

static bool send_op(struct kt_sinks *s, u32 id, bool crc_ok, int more_bytes)
{
	const struct kt_kernel_op_req req = {
		.request_id = id, .target = KT_TARGET_KVA,
		.kind = KT_VALUE_U64, .width = 8, .tag = "op", .addr = LINK,
	};
	u8 buf[KT_KERNEL_OP_MAX_BYTES] = "";
	int len = kt_kernel_op_req_encode(&req, buf, sizeof(buf));

	return send(s, KT_TAG_KERNEL_OP_REQ, crc_ok, buf, len + more_bytes);
}

TEST_F(gates, kernel_op_request)
{
	u32 i;

	EXPECT_FALSE(send_op(&self->s, 9, false, 0));
	EXPECT_FALSE(send_op(&self->s, 9, true, -1));
	EXPECT_FALSE(send_op(&self->s, 9, true, 1));
	EXPECT_EQ(0, self->s.nr_kernel_ops);
	EXPECT_EQ(3, self->s.warnings);

	EXPECT_FALSE(send_op(&self->s, 9, true, 0));
	ASSERT_EQ(1, self->s.nr_kernel_ops);
	EXPECT_EQ(9, self->s.kernel_ops[0].request_id);
	EXPECT_STREQ("op", self->s.kernel_ops[0].tag);
	EXPECT_EQ(3, self->s.warnings);

	for (i = 1; i < KT_MAX_PENDING + 2; i++)
		EXPECT_FALSE(send_op(&self->s, i, true, 0));
	EXPECT_EQ(KT_MAX_PENDING, self->s.nr_kernel_ops);
	EXPECT_EQ(5, self->s.warnings);
}

TEST_F(gates, kernel_op_tag_is_cut)
{
	const struct kt_kernel_op_req req = {
		.request_id = 2, .target = KT_TARGET_KVA,
		.kind = KT_VALUE_U32, .width = 4,
	};
	u8 buf[KT_KERNEL_OP_MAX_BYTES], wide[KT_KERNEL_OP_MAX_BYTES];
	int len = kt_kernel_op_req_encode(&req, buf, sizeof(buf));

	/* 300 bytes of tag, a character of three across the 256th */
	memcpy(wide, buf, 10);
	wide[10] = 300 & 0xff;
	wide[11] = 300 >> 8;
	memset(wide + 12, 't', 300);
	memcpy(wide + 12 + 254, "\xe2\x82\xac", 3);
	memcpy(wide + 312, buf + 12, len - 12);
	EXPECT_FALSE(send(&self->s, KT_TAG_KERNEL_OP_REQ, true, wide,
			  len + 300));
	ASSERT_EQ(1, self->s.nr_kernel_ops);
	EXPECT_EQ(254, strlen(self->s.kernel_ops[0].tag));
	EXPECT_EQ(0, self->s.warnings);
}

TEST_F(gates, batch_of_kernel_ops_begins_with_its_first)
{
	EXPECT_FALSE(send_op(&self->s, 1, false, 0));
	EXPECT_EQ(0, self->s.batch_since_ns);
	EXPECT_FALSE(send_op(&self->s, 1, true, 0));
	self->s.now_ns = 6 * S;
	EXPECT_FALSE(send_op(&self->s, 2, true, 0));
	EXPECT_EQ(5 * S, self->s.batch_since_ns);
	/* served: the next one begins a new batch */
	self->s.nr_kernel_ops = 0;
	EXPECT_FALSE(send_op(&self->s, 3, true, 0));
	EXPECT_EQ(6 * S, self->s.batch_since_ns);
}

TEST_F(gates, scenario_start)
{
	EXPECT_TRUE(bad(&self->s, KT_TAG_SCENARIO_START));
	EXPECT_EQ(0, self->s.start_ns);
	EXPECT_EQ(0, self->s.deadline_ns);

	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_START));
	EXPECT_EQ(5 * S, self->s.start_ns);
	EXPECT_EQ(15 * S, self->s.deadline_ns);

	/* the stamp stays, the deadline starts again */
	self->s.now_ns = 7 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_START));
	EXPECT_EQ(5 * S, self->s.start_ns);
	EXPECT_EQ(17 * S, self->s.deadline_ns);
}

TEST_F(gates, stamps_are_never_zero)
{
	self->s.now_ns = 0;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_START));
	EXPECT_EQ(1, self->s.start_ns);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_PAUSE));
	EXPECT_EQ(1, self->s.pause_ns);
	/* and a resume in the same instant is no pause below zero */
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(0, self->s.paused_total_ns);
	EXPECT_EQ(10 * S, self->s.deadline_ns);
}

TEST_F(gates, without_a_budget_no_deadline)
{
	self->s.duration_ns = 0;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_START));
	EXPECT_EQ(5 * S, self->s.start_ns);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_PAUSE));
	EXPECT_EQ(5 * S, self->s.pause_ns);
	self->s.now_ns = 8 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(5 * S, self->s.pause_ns);
	EXPECT_EQ(0, self->s.paused_total_ns);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_END));
	EXPECT_EQ(0, self->s.deadline_ns);
}

TEST_F(gates, pause_and_resume)
{
	good(&self->s, KT_TAG_SCENARIO_START);
	self->s.now_ns = 6 * S;
	EXPECT_TRUE(bad(&self->s, KT_TAG_SCENARIO_PAUSE));
	EXPECT_EQ(0, self->s.pause_ns);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_PAUSE));
	EXPECT_EQ(6 * S, self->s.pause_ns);

	self->s.now_ns = 9 * S;
	EXPECT_TRUE(bad(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(6 * S, self->s.pause_ns);
	EXPECT_EQ(15 * S, self->s.deadline_ns);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(0, self->s.pause_ns);
	EXPECT_EQ(3 * S, self->s.paused_total_ns);
	EXPECT_EQ(18 * S, self->s.deadline_ns);

	/* a second resume has no pause to end */
	self->s.now_ns = 10 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(3 * S, self->s.paused_total_ns);
	EXPECT_EQ(18 * S, self->s.deadline_ns);

	self->s.now_ns = 11 * S;
	good(&self->s, KT_TAG_SCENARIO_PAUSE);
	self->s.now_ns = 12 * S;
	good(&self->s, KT_TAG_SCENARIO_RESUME);
	EXPECT_EQ(4 * S, self->s.paused_total_ns);
	EXPECT_EQ(19 * S, self->s.deadline_ns);
}

TEST_F(gates, pause_twice)
{
	good(&self->s, KT_TAG_SCENARIO_START);
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_PAUSE));
	self->s.now_ns = 7 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_PAUSE));
	EXPECT_EQ(7 * S, self->s.pause_ns);
	/* a guest gains no time by saying it again */
	self->s.now_ns = 8 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(1 * S, self->s.paused_total_ns);
	EXPECT_EQ(16 * S, self->s.deadline_ns);
}

/* The tag is the message: the size of what follows it decides nothing. */
TEST_F(gates, scenario_frames_of_any_size)
{
	static const u8 payload[64];
	size_t len;

	for (len = 0; len <= sizeof(payload); len++) {
		self->s.now_ns = 5 * S;
		self->s.paused_total_ns = 0;
		EXPECT_TRUE(send(&self->s, KT_TAG_SCENARIO_START, true,
				 payload, len));
		EXPECT_TRUE(send(&self->s, KT_TAG_SCENARIO_PAUSE, true,
				 payload, len));
		self->s.now_ns = 7 * S;
		EXPECT_TRUE(send(&self->s, KT_TAG_SCENARIO_RESUME, true,
				 payload, len));
		EXPECT_EQ(2 * S, self->s.paused_total_ns);
		EXPECT_EQ(17 * S, self->s.deadline_ns);
		self->s.now_ns = 9 * S;
		EXPECT_TRUE(send(&self->s, KT_TAG_SCENARIO_END, true, payload,
				 len));
		EXPECT_EQ(19 * S, self->s.deadline_ns);
	}
	EXPECT_EQ(5 * S, self->s.start_ns);
	EXPECT_EQ(0, self->s.warnings);
}

TEST_F(gates, pause_without_start)
{
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_PAUSE));
	self->s.now_ns = 6 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_RESUME));
	EXPECT_EQ(1 * S, self->s.paused_total_ns);
	/* "no deadline" is no time that could grow */
	EXPECT_EQ(0, self->s.deadline_ns);
	EXPECT_EQ(0, self->s.start_ns);
}

TEST_F(gates, clock_that_went_backwards)
{
	good(&self->s, KT_TAG_SCENARIO_START);
	good(&self->s, KT_TAG_SCENARIO_PAUSE);
	self->s.now_ns = 1 * S;
	good(&self->s, KT_TAG_SCENARIO_RESUME);
	EXPECT_EQ(0, self->s.paused_total_ns);
	EXPECT_EQ(15 * S, self->s.deadline_ns);
}

TEST_F(gates, arithmetic_saturates)
{
	self->s.now_ns = UINT64_MAX - 1;
	good(&self->s, KT_TAG_SCENARIO_START);
	EXPECT_EQ(UINT64_MAX, self->s.deadline_ns);
	self->s.pause_ns = 1;
	self->s.paused_total_ns = 5;
	good(&self->s, KT_TAG_SCENARIO_RESUME);
	EXPECT_EQ(UINT64_MAX, self->s.deadline_ns);
	EXPECT_EQ(UINT64_MAX, self->s.paused_total_ns);
}

TEST_F(gates, scenario_end)
{
	EXPECT_TRUE(bad(&self->s, KT_TAG_SCENARIO_END));
	EXPECT_EQ(0, self->s.deadline_ns);
	/* also before any start */
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_END));
	EXPECT_EQ(15 * S, self->s.deadline_ns);
	EXPECT_EQ(0, self->s.start_ns);
	self->s.now_ns = 9 * S;
	EXPECT_TRUE(good(&self->s, KT_TAG_SCENARIO_END));
	EXPECT_EQ(19 * S, self->s.deadline_ns);
}

TEST_F(gates, deadline_stays_within_its_cap)
{
	self->s.deadline_cap_ns = 12 * S;
	good(&self->s, KT_TAG_SCENARIO_START);
	EXPECT_EQ(12 * S, self->s.deadline_ns);
	good(&self->s, KT_TAG_SCENARIO_PAUSE);
	self->s.now_ns = 9 * S;
	good(&self->s, KT_TAG_SCENARIO_RESUME);
	EXPECT_EQ(12 * S, self->s.deadline_ns);
	good(&self->s, KT_TAG_SCENARIO_END);
	EXPECT_EQ(12 * S, self->s.deadline_ns);
}

static bool send_stimulus(struct kt_sinks *s, u16 step, bool crc_ok, u32 len)
{
	const struct kt_stimulus stim = { .step_index = step };
	u8 buf[KT_STIMULUS_BYTES + 1] = "";

	kt_stimulus_encode(&stim, buf, sizeof(buf));
	return send(s, KT_TAG_STIMULUS, crc_ok, buf, len);
}

TEST_F(gates, stimulus)
{
	EXPECT_TRUE(send_stimulus(&self->s, 3, false, 24));
	EXPECT_EQ(0, (u64)self->s.phase);
	EXPECT_TRUE(send_stimulus(&self->s, 3, true, 23));
	EXPECT_TRUE(send_stimulus(&self->s, 3, true, 25));
	EXPECT_EQ(0, (u64)self->s.phase);
	EXPECT_EQ(3, self->s.warnings);
	EXPECT_TRUE(send_stimulus(&self->s, 3, true, 24));
	EXPECT_EQ(3, (u64)self->s.phase);
	EXPECT_TRUE(send_stimulus(&self->s, UINT16_MAX, true, 24));
	EXPECT_EQ(UINT16_MAX, (u64)self->s.phase);
	EXPECT_EQ(3, self->s.warnings);
}

TEST_F(gates, other_verdict_frames_are_kept_and_do_nothing)
{
	static const u32 tags[] = {
		KT_TAG_EXIT, KT_TAG_TEST_RESULT, KT_TAG_CRASH,
		KT_TAG_PAYLOAD_METRICS, KT_TAG_RAW_OUTPUT, KT_TAG_PROFRAW,
		KT_TAG_STDOUT, KT_TAG_STDERR, KT_TAG_SCHED_LOG,
		KT_TAG_LIFECYCLE, KT_TAG_EXEC_EXIT, KT_TAG_DMESG,
		KT_TAG_PROBE_OUTPUT,
	};
	struct kt_sinks before = self->s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		EXPECT_TRUE(send(&self->s, tags[i], true, "any", 3));
	EXPECT_EQ(0, memcmp(&before, &self->s, sizeof(before)));
	for (i = 0; i < ARRAY_SIZE(tags); i++)
		EXPECT_TRUE(send(&self->s, tags[i], false, "any", 3));
	EXPECT_EQ(ARRAY_SIZE(tags), self->s.warnings);
	self->s.warnings = 0;
	EXPECT_EQ(0, memcmp(&before, &self->s, sizeof(before)));
}

TEST_F(gates, what_only_the_host_sends)
{
	static const u32 tags[] = {
		KT_TAG_SNAPSHOT_REPLY, KT_TAG_KERNEL_OP_REPLY, KT_TAG_PLAN,
	};
	struct kt_sinks before = self->s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tags); i++) {
		EXPECT_FALSE(good(&self->s, tags[i]));
		EXPECT_FALSE(bad(&self->s, tags[i]));
	}
	EXPECT_EQ(2 * ARRAY_SIZE(tags), self->s.warnings);
	self->s.warnings = 0;
	EXPECT_EQ(0, memcmp(&before, &self->s, sizeof(before)));
}

/* Whatever a torn frame says, all it does is count. */
TEST_F(gates, bad_crc_changes_nothing)
{
	static const u32 tags[] = {
		KT_TAG_STIMULUS, KT_TAG_SCENARIO_START, KT_TAG_SCENARIO_PAUSE,
		KT_TAG_SCENARIO_RESUME, KT_TAG_SCENARIO_END,
		KT_TAG_SCHED_EXIT, KT_TAG_SYS_RDY, KT_TAG_KERN_ADDRS,
		KT_TAG_SNAPSHOT_REQ, KT_TAG_KERNEL_OP_REQ,
	};
	static const u8 payload[KT_SNAPSHOT_REQ_BYTES] = { 1, 0, 0, 0, 1 };
	static struct kt_sinks before;
	size_t i, len;
	bool kept;

	self->s.text_link_kva = LINK;
	self->s.start_ns = 1 * S;
	self->s.pause_ns = 2 * S;
	self->s.deadline_ns = 9 * S;
	before = self->s;
	for (i = 0; i < ARRAY_SIZE(tags); i++) {
		kept = kt_tag_info(tags[i])->verdict &&
		       tags[i] != KT_TAG_SCHED_EXIT;
		for (len = 0; len <= sizeof(payload); len++)
			EXPECT_EQ(kept, send(&self->s, tags[i], false, payload,
					     len));
	}
	EXPECT_EQ(ARRAY_SIZE(tags) * (sizeof(payload) + 1), self->s.warnings);
	self->s.warnings = 0;
	EXPECT_EQ(0, memcmp(&before, &self->s, sizeof(before)));
	EXPECT_EQ(0, fired(self->s.kill_evt));
	EXPECT_EQ(0, fired(self->s.ready_evt));
	EXPECT_EQ(0, fired(self->s.kern_addrs_evt));
}

TEST_F(gates, unknown_tag)
{
	EXPECT_FALSE(send(&self->s, 0x41421b44, true, "123", 3));
	EXPECT_EQ(1, self->s.warnings);
	EXPECT_NE(NULL, strstr(last_log, "AB?D"));
	EXPECT_NE(NULL, strstr(last_log, "3 bytes"));
	EXPECT_NE(NULL, strstr(last_log, "crc ok"));
	EXPECT_FALSE(send(&self->s, 0, false, "", 0));
	EXPECT_EQ(2, self->s.warnings);
	EXPECT_NE(NULL, strstr(last_log, "crc bad"));
}

TEST_F(gates, warnings_are_counted_and_few_are_shown)
{
	int i;

	for (i = 0; i < 1000; i++)
		bad(&self->s, KT_TAG_SYS_RDY);
	EXPECT_EQ(1000, self->s.warnings);
	EXPECT_EQ(8, nr_logged);
	self->s.warnings = UINT64_MAX;
	bad(&self->s, KT_TAG_SYS_RDY);
	EXPECT_EQ(UINT64_MAX, self->s.warnings);
	EXPECT_EQ(8, nr_logged);
}

TEST_HARNESS_MAIN
