// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's kernel laid out in plain memory: what has to be there before it
 * can be looked into, symbols with and without KASLR, and every way from an
 * address to memory, page tables that lie included.
 */
#include <linux/bits.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "mini_guest.h"

#define SLIDE		0x24a00000ULL
#define VMALLOC		0xffffc90000000000ULL
#define L5_VMALLOC	0xffa0000000000000ULL
#define L5_DIRECT	0xff11000000000000ULL
#define NO_SECTION	0ULL		/* per-CPU symbols are offsets */

#define PRESENT		1ULL
#define LARGE		0x80ULL
#define NX		BIT_ULL(63)

FIXTURE(kernel)
{
	struct mini_guest *g;
};

FIXTURE_SETUP(kernel)
{
	keep_log();
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_NE(NULL, self->g);
	self->g->syms = NULL;
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, NO_SECTION, NULL));
	ASSERT_EQ(0, mini_guest_init(self->g, 0));
}

FIXTURE_TEARDOWN(kernel)
{
	kt_symbols_free(self->g->syms);
	free(self->g);
}

/* @kva leads to this gpa; or -errno, as unsigned. */
static u64 to_gpa(const struct mini_guest *g, u64 kva)
{
	u64 gpa;
	int ret = kt_guest_kernel_translate(&g->k, kva, &gpa);

	return ret ? (u64)ret : gpa;
}

#define FAULT	((u64)-EFAULT)

static u64 entry_gpa(u64 table, u64 kva, u32 level)
{
	return table + (kva >> (12 + 9 * (level - 1))) % 512 * 8;
}

/*
 * Tables for @kva from the top to one of @last_level, one page each from
 * MINI_FREE_GPA on; the entry in the last is @leaf. Returns where that is.
 */
static u64 map(struct mini_guest *g, u64 kva, u32 last_level, u64 leaf)
{
	u64 table = MINI_IMAGE_GPA + MINI_TOP_PGT, next = MINI_FREE_GPA;
	u32 level;

	for (level = g->k.levels; level > last_level; level--) {
		mini_put_u64(g, entry_gpa(table, kva, level),
			     next | PRESENT | NX | 0x66);
		table = next;
		next += 4096;
	}
	mini_put_u64(g, entry_gpa(table, kva, level), leaf);
	return entry_gpa(table, kva, level);
}

static int init_without(struct mini_guest *g, const char *symbol)
{
	kt_symbols_free(g->syms);
	g->syms = NULL;
	if (mini_guest_symbols(&g->syms, NO_SECTION, symbol))
		abort();
	return mini_guest_init(g, 0);
}

TEST_F(kernel, what_init_reads)
{
	const struct kt_guest_kernel *k = &self->g->k;

	EXPECT_EQ(4, k->levels);
	EXPECT_EQ(2, k->nr_cpus);
	EXPECT_EQ(MINI_DIRECT, k->page_offset);
	EXPECT_EQ(MINI_IMAGE_GPA + MINI_TOP_PGT, k->top_pgt_gpa);
	EXPECT_EQ(NULL, k->types);
}

TEST_F(kernel, not_booted_far_enough)
{
	struct mini_guest *g = self->g;

	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, 0);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, 0));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, L5_DIRECT);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, 0));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, MINI_DIRECT + 8);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, 0));
	mini_guest_boot(g);
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_NR_CPU_IDS, 0);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, 0));
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_NR_CPU_IDS, MINI_NR_CPUS);
	EXPECT_EQ(0, mini_guest_init(g, 0));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS,
		     MINI_TEXT + MINI_PERCPU_LOAD);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, 0));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS, 0);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, 0));
}

TEST_F(kernel, what_cannot_be)
{
	struct mini_guest *g = self->g;

	mini_put_u32(g, MINI_IMAGE_GPA + MINI_NR_CPU_IDS, MINI_NR_CPUS + 1);
	EXPECT_EQ(-EFAULT, mini_guest_init(g, 0));
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_NR_CPU_IDS, UINT32_MAX);
	EXPECT_EQ(-EFAULT, mini_guest_init(g, 0));
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_NR_CPU_IDS, 2);
	EXPECT_EQ(-EFAULT, kt_guest_kernel_init(&g->k, &g->mem, g->syms, 0,
						0));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_init(&g->k, &g->mem, g->syms, 0,
						UINT64_MAX));
	EXPECT_EQ(-EFAULT, mini_guest_init(g, 0x100000000));
}

