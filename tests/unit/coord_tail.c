// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a stream: what is kept of it at every length around the ring's,
 * however it was cut into pieces.
 */
#include <kselftest_harness.h>

#include "ktstr/coord/tail.h"

FIXTURE(tail)
{
	struct kt_tail t;
	char *text;
};

FIXTURE_SETUP(tail)
{
	memset(&self->t, 0, sizeof(self->t));
	self->text = NULL;
}

FIXTURE_TEARDOWN(tail)
{
	free(self->text);
	kt_tail_fini(&self->t);
}

/* Printable, and of a period that the ring's size is no multiple of. */
static char letter(u64 at)
{
	return '0' + at % 71;
}

static void add(struct kt_tail *t, size_t len)
{
	char *buf = malloc(len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = letter(t->total_bytes + i);
	kt_tail_add(t, buf, len);
	free(buf);
}

static bool is_end_of(const struct kt_tail *t, const char *text, size_t len)
{
	size_t i;

	if (!text || strlen(text) != len)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] != letter(t->total_bytes - len + i))
			return false;
	return true;
}

TEST_F(tail, empty)
{
	self->text = kt_tail_text(&self->t, 100);
	EXPECT_STREQ("", self->text);
	EXPECT_EQ(NULL, self->t.ring);
	EXPECT_EQ(0, kt_tail_dropped(&self->t));
	kt_tail_add(&self->t, "", 0);
	EXPECT_EQ(0, self->t.total_bytes);
}

TEST_F(tail, all_while_it_fits)
{
	add(&self->t, 100);
	add(&self->t, KT_TAIL_BYTES - 100);
	EXPECT_EQ(0, kt_tail_dropped(&self->t));
	self->text = kt_tail_text(&self->t, SIZE_MAX);
	EXPECT_TRUE(is_end_of(&self->t, self->text, KT_TAIL_BYTES));
}

TEST_F(tail, one_byte_more)
{
	add(&self->t, KT_TAIL_BYTES);
	add(&self->t, 1);
	EXPECT_EQ(1, kt_tail_dropped(&self->t));
	EXPECT_EQ(KT_TAIL_BYTES + 1, self->t.total_bytes);
	self->text = kt_tail_text(&self->t, SIZE_MAX);
	EXPECT_TRUE(is_end_of(&self->t, self->text, KT_TAIL_BYTES));
}

TEST_F(tail, more_than_the_ring_at_once)
{
	static const size_t lens[] = {
		3, KT_TAIL_BYTES + 1, 5, 3 * KT_TAIL_BYTES + 17, KT_TAIL_BYTES,
	};
	u64 total = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		add(&self->t, lens[i]);
		total += lens[i];
		EXPECT_EQ(total, self->t.total_bytes);
		free(self->text);
		self->text = kt_tail_text(&self->t, 1000);
		EXPECT_TRUE(is_end_of(&self->t, self->text,
				      min_t(u64, total, 1000)));
	}
	EXPECT_EQ(total - KT_TAIL_BYTES, kt_tail_dropped(&self->t));
}

/* Pieces that do not divide the ring, many times around it. */
TEST_F(tail, pieces)
{
	size_t i;

	for (i = 0; i < 1000; i++)
		add(&self->t, i % 997);
	self->text = kt_tail_text(&self->t, KT_TAIL_BYTES);
	EXPECT_TRUE(is_end_of(&self->t, self->text, KT_TAIL_BYTES));
}

TEST_F(tail, at_most_what_was_asked)
{
	add(&self->t, 100);
	self->text = kt_tail_text(&self->t, 10);
	EXPECT_TRUE(is_end_of(&self->t, self->text, 10));
	free(self->text);
	self->text = kt_tail_text(&self->t, 0);
	EXPECT_STREQ("", self->text);
}

/* From a guest: fit to print, and still a string. */
TEST_F(tail, clean)
{
	static const char raw[] = "one\r\ntwo\0\033[2Jthree\r\r\n";

	kt_tail_add(&self->t, raw, sizeof(raw) - 1);
	self->text = kt_tail_text(&self->t, SIZE_MAX);
	EXPECT_STREQ("one\ntwo??[2Jthree\n", self->text);
}

TEST_F(tail, can_be_used_again)
{
	add(&self->t, 100);
	kt_tail_fini(&self->t);
	EXPECT_EQ(0, self->t.total_bytes);
	add(&self->t, 7);
	self->text = kt_tail_text(&self->t, 100);
	EXPECT_TRUE(is_end_of(&self->t, self->text, 7));
}

TEST_HARNESS_MAIN
