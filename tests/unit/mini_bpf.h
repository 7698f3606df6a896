/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: BTF of what a kernel keeps of its BPF, laid out unlike any
 * kernel's, and maps and programs in the memory of a mini guest.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_BPF_H
#define KTSTR_TESTS_UNIT_MINI_BPF_H

#include "ktstr/inspect/bpf.h"
#include "mini_btf.h"
#include "mini_guest.h"

#define MINI_MAP_BYTES		96	/* struct bpf_map */
#define MINI_MAP_ID		4
#define MINI_MAP_TYPE		8
#define MINI_MAP_FLAGS		12
#define MINI_MAP_KEY_SIZE	16
#define MINI_MAP_VALUE_SIZE	20
#define MINI_MAP_MAX_ENTRIES	24
#define MINI_MAP_KEY_TYPE	28
#define MINI_MAP_VALUE_TYPE	32
#define MINI_MAP_KERNEL_TYPE	36
#define MINI_MAP_BTF		40
#define MINI_MAP_NAME		48
/* behind it, of each kind of map */
#define MINI_ARRAY_ELEM_SIZE	100
#define MINI_ARRAY_VALUE	112
#define MINI_HTAB_NR_BUCKETS	100
#define MINI_HTAB_BUCKETS	104
#define MINI_QUEUE_HEAD		100
#define MINI_QUEUE_TAIL		104
#define MINI_QUEUE_SIZE		108
#define MINI_QUEUE_ELEMENTS	112
#define MINI_OPS_BTF		104
#define MINI_OPS_UVALUE		112
#define MINI_OPS_KVALUE		128
#define MINI_STORAGE_LOG	96
#define MINI_STORAGE_BUCKETS	104
#define MINI_ARENA_USER		104
#define MINI_ARENA_VM		112
#define MINI_MAP_ALL_BYTES	192	/* with any of these */

#define MINI_BUCKET_BYTES	24
#define MINI_BUCKET_FIRST	8
#define MINI_ELEM_NEXT		8
#define MINI_ELEM_KEY		24
#define MINI_SELEM_NEXT		8
#define MINI_SELEM_STORAGE	24
#define MINI_SELEM_DATA		40
#define MINI_STORAGE_OWNER	16
#define MINI_KN_ID		24
#define MINI_CGROUP_KN		8
#define MINI_VM_ADDR		8
#define MINI_SBTF_DATA		8	/* struct btf */
#define MINI_SBTF_DATA_SIZE	16
#define MINI_SBTF_ID		20
#define MINI_SBTF_BASE		24
#define MINI_SBTF_KERNEL	32
#define MINI_PROG_TYPE		4
#define MINI_PROG_AUX		8
#define MINI_PROG_STATS		16
#define MINI_AUX_ID		4
#define MINI_AUX_NR_FUNCS	8
#define MINI_AUX_FUNC_IDX	12
#define MINI_AUX_FUNC		16
#define MINI_AUX_BTF		24
#define MINI_AUX_FUNC_INFO	32
#define MINI_AUX_NR_INFO	40
#define MINI_AUX_INSNS		44
#define MINI_AUX_NAME		48
#define MINI_AUX_KSYM		64
#define MINI_AUX_LINFO		144
#define MINI_AUX_JITED_LINFO	152
#define MINI_AUX_NR_LINFO	160
#define MINI_AUX_BYTES		168
#define MINI_KSYM_END		8	/* start is at 16, lnode at 24 */
#define MINI_KSYM_START		16
#define MINI_KSYM_NODE		24
#define MINI_KSYM_NAME		40
#define MINI_INFO_BYTES		12	/* struct bpf_func_info; type_id at 8 */
#define MINI_LINE_BYTES		16	/* struct bpf_line_info */
#define MINI_LINE_FILE		4
#define MINI_LINE_TEXT		8
#define MINI_LINE_COL		12

#define MINI_MAX_IDS		64

