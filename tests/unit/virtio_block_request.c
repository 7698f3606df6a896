// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each row of the block device's request table over a ring in plain memory,
 * shapes that are refused, completion only where the guest can see it, the
 * throttle's refusals, and a poisoned queue.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "block_rig.h"
#include "ktstr/virtio/block_request.h"

#define GUARD		0xa5
#define QUEUE_SIZE	256

FIXTURE(block)
{
	struct block_rig r;
	struct kt_vq q;
	struct kt_block_disk *d;
	struct kt_disk disk;
	u64 now, wait;
};

FIXTURE_SETUP(block)
{
	block_rig_init(&self->r, QUEUE_SIZE);
	ASSERT_EQ(0, fake_vq_attach(&self->r.v, &self->q, false, false));
	memset(fake_ptr(&self->r.ram, self->r.data), GUARD, DATA_BYTES);
	*(u8 *)fake_ptr(&self->r.ram, self->r.status) = GUARD;
	self->disk = (struct kt_disk){
		.fd = block_file(), .capacity_bytes = DISK_BYTES,
		.serial = "12345678901234567890",
	};
	self->now = KT_NSEC_PER_SEC;
	self->d = malloc(sizeof(*self->d));
	kt_block_disk_init(self->d, &self->disk, self->now);
}

FIXTURE_TEARDOWN(block)
{
	close(self->disk.fd);
	free(self->d);
	fake_ram_fini(&self->r.ram);
}

#define again(...) ({							\
	self->disk = (struct kt_disk){ .fd = self->disk.fd,		\
		.capacity_bytes = DISK_BYTES, __VA_ARGS__ };		\
	kt_block_disk_init(self->d, &self->disk, self->now);		\
})

#define serve() kt_block_serve(self->d, &self->q, self->now, &self->wait)
#define status() (*(u8 *)fake_ptr(&self->r.ram, self->r.status))
#define data(at) (((u8 *)fake_ptr(&self->r.ram, self->r.data))[at])
#define counter(what) ((u64)self->d->counters.what)

/* The next request, served and completed, with what the driver finds then. */
#define expect(status_, len_) ({					\
	u32 head_ = ~0u, used_ = ~0u;					\
	EXPECT_EQ(1, serve());						\
	EXPECT_TRUE(fake_used(&self->r.v, &head_, &used_));		\
	EXPECT_EQ(status_, status());					\
	EXPECT_EQ(len_, used_);						\
	status() = GUARD; })

#define request(status_, len_, ...) ({					\
	add(__VA_ARGS__);						\
	expect(status_, len_); })

#define expect_counters(r, rb, w, wb, f, e) ({				\
	EXPECT_EQ(r, counter(reads));					\
	EXPECT_EQ(rb, counter(read_bytes));				\
	EXPECT_EQ(w, counter(writes));					\
	EXPECT_EQ(wb, counter(write_bytes));				\
	EXPECT_EQ(f, counter(flushes));					\
	EXPECT_EQ(e, counter(io_errors)); })

TEST_F(block, in)
{
	u32 i;

	header(VIRTIO_BLK_T_IN, 3);
	request(VIRTIO_BLK_S_OK, 1024 + 512 + 1,
		HDR, READ(1024), SEG(self->r.data + 4096, 512, true), STATUS);
	for (i = 0; i < 1024; i++)
		ASSERT_EQ(file_byte(3 * 512 + i), data(i));
	for (i = 0; i < 512; i++)
		ASSERT_EQ(file_byte(5 * 512 + i), data(4096 + i));
	EXPECT_EQ(GUARD, data(1024));
	EXPECT_EQ(GUARD, data(4096 + 512));
	expect_counters(1, 1536, 0, 0, 0, 0);
}

TEST_F(block, in_zero_fills_behind_the_file)
{
	u32 at = DISK_BYTES - 2048, i;

	header(VIRTIO_BLK_T_IN, at / 512);
	request(VIRTIO_BLK_S_OK, 2049,
		HDR, READ(1024), SEG(self->r.data + 1024, 1024, true), STATUS);
	for (i = 0; i < FILE_BYTES - at; i++)
		ASSERT_EQ(file_byte(at + i), data(i));
	for (; i < 2048; i++)
		ASSERT_EQ(0, data(i));
	EXPECT_EQ(GUARD, data(2048));
	/* what was filled in did not come from the file */
	expect_counters(1, FILE_BYTES - at, 0, 0, 0, 0);
}

