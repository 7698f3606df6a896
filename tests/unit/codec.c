// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cursors: what is written is read back, and neither goes past its end.
 */
#include <kselftest_harness.h>

#include "ktstr/wire/codec.h"

TEST(integers_are_little_endian)
{
	static const u8 want[] = {
		0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04,
		0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08,
	};
	u8 buf[sizeof(want)];
	struct kt_enc e;

	kt_enc_init(&e, buf, sizeof(buf));
	kt_enc_u8(&e, 0x01);
	kt_enc_u16(&e, 0x0203);
	kt_enc_u32(&e, 0x04050607);
	kt_enc_u64(&e, 0x08090a0b0c0d0e0f);
	EXPECT_EQ((int)sizeof(want), kt_enc_finish(&e));
	EXPECT_EQ(0, memcmp(buf, want, sizeof(want)));
}

TEST(round_trip)
{
	char s[8], bytes[3];
	struct kt_enc e;
	struct kt_dec d;
	u8 buf[64];
	int len;

	kt_enc_init(&e, buf, sizeof(buf));
	kt_enc_u8(&e, UINT8_MAX);
	kt_enc_u16(&e, UINT16_MAX);
	kt_enc_u32(&e, UINT32_MAX);
	kt_enc_u64(&e, UINT64_MAX);
	kt_enc_str(&e, "seven77");
	kt_enc_str(&e, "");
	kt_enc_bytes(&e, "a\0b", 3);
	len = kt_enc_finish(&e);
	ASSERT_EQ(1 + 2 + 4 + 8 + 9 + 2 + 3, len);

	kt_dec_init(&d, buf, len);
	EXPECT_EQ(UINT8_MAX, kt_dec_u8(&d));
	EXPECT_EQ(UINT16_MAX, kt_dec_u16(&d));
	EXPECT_EQ(UINT32_MAX, kt_dec_u32(&d));
	EXPECT_EQ(UINT64_MAX, kt_dec_u64(&d));
	kt_dec_str(&d, s, sizeof(s));
	EXPECT_STREQ("seven77", s);
	kt_dec_str(&d, s, sizeof(s));
	EXPECT_STREQ("", s);
	kt_dec_bytes(&d, bytes, sizeof(bytes));
	EXPECT_EQ(0, memcmp(bytes, "a\0b", 3));
	EXPECT_EQ(0, kt_dec_finish(&d));
}

TEST(a_full_encoder_stays_bad)
{
	struct kt_enc e;
	u8 buf[4] = { 9, 9, 9, 9 };

	kt_enc_init(&e, buf, 3);
	kt_enc_u32(&e, 0);
	EXPECT_TRUE(e.bad);
	kt_enc_u8(&e, 0);
	EXPECT_EQ(0, e.len_bytes);
	EXPECT_EQ(9, buf[0]);
	EXPECT_EQ(-EMSGSIZE, kt_enc_finish(&e));
}

TEST(a_string_too_long_for_its_length_is_bad)
{
	static char text[UINT16_MAX + 2], buf[UINT16_MAX + 8];
	struct kt_enc e;

	memset(text, 'x', UINT16_MAX + 1);
	kt_enc_init(&e, buf, sizeof(buf));
	kt_enc_str(&e, text);
	EXPECT_EQ(-EMSGSIZE, kt_enc_finish(&e));

	text[UINT16_MAX] = '\0';
	kt_enc_init(&e, buf, sizeof(buf));
	kt_enc_str(&e, text);
	EXPECT_EQ(UINT16_MAX + 2, kt_enc_finish(&e));
}

TEST(reading_past_the_end_yields_zeroes)
{
	const u8 buf[3] = { 1, 2, 3 };
	u8 bytes[2] = { 7, 7 };
	struct kt_dec d;

	kt_dec_init(&d, buf, sizeof(buf));
	EXPECT_EQ(0, kt_dec_u32(&d));
	EXPECT_TRUE(d.bad);
	EXPECT_EQ(0, kt_dec_u8(&d));
	kt_dec_bytes(&d, bytes, sizeof(bytes));
	EXPECT_EQ(0, bytes[0] | bytes[1]);
	EXPECT_EQ(-EPROTO, kt_dec_finish(&d));
}

TEST(what_is_left_over_is_an_error)
{
	const u8 buf[3] = { 1, 2, 3 };
	struct kt_dec d;

	kt_dec_init(&d, buf, sizeof(buf));
	EXPECT_EQ(0x0201, kt_dec_u16(&d));
	EXPECT_EQ(-EPROTO, kt_dec_finish(&d));
	kt_dec_u8(&d);
	EXPECT_EQ(0, kt_dec_finish(&d));
}

TEST(an_empty_payload)
{
	struct kt_dec d;

	kt_dec_init(&d, NULL, 0);
	EXPECT_EQ(0, kt_dec_finish(&d));
	EXPECT_EQ(0, kt_dec_u8(&d));
	EXPECT_EQ(-EPROTO, kt_dec_finish(&d));
}

static bool str_bad(const void *buf, size_t len, size_t size, char *s)
{
	struct kt_dec d;

	memset(s, 'z', size);
	kt_dec_init(&d, buf, len);
	kt_dec_str(&d, s, size);
	return d.bad;
}

TEST(hostile_strings)
{
	char s[4];

	EXPECT_FALSE(str_bad("\3\0abc", 5, sizeof(s), s));
	EXPECT_STREQ("abc", s);
	/* no room for the NUL */
	EXPECT_TRUE(str_bad("\4\0abcd", 6, sizeof(s), s));
	EXPECT_STREQ("", s);
	/* announces more than is there */
	EXPECT_TRUE(str_bad("\3\0ab", 4, sizeof(s), s));
	EXPECT_STREQ("", s);
	EXPECT_TRUE(str_bad("\377\377ab", 4, sizeof(s), s));
	EXPECT_STREQ("", s);
	/* a NUL inside */
	EXPECT_TRUE(str_bad("\3\0a\0c", 5, sizeof(s), s));
	EXPECT_STREQ("", s);
	/* half a length */
	EXPECT_TRUE(str_bad("\1", 1, sizeof(s), s));
	EXPECT_STREQ("", s);
}

TEST(require)
{
	struct kt_dec d;

	kt_dec_init(&d, "a", 1);
	kt_dec_require(&d, true);
	EXPECT_EQ('a', kt_dec_u8(&d));
	EXPECT_EQ(0, kt_dec_finish(&d));
	kt_dec_require(&d, false);
	kt_dec_require(&d, true);
	EXPECT_EQ(-EPROTO, kt_dec_finish(&d));
}

TEST_HARNESS_MAIN