struct mini_bpf {
	struct mini_guest *g;
	u64 used;		/* of memory, from MINI_FREE_GPA on */
	u64 map_node, prog_node;
};

struct mini_member {
	const char *name;
	int type;
	u32 at;
};

static inline int mini_struct(struct btf *b, const char *name, u32 size,
			      const struct mini_member *m)
{
	int id = btf__add_struct(b, name, size);

	for (; m->name; m++)
		mini_btf_field(b, m->name, m->type, m->at);
	return id;
}

#define MINI_STRUCT(b, name, size, ...) \
	mini_struct(b, name, size, \
		    (struct mini_member[]){ __VA_ARGS__, { NULL } })

static inline int mini_bpf_bucket(struct btf *b, const char *name,
				  const char *head, int ptr)
{
	int first = MINI_STRUCT(b, NULL, 8, { "first", ptr, 0 });

	return btf__add_ptr(b, MINI_STRUCT(b, name, MINI_BUCKET_BYTES,
					   { head, first, MINI_BUCKET_FIRST }));
}

static inline void mini_bpf_maps(struct btf *b, const struct mini_btf_ids *id)
{
	int chars = mini_btf_array(b, id, id->u8, 16);
	int bytes = mini_btf_array(b, id, id->u8, 0);
	int node = MINI_STRUCT(b, NULL, 16, { "next", id->ptr, 0 });
	int buckets, common, value;

	MINI_STRUCT(b, "bpf_map", MINI_MAP_BYTES,
		    { "map_type", id->u32, MINI_MAP_TYPE },
		    { "key_size", id->u32, MINI_MAP_KEY_SIZE },
		    { "value_size", id->u32, MINI_MAP_VALUE_SIZE },
		    { "max_entries", id->u32, MINI_MAP_MAX_ENTRIES },
		    { "map_flags", id->u32, MINI_MAP_FLAGS },
		    { "id", id->u32, MINI_MAP_ID },
		    { "btf_key_type_id", id->u32, MINI_MAP_KEY_TYPE },
		    { "btf_value_type_id", id->u32, MINI_MAP_VALUE_TYPE },
		    { "btf_vmlinux_value_type_id", id->u32, MINI_MAP_KERNEL_TYPE },
		    { "btf", id->ptr, MINI_MAP_BTF },
		    { "name", chars, MINI_MAP_NAME });
	MINI_STRUCT(b, "bpf_array", MINI_MAP_ALL_BYTES,
		    { "elem_size", id->u32, MINI_ARRAY_ELEM_SIZE },
		    { "value", bytes, MINI_ARRAY_VALUE });
	/* another structure of that name, as some kernels have */
	MINI_STRUCT(b, "bucket", 8, { "head", id->u32, 0 });
	buckets = mini_bpf_bucket(b, "bucket", "head", id->ptr);
	MINI_STRUCT(b, "bpf_htab", MINI_MAP_ALL_BYTES,
		    { "n_buckets", id->u32, MINI_HTAB_NR_BUCKETS },
		    { "buckets", buckets, MINI_HTAB_BUCKETS });
	MINI_STRUCT(b, "htab_elem", 32, { "hash_node", node, MINI_ELEM_NEXT },
		    { "key", bytes, MINI_ELEM_KEY });
	MINI_STRUCT(b, "bpf_queue_stack", MINI_MAP_ALL_BYTES,
		    { "head", id->u32, MINI_QUEUE_HEAD },
		    { "tail", id->u32, MINI_QUEUE_TAIL },
		    { "size", id->u32, MINI_QUEUE_SIZE },
		    { "elements", bytes, MINI_QUEUE_ELEMENTS });
	common = MINI_STRUCT(b, "bpf_struct_ops_common_value", 8,
			     { "refcnt", id->u32, 0 }, { "state", id->u32, 4 });
	value = MINI_STRUCT(b, "bpf_struct_ops_value", 16,
			    { "common", common, 0 }, { "data", bytes, 16 });
	MINI_STRUCT(b, "bpf_struct_ops_map", MINI_MAP_ALL_BYTES,
		    { "btf", id->ptr, MINI_OPS_BTF },
		    { "uvalue", id->ptr, MINI_OPS_UVALUE },
		    { "kvalue", value, MINI_OPS_KVALUE });
}

