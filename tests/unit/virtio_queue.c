// SPDX-License-Identifier: GPL-2.0-only
/*
 * A split virtqueue in plain memory: what a good driver sees of it, and each
 * way in which a bad one is refused: poisoned until reset and counted once.
 */
#include <kselftest_harness.h>

#include "fake_driver.h"

#define SIZE	8

FIXTURE(vq)
{
	struct fake_ram ram;
	struct fake_vq v;
	struct kt_vq q;
	struct kt_vq_chain chain;
	u64 buf;
};

FIXTURE_SETUP(vq)
{
	fake_ram_init(&self->ram);
	fake_vq_init(&self->v, &self->ram, SIZE);
	self->q = (struct kt_vq){ 0 };
	self->buf = fake_alloc(&self->ram, 4096, 16);
	ASSERT_EQ(0, fake_vq_attach(&self->v, &self->q, false, false));
}

FIXTURE_TEARDOWN(vq)
{
	fake_ram_fini(&self->ram);
}

/* Poisoned by this pop, counted once, and left alone from then on. */
static bool poisoned_once(struct kt_vq *q, struct kt_vq_chain *chain)
{
	u64 before = q->poisonings;

	return kt_vq_pop(q, chain) == -EPROTO && q->poisoned &&
	       q->poisonings == before + 1 && kt_vq_pop(q, chain) == -EPROTO &&
	       kt_vq_push(q, chain, 0) == -EPROTO && !kt_vq_enable_notify(q) &&
	       !kt_vq_should_signal(q) && q->poisonings == before + 1;
}

TEST_F(vq, chain_there_and_back)
{
	const struct fake_seg segs[] = {
		{ self->buf, 16 }, { self->buf + 64, 0 },
		{ self->buf + 100, 30, true }, { self->buf + 200, 1, true },
	};
	struct kt_vq_chain *c = &self->chain;
	u16 head = fake_add(&self->v, segs, 4);
	u32 used, len;

	ASSERT_EQ(1, kt_vq_pop(&self->q, c));
	EXPECT_EQ(head, c->head);
	ASSERT_EQ(2, c->nr_in);
	ASSERT_EQ(2, c->nr_out);
	EXPECT_EQ(fake_ptr(&self->ram, self->buf), c->iov[0].iov_base);
	EXPECT_EQ(16, c->iov[0].iov_len);
	EXPECT_EQ(0, c->iov[1].iov_len);
	EXPECT_EQ(fake_ptr(&self->ram, self->buf + 100), c->iov[2].iov_base);
	EXPECT_EQ(30, c->iov[2].iov_len);
	EXPECT_EQ(1, c->iov[3].iov_len);
	EXPECT_EQ(0, kt_vq_pop(&self->q, c));
	EXPECT_FALSE(fake_used(&self->v, &used, &len));
	EXPECT_EQ(0, kt_vq_push(&self->q, c, 31));
	ASSERT_TRUE(fake_used(&self->v, &used, &len));
	EXPECT_EQ(head, used);
	EXPECT_EQ(31, len);
	EXPECT_FALSE(fake_used(&self->v, &used, &len));
}

TEST_F(vq, indices_wrap)
{
	struct fake_seg seg = { self->buf, 4, true };
	u32 i, head, used, len;

	for (i = 0; i < 70000; i++) {
		head = fake_add(&self->v, &seg, 1);
		ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
		ASSERT_EQ(head, self->chain.head);
		ASSERT_EQ(0, kt_vq_push(&self->q, &self->chain, i));
		ASSERT_TRUE(fake_used(&self->v, &used, &len));
		ASSERT_EQ(head, used);
		ASSERT_EQ(i, len);
	}
	EXPECT_EQ(0, self->q.poisonings);
}

TEST_F(vq, full_ring_is_taken)
{
	struct fake_seg seg = { self->buf, 4 };
	u32 i;

	for (i = 0; i < SIZE; i++)
		fake_add(&self->v, &seg, 1);
	for (i = 0; i < SIZE; i++)
		ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(0, kt_vq_pop(&self->q, &self->chain));
}

TEST_F(vq, unpop_is_unseen)
{
	const struct fake_seg segs[] = { { self->buf, 4 }, { self->buf, 5 } };
	u32 used, len;

	fake_add(&self->v, &segs[0], 1);
	fake_add(&self->v, &segs[1], 1);
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	kt_vq_unpop(&self->q);
	EXPECT_FALSE(fake_used(&self->v, &used, &len));
	EXPECT_FALSE(kt_vq_should_signal(&self->q));
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(4, self->chain.iov[0].iov_len);
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(5, self->chain.iov[0].iov_len);
}

