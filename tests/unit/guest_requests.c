// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel operations and captures from the test's side, with a host at the
 * other end of a socketpair that answers before it is asked: ids are counted,
 * so it knows them.
 */
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/guest/ctx.h"
#include "ktstr/guest/kernel_api.h"

#define NOW_MS	0	/* what is there is taken, nothing is waited for */

FIXTURE(requests)
{
	struct kt_requests r;
	int test, host;
};

FIXTURE_SETUP(requests)
{
	int fds[2];

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	self->test = fds[0];
	self->host = fds[1];
}

FIXTURE_TEARDOWN(requests)
{
	kt_close(&self->test);
	kt_close(&self->host);
}

static void answer(int host, u32 id, u32 value)
{
	struct kt_kernel_op_reply reply = {
		.request_id = id, .status = KT_REPLY_OK, .width = sizeof(value),
	};
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int len;

	memcpy(reply.value, &value, sizeof(value));
	len = kt_kernel_op_reply_encode(&reply, buf, sizeof(buf));
	kt_test_frame_send(host, KT_TAG_KERNEL_OP_REPLY, buf, len, 0);
}

static void answer_error(int host, u32 id, const char *reason)
{
	struct kt_kernel_op_reply reply = {
		.request_id = id, .status = KT_REPLY_ERROR,
	};
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int len;

	snprintf(reply.reason, sizeof(reply.reason), "%s", reason);
	len = kt_kernel_op_reply_encode(&reply, buf, sizeof(buf));
	kt_test_frame_send(host, KT_TAG_KERNEL_OP_REPLY, buf, len, 0);
}

static void answer_capture(int host, u32 id, u32 status, const char *reason)
{
	struct kt_snapshot_reply reply = { .request_id = id, .status = status };
	u8 buf[KT_SNAPSHOT_REPLY_BYTES];

	snprintf(reply.reason, sizeof(reply.reason), "%s", reason);
	kt_snapshot_reply_encode(&reply, buf, sizeof(buf));
	kt_test_frame_send(host, KT_TAG_SNAPSHOT_REPLY, buf, sizeof(buf), 0);
}

/* The next request that the host got: false when there is none. */
static bool asked(int host, struct kt_kernel_op_req *req)
{
	struct kt_test_frame f;

	return kt_test_frame_recv(host, &f) == 1 &&
	       f.tag == KT_TAG_KERNEL_OP_REQ &&
	       !kt_kernel_op_req_decode(req, f.payload, f.len_bytes);
}

static bool says(const char *text, const char *part)
{
	return strstr(text, part);
}

static struct ktstr_kernel_op read_u32(const char *symbol)
{
	return (struct ktstr_kernel_op){
		.target = KTSTR_SYMBOL, .width = 4, .symbol = symbol,
	};
}

TEST_F(requests, answers_in_any_order)
{
	struct ktstr_kernel_op ops[] = {
		read_u32("a"), read_u32("b"), read_u32("c"),
	};
	struct kt_kernel_op_req req;
	u32 i;

	answer(self->host, 3, 33);
	answer(self->host, 1, 11);
	answer_error(self->host, 2, "no symbol \"b\"");
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", ops, 3, NOW_MS), 2);
	EXPECT_TRUE(ops[0].ok && ops[0].value.u32 == 11);
	EXPECT_FALSE(ops[1].ok);
	EXPECT_STREQ(ops[1].reason, "no symbol \"b\"");
	EXPECT_TRUE(ops[2].ok && ops[2].value.u32 == 33);

	/* all were in flight at once, chained but for the last */
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(asked(self->host, &req));
		EXPECT_EQ(req.request_id, i + 1);
		EXPECT_STREQ(req.symbol, ops[i].symbol);
		EXPECT_STREQ(req.tag, "t");
		EXPECT_EQ(req.more, i < 2);
	}
	EXPECT_FALSE(asked(self->host, &req));
}

TEST_F(requests, late_answers_are_dropped)
{
	struct ktstr_kernel_op op = read_u32("a");

	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", &op, 1, NOW_MS), 0);
	EXPECT_FALSE(op.ok);
	EXPECT_TRUE(says(op.reason, "no answer from the host within 0 ms"));

	answer(self->host, 1, 111);		/* to the call before */
	answer(self->host, 2, 222);
	answer(self->host, 2, 223);		/* once more */
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", &op, 1, 1000), 1);
	EXPECT_TRUE(op.ok && op.value.u32 == 222 && !op.reason[0]);
	EXPECT_EQ(self->r.stale, 1);

	answer_error(self->host, 77, "never asked");
	answer_capture(self->host, 3, KT_REPLY_OK, "");	/* of another kind */
	kt_test_frame_send(self->host, KT_TAG_KERNEL_OP_REPLY, "garbage", 7, 0);
	send(self->host, "torn", 4, 0);
	answer(self->host, 3, 333);
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", &op, 1, 1000), 1);
	EXPECT_TRUE(op.ok && op.value.u32 == 333);
	EXPECT_EQ(self->r.stale, 6);
}