TEST_F(kernel, symbols_without_which_nothing_goes)
{
	static const char * const names[] = {
		"_text", "_end", "init_top_pgt", "nr_cpu_ids",
		"__per_cpu_offset", "__per_cpu_start",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(-ENOENT, init_without(self->g, names[i])) {
			TH_LOG("without %s", names[i]);
		}
}

TEST_F(kernel, symbols_that_older_kernels_lack)
{
	struct mini_guest *g = self->g;

	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, 0);
	ASSERT_EQ(0, init_without(g, "page_offset_base"));
	EXPECT_EQ(0xffff888000000000ULL, g->k.page_offset);
	mini_guest_boot(g);
	mini_put_u32(g, MINI_IMAGE_GPA + MINI_L5_ENABLED, 1);
	ASSERT_EQ(0, init_without(g, "__pgtable_l5_enabled"));
	EXPECT_EQ(4, g->k.levels);
}

TEST_F(kernel, symbols_move_with_kaslr)
{
	struct mini_guest *g = self->g;
	u64 kva;

	ASSERT_EQ(0, kt_guest_kernel_symbol(&g->k, "jiffies_64", &kva));
	EXPECT_EQ(MINI_TEXT + MINI_JIFFIES, kva);
	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	ASSERT_EQ(0, kt_guest_kernel_symbol(&g->k, "jiffies_64", &kva));
	EXPECT_EQ(MINI_TEXT + SLIDE + MINI_JIFFIES, kva);
	EXPECT_EQ(MINI_IMAGE_GPA + MINI_JIFFIES, to_gpa(g, kva));
	ASSERT_EQ(0, kt_guest_kernel_symbol(&g->k, "runqueues", &kva));
	EXPECT_EQ(0x200, kva);
	ASSERT_EQ(0, kt_guest_kernel_symbol(&g->k, "a_number", &kva));
	EXPECT_EQ(0x200, kva);
	EXPECT_EQ(-ENOENT, kt_guest_kernel_symbol(&g->k, "nothing", &kva));
}

TEST_F(kernel, the_image_and_no_more)
{
	struct mini_guest *g = self->g;

	EXPECT_EQ(MINI_IMAGE_GPA, to_gpa(g, MINI_TEXT));
	EXPECT_EQ(MINI_IMAGE_GPA + MINI_IMAGE_BYTES - 1,
		  to_gpa(g, MINI_TEXT + MINI_IMAGE_BYTES - 1));
	EXPECT_EQ(FAULT, to_gpa(g, MINI_TEXT + MINI_IMAGE_BYTES));
	EXPECT_EQ(FAULT, to_gpa(g, MINI_TEXT - 1));
	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	EXPECT_EQ(FAULT, to_gpa(g, MINI_TEXT));
	EXPECT_EQ(MINI_IMAGE_GPA, to_gpa(g, MINI_TEXT + SLIDE));
}

TEST_F(kernel, the_direct_map_and_no_more)
{
	struct mini_guest *g = self->g;
	u64 gpa;

	ASSERT_EQ(0, kt_guest_kernel_direct(&g->k, MINI_DIRECT, &gpa));
	EXPECT_EQ(0, gpa);
	EXPECT_EQ(MINI_RAM_BYTES - 1,
		  to_gpa(g, MINI_DIRECT + MINI_RAM_BYTES - 1));
	EXPECT_EQ(-ERANGE, kt_guest_kernel_direct(&g->k, MINI_DIRECT - 1,
						  &gpa));
	EXPECT_EQ(-ERANGE, kt_guest_kernel_direct(&g->k, MINI_TEXT, &gpa));
	EXPECT_EQ(-ERANGE, kt_guest_kernel_direct(&g->k, MINI_DIRECT +
						  MINI_RAM_BYTES, &gpa));
	EXPECT_EQ(FAULT, to_gpa(g, MINI_DIRECT + MINI_RAM_BYTES));
}

TEST_F(kernel, only_the_kernels_half)
{
	struct mini_guest *g = self->g;
	u64 kva = KT_KERNEL_HALF - 4096;

	EXPECT_EQ(FAULT, to_gpa(g, 0));
	EXPECT_EQ(FAULT, to_gpa(g, 0x400000));
	map(g, kva, 1, 0x7000 | PRESENT);
	EXPECT_EQ(FAULT, to_gpa(g, kva));
	map(g, KT_KERNEL_HALF, 1, 0x7000 | PRESENT);
	EXPECT_EQ(0x7000, to_gpa(g, KT_KERNEL_HALF));
}