TEST_F(block, ranges)
{
	static const struct {
		u64 sector;
		u32 len_bytes;
		bool ok;
	} rows[] = {
		{ DISK_BYTES / 512 - 2, 1024, true },
		{ DISK_BYTES / 512 - 1, 1024, false },	/* whole, not half */
		{ DISK_BYTES / 512, 0, true },
		{ DISK_BYTES / 512, 512, false },
		{ DISK_BYTES / 512 + 1, 0, false },
		{ UINT64_MAX / 512, 1024, false },	/* the end overflows */
		{ UINT64_MAX / 512 + 1, 512, false },	/* so does the start */
		{ UINT64_MAX, 512, false },
	};
	u64 errors = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		errors += 2 * !rows[i].ok;
		header(VIRTIO_BLK_T_OUT, rows[i].sector);
		request(rows[i].ok ? 0 : VIRTIO_BLK_S_IOERR, 1,
			HDR, WRITE(rows[i].len_bytes), STATUS);
		header(VIRTIO_BLK_T_IN, rows[i].sector);
		request(rows[i].ok ? 0 : VIRTIO_BLK_S_IOERR,
			rows[i].ok ? rows[i].len_bytes + 1 : 1,
			HDR, READ(rows[i].len_bytes), STATUS);
		EXPECT_EQ(errors, counter(io_errors));
	}
	EXPECT_EQ(1024, counter(read_bytes));
	EXPECT_EQ(1024, counter(write_bytes));
}

/* Its second page is not there to be read into: what was delivered counts. */
TEST_F(block, in_that_fails_midway)
{
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	u8 *p = mmap((void *)0x10000000, 8192, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	ASSERT_EQ((void *)0x10000000, p);
	ASSERT_EQ(0, munmap(p + 4096, 4096));
	memset(p, 0x77, 4096);
	self->d->disk.fd = mem;
	self->d->disk.capacity_bytes = 1ULL << 40;
	header(VIRTIO_BLK_T_IN, 0x10000000 / 512);
	request(VIRTIO_BLK_S_IOERR, 4096 + 1, HDR, READ(8192), STATUS);
	EXPECT_EQ(0x77, data(4095));
	EXPECT_EQ(GUARD, data(4096));
	expect_counters(0, 4096, 0, 0, 0, 1);
	munmap(p, 4096);
	close(mem);
}

TEST_F(block, out)
{
	u8 got[1024];
	u32 i;

	for (i = 0; i < 1024; i++)
		data(i) = i % 7;
	header(VIRTIO_BLK_T_OUT, 8);
	request(VIRTIO_BLK_S_OK, 1,
		HDR, WRITE(100), SEG(self->r.data + 100, 924, false), STATUS);
	ASSERT_EQ(1024, pread(self->disk.fd, got, 1024, 4096));
	for (i = 0; i < 1024; i++)
		ASSERT_EQ(i % 7, got[i]);
	expect_counters(0, 0, 1, 1024, 0, 0);
}

TEST_F(block, out_that_fails)
{
	/* -EPERM; then -ENOSPC */
	ASSERT_EQ(0, fcntl(self->disk.fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	header(VIRTIO_BLK_T_OUT, 0);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(512), STATUS);
	expect_counters(0, 0, 0, 0, 0, 1);
	self->d->disk.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(512), STATUS);
	expect_counters(0, 0, 0, 0, 0, 2);
	close(self->d->disk.fd);
}

/* The file's end is sealed: of 2048 bytes 1048 fit. */
TEST_F(block, out_that_is_cut)
{
	ASSERT_EQ(0, fcntl(self->disk.fd, F_ADD_SEALS, F_SEAL_GROW));
	header(VIRTIO_BLK_T_OUT, (DISK_BYTES - 2048) / 512);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(2048), STATUS);
	EXPECT_EQ(0, counter(writes));
	EXPECT_EQ(1, counter(io_errors));
	/* the bytes that were written count, how many is the file system's */
	EXPECT_LE(counter(write_bytes), 1048);
}

