// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sample is a reservoir: the first ones fill it, each later one takes the
 * place of any with the probability that it belongs to a sample of all.
 */
#include <linux/compiler.h>

#include "wakes.h"

#define NSEC_PER_USEC	1000

void kt_wakes_init(struct kt_wakes *w, u32 seed)
{
	memset(w, 0, sizeof(*w));
	w->rng = (seed + 1) * 0x9e3779b97f4a7c15ULL;
}

/* xorshift64; a state that is not 0 never becomes 0 */
static u64 draw(struct kt_wakes *w)
{
	u64 x = w->rng;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	w->rng = x;
	return x;
}

void kt_wakes_add(struct kt_wakes *w, u64 latency_ns)
{
	double us = latency_ns / (double)NSEC_PER_USEC;
	u64 slot = w->nr;

	if (slot >= KT_WAKES_KEPT)
		slot = draw(w) % (w->nr + 1);
	if (slot < KT_WAKES_KEPT)
		WRITE_ONCE(w->kept_us[slot],
			   min_t(u64, latency_ns / NSEC_PER_USEC, UINT32_MAX));
	w->sum_us += us;
	w->sum_sq += us * us;
	if (latency_ns > w->max_ns)
		WRITE_ONCE(w->max_ns, latency_ns);
	/* last: what is counted is there */
	WRITE_ONCE(w->nr, w->nr + 1);
}
