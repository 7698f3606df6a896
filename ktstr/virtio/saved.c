// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues and transport of a machine that stands still, to bytes and back. What
 * is read is hostile, as all is that a guest sets: a queue is made ready as the
 * driver's would be.
 */
#include <sys/eventfd.h>

#include <linux/virtio_config.h>

#include "../wire/codec.h"
#include "mmio.h"

void kt_vq_save(const struct kt_vq *q, struct kt_enc *e)
{
	kt_enc_u16(e, q->size);
	kt_enc_u8(e, q->ready);
	kt_enc_u64(e, q->desc_gpa);
	kt_enc_u64(e, q->avail_gpa);
	kt_enc_u64(e, q->used_gpa);
	kt_enc_u8(e, q->event_idx);
	kt_enc_u8(e, q->indirect);
	kt_enc_u16(e, q->last_avail);
	kt_enc_u16(e, q->next_used);
	kt_enc_u16(e, q->signalled_used);
	kt_enc_u8(e, q->signalled_valid);
}

void kt_vq_load(struct kt_vq *q, u16 max, struct kt_dec *d)
{
	bool ready;

	kt_vq_reset(q);
	q->size = kt_dec_u16(d);
	ready = kt_dec_u8(d);
	q->desc_gpa = kt_dec_u64(d);
	q->avail_gpa = kt_dec_u64(d);
	q->used_gpa = kt_dec_u64(d);
	q->event_idx = kt_dec_u8(d);
	q->indirect = kt_dec_u8(d);
	q->last_avail = kt_dec_u16(d);
	q->next_used = kt_dec_u16(d);
	q->signalled_used = kt_dec_u16(d);
	q->signalled_valid = kt_dec_u8(d);
	kt_dec_require(d, q->size <= max);
	if (ready && !d->bad)
		kt_dec_require(d, !kt_vq_enable(q));
}

int kt_mmio_save(struct kt_mmio *t, struct kt_enc *e)
{
	const struct kt_virtio_device *dev = t->device;
	u32 i;

	if (kt_virtio_needs_reset(dev))
		return -EBUSY;
	/* Pairs with kt_mmio_write(); nobody is in it. */
	pthread_mutex_lock(&t->lock);
	kt_enc_u32(e, dev->id);
	kt_enc_u32(e, t->status);
	kt_enc_u32(e, t->device_features_sel);
	kt_enc_u32(e, t->driver_features_sel);
	kt_enc_u32(e, t->queue_sel);
	kt_enc_u64(e, t->driver_features);
	kt_enc_u64(e, dev->features);
	kt_enc_u32(e, atomic_load(&t->interrupt_status));
	kt_enc_u32(e, atomic_load(&t->config_generation));
	for (i = 0; i < dev->nr_vqs; i++)
		kt_vq_save(&dev->vqs[i], e);
	pthread_mutex_unlock(&t->lock);
	return 0;
}

static void load_registers(struct kt_mmio *t, struct kt_dec *d)
{
	struct kt_virtio_device *dev = t->device;

	kt_dec_require(d, kt_dec_u32(d) == dev->id);
	t->status = kt_dec_u32(d);
	t->device_features_sel = kt_dec_u32(d);
	t->driver_features_sel = kt_dec_u32(d);
	t->queue_sel = kt_dec_u32(d);
	t->driver_features = kt_dec_u64(d);
	dev->features = kt_dec_u64(d);
	kt_dec_require(d, !(dev->features &
			    ~(dev->offered | KT_VIRTIO_F_VERSION_1)));
	/* no driver is there before these are agreed on */
	if (t->status & VIRTIO_CONFIG_S_DRIVER_OK)
		kt_dec_require(d, t->status & VIRTIO_CONFIG_S_FEATURES_OK &&
			       dev->features & KT_VIRTIO_F_VERSION_1);
	atomic_store(&t->interrupt_status, kt_dec_u32(d));
	atomic_store(&t->config_generation, kt_dec_u32(d));
}

int kt_mmio_load(struct kt_mmio *t, struct kt_dec *d)
{
	struct kt_virtio_device *dev = t->device;
	u32 i;

	pthread_mutex_lock(&t->lock);
	load_registers(t, d);
	for (i = 0; i < dev->nr_vqs; i++)
		kt_vq_load(&dev->vqs[i], dev->vq_size, d);
	if (!d->bad && (t->status & VIRTIO_CONFIG_S_DRIVER_OK))
		kt_dec_require(d, !dev->ops->activate(dev));
	if (!d->bad && atomic_load(&t->interrupt_status))
		eventfd_write(t->irq_fd, 1);
	pthread_mutex_unlock(&t->lock);
	return d->bad ? -EBADMSG : 0;
}