TEST_F(requests, refused_without_asking)
{
	static const char long_name[] =
		"0123456789012345678901234567890123456789012345678901234567890123"
		"01234567890123456789012345678901234567890123456789012345678901234";
	struct ktstr_kernel_op ops[] = {
		read_u32(NULL), read_u32(""), read_u32(long_name), read_u32("x"),
		read_u32("x"), read_u32("x"), read_u32("x"),
		{ .target = KTSTR_PERCPU_FIELD, .width = 4, .symbol = "runqueues" },
		{ .target = KTSTR_TASK_FIELD, .width = 4, .field = "pid" },
		{ .target = KTSTR_TASK_FIELD, .width = 4, .pid = 7 },
	};
	static const char * const reasons[] = {
		"no symbol is given", "no symbol is given",
		"the symbol has more than 128 bytes",
		"a width of 0 bytes: 1 to 64", "a width of 65 bytes: 1 to 64",
		"a number of 3 bytes: 4 or 8", "target 9: there is none such",
		"no field is given", "no pid is given", "no field is given",
	};
	struct kt_kernel_op_req req;
	u32 i;

	ops[3].width = 0;
	ops[4].width = 65;
	ops[4].bytes = true;
	ops[5].width = 3;
	ops[6].target = 9;
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", ops,
				    ARRAY_SIZE(ops), 1000), 0);
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		EXPECT_FALSE(ops[i].ok);
		EXPECT_TRUE(says(ops[i].reason, reasons[i]))
			TH_LOG("%u: %s", i, ops[i].reason);
	}
	EXPECT_FALSE(asked(self->host, &req));
}

TEST_F(requests, one_refused_among_good_ones)
{
	struct ktstr_kernel_op ops[] = {
		read_u32("a"), read_u32("b"), read_u32(NULL),
	};
	struct kt_kernel_op_req req;

	answer(self->host, 1, 11);
	answer(self->host, 2, 22);
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", ops, 3, 1000), 2);
	EXPECT_STREQ(ops[2].reason, "no symbol is given");
	ASSERT_TRUE(asked(self->host, &req));
	EXPECT_TRUE(req.more);
	ASSERT_TRUE(asked(self->host, &req));
	EXPECT_FALSE(req.more);		/* nothing in order follows it */
}

TEST_F(requests, as_many_as_fit)
{
	struct ktstr_kernel_op ops[KTSTR_MAX_KERNEL_OPS + 1];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = read_u32("a");
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", ops,
				    ARRAY_SIZE(ops), 1000), 0);
	EXPECT_STREQ(ops[32].reason, "33 operations in a call: 32 at most");
	for (i = 0; i < KTSTR_MAX_KERNEL_OPS; i++)
		answer(self->host, i + 1, i);
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", ops,
				    KTSTR_MAX_KERNEL_OPS, 1000), 32);
	EXPECT_EQ(ops[31].value.u32, 31);
}

TEST_F(requests, values_both_ways)
{
	struct ktstr_kernel_op ops[] = {
		{ .target = KTSTR_KVA, .write = true, .cold = true, .width = 8,
		  .addr = ~0ULL, .value.u64 = 0x1122334455667788ULL },
		{ .target = KTSTR_DIRECT_MAP, .write = true, .bytes = true,
		  .width = 3, .addr = 5, .value.bytes = "abc" },
		{ .target = KTSTR_PERCPU_FIELD, .width = 8, .cpu = 3,
		  .symbol = "runqueues", .field = "nr_running" },
	};
	struct kt_kernel_op_reply done = { .status = KT_REPLY_OK };
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	struct kt_kernel_op_req req;
	u32 id;

	for (id = 1; id <= 2; id++) {
		int len;

		done.request_id = id;
		len = kt_kernel_op_reply_encode(&done, buf, sizeof(buf));
		kt_test_frame_send(self->host, KT_TAG_KERNEL_OP_REPLY, buf, len,
				   0);
	}
	answer(self->host, 3, 1);	/* 4 bytes, where 8 were asked for */
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", ops, 3, 1000), 2);
	EXPECT_TRUE(ops[0].ok && ops[0].value.u64 == 0x1122334455667788ULL);
	EXPECT_STREQ(ops[2].reason, "the host answered with 4 bytes, not 8");

	ASSERT_TRUE(asked(self->host, &req));
	EXPECT_TRUE(req.cold && req.write && req.kind == KT_VALUE_U64);
	EXPECT_EQ(req.value[0], 0x88);
	EXPECT_EQ(req.addr, ~0ULL);
	ASSERT_TRUE(asked(self->host, &req));
	EXPECT_TRUE(!req.cold && req.kind == KT_VALUE_BYTES && req.width == 3);
	EXPECT_EQ(memcmp(req.value, "abc", 4), 0);
	ASSERT_TRUE(asked(self->host, &req));
	EXPECT_TRUE(req.cpu == 3 && !strcmp(req.field, "nr_running"));
}