/* Type of the value of a struct_ops map: the last one. */
static inline int mini_bpf_storage(struct btf *b, const struct mini_btf_ids *id)
{
	int bytes = mini_btf_array(b, id, id->u8, 0);
	int node = MINI_STRUCT(b, NULL, 16, { "next", id->ptr, 0 });
	int buckets, data, ops;

	buckets = mini_bpf_bucket(b, "some_bucket", "list", id->ptr);
	MINI_STRUCT(b, "bpf_local_storage_map", MINI_MAP_ALL_BYTES,
		    { "bucket_log", id->u32, MINI_STORAGE_LOG },
		    { "buckets", buckets, MINI_STORAGE_BUCKETS });
	data = MINI_STRUCT(b, NULL, 8, { "data", bytes, 8 });
	MINI_STRUCT(b, "bpf_local_storage_elem", 64,
		    { "map_node", node, MINI_SELEM_NEXT },
		    { "local_storage", id->ptr, MINI_SELEM_STORAGE },
		    { "sdata", data, MINI_SELEM_DATA - 8 });
	MINI_STRUCT(b, "bpf_local_storage", 24,
		    { "owner", id->ptr, MINI_STORAGE_OWNER });
	MINI_STRUCT(b, "kernfs_node", 32, { "id", id->u64, MINI_KN_ID });
	MINI_STRUCT(b, "cgroup", 16, { "kn", id->ptr, MINI_CGROUP_KN });
	MINI_STRUCT(b, "vm_struct", 16, { "addr", id->ptr, MINI_VM_ADDR });
	MINI_STRUCT(b, "bpf_insn", 8,
		    { "off", btf__add_int(b, "short", 2, BTF_INT_SIGNED), 2 });
	MINI_STRUCT(b, "bpf_arena", MINI_MAP_ALL_BYTES,
		    { "user_vm_start", id->u64, MINI_ARENA_USER },
		    { "kern_vm", id->ptr, MINI_ARENA_VM });
	ops = MINI_STRUCT(b, "some_ops", 24, { "enqueue", id->ptr, 0 },
			  { "dispatch", id->ptr, 8 },
			  { "flags", id->u64, 16 });
	return MINI_STRUCT(b, "bpf_struct_ops_some_ops", 40,
			   { "common", btf__find_by_name_kind(b, "bpf_struct_ops_common_value",
							      BTF_KIND_STRUCT), 0 },
			   { "data", ops, 16 });
}