TEST_F(kernel, a_walk_of_four_levels)
{
	struct mini_guest *g = self->g;
	u64 kva = VMALLOC + 0x123456789000;

	map(g, kva, 1, 0x45000 | PRESENT | NX | LARGE | 0x60);
	EXPECT_EQ(0x45000, to_gpa(g, kva));
	EXPECT_EQ(0x45fff, to_gpa(g, kva + 0xfff));
	EXPECT_EQ(FAULT, to_gpa(g, kva + 0x1000));
	EXPECT_EQ(FAULT, to_gpa(g, kva - 1));
}

TEST_F(kernel, large_pages)
{
	struct mini_guest *g = self->g;

	map(g, VMALLOC, 2, 0x40200000 | PRESENT | LARGE | NX);
	EXPECT_EQ(0x403abcde, to_gpa(g, VMALLOC + 0x1abcde));
	EXPECT_EQ(FAULT, to_gpa(g, VMALLOC + 0x200000));
	map(g, VMALLOC, 3, 0x80000000 | PRESENT | LARGE);
	EXPECT_EQ(0xbabcdef1, to_gpa(g, VMALLOC + 0x3abcdef1));
	/* bit 12 of a large page is no part of its address */
	map(g, VMALLOC, 3, 0x80000000 | PRESENT | LARGE | 0x1000);
	EXPECT_EQ(0x80000000, to_gpa(g, VMALLOC));
}

TEST_F(kernel, a_walk_of_five_levels)
{
	struct mini_guest *g = self->g;

	mini_put_u32(g, MINI_IMAGE_GPA + MINI_L5_ENABLED, 1);
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PAGE_OFFSET, L5_DIRECT);
	ASSERT_EQ(0, mini_guest_init(g, 0));
	ASSERT_EQ(5, g->k.levels);
	EXPECT_EQ(0x1234, to_gpa(g, L5_DIRECT + 0x1234));
	map(g, L5_VMALLOC, 1, 0x45000 | PRESENT);
	EXPECT_EQ(0x45007, to_gpa(g, L5_VMALLOC + 7));
	EXPECT_EQ(FAULT, to_gpa(g, KT_KERNEL_HALF_L5 - 1));
	map(g, L5_VMALLOC, 4, 0x45000 | PRESENT | LARGE);
	EXPECT_EQ(FAULT, to_gpa(g, L5_VMALLOC));
}

TEST_F(kernel, not_present_at_any_level)
{
	struct mini_guest *g = self->g;
	u32 level;

	for (level = 1; level <= 4; level++) {
		map(g, VMALLOC, level, 0x45000 | 0x100);
		EXPECT_EQ(FAULT, to_gpa(g, VMALLOC)) {
			TH_LOG("level %u", level);
		}
	}
}

TEST_F(kernel, reserved_bits)
{
	struct mini_guest *g = self->g;

	map(g, VMALLOC, 2, 0x40200000 | PRESENT | LARGE | 0x2000);
	EXPECT_EQ(FAULT, to_gpa(g, VMALLOC));
	map(g, VMALLOC, 3, 0x40200000 | PRESENT | LARGE);
	EXPECT_EQ(FAULT, to_gpa(g, VMALLOC));
	map(g, VMALLOC, 4, PRESENT | LARGE);
	EXPECT_EQ(FAULT, to_gpa(g, VMALLOC));
}

TEST_F(kernel, tables_outside_of_memory_and_in_a_circle)
{
	struct mini_guest *g = self->g;
	u64 top = MINI_IMAGE_GPA + MINI_TOP_PGT;
	u64 kva = 0xffff800000000000ULL;
	u32 level;

	for (level = 2; level <= 4; level++) {
		map(g, VMALLOC, level, 0xffffffffff000 | PRESENT);
		EXPECT_EQ(FAULT, to_gpa(g, VMALLOC));
	}
	/* the same entry of the same table four times */
	for (level = 0; level < 4; level++)
		kva |= 0x100ULL << (12 + 9 * level);
	mini_put_u64(g, entry_gpa(top, kva, 4), top | PRESENT);
	EXPECT_EQ(top + 0x10, to_gpa(g, kva + 0x10));
}

TEST_F(kernel, a_page_that_is_no_memory)
{
	struct mini_guest *g = self->g;
	u64 v;

	map(g, VMALLOC, 1, 0xfee00000 | PRESENT);
	EXPECT_EQ(0xfee00000, to_gpa(g, VMALLOC));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read(&g->k, VMALLOC, &v, 8));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read_u64(&g->k, VMALLOC, &v));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_write(&g->k, VMALLOC, &v, 8));
}

