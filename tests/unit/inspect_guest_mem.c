// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds of a guest's memory: both ends of two regions with a hole between
 * them, lengths and addresses that wrap, numbers at any alignment.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/guest_mem.h"

#define HIGH	0x100000000ULL

FIXTURE(mem)
{
	u8 low[64] __attribute__((aligned(8)));
	u8 high[32] __attribute__((aligned(8)));
	struct kt_region regions[2];
	struct kt_guest_mem mem;
};

FIXTURE_SETUP(mem)
{
	u32 i;

	for (i = 0; i < sizeof(self->low); i++)
		self->low[i] = i;
	for (i = 0; i < sizeof(self->high); i++)
		self->high[i] = 0x80 + i;
	self->regions[0] = (struct kt_region){ 0x1000, 64, self->low };
	self->regions[1] = (struct kt_region){ HIGH, 32, self->high };
	self->mem = (struct kt_guest_mem){ self->regions, 2 };
}

FIXTURE_TEARDOWN(mem)
{
}

TEST_F(mem, pointers_stay_in_one_region)
{
	const struct kt_guest_mem *m = &self->mem;

	EXPECT_EQ(&self->low[0], kt_guest_mem_ptr(m, 0x1000, 64));
	EXPECT_EQ(self->low + 63, kt_guest_mem_ptr(m, 0x103f, 1));
	EXPECT_EQ(self->high + 1, kt_guest_mem_ptr(m, HIGH + 1, 31));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, 0x1000, 65));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, 0xfff, 1));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, 0x1040, 1));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, HIGH - 1, 2));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, HIGH + 32, 1));
}

TEST_F(mem, nothing_wraps)
{
	const struct kt_guest_mem *m = &self->mem;

	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, 0x1001, SIZE_MAX));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, UINT64_MAX, 1));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, UINT64_MAX, 0x1002));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(m, HIGH, SIZE_MAX - 1));
}

TEST_F(mem, a_region_at_the_very_end)
{
	struct kt_region r = { UINT64_MAX - 63, 64, self->low };
	struct kt_guest_mem m = { &r, 1 };

	EXPECT_EQ(self->low + 63, kt_guest_mem_ptr(&m, UINT64_MAX, 1));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(&m, UINT64_MAX, 2));
	EXPECT_EQ(NULL, kt_guest_mem_ptr(&m, 0, 1));
}

TEST_F(mem, bytes_are_copied_whole_or_not_at_all)
{
	u8 buf[8] = { 0 };

	ASSERT_EQ(0, kt_guest_mem_read(&self->mem, 0x1038, buf, 8));
	EXPECT_EQ(0, memcmp(buf, self->low + 56, 8));
	ASSERT_EQ(0, kt_guest_mem_write(&self->mem, HIGH + 24, buf, 8));
	EXPECT_EQ(0, memcmp(self->high + 24, buf, 8));
	EXPECT_EQ(0x80 + 23, self->high[23]);
	memset(buf, 0xee, 8);
	EXPECT_EQ(-EFAULT, kt_guest_mem_read(&self->mem, 0x1039, buf, 8));
	EXPECT_EQ(0xee, buf[0]);
	EXPECT_EQ(-EFAULT, kt_guest_mem_write(&self->mem, 0x1039, buf, 8));
	EXPECT_EQ(63, self->low[63]);
}

TEST_F(mem, numbers_at_any_alignment)
{
	u64 v64;
	u32 v32;

	ASSERT_EQ(0, kt_guest_mem_read_u32(&self->mem, 0x1004, &v32));
	EXPECT_EQ(0x07060504, v32);
	ASSERT_EQ(0, kt_guest_mem_read_u32(&self->mem, 0x1005, &v32));
	EXPECT_EQ(0x08070605, v32);
	ASSERT_EQ(0, kt_guest_mem_read_u64(&self->mem, 0x1008, &v64));
	EXPECT_EQ(0x0f0e0d0c0b0a0908, v64);
	ASSERT_EQ(0, kt_guest_mem_read_u64(&self->mem, 0x1009, &v64));
	EXPECT_EQ(0x100f0e0d0c0b0a09, v64);
	EXPECT_EQ(-EFAULT, kt_guest_mem_read_u32(&self->mem, 0x103d, &v32));
	EXPECT_EQ(-EFAULT, kt_guest_mem_read_u64(&self->mem, 0x1039, &v64));
}

TEST_F(mem, numbers_are_stored_where_they_belong)
{
	u32 at;

	for (at = 8; at < 12; at++) {
		ASSERT_EQ(0, kt_guest_mem_write_u32(&self->mem, 0x1000 + at,
						    0xa1b2c3d4));
		EXPECT_EQ(0, memcmp(self->low + at, "\xd4\xc3\xb2\xa1", 4));
		ASSERT_EQ(0, kt_guest_mem_write_u64(&self->mem, HIGH + at,
						    0x1122334455667788));
		EXPECT_EQ(0, memcmp(self->high + at,
				    "\x88\x77\x66\x55\x44\x33\x22\x11", 8));
	}
	EXPECT_EQ(7, self->low[7]);
	EXPECT_EQ(15, self->low[15]);
	EXPECT_EQ(-EFAULT, kt_guest_mem_write_u32(&self->mem, 0x103d, 0));
	EXPECT_EQ(-EFAULT, kt_guest_mem_write_u64(&self->mem, HIGH + 25, 0));
}

TEST_HARNESS_MAIN
