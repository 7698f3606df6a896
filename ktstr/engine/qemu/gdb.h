/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of gdb's remote protocol as watchpoints and breakpoints need, over a socket
 * that QEMU inherited. The machine is stopped and resumed over QMP; each stop
 * is told here too, and one by a watchpoint is remembered.
 *
 * QEMU stops a running machine for any byte that comes this way: nothing is
 * sent but while it stands still, and no packet is acknowledged, which QEMU
 * does not insist on.
 */
#ifndef KTSTR_ENGINE_QEMU_GDB_H
#define KTSTR_ENGINE_QEMU_GDB_H

#include "../../base/types.h"

#define KT_GDB_PACKET_MAX	1024	/* longer ones are not for us */
#define KT_GDB_WATCH_BYTES	4

struct kt_gdb {
	int fd;			/* owned, non-blocking */
	char buf[KT_GDB_PACKET_MAX];
	size_t len_bytes;
	bool fired;		/* and not yet asked for */
	u64 fired_gva;
	u32 fired_vcpu;
	bool at_break;		/* stopped by a breakpoint; the caller's to clear */
	bool lost;		/* a reply: the next one would be taken for it */
	bool eof;
};

/* Takes @fd over. */
void kt_gdb_open(struct kt_gdb *g, int fd);
void kt_gdb_close(struct kt_gdb *g);

/*
 * Sets or clears the watchpoint at @gva of a machine that stands still.
 * -EPROTO when QEMU refuses; -ETIMEDOUT, and -EPIPE from then on.
 */
int kt_gdb_watch(struct kt_gdb *g, u64 gva, bool set, u64 deadline_ns);

/* Likewise a breakpoint at @gva, for all vCPUs; at_break once one is there. */
int kt_gdb_break(struct kt_gdb *g, u64 gva, bool set, u64 deadline_ns);

/* Takes in what has come, without waiting. */
void kt_gdb_poll(struct kt_gdb *g);

#endif /* KTSTR_ENGINE_QEMU_GDB_H */
