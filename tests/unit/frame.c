// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames and the assembler: split anywhere, torn, announced too large, and a
 * buffer that no announcement makes grow.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/wire/frame.h"
#include "ktstr/wire/msg.h"

#define HDR	sizeof(struct kt_frame_hdr)
#define CAP	KT_FRAME_MAX_PAYLOAD

FIXTURE(stream)
{
	struct kt_assembler a;
	struct kt_frame f;
};

FIXTURE_SETUP(stream)
{
	keep_log();
	kt_assembler_init(&self->a);
}

FIXTURE_TEARDOWN(stream)
{
	kt_assembler_fini(&self->a);
}

/* Appends a frame to @buf, returns its bytes. */
static size_t put(u8 *buf, u32 tag, const char *payload)
{
	size_t len = strlen(payload);
	struct kt_frame_hdr hdr;

	if (kt_frame_encode_hdr(&hdr, tag, payload, len))
		return 0;
	memcpy(buf, &hdr, HDR);
	memcpy(buf + HDR, payload, len);
	return HDR + len;
}

static struct kt_frame_hdr announce(u32 len)
{
	return (struct kt_frame_hdr){
		.msg_type = cpu_to_le32(KT_TAG_STDOUT),
		.length = cpu_to_le32(len),
	};
}

static bool is(const struct kt_frame *f, u32 tag, const char *payload)
{
	return f->msg_type == tag && f->len_bytes == strlen(payload) &&
	       !memcmp(f->payload, payload, f->len_bytes);
}

TEST(bytes_of_a_header)
{
	/* "EXIT" reversed, length 4, crc32 of four zero bytes, no padding */
	static const u8 want[HDR] = {
		0x54, 0x49, 0x58, 0x45, 4, 0, 0, 0,
		0x1c, 0xdf, 0x44, 0x21, 0, 0, 0, 0,
	};
	struct kt_frame_hdr hdr;

	ASSERT_EQ(16, HDR);
	EXPECT_EQ(0, kt_frame_encode_hdr(&hdr, KT_TAG_EXIT, "\0\0\0", 4));
	EXPECT_EQ(0, memcmp(&hdr, want, HDR));
	EXPECT_EQ(0, kt_frame_encode_hdr(&hdr, KT_TAG_SYS_RDY, NULL, 0));
	EXPECT_EQ(0, hdr.crc32);
}

TEST(payload_cap_of_the_encoder)
{
	struct kt_frame_hdr hdr;
	u8 *big = calloc(1, CAP + 1);

	ASSERT_NE(NULL, big);
	EXPECT_EQ(0, kt_frame_encode_hdr(&hdr, KT_TAG_STDOUT, big, CAP));
	EXPECT_EQ(-EMSGSIZE,
		  kt_frame_encode_hdr(&hdr, KT_TAG_STDOUT, big, CAP + 1));
	free(big);
}

TEST_F(stream, three_at_once)
{
	u8 buf[256];
	size_t n = 0;

	n += put(buf + n, KT_TAG_STDOUT, "hello");
	n += put(buf + n, KT_TAG_SYS_RDY, "");
	n += put(buf + n, KT_TAG_STDERR, "world");
	ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_STDOUT, "hello"));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_SYS_RDY, ""));
	EXPECT_TRUE(self->f.crc_ok);
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_STDERR, "world"));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(3, self->a.frames);
	EXPECT_EQ(0, self->a.bad_crc);
}

TEST_F(stream, split_at_every_byte)
{
	size_t n = 0, cut;
	u8 buf[256];

	n += put(buf + n, KT_TAG_STDOUT, "one");
	n += put(buf + n, KT_TAG_STDERR, "another");
	for (cut = 0; cut <= n; cut++) {
		struct kt_assembler *a = &self->a;
		u32 seen = 0;

		ASSERT_EQ(0, kt_assembler_feed(a, buf, cut));
		while (kt_assembler_next(a, &self->f))
			seen++;
		EXPECT_EQ((cut >= HDR + 3) + (cut >= n), seen);
		ASSERT_EQ(0, kt_assembler_feed(a, buf + cut, n - cut));
		while (kt_assembler_next(a, &self->f))
			seen++;
		EXPECT_EQ(2, seen);
		EXPECT_TRUE(is(&self->f, KT_TAG_STDERR, "another"));
		EXPECT_TRUE(self->f.crc_ok);
	}
	EXPECT_EQ(0, self->a.bad_crc);
	EXPECT_EQ(0, nr_logged);
}

