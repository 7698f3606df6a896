// SPDX-License-Identifier: GPL-2.0-only
/*
 * Xarrays in a guest's memory: of every depth, with the entries that are no
 * pointers, and trees that no kernel would build.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/xarray.h"
#include "mini_btf.h"
#include "mini_guest.h"

#define XA		MINI_FREE_GPA
#define NODES		(MINI_FREE_GPA + 0x1000)
#define NODE_BYTES	0x400
#define ENTRY(i)	(MINI_DIRECT + 0x100000 + (i) * 64)
#define SIBLING(slot)	((u64)(slot) << 2 | 2)
#define ZERO		(257 << 2 | 2)
#define VALUE(v)	((v) << 1 | 1)

#define MAX_SEEN	128

struct seen {
	u32 nr;
	u64 index[MAX_SEEN];
	u64 entry[MAX_SEEN];
	u32 stop_after;
};

FIXTURE(xarray)
{
	struct mini_guest *g;
	struct kt_types *types;
	struct seen seen;
};

FIXTURE_SETUP(xarray)
{
	memset(&self->seen, 0, sizeof(self->seen));
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_NE(NULL, self->g);
	self->g->syms = NULL;
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	ASSERT_EQ(0, mini_guest_init(self->g, 0));
	self->types = mini_btf_types(64);
	self->g->k.types = self->types;
}

FIXTURE_TEARDOWN(xarray)
{
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

static u64 node_gpa(u32 n)
{
	return NODES + n * NODE_BYTES;
}

/* Node @n as an entry. */
static u64 node(u32 n)
{
	return MINI_DIRECT + node_gpa(n) + 2;
}

static void set_head(struct mini_guest *g, u64 entry)
{
	mini_put_u64(g, XA + MINI_XA_HEAD, entry);
}

static void set_shift(struct mini_guest *g, u32 n, u8 shift)
{
	g->ram[node_gpa(n) + MINI_NODE_SHIFT] = shift;
}

static void set_slot(struct mini_guest *g, u32 n, u32 slot, u64 entry)
{
	mini_put_u64(g, node_gpa(n) + MINI_NODE_SLOTS + 8 * slot, entry);
}

/* What is at @index; or -errno, as unsigned. */
static u64 load(const struct mini_guest *g, u64 index)
{
	u64 entry;
	int ret = kt_xarray_load(&g->k, MINI_DIRECT + XA, index, &entry);

	return ret ? (u64)ret : entry;
}

#define NONE	((u64)-ENOENT)
#define FAULT	((u64)-EFAULT)

static int see(void *arg, u64 index, u64 entry_kva)
{
	struct seen *s = arg;

	if (s->nr == MAX_SEEN)
		return -ENOSPC;
	s->index[s->nr] = index;
	s->entry[s->nr] = entry_kva;
	return ++s->nr == s->stop_after ? 7 : 0;
}

static int for_each(const struct mini_guest *g, u32 max, struct seen *s)
{
	s->nr = 0;
	return kt_xarray_for_each(&g->k, MINI_DIRECT + XA, max, see, s);
}

/* Two levels: 3, 63 and 64 + 5 are there, and what is not a pointer. */
static void two_levels(struct mini_guest *g)
{
	set_head(g, node(0));
	set_shift(g, 0, 6);
	set_slot(g, 0, 0, node(1));
	set_slot(g, 0, 1, node(2));
	set_slot(g, 1, 3, ENTRY(3));
	set_slot(g, 1, 4, VALUE(99));
	set_slot(g, 1, 5, ZERO);
	set_slot(g, 1, 63, ENTRY(63));
	set_slot(g, 2, 5, ENTRY(69));
}

TEST_F(xarray, empty)
{
	EXPECT_EQ(NONE, load(self->g, 0));
	EXPECT_EQ(NONE, load(self->g, 1));
	EXPECT_EQ(0, for_each(self->g, 10, &self->seen));
	EXPECT_EQ(0, self->seen.nr);
}

