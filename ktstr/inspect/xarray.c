// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks down the nodes of an xarray. A node whose shift is not the one its
 * level must have ends the walk, so a tree that leads back into itself cannot
 * be followed for long; and no more nodes are visited than a full IDR of all
 * pids has.
 */
#include <linux/bits.h>

#include "xarray.h"

#define MAX_NODES	BIT(17)
#define TOP		UINT32_MAX	/* in place of a shift: no node above */

struct layout {
	u64 head;
	u64 shift;
	u64 slots;
	u32 chunk_shift;
};

struct walk {
	const struct kt_guest_kernel *k;
	struct layout l;
	int (*fn)(void *arg, u64 index, u64 entry_kva);
	void *arg;
	u32 left;		/* entries */
	u32 nodes_left;
};

/* BTF knows how many slots: 64, or 16 of CONFIG_BASE_SMALL. */
static int find_slots(const struct kt_types *t, struct layout *l)
{
	struct kt_field f;
	int ret;

	ret = kt_types_struct(t, "xa_node");
	if (ret >= 0)
		ret = kt_types_field(t, ret, "slots", &f, NULL, 0);
	if (ret)
		return -EINVAL;
	if (f.size_bytes != 64 * sizeof(u64) && f.size_bytes != 16 * sizeof(u64))
		return -EINVAL;
	l->slots = f.offset_bytes;
	l->chunk_shift = f.size_bytes == 64 * sizeof(u64) ? 6 : 4;
	return 0;
}

static int find_layout(const struct kt_guest_kernel *k, struct layout *l)
{
	s64 head, shift;

	if (!k->types)
		return -EINVAL;
	head = kt_types_offset(k->types, "xarray", "xa_head");
	shift = kt_types_offset(k->types, "xa_node", "shift");
	if (head < 0 || shift < 0)
		return -EINVAL;
	l->head = head;
	l->shift = shift;
	return find_slots(k->types, l);
}

static bool is_internal(u64 entry)
{
	return (entry & 3) == 2;
}

static bool is_node(u64 entry)
{
	return is_internal(entry) && entry > 4096;
}

static bool is_pointer(u64 entry)
{
	return entry && !(entry & 3);
}

static bool is_sibling(u64 entry)
{
	return is_internal(entry) && entry >> 2 < 64;
}

/*
 * Which bits of an index select a slot of @node, under a node of @above. Each
 * level has exactly the bits below those of the level above it.
 */
static int node_shift(const struct kt_guest_kernel *k, const struct layout *l,
		      u64 node, u32 above, u32 *shift)
{
	u8 v;

	if (!kt_guest_kernel_half(k, node) ||
	    kt_guest_kernel_read(k, node + l->shift, &v, sizeof(v)))
		return -EFAULT;
	if (above == TOP ? v >= 64 || v % l->chunk_shift :
			   v + l->chunk_shift != above)
		return -EFAULT;
	*shift = v;
	return 0;
}

static int read_slot(const struct kt_guest_kernel *k, const struct layout *l,
		     u64 node, u32 slot, u64 *entry)
{
	return kt_guest_kernel_read_u64(k, node + l->slots + slot * sizeof(u64),
					entry);
}

/* The entry for @index in @node; that of several slots is in the first. */
static int load_slot(const struct kt_guest_kernel *k, const struct layout *l,
		     u64 node, u32 slot, u64 *entry)
{
	int ret = read_slot(k, l, node, slot, entry);

	if (ret || !is_sibling(*entry))
		return ret;
	if (*entry >> 2 >= slot)
		return -EFAULT;
	return read_slot(k, l, node, *entry >> 2, entry);
}

int kt_xarray_load(const struct kt_guest_kernel *k, u64 xa_kva, u64 index,
		   u64 *entry_kva)
{
	u32 shift, above = TOP;
	u64 entry, slot;
	struct layout l;
	int ret;

	ret = find_layout(k, &l);
	if (!ret)
		ret = kt_guest_kernel_read_u64(k, xa_kva + l.head, &entry);
	if (ret)
		return ret;
	if (!is_node(entry) && index)
		return -ENOENT;
	for (; is_node(entry); above = shift) {
		ret = node_shift(k, &l, entry - 2, above, &shift);
		if (ret)
			return ret;
		slot = index >> shift;
		if (above == TOP && slot >> l.chunk_shift)
			return -ENOENT;
		slot &= (1u << l.chunk_shift) - 1;
		ret = load_slot(k, &l, entry - 2, slot, &entry);
		if (ret)
			return ret;
	}
	if (!is_pointer(entry))
		return -ENOENT;
	*entry_kva = entry;
	return kt_guest_kernel_half(k, entry) ? 0 : -EFAULT;
}

static int visit(struct walk *w, u64 entry, u64 index, u32 above);

static int visit_node(struct walk *w, u64 node, u64 index, u32 above)
{
	u32 slot, shift;
	u64 entry;
	int ret;

	if (!w->nodes_left--)
		return -EFAULT;
	ret = node_shift(w->k, &w->l, node, above, &shift);
	for (slot = 0; !ret && w->left && slot < 1u << w->l.chunk_shift;
	     slot++) {
		if (slot > UINT64_MAX >> shift)
			break;
		ret = read_slot(w->k, &w->l, node, slot, &entry);
		if (!ret)
			ret = visit(w, entry, index + ((u64)slot << shift),
				    shift);
	}
	return ret;
}

static int visit(struct walk *w, u64 entry, u64 index, u32 above)
{
	if (is_node(entry))
		return visit_node(w, entry - 2, index, above);
	if (!is_pointer(entry))
		return 0;
	if (!kt_guest_kernel_half(w->k, entry))
		return -EFAULT;
	w->left--;
	return w->fn(w->arg, index, entry);
}

int kt_xarray_for_each(const struct kt_guest_kernel *k, u64 xa_kva, u32 max,
		       int (*fn)(void *arg, u64 index, u64 entry_kva),
		       void *arg)
{
	struct walk w = {
		.k = k, .fn = fn, .arg = arg, .left = max,
		.nodes_left = MAX_NODES,
	};
	u64 entry;
	int ret;

	ret = find_layout(k, &w.l);
	if (!ret)
		ret = kt_guest_kernel_read_u64(k, xa_kva + w.l.head, &entry);
	if (ret || !max)
		return ret;
	return visit(&w, entry, 0, TOP);
}