TEST_F(stream, byte_by_byte)
{
	size_t n = 0, i;
	u32 seen = 0;
	u8 buf[256];

	n += put(buf + n, KT_TAG_STDOUT, "one");
	n += put(buf + n, KT_TAG_SYS_RDY, "");
	n += put(buf + n, KT_TAG_STDERR, "three");
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, kt_assembler_feed(&self->a, buf + i, 1));
		while (kt_assembler_next(&self->a, &self->f))
			seen++;
	}
	EXPECT_EQ(3, seen);
	EXPECT_EQ(0, self->a.bad_crc);
}

TEST_F(stream, bad_crc_does_not_stop_the_stream)
{
	u8 buf[256];
	size_t n = 0;

	n += put(buf + n, KT_TAG_EXIT, "torn");
	buf[n - 1] ^= 1;
	n += put(buf + n, KT_TAG_STDOUT, "good");
	ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(KT_TAG_EXIT, self->f.msg_type);
	EXPECT_FALSE(self->f.crc_ok);
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_STDOUT, "good"));
	EXPECT_TRUE(self->f.crc_ok);
	EXPECT_EQ(1, self->a.bad_crc);
}

TEST_F(stream, padding_is_reported_a_few_times_and_read_over)
{
	u8 buf[256];
	size_t n = put(buf, KT_TAG_STDOUT, "x");
	int i;

	buf[12] = 1;
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
		ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
		EXPECT_TRUE(self->f.crc_ok);
	}
	EXPECT_EQ(100, self->a.bad_pad);
	EXPECT_EQ(8, nr_logged);
}

TEST_F(stream, largest_frame)
{
	struct kt_frame_hdr hdr;
	u8 *big = malloc(CAP);

	ASSERT_NE(NULL, big);
	memset(big, 0x5a, CAP);
	kt_frame_encode_hdr(&hdr, KT_TAG_DMESG, big, CAP);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, HDR));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, CAP - 1));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, 1));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(CAP, self->f.len_bytes);
	EXPECT_TRUE(self->f.crc_ok);
	EXPECT_EQ(0, self->a.oversized);
	free(big);
}

TEST_F(stream, an_announcement_allocates_nothing)
{
	struct kt_frame_hdr hdr = announce(UINT32_MAX);

	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, HDR));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_LE(self->a.cap_bytes, 4096);
	hdr = announce(CAP);
	kt_assembler_fini(&self->a);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, HDR));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_LE(self->a.cap_bytes, 4096);
}

TEST_F(stream, oversize_is_judged_when_all_of_it_is_there)
{
	struct kt_frame_hdr hdr = announce(CAP + 1);
	u8 *big = calloc(1, CAP), tail[64];
	const void *rest;
	size_t n;

	ASSERT_NE(NULL, big);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, HDR));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, CAP));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(0, self->a.oversized);
	EXPECT_EQ(HDR + CAP, kt_assembler_residue(&self->a, &rest));

	/* its last byte, and a frame behind it that goes with it */
	tail[0] = 0;
	n = 1 + put(tail + 1, KT_TAG_STDOUT, "lost");
	ASSERT_EQ(0, kt_assembler_feed(&self->a, tail, n));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(1, self->a.oversized);
	EXPECT_EQ(1, nr_logged);
	EXPECT_EQ(HDR + CAP + n, self->a.dropped_bytes);
	EXPECT_EQ(0, kt_assembler_residue(&self->a, &rest));

	/* and the stream goes on */
	n = put(tail, KT_TAG_STDOUT, "kept");
	ASSERT_EQ(0, kt_assembler_feed(&self->a, tail, n));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_STDOUT, "kept"));
	free(big);
}

TEST_F(stream, frames_before_an_oversized_one_come_out)
{
	struct kt_frame_hdr hdr = announce(CAP + 1);
	u8 *big = calloc(1, CAP + 1), buf[64];
	size_t n = put(buf, KT_TAG_STDOUT, "first");

	ASSERT_NE(NULL, big);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, HDR));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, CAP + 1));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_STDOUT, "first"));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(HDR + CAP + 1, self->a.dropped_bytes);
	free(big);
}

