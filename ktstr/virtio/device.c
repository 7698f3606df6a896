// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every virtio device and transport do alike: a device that has given up
 * says so once, and a reset puts everything but the device's own state back to
 * where it began.
 */
#include "device.h"

void kt_virtio_broken(struct kt_virtio_device *d)
{
	/* Pairs with kt_virtio_needs_reset(), from the transport's thread. */
	if (__atomic_exchange_n(&d->needs_reset, true, __ATOMIC_SEQ_CST))
		return;
	if (d->irq)
		d->irq->config(d->irq);
}

bool kt_virtio_needs_reset(const struct kt_virtio_device *d)
{
	return __atomic_load_n(&d->needs_reset, __ATOMIC_SEQ_CST);
}

void kt_virtio_reset(struct kt_virtio_device *d)
{
	u32 i;

	d->ops->reset(d);
	for (i = 0; i < d->nr_vqs; i++)
		kt_vq_reset(&d->vqs[i]);
	d->features = 0;
	__atomic_store_n(&d->needs_reset, false, __ATOMIC_SEQ_CST);
}
