// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds of a guest's memory: both ends of two regions with a hole between
 * them, lengths and addresses that wrap, numbers at any alignment, which
 * are one access when they are aligned.
 */
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <kselftest_harness.h>

#include "ktstr/inspect/guest_mem.h"

#define HIGH		0x100000000ULL
#define PAGE_BYTES	4096
#define TRAP_FLAG	0x100	/* of rflags: stop behind each instruction */

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

/* Every length at every alignment, and nothing beside it. */
TEST_F(mem, lengths_and_alignments)
{
	u8 all[64], want[64];
	u32 at, len;

	for (at = 16; at < 24; at++)
		for (len = 1; len <= 9; len++) {
			memset(all, 0xee, 64);
			ASSERT_EQ(0, kt_guest_mem_read(&self->mem, 0x1000 + at,
						       all + 1, len));
			EXPECT_EQ(0xee, all[0]);
			EXPECT_EQ(0, memcmp(all + 1, self->low + at, len));
			EXPECT_EQ(0xee, all[1 + len]);

			memcpy(want, self->low, 64);
			memset(want + at, 0x55, len);
			memset(all, 0x55, 64);
			ASSERT_EQ(0, kt_guest_mem_write(&self->mem, 0x1000 + at,
							all + 1, len));
			EXPECT_EQ(0, memcmp(want, self->low, 64));
		}
}

/*
 * A page whose every access faults: let through one instruction long, and
 * counted.
 */
static u8 *page;
static u32 nr_accesses;

static void on_fault(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	if ((u8 *)si->si_addr < page || (u8 *)si->si_addr >= page + PAGE_BYTES) {
		signal(sig, SIG_DFL);
		return;
	}
	nr_accesses++;
	mprotect(page, PAGE_BYTES, PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void on_step(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)si;
	mprotect(page, PAGE_BYTES, PROT_NONE);
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

#define accesses(call) ({						\
	nr_accesses = 0;						\
	EXPECT_EQ(0, mprotect(page, PAGE_BYTES, PROT_NONE));		\
	EXPECT_EQ(0, call);						\
	EXPECT_EQ(0, mprotect(page, PAGE_BYTES, PROT_READ | PROT_WRITE)); \
	nr_accesses; })

/* A number that is aligned cannot be seen half written. */
TEST_F(mem, numbers_are_one_access)
{
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct sigaction step = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO };
	struct kt_region r = { 0x1000, PAGE_BYTES, NULL };
	const struct kt_guest_mem m = { &r, 1 };
	u64 v = 0x1122334455667788, got;
	u32 len, at;

	page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	r.hva = page;
	ASSERT_EQ(0, sigaction(SIGSEGV, &fault, NULL));
	ASSERT_EQ(0, sigaction(SIGTRAP, &step, NULL));
	for (len = 1; len <= 8; len *= 2)
		for (at = 0x1000; at < 0x1010; at += len) {
			EXPECT_EQ(1, accesses(kt_guest_mem_write(&m, at, &v, len)));
			EXPECT_EQ(0, memcmp(&v, page + at - 0x1000, len));
			EXPECT_EQ(1, accesses(kt_guest_mem_read(&m, at, &got, len)));
			EXPECT_EQ(0, memcmp(&v, &got, len));
		}
	munmap(page, PAGE_BYTES);
}

TEST_HARNESS_MAIN
