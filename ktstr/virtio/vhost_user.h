/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vhost-user transport, version 1: a device of ours served to QEMU over an
 * inherited socket. QEMU shows its guest the registers; we get the addresses of
 * the rings, an eventfd that is the guest's notification and one that is our
 * interrupt.
 */
#ifndef KTSTR_VIRTIO_VHOST_USER_H
#define KTSTR_VIRTIO_VHOST_USER_H

#include "device.h"

struct kt_vhost_user;

/*
 * Serves @device to the peer of @fd, a stream socket that is taken over also
 * when this fails, in a thread of its own. @mem is the machine's memory, where
 * @device has its rings; it and @device outlive the transport.
 */
int kt_vhost_user_start(struct kt_virtio_device *device,
			const struct kt_guest_mem *mem, int fd,
			struct kt_vhost_user **transport);

/* Ends the thread, resets the device and closes everything. */
void kt_vhost_user_stop(struct kt_vhost_user *transport);

#endif /* KTSTR_VIRTIO_VHOST_USER_H */
