// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory table of vhost-user, sent by QEMU whole or region by region, and
 * the translation of QEMU's addresses by it. It is held against the memory
 * which we gave the machine and have mapped ourselves. Nothing of what QEMU
 * hands over is mapped: a file that it could shrink under us would kill this
 * process at the next access. Rings that are in use stay where they were found
 * to be.
 */
#include "vhost_user_proto.h"

/* It must lie in one of the machine's. */
static int check_region(struct kt_vhost_user *t, const struct kt_vu_region *r)
{
	if (r->size_bytes && r->user_addr + r->size_bytes - 1 >= r->user_addr &&
	    kt_guest_mem_ptr(t->mem, r->gpa, r->size_bytes))
		return 0;
	return kt_vu_refuse(t, "a region is not the machine's memory");
}

int kt_vu_set_mem_table(struct kt_vhost_user *t)
{
	const struct kt_vu_mem_table *table = &t->in.msg.p.mem;
	u32 i;

	if (table->nr > KT_VU_MAX_REGIONS || table->nr != t->nr_fds ||
	    t->in.msg.h.size != offsetof(struct kt_vu_mem_table, regions) +
	    table->nr * sizeof(table->regions[0]))
		return -EPROTO;
	for (i = 0; i < table->nr; i++)
		if (check_region(t, &table->regions[i]))
			return -EPROTO;
	t->nr_slots = table->nr;
	memcpy(t->slots, table->regions, table->nr * sizeof(t->slots[0]));
	return 0;
}

int kt_vu_add_region(struct kt_vhost_user *t)
{
	const struct kt_vu_region *r = &t->in.msg.p.region.region;

	if (t->nr_fds != 1)
		return -EPROTO;
	if (t->nr_slots == KT_VU_MAX_SLOTS)
		return kt_vu_refuse(t, "there are too many regions");
	if (check_region(t, r))
		return -EPROTO;
	t->slots[t->nr_slots++] = *r;
	return 0;
}

int kt_vu_remove_region(struct kt_vhost_user *t)
{
	const struct kt_vu_region *r = &t->in.msg.p.region.region;
	u32 i;

	for (i = 0; i < t->nr_slots; i++) {
		const struct kt_vu_region *s = &t->slots[i];

		if (s->gpa != r->gpa || s->size_bytes != r->size_bytes ||
		    s->user_addr != r->user_addr)
			continue;
		t->slots[i] = t->slots[--t->nr_slots];
		return 0;
	}
	return kt_vu_refuse(t, "there is no such region");
}

int kt_vu_gpa(struct kt_vhost_user *t, u64 user_addr, u64 *gpa)
{
	u32 i;

	for (i = 0; i < t->nr_slots; i++) {
		const struct kt_vu_region *r = &t->slots[i];

		if (user_addr - r->user_addr < r->size_bytes) {
			*gpa = user_addr - r->user_addr + r->gpa;
			return 0;
		}
	}
	return kt_vu_refuse(t, "a ring is not in guest memory");
}