TEST_F(xarray, one_entry_in_the_head)
{
	set_head(self->g, ENTRY(0));
	EXPECT_EQ(ENTRY(0), load(self->g, 0));
	EXPECT_EQ(NONE, load(self->g, 1));
	EXPECT_EQ(0, for_each(self->g, 10, &self->seen));
	ASSERT_EQ(1, self->seen.nr);
	EXPECT_EQ(0, self->seen.index[0]);
	EXPECT_EQ(ENTRY(0), self->seen.entry[0]);
	set_head(self->g, VALUE(5));
	EXPECT_EQ(NONE, load(self->g, 0));
}

TEST_F(xarray, two_levels)
{
	struct mini_guest *g = self->g;

	two_levels(g);
	EXPECT_EQ(ENTRY(3), load(g, 3));
	EXPECT_EQ(ENTRY(63), load(g, 63));
	EXPECT_EQ(ENTRY(69), load(g, 69));
	EXPECT_EQ(NONE, load(g, 2));
	EXPECT_EQ(NONE, load(g, 4));
	EXPECT_EQ(NONE, load(g, 5));
	EXPECT_EQ(NONE, load(g, 128));
	EXPECT_EQ(NONE, load(g, 4096 + 3));
	EXPECT_EQ(NONE, load(g, UINT64_MAX));
}

TEST_F(xarray, each_in_order_once)
{
	struct seen *s = &self->seen;

	two_levels(self->g);
	ASSERT_EQ(0, for_each(self->g, 10, s));
	ASSERT_EQ(3, s->nr);
	EXPECT_EQ(3, s->index[0]);
	EXPECT_EQ(63, s->index[1]);
	EXPECT_EQ(69, s->index[2]);
	EXPECT_EQ(ENTRY(69), s->entry[2]);
	ASSERT_EQ(0, for_each(self->g, 2, s));
	EXPECT_EQ(2, s->nr);
	ASSERT_EQ(0, for_each(self->g, 0, s));
	EXPECT_EQ(0, s->nr);
	s->stop_after = 2;
	EXPECT_EQ(7, for_each(self->g, 10, s));
	EXPECT_EQ(2, s->nr);
}

TEST_F(xarray, all_64_bits_of_index)
{
	struct mini_guest *g = self->g;
	u32 n;

	set_head(g, node(0));
	for (n = 0; n < 11; n++) {
		set_shift(g, n, 60 - 6 * n);
		set_slot(g, n, n ? 63 : 15, n < 10 ? node(n + 1) : ENTRY(1));
	}
	EXPECT_EQ(ENTRY(1), load(g, UINT64_MAX));
	ASSERT_EQ(0, for_each(g, 10, &self->seen));
	ASSERT_EQ(1, self->seen.nr);
	EXPECT_EQ(UINT64_MAX, self->seen.index[0]);
	/* a slot for bits that an index has not */
	set_slot(g, 0, 16, ENTRY(2));
	ASSERT_EQ(0, for_each(g, 10, &self->seen));
	EXPECT_EQ(1, self->seen.nr);
}

TEST_F(xarray, entries_of_several_indices)
{
	struct mini_guest *g = self->g;

	set_head(g, node(0));
	set_slot(g, 0, 4, ENTRY(4));
	set_slot(g, 0, 5, SIBLING(4));
	set_slot(g, 0, 6, SIBLING(4));
	EXPECT_EQ(ENTRY(4), load(g, 4));
	EXPECT_EQ(ENTRY(4), load(g, 6));
	ASSERT_EQ(0, for_each(g, 10, &self->seen));
	EXPECT_EQ(1, self->seen.nr);
	/* no entry's sibling is itself or comes before it */
	set_slot(g, 0, 5, SIBLING(5));
	EXPECT_EQ(FAULT, load(g, 5));
	set_slot(g, 0, 5, SIBLING(6));
	EXPECT_EQ(FAULT, load(g, 5));
}

