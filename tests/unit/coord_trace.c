// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trace: whatever a guest says otherwise, or in another order, is another
 * number.
 */
#include <kselftest_harness.h>

#include "ktstr/coord/trace.h"
#include "ktstr/wire/msg.h"

struct said {
	u32 tag;
	const char *payload;
	u32 len_bytes;
	bool bad_crc;
};

#define SAID(tag, text, ...) { tag, text, sizeof(text) - 1, ##__VA_ARGS__ }

static u64 hash_of(const struct said *said, u32 nr, const char *console)
{
	struct kt_trace t;
	u32 i;

	kt_trace_init(&t, true);
	for (i = 0; i < nr; i++) {
		const struct kt_frame f = {
			.msg_type = said[i].tag, .payload = said[i].payload,
			.len_bytes = said[i].len_bytes,
			.crc_ok = !said[i].bad_crc,
		};

		kt_trace_frame(&t, &f);
	}
	kt_trace_console(&t, console, strlen(console));
	return kt_trace_hash(&t);
}

#define HASH(console, ...) ({						\
	static const struct said all[] = { __VA_ARGS__ };		\
	hash_of(all, ARRAY_SIZE(all), console);				\
})

TEST(the_same_is_the_same)
{
	EXPECT_EQ(HASH("c", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_EXIT, "1234")),
		  HASH("c", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_EXIT, "1234")));
}

TEST(anything_else_is_not)
{
	const u64 hashes[] = {
		HASH("", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_STDERR, "c")),
		HASH("", SAID(KT_TAG_STDERR, "c"), SAID(KT_TAG_STDOUT, "ab")),
		HASH("", SAID(KT_TAG_STDERR, "ab"), SAID(KT_TAG_STDERR, "c")),
		HASH("", SAID(KT_TAG_STDOUT, "a"), SAID(KT_TAG_STDERR, "bc")),
		HASH("", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_STDERR, "d")),
		HASH("", SAID(KT_TAG_STDOUT, "ab", true), SAID(KT_TAG_STDERR, "c")),
		HASH("", SAID(KT_TAG_STDOUT, "ab")),
		HASH("", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_STDERR, "c"),
		     SAID(KT_TAG_SYS_RDY, "")),
		HASH("x", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_STDERR, "c")),
		HASH("xy", SAID(KT_TAG_STDOUT, "ab"), SAID(KT_TAG_STDERR, "c")),
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		for (j = 0; j < i; j++)
			EXPECT_NE(hashes[i], hashes[j]);
}

/* Reads come in pieces of any size. */
TEST(a_console_in_pieces)
{
	struct kt_trace whole, pieces;

	kt_trace_init(&whole, true);
	kt_trace_init(&pieces, true);
	kt_trace_console(&whole, "abcdef", 6);
	kt_trace_console(&pieces, "ab", 2);
	kt_trace_console(&pieces, "", 0);
	kt_trace_console(&pieces, "cdef", 4);
	EXPECT_EQ(kt_trace_hash(&whole), kt_trace_hash(&pieces));
}

TEST(time_and_count)
{
	u8 ns[8] = { 0, 0, 0, 0, 1 };
	struct kt_frame f = {
		.msg_type = KT_TAG_TIME, .payload = ns, .len_bytes = 8,
		.crc_ok = true,
	};
	struct kt_trace t;

	kt_trace_init(&t, true);
	kt_trace_frame(&t, &f);
	EXPECT_EQ(1ULL << 32, t.last_ns);
	ns[4] = 2;
	f.crc_ok = false;
	kt_trace_frame(&t, &f);
	f.crc_ok = true;
	f.len_bytes = 7;
	kt_trace_frame(&t, &f);
	EXPECT_EQ(1ULL << 32, t.last_ns);
	EXPECT_EQ(3, t.nr_frames);
}

static void at(struct kt_trace *t, u64 ns, u32 tag)
{
	struct kt_frame f = { .msg_type = KT_TAG_TIME, .crc_ok = true };
	u8 buf[8];

	f.payload = buf;
	f.len_bytes = kt_u64_encode(ns, buf, sizeof(buf));
	kt_trace_frame(t, &f);
	f.msg_type = tag;
	f.len_bytes = 0;
	kt_trace_frame(t, &f);
}

TEST(time_of_the_workload)
{
	struct kt_trace t;

	kt_trace_init(&t, true);
	at(&t, 1000, KT_TAG_STDOUT);
	EXPECT_EQ(0, kt_trace_workload_ns(&t));
	at(&t, 2000, KT_TAG_SCENARIO_START);
	at(&t, 2500, KT_TAG_STDOUT);
	EXPECT_EQ(500, kt_trace_workload_ns(&t));
	at(&t, 2600, KT_TAG_SCENARIO_PAUSE);
	at(&t, 2900, KT_TAG_STDOUT);
	EXPECT_EQ(600, kt_trace_workload_ns(&t));
	at(&t, 3000, KT_TAG_SCENARIO_RESUME);
	at(&t, 3100, KT_TAG_SCENARIO_START);
	EXPECT_EQ(700, kt_trace_workload_ns(&t));
	/* time does not go back, whatever a guest says */
	at(&t, 10, KT_TAG_STDOUT);
	EXPECT_EQ(700, kt_trace_workload_ns(&t));
	at(&t, 3200, KT_TAG_SCENARIO_END);
	at(&t, 9000, KT_TAG_STDOUT);
	EXPECT_EQ(800, kt_trace_workload_ns(&t));
}

TEST(the_first_disturbance_is_kept)
{
	struct kt_trace t;

	kt_trace_init(&t, true);
	EXPECT_STREQ("", t.disturbed);
	kt_trace_disturb(&t, "capture %s stopped it", "exit");
	kt_trace_disturb(&t, "it was cut off");
	EXPECT_STREQ("capture exit stopped it", t.disturbed);
}

TEST(a_machine_in_real_time_has_none)
{
	struct kt_frame f = { .msg_type = KT_TAG_EXIT, .payload = "" };
	struct kt_trace t;

	kt_trace_init(&t, false);
	kt_trace_frame(&t, &f);
	kt_trace_console(&t, "abc", 3);
	kt_trace_disturb(&t, "stopped");
	EXPECT_EQ(0, t.nr_frames);
	EXPECT_STREQ("", t.disturbed);
}

TEST_HARNESS_MAIN
