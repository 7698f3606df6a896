/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the files that read BPF: the table itself, its types, and the
 * reading of one map's entries.
 */
#ifndef KTSTR_INSPECT_BPF_PRIV_H
#define KTSTR_INSPECT_BPF_PRIV_H

#include "bpf.h"
#include "bpf_layout.h"
#include "render.h"

/*
 * enum bpf_map_type and flags of include/uapi/linux/bpf.h, which do not change;
 * the host's own header may be too old for some.
 */
enum {
	KT_MAP_HASH = 1,
	KT_MAP_ARRAY = 2,
	KT_MAP_PERCPU_HASH = 5,
	KT_MAP_PERCPU_ARRAY = 6,
	KT_MAP_LRU_HASH = 9,
	KT_MAP_LRU_PERCPU_HASH = 10,
	KT_MAP_ARRAY_OF_MAPS = 12,
	KT_MAP_HASH_OF_MAPS = 13,
	KT_MAP_QUEUE = 22,
	KT_MAP_STACK = 23,
	KT_MAP_SK_STORAGE = 24,
	KT_MAP_STRUCT_OPS = 26,
	KT_MAP_INODE_STORAGE = 28,
	KT_MAP_TASK_STORAGE = 29,
	KT_MAP_CGRP_STORAGE = 32,
	KT_MAP_ARENA = 33,
};

#define KT_MAP_RDONLY_PROG	0x80u
#define KT_PROG_STRUCT_OPS	27	/* enum bpf_prog_type */

struct kt_btf_entry;

struct kt_bpf {
	const struct kt_guest_kernel *k;
	const struct kt_bpf_layout *l;
	struct kt_btf_cache *cache;
	struct kt_btf_cache *own_cache;	/* NULL: the caller's is used */
	json_t *absent;			/* the caller's; may be NULL */
	struct kt_bpf_map *maps;
	u32 nr_maps;
	struct kt_bpf_prog *progs;
	u32 nr_progs;
	struct kt_bpf_prog *funcs;	/* behind the first of each program */
	u32 nr_funcs, max_funcs;
	u64 *percpu_offsets;		/* of each CPU */
	u32 nr_cpus;
	u64 bytes_left;			/* of values, for all maps */
	u32 nodes_left;
};

/* Field @f of the structure at @kva: a number of 1 to 8 bytes. */
int kt_bpf_get(const struct kt_bpf *b, u64 kva, enum kt_bpf_field f, u64 *v);

/* BTF: the layout, and types read out of the guest. */
const struct kt_bpf_layout *kt_btf_cache_layout(struct kt_btf_cache *c,
						const struct kt_types *types);
/* From here on what is not asked for again may be dropped. */
void kt_btf_cache_begin(struct kt_btf_cache *c);
/* The types of struct btf at @btf_kva. NULL: @why (may be NULL) says why not. */
const struct kt_types *kt_bpf_types(struct kt_bpf *b, u64 btf_kva,
				    const char **why);

/* Programs, their functions, and trampolines. */
void kt_bpf_read_progs(struct kt_bpf *b);

/* The entries of one map on their way into JSON. */
struct kt_bpf_out {
	struct kt_bpf *b;
	const struct kt_bpf_map *m;
	json_t *o;			/* the map */
	json_t *entries;
	u32 nr;
	u8 *key, *value;		/* key_bytes, value_bytes */
	u64 bytes_left;			/* of values, for this map */
	u32 nodes_left;
};

/*
 * One entry more, of @key (taken over) and the value at @value_kva; 0, or
 * -E2BIG when no more may be shown, which has been said.
 */
int kt_bpf_out_add(struct kt_bpf_out *out, json_t *key, u64 value_kva);
/* Per CPU: @pptr is the value's per-CPU pointer. */
int kt_bpf_out_add_percpu(struct kt_bpf_out *out, json_t *key, u64 pptr);
/* A value that was made already. */
int kt_bpf_out_add_json(struct kt_bpf_out *out, json_t *key, json_t *value);
/* The key in out->key. */
json_t *kt_bpf_out_key(struct kt_bpf_out *out);
/* What was not read, and why; the first word counts. */
void kt_bpf_out_cut(struct kt_bpf_out *out, const char *fmt, ...)
	__printf(2, 3);
/* @len bytes of a type, or without one. */
json_t *kt_bpf_out_value(struct kt_bpf_out *out, const struct kt_types *types,
			 u32 type_id, const void *data, u32 len);
json_t *kt_bpf_raw_json(const void *data, u32 len);
/* What a map in a map is shown as: its id. */
json_t *kt_bpf_inner_json(const struct kt_bpf *b, u64 map_kva);

void kt_bpf_show_array(struct kt_bpf_out *out);
void kt_bpf_show_queue(struct kt_bpf_out *out);
void kt_bpf_show_hash(struct kt_bpf_out *out);
void kt_bpf_show_struct_ops(struct kt_bpf_out *out);
void kt_bpf_show_storage(struct kt_bpf_out *out);
void kt_bpf_show_arena(struct kt_bpf_out *out);
/* Global variables: true when the map is one of them. */
bool kt_bpf_show_variables(struct kt_bpf_out *out);

static inline bool kt_bpf_is_percpu(const struct kt_bpf_map *m)
{
	return m->type == KT_MAP_PERCPU_HASH ||
	       m->type == KT_MAP_PERCPU_ARRAY ||
	       m->type == KT_MAP_LRU_PERCPU_HASH;
}

/* Bytes from one value of an array to the next, and of one CPU's. */
static inline u64 kt_bpf_round_up(u64 bytes)
{
	return (bytes + 7) & ~7ULL;
}

#endif /* KTSTR_INSPECT_BPF_PRIV_H */
