/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stops that a deterministic machine does not notice: its vCPU waits within an
 * instruction, ahead of one at a certain address or behind a store to certain
 * memory, until it is told to go on. No clock of the machine moves meanwhile, and
 * no other vCPU runs.
 *
 * Over kt_machine.stop_fd: the orders once ahead of the start; then a struct
 * kt_stop from the machine for each stop, and orders back, with which it goes on.
 */
#ifndef KTSTR_ENGINE_STOPS_H
#define KTSTR_ENGINE_STOPS_H

#include "../base/types.h"

#define KT_STOP_PCS	4
#define KT_STOP_RANGES	4

struct kt_stop_range {
	u64 gva;
	u64 len_bytes;		/* 0: none */
};

struct kt_stop_orders {
	u64 pcs[KT_STOP_PCS];	/* fixed at the start; 0: none */
	u64 stores;		/* likewise: whether there may be ranges */
	u64 pcs_off;		/* a bit for each that is passed for now */
	struct kt_stop_range ranges[KT_STOP_RANGES];
};

struct kt_stop {
	u64 pc;			/* of the instruction */
	u64 gva;		/* that it has stored to; 0: it is not executed yet */
	u32 bytes;
	u32 vcpu;
};

#endif /* KTSTR_ENGINE_STOPS_H */
