// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of tags and the small payloads: their bytes, their round trips,
 * and what their decoders refuse.
 */
#include <kselftest_harness.h>

#include "ktstr/wire/codec.h"
#include "ktstr/wire/msg.h"

static const struct {
	char str[5];
	u32 tag;
	bool verdict;
	bool host_only;
} want_tags[] = {
	{ "STIM", KT_TAG_STIMULUS, true },
	{ "SCST", KT_TAG_SCENARIO_START, true },
	{ "SCPP", KT_TAG_SCENARIO_PAUSE, true },
	{ "SCRR", KT_TAG_SCENARIO_RESUME, true },
	{ "SCEN", KT_TAG_SCENARIO_END, true },
	{ "EXIT", KT_TAG_EXIT, true },
	{ "TEST", KT_TAG_TEST_RESULT, true },
	{ "SCDX", KT_TAG_SCHED_EXIT, true },
	{ "CRSH", KT_TAG_CRASH, true },
	{ "PMET", KT_TAG_PAYLOAD_METRICS, true },
	{ "RAWO", KT_TAG_RAW_OUTPUT, true },
	{ "PRAW", KT_TAG_PROFRAW, true },
	{ "SOUT", KT_TAG_STDOUT, true },
	{ "SERR", KT_TAG_STDERR, true },
	{ "SCLG", KT_TAG_SCHED_LOG, true },
	{ "LIFE", KT_TAG_LIFECYCLE, true },
	{ "EXCX", KT_TAG_EXEC_EXIT, true },
	{ "DMSG", KT_TAG_DMESG, true },
	{ "PROB", KT_TAG_PROBE_OUTPUT, true },
	{ "SRDY", KT_TAG_SYS_RDY, false },
	{ "KADR", KT_TAG_KERN_ADDRS, false },
	{ "SNRQ", KT_TAG_SNAPSHOT_REQ, false },
	{ "SNRP", KT_TAG_SNAPSHOT_REPLY, false, true },
	{ "KORQ", KT_TAG_KERNEL_OP_REQ, false },
	{ "KORP", KT_TAG_KERNEL_OP_REPLY, false, true },
	{ "PLAN", KT_TAG_PLAN, false, true },
	{ "VTIM", KT_TAG_TIME, false },
	{ "FSTA", KT_TAG_FINAL_STATE, false },
	{ "HOLD", KT_TAG_HOLD, false },
};

TEST(tags)
{
	char buf[5];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want_tags); i++) {
		const struct kt_tag_info *info;

		EXPECT_STREQ(want_tags[i].str,
			     kt_tag_str(want_tags[i].tag, buf));
		info = kt_tag_info(want_tags[i].tag);
		ASSERT_NE(NULL, info);
		EXPECT_EQ(want_tags[i].tag, info->tag);
		EXPECT_EQ(want_tags[i].verdict, info->verdict);
		EXPECT_EQ(want_tags[i].host_only, info->host_only);
	}
	EXPECT_STREQ("SchedExit", kt_tag_info(KT_TAG_SCHED_EXIT)->name);
	EXPECT_EQ(NULL, kt_tag_info(0));
	EXPECT_EQ(NULL, kt_tag_info(0x54495845));
	EXPECT_STREQ("?A?~", kt_tag_str(0x1b417f7e, buf));
	EXPECT_STREQ("?? ?", kt_tag_str(0xff0020c3, buf));
}

