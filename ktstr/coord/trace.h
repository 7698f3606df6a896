/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace of a deterministic machine: all that its guest has said, as one
 * number. Two runs of one identity have the same trace, unless the host has
 * done something to one of them, which is noted here.
 */
#ifndef KTSTR_COORD_TRACE_H
#define KTSTR_COORD_TRACE_H

#include "../wire/frame.h"

struct kt_trace {
	bool on;
	u64 frames_hash;
	u64 console_hash;
	u64 nr_frames;
	/* by the guest's own clock */
	u64 last_ns;		/* its last frame */
	u64 start_ns;		/* of the workload; 0 before */
	u64 pause_ns;		/* open pause; 0 none */
	u64 paused_total_ns;
	u64 end_ns;		/* of the workload; 0 before */
	char disturbed[128];	/* why it may not come again; "": it does */
};

void kt_trace_init(struct kt_trace *t, bool on);
void kt_trace_frame(struct kt_trace *t, const struct kt_frame *f);
/* From here on; what came before is not counted. */
void kt_trace_console_begin(struct kt_trace *t);
void kt_trace_console(struct kt_trace *t, const void *data, size_t len_bytes);

/*
 * The host has done what the guest can notice: the first such thing is kept.
 * Nothing when the machine is not a deterministic one.
 */
void __printf(2, 3)
kt_trace_disturb(struct kt_trace *t, const char *fmt, ...);

/* How far the workload was, without its pauses, at the last frame, or @now_ns. */
u64 kt_trace_workload_ns(const struct kt_trace *t);
u64 kt_trace_workload_at(const struct kt_trace *t, u64 now_ns);

/* The number. */
u64 kt_trace_hash(const struct kt_trace *t);

#endif /* KTSTR_COORD_TRACE_H */
