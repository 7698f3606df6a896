// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots over the gdb stub, which knows addresses only: two slots may watch the
 * same one, and then both have fired.
 */
#include "watch.h"

int kt_qemu_watch_clear(struct kt_qemu_watch *w, u32 slot, u64 deadline_ns)
{
	u64 gva;

	if (slot >= KT_MAX_WATCHES)
		return -EINVAL;
	gva = w->gva[slot];
	w->gva[slot] = 0;
	w->fire.slots &= ~(1u << slot);
	return gva ? kt_gdb_watch(&w->gdb, gva, false, deadline_ns) : 0;
}

int kt_qemu_watch_set(struct kt_qemu_watch *w, u32 slot, u64 gva,
		      u64 deadline_ns)
{
	int ret;

	if (!gva || gva % KT_GDB_WATCH_BYTES)
		return -EINVAL;
	ret = kt_qemu_watch_clear(w, slot, deadline_ns);
	if (!ret)
		ret = kt_gdb_watch(&w->gdb, gva, true, deadline_ns);
	if (!ret)
		w->gva[slot] = gva;
	return ret;
}

void kt_qemu_watch_poll(struct kt_qemu_watch *w)
{
	u32 i;

	kt_gdb_poll(&w->gdb);
	if (!w->gdb.fired)
		return;
	w->gdb.fired = false;
	w->fire.stopped = true;
	w->fire.vcpu = w->gdb.fired_vcpu;
	for (i = 0; i < KT_MAX_WATCHES; i++)
		if (w->gva[i] && w->gva[i] == w->gdb.fired_gva)
			w->fire.slots |= 1u << i;
}
