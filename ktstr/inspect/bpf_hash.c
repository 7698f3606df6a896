// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hash tables, LRU or not, per CPU or not, preallocated or not: all have
 * their entries in buckets. The end of a bucket's list is a number, which is
 * odd. A list may lead back into itself, so each is followed as Brent does it.
 */
#include "bpf_priv.h"

#define MAX_BUCKETS	(64u << 10)	/* looked into */
#define CHUNK_BYTES	4096

static int add_elem(struct kt_bpf_out *out, u64 elem)
{
	const struct kt_bpf_map *m = out->m;
	u64 key_kva = elem + out->b->l->at[KT_ELEM_KEY];
	u64 value_kva = key_kva + kt_bpf_round_up(m->key_bytes), p;
	json_t *key;

	if (kt_guest_kernel_read(out->b->k, key_kva, out->key, m->key_bytes))
		return -EFAULT;
	key = kt_bpf_out_key(out);
	if (m->type != KT_MAP_HASH_OF_MAPS && !kt_bpf_is_percpu(m))
		return kt_bpf_out_add(out, key, value_kva);
	if (kt_guest_kernel_read_u64(out->b->k, value_kva, &p)) {
		json_decref(key);
		return -EFAULT;
	}
	if (m->type == KT_MAP_HASH_OF_MAPS)
		return kt_bpf_out_add_json(out, key,
					   kt_bpf_inner_json(out->b, p));
	return kt_bpf_out_add_percpu(out, key, p);
}

/* -ELOOP for a list without end. */
static int show_bucket(struct kt_bpf_out *out, u64 elem)
{
	u64 landmark = 0;
	u32 steps = 0;
	int ret;

	while (elem && !(elem & 1)) {
		if (elem == landmark)
			return -ELOOP;
		if (!(steps & (steps - 1)))
			landmark = elem;
		steps++;
		ret = add_elem(out, elem);
		if (!ret)
			ret = kt_bpf_get(out->b, elem, KT_ELEM_NEXT, &elem);
		if (ret)
			return ret;
	}
	return 0;
}

/* As many buckets as are in @buf. */
static int show_buckets(struct kt_bpf_out *out, const u8 *buf, u32 nr)
{
	const struct kt_bpf_layout *l = out->b->l;
	int ret = 0;
	u64 first;
	u32 i;

	for (i = 0; i < nr && !ret; i++) {
		memcpy(&first, buf + i * l->bucket_bytes + l->bucket_first,
		       sizeof(first));
		ret = show_bucket(out, first);
	}
	return ret;
}

static int show_table(struct kt_bpf_out *out, u64 buckets, u32 nr)
{
	const struct kt_bpf_layout *l = out->b->l;
	u32 each = CHUNK_BYTES / l->bucket_bytes, n, i;
	u8 buf[CHUNK_BYTES];
	int ret = 0;

	if (!each)
		return -EINVAL;
	for (i = 0; i < nr && !ret; i += n) {
		n = min(each, nr - i);
		ret = kt_guest_kernel_read(out->b->k,
					   buckets + (u64)i * l->bucket_bytes,
					   buf, n * l->bucket_bytes);
		if (!ret)
			ret = show_buckets(out, buf, n);
	}
	return ret;
}

void kt_bpf_show_hash(struct kt_bpf_out *out)
{
	struct kt_bpf *b = out->b;
	u64 buckets, nr;
	int ret;

	if (!kt_bpf_has(b->l, KT_BPF_HASH) ||
	    kt_bpf_get(b, out->m->kva, KT_HTAB_BUCKETS, &buckets) ||
	    kt_bpf_get(b, out->m->kva, KT_HTAB_NR_BUCKETS, &nr)) {
		kt_bpf_out_cut(out, "not read: no hash table as it is known");
		return;
	}
	ret = show_table(out, buckets, min_t(u64, nr, MAX_BUCKETS));
	if (ret == -ELOOP)
		kt_bpf_out_cut(out, "the list of a bucket leads back into itself");
	else if (ret && ret != -E2BIG)
		kt_bpf_out_cut(out, "a bucket or an entry cannot be read");
	else if (nr > MAX_BUCKETS)
		kt_bpf_out_cut(out, "%u of %llu buckets looked into",
			       MAX_BUCKETS, (unsigned long long)nr);
}
