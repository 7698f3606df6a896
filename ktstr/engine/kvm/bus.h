/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which device an access goes to: one bus for ports, one for physical
 * addresses. Filled before the vCPUs run, only read from then on; a device
 * does its own locking.
 */
#ifndef KTSTR_ENGINE_KVM_BUS_H
#define KTSTR_ENGINE_KVM_BUS_H

#include "../../base/types.h"

#define KT_BUS_MAX	16

/**
 * struct kt_bus_ops - a device on a bus
 * @read: @len_bytes at @offset into @buf; from any vCPU thread.
 * @write: likewise the other way.
 */
struct kt_bus_ops {
	void (*read)(void *dev, u32 offset, void *buf, u32 len_bytes);
	void (*write)(void *dev, u32 offset, const void *buf, u32 len_bytes);
};

struct kt_bus {
	struct kt_bus_range {
		u64 base;
		u32 len_bytes;
		const struct kt_bus_ops *ops;
		void *dev;
	} ranges[KT_BUS_MAX];
	u32 nr;
};

/* -ENOSPC, or -EEXIST when a part of the range is another's. */
int kt_bus_add(struct kt_bus *bus, u64 base, u32 len_bytes,
	       const struct kt_bus_ops *ops, void *dev);

/*
 * An access of a guest. Where there is no device, or not all of the access
 * is inside of one, reads give ones and writes go nowhere, as on real buses.
 */
void kt_bus_read(const struct kt_bus *bus, u64 addr, void *buf, u32 len_bytes);
void kt_bus_write(const struct kt_bus *bus, u64 addr, const void *buf,
		  u32 len_bytes);

#endif /* KTSTR_ENGINE_KVM_BUS_H */
