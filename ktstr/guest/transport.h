/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's end of the frame stream: the virtio port named "ktstr.bulk".
 * Only init writes to it, whole frames only; the test's process and the
 * scheduler reach the host through pipes that init reads.
 */
#ifndef KTSTR_GUEST_TRANSPORT_H
#define KTSTR_GUEST_TRANSPORT_H

#include "../wire/frame.h"
#include "../wire/msg.h"

#define KT_PORT_NAME		"ktstr.bulk"
#define KT_PORT_BUF_BYTES	(32u * 1024)	/* the driver's largest write */

struct kt_port {
	int fd;
	bool dead;		/* the host has gone, or a frame broke off */
	struct kt_assembler in;
	u8 buf[KT_PORT_BUF_BYTES];
};

/* Finds the port, opens it and waits until the host is there. */
int kt_port_open(struct kt_port *port, u32 timeout_ms);

/*
 * Sends one frame. A frame that could not be sent whole, within a bound, makes
 * the port dead: nothing is sent any more.
 */
int kt_port_send(struct kt_port *port, u32 tag, const void *payload,
		 size_t len_bytes);

int kt_port_send_i32(struct kt_port *port, u32 tag, s32 value);
int kt_port_send_lifecycle(struct kt_port *port, enum kt_lifecycle phase,
			   const char *reason);

/*
 * Waits without a bound for the next frame, as the machine may be a template.
 * -EPIPE once the host has gone. @frame is good until the next call.
 */
int kt_port_recv(struct kt_port *port, struct kt_frame *frame);

/*
 * Closes the port once the host has taken all that was written. A write puts
 * bytes into the queue and tells the host, in that order, and returns. Closing
 * sends the host a message on the control queue and waits until it was taken;
 * the host handles the data queue's notice, which came before, no later.
 */
void kt_port_close(struct kt_port *port);

#endif /* KTSTR_GUEST_TRANSPORT_H */
