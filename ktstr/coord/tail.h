/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last bytes of a stream that may be endless: a ring of fixed size, and
 * how much went before it.
 */
#ifndef KTSTR_COORD_TAIL_H
#define KTSTR_COORD_TAIL_H

#include "../base/types.h"

#define KT_TAIL_BYTES	(64u << 10)

struct kt_tail {
	char *ring;		/* allocated at the first byte */
	u64 total_bytes;	/* seen in all */
};

void kt_tail_fini(struct kt_tail *t);
void kt_tail_add(struct kt_tail *t, const void *data, size_t len_bytes);

/* A sanitised, terminated copy of at most the last @max_bytes; the caller's. */
char *kt_tail_text(const struct kt_tail *t, size_t max_bytes);

/* Bytes that are no longer in the ring. */
u64 kt_tail_dropped(const struct kt_tail *t);

#endif /* KTSTR_COORD_TAIL_H */
