/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames on their way to the guest. The port may be slow: what it does not
 * take is kept, in order, and sent on when it does. Bounded: a guest that
 * asks without reading the answers gets no more of them.
 */
#ifndef KTSTR_COORD_OUTBOX_H
#define KTSTR_COORD_OUTBOX_H

#include "../base/types.h"

#define KT_OUTBOX_MAX_BYTES	(256u << 10)

struct kt_outbox {
	u8 *buf;		/* KT_OUTBOX_MAX_BYTES, at the first frame */
	size_t head, tail;	/* waiting: [head, tail) */
	u64 refused;		/* frames for which there was no room */
};

void kt_outbox_fini(struct kt_outbox *o);

/* Adds a frame. -ENOBUFS when it does not fit, -EMSGSIZE, -ENOMEM. */
int kt_outbox_add(struct kt_outbox *o, u32 tag, const void *payload,
		  size_t len_bytes);

/* Writes what @fd takes without waiting. -errno when it is broken. */
int kt_outbox_flush(struct kt_outbox *o, int fd);

static inline bool kt_outbox_empty(const struct kt_outbox *o)
{
	return o->head == o->tail;
}

#endif /* KTSTR_COORD_OUTBOX_H */