TEST_F(xarray, nodes_that_lead_back)
{
	struct mini_guest *g = self->g;

	set_head(g, node(0));
	set_shift(g, 0, 6);
	set_slot(g, 0, 0, node(0));
	EXPECT_EQ(FAULT, load(g, 0));
	EXPECT_EQ(-EFAULT, for_each(g, 10, &self->seen));
	set_shift(g, 0, 0);
	EXPECT_EQ(FAULT, load(g, 0));
	EXPECT_EQ(-EFAULT, for_each(g, 10, &self->seen));
}

/* 64 to the power of 11 ways through 11 nodes, and nothing at their end. */
TEST_F(xarray, a_tree_that_would_take_for_ever)
{
	struct mini_guest *g = self->g;
	u32 n, slot;

	set_head(g, node(0));
	for (n = 0; n < 11; n++) {
		set_shift(g, n, 60 - 6 * n);
		for (slot = 0; n < 10 && slot < 64; slot++)
			set_slot(g, n, slot, node(n + 1));
	}
	EXPECT_EQ(-EFAULT, for_each(g, 10, &self->seen));
	EXPECT_EQ(0, self->seen.nr);
}

TEST_F(xarray, shifts_that_cannot_be)
{
	static const u8 shifts[] = { 1, 5, 7, 63, 64, 66, 255 };
	struct mini_guest *g = self->g;
	u32 i;

	set_head(g, node(0));
	set_slot(g, 0, 0, ENTRY(0));
	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		set_shift(g, 0, shifts[i]);
		EXPECT_EQ(FAULT, load(g, 0));
		EXPECT_EQ(-EFAULT, for_each(g, 10, &self->seen));
	}
}

TEST_F(xarray, pointers_to_elsewhere)
{
	struct mini_guest *g = self->g;

	set_head(g, 0x400000);
	EXPECT_EQ(FAULT, load(g, 0));
	EXPECT_EQ(-EFAULT, for_each(g, 10, &self->seen));
	set_head(g, 0x400002);
	EXPECT_EQ(FAULT, load(g, 0));
	EXPECT_EQ(-EFAULT, for_each(g, 10, &self->seen));
	set_head(g, UINT64_MAX - 1);
	EXPECT_EQ(FAULT, load(g, 0));
	set_head(g, MINI_DIRECT + MINI_RAM_BYTES - 64 + 2);
	EXPECT_EQ(FAULT, load(g, 40));
	EXPECT_EQ(-EFAULT, for_each(g, 100, &self->seen));
	EXPECT_EQ(0, self->seen.nr);
}

TEST_F(xarray, of_a_small_kernel)
{
	struct mini_guest *g = self->g;

	kt_types_free(self->types);
	self->types = mini_btf_types(16);
	g->k.types = self->types;
	set_head(g, node(0));
	set_shift(g, 0, 4);
	set_slot(g, 0, 2, node(1));
	set_slot(g, 1, 9, ENTRY(41));
	EXPECT_EQ(ENTRY(41), load(g, 41));
	EXPECT_EQ(NONE, load(g, 256 + 41));
	ASSERT_EQ(0, for_each(g, 10, &self->seen));
	ASSERT_EQ(1, self->seen.nr);
	EXPECT_EQ(41, self->seen.index[0]);
	set_shift(g, 0, 6);
	EXPECT_EQ(FAULT, load(g, 41));
}

TEST_F(xarray, without_types)
{
	self->g->k.types = NULL;
	EXPECT_EQ((u64)-EINVAL, load(self->g, 0));
	kt_types_free(self->types);
	self->types = mini_btf_types(48);
	self->g->k.types = self->types;
	EXPECT_EQ((u64)-EINVAL, load(self->g, 0));
	EXPECT_EQ(-EINVAL, for_each(self->g, 10, &self->seen));
}

TEST_HARNESS_MAIN