TEST_F(block, flush)
{
	int p[2];

	header(VIRTIO_BLK_T_FLUSH, 0);
	request(VIRTIO_BLK_S_OK, 1, HDR, STATUS);
	expect_counters(0, 0, 0, 0, 1, 0);
	/* a pipe cannot be flushed */
	ASSERT_EQ(0, pipe(p));
	self->d->disk.fd = p[1];
	request(VIRTIO_BLK_S_IOERR, 1, HDR, STATUS);
	expect_counters(0, 0, 0, 0, 1, 1);
	close(p[0]);
	close(p[1]);
}

TEST_F(block, get_id)
{
	header(VIRTIO_BLK_T_GET_ID, 0);
	request(VIRTIO_BLK_S_OK, 21, HDR, READ(64), STATUS);
	EXPECT_EQ(0, memcmp("12345678901234567890", &data(0), 20));
	EXPECT_EQ(GUARD, data(20));
	expect_counters(0, 0, 0, 0, 0, 0);
	/* a short name is filled up */
	again(.serial = "ab");
	request(VIRTIO_BLK_S_OK, 21, HDR, READ(20), STATUS);
	EXPECT_EQ(0, memcmp("ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", &data(0), 20));
}

TEST_F(block, get_id_is_never_cut_nor_spread)
{
	header(VIRTIO_BLK_T_GET_ID, 0);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, READ(19), STATUS);
	request(VIRTIO_BLK_S_IOERR, 1,
		HDR, READ(10), SEG(self->r.data + 10, 10, true), STATUS);
	request(VIRTIO_BLK_S_IOERR, 1,
		HDR, READ(0), SEG(self->r.data, 20, true), STATUS);
	EXPECT_EQ(GUARD, data(0));
	EXPECT_EQ(3, counter(io_errors));
	request(VIRTIO_BLK_S_OK, 21,
		HDR, READ(20), SEG(self->r.data + 20, 20, true), STATUS);
	EXPECT_EQ(GUARD, data(20));
}

TEST_F(block, others_are_unsupported)
{
	static const u32 types[] = { 2, 3, 5, 9, 11, 13, 0x80000000, UINT32_MAX };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		header(types[i], 0);
		request(VIRTIO_BLK_S_UNSUPP, 1, HDR, READ(512), STATUS);
		request(VIRTIO_BLK_S_UNSUPP, 1, HDR, WRITE(512), STATUS);
		request(VIRTIO_BLK_S_UNSUPP, 1, HDR, STATUS);
	}
	expect_counters(0, 0, 0, 0, 0, 0);
	EXPECT_EQ(GUARD, data(0));
}

TEST_F(block, read_only)
{
	u8 byte;

	again(.read_only = true);
	header(VIRTIO_BLK_T_OUT, 0);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(512), STATUS);
	ASSERT_EQ(1, pread(self->disk.fd, &byte, 1, 0));
	EXPECT_EQ(file_byte(0), byte);
	/* answered, not done: the file is not even looked at */
	self->d->disk.fd = -1;
	header(VIRTIO_BLK_T_FLUSH, 0);
	request(VIRTIO_BLK_S_OK, 1, HDR, STATUS);
	expect_counters(0, 0, 0, 0, 0, 1);
}

TEST_F(block, zero_length_data_is_legal)
{
	header(VIRTIO_BLK_T_IN, 0);
	request(VIRTIO_BLK_S_OK, 1, HDR, READ(0), STATUS);
	request(VIRTIO_BLK_S_OK, 513,
		HDR, READ(0), SEG(self->r.data, 512, true),
		SEG(self->r.data, 0, true), STATUS);
	header(VIRTIO_BLK_T_OUT, 0);
	request(VIRTIO_BLK_S_OK, 1, HDR, WRITE(0), STATUS);
	request(VIRTIO_BLK_S_OK, 1,
		SEG(self->r.hdr, 0, false), HDR, WRITE(512), WRITE(0), STATUS);
	expect_counters(2, 512, 2, 512, 0, 0);
}

