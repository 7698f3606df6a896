// SPDX-License-Identifier: GPL-2.0-only
/*
 * Local storage of tasks, cgroups, inodes and sockets. An element belongs to
 * an owner, which is its key: a task by its pid, a cgroup by its id, another
 * by its address.
 */
#include <linux/bits.h>

#include "bpf_priv.h"

#define MAX_LOG		16	/* of buckets looked into */

/* The owner of @elem. 0 when it is being freed. */
static int find_owner(const struct kt_bpf *b, u64 elem, u64 *owner)
{
	u64 storage;
	int ret = kt_bpf_get(b, elem, KT_SELEM_STORAGE, &storage);

	*owner = 0;
	return ret || !storage ? ret :
	       kt_bpf_get(b, storage, KT_STORAGE_OWNER, owner);
}

static json_t *owner_json(const struct kt_bpf_out *out, u64 owner)
{
	const struct kt_bpf *b = out->b;
	u64 v;

	if (out->m->type == KT_MAP_TASK_STORAGE &&
	    !kt_bpf_get(b, owner, KT_TASK_PID, &v))
		return kt_json_u64(v);
	if (out->m->type == KT_MAP_CGRP_STORAGE &&
	    !kt_bpf_get(b, owner, KT_CGROUP_NODE, &v) &&
	    !kt_bpf_get(b, v, KT_NODE_ID, &v))
		return kt_json_u64(v);
	return kt_json_hex(owner);
}

/* Of a task, who it is besides. */
static void name_owner(struct kt_bpf_out *out, u64 owner)
{
	const struct kt_bpf_layout *l = out->b->l;
	json_t *e = json_array_get(out->entries, out->nr - 1);
	char comm[16];

	if (out->m->type == KT_MAP_TASK_STORAGE &&
	    l->size[KT_TASK_COMM] == sizeof(comm) &&
	    !kt_guest_kernel_read(out->b->k, owner + l->at[KT_TASK_COMM], comm,
				  sizeof(comm)))
		kt_json_set(e, "comm", kt_json_text(comm, sizeof(comm)));
}

static int show_bucket(struct kt_bpf_out *out, u64 node)
{
	const struct kt_bpf *b = out->b;
	u64 elem, owner, landmark = 0;
	u32 steps = 0;
	int ret = 0;

	while (node && !ret) {
		if (node == landmark)
			return -ELOOP;
		if (!(steps & (steps - 1)))
			landmark = node;
		steps++;
		elem = node - b->l->at[KT_SELEM_NEXT];
		ret = find_owner(b, elem, &owner);
		if (!ret && owner) {
			ret = kt_bpf_out_add(out, owner_json(out, owner),
					     elem + b->l->at[KT_SELEM_DATA]);
			if (!ret)
				name_owner(out, owner);
		}
		if (!ret)
			ret = kt_bpf_get(b, elem, KT_SELEM_NEXT, &node);
	}
	return ret;
}

void kt_bpf_show_storage(struct kt_bpf_out *out)
{
	const struct kt_bpf_layout *l = out->b->l;
	u64 buckets, log, first, i;
	int ret = 0;

	if (!kt_bpf_has(l, KT_BPF_STORAGE) ||
	    kt_bpf_get(out->b, out->m->kva, KT_STORAGE_BUCKETS, &buckets) ||
	    kt_bpf_get(out->b, out->m->kva, KT_STORAGE_LOG, &log) ||
	    log > MAX_LOG) {
		kt_bpf_out_cut(out, "not read: no local storage as it is known");
		return;
	}
	for (i = 0; i < BIT_ULL(log) && !ret; i++) {
		ret = kt_guest_kernel_read_u64(out->b->k, buckets +
					       i * l->storage_bucket_bytes +
					       l->storage_bucket_first, &first);
		if (!ret)
			ret = show_bucket(out, first);
	}
	if (ret == -ELOOP)
		kt_bpf_out_cut(out, "the list of a bucket leads back into itself");
	else if (ret && ret != -E2BIG)
		kt_bpf_out_cut(out, "a bucket or an entry cannot be read");
}