TEST_F(kernel, ranges_page_by_page)
{
	struct mini_guest *g = self->g;
	u64 at = map(g, VMALLOC, 1, 0x45000 | PRESENT);
	char buf[5000];

	/* the second page lies before the first */
	mini_put_u64(g, at + 8, 0x43000 | PRESENT);
	memset(g->ram + 0x45000, 'a', 4096);
	memset(g->ram + 0x43000, 'b', 4096);
	ASSERT_EQ(0, kt_guest_kernel_read(&g->k, VMALLOC + 4000, buf, 4192));
	EXPECT_EQ('a', buf[95]);
	EXPECT_EQ('b', buf[96]);
	EXPECT_EQ('b', buf[4191]);
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read(&g->k, VMALLOC + 4000, buf,
						4193));
	ASSERT_EQ(0, kt_guest_kernel_write(&g->k, VMALLOC + 4094, "wxyz", 4));
	EXPECT_EQ(0, memcmp(g->ram + 0x45ffd, "awx", 3));
	EXPECT_EQ(0, memcmp(g->ram + 0x43000, "yzb", 3));
	EXPECT_EQ('b', g->ram[0x43fff]);
}

TEST_F(kernel, numbers_do_not_cross_pages)
{
	struct mini_guest *g = self->g;
	u64 v64;
	u32 v32;

	mini_put_u64(g, 0x44ff8, 0x1122334455667788);
	ASSERT_EQ(0, kt_guest_kernel_read_u64(&g->k, MINI_DIRECT + 0x44ff8,
					      &v64));
	EXPECT_EQ(0x1122334455667788, v64);
	ASSERT_EQ(0, kt_guest_kernel_read_u32(&g->k, MINI_DIRECT + 0x44ffc,
					      &v32));
	EXPECT_EQ(0x11223344, v32);
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read_u64(&g->k, MINI_DIRECT +
						    0x44ff9, &v64));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read_u32(&g->k, MINI_DIRECT +
						    0x44ffd, &v32));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read_u32(&g->k, 0x44000, &v32));
	EXPECT_EQ(-EFAULT, kt_guest_kernel_read_u32(&g->k, UINT64_MAX, &v32));
}

TEST_F(kernel, percpu_from_zero)
{
	struct mini_guest *g = self->g;
	u64 kva;

	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	ASSERT_EQ(0, kt_guest_kernel_percpu(&g->k, "runqueues", 1, &kva));
	EXPECT_EQ(MINI_DIRECT + 0x70200, kva);
	EXPECT_EQ(-ERANGE, kt_guest_kernel_percpu(&g->k, "runqueues", 2, &kva));
	EXPECT_EQ(-EINVAL, kt_guest_kernel_percpu(&g->k, "jiffies_64", 0,
						  &kva));
	EXPECT_EQ(-EINVAL, kt_guest_kernel_percpu(&g->k, "a_number", 0, &kva));
	EXPECT_EQ(-ENOENT, kt_guest_kernel_percpu(&g->k, "nothing", 0, &kva));
	EXPECT_TRUE(kt_guest_kernel_is_percpu(&g->k, "runqueues"));
	EXPECT_FALSE(kt_guest_kernel_is_percpu(&g->k, "__per_cpu_end"));
	EXPECT_FALSE(kt_guest_kernel_is_percpu(&g->k, "a_number"));
	EXPECT_FALSE(kt_guest_kernel_is_percpu(&g->k, "nothing"));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8, 0x1000);
	EXPECT_EQ(-EFAULT, kt_guest_kernel_percpu(&g->k, "runqueues", 1, &kva));
}

TEST_F(kernel, percpu_within_the_image)
{
	u64 start = MINI_TEXT + MINI_PERCPU_LOAD, kva;
	struct mini_guest *g = self->g;

	kt_symbols_free(g->syms);
	g->syms = NULL;
	ASSERT_EQ(0, mini_guest_symbols(&g->syms, start, NULL));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS, 0);
	EXPECT_EQ(-EAGAIN, mini_guest_init(g, SLIDE));
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS,
		     MINI_DIRECT + 0x60000 - (start + SLIDE));
	ASSERT_EQ(0, mini_guest_init(g, SLIDE));
	ASSERT_EQ(0, kt_guest_kernel_percpu(&g->k, "runqueues", 0, &kva));
	EXPECT_EQ(MINI_DIRECT + 0x60200, kva);
	EXPECT_EQ(-EINVAL, kt_guest_kernel_percpu(&g->k, "jiffies_64", 0,
						  &kva));
}

TEST_HARNESS_MAIN
