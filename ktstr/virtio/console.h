/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console device (virtio 1.2, 5.3) with VIRTIO_CONSOLE_F_MULTIPORT: port 0
 * is the console (hvc0), port 1 "ktstr.bulk", port 2 "ktstr.stats"; eight
 * queues. Each port is a byte stream to and from a descriptor of the host; a
 * thread of its own moves the bytes, so that no vCPU waits for the host and a
 * host that does not read stops the guest's writes, and nothing else.
 */
#ifndef KTSTR_VIRTIO_CONSOLE_H
#define KTSTR_VIRTIO_CONSOLE_H

#include "device.h"

#define KT_CONSOLE_PORTS	3

struct kt_console_dev;

/*
 * @fds: the device's end of each port, a stream socket, not taken over. The
 * device reads guest memory @mem, which outlives it.
 */
int kt_console_new(const struct kt_guest_mem *mem,
		   const int fds[KT_CONSOLE_PORTS],
		   struct kt_console_dev **console);
struct kt_virtio_device *kt_console_device(struct kt_console_dev *c);

/* An eventfd that does what notify does, for any queue: for an ioeventfd. */
int kt_console_kick_fd(const struct kt_console_dev *c);

/*
 * For a frozen machine: its thread stands still between the two. Both on one
 * thread; resume is harmless on a device that runs.
 */
void kt_console_pause(struct kt_console_dev *c);
void kt_console_resume(struct kt_console_dev *c);

/*
 * Of one that stands still, besides kt_mmio_save() and behind kt_mmio_load().
 * -EBUSY and -EBADMSG, see ports.h.
 */
int kt_console_save(const struct kt_console_dev *c, struct kt_enc *e);
int kt_console_load(struct kt_console_dev *c, struct kt_dec *d);

/* Ends the thread. */
void kt_console_free(struct kt_console_dev *c);

#endif /* KTSTR_VIRTIO_CONSOLE_H */
