// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register accesses of any offset, size and order, over guest memory from the
 * input, with a device that takes what it is notified of and gives it back. A
 * device runs between activate and reset only, with negotiated features that
 * were offered. The input is a count, that many accesses, and memory.
 */
#include <assert.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ktstr/virtio/mmio.h"

#define RAM_GPA		0x1000
#define RAM_BYTES	4096
#define CHAINS_MAX	32
#define OFFERED		(KT_VIRTIO_F_EVENT_IDX | KT_VIRTIO_F_INDIRECT_DESC)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct access {
	u16 offset;		/* the upper bits: write, bytes */
	u16 value;
};

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

static void one_access(struct kt_mmio *t, const struct access *a)
{
	u32 offset = a->offset & 0x3ff, len = ((a->offset >> 10) & 7) + 1;
	u64 v = (u64)a->value << 32 | a->value;

	/* values worth trying: themselves, and as a high half */
	if (a->offset & 0x2000)
		v <<= 16;
	if (a->offset & 0x8000)
		kt_mmio_write(t, offset, &v, len);
	else
		kt_mmio_read(t, offset, &v, len);
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

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct echo e;
	struct kt_region region = { RAM_GPA, RAM_BYTES, NULL };
	struct kt_guest_mem mem = { &region, 1 };
	struct access a;
	struct kt_mmio t;
	int irq_fd;

	if (!size)
		return 0;
	irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	region.hva = calloc(1, RAM_BYTES);
	assert(region.hva && irq_fd >= 0);
	memset(&e, 0, sizeof(e));
	e.device = (struct kt_virtio_device){
		.ops = &echo_ops, .offered = OFFERED, .nr_vqs = 2,
		.vq_size = 64, .vqs = { { .mem = &mem }, { .mem = &mem } },
	};
	kt_mmio_init(&t, &e.device, irq_fd);
	/* memory is the end of the input */
	if (size > 1 + data[0] * sizeof(a))
		memcpy(region.hva, data + 1 + data[0] * sizeof(a),
		       min_t(size_t, size - 1 - data[0] * sizeof(a), RAM_BYTES));
	size = min_t(size_t, (size - 1) / sizeof(a), data[0]);
	for (data++; size; size--, data += sizeof(a)) {
		memcpy(&a, data, sizeof(a));
		one_access(&t, &a);
		check(&e);
	}
	kt_mmio_fini(&t);
	free(region.hva);
	close(irq_fd);
	return 0;
}
