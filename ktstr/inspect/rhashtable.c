// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buckets are pointers to the first element with a lock in the lowest bit; a
 * chain ends at a number that is odd, or at 0. A table made while memory was
 * short is nested: its first pointer leads to pages of pointers to pages.
 */
#include <linux/bits.h>

#include "fields.h"
#include "rhashtable.h"

#define MAX_BUCKETS	BIT(20)
#define MAX_TABLES	4	/* each being moved to the next */
#define PAGE_SHIFT	9	/* pointers in a page of a nested table */

enum field { F_SIZE, F_NEST, F_FUTURE, F_BUCKETS, NR_FIELDS };

struct walk {
	const struct kt_guest_kernel *k;
	struct kt_field f[NR_FIELDS];
	int (*fn)(void *arg, u64 head_kva);
	void *arg;
	u32 left;		/* elements that there may be */
};

static int pointer(const struct walk *w, u64 kva, u64 *to)
{
	if (!kt_guest_kernel_half(w->k, kva))
		return -EFAULT;
	return kt_guest_kernel_read_u64(w->k, kva, to);
}

/* Where the bucket numbered @hash of a nested table is; 0: it has none. */
static int nested_bucket(const struct walk *w, u64 buckets, u32 size, u32 nest,
			 u32 hash, u64 *kva)
{
	u32 sub = hash >> nest;
	u64 table;
	int ret;

	*kva = 0;
	ret = pointer(w, buckets, &table);
	if (!ret && table)
		ret = pointer(w, table + 8ULL * (hash & ((1u << nest) - 1)),
			      &table);
	for (size >>= nest; !ret && table && size > 1u << PAGE_SHIFT;
	     size >>= PAGE_SHIFT, sub >>= PAGE_SHIFT)
		ret = pointer(w, table +
			      8ULL * (sub & ((1u << PAGE_SHIFT) - 1)), &table);
	if (!ret && table)
		*kva = table + 8ULL * sub;
	return ret;
}

static int walk_chain(struct walk *w, u64 head)
{
	int ret;

	while (head && !(head & 1)) {
		if (!w->left--)
			return -EFAULT;
		ret = w->fn(w->arg, head);
		if (!ret)
			ret = pointer(w, head, &head);
		if (ret)
			return ret;
	}
	return 0;
}

static int walk_table(struct walk *w, u64 table, u32 size, u32 nest)
{
	u64 buckets = kt_field_kva(table, &w->f[F_BUCKETS]), bucket, head;
	int ret = 0;
	u32 i;

	for (i = 0; i < size && !ret; i++) {
		bucket = buckets + 8ULL * i;
		if (nest)
			ret = nested_bucket(w, buckets, size, nest, i, &bucket);
		if (ret || !bucket)
			continue;
		ret = pointer(w, bucket, &head);
		if (!ret)
			ret = walk_chain(w, head & ~1ULL);
	}
	return ret;
}

static int find_fields(struct walk *w, struct kt_field *tbl)
{
	static const char * const in_table[] = {
		"size", "nest", "future_tbl", "buckets",
	};
	static const char * const in_hash[] = { "tbl" };

	s64 buckets;

	if (kt_fields_find(w->k, "rhashtable", in_hash, 1, 1, tbl, NULL) ||
	    kt_fields_find(w->k, "bucket_table", in_table, NR_FIELDS, F_BUCKETS,
			   w->f, NULL))
		return -ENOENT;
	/* they follow the structure: a field of no size */
	buckets = kt_types_offset(w->k->types, "bucket_table", "buckets");
	w->f[F_BUCKETS].offset_bytes = buckets;
	return buckets < 0 ? -ENOENT : 0;
}

int kt_rhashtable_for_each(const struct kt_guest_kernel *k, u64 ht_kva, u32 max,
			   int (*fn)(void *arg, u64 head_kva), void *arg)
{
	struct walk w = { .k = k, .fn = fn, .arg = arg, .left = max };
	u64 table, size, nest;
	struct kt_field tbl;
	u32 i;
	int ret;

	if (find_fields(&w, &tbl))
		return -ENOENT;
	ret = kt_field_read(k, ht_kva, &tbl, &table);
	for (i = 0; !ret && table; i++) {
		if (i == MAX_TABLES || !kt_guest_kernel_half(k, table) ||
		    kt_field_read(k, table, &w.f[F_SIZE], &size) ||
		    kt_field_read(k, table, &w.f[F_NEST], &nest) ||
		    size > MAX_BUCKETS || size & (size - 1) || nest > 20)
			return -EFAULT;
		ret = walk_table(&w, table, size, nest);
		if (!ret)
			ret = kt_field_read(k, table, &w.f[F_FUTURE], &table);
	}
	return ret;
}
