/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the fuzz targets of the MMIO transport: a device that takes what it is
 * notified of and gives it back. It runs between activate and reset only, with
 * negotiated features that were offered.
 */
#ifndef TESTS_FUZZ_ECHO_DEVICE_H
#define TESTS_FUZZ_ECHO_DEVICE_H

#include <assert.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ktstr/virtio/mmio.h"

#define RAM_GPA		0x1000
#define RAM_BYTES	4096
#define CHAINS_MAX	32
#define OFFERED		(KT_VIRTIO_F_EVENT_IDX | KT_VIRTIO_F_INDIRECT_DESC)

struct echo {
	struct kt_virtio_device device;
	struct kt_vq_chain chain;
	bool active;
};

static void read_config(struct kt_virtio_device *d, u32 offset, void *buf,
			u32 len_bytes)
{
	assert(d->ops);
	memset(buf, offset, len_bytes);
}

static int activate(struct kt_virtio_device *d)
{
	struct echo *e = container_of(d, struct echo, device);

	assert(!e->active);
	assert(d->features & KT_VIRTIO_F_VERSION_1);
	assert(!(d->features & ~(OFFERED | KT_VIRTIO_F_VERSION_1)));
	e->active = true;
	return 0;
}

static void notify(struct kt_virtio_device *d, u32 index)
{
	struct echo *e = container_of(d, struct echo, device);
	struct kt_vq *q = &d->vqs[index];
	u32 i;

	assert(index < d->nr_vqs);
	for (i = 0; e->active && i < CHAINS_MAX; i++) {
		if (kt_vq_pop(q, &e->chain) != 1)
			break;
		kt_vq_push(q, &e->chain, 1);
	}
	if (q->poisoned)
		kt_virtio_broken(d);
	if (!kt_vq_enable_notify(q) && kt_vq_should_signal(q))
		d->irq->queue(d->irq, index);
}

static void reset(struct kt_virtio_device *d)
{
	container_of(d, struct echo, device)->active = false;
}

static const struct kt_virtio_device_ops echo_ops = {
	.name = "echo",
	.read_config = read_config,
	.activate = activate,
	.notify = notify,
	.reset = reset,
};

/* Its memory is zeroes. */
static void echo_init(struct echo *e, struct kt_region *region,
		      struct kt_guest_mem *mem)
{
	memset(e, 0, sizeof(*e));
	e->device = (struct kt_virtio_device){
		.ops = &echo_ops, .offered = OFFERED, .nr_vqs = 2,
		.vq_size = 64, .vqs = { { .mem = mem }, { .mem = mem } },
	};
	region->hva = calloc(1, RAM_BYTES);
	assert(region->hva);
}

static void check(const struct echo *e)
{
	u32 i;

	for (i = 0; i < e->device.nr_vqs; i++) {
		const struct kt_vq *q = &e->device.vqs[i];

		assert(!q->ready || (q->size && q->size <= e->device.vq_size));
		assert(q->mem);
	}
}

#endif /* TESTS_FUZZ_ECHO_DEVICE_H */
