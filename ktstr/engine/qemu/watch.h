/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The watchpoints of a QEMU machine: which slot watches what, and what fired.
 */
#ifndef KTSTR_ENGINE_QEMU_WATCH_H
#define KTSTR_ENGINE_QEMU_WATCH_H

#include "../engine.h"
#include "gdb.h"

struct kt_qemu_watch {
	struct kt_gdb gdb;
	u64 gva[KT_MAX_WATCHES];	/* 0: the slot is free */
	struct kt_watch_fire fire;	/* not yet asked for */
};

/* Of a machine that stands still. -errno as of kt_gdb_watch(), -EINVAL. */
int kt_qemu_watch_set(struct kt_qemu_watch *w, u32 slot, u64 gva,
		      u64 deadline_ns);
int kt_qemu_watch_clear(struct kt_qemu_watch *w, u32 slot, u64 deadline_ns);

/* Takes in what the stub has said, without waiting. */
void kt_qemu_watch_poll(struct kt_qemu_watch *w);

#endif /* KTSTR_ENGINE_QEMU_WATCH_H */
