/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Token buckets over a time that the caller gives: how many requests and how
 * many bytes a disk may serve in a second. Nothing here waits or looks at a
 * clock.
 */
#ifndef KTSTR_VIRTIO_THROTTLE_H
#define KTSTR_VIRTIO_THROTTLE_H

#include "../base/types.h"

struct kt_token_bucket {
	u64 rate;	/* tokens per second, 0 unlimited */
	u64 capacity;	/* most that is saved up */
	s64 balance;	/* below 0: a debt */
	u64 rest;	/* of a token: billionths, so that no time is lost */
	u64 last_ns;	/* until when time has been turned into tokens */
};

struct kt_throttle {
	struct kt_token_bucket requests;
	struct kt_token_bucket bytes;
};

/* A full bucket. */
void kt_token_bucket_init(struct kt_token_bucket *b, u64 rate, u64 capacity,
			  u64 now_ns);

/* Both buckets full; each holds what a tenth of a second brings. */
void kt_throttle_init(struct kt_throttle *t, u64 requests_per_s,
		      u64 bytes_per_s, u64 now_ns);

/*
 * Charges @requests and @bytes to both buckets and returns 0, or charges
 * nothing and returns after how many nanoseconds to ask again.
 *
 * A cost of 0 is always granted. A cost above a bucket's capacity is granted
 * while there is no debt, and makes one.
 */
u64 kt_throttle_take(struct kt_throttle *t, u64 requests, u64 bytes,
		     u64 now_ns);

#endif /* KTSTR_VIRTIO_THROTTLE_H */