static inline void mini_bpf_progs(struct btf *b, const struct mini_btf_ids *id)
{
	int name = mini_btf_array(b, id, id->u8, 16);
	int ksym_name = mini_btf_array(b, id, id->u8, 40);
	int list = MINI_STRUCT(b, NULL, 16, { "next", id->ptr, 0 });
	int ksym, info, line;

	ksym = MINI_STRUCT(b, "bpf_ksym", 80,
			   { "end", id->u64, MINI_KSYM_END },
			   { "start", id->u64, MINI_KSYM_START },
			   { "lnode", list, MINI_KSYM_NODE },
			   { "name", ksym_name, MINI_KSYM_NAME });
	info = MINI_STRUCT(b, "bpf_func_info", MINI_INFO_BYTES,
			   { "type_id", id->u32, 8 });
	line = MINI_STRUCT(b, "bpf_line_info", MINI_LINE_BYTES,
			   { "file_name_off", id->u32, MINI_LINE_FILE },
			   { "line_off", id->u32, MINI_LINE_TEXT },
			   { "line_col", id->u32, MINI_LINE_COL });
	MINI_STRUCT(b, "bpf_prog_aux", MINI_AUX_BYTES,
		    { "id", id->u32, MINI_AUX_ID },
		    { "func_cnt", id->u32, MINI_AUX_NR_FUNCS },
		    { "func_idx", id->u32, MINI_AUX_FUNC_IDX },
		    { "func", id->ptr, MINI_AUX_FUNC },
		    { "btf", id->ptr, MINI_AUX_BTF },
		    { "func_info", btf__add_ptr(b, info), MINI_AUX_FUNC_INFO },
		    { "func_info_cnt", id->u32, MINI_AUX_NR_INFO },
		    { "verified_insns", id->u32, MINI_AUX_INSNS },
		    { "name", name, MINI_AUX_NAME },
		    { "linfo", btf__add_ptr(b, line), MINI_AUX_LINFO },
		    { "jited_linfo", id->ptr, MINI_AUX_JITED_LINFO },
		    { "nr_linfo", id->u32, MINI_AUX_NR_LINFO },
		    { "ksym", ksym, MINI_AUX_KSYM });
	MINI_STRUCT(b, "bpf_prog", 24, { "type", id->u32, MINI_PROG_TYPE },
		    { "aux", id->ptr, MINI_PROG_AUX },
		    { "stats", id->ptr, MINI_PROG_STATS });
	MINI_STRUCT(b, "bpf_prog_stats", 24, { "cnt", id->u64, 16 },
		    { "nsecs", id->u64, 8 });
	MINI_STRUCT(b, "btf", 40, { "data", id->ptr, MINI_SBTF_DATA },
		    { "data_size", id->u32, MINI_SBTF_DATA_SIZE },
		    { "id", id->u32, MINI_SBTF_ID },
		    { "base_btf", id->ptr, MINI_SBTF_BASE },
		    { "kernel_btf", id->u8, MINI_SBTF_KERNEL });
}

/* @without: a structure that this kernel has by another name; NULL none. */
static inline struct kt_types *mini_bpf_types(const char *without, int *ops_id)
{
	struct btf *b = mini_btf_new(64);
	struct kt_types *t = NULL;
	struct mini_btf_ids id;
	int ops, renamed;
	const void *data;
	u32 len;

	id.u8 = btf__find_by_name(b, "unsigned char");
	id.u32 = btf__find_by_name(b, "unsigned int");
	id.u64 = btf__find_by_name(b, "unsigned long");
	id.ptr = btf__add_ptr(b, 0);
	mini_bpf_maps(b, &id);
	mini_bpf_progs(b, &id);
	ops = mini_bpf_storage(b, &id);
	if (ops_id)
		*ops_id = ops;
	renamed = without ? btf__find_by_name(b, without) : 0;
	if (renamed > 0)
		((struct btf_type *)btf__type_by_id(b, renamed))->name_off = 0;
	data = btf__raw_data(b, &len);
	if (!data || kt_types_parse(data, len, &t))
		abort();
	btf__free(b);
	return t;
}

/* Room for @bytes, as a physical address. */
static inline u64 mini_alloc(struct mini_bpf *m, u64 bytes)
{
	u64 gpa = MINI_FREE_GPA + m->used;

	m->used += (bytes + 15) & ~15ULL;
	if (gpa + bytes > MINI_PERCPU_GPA)
		abort();
	return gpa;
}

/* An IDR of up to 64 ids. */
static inline u64 mini_idr(struct mini_bpf *m, u64 idr)
{
	u64 node = mini_alloc(m, MINI_NODE_SLOTS + 8 * MINI_MAX_IDS);

	mini_put_u64(m->g, MINI_IMAGE_GPA + idr + 8 + MINI_XA_HEAD,
		     MINI_DIRECT + node + 2);
	return node;
}

