/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Captures of a run: what was seen of the guest's kernel while every vCPU was
 * parked, with the reason it was taken and when. The last ones are kept.
 */
#ifndef KTSTR_COORD_CAPTURE_H
#define KTSTR_COORD_CAPTURE_H

#include "../inspect/json.h"
#include "../wire/msg.h"

#define KT_MAX_CAPTURES	64

enum kt_capture_cause {
	KT_CAPTURE_REQUEST,	/* a frame of the guest's */
	KT_CAPTURE_PERIODIC,
	KT_CAPTURE_WATCH,	/* a watchpoint, at the very store */
	KT_CAPTURE_TIME,	/* a virtual time was asked for */
	KT_CAPTURE_POLL,	/* seen by polling, after the store */
	KT_CAPTURE_WATCHDOG,	/* the run is about to be killed */
	KT_CAPTURE_FAILURE,	/* the test has failed */
	KT_CAPTURE_POST_MORTEM,	/* of a machine that has ended */
};

struct kt_capture {
	char tag[KT_SNAPSHOT_TAG_BYTES + 1];
	enum kt_capture_cause cause;
	u64 at_ns;		/* since the run began */
	u64 workload_ns;	/* since ScenarioStart, paused and frozen time not */
	u32 phase;
	char error[128];	/* a placeholder: why nothing was seen; "" else */
	/*
	 * What was seen: members "tag" to "phase" as above, "error" if there is
	 * one, and those of kt_snapshot_take(). NULL without memory.
	 */
	json_t *state;
};

struct kt_captures {
	struct kt_capture *ring;	/* KT_MAX_CAPTURES, at the first one */
	u64 taken;			/* in all */
};

void kt_captures_fini(struct kt_captures *c);

/* A new entry, the oldest if there is no other; NULL without memory. */
struct kt_capture *kt_captures_add(struct kt_captures *c);

/* "request", "periodic", ... */
const char *kt_capture_cause_str(enum kt_capture_cause cause);

u32 kt_captures_nr(const struct kt_captures *c);
/* The @i-th of those kept, oldest first. */
const struct kt_capture *kt_captures_get(const struct kt_captures *c, u32 i);

#endif /* KTSTR_COORD_CAPTURE_H */
