// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold: a frame that has begun is known before it is whole, answers go into the
 * box that belongs to it and into nothing else, and the guest's times for it are
 * those of its workload.
 */
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "ktstr/coord/hold.h"
#include "ktstr/guest/holds.h"
#include "ktstr/host/holds.h"
#include "ktstr/wire/msg.h"

#define MS		1000000ULL
#define BOX_GPA		0x3000
#define RAM_BYTES	0x8000

FIXTURE(hold)
{
	struct kt_machine m;
	struct kt_hold_box *box;
	struct kt_coord_hold h;
	struct kt_assembler a;
	struct kt_outbox o;
	u8 stream[sizeof(struct kt_frame_hdr) + KT_HOLD_BYTES];
};

/* As the guest sends it. */
static void make(u8 *stream, struct kt_hold hold)
{
	u8 *payload = stream + sizeof(struct kt_frame_hdr);

	if (kt_hold_encode(&hold, payload, KT_HOLD_BYTES) != KT_HOLD_BYTES ||
	    kt_frame_encode_hdr((struct kt_frame_hdr *)stream, KT_TAG_HOLD,
				payload, KT_HOLD_BYTES))
		abort();
}

FIXTURE_SETUP(hold)
{
	u8 *ram = mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, (void *)ram);
	self->m.nr_regions = 1;
	self->m.regions[0] = (struct kt_region){
		.gpa = 0, .size_bytes = RAM_BYTES, .hva = ram };
	self->box = (struct kt_hold_box *)(ram + BOX_GPA);
	self->box->magic = cpu_to_le64(KT_HOLD_BOX_MAGIC);
	self->box->seq = cpu_to_le64(7);
	kt_assembler_init(&self->a);
	make(self->stream, (struct kt_hold){ .box_gpa = BOX_GPA, .seq = 7 });
}

FIXTURE_TEARDOWN(hold)
{
	kt_assembler_fini(&self->a);
	kt_outbox_fini(&self->o);
	munmap(self->m.regions[0].hva, RAM_BYTES);
}

TEST_F(hold, begins_and_is_over)
{
	size_t len = sizeof(self->stream);
	struct kt_frame f;

	kt_coord_hold_look(&self->h, &self->a);
	EXPECT_FALSE(self->h.stands);
	kt_assembler_feed(&self->a, self->stream, 31);
	kt_coord_hold_look(&self->h, &self->a);
	EXPECT_FALSE(self->h.stands);
	kt_assembler_feed(&self->a, self->stream + 31, 1);
	kt_coord_hold_look(&self->h, &self->a);
	EXPECT_TRUE(self->h.stands);
	EXPECT_EQ(BOX_GPA, self->h.at.box_gpa);
	EXPECT_EQ(7, self->h.at.seq);
	EXPECT_TRUE(kt_coord_hold_end(&self->h, &self->m, &self->o));
	/* the same one does not begin once more */
	kt_assembler_feed(&self->a, self->stream + 32, len - 33);
	kt_coord_hold_look(&self->h, &self->a);
	EXPECT_FALSE(self->h.stands);
	kt_assembler_feed(&self->a, self->stream + len - 1, 1);
	ASSERT_TRUE(kt_assembler_next(&self->a, &f));
	EXPECT_TRUE(f.crc_ok && f.msg_type == KT_TAG_HOLD);
	kt_coord_hold_over(&self->h);
	kt_assembler_feed(&self->a, self->stream, 100);
	kt_coord_hold_look(&self->h, &self->a);
	EXPECT_TRUE(self->h.stands);
}

TEST_F(hold, is_of_one_size_and_tag)
{
	struct kt_frame_hdr hdr;
	struct kt_hold hold;

	EXPECT_TRUE(kt_hold_begun(&hold, self->stream, 32));
	EXPECT_FALSE(kt_hold_begun(&hold, self->stream, sizeof(self->stream)));
	memcpy(&hdr, self->stream, sizeof(hdr));
	hdr.length = cpu_to_le32(KT_HOLD_BYTES - 1);
	memcpy(self->stream, &hdr, sizeof(hdr));
	EXPECT_FALSE(kt_hold_begun(&hold, self->stream, 32));
	hdr.length = cpu_to_le32(KT_HOLD_BYTES);
	hdr.msg_type = cpu_to_le32(KT_TAG_STDOUT);
	memcpy(self->stream, &hdr, sizeof(hdr));
	EXPECT_FALSE(kt_hold_begun(&hold, self->stream, 32));
	EXPECT_EQ(-EMSGSIZE, kt_hold_encode(&hold, self->stream, KT_HOLD_BYTES - 1));
}

/* A short way to it, and it is that of the whole. */
TEST_F(hold, crc)
{
	u32 padding = kt_hold_padding_crc(), i;
	struct kt_frame_hdr hdr;

	for (i = 0; i < 3; i++) {
		make(self->stream, (struct kt_hold){ .box_gpa = (u64)i << 40, .seq = i });
		memcpy(&hdr, self->stream, sizeof(hdr));
		EXPECT_EQ(le32_to_cpu(hdr.crc32),
			  kt_hold_crc(self->stream + sizeof(hdr), padding));
	}
}