TEST_F(vq, buffer_over_two_regions_is_cut)
{
	struct fake_seg segs[] = {
		{ FAKE_SEAM_GPA - 16, 48 }, { FAKE_SEAM_GPA - 1, 2, true },
	};
	const struct iovec *iov = self->chain.iov;

	fake_add(&self->v, segs, 2);
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	ASSERT_EQ(2, self->chain.nr_in);
	ASSERT_EQ(2, self->chain.nr_out);
	EXPECT_EQ(self->ram.bytes[0] + FAKE_REGION_BYTES - 16, iov[0].iov_base);
	EXPECT_EQ(16, iov[0].iov_len);
	EXPECT_EQ(self->ram.bytes[1], iov[1].iov_base);
	EXPECT_EQ(32, iov[1].iov_len);
	EXPECT_EQ(1, iov[2].iov_len);
	EXPECT_EQ(1, iov[3].iov_len);
}

TEST_F(vq, buffers_up_to_the_end_of_memory)
{
	struct fake_seg good = { FAKE_END_GPA - 4, 4 };
	struct fake_seg bad = { FAKE_END_GPA - 4, 5 };

	fake_add(&self->v, &good, 1);
	EXPECT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	fake_add(&self->v, &bad, 1);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, buffers_outside_poison)
{
	const struct fake_seg bad[] = {
		{ FAKE_RAM_GPA - 1, 2 }, { 0, 1 }, { FAKE_END_GPA, 1 },
		{ UINT64_MAX, 1 }, { UINT64_MAX - 3, 0xffffffff },
		{ FAKE_RAM_GPA, 0xffffffff, true },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fake_vq_init(&self->v, &self->ram, SIZE);
		kt_vq_reset(&self->q);
		ASSERT_EQ(0, fake_vq_attach(&self->v, &self->q, false, false));
		fake_add(&self->v, &bad[i], 1);
		EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
	}
	EXPECT_EQ(ARRAY_SIZE(bad), self->q.poisonings);
}

TEST_F(vq, longest_chain_is_the_queue)
{
	struct fake_seg segs[SIZE];
	u32 i;

	for (i = 0; i < SIZE; i++)
		segs[i] = (struct fake_seg){ self->buf, 1 };
	fake_add(&self->v, segs, SIZE);
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(SIZE, self->chain.nr_in);
}

TEST_F(vq, loop_poisons)
{
	struct fake_seg segs[2] = { { self->buf, 1 }, { self->buf, 1 } };
	u16 head = fake_chain(&self->v, segs, 2);
	struct vring_desc *d = self->v.desc;

	d[d[head].next].flags |= VRING_DESC_F_NEXT;
	d[d[head].next].next = head;
	fake_publish(&self->v, head);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, heads_and_links_beyond_the_table_poison)
{
	struct fake_seg segs[2] = { { self->buf, 1 }, { self->buf, 1 } };
	u16 head;

	fake_publish(&self->v, SIZE);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));

	fake_vq_init(&self->v, &self->ram, SIZE);
	kt_vq_reset(&self->q);
	ASSERT_EQ(0, fake_vq_attach(&self->v, &self->q, false, false));
	head = fake_chain(&self->v, segs, 2);
	self->v.desc[head].next = SIZE;
	fake_publish(&self->v, head);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, readable_behind_writable_poisons)
{
	struct fake_seg segs[2] = { { self->buf, 1, true }, { self->buf, 1 } };

	fake_add(&self->v, segs, 2);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, index_too_far_ahead_poisons)
{
	self->v.avail->idx = SIZE + 1;
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, index_behind_poisons)
{
	struct fake_seg seg = { self->buf, 1 };

	fake_add(&self->v, &seg, 1);
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	self->v.avail->idx = 0;
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, reset_heals_and_counts_on)
{
	struct fake_seg seg = { self->buf, 1 };

	self->v.avail->idx = SIZE + 1;
	ASSERT_TRUE(poisoned_once(&self->q, &self->chain));
	kt_vq_reset(&self->q);
	EXPECT_EQ(1, self->q.poisonings);
	EXPECT_EQ(0, self->q.desc_gpa | self->q.avail_gpa | self->q.used_gpa);
	EXPECT_EQ(0, kt_vq_pop(&self->q, &self->chain));

	fake_vq_init(&self->v, &self->ram, SIZE);
	ASSERT_EQ(0, fake_vq_attach(&self->v, &self->q, false, false));
	fake_add(&self->v, &seg, 1);
	EXPECT_EQ(1, kt_vq_pop(&self->q, &self->chain));
}

