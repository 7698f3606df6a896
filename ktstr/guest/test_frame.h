/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames between the test's process and init: events and requests one way,
 * answers the other. Each is one message of a SOCK_SEQPACKET socket, as long
 * as its payload needs.
 */
#ifndef KTSTR_GUEST_TEST_FRAME_H
#define KTSTR_GUEST_TEST_FRAME_H

#include "../wire/msg.h"

#define KT_TEST_FRAME_BYTES	KT_KERNEL_OP_MAX_BYTES

struct kt_test_frame {
	u32 tag;
	u32 len_bytes;
	u8 payload[KT_TEST_FRAME_BYTES];
};

/*
 * Sends one whole or not at all. -EMSGSIZE, -EPIPE when nobody reads any more,
 * -EAGAIN with MSG_DONTWAIT in @flags when there is no room.
 */
int kt_test_frame_send(int fd, u32 tag, const void *payload, size_t len_bytes,
		       int flags);

/*
 * Takes one without waiting: 1 and @frame; 0 when there is none; -EPROTO for
 * one that is none of ours, which is gone; -EPIPE when no more will come.
 */
int kt_test_frame_recv(int fd, struct kt_test_frame *frame);

#endif /* KTSTR_GUEST_TEST_FRAME_H */
