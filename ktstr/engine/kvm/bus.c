// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address ranges and their devices. There are few, so they are searched one
 * by one.
 */
#include "bus.h"

int kt_bus_add(struct kt_bus *bus, u64 base, u32 len_bytes,
	       const struct kt_bus_ops *ops, void *dev)
{
	struct kt_bus_range *r;
	u32 i;

	for (i = 0; i < bus->nr; i++) {
		r = &bus->ranges[i];
		if (base < r->base + r->len_bytes && r->base < base + len_bytes)
			return -EEXIST;
	}
	if (bus->nr == KT_BUS_MAX)
		return -ENOSPC;
	bus->ranges[bus->nr++] = (struct kt_bus_range){
		.base = base, .len_bytes = len_bytes, .ops = ops, .dev = dev,
	};
	return 0;
}

static const struct kt_bus_range *find(const struct kt_bus *bus, u64 addr,
				       u32 len_bytes)
{
	u32 i;

	for (i = 0; i < bus->nr; i++) {
		const struct kt_bus_range *r = &bus->ranges[i];
		u64 off = addr - r->base;	/* huge when below it */

		if (off < r->len_bytes && len_bytes <= r->len_bytes - off)
			return r;
	}
	return NULL;
}

void kt_bus_read(const struct kt_bus *bus, u64 addr, void *buf, u32 len_bytes)
{
	const struct kt_bus_range *r = find(bus, addr, len_bytes);

	memset(buf, 0xff, len_bytes);
	if (r)
		r->ops->read(r->dev, addr - r->base, buf, len_bytes);
}

void kt_bus_write(const struct kt_bus *bus, u64 addr, const void *buf,
		  u32 len_bytes)
{
	const struct kt_bus_range *r = find(bus, addr, len_bytes);

	if (r)
		r->ops->write(r->dev, addr - r->base, buf, len_bytes);
}