TEST_F(vq, not_ready_is_not_touched)
{
	struct fake_seg seg = { self->buf, 1 };
	u16 flags = 0x5555;

	fake_add(&self->v, &seg, 1);
	self->v.used->flags = flags;
	self->q.ready = false;
	EXPECT_EQ(0, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(-EPROTO, kt_vq_push(&self->q, &self->chain, 1));
	EXPECT_FALSE(kt_vq_enable_notify(&self->q));
	kt_vq_disable_notify(&self->q);
	EXPECT_FALSE(kt_vq_should_signal(&self->q));
	EXPECT_EQ(flags, self->v.used->flags);
	EXPECT_EQ(0, self->v.used->idx);
	EXPECT_EQ(0, self->q.poisonings);
}

TEST_F(vq, rings_that_are_not_memory_are_refused)
{
	struct kt_vq *q = &self->q, good = self->q;
	u32 i;
	struct {
		u16 size;
		u64 desc, avail, used;
	} bad[] = {
		{ 0, good.desc_gpa, good.avail_gpa, good.used_gpa },
		{ 6, good.desc_gpa, good.avail_gpa, good.used_gpa },
		{ 2 * KT_VQ_MAX_SIZE, good.desc_gpa, good.avail_gpa, good.used_gpa },
		{ 8, good.desc_gpa + 8, good.avail_gpa, good.used_gpa },
		{ 8, good.desc_gpa, good.avail_gpa + 1, good.used_gpa },
		{ 8, good.desc_gpa, good.avail_gpa, good.used_gpa + 2 },
		{ 8, 0, good.avail_gpa, good.used_gpa },
		{ 8, FAKE_END_GPA - 16 * 7, good.avail_gpa, good.used_gpa },
		{ 8, good.desc_gpa, FAKE_END_GPA - 4 - 16, good.used_gpa },
		{ 8, good.desc_gpa, good.avail_gpa, FAKE_END_GPA - 4 - 64 },
		{ 8, good.desc_gpa, good.avail_gpa, FAKE_SEAM_GPA - 16 },
	};

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		q->size = bad[i].size;
		q->desc_gpa = bad[i].desc;
		q->avail_gpa = bad[i].avail;
		q->used_gpa = bad[i].used;
		EXPECT_EQ(-EINVAL, kt_vq_enable(q));
		EXPECT_FALSE(q->ready);
	}
	*q = good;
	EXPECT_EQ(0, kt_vq_enable(q));
	/* the event words are part of the rings, to the last byte */
	q->avail_gpa = FAKE_END_GPA - 6 - 16;
	EXPECT_EQ(0, kt_vq_enable(q));
}

TEST_F(vq, indirect_only_if_negotiated)
{
	struct fake_seg segs[3] = {
		{ self->buf, 1 }, { self->buf, 2 }, { self->buf, 3, true },
	};
	u16 head = fake_add_indirect(&self->v, segs, 3);

	self->q.indirect = true;
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(head, self->chain.head);
	EXPECT_EQ(2, self->chain.nr_in);
	EXPECT_EQ(1, self->chain.nr_out);
	EXPECT_EQ(3, self->chain.iov[2].iov_len);

	self->q.indirect = false;
	fake_add_indirect(&self->v, segs, 3);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, direct_part_before_an_indirect_one)
{
	struct fake_seg segs[2] = { { self->buf, 1 }, { self->buf, 2 } };
	u16 head = fake_chain(&self->v, segs, 1);
	struct vring_desc *d = self->v.desc;

	self->q.indirect = true;
	d[head].next = fake_chain_indirect(&self->v, segs, 2);
	d[head].flags |= VRING_DESC_F_NEXT;
	fake_publish(&self->v, head);
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(3, self->chain.nr_in);
}

