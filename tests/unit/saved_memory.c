// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory to a file and back: contents, holes, and a sum that tells other
 * contents but not other holes.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "ktstr/base/fd.h"
#include "ktstr/engine/saved_memory.h"
#include "nr_fds.h"

#define PAGE	KT_SAVED_PAGE
#define PAGES	100u
#define BYTES	(PAGES * PAGE)
#define AT	(3 * PAGE)

FIXTURE(copy)
{
	int src, dst, fds_before;
	u8 data[BYTES] __attribute__((aligned(8)));
};

static int memory_file(u64 bytes)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	return fd < 0 || ftruncate(fd, bytes) ? -1 : fd;
}

/* Pages 3, 4, 40 and the last have something in them. */
FIXTURE_SETUP(copy)
{
	static const u32 pages[] = { 3, 4, 40, PAGES - 1 };
	size_t i, j;

	self->fds_before = nr_fds();
	memset(self->data, 0, BYTES);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		for (j = 0; j < 50; j++)
			self->data[pages[i] * PAGE + j * 80] = i + j + 1;
	self->src = memory_file(BYTES);
	self->dst = memory_file(AT + BYTES);
	ASSERT_LE(0, self->src);
	ASSERT_LE(0, self->dst);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		ASSERT_EQ(PAGE, pwrite(self->src, self->data + pages[i] * PAGE,
				       PAGE, pages[i] * PAGE));
}

FIXTURE_TEARDOWN(copy)
{
	kt_close(&self->src);
	kt_close(&self->dst);
	EXPECT_EQ(self->fds_before, nr_fds());
}

static u64 blocks(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_blocks * 512;
}

static u64 sum_of(int fd, u64 at)
{
	int dst = memory_file(BYTES);
	u64 sum = 0;

	if (kt_saved_copy(dst, 0, fd, at, BYTES, 0, &sum))
		sum = 0;
	kt_close(&dst);
	return sum;
}

TEST_F(copy, contents_and_holes)
{
	u8 got[BYTES];
	u64 sum = 0;

	ASSERT_EQ(0, kt_saved_copy(self->dst, AT, self->src, 0, BYTES, 0,
				   &sum));
	ASSERT_EQ(BYTES, pread(self->dst, got, BYTES, AT));
	EXPECT_EQ(0, memcmp(got, self->data, BYTES));
	EXPECT_EQ(4 * PAGE, blocks(self->dst));
	EXPECT_NE(0, sum);
	/* and back */
	EXPECT_EQ(sum, sum_of(self->dst, AT));
}

/* Zeroes that take room on the way are left out all the same. */
TEST_F(copy, the_same_without_holes)
{
	u64 sparse = sum_of(self->src, 0), sum = 0;
	u8 zeroes[PAGE] = {};

	ASSERT_EQ(PAGE, pwrite(self->src, zeroes, PAGE, 60 * PAGE));
	ASSERT_EQ(PAGE, pwrite(self->src, zeroes, PAGE, 0));
	ASSERT_EQ(0, kt_saved_copy(self->dst, AT, self->src, 0, BYTES, 0,
				   &sum));
	EXPECT_EQ(sparse, sum);
	EXPECT_EQ(4 * PAGE, blocks(self->dst));
}

TEST_F(copy, the_sum_tells)
{
	u64 sum = sum_of(self->src, 0);
	u8 page[PAGE];

	/* a bit */
	ASSERT_EQ(1, pwrite(self->src, "\xff", 1, 40 * PAGE + 7));
	EXPECT_NE(sum, sum_of(self->src, 0));
	ASSERT_EQ(1, pwrite(self->src, "", 1, 40 * PAGE + 7));
	ASSERT_EQ(sum, sum_of(self->src, 0));
	/* two pages in each other's place */
	ASSERT_EQ(PAGE, pread(self->src, page, PAGE, 3 * PAGE));
	ASSERT_EQ(PAGE, pwrite(self->src, page, PAGE, 4 * PAGE));
	ASSERT_EQ(PAGE, pwrite(self->src, self->data + 4 * PAGE, PAGE,
			       3 * PAGE));
	EXPECT_NE(sum, sum_of(self->src, 0));
}

TEST_F(copy, a_page_that_is_gone)
{
	u64 sum = sum_of(self->src, 0);

	ASSERT_EQ(0, fallocate(self->src, FALLOC_FL_PUNCH_HOLE |
			       FALLOC_FL_KEEP_SIZE, 40 * PAGE, PAGE));
	EXPECT_NE(sum, sum_of(self->src, 0));
}

/* Parts, as of several nodes, sum up to the whole. */
TEST_F(copy, in_parts)
{
	u64 sum = 0;

	ASSERT_EQ(0, kt_saved_copy(self->dst, AT, self->src, 0, 4 * PAGE, 0,
				   &sum));
	ASSERT_EQ(0, kt_saved_copy(self->dst, AT + 4 * PAGE, self->src,
				   4 * PAGE, BYTES - 4 * PAGE, 4, &sum));
	EXPECT_EQ(sum_of(self->src, 0), sum);
}

/* From memory, and of what is not to be copied. */
TEST_F(copy, other_ways_to_the_sum)
{
	u64 sum = 0, only = 0;
	u8 got[BYTES];

	ASSERT_EQ(0, kt_saved_write(self->dst, AT, self->data, BYTES, 0, &sum));
	ASSERT_EQ(BYTES, pread(self->dst, got, BYTES, AT));
	EXPECT_EQ(0, memcmp(got, self->data, BYTES));
	EXPECT_EQ(4 * PAGE, blocks(self->dst));
	EXPECT_EQ(sum_of(self->src, 0), sum);
	ASSERT_EQ(0, kt_saved_sum(self->dst, AT, BYTES, &only));
	EXPECT_EQ(sum, only);
	EXPECT_EQ(-EINVAL, kt_saved_write(self->dst, 0, self->data, 100, 0,
					  &sum));
	EXPECT_EQ(-EBADF, kt_saved_write(-1, 0, self->data, BYTES, 0, &sum));
}

TEST_F(copy, what_cannot_be)
{
	u64 sum = 0;

	EXPECT_EQ(-EINVAL, kt_saved_copy(self->dst, 0, self->src, 0, 100, 0,
					 &sum));
	EXPECT_EQ(-ENODATA, kt_saved_copy(self->dst, 0, self->src, PAGE, BYTES,
					  0, &sum));
	EXPECT_EQ(-EBADF, kt_saved_copy(-1, 0, self->src, 0, BYTES, 0, &sum));
	EXPECT_EQ(-EBADF, kt_saved_copy(self->dst, 0, -1, 0, BYTES, 0, &sum));
}

TEST_HARNESS_MAIN