/* Where one descriptor ends and the next begins means nothing. */
TEST_F(block, any_layout)
{
	u64 all = fake_alloc(&self->r.ram, 16 + 512, 16);

	header(VIRTIO_BLK_T_IN, 1);
	request(VIRTIO_BLK_S_OK, 513,
		SEG(self->r.hdr, 5, false), SEG(self->r.hdr + 5, 11, false),
		SEG(self->r.status - 512, 513, true));
	EXPECT_EQ(file_byte(512 + 511), data(16383));
	header(VIRTIO_BLK_T_OUT, 2);
	memcpy(fake_ptr(&self->r.ram, all), fake_ptr(&self->r.ram, self->r.hdr), 16);
	request(VIRTIO_BLK_S_OK, 1, SEG(all, 16 + 512, false), STATUS);
	expect_counters(1, 512, 1, 512, 0, 0);
}

/* Across the seam of two regions it is two pieces, and one segment. */
TEST_F(block, across_regions)
{
	header(VIRTIO_BLK_T_IN, 0);
	request(VIRTIO_BLK_S_OK, 513,
		HDR, SEG(FAKE_SEAM_GPA - 100, 512, true), STATUS);
	EXPECT_EQ(file_byte(99), *(u8 *)fake_ptr(&self->r.ram, FAKE_SEAM_GPA - 1));
	EXPECT_EQ(file_byte(100), *(u8 *)fake_ptr(&self->r.ram, FAKE_SEAM_GPA));
}

TEST_F(block, shapes_that_are_refused)
{
	struct fake_seg many[QUEUE_SIZE];
	u32 i, nr = 0;

	again(.iops = 1, .bytes_per_s = 1);
	header(VIRTIO_BLK_T_IN, 0);
	/* a header that is short or missing */
	request(VIRTIO_BLK_S_IOERR, 1,
		SEG(self->r.hdr, 15, false), READ(512), STATUS);
	request(VIRTIO_BLK_S_IOERR, 1, STATUS);
	/* no data; of the wrong direction; of both */
	request(VIRTIO_BLK_S_IOERR, 1, HDR, STATUS);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(512), STATUS);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(512), READ(512), STATUS);
	/* a segment larger than SIZE_MAX is longer than this memory is */
	for (many[nr++] = HDR; nr < QUEUE_SIZE - 1; nr++)
		many[nr] = READ(1);
	many[nr++] = STATUS;
	fake_add(&self->r.v, many, nr);
	expect(VIRTIO_BLK_S_IOERR, 1);
	header(VIRTIO_BLK_T_GET_ID, 0);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, STATUS);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(20), STATUS);
	header(VIRTIO_BLK_T_OUT, 0);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, STATUS);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, READ(512), STATUS);
	request(VIRTIO_BLK_S_IOERR, 1, HDR, WRITE(512), READ(512), STATUS);
	/* none of them did anything, and none cost anything */
	expect_counters(0, 0, 0, 0, 0, 11);
	for (i = 0; i < 512; i++)
		ASSERT_EQ(GUARD, data(i));
	EXPECT_EQ(1, self->d->throttle.requests.balance);
	EXPECT_EQ(1, self->d->throttle.bytes.balance);
	EXPECT_EQ(0, counter(throttled));
}

TEST_F(block, as_many_segments_as_are_offered)
{
	struct fake_seg many[KT_BLOCK_SEG_MAX + 2];
	u32 nr = 0;

	header(VIRTIO_BLK_T_IN, 0);
	for (many[nr++] = HDR; nr <= KT_BLOCK_SEG_MAX; nr++)
		many[nr] = SEG(self->r.data + 16 * nr, 16, true);
	many[nr++] = STATUS;
	fake_add(&self->r.v, many, nr);
	expect(VIRTIO_BLK_S_OK, KT_BLOCK_SEG_MAX * 16 + 1);
}

