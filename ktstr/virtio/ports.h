/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console device without its thread: what its queues and its ports' sockets
 * mean to each other. Nothing here blocks or waits; each call does a bounded
 * amount of work. One thread at a time, except for the device's constants.
 */
#ifndef KTSTR_VIRTIO_PORTS_H
#define KTSTR_VIRTIO_PORTS_H

#include "console.h"

struct kt_port {
	int fd;			/* a stream socket */
	const char *name;	/* NULL: the console */
	bool guest_open;
	bool host_closed;	/* end of what the host sent: told to the guest */
	bool host_deaf;		/* takes nothing more: what comes is dropped */
	bool readable;		/* until the socket says otherwise */
	bool writable;
	u32 owed;		/* control messages the guest is to get, as bits */
	/* from the guest, partly written */
	bool sending;
	u32 sent_seg;		/* segments of it that are gone */
	size_t sent_bytes;	/* of the next one */
	struct kt_vq_chain chain;
};

struct kt_ports {
	struct kt_virtio_device device;	/* its ops are the owner's */
	bool active;
	struct kt_port ports[KT_CONSOLE_PORTS];
	struct kt_vq_chain chain;	/* for what is done within a call */
};

void kt_ports_init(struct kt_ports *p, const struct kt_guest_mem *mem,
		   const int fds[KT_CONSOLE_PORTS]);

/* The configuration space; any thread. */
void kt_ports_read_config(u32 offset, void *buf, u32 len_bytes);

/* Between the two the queues are used. */
void kt_ports_start(struct kt_ports *p);
void kt_ports_stop(struct kt_ports *p);

/* Something happened at the socket of port @i: both ways are tried again. */
void kt_ports_host_event(struct kt_ports *p, u32 i);

/*
 * Moves what can be moved. True when it stopped only because it had done much:
 * the caller comes back, otherwise when a queue was notified or a socket had an
 * event.
 */
bool kt_ports_run(struct kt_ports *p);

/*
 * What guest and device have said to each other of the ports. -EBUSY while
 * bytes of the guest are on their way to a host that does not take them. Loaded
 * behind kt_ports_start().
 */
int kt_ports_save(const struct kt_ports *p, struct kt_enc *e);
void kt_ports_load(struct kt_ports *p, struct kt_dec *d);

#endif /* KTSTR_VIRTIO_PORTS_H */
