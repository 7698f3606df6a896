// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps whose entries lie one behind another: arrays, per CPU or of maps, and
 * queues and stacks.
 */
#include "bpf_priv.h"

/* Element @i, which lies at @kva: the value or the pointer to it. */
static int add_element(struct kt_bpf_out *out, u32 i, u64 kva)
{
	u32 type = out->m->type;
	json_t *key;
	u64 p;

	memcpy(out->key, &i, sizeof(i));
	key = kt_bpf_out_key(out);
	if (type == KT_MAP_ARRAY)
		return kt_bpf_out_add(out, key, kva);
	if (kt_guest_kernel_read_u64(out->b->k, kva, &p))
		return kt_bpf_out_add_json(out, key,
					   kt_json_textf("? not readable at %#llx",
							 (unsigned long long)kva));
	if (type == KT_MAP_PERCPU_ARRAY)
		return kt_bpf_out_add_percpu(out, key, p);
	return kt_bpf_out_add_json(out, key, kt_bpf_inner_json(out->b, p));
}

void kt_bpf_show_array(struct kt_bpf_out *out)
{
	const struct kt_bpf_map *m = out->m;
	struct kt_bpf *b = out->b;
	u64 first, each;
	u32 i;

	if (!kt_bpf_has(b->l, KT_BPF_ARRAY) || m->key_bytes != sizeof(i) ||
	    kt_bpf_get(b, m->kva, KT_ARRAY_ELEM_SIZE, &each)) {
		kt_bpf_out_cut(out, "not read: no array as it is known");
		return;
	}
	if (m->type != KT_MAP_ARRAY)
		each = sizeof(u64);
	if (each < m->value_bytes && !kt_bpf_is_percpu(m)) {
		kt_bpf_out_cut(out, "not read: %llu bytes for a value of %u",
			       (unsigned long long)each, m->value_bytes);
		return;
	}
	first = m->kva + b->l->at[KT_ARRAY_VALUE];
	for (i = 0; i < m->max_entries; i++)
		if (add_element(out, i, first + i * each))
			return;
}

/* In the order in which they would be taken; @key counts from 0. */
void kt_bpf_show_queue(struct kt_bpf_out *out)
{
	const struct kt_bpf_map *m = out->m;
	struct kt_bpf *b = out->b;
	u64 head, tail, size, at, nr, i;

	if (!kt_bpf_has(b->l, KT_BPF_QUEUE) ||
	    kt_bpf_get(b, m->kva, KT_QUEUE_HEAD, &head) ||
	    kt_bpf_get(b, m->kva, KT_QUEUE_TAIL, &tail) ||
	    kt_bpf_get(b, m->kva, KT_QUEUE_SIZE, &size) ||
	    size > UINT32_MAX || head >= size || tail >= size) {
		kt_bpf_out_cut(out, "not read: no queue as it is known");
		return;
	}
	nr = (head + size - tail) % size;
	for (i = 0; i < nr; i++) {
		at = m->type == KT_MAP_STACK ? head + size - 1 - i : tail + i;
		if (kt_bpf_out_add(out, kt_json_u64(i),
				   m->kva + b->l->at[KT_QUEUE_ELEMENTS] +
				   at % size * m->value_bytes))
			return;
	}
}