TEST(stimulus)
{
	const struct kt_stimulus in = {
		0x04030201, 0x0605, 0x0807, 0x0c0b0a09, 0x0e0d, 0x100f,
		0x1817161514131211,
	};
	struct kt_stimulus out;
	u8 buf[KT_STIMULUS_BYTES + 1];
	size_t i;

	ASSERT_EQ(24, kt_stimulus_encode(&in, buf, sizeof(buf)));
	for (i = 0; i < 24; i++)
		EXPECT_EQ(i + 1, buf[i]);
	EXPECT_EQ(0, kt_stimulus_decode(&out, buf, 24));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
	EXPECT_EQ(-EPROTO, kt_stimulus_decode(&out, buf, 23));
	EXPECT_EQ(-EPROTO, kt_stimulus_decode(&out, buf, 25));
	EXPECT_EQ(-EPROTO, kt_stimulus_decode(&out, NULL, 0));
	EXPECT_EQ(-EMSGSIZE, kt_stimulus_encode(&in, buf, 23));
}

TEST(kern_addrs)
{
	const struct kt_kern_addrs in = {
		0x0807060504030201, 0x100f0e0d0c0b0a09, 0x1817161514131211,
	};
	u8 buf[KT_KERN_ADDRS_BYTES + 1];
	struct kt_kern_addrs out;
	size_t i;

	ASSERT_EQ(24, kt_kern_addrs_encode(&in, buf, sizeof(buf)));
	for (i = 0; i < 24; i++)
		EXPECT_EQ(i + 1, buf[i]);
	EXPECT_EQ(0, kt_kern_addrs_decode(&out, buf, 24));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
	EXPECT_EQ(-EPROTO, kt_kern_addrs_decode(&out, buf, 23));
	EXPECT_EQ(-EPROTO, kt_kern_addrs_decode(&out, buf, 25));
	EXPECT_EQ(-EMSGSIZE, kt_kern_addrs_encode(&in, buf, 23));
}

TEST(snapshot_req)
{
	struct kt_snapshot_req in = { 7, KT_SNAPSHOT_WATCH, "my tag" }, out;
	u8 buf[KT_SNAPSHOT_REQ_BYTES + 1] = "";

	ASSERT_EQ(72, kt_snapshot_req_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "\7\0\0\0\2\0\0\0my tag\0\0", 16));
	EXPECT_EQ(0, kt_snapshot_req_decode(&out, buf, 72));
	EXPECT_EQ(7, out.request_id);
	EXPECT_EQ(KT_SNAPSHOT_WATCH, out.kind);
	EXPECT_STREQ("my tag", out.tag);
	EXPECT_EQ(-EPROTO, kt_snapshot_req_decode(&out, buf, 71));
	EXPECT_EQ(-EPROTO, kt_snapshot_req_decode(&out, buf, 73));
	buf[4] = 3;
	EXPECT_EQ(-EPROTO, kt_snapshot_req_decode(&out, buf, 72));
	buf[4] = 0;
	EXPECT_EQ(-EPROTO, kt_snapshot_req_decode(&out, buf, 72));
	buf[4] = 1;
	EXPECT_EQ(0, kt_snapshot_req_decode(&out, buf, 72));
	buf[0] = 0;
	EXPECT_EQ(-EPROTO, kt_snapshot_req_decode(&out, buf, 72));

	in.kind = 3;
	EXPECT_EQ(-EMSGSIZE, kt_snapshot_req_encode(&in, buf, sizeof(buf)));
	in.kind = KT_SNAPSHOT_CAPTURE;
	in.request_id = 0;
	EXPECT_EQ(-EMSGSIZE, kt_snapshot_req_encode(&in, buf, sizeof(buf)));
}