#define snapshot(kind, tag, ms) \
	kt_snapshot_run(&self->r, self->test, kind, tag, ms, why, sizeof(why))
#define capture(tag, ms)	snapshot(KT_SNAPSHOT_CAPTURE, tag, ms)

TEST_F(requests, nobody_there)
{
	struct ktstr_kernel_op op = read_u32("a");
	char why[64];

	kt_close(&self->host);
	EXPECT_EQ(kt_kernel_ops_run(&self->r, self->test, "t", &op, 1, 60000), 0);
	EXPECT_TRUE(says(op.reason, "could not be sent"));
	EXPECT_LT(capture("c", 60000), 0);
}

TEST_F(requests, captures)
{
	struct kt_snapshot_req req;
	struct kt_test_frame f;
	char why[128], tag[66];

	answer_capture(self->host, 1, KT_REPLY_OK, "");
	EXPECT_EQ(capture("one", 1000), 0);
	ASSERT_EQ(kt_test_frame_recv(self->host, &f), 1);
	ASSERT_EQ(f.tag, KT_TAG_SNAPSHOT_REQ);
	ASSERT_EQ(kt_snapshot_req_decode(&req, f.payload, f.len_bytes), 0);
	EXPECT_EQ(req.request_id, 1);
	EXPECT_EQ(req.kind, KT_SNAPSHOT_CAPTURE);
	EXPECT_STREQ(req.tag, "one");

	answer_capture(self->host, 2, KT_REPLY_ERROR, "freeze: 1 of 2 parked");
	EXPECT_EQ(capture("two", 1000), -EIO);
	EXPECT_STREQ(why, "freeze: 1 of 2 parked");

	EXPECT_EQ(capture("three", NOW_MS), -ETIMEDOUT);

	memset(tag, 'x', 65);
	tag[65] = '\0';
	EXPECT_EQ(capture(tag, 1000), -EINVAL);
	EXPECT_EQ(capture(NULL, 1000), -EINVAL);
}

TEST_F(requests, watches)
{
	struct kt_snapshot_req req;
	struct kt_test_frame f;
	char why[128];

	answer_capture(self->host, 1, KT_REPLY_ERROR, "3 of 3 in use");
	EXPECT_EQ(snapshot(KT_SNAPSHOT_WATCH, "jiffies_64", 1000), -EIO);
	EXPECT_STREQ(why, "3 of 3 in use");
	ASSERT_EQ(kt_test_frame_recv(self->host, &f), 1);
	ASSERT_EQ(kt_snapshot_req_decode(&req, f.payload, f.len_bytes), 0);
	EXPECT_EQ(req.kind, KT_SNAPSHOT_WATCH);
	EXPECT_STREQ(req.tag, "jiffies_64");
	EXPECT_EQ(snapshot(KT_SNAPSHOT_WATCH, "", 1000), -EINVAL);
	EXPECT_TRUE(says(why, "a watched symbol has"));
}

TEST(ids_are_never_0)
{
	struct kt_requests r = { .last_id = ~0U - 1 };

	kt_requests_begin(&r);
	EXPECT_EQ(kt_requests_add(&r), ~0U);
	EXPECT_EQ(kt_requests_add(&r), 1);
	EXPECT_EQ(kt_requests_match(&r, 0), -ENOENT);
	EXPECT_EQ(kt_requests_match(&r, 1), 1);
	EXPECT_EQ(kt_requests_match(&r, 1), -ENOENT);	/* once */
	EXPECT_EQ(r.waiting, 1);
	kt_requests_begin(&r);
	EXPECT_EQ(kt_requests_match(&r, ~0U), -ENOENT);	/* given up */
}

TEST(start_time_of_a_process)
{
	u64 own = ktstr_start_time(getpid());

	EXPECT_GT(own, ktstr_start_time(1));
	EXPECT_EQ(ktstr_start_time(0), 0);
	EXPECT_EQ(ktstr_start_time(~0U), 0);
}

TEST_HARNESS_MAIN