/* Of a booted guest. */
static inline void mini_bpf_init(struct mini_bpf *m, struct mini_guest *g)
{
	u64 list = MINI_TEXT + MINI_BPF_KALLSYMS;

	m->g = g;
	m->used = 0;
	m->map_node = mini_idr(m, MINI_MAP_IDR);
	m->prog_node = mini_idr(m, MINI_PROG_IDR);
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_BPF_KALLSYMS, list);
}

static inline void mini_set_id(struct mini_bpf *m, u64 node, u32 id, u64 gpa)
{
	mini_put_u64(m->g, node + MINI_NODE_SLOTS + 8 * id, MINI_DIRECT + gpa);
}

/* Of 16 bytes at most. */
static inline void mini_put_name(struct mini_guest *g, u64 gpa,
				 const char *name)
{
	memcpy(g->ram + gpa, name, min_t(size_t, strlen(name), 16));
}

/* Its struct bpf_map, with @more bytes behind what is fixed. */
static inline u64 mini_map(struct mini_bpf *m, u32 id, u32 type,
			   const char *name, u32 key_bytes, u32 value_bytes,
			   u32 max_entries, u32 more)
{
	u64 gpa = mini_alloc(m, MINI_MAP_ALL_BYTES + more);

	mini_put_u32(m->g, gpa + MINI_MAP_ID, id);
	mini_put_u32(m->g, gpa + MINI_MAP_TYPE, type);
	mini_put_u32(m->g, gpa + MINI_MAP_KEY_SIZE, key_bytes);
	mini_put_u32(m->g, gpa + MINI_MAP_VALUE_SIZE, value_bytes);
	mini_put_u32(m->g, gpa + MINI_MAP_MAX_ENTRIES, max_entries);
	mini_put_name(m->g, gpa + MINI_MAP_NAME, name);
	mini_put_u32(m->g, gpa + MINI_ARRAY_ELEM_SIZE, (value_bytes + 7) & ~7);
	mini_set_id(m, m->map_node, id, gpa);
	return gpa;
}

/* struct btf with @len bytes at @data. */
static inline u64 mini_sbtf(struct mini_bpf *m, u32 id, const void *data,
			    u32 len)
{
	u64 gpa = mini_alloc(m, 40), at = mini_alloc(m, len);

	memcpy(m->g->ram + at, data, len);
	mini_put_u64(m->g, gpa + MINI_SBTF_DATA, MINI_DIRECT + at);
	mini_put_u32(m->g, gpa + MINI_SBTF_DATA_SIZE, len);
	mini_put_u32(m->g, gpa + MINI_SBTF_ID, id);
	return gpa;
}

static inline void mini_map_types(struct mini_bpf *m, u64 map, u64 sbtf,
				  u32 key, u32 value)
{
	mini_put_u64(m->g, map + MINI_MAP_BTF, MINI_DIRECT + sbtf);
	mini_put_u32(m->g, map + MINI_MAP_KEY_TYPE, key);
	mini_put_u32(m->g, map + MINI_MAP_VALUE_TYPE, value);
}

/* Code of [start, end) by @name; its struct bpf_prog. */
static inline u64 mini_prog(struct mini_bpf *m, u32 type, const char *name,
			    u64 start, u64 end)
{
	u64 gpa = mini_alloc(m, 24), aux = mini_alloc(m, MINI_AUX_BYTES);

	mini_put_u32(m->g, gpa + MINI_PROG_TYPE, type);
	mini_put_u64(m->g, gpa + MINI_PROG_AUX, MINI_DIRECT + aux);
	mini_put_name(m->g, aux + MINI_AUX_NAME, name);
	mini_put_u64(m->g, aux + MINI_AUX_KSYM + MINI_KSYM_START, start);
	mini_put_u64(m->g, aux + MINI_AUX_KSYM + MINI_KSYM_END, end);
	return gpa;
}

#endif /* KTSTR_TESTS_UNIT_MINI_BPF_H */
