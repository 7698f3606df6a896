// SPDX-License-Identifier: GPL-2.0-only
/*
 * The workload's own time in the guest, by the stamps that the host sees too.
 */
#include "../wire/msg.h"
#include "holds.h"

void kt_holds_note(struct kt_holds *h, u32 tag, u64 at_ns)
{
	if (tag == KT_TAG_SCENARIO_START && !h->start_ns) {
		h->start_ns = at_ns;
	} else if (tag == KT_TAG_SCENARIO_PAUSE && !h->pause_ns) {
		h->pause_ns = at_ns;
	} else if (tag == KT_TAG_SCENARIO_RESUME && h->pause_ns) {
		h->paused_ns += at_ns - h->pause_ns;
		h->pause_ns = 0;
	} else if (tag == KT_TAG_SCENARIO_END) {
		h->ended = true;
	}
}

static u64 workload_ns(const struct kt_holds *h, u64 now_ns)
{
	u64 skip = h->start_ns + h->paused_ns;

	return now_ns - min(now_ns, skip);
}

u64 kt_holds_left_ns(const struct kt_holds *h, u64 now_ns)
{
	u64 at, now;

	if (!h->plan || h->next >= h->plan->nr_holds || !h->start_ns ||
	    h->pause_ns || h->ended)
		return UINT64_MAX;
	at = h->plan->hold_ns[h->next];
	now = workload_ns(h, now_ns);
	return at - min(at, now);
}

void kt_holds_made(struct kt_holds *h, u64 now_ns)
{
	while (!kt_holds_left_ns(h, now_ns))
		h->next++;
}
