/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stops that a deterministic machine does not notice: its vCPU waits within an
 * instruction, ahead of one at a certain address or behind a store to certain
 * memory, until it is told to go on. No clock of the machine moves meanwhile, and
 * no other vCPU runs.
 *
 * Over kt_machine.stop_fd: the orders once ahead of the start; then a struct
 * kt_stop from the machine for each stop, and orders back, with which it goes on.
 * Besides there may be new orders while the machine stands for another reason:
 * it takes them at its next stop, or at @look_pc.
 */
#ifndef KTSTR_ENGINE_STOPS_H
#define KTSTR_ENGINE_STOPS_H

#include "../base/types.h"

#define KT_STOP_PCS	4
#define KT_STOP_RANGES	5

struct kt_stop_range {
	u64 gva;
	u64 len_bytes;		/* 0: none */
};

struct kt_stop_orders {
	u64 answers;		/* so many stops are behind it */
	u64 pcs[KT_STOP_PCS];	/* fixed at the start; 0: none */
	u64 every[KT_STOP_PCS];	/* so many-th time only, since it is on; 0: as 1 */
	u64 look_pc;		/* likewise; no stop */
	u64 debugged;		/* from now on: what the vCPUs wait for no longer matters */
	u64 stores;		/* whether there may be ranges, from now on */
	u64 pcs_off;		/* a bit for each that is passed for now */
	struct kt_stop_range ranges[KT_STOP_RANGES];
};

struct kt_stop {
	u64 pc;			/* of the instruction */
	u64 gva;		/* that it has stored to; 0: it is not executed yet */
	u32 bytes;
	u32 vcpu;
};

static inline bool kt_stop_touches(const struct kt_stop *s,
				   const struct kt_stop_range *r)
{
	return s->gva < r->gva + r->len_bytes && r->gva < s->gva + s->bytes;
}

#endif /* KTSTR_ENGINE_STOPS_H */
