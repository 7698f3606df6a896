/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a driver of the block device. One queue in plain memory, room for
 * one request's header, data and status, and a file to serve. The macros build
 * requests out of `self->r`.
 */
#ifndef KTSTR_TESTS_UNIT_BLOCK_RIG_H
#define KTSTR_TESTS_UNIT_BLOCK_RIG_H

#include <fcntl.h>
#include <sys/mman.h>

#include <linux/virtio_blk.h>

#include "fake_driver.h"

#define DISK_BYTES	65536
#define FILE_BYTES	(DISK_BYTES - 1000)	/* its end is not in the file */
#define DATA_BYTES	16384

struct block_rig {
	struct fake_ram ram;
	struct fake_vq v;
	u64 hdr, status, data;	/* gpas; the status is right behind the data */
};

static inline void block_rig_init(struct block_rig *r, u16 queue_size)
{
	fake_ram_init(&r->ram);
	fake_vq_init(&r->v, &r->ram, queue_size);
	r->hdr = fake_alloc(&r->ram, 16, 16);
	r->data = fake_alloc(&r->ram, DATA_BYTES, 4096);
	r->status = fake_alloc(&r->ram, 1, 1);
}

static inline u8 file_byte(u32 at)
{
	return at % 251 + 1;
}

/* A disk's file, which can be sealed. */
static inline int block_file(void)
{
	int fd = memfd_create("disk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	static u8 bytes[FILE_BYTES];
	u32 i;

	for (i = 0; i < FILE_BYTES; i++)
		bytes[i] = file_byte(i);
	assert(pwrite(fd, bytes, FILE_BYTES, 0) == FILE_BYTES);
	return fd;
}

static inline void block_header(struct block_rig *r, u32 type, u64 sector)
{
	struct virtio_blk_outhdr h = { .type = type, .sector = sector };

	memcpy(fake_ptr(&r->ram, r->hdr), &h, sizeof(h));
}

#define SEG(gpa, len, writable) ((struct fake_seg){ (gpa), (len), (writable) })
#define HDR		SEG(self->r.hdr, 16, false)
#define STATUS		SEG(self->r.status, 1, true)
#define READ(len)	SEG(self->r.data, (len), true)
#define WRITE(len)	SEG(self->r.data, (len), false)

#define header(type, sector) block_header(&self->r, type, sector)

#define add(...) ({							\
	struct fake_seg segs_[] = { __VA_ARGS__ };			\
	fake_add(&self->r.v, segs_, ARRAY_SIZE(segs_)); })

#endif /* KTSTR_TESTS_UNIT_BLOCK_RIG_H */
