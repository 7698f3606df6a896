/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slot 0's state: which scheduler is attached, and the word that its end is
 * written to. Pure over the guest's memory: it arms nothing by itself.
 *
 * The stores have an order, for a reader in another thread. Who sees an address
 * (acquire) sees the pointer that belongs to it; who still uses an address that
 * was taken back finds no pointer, or one to memory that lives as long as the
 * machine.
 */
#ifndef KTSTR_COORD_WATCH_ARM_H
#define KTSTR_COORD_WATCH_ARM_H

#include <stdatomic.h>

#include "../inspect/scx.h"

struct kt_watch_arm {
	const u32 *_Atomic kind;	/* exit_kind; NULL: disarmed */
	_Atomic u64 request_kva;	/* to be watched; 0: nothing */
	atomic_bool any_armed;		/* something was, once */
};

enum kt_watch_change {
	KT_WATCH_UNCHANGED,
	KT_WATCH_DETACHED,
	KT_WATCH_REBIND,	/* another one: disarmed now, armed next time */
	KT_WATCH_PUBLISHED,
	KT_WATCH_DEFERRED,	/* its word is not mapped yet: tried again */
};

/*
 * One scan: *@last is what the previous one saw attached (0 at first), and is
 * brought up to date. What cannot be read counts as unchanged.
 */
enum kt_watch_change kt_watch_arm_scan(struct kt_watch_arm *arm, u64 *last,
				       const struct kt_guest_kernel *k,
				       const struct kt_scx *scx);

/* The watched word as it is now; false when nothing is armed. */
bool kt_watch_arm_kind(struct kt_watch_arm *arm, u32 *kind);

#endif /* KTSTR_COORD_WATCH_ARM_H */
