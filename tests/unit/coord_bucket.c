// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a run keeps: order and content of frames, the ends of texts, the
 * bounds, and room for the last words behind any flood.
 */
#include <kselftest_harness.h>

#include "ktstr/coord/bucket.h"
#include "ktstr/wire/msg.h"

FIXTURE(bucket)
{
	struct kt_bucket b;
	u8 *big;		/* of the largest payload */
};

FIXTURE_SETUP(bucket)
{
	memset(&self->b, 0, sizeof(self->b));
	self->big = calloc(1, KT_FRAME_MAX_PAYLOAD);
	ASSERT_NE(NULL, self->big);
}

FIXTURE_TEARDOWN(bucket)
{
	kt_bucket_fini(&self->b);
	EXPECT_EQ(NULL, self->b.frames);
	free(self->big);
}

static void add(struct kt_bucket *b, u32 tag, bool crc_ok, const void *payload,
		u32 len)
{
	const struct kt_frame f = {
		.msg_type = tag, .len_bytes = len, .payload = payload,
		.crc_ok = crc_ok,
	};

	kt_bucket_add(b, &f, b->nr_frames + 1);
}

static u32 count(const struct kt_bucket *b, u32 tag)
{
	u32 nr = 0, i;

	for (i = 0; i < b->nr_frames; i++)
		nr += b->frames[i]->msg_type == tag;
	return nr;
}

TEST_F(bucket, in_order_and_copied)
{
	char text[] = "abc";

	add(&self->b, KT_TAG_STIMULUS, true, text, 3);
	text[0] = 'X';
	add(&self->b, KT_TAG_LIFECYCLE, false, NULL, 0);
	ASSERT_EQ(2, self->b.nr_frames);
	EXPECT_EQ(KT_TAG_STIMULUS, self->b.frames[0]->msg_type);
	EXPECT_EQ(3, self->b.frames[0]->len_bytes);
	EXPECT_EQ(0, memcmp("abc", self->b.frames[0]->payload, 3));
	EXPECT_TRUE(self->b.frames[0]->crc_ok);
	EXPECT_EQ(1, self->b.frames[0]->at_ns);
	EXPECT_EQ(KT_TAG_LIFECYCLE, self->b.frames[1]->msg_type);
	EXPECT_EQ(0, self->b.frames[1]->len_bytes);
	EXPECT_FALSE(self->b.frames[1]->crc_ok);
	EXPECT_EQ(2, self->b.frames[1]->at_ns);
	EXPECT_EQ(3, self->b.bytes);
	EXPECT_EQ(0, self->b.dropped_frames);
}

TEST_F(bucket, last_of_a_type_with_a_good_crc)
{
	const struct kt_kept_frame *f;

	EXPECT_EQ(NULL, kt_bucket_last(&self->b, KT_TAG_EXIT));
	add(&self->b, KT_TAG_TEST_RESULT, true, "1", 1);
	add(&self->b, KT_TAG_TEST_RESULT, true, "2", 1);
	add(&self->b, KT_TAG_TEST_RESULT, false, "3", 1);
	add(&self->b, KT_TAG_STIMULUS, true, "4", 1);
	f = kt_bucket_last(&self->b, KT_TAG_TEST_RESULT);
	ASSERT_NE(NULL, f);
	EXPECT_EQ('2', f->payload[0]);
	EXPECT_EQ(NULL, kt_bucket_last(&self->b, KT_TAG_EXIT));
}

TEST_F(bucket, texts_are_streams_not_frames)
{
	static const struct {
		u32 tag;
		enum kt_text_stream stream;
	} texts[] = {
		{ KT_TAG_STDOUT, KT_TEXT_STDOUT },
		{ KT_TAG_STDERR, KT_TEXT_STDERR },
		{ KT_TAG_SCHED_LOG, KT_TEXT_SCHED },
		{ KT_TAG_DMESG, KT_TEXT_DMESG },
	};
	char *text, want[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		char byte = 'a' + i;

		add(&self->b, texts[i].tag, true, &byte, 1);
		add(&self->b, texts[i].tag, true, "+", 1);
	}
	EXPECT_EQ(0, self->b.nr_frames);
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		text = kt_tail_text(&self->b.texts[texts[i].stream], 100);
		snprintf(want, sizeof(want), "%c+", (char)('a' + i));
		EXPECT_STREQ(want, text);
		free(text);
	}
}

