// SPDX-License-Identifier: GPL-2.0-only
/*
 * Token buckets. Time becomes tokens exactly: what is left of a division is
 * kept for the next one. A request larger than a bucket runs it into debt, and
 * those behind it wait until the debt is paid, so the rate holds in the long
 * run whatever the sizes are.
 */
#include "throttle.h"

#define BURST_DIV	10	/* capacity: the rate's share of a second */

void kt_token_bucket_init(struct kt_token_bucket *b, u64 rate, u64 capacity,
			  u64 now_ns)
{
	*b = (struct kt_token_bucket){
		.rate = rate,
		.capacity = min_t(u64, capacity, INT64_MAX),
		.last_ns = now_ns,
	};
	b->balance = b->capacity;
}

static void refill(struct kt_token_bucket *b, u64 now_ns)
{
	u64 room = b->capacity - b->balance;	/* also when in debt */
	u64 passed = now_ns - b->last_ns;
	__uint128_t earned;

	if (now_ns <= b->last_ns)
		return;
	earned = (__uint128_t)passed * b->rate + b->rest;
	b->last_ns = now_ns;
	/* full to the brim it still keeps its rest: it may be drawn at once */
	if (earned / KT_NSEC_PER_SEC > room) {
		b->balance = b->capacity;
		b->rest = 0;
	} else {
		b->balance += (s64)(earned / KT_NSEC_PER_SEC);
		b->rest = earned % KT_NSEC_PER_SEC;
	}
}

/* How long until @cost will be granted; 0: now. */
static u64 wait_ns(struct kt_token_bucket *b, u64 cost, u64 now_ns)
{
	__uint128_t lacking;
	s64 wanted;

	if (!b->rate || !cost)
		return 0;
	refill(b, now_ns);
	wanted = cost > b->capacity ? 0 : cost;
	if (b->balance >= wanted)
		return 0;
	lacking = (__uint128_t)((u64)wanted - (u64)b->balance) *
		  KT_NSEC_PER_SEC - b->rest;
	lacking = (lacking + b->rate - 1) / b->rate;
	return lacking > UINT64_MAX ? UINT64_MAX : (u64)lacking;
}

static void charge(struct kt_token_bucket *b, u64 cost)
{
	if (b->rate)
		b->balance -= (s64)min_t(u64, cost, INT64_MAX);
}

void kt_throttle_init(struct kt_throttle *t, u64 requests_per_s,
		      u64 bytes_per_s, u64 now_ns)
{
	kt_token_bucket_init(&t->requests, requests_per_s,
			     max_t(u64, requests_per_s / BURST_DIV, 1), now_ns);
	kt_token_bucket_init(&t->bytes, bytes_per_s,
			     max_t(u64, bytes_per_s / BURST_DIV, 1), now_ns);
}

u64 kt_throttle_take(struct kt_throttle *t, u64 requests, u64 bytes,
		     u64 now_ns)
{
	u64 wait = wait_ns(&t->requests, requests, now_ns);

	wait = max_t(u64, wait, wait_ns(&t->bytes, bytes, now_ns));
	if (wait)
		return wait;
	charge(&t->requests, requests);
	charge(&t->bytes, bytes);
	return 0;
}
