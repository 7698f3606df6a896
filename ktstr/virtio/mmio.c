// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of virtio over MMIO. A driver that does things out of order is
 * not helped: features are taken with FEATURES_OK only, a queue's registers
 * while it is not ready only, a queue is made ready between FEATURES_OK and
 * DRIVER_OK only. A ring that does not lie in memory, and a queue that is
 * stopped under a running device, need a reset.
 */
#include <sys/eventfd.h>

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "mmio.h"

#define MAGIC		0x74726976	/* "virt" */
#define VERSION		2
#define VENDOR		0x5453544b	/* "KTST" */
#define DRIVER_BITS	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
			 VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FEATURES_OK | \
			 VIRTIO_CONFIG_S_FAILED)

static void raise_irq(struct kt_mmio *t, u32 cause)
{
	/*
	 * Before the interrupt; pairs with the driver's read and
	 * acknowledgment, which come before it looks at its rings.
	 */
	atomic_fetch_or(&t->interrupt_status, cause);
	eventfd_write(t->irq_fd, 1);
}

static void irq_queue(struct kt_virtio_irq *irq, u32 index)
{
	(void)index;	/* one interrupt for all queues */
	raise_irq(container_of(irq, struct kt_mmio, irq), VIRTIO_MMIO_INT_VRING);
}

static void irq_config(struct kt_virtio_irq *irq)
{
	struct kt_mmio *t = container_of(irq, struct kt_mmio, irq);

	atomic_fetch_add(&t->config_generation, 1);
	raise_irq(t, VIRTIO_MMIO_INT_CONFIG);
}

void kt_mmio_init(struct kt_mmio *t, struct kt_virtio_device *device,
		  int irq_fd)
{
	*t = (struct kt_mmio){
		.irq = { .queue = irq_queue, .config = irq_config },
		.device = device,
		.irq_fd = irq_fd,
	};
	pthread_mutex_init(&t->lock, NULL);
	device->irq = &t->irq;
}

void kt_mmio_fini(struct kt_mmio *t)
{
	pthread_mutex_destroy(&t->lock);
}

static struct kt_vq *selected(struct kt_mmio *t)
{
	struct kt_virtio_device *d = t->device;

	return t->queue_sel < d->nr_vqs ? &d->vqs[t->queue_sel] : NULL;
}

static u64 offered(const struct kt_mmio *t)
{
	return t->device->offered | KT_VIRTIO_F_VERSION_1;
}

static u32 half(u64 v, u32 sel)
{
	return sel < 2 ? v >> (32 * sel) : 0;
}

static void set_half(u64 *v, u32 high, u32 to)
{
	u32 shift = high ? 32 : 0;

	*v = (*v & ~(0xffffffffULL << shift)) | (u64)to << shift;
}

static u32 read_status(const struct kt_mmio *t)
{
	return t->status | (kt_virtio_needs_reset(t->device) ?
			    VIRTIO_CONFIG_S_NEEDS_RESET : 0);
}

static u32 read_register(struct kt_mmio *t, u32 offset)
{
	const struct kt_vq *q = selected(t);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return t->device->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return half(offered(t), t->device_features_sel);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return q ? t->device->vq_size : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return q && q->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return atomic_load(&t->interrupt_status);
	case VIRTIO_MMIO_STATUS:
		return read_status(t);
	case VIRTIO_MMIO_SHM_LEN_LOW:
	case VIRTIO_MMIO_SHM_LEN_HIGH:
	case VIRTIO_MMIO_SHM_BASE_LOW:
	case VIRTIO_MMIO_SHM_BASE_HIGH:
		return 0xffffffff;	/* no such region */
	case VIRTIO_MMIO_CONFIG_GENERATION:
		return atomic_load(&t->config_generation);
	default:
		return 0;
	}
}

static void reset(struct kt_mmio *t)
{
	kt_virtio_reset(t->device);
	t->status = 0;
	t->driver_features = 0;
	t->device_features_sel = 0;
	t->driver_features_sel = 0;
	t->queue_sel = 0;
	atomic_store(&t->interrupt_status, 0);
}

static bool features_good(const struct kt_mmio *t)
{
	return (t->driver_features & KT_VIRTIO_F_VERSION_1) &&
	       !(t->driver_features & ~offered(t));
}