/* Endless output costs the ring of its stream and nothing else. */
TEST_F(bucket, endless_text)
{
	int i;

	memset(self->big, 'x', 1 << 20);
	for (i = 0; i < 100; i++)
		add(&self->b, KT_TAG_STDOUT, true, self->big, 1 << 20);
	EXPECT_EQ(100ull << 20, self->b.texts[KT_TEXT_STDOUT].total_bytes);
	EXPECT_EQ(0, self->b.bytes);
	EXPECT_EQ(0, self->b.dropped_frames);
	add(&self->b, KT_TAG_STIMULUS, true, "", 0);
	EXPECT_EQ(1, self->b.nr_frames);
}

TEST_F(bucket, bound_on_frames)
{
	int i;

	for (i = 0; i < KT_BUCKET_MAX_FRAMES + 10; i++)
		add(&self->b, KT_TAG_STIMULUS, true, "", 0);
	EXPECT_EQ(KT_BUCKET_MAX_FRAMES, self->b.nr_frames);
	EXPECT_EQ(10, self->b.dropped_frames);
}

TEST_F(bucket, bound_on_bytes)
{
	int i;

	for (i = 0; i < 10; i++)
		add(&self->b, KT_TAG_RAW_OUTPUT, true, self->big,
		    KT_FRAME_MAX_PAYLOAD);
	EXPECT_EQ(KT_BUCKET_MAX_BYTES, self->b.bytes);
	EXPECT_EQ(KT_BUCKET_MAX_BYTES / KT_FRAME_MAX_PAYLOAD, self->b.nr_frames);
	EXPECT_EQ(10 - self->b.nr_frames, self->b.dropped_frames);
	/* one without a payload costs none */
	add(&self->b, KT_TAG_STIMULUS, true, "", 0);
	add(&self->b, KT_TAG_STIMULUS, true, "x", 1);
	EXPECT_EQ(1, count(&self->b, KT_TAG_STIMULUS));
}

TEST_F(bucket, last_words_have_room_behind_any_flood)
{
	static const u32 last_words[] = {
		KT_TAG_SCHED_EXIT, KT_TAG_TEST_RESULT, KT_TAG_EXIT,
	};
	size_t i;

	for (i = 0; i < 3; i++)
		add(&self->b, KT_TAG_RAW_OUTPUT, true, self->big,
		    KT_FRAME_MAX_PAYLOAD);
	for (i = 0; i < 2 * KT_BUCKET_MAX_FRAMES; i++)
		add(&self->b, KT_TAG_STIMULUS, true, "", 0);
	/* torn ones before them take nothing away */
	for (i = 0; i < 100; i++)
		add(&self->b, last_words[i % 3], false, "torn", 4);
	for (i = 0; i < ARRAY_SIZE(last_words); i++) {
		add(&self->b, last_words[i], true, "word", 4);
		EXPECT_NE(NULL, kt_bucket_last(&self->b, last_words[i]));
		EXPECT_EQ(1, count(&self->b, last_words[i]));
	}
	/* but a second one has none */
	for (i = 0; i < ARRAY_SIZE(last_words); i++) {
		add(&self->b, last_words[i], true, "more", 4);
		EXPECT_EQ(1, count(&self->b, last_words[i]));
	}
}

/* A guest that sends nothing but torn results must not fill the host. */
TEST_F(bucket, torn_last_words_are_bounded_too)
{
	int i;

	for (i = 0; i < 20; i++)
		add(&self->b, KT_TAG_TEST_RESULT, false, self->big,
		    KT_FRAME_MAX_PAYLOAD);
	EXPECT_GE(KT_BUCKET_MAX_BYTES, self->b.bytes);
	for (i = 0; i < 2 * KT_BUCKET_MAX_FRAMES; i++)
		add(&self->b, KT_TAG_EXIT, false, "", 0);
	EXPECT_EQ(KT_BUCKET_MAX_FRAMES, self->b.nr_frames);
}

TEST_HARNESS_MAIN
