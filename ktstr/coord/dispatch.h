/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one frame does: a pure function of the frame and a struct of sinks.
 * It boots nothing, waits for nothing and allocates at most an entry of a
 * pending list, so a test drives it with any sequence of frames.
 */
#ifndef KTSTR_COORD_DISPATCH_H
#define KTSTR_COORD_DISPATCH_H

#include <stdatomic.h>

#include "../wire/frame.h"
#include "../wire/msg.h"

#define KT_MAX_PENDING	64	/* requests between two turns of the loop */

/*
 * What dispatch may touch. Times are nanoseconds since the run began. A
 * descriptor of -1 stands for an event nobody waits for.
 */
struct kt_sinks {
	u64 now_ns;			/* set by the caller before each frame */
	u64 duration_ns;		/* watchdog budget; 0: none set */

	atomic_bool kill;		/* SchedExit: release; readers acquire */
	int kill_evt;
	bool ready;			/* SysRdy seen */
	int ready_evt;

	_Atomic u64 phys_base_biased;	/* KernAddrs, 0 unknown */
	struct kt_kern_addrs kern_addrs;	/* last one accepted */
	int kern_addrs_evt;
	u64 text_link_kva;		/* _text in the vmlinux, 0 not known */
	_Atomic u64 slide_biased;	/* KASLR; first publisher wins, 0 unknown */

	u64 start_ns;			/* first ScenarioStart, 0 before */
	u64 pause_ns;			/* open pause, 0 when none */
	u64 paused_total_ns;
	u64 deadline_ns;		/* watchdog; 0: none */
	u64 deadline_cap_ns;		/* no frame moves it beyond; 0: no cap */
	u64 frozen_total_ns;		/* given back by kt_watchdog_extend() */
	_Atomic u32 phase;		/* step_index of the last Stimulus */

	struct kt_snapshot_req snapshots[KT_MAX_PENDING];
	u32 nr_snapshots;
	struct kt_kernel_op_req kernel_ops[KT_MAX_PENDING];
	u32 nr_kernel_ops;
	u64 batch_since_ns;		/* when the first of them came */

	/* Checks failed, requests dropped: the first few logged, all counted. */
	u64 warnings;
};

void kt_sinks_init(struct kt_sinks *s);

static inline u64 kt_add_sat(u64 a, u64 b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The deadline becomes @at_ns, at least 1 and within the cap. */
void kt_sinks_set_deadline(struct kt_sinks *s, u64 at_ns);

/*
 * Acts on @frame. True when the frame is to be kept in the run's bucket (the
 * caller copies it: the payload is the assembler's).
 */
bool kt_dispatch(const struct kt_frame *frame, struct kt_sinks *s);

#endif /* KTSTR_COORD_DISPATCH_H */
