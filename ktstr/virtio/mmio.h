/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MMIO transport (virtio 1.2, 4.2), version 2: registers of 0x200 bytes for
 * one device. Accesses come from vCPU threads, one at a time per device (a lock
 * inside). Interrupts leave through an eventfd, as an irqfd takes them.
 */
#ifndef KTSTR_VIRTIO_MMIO_H
#define KTSTR_VIRTIO_MMIO_H

#include <pthread.h>
#include <stdatomic.h>

#include "device.h"

#define KT_MMIO_BYTES		0x200
#define KT_MMIO_QUEUE_NOTIFY	0x050	/* where an ioeventfd listens */

struct kt_enc;
struct kt_dec;

struct kt_mmio {
	struct kt_virtio_irq irq;	/* what its device signals */
	struct kt_virtio_device *device;
	int irq_fd;			/* eventfd, the caller's */
	pthread_mutex_t lock;
	u32 status;
	u32 device_features_sel, driver_features_sel, queue_sel;
	u64 driver_features;

	_Atomic u32 interrupt_status;
	_Atomic u32 config_generation;
};

/* @device signals through @t from now on: it is freed before kt_mmio_fini(). */
void kt_mmio_init(struct kt_mmio *t, struct kt_virtio_device *device,
		  int irq_fd);
void kt_mmio_fini(struct kt_mmio *t);

/* A guest's access at @offset; anything is allowed, nonsense reads as zero. */
void kt_mmio_read(struct kt_mmio *t, u32 offset, void *buf, u32 len_bytes);
void kt_mmio_write(struct kt_mmio *t, u32 offset, const void *buf,
		   u32 len_bytes);

/*
 * Transport, queues and what was negotiated, while device and vCPUs stand
 * still. -EBUSY for a device that needs a reset.
 */
int kt_mmio_save(struct kt_mmio *t, struct kt_enc *e);

/*
 * Into one that was just made, whose device stands still; it is activated when
 * it was. What was on its way when it was saved comes again: a notification, an
 * interrupt. -EBADMSG when that is no state of this device.
 */
int kt_mmio_load(struct kt_mmio *t, struct kt_dec *d);

#endif /* KTSTR_VIRTIO_MMIO_H */