/* Nowhere to write the status: the used ring does not move. */
TEST_F(block, no_completion_that_the_guest_cannot_see)
{
	u32 head, len;

	header(VIRTIO_BLK_T_OUT, 0);
	add(HDR, WRITE(512));
	EXPECT_EQ(1, serve());
	header(VIRTIO_BLK_T_IN, 0);
	add(HDR, READ(512), SEG(self->r.status, 0, true));
	EXPECT_EQ(1, serve());
	EXPECT_FALSE(fake_used(&self->r.v, &head, &len));
	EXPECT_EQ(GUARD, data(0));
	EXPECT_EQ(2, counter(io_errors));
	EXPECT_EQ(0, counter(writes));
	/* what comes behind them is served as if they had not been */
	request(VIRTIO_BLK_S_OK, 513, HDR, READ(512), STATUS);
}

/* The used ring has gone: the status is there, the queue is poisoned. */
TEST_F(block, poisoned_while_completing)
{
	header(VIRTIO_BLK_T_FLUSH, 0);
	add(HDR, STATUS);
	self->q.used_gpa = FAKE_END_GPA;
	EXPECT_EQ(-EPROTO, serve());
	EXPECT_EQ(VIRTIO_BLK_S_OK, status());
	EXPECT_EQ(1, counter(poisoned));
}

TEST_F(block, poisoned_once)
{
	header(VIRTIO_BLK_T_IN, 0);
	add(HDR, SEG(FAKE_END_GPA, 512, true), STATUS);
	EXPECT_EQ(-EPROTO, serve());
	EXPECT_EQ(1, counter(poisoned));
	add(HDR, READ(512), STATUS);
	EXPECT_EQ(-EPROTO, serve());
	EXPECT_EQ(1, counter(poisoned));
	EXPECT_EQ(GUARD, status());
	expect_counters(0, 0, 0, 0, 0, 0);
}

TEST_F(block, a_refused_chain_is_put_back_unseen)
{
	u32 head, len;

	again(.iops = 10);
	header(VIRTIO_BLK_T_IN, 0);
	add(HDR, READ(512), STATUS);
	add(HDR, READ(512), STATUS);
	expect(VIRTIO_BLK_S_OK, 513);
	memset(&data(0), GUARD, 512);
	/* asked again too early: it is the same refusal */
	EXPECT_EQ(-EAGAIN, serve());
	EXPECT_EQ(100 * KT_NSEC_PER_MSEC, self->wait);
	self->now += 99 * KT_NSEC_PER_MSEC;
	EXPECT_EQ(-EAGAIN, serve());
	EXPECT_EQ(KT_NSEC_PER_MSEC, self->wait);
	EXPECT_EQ(1, counter(throttled));
	EXPECT_EQ(GUARD, status());
	EXPECT_EQ(GUARD, data(0));
	EXPECT_FALSE(fake_used(&self->r.v, &head, &len));
	self->now += KT_NSEC_PER_MSEC;
	expect(VIRTIO_BLK_S_OK, 513);
	EXPECT_EQ(0, serve());
	/* the next one that is refused counts again */
	add(HDR, READ(512), STATUS);
	EXPECT_EQ(-EAGAIN, serve());
	EXPECT_EQ(2, counter(throttled));
	EXPECT_EQ(2, counter(reads));
}

TEST_F(block, the_price_is_data)
{
	again(.bytes_per_s = 10240);		/* bursts of two sectors */
	header(VIRTIO_BLK_T_OUT, 0);
	add(HDR, WRITE(4096), STATUS);
	expect(VIRTIO_BLK_S_OK, 1);		/* larger: a debt */
	EXPECT_EQ(1024 - 4096, self->d->throttle.bytes.balance);
	/* without data nothing is paid: not by a flush, not by the serial */
	header(VIRTIO_BLK_T_FLUSH, 0);
	request(VIRTIO_BLK_S_OK, 1, HDR, STATUS);
	header(VIRTIO_BLK_T_IN, 0);
	request(VIRTIO_BLK_S_OK, 1, HDR, READ(0), STATUS);
	/* what is answered without I/O passes whatever the debt */
	header(77, 0);
	request(VIRTIO_BLK_S_UNSUPP, 1, HDR, READ(512), STATUS);
	header(VIRTIO_BLK_T_IN, 0);
	add(HDR, READ(1), STATUS);
	EXPECT_EQ(-EAGAIN, serve());
	EXPECT_EQ((u64)3073 * KT_NSEC_PER_SEC / 10240 + 1, self->wait);
}

TEST_HARNESS_MAIN
