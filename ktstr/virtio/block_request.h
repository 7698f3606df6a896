/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a disk does with one request: its shape, its price, its work and its
 * completion. No thread and no transport: block.c brings the first, and what
 * is below a ring in plain memory will do for a test.
 */
#ifndef KTSTR_VIRTIO_BLOCK_REQUEST_H
#define KTSTR_VIRTIO_BLOCK_REQUEST_H

#include <stdatomic.h>

#include "block.h"
#include "throttle.h"

#define KT_BLOCK_SIZE_MAX	0x100000	/* bytes of a data segment */
#define KT_BLOCK_SEG_MAX	(KT_BLOCK_QUEUE_SIZE / 2 - 2)

/* What a chain asks for, copied once. */
struct kt_block_request {
	u32 type;
	u64 sector;
	struct iovec *data;	/* without header and status byte */
	u32 nr_data;
	u64 data_bytes;
	u8 *status;		/* NULL: the chain has no room for one */
};

struct kt_block_disk {
	struct kt_disk disk;
	struct kt_throttle throttle;
	bool waiting;		/* the next chain was refused before */
	struct kt_vq_chain chain;
	struct kt_block_request request;
	/* written by who serves, read by anyone: each by itself, no order */
	struct {
		_Atomic u64 reads, read_bytes, writes, write_bytes;
		_Atomic u64 flushes, io_errors, throttled, poisoned;
	} counters;
};

void kt_block_disk_init(struct kt_block_disk *d, const struct kt_disk *disk,
			u64 now_ns);

/*
 * Takes one chain off @q, serves and completes it: 1. 0 when there is none,
 * -EPROTO when the queue is poisoned, -EAGAIN when the throttle refused and
 * put the chain back; *@wait_ns says for how long.
 */
int kt_block_serve(struct kt_block_disk *d, struct kt_vq *q, u64 now_ns,
		   u64 *wait_ns);

#endif /* KTSTR_VIRTIO_BLOCK_REQUEST_H */