static void write_status(struct kt_mmio *t, u32 v)
{
	struct kt_virtio_device *d = t->device;
	u32 new = v & DRIVER_BITS & ~t->status;

	if (!v) {
		reset(t);
		return;
	}
	if ((new & VIRTIO_CONFIG_S_FEATURES_OK) && !features_good(t))
		new &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	t->status |= new;	/* no bit is taken back but by a reset */
	if (new & VIRTIO_CONFIG_S_FEATURES_OK)
		d->features = t->driver_features;
	if (!(new & VIRTIO_CONFIG_S_DRIVER_OK))
		return;
	if (!(t->status & VIRTIO_CONFIG_S_FEATURES_OK))
		t->status &= ~VIRTIO_CONFIG_S_DRIVER_OK;
	else if (d->ops->activate(d))
		kt_virtio_broken(d);
}

/* The device lets go of all its queues before one is taken from it. */
static void stop_queue(struct kt_mmio *t, struct kt_vq *q)
{
	if (q->ready && (t->status & VIRTIO_CONFIG_S_DRIVER_OK)) {
		t->device->ops->reset(t->device);
		kt_virtio_broken(t->device);
	}
	kt_vq_reset(q);
}

static void write_ready(struct kt_mmio *t, struct kt_vq *q, u32 v)
{
	u32 stage = VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK;
	u64 features = t->device->features;

	if (!(v & 1)) {
		stop_queue(t, q);
		return;
	}
	if ((t->status & stage) != VIRTIO_CONFIG_S_FEATURES_OK)
		return;
	q->event_idx = features & KT_VIRTIO_F_EVENT_IDX;
	q->indirect = features & KT_VIRTIO_F_INDIRECT_DESC;
	if (kt_vq_enable(q))
		kt_virtio_broken(t->device);
}

/* What a queue is before it is ready. */
static void write_queue(struct kt_mmio *t, u32 offset, u32 v)
{
	struct kt_vq *q = selected(t);

	if (!q || q->ready)
		return;
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		q->size = v <= t->device->vq_size ? v : 0;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&q->desc_gpa, offset & 4, v);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&q->avail_gpa, offset & 4, v);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&q->used_gpa, offset & 4, v);
		break;
	}
}

static void write_driver_features(struct kt_mmio *t, u32 v)
{
	/* behind FEATURES_OK nobody looks at them again */
	if (t->driver_features_sel < 2)
		set_half(&t->driver_features, t->driver_features_sel, v);
}

static void notify(struct kt_mmio *t, u32 index)
{
	struct kt_virtio_device *d = t->device;

	if (index < d->nr_vqs && (t->status & VIRTIO_CONFIG_S_DRIVER_OK))
		d->ops->notify(d, index);
}

static void write_register(struct kt_mmio *t, u32 offset, u32 v)
{
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		t->device_features_sel = v;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		write_driver_features(t, v);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		t->driver_features_sel = v;
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		t->queue_sel = v;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		if (selected(t))
			write_ready(t, selected(t), v);
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		notify(t, v);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		atomic_fetch_and(&t->interrupt_status, ~v);
		break;
	case VIRTIO_MMIO_STATUS:
		write_status(t, v);
		break;
	default:
		write_queue(t, offset, v);
	}
}

static bool is_register(u32 offset, u32 len_bytes)
{
	return offset < VIRTIO_MMIO_CONFIG && len_bytes == sizeof(u32);
}

void kt_mmio_read(struct kt_mmio *t, u32 offset, void *buf, u32 len_bytes)
{
	__le32 v;

	memset(buf, 0, len_bytes);
	/* Pairs with kt_mmio_write(), from another vCPU. */
	pthread_mutex_lock(&t->lock);
	if (offset >= VIRTIO_MMIO_CONFIG) {
		t->device->ops->read_config(t->device,
					    offset - VIRTIO_MMIO_CONFIG, buf,
					    len_bytes);
	} else if (is_register(offset, len_bytes)) {
		v = cpu_to_le32(read_register(t, offset));
		memcpy(buf, &v, sizeof(v));
	}
	pthread_mutex_unlock(&t->lock);
}

void kt_mmio_write(struct kt_mmio *t, u32 offset, const void *buf,
		   u32 len_bytes)
{
	__le32 v;

	/* Configuration space has nothing that a driver may write. */
	if (!is_register(offset, len_bytes))
		return;
	memcpy(&v, buf, sizeof(v));
	/* Pairs with kt_mmio_read(), from another vCPU. */
	pthread_mutex_lock(&t->lock);
	write_register(t, offset, le32_to_cpu(v));
	pthread_mutex_unlock(&t->lock);
}