TEST_F(stream, buffer_above_twice_the_cap_is_dropped)
{
	struct kt_frame_hdr hdr = announce(UINT32_MAX);
	u8 *big = calloc(1, CAP), buf[64];
	const void *rest;
	size_t n;

	ASSERT_NE(NULL, big);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, HDR));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, CAP));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, CAP - HDR));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(2 * CAP, kt_assembler_residue(&self->a, &rest));
	EXPECT_EQ(0, self->a.dropped_bytes);
	EXPECT_EQ(2 * CAP, self->a.cap_bytes);

	ASSERT_EQ(0, kt_assembler_feed(&self->a, big, 1));
	EXPECT_EQ(0, kt_assembler_residue(&self->a, &rest));
	EXPECT_EQ(2 * CAP + 1, self->a.dropped_bytes);
	EXPECT_EQ(1, self->a.overflows);
	EXPECT_EQ(1, nr_logged);
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));

	n = put(buf, KT_TAG_STDOUT, "kept");
	ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_STDOUT, "kept"));
	free(big);
}

TEST_F(stream, no_allocation_in_steady_state)
{
	static u8 bytes[3 * 1500];
	size_t cap, n = 0, at = 0;
	u8 frame[1500];
	const u8 *buf;
	u64 fed = 0;
	char text[1400];
	int i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	n = put(frame, KT_TAG_STDOUT, text);
	for (i = 0; i < 3; i++)
		memcpy(bytes + i * n, frame, n);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, bytes, n));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	buf = self->a.buf;
	cap = self->a.cap_bytes;
	/* 97 is no divisor: frames end up split everywhere */
	while (fed < 1000 * n) {
		ASSERT_EQ(0, kt_assembler_feed(&self->a, bytes + at, 97));
		fed += 97;
		at = (at + 97) % n;
		while (kt_assembler_next(&self->a, &self->f))
			ASSERT_TRUE(self->f.crc_ok);
	}
	EXPECT_EQ(buf, self->a.buf);
	EXPECT_EQ(cap, self->a.cap_bytes);
	EXPECT_GE(self->a.frames, 1000);
}

/* A caller that takes one frame for each it feeds keeps a backlog. */
TEST_F(stream, backlog)
{
	size_t n = 0;
	u8 buf[64];
	char text[16];
	int i;

	for (i = 0; i < 3000; i++) {
		sprintf(text, "%d", i);
		n = put(buf, KT_TAG_STDOUT, text);
		ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
	}
	for (i = 0; i < 9000; i++) {
		sprintf(text, "%d", i + 3000);
		n = put(buf, KT_TAG_STDOUT, text);
		ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n));
		ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
		sprintf(text, "%d", i);
		ASSERT_TRUE(is(&self->f, KT_TAG_STDOUT, text));
		ASSERT_TRUE(self->f.crc_ok);
	}
}

TEST_F(stream, residue_and_last_drain)
{
	const void *rest = self;
	u8 buf[64];
	size_t n = put(buf, KT_TAG_EXIT, "code");

	EXPECT_EQ(0, kt_assembler_residue(&self->a, &rest));
	EXPECT_EQ(NULL, rest);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, buf, n - 2));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	ASSERT_EQ(n - 2, kt_assembler_residue(&self->a, &rest));
	EXPECT_EQ(0, memcmp(rest, buf, n - 2));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, buf + n - 2, 2));
	ASSERT_TRUE(kt_assembler_next(&self->a, &self->f));
	EXPECT_TRUE(is(&self->f, KT_TAG_EXIT, "code"));
	EXPECT_EQ(0, kt_assembler_residue(&self->a, &rest));
}

/* What is fed into it then needs no memory, and is where it would be. */
TEST_F(stream, room_in_advance)
{
	struct kt_frame_hdr hdr;
	struct kt_frame f;

	ASSERT_EQ(0, kt_frame_encode_hdr(&hdr, KT_TAG_SYS_RDY, NULL, 0));
	ASSERT_EQ(0, kt_assembler_feed(&self->a, &hdr, 5));
	ASSERT_EQ(0, kt_assembler_reserve(&self->a, 100000));
	EXPECT_LE(100005, self->a.cap_bytes);
	EXPECT_EQ(5, self->a.tail - self->a.head);
	ASSERT_EQ(0, kt_assembler_feed(&self->a, (u8 *)&hdr + 5, sizeof(hdr) - 5));
	ASSERT_TRUE(kt_assembler_next(&self->a, &f));
	EXPECT_EQ(KT_TAG_SYS_RDY, f.msg_type);
	EXPECT_TRUE(f.crc_ok);
	EXPECT_EQ(-ENOMEM, kt_assembler_reserve(&self->a, SIZE_MAX));
}

TEST_F(stream, feeding_nothing)
{
	EXPECT_EQ(0, kt_assembler_feed(&self->a, NULL, 0));
	EXPECT_FALSE(kt_assembler_next(&self->a, &self->f));
	EXPECT_EQ(NULL, self->a.buf);
}

TEST_HARNESS_MAIN
