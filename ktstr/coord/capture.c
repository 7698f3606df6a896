// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of captures.
 */
#include "capture.h"

const char *kt_capture_cause_str(enum kt_capture_cause cause)
{
	static const char *const names[] = {
		[KT_CAPTURE_REQUEST] = "request",
		[KT_CAPTURE_PERIODIC] = "periodic",
		[KT_CAPTURE_WATCH] = "watchpoint",
		[KT_CAPTURE_TIME] = "time",
		[KT_CAPTURE_POLL] = "poll",
		[KT_CAPTURE_WATCHDOG] = "watchdog",
		[KT_CAPTURE_FAILURE] = "failure",
		[KT_CAPTURE_POST_MORTEM] = "post-mortem",
	};

	return names[cause];
}

void kt_captures_fini(struct kt_captures *c)
{
	u32 i;

	for (i = 0; i < kt_captures_nr(c); i++)
		json_decref(c->ring[i].state);
	free(c->ring);
	memset(c, 0, sizeof(*c));
}

struct kt_capture *kt_captures_add(struct kt_captures *c)
{
	struct kt_capture *entry;

	if (!c->ring)
		c->ring = calloc(KT_MAX_CAPTURES, sizeof(*c->ring));
	if (!c->ring)
		return NULL;
	entry = &c->ring[c->taken++ % KT_MAX_CAPTURES];
	json_decref(entry->state);
	memset(entry, 0, sizeof(*entry));
	return entry;
}

u32 kt_captures_nr(const struct kt_captures *c)
{
	return min_t(u64, c->taken, KT_MAX_CAPTURES);
}

const struct kt_capture *kt_captures_get(const struct kt_captures *c, u32 i)
{
	if (i >= kt_captures_nr(c))
		return NULL;
	return &c->ring[(c->taken - kt_captures_nr(c) + i) % KT_MAX_CAPTURES];
}
