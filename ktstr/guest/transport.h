/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio ports, and the guest's end of the frame stream: the one named
 * "ktstr.bulk". Only init writes to it, whole frames only; the test's process and the
 * scheduler reach the host through pipes that init reads.
 */
#ifndef KTSTR_GUEST_TRANSPORT_H
#define KTSTR_GUEST_TRANSPORT_H

#include "../wire/frame.h"
#include "../wire/hold.h"
#include "../wire/msg.h"

#define KT_PORT_NAME		"ktstr.bulk"
#define KT_PORT_BUF_BYTES	(32u * 1024)	/* the driver's largest write */

struct kt_port {
	int fd;
	bool dead;		/* the host has gone, or a frame broke off */
	bool stamps;		/* a Time ahead of each frame */
	u64 stamp_ns;		/* of the last one */
	struct kt_hold_box *box;	/* for answers to a Hold; NULL: none */
	u32 hold_padding;	/* kt_hold_padding_crc() */
	u64 box_gpa;		/* where it was when last looked up; 0: not known */
	u64 holds;		/* made */
	struct kt_assembler in;
	u8 buf[KT_PORT_BUF_BYTES];
};

/*
 * Opens the port of that name for use without waiting. -ENOENT while there is
 * none.
 */
int kt_port_open_fd(const char *name);

/* Finds the port, opens it and waits until the host is there. */
int kt_port_open(struct kt_port *port, u32 timeout_ms);

/*
 * Sends one frame. A frame that could not be sent whole, within a bound, makes
 * the port dead: nothing is sent any more.
 */
int kt_port_send(struct kt_port *port, u32 tag, const void *payload,
		 size_t len_bytes);
/* Likewise one whose CRC is known. */
int kt_port_send_crc(struct kt_port *port, u32 tag, const void *payload,
		     size_t len_bytes, u32 crc);

int kt_port_send_i32(struct kt_port *port, u32 tag, s32 value);
int kt_port_send_lifecycle(struct kt_port *port, enum kt_lifecycle phase,
			   const char *reason);

/*
 * Waits without a bound for the next frame, as the machine may be a template.
 * -EPIPE once the host has gone. @frame is good until the next call.
 */
int kt_port_recv(struct kt_port *port, struct kt_frame *frame);

/*
 * The next frame that is there already: 1 and @frame, as above, or 0. Reads
 * KT_PORT_BUF_BYTES at most.
 */
int kt_port_poll(struct kt_port *port, struct kt_frame *frame);

/*
 * Waits until the host has ended the machine's side of the stream, which it
 * does at Exit, at most @timeout_ms, and closes the port. What was written may
 * be in the queue still when the host is slow: a machine that powered itself
 * off then would take its verdict with it.
 */
void kt_port_close(struct kt_port *port, u32 timeout_ms);

#endif /* KTSTR_GUEST_TRANSPORT_H */
