/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The block device (virtio 1.2, 5.2): one request queue, a file behind it, a
 * worker thread of its own. The same device sits on virtio-mmio in the native
 * machine and on vhost-user for QEMU.
 */
#ifndef KTSTR_VIRTIO_BLOCK_H
#define KTSTR_VIRTIO_BLOCK_H

#include "device.h"

#define KT_BLOCK_SECTOR		512
#define KT_BLOCK_ID_BYTES	20
#define KT_BLOCK_QUEUE_SIZE	256

/* What a disk is; the engine's plan has one of these for each. */
struct kt_disk {
	int fd;			/* of the backing file, not taken over */
	u64 capacity_bytes;	/* a multiple of KT_BLOCK_SECTOR */
	bool read_only;
	char serial[KT_BLOCK_ID_BYTES + 1];	/* GET_ID */
	u64 iops;		/* requests per second, 0 unlimited */
	u64 bytes_per_s;	/* 0 unlimited */
};

/* Readable at any time, from any thread. */
struct kt_block_counters {
	u64 reads, read_bytes;
	u64 writes, write_bytes;
	u64 flushes;
	u64 io_errors;
	u64 throttled;
	u64 poisoned;
};

struct kt_block;

int kt_block_new(const struct kt_guest_mem *mem, const struct kt_disk *disk,
		 struct kt_block **block);
struct kt_virtio_device *kt_block_device(struct kt_block *b);
void kt_block_counters(const struct kt_block *b, struct kt_block_counters *c);

/* An eventfd that does what notify does: for an ioeventfd or vhost-user's kick. */
int kt_block_kick_fd(const struct kt_block *b);

/* For a frozen machine: no request is begun between the two, none is under way. */
void kt_block_pause(struct kt_block *b);
void kt_block_resume(struct kt_block *b);

void kt_block_free(struct kt_block *b);

#endif /* KTSTR_VIRTIO_BLOCK_H */
