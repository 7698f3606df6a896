// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any ring, descriptors, headers and data before a disk: the input is laid
 * over guest memory, whose first page holds the rings and whose second the
 * buffers. Nothing outside of guest memory and of the disk's capacity may be
 * touched, and the used ring moves as often as requests were served.
 */
#include <assert.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/virtio_ring.h>

#include "ktstr/virtio/block_request.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define RAM_GPA		0x10000
#define REGION_BYTES	0x2000
#define RING_SIZE	16
#define DISK_BYTES	8192
#define AVAIL_AT	0x100
#define USED_AT		0x200
#define ROUNDS		64

/* Configuration, taken off the input's front. */
struct settings {
	u8 flags;	/* 1 read-only, 2 event_idx, 4 indirect */
	u8 iops;
	u8 kbytes_per_s;
	u8 step_ms;
};

static void lay(u8 *ram, const u8 *data, size_t size)
{
	memset(ram, 0, 2 * REGION_BYTES);
	memcpy(ram, data, size < 2 * REGION_BYTES ? size : 2 * REGION_BYTES);
}

static int disk_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("disk", MFD_CLOEXEC);
	/* shorter than the disk: its end is filled with zeroes */
	assert(fd >= 0 && !ftruncate(fd, DISK_BYTES / 2));
	return fd;
}

static void check(const struct kt_block_disk *d, const struct kt_vq *q)
{
	struct stat st;

	assert(!fstat(d->disk.fd, &st) && st.st_size <= DISK_BYTES);
	if (d->disk.read_only)
		assert(!d->counters.writes && st.st_size == DISK_BYTES / 2);
	assert(d->counters.poisoned == q->poisonings);
	assert(q->poisonings <= 1);
}

static void drive(struct kt_block_disk *d, struct kt_vq *q, u64 step_ns)
{
	u16 used, taken;
	u64 now = 0, wait;
	int ret, i;

	for (i = 0; i < ROUNDS; i++) {
		used = q->next_used;
		taken = q->last_avail;
		wait = 0;
		ret = kt_block_serve(d, q, now, &wait);
		if (ret == -EAGAIN)
			assert(wait && taken == q->last_avail);
		if (ret != 1)
			assert(q->next_used == used);
		assert((u16)(q->next_used - used) <= 1);
		if (ret == 1)
			assert((u16)(q->last_avail - taken) == 1);
		check(d, q);
		if (ret == -EPROTO)
			return;
		now += step_ns;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kt_block_disk d;
	struct settings s;
	u8 *ram[2] = { malloc(REGION_BYTES), malloc(REGION_BYTES) };
	struct kt_region regions[2] = {
		{ RAM_GPA, REGION_BYTES, ram[0] },
		{ RAM_GPA + REGION_BYTES, REGION_BYTES, ram[1] },
	};
	struct kt_guest_mem mem = { regions, 2 };
	struct kt_vq q = {
		.mem = &mem, .size = RING_SIZE, .desc_gpa = RAM_GPA,
		.avail_gpa = RAM_GPA + AVAIL_AT, .used_gpa = RAM_GPA + USED_AT,
	};
	u8 *both = malloc(2 * REGION_BYTES);

	assert(ram[0] && ram[1] && both);
	if (size > sizeof(s)) {
		memcpy(&s, data, sizeof(s));
		lay(both, data + sizeof(s), size - sizeof(s));
		memcpy(ram[0], both, REGION_BYTES);
		memcpy(ram[1], both + REGION_BYTES, REGION_BYTES);
		kt_block_disk_init(&d, &(struct kt_disk){
			.fd = disk_fd(), .capacity_bytes = DISK_BYTES,
			.read_only = s.flags & 1, .serial = "fuzz",
			.iops = s.iops, .bytes_per_s = s.kbytes_per_s * 1024,
		}, 0);
		q.event_idx = s.flags & 2;
		q.indirect = s.flags & 4;
		assert(!kt_vq_enable(&q));
		drive(&d, &q, s.step_ms * KT_NSEC_PER_MSEC);
	}
	free(both);
	free(ram[0]);
	free(ram[1]);
	return 0;
}