/* Ways to break an indirect table; @table is its first descriptor. */
static void break_indirect(u32 how, struct vring_desc *head,
			   struct vring_desc *table)
{
	switch (how) {
	case 0:
		head->len = 0;
		break;
	case 1:
		head->len++;
		break;
	case 2:
		head->addr = FAKE_END_GPA - 16;
		break;
	case 3:
		head->flags |= VRING_DESC_F_NEXT;
		break;
	case 4:		/* a table in a table */
		table[0].flags = VRING_DESC_F_INDIRECT;
		table[0].addr = head->addr;
		table[0].len = head->len;
		break;
	case 5:		/* a link out of it */
		table[0].next = 2;
		break;
	case 6:
		table[1].flags |= VRING_DESC_F_NEXT;
		table[1].next = 0;
		break;
	case 7:		/* right, but not aligned */
		memmove((u8 *)table + 4, table, 2 * sizeof(*table));
		head->addr += 4;
		break;
	}
}

TEST_F(vq, bad_indirect_tables_poison)
{
	struct fake_seg segs[2] = { { self->buf, 1 }, { self->buf, 2 } };
	u32 how;
	u16 head;

	for (how = 0; how < 8; how++) {
		fake_vq_init(&self->v, &self->ram, SIZE);
		kt_vq_reset(&self->q);
		ASSERT_EQ(0, fake_vq_attach(&self->v, &self->q, false, true));
		head = fake_chain_indirect(&self->v, segs, 2);
		break_indirect(how, &self->v.desc[head],
			       fake_ptr(&self->ram, self->v.desc[head].addr));
		fake_publish(&self->v, head);
		EXPECT_TRUE(poisoned_once(&self->q, &self->chain))
			TH_LOG("table %u", how);
	}
}

TEST_F(vq, indirect_chain_longer_than_the_queue_poisons)
{
	struct fake_seg segs[SIZE + 1];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(segs); i++)
		segs[i] = (struct fake_seg){ self->buf, 1 };
	self->q.indirect = true;
	fake_add_indirect(&self->v, segs, SIZE);
	EXPECT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	fake_add_indirect(&self->v, segs, SIZE + 1);
	EXPECT_TRUE(poisoned_once(&self->q, &self->chain));
}

TEST_F(vq, driver_that_wants_no_interrupt_gets_none)
{
	struct fake_seg seg = { self->buf, 1, true };
	u32 i;

	for (i = 0; i < 3; i++) {
		fake_add(&self->v, &seg, 1);
		ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
		self->v.avail->flags = i == 1 ? VRING_AVAIL_F_NO_INTERRUPT : 0;
		kt_vq_push(&self->q, &self->chain, 1);
		EXPECT_EQ(i != 1, kt_vq_should_signal(&self->q));
		/* nothing new */
		EXPECT_FALSE(kt_vq_should_signal(&self->q));
	}
}

TEST_F(vq, interrupts_by_event_index)
{
	struct fake_seg seg = { self->buf, 1, true };
	/* used_event, and whether the entry with its index is the one */
	const struct {
		u16 event;
		bool signal;
	} step[] = {
		{ 7, true },	/* the first is always told */
		{ 2, false }, { 2, true }, { 2, false }, { 4, true },
	};
	u32 i;

	self->q.event_idx = true;
	for (i = 0; i < ARRAY_SIZE(step); i++) {
		fake_add(&self->v, &seg, 1);
		fake_want_irq_at(&self->v, step[i].event);
		ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
		kt_vq_push(&self->q, &self->chain, 1);
		EXPECT_EQ(step[i].signal, kt_vq_should_signal(&self->q))
			TH_LOG("step %u", i);
	}
}

TEST_F(vq, notifications_by_flag)
{
	struct fake_seg seg = { self->buf, 1 };

	kt_vq_disable_notify(&self->q);
	EXPECT_EQ(VRING_USED_F_NO_NOTIFY, self->v.used->flags);
	EXPECT_FALSE(kt_vq_enable_notify(&self->q));
	EXPECT_EQ(0, self->v.used->flags);
	fake_add(&self->v, &seg, 1);
	EXPECT_TRUE(kt_vq_enable_notify(&self->q));
}

TEST_F(vq, notifications_by_event_index)
{
	struct fake_seg seg = { self->buf, 1 };

	self->q.event_idx = true;
	fake_add(&self->v, &seg, 1);
	EXPECT_TRUE(kt_vq_enable_notify(&self->q));
	ASSERT_EQ(1, kt_vq_pop(&self->q, &self->chain));
	EXPECT_EQ(0, fake_avail_event(&self->v));
	EXPECT_FALSE(kt_vq_enable_notify(&self->q));
	EXPECT_EQ(1, fake_avail_event(&self->v));
	EXPECT_EQ(0, self->v.used->flags);
	kt_vq_disable_notify(&self->q);
	EXPECT_EQ(0, self->v.used->flags);
}

TEST_HARNESS_MAIN
