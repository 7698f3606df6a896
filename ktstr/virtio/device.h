/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The three contracts between a virtio device, the transport that carries it,
 * and who delivers its interrupts. A device knows requests and nothing of
 * registers; a transport knows registers or messages and nothing of requests.
 */
#ifndef KTSTR_VIRTIO_DEVICE_H
#define KTSTR_VIRTIO_DEVICE_H

#include <linux/bits.h>

#include "queue.h"

#define KT_VIRTIO_MAX_QUEUES	8

#define KT_VIRTIO_ID_BLOCK	2
#define KT_VIRTIO_ID_CONSOLE	3

#define KT_VIRTIO_F_INDIRECT_DESC	BIT_ULL(28)
#define KT_VIRTIO_F_EVENT_IDX		BIT_ULL(29)
#define KT_VIRTIO_F_VERSION_1		BIT_ULL(32)

struct kt_virtio_device;

/**
 * struct kt_virtio_irq - how a device's interrupts reach the guest
 * @queue: the used ring of queue @index has moved. From any thread.
 * @config: the configuration or the status has changed. From any thread.
 */
struct kt_virtio_irq {
	void (*queue)(struct kt_virtio_irq *irq, u32 index);
	void (*config)(struct kt_virtio_irq *irq);
};

/**
 * struct kt_virtio_device_ops - one type of device
 * @name: "console"
 * @read_config: @len_bytes of the configuration space from @offset; beyond
 *	its end zeroes. Any thread.
 * @activate: the driver has negotiated @d->features and set up the queues. The
 *	device may use them from now on. -errno: NEEDS_RESET.
 * @notify: the driver has put something into queue @index. Must not block: a
 *	vCPU may wait for it.
 * @reset: forget everything; the queues are not touched after it returns.
 */
struct kt_virtio_device_ops {
	const char *name;
	void (*read_config)(struct kt_virtio_device *d, u32 offset, void *buf,
			    u32 len_bytes);
	int (*activate)(struct kt_virtio_device *d);
	void (*notify)(struct kt_virtio_device *d, u32 index);
	void (*reset)(struct kt_virtio_device *d);
};

struct kt_virtio_device {
	const struct kt_virtio_device_ops *ops;
	u32 id;				/* KT_VIRTIO_ID_... */
	u64 offered;			/* features, without the transport's own */
	u64 features;			/* negotiated */
	struct kt_vq vqs[KT_VIRTIO_MAX_QUEUES];
	u32 nr_vqs;
	u16 vq_size;			/* largest size of each */
	struct kt_virtio_irq *irq;	/* the transport's */
	bool needs_reset;		/* set with kt_virtio_broken() */
};

/* A queue was poisoned or the device cannot go on: NEEDS_RESET, config irq. */
void kt_virtio_broken(struct kt_virtio_device *d);
bool kt_virtio_needs_reset(const struct kt_virtio_device *d);

/* For transports: the device, its queues and what was negotiated. */
void kt_virtio_reset(struct kt_virtio_device *d);

#endif /* KTSTR_VIRTIO_DEVICE_H */
