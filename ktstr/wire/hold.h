/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hold: a frame at which a deterministic machine stands still, as it is larger
 * than what its port takes at once. Meanwhile the host looks at the machine,
 * writes to it, and puts its answers into a page of the guest's, the box. Then
 * it takes the rest of the frame, and the machine goes on.
 *
 * Behind SysRdy there are two. Between them the machine can be saved: it only
 * naps, and when all of its CPUs have been idle behind that it does not matter to
 * it that it was stopped. The second one's answer is the Plan.
 */
#ifndef KTSTR_WIRE_HOLD_H
#define KTSTR_WIRE_HOLD_H

#include "../base/types.h"

/* On the kernel's command line, and so in init's environment: there are some. */
#define KT_HOLD_ENV		"KTSTR_HOLDS"
#define KT_HOLD_BYTES		(12u << 10)	/* of payload; 16 and zeroes */
/* What may be under way when the host finds that the machine stands. */
#define KT_HOLD_READ_BYTES	2048u		/* at a time, by the host */
#define KT_HOLD_PORT_BYTES	2048u		/* SO_SNDBUF of its port */

#define KT_HOLD_NAP_US		150u
#define KT_HOLD_NAPS		2u
#define KT_HOLD_BOX_BYTES	4096u
#define KT_HOLD_BOX_MAGIC	0x786f62646c6f68ULL	/* "holdbox" */

struct kt_hold {
	u64 box_gpa;		/* 0: there is none, answers come by the port */
	u64 seq;		/* from 1, in the box as well */
};

/* In the guest's memory; what is in it is as trustworthy as the guest. */
struct kt_hold_box {
	__le64 magic;
	__le64 seq;
	__le32 len_bytes;	/* the host's: of @data, a piece of its stream */
	__le32 more;		/* the host's: there is more than fits */
	u8 data[KT_HOLD_BOX_BYTES - 24];
};

/* Pads; KT_HOLD_BYTES, or -EMSGSIZE. */
int kt_hold_encode(const struct kt_hold *h, void *buf, size_t size);

/*
 * The CRC of such a payload, in a thirtieth of the instructions that it takes to
 * go over all of it. @padding: kt_hold_padding_crc(), which is always the same.
 */
u32 kt_hold_crc(const void *payload, u32 padding);
u32 kt_hold_padding_crc(void);

/*
 * Whether @data, of a stream from a frame's start on, is a Hold that has begun,
 * and is not whole yet.
 */
bool kt_hold_begun(struct kt_hold *h, const void *data, size_t len_bytes);

#endif /* KTSTR_WIRE_HOLD_H */