TEST(snapshot_tag_fills_its_buffer)
{
	struct kt_snapshot_req in = { 1, KT_SNAPSHOT_CAPTURE }, out;
	u8 buf[KT_SNAPSHOT_REQ_BYTES];

	memset(in.tag, 'x', 64);
	ASSERT_EQ(72, kt_snapshot_req_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ('x', buf[71]);
	EXPECT_EQ(0, kt_snapshot_req_decode(&out, buf, 72));
	EXPECT_EQ(64, strlen(out.tag));

	/* never terminated, and a character across the end: cut before it */
	memset(in.tag, 'x', sizeof(in.tag));
	memcpy(in.tag + 63, "\xc3\xa9", 2);
	ASSERT_EQ(72, kt_snapshot_req_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ('x', buf[70]);
	EXPECT_EQ(0, buf[71]);
}

/* Its 72 bytes, one by one. */
TEST(snapshot_reply)
{
	const struct kt_snapshot_reply in = {
		0x04030201, KT_REPLY_ERROR, "no memory",
	};
	static const u8 want[72] = "\1\2\3\4\2\0\0\0no memory";
	struct kt_snapshot_reply out;
	u8 buf[KT_SNAPSHOT_REPLY_BYTES + 1] = "";

	memset(buf, 0xff, sizeof(buf));
	ASSERT_EQ(72, kt_snapshot_reply_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(want, buf, 72));
	EXPECT_EQ(0xff, buf[72]);
	EXPECT_EQ(0, kt_snapshot_reply_decode(&out, buf, 72));
	EXPECT_EQ(0x04030201, out.request_id);
	EXPECT_EQ(KT_REPLY_ERROR, out.status);
	EXPECT_STREQ("no memory", out.reason);
	EXPECT_EQ(-EMSGSIZE, kt_snapshot_reply_encode(&in, buf, 71));
	EXPECT_EQ(-EPROTO, kt_snapshot_reply_decode(&out, buf, 71));
	EXPECT_EQ(-EPROTO, kt_snapshot_reply_decode(&out, buf, 73));
	EXPECT_EQ(-EPROTO, kt_snapshot_reply_decode(&out, NULL, 0));
}

TEST(snapshot_reply_refused)
{
	struct kt_snapshot_reply in = { 1, KT_REPLY_OK }, out;
	u8 buf[KT_SNAPSHOT_REPLY_BYTES];
	u32 status;

	for (status = 0; status < 4; status++) {
		in.status = status;
		EXPECT_EQ(status == 1 || status == 2 ? 72 : -EMSGSIZE,
			  kt_snapshot_reply_encode(&in, buf, sizeof(buf)));
		buf[0] = 1;
		buf[4] = status;
		EXPECT_EQ(status == 1 || status == 2 ? 0 : -EPROTO,
			  kt_snapshot_reply_decode(&out, buf, sizeof(buf)));
	}
	in.status = KT_REPLY_OK;
	in.request_id = 0;
	EXPECT_EQ(-EMSGSIZE, kt_snapshot_reply_encode(&in, buf, sizeof(buf)));
	buf[0] = 0;
	buf[4] = 1;
	EXPECT_EQ(-EPROTO, kt_snapshot_reply_decode(&out, buf, sizeof(buf)));
}

TEST(snapshot_reason_fills_its_buffer)
{
	struct kt_snapshot_reply in = { 1, KT_REPLY_ERROR }, out;
	u8 buf[KT_SNAPSHOT_REPLY_BYTES];

	memset(in.reason, 'r', 64);
	ASSERT_EQ(72, kt_snapshot_reply_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ('r', buf[71]);
	EXPECT_EQ(0, kt_snapshot_reply_decode(&out, buf, 72));
	EXPECT_EQ(64, strlen(out.reason));

	/* a character across the end is left out */
	memcpy(in.reason + 62, "\xe2\x82\xac", 3);
	ASSERT_EQ(72, kt_snapshot_reply_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ('r', buf[69]);
	EXPECT_EQ(0, buf[70]);
	EXPECT_EQ(0, buf[71]);
}

static const struct kt_kernel_op_req op = {
	.request_id = 5, .cold = 1, .write = 1, .target = KT_TARGET_TASK_FIELD,
	.kind = KT_VALUE_U64, .width = 8, .more = 1, .tag = "boost", .symbol = "sym", .field = "scx.weight",
	.addr = 0xffff888000001000, .cpu = 3, .pid = 77, .start_time = 1234567,
	.value = { 1, 2, 3, 4, 5, 6, 7, 8 },
};

TEST(kernel_op)
{
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	struct kt_kernel_op_req out;
	int len, i;

	memset(&out, 0xff, sizeof(out));
	len = kt_kernel_op_req_encode(&op, buf, sizeof(buf));
	ASSERT_GT(len, 0);
	ASSERT_EQ(0, kt_kernel_op_req_decode(&out, buf, len));
	EXPECT_EQ(0, memcmp(&op, &out, sizeof(out)));
	for (i = 0; i < len; i++) {
		EXPECT_EQ(-EPROTO, kt_kernel_op_req_decode(&out, buf, i));
		EXPECT_EQ(-EMSGSIZE, kt_kernel_op_req_encode(&op, buf, i));
	}
	EXPECT_EQ(-EPROTO, kt_kernel_op_req_decode(&out, buf, len + 1));
}

TEST(kernel_op_read_carries_no_value)
{
	struct kt_kernel_op_req in = op, out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int with, without;

	with = kt_kernel_op_req_encode(&in, buf, sizeof(buf));
	in.write = 0;
	without = kt_kernel_op_req_encode(&in, buf, sizeof(buf));
	EXPECT_EQ(with - 8, without);
	ASSERT_EQ(0, kt_kernel_op_req_decode(&out, buf, without));
	EXPECT_EQ(0, out.value[0]);
}

/* What neither side lets through. */
static const struct {
	size_t offset;		/* of a byte in the payload */
	u8 value;
} bad_ops[] = {
	{ 0, 0 },		/* request_id */
	{ 4, 2 },		/* cold */
	{ 5, 2 },		/* write */
	{ 6, 0 }, { 6, 6 },	/* target */
	{ 7, 0 }, { 7, 4 },	/* kind */
	{ 7, 1 },		/* a u32 of 8 bytes */
	{ 8, 0 }, { 8, 4 },	/* width of a u64 */
	{ 8, 7 }, { 8, 65 },
	{ 9, 2 },		/* more */
};

/* Which widths each kind of value may have. */
TEST(kernel_op_kinds)
{
	struct kt_kernel_op_req in = op, out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	u32 kind, width;
	bool ok;
	int len;

	in.write = 0;
	in.more = 0;
	for (kind = 0; kind <= 4; kind++) {
		for (width = 0; width <= UINT8_MAX; width++) {
			in.kind = kind;
			in.width = width;
			ok = (kind == KT_VALUE_U32 && width == 4) ||
			     (kind == KT_VALUE_U64 && width == 8) ||
			     (kind == KT_VALUE_BYTES && width >= 1 &&
			      width <= 64);
			len = kt_kernel_op_req_encode(&in, buf, sizeof(buf));
			EXPECT_EQ(ok, len > 0);
			in.kind = KT_VALUE_U64;
			in.width = 8;
			len = kt_kernel_op_req_encode(&in, buf, sizeof(buf));
			buf[7] = kind;
			buf[8] = width;
			EXPECT_EQ(ok ? 0 : -EPROTO,
				  kt_kernel_op_req_decode(&out, buf, len));
			if (!ok)
				continue;
			EXPECT_EQ(kind, out.kind);
			EXPECT_EQ(width, out.width);
			EXPECT_EQ(0, out.more);
		}
	}
}

TEST(kernel_op_bytes_of_any_width)
{
	struct kt_kernel_op_req in = op, out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int width, len, first = 0;

	in.kind = KT_VALUE_BYTES;
	memset(in.value, 0, sizeof(in.value));
	for (width = 1; width <= KT_KERNEL_OP_VALUE_BYTES; width++) {
		in.width = width;
		in.value[width - 1] = 200 - width;
		len = kt_kernel_op_req_encode(&in, buf, sizeof(buf));
		first = first ?: len;
		ASSERT_EQ(first + width - 1, len);
		ASSERT_EQ(0, kt_kernel_op_req_decode(&out, buf, len));
		EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
	}
}

TEST(kernel_op_refused)
{
	struct kt_kernel_op_req in = op, out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	size_t i;
	int len;

	for (i = 0; i < ARRAY_SIZE(bad_ops); i++) {
		len = kt_kernel_op_req_encode(&op, buf, sizeof(buf));
		buf[bad_ops[i].offset] = bad_ops[i].value;
		EXPECT_EQ(-EPROTO, kt_kernel_op_req_decode(&out, buf, len)) {
			TH_LOG("case %zu", i);
		}
	}
	in.pid = 0;
	EXPECT_EQ(-EMSGSIZE, kt_kernel_op_req_encode(&in, buf, sizeof(buf)));
	in = op;
	in.field[0] = '\0';
	EXPECT_EQ(-EMSGSIZE, kt_kernel_op_req_encode(&in, buf, sizeof(buf)));
	in.target = KT_TARGET_PERCPU_FIELD;
	EXPECT_EQ(-EMSGSIZE, kt_kernel_op_req_encode(&in, buf, sizeof(buf)));
	in = op;
	in.target = KT_TARGET_SYMBOL;
	in.symbol[0] = '\0';
	EXPECT_EQ(-EMSGSIZE, kt_kernel_op_req_encode(&in, buf, sizeof(buf)));
	in.target = KT_TARGET_KVA;
	EXPECT_GT(kt_kernel_op_req_encode(&in, buf, sizeof(buf)), 0);
}

/* A longer tag on the wire than the struct holds, as a foreign guest may send. */
TEST(kernel_op_tag_is_cut_at_a_character)
{
	struct kt_kernel_op_req in = op, out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES], wide[KT_KERNEL_OP_MAX_BYTES];
	int len;

	memset(in.tag, 'x', 256);
	in.tag[256] = '\0';
	len = kt_kernel_op_req_encode(&in, buf, sizeof(buf));
	ASSERT_GT(len, 0);
	/* the same with a tag of 300 bytes, a character of two at 255 */
	memcpy(wide, buf, 10);
	wide[10] = 300 & 0xff;
	wide[11] = 300 >> 8;
	memset(wide + 12, 'y', 300);
	memcpy(wide + 12 + 255, "\xc3\xa9", 2);
	memcpy(wide + 312, buf + 12 + 256, len - 12 - 256);
	ASSERT_EQ(0, kt_kernel_op_req_decode(&out, wide, len + 44));
	EXPECT_EQ(255, strlen(out.tag));
	EXPECT_EQ('y', out.tag[254]);
	EXPECT_STREQ("sym", out.symbol);
}

TEST(kernel_op_is_bounded)
{
	static u8 buf[KT_KERNEL_OP_MAX_BYTES + 1];
	struct kt_kernel_op_req out, in = op;

	in.write = 0;
	in.target = KT_TARGET_KVA;
	in.symbol[0] = '\0';
	in.field[0] = '\0';
	/* all that is left is tag, one byte more than a payload may have */
	ASSERT_GT(kt_kernel_op_req_encode(&in, buf, sizeof(buf)), 0);
	memset(buf + 10, 0, sizeof(buf) - 10);
	memset(buf + 12, 't', sizeof(buf) - 40);
	buf[10] = (sizeof(buf) - 40) & 0xff;
	buf[11] = (sizeof(buf) - 40) >> 8;
	EXPECT_EQ(-EPROTO, kt_kernel_op_req_decode(&out, buf, sizeof(buf)));
	buf[10]--;
	buf[sizeof(buf) - 29] = 0;
	EXPECT_EQ(0, kt_kernel_op_req_decode(&out, buf, sizeof(buf) - 1));
}

TEST(kernel_op_reply_to_a_read)
{
	const struct kt_kernel_op_reply in = {
		.request_id = 0x04030201, .status = KT_REPLY_OK, .width = 4,
		.value = { 0xa, 0xb, 0xc, 0xd },
	};
	static const u8 want[] = "\1\2\3\4\1\0\0\0\0\0\4\xa\xb\xc\xd";
	struct kt_kernel_op_reply out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int i;

	ASSERT_EQ(15, kt_kernel_op_reply_encode(&in, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(want, buf, 15));
	memset(&out, 0xff, sizeof(out));
	EXPECT_EQ(0, kt_kernel_op_reply_decode(&out, buf, 15));
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
	for (i = 0; i < 15; i++) {
		EXPECT_EQ(-EPROTO, kt_kernel_op_reply_decode(&out, buf, i));
		EXPECT_EQ(-EMSGSIZE, kt_kernel_op_reply_encode(&in, buf, i));
	}
	EXPECT_EQ(-EPROTO, kt_kernel_op_reply_decode(&out, buf, 16));
}

TEST(kernel_op_reply_with_a_reason)
{
	struct kt_kernel_op_reply in = {
		.request_id = 9, .status = KT_REPLY_ERROR,
	}, out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int len;

	memset(in.reason, 'r', KT_KERNEL_OP_REASON_BYTES);
	len = kt_kernel_op_reply_encode(&in, buf, sizeof(buf));
	ASSERT_EQ(4 + 4 + 2 + 256 + 1, len);
	EXPECT_EQ(0, kt_kernel_op_reply_decode(&out, buf, len));
	EXPECT_EQ(KT_REPLY_ERROR, out.status);
	EXPECT_STREQ(in.reason, out.reason);
	EXPECT_EQ(0, out.width);
	/* one more than there is room for */
	buf[8] = 1;
	buf[9] = 1;
	buf[10 + 256] = 'r';
	buf[10 + 257] = 0;
	EXPECT_EQ(-EPROTO, kt_kernel_op_reply_decode(&out, buf, len + 1));
}

TEST(kernel_op_reply_refused)
{
	static const struct kt_kernel_op_reply refused[] = {
		{ .request_id = 0, .status = KT_REPLY_OK },
		{ .request_id = 1, .status = 0 },
		{ .request_id = 1, .status = 3 },
		{ .request_id = 1, .status = KT_REPLY_OK, .reason = "x" },
		{ .request_id = 1, .status = KT_REPLY_OK, .width = 65 },
		{ .request_id = 1, .status = KT_REPLY_ERROR, .reason = "x",
		  .width = 1 },
	};
	const struct kt_kernel_op_reply written = { 1, KT_REPLY_OK };
	static const u8 zeroes[UINT8_MAX];
	struct kt_kernel_op_reply out;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	struct kt_enc e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		const struct kt_kernel_op_reply *r = &refused[i];

		EXPECT_EQ(-EMSGSIZE,
			  kt_kernel_op_reply_encode(r, buf, sizeof(buf))) {
			TH_LOG("case %zu", i);
		}
		kt_enc_init(&e, buf, sizeof(buf));
		kt_enc_u32(&e, r->request_id);
		kt_enc_u32(&e, r->status);
		kt_enc_str(&e, r->reason);
		kt_enc_u8(&e, r->width);
		kt_enc_bytes(&e, zeroes, r->width);
		EXPECT_EQ(-EPROTO, kt_kernel_op_reply_decode(&out, buf,
							     kt_enc_finish(&e))) {
			TH_LOG("case %zu", i);
		}
	}
	/* the answer to a write is an id and a status */
	ASSERT_EQ(11, kt_kernel_op_reply_encode(&written, buf, sizeof(buf)));
	EXPECT_EQ(0, kt_kernel_op_reply_decode(&out, buf, 11));
	EXPECT_EQ(0, out.width);
}

TEST(numbers)
{
	u8 buf[9];
	s32 code;
	u64 ms;

	ASSERT_EQ(4, kt_i32_encode(-2, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "\xfe\xff\xff\xff", 4));
	EXPECT_EQ(0, kt_i32_decode(&code, buf, 4));
	EXPECT_EQ(-2, code);
	EXPECT_EQ(-EPROTO, kt_i32_decode(&code, buf, 3));
	EXPECT_EQ(-EPROTO, kt_i32_decode(&code, buf, 5));
	EXPECT_EQ(-EMSGSIZE, kt_i32_encode(0, buf, 3));

	ASSERT_EQ(8, kt_u64_encode(0x0102030405060708, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "\10\7\6\5\4\3\2\1", 8));
	EXPECT_EQ(0, kt_u64_decode(&ms, buf, 8));
	EXPECT_EQ(0x0102030405060708, ms);
	EXPECT_EQ(-EPROTO, kt_u64_decode(&ms, buf, 7));
	EXPECT_EQ(-EPROTO, kt_u64_decode(&ms, buf, 9));
	EXPECT_EQ(-EMSGSIZE, kt_u64_encode(0, buf, 7));
}

TEST(lifecycle)
{
	char reason[32];
	u8 buf[64], phase;
	int len;

	len = kt_lifecycle_encode(KT_LIFE_SCHED_DIED, "exit 1", buf,
				  sizeof(buf));
	ASSERT_EQ(7, len);
	EXPECT_EQ(0, memcmp(buf, "\3exit 1", 7));
	EXPECT_EQ(0, kt_lifecycle_decode(&phase, reason, sizeof(reason), buf,
					 len));
	EXPECT_EQ(KT_LIFE_SCHED_DIED, phase);
	EXPECT_STREQ("exit 1", reason);
	EXPECT_EQ(0, kt_lifecycle_decode(&phase, NULL, 0, buf, len));
	EXPECT_EQ(KT_LIFE_SCHED_DIED, phase);

	EXPECT_EQ(1, kt_lifecycle_encode(KT_LIFE_INIT_STARTED, NULL, buf, 1));
	EXPECT_EQ(0, kt_lifecycle_decode(&phase, reason, sizeof(reason), buf,
					 1));
	EXPECT_STREQ("", reason);
	EXPECT_EQ(-EMSGSIZE, kt_lifecycle_encode(1, "long", buf, 4));
	EXPECT_EQ(-EMSGSIZE, kt_lifecycle_encode(0, NULL, buf, sizeof(buf)));
	EXPECT_EQ(-EMSGSIZE, kt_lifecycle_encode(5, NULL, buf, sizeof(buf)));
}

TEST(lifecycle_refused)
{
	char reason[4];
	u8 phase;

	EXPECT_EQ(-EPROTO, kt_lifecycle_decode(&phase, reason, 4, NULL, 0));
	EXPECT_EQ(-EPROTO, kt_lifecycle_decode(&phase, reason, 4, "\0", 1));
	EXPECT_EQ(-EPROTO, kt_lifecycle_decode(&phase, reason, 4, "\5", 1));
	EXPECT_EQ(-EPROTO, kt_lifecycle_decode(&phase, reason, 4, "\1a\0b", 4));
	EXPECT_STREQ("", reason);
}

TEST(lifecycle_reason_is_cut)
{
	char text[1100], reason[1100];
	u8 buf[1200], phase;

	memset(text, 'r', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memcpy(text + 1023, "\xc3\xa9", 2);
	EXPECT_EQ(1 + 1023, kt_lifecycle_encode(1, text, buf, sizeof(buf)));

	buf[0] = 1;
	memcpy(buf + 1, text, sizeof(text) - 1);
	EXPECT_EQ(0, kt_lifecycle_decode(&phase, reason, sizeof(reason), buf,
					 sizeof(text)));
	EXPECT_EQ(1023, strlen(reason));
	EXPECT_EQ(0, kt_lifecycle_decode(&phase, reason, 5, buf, sizeof(text)));
	EXPECT_STREQ("rrrr", reason);
}

TEST_HARNESS_MAIN