/* What does not fit comes with the next one. */
TEST_F(hold, answers_in_pieces)
{
	static u8 answer[5000], got[sizeof(answer) + sizeof(struct kt_frame_hdr)];
	size_t n = 0, len;
	int i;

	memset(answer, 'a', sizeof(answer));
	ASSERT_EQ(0, kt_outbox_add(&self->o, KT_TAG_PLAN, answer, sizeof(answer)));
	for (i = 0; i < 2; i++) {
		self->h.at = (struct kt_hold){ .box_gpa = BOX_GPA, .seq = 7 };
		self->h.stands = true;
		EXPECT_TRUE(kt_coord_hold_end(&self->h, &self->m, &self->o));
		EXPECT_FALSE(self->h.stands);
		EXPECT_EQ(!i, self->h.more);
		EXPECT_EQ(!i, le32_to_cpu(self->box->more));
		len = le32_to_cpu(self->box->len_bytes);
		ASSERT_LE(n + len, sizeof(got));
		memcpy(got + n, self->box->data, len);
		n += len;
	}
	EXPECT_EQ(sizeof(got), n);
	EXPECT_EQ(0, memcmp(got + sizeof(struct kt_frame_hdr), answer, sizeof(answer)));
	EXPECT_TRUE(kt_outbox_empty(&self->o));
}

static bool ends(struct kt_coord_hold *h, const struct kt_machine *m,
		 struct kt_outbox *o, u64 gpa, u64 seq)
{
	h->at = (struct kt_hold){ .box_gpa = gpa, .seq = seq };
	h->stands = true;
	return kt_coord_hold_end(h, m, o) || h->stands || h->more;
}

TEST_F(hold, only_into_its_own_box)
{
	ASSERT_EQ(0, kt_outbox_add(&self->o, KT_TAG_PLAN, "x", 1));
	EXPECT_FALSE(ends(&self->h, &self->m, &self->o, 0, 7));
	EXPECT_FALSE(ends(&self->h, &self->m, &self->o, BOX_GPA, 8));
	EXPECT_FALSE(ends(&self->h, &self->m, &self->o, BOX_GPA + 8, 7));
	EXPECT_FALSE(ends(&self->h, &self->m, &self->o, RAM_BYTES, 7));
	EXPECT_FALSE(ends(&self->h, &self->m, &self->o, UINT64_MAX - 4095, 7));
	self->box->magic ^= 1;
	EXPECT_FALSE(ends(&self->h, &self->m, &self->o, BOX_GPA, 7));
	EXPECT_EQ(0, self->box->len_bytes);
	EXPECT_EQ(17, self->o.tail - self->o.head);
	self->box->magic ^= 1;
	EXPECT_TRUE(ends(&self->h, &self->m, &self->o, BOX_GPA, 7));
	EXPECT_EQ(17, le32_to_cpu(self->box->len_bytes));
}

TEST(times_of_a_workload)
{
	static const struct kt_plan plan = {
		.nr_holds = 3, .hold_ns = { 100 * MS, 100 * MS, 300 * MS } };
	struct kt_holds h = { .plan = &plan };

	EXPECT_EQ(UINT64_MAX, kt_holds_left_ns(&h, 5000 * MS));
	kt_holds_note(&h, KT_TAG_SCENARIO_START, 1000 * MS);
	EXPECT_EQ(100 * MS, kt_holds_left_ns(&h, 1000 * MS));
	EXPECT_EQ(1, kt_holds_left_ns(&h, 1100 * MS - 1));
	EXPECT_EQ(0, kt_holds_left_ns(&h, 1100 * MS));
	/* one stop for both */
	kt_holds_made(&h, 1100 * MS);
	EXPECT_EQ(200 * MS, kt_holds_left_ns(&h, 1100 * MS));
	kt_holds_note(&h, KT_TAG_SCENARIO_PAUSE, 1200 * MS);
	EXPECT_EQ(UINT64_MAX, kt_holds_left_ns(&h, 1500 * MS));
	kt_holds_note(&h, KT_TAG_SCENARIO_RESUME, 2200 * MS);
	EXPECT_EQ(100 * MS, kt_holds_left_ns(&h, 2200 * MS));
	kt_holds_note(&h, KT_TAG_SCENARIO_END, 2250 * MS);
	EXPECT_EQ(UINT64_MAX, kt_holds_left_ns(&h, 9000 * MS));
}

TEST(no_plan_no_times)
{
	struct kt_holds h = {};

	kt_holds_note(&h, KT_TAG_SCENARIO_START, 1);
	EXPECT_EQ(UINT64_MAX, kt_holds_left_ns(&h, 2));
	kt_holds_made(&h, 2);
}

/* A capture's boundaries, 0.26, 0.42, 0.58 and 0.74 s, and writes between. */
TEST(times_of_a_case)
{
	static const struct kt_write writes[] = {
		{ .var = "b", .at_ns = 500 * MS }, { .var = "a", .at_ns = 0 },
	};
	struct kt_plan plan = { .duration_ms = 1000, .nr_holds = 5 };
	static const u64 want[] = { 0, 260 * MS, 420 * MS, 500 * MS, 580 * MS,
				    740 * MS };

	kt_holds_fill(&plan, 4, writes, 2);
	ASSERT_EQ(ARRAY_SIZE(want), plan.nr_holds);
	EXPECT_EQ(0, memcmp(want, plan.hold_ns, sizeof(want)));
}

TEST_HARNESS_MAIN
