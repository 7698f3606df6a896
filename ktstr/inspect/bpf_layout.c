// SPDX-License-Identifier: GPL-2.0-only
/*
 * One table of all fields of BPF that are read, and the search for them. A
 * group lacks when one of its fields does; the others go on without it.
 */
#include <stdio.h>

#include <bpf/btf.h>

#include "bpf_layout.h"

static const struct {
	enum kt_bpf_group group;
	const char *type;
	const char *path;
	const char *older;	/* what it was called before; NULL the same */
} fields[KT_BPF_NR_FIELDS] = {
	[KT_IDR_TREE]		= { KT_BPF_MAPS, "idr", "idr_rt" },
	[KT_MAP_TYPE]		= { KT_BPF_MAPS, "bpf_map", "map_type" },
	[KT_MAP_KEY_SIZE]	= { KT_BPF_MAPS, "bpf_map", "key_size" },
	[KT_MAP_VALUE_SIZE]	= { KT_BPF_MAPS, "bpf_map", "value_size" },
	[KT_MAP_MAX_ENTRIES]	= { KT_BPF_MAPS, "bpf_map", "max_entries" },
	[KT_MAP_FLAGS]		= { KT_BPF_MAPS, "bpf_map", "map_flags" },
	[KT_MAP_ID]		= { KT_BPF_MAPS, "bpf_map", "id" },
	[KT_MAP_NAME]		= { KT_BPF_MAPS, "bpf_map", "name" },
	[KT_MAP_BTF]		= { KT_BPF_BTF, "bpf_map", "btf" },
	[KT_MAP_KEY_TYPE]	= { KT_BPF_BTF, "bpf_map", "btf_key_type_id" },
	[KT_MAP_VALUE_TYPE]	= { KT_BPF_BTF, "bpf_map", "btf_value_type_id" },
	[KT_MAP_KERNEL_TYPE]	= { KT_BPF_STRUCT_OPS, "bpf_map",
				    "btf_vmlinux_value_type_id" },
	[KT_BTF_DATA]		= { KT_BPF_BTF, "btf", "data" },
	[KT_BTF_DATA_SIZE]	= { KT_BPF_BTF, "btf", "data_size" },
	[KT_BTF_ID]		= { KT_BPF_BTF, "btf", "id" },
	[KT_BTF_BASE]		= { KT_BPF_BTF, "btf", "base_btf" },
	[KT_BTF_KERNEL]		= { KT_BPF_BTF, "btf", "kernel_btf" },
	[KT_ARRAY_ELEM_SIZE]	= { KT_BPF_ARRAY, "bpf_array", "elem_size" },
	[KT_ARRAY_VALUE]	= { KT_BPF_ARRAY, "bpf_array", "value" },
	[KT_HTAB_BUCKETS]	= { KT_BPF_HASH, "bpf_htab", "buckets" },
	[KT_HTAB_NR_BUCKETS]	= { KT_BPF_HASH, "bpf_htab", "n_buckets" },
	[KT_ELEM_KEY]		= { KT_BPF_HASH, "htab_elem", "key" },
	[KT_ELEM_NEXT]		= { KT_BPF_HASH, "htab_elem", "hash_node.next" },
	[KT_QUEUE_HEAD]		= { KT_BPF_QUEUE, "bpf_queue_stack", "head" },
	[KT_QUEUE_TAIL]		= { KT_BPF_QUEUE, "bpf_queue_stack", "tail" },
	[KT_QUEUE_SIZE]		= { KT_BPF_QUEUE, "bpf_queue_stack", "size" },
	[KT_QUEUE_ELEMENTS]	= { KT_BPF_QUEUE, "bpf_queue_stack", "elements" },
	[KT_OPS_VALUE]		= { KT_BPF_STRUCT_OPS, "bpf_struct_ops_map",
				    "uvalue" },
	[KT_OPS_BTF]		= { KT_BPF_STRUCT_OPS, "bpf_struct_ops_map",
				    "btf" },
	[KT_OPS_KERNEL_VALUE]	= { KT_BPF_STRUCT_OPS, "bpf_struct_ops_map",
				    "kvalue" },
	[KT_OPS_COMMON]		= { KT_BPF_STRUCT_OPS, "bpf_struct_ops_value",
				    "common" },
	[KT_STORAGE_BUCKETS]	= { KT_BPF_STORAGE, "bpf_local_storage_map",
				    "buckets" },
	[KT_STORAGE_LOG]	= { KT_BPF_STORAGE, "bpf_local_storage_map",
				    "bucket_log" },
	[KT_SELEM_NEXT]		= { KT_BPF_STORAGE, "bpf_local_storage_elem",
				    "map_node.next" },
	[KT_SELEM_STORAGE]	= { KT_BPF_STORAGE, "bpf_local_storage_elem",
				    "local_storage" },
	[KT_SELEM_DATA]		= { KT_BPF_STORAGE, "bpf_local_storage_elem",
				    "sdata.data" },
	[KT_STORAGE_OWNER]	= { KT_BPF_STORAGE, "bpf_local_storage", "owner" },
	[KT_TASK_PID]		= { KT_BPF_STORAGE, "task_struct", "pid" },
	[KT_TASK_COMM]		= { KT_BPF_STORAGE, "task_struct", "comm" },
	[KT_CGROUP_NODE]	= { KT_BPF_STORAGE, "cgroup", "kn" },
	[KT_NODE_ID]		= { KT_BPF_STORAGE, "kernfs_node", "id" },
	[KT_ARENA_START]	= { KT_BPF_ARENA, "bpf_arena", "user_vm_start" },
	[KT_ARENA_VM]		= { KT_BPF_ARENA, "bpf_arena", "kern_vm" },
	[KT_VM_ADDR]		= { KT_BPF_ARENA, "vm_struct", "addr" },
	[KT_INSN_OFF]		= { KT_BPF_ARENA, "bpf_insn", "off" },
	[KT_PROG_TYPE]		= { KT_BPF_PROGS, "bpf_prog", "type" },
	[KT_PROG_AUX]		= { KT_BPF_PROGS, "bpf_prog", "aux" },
	[KT_AUX_ID]		= { KT_BPF_PROGS, "bpf_prog_aux", "id" },
	[KT_AUX_NAME]		= { KT_BPF_PROGS, "bpf_prog_aux", "name" },
	[KT_AUX_START]		= { KT_BPF_PROGS, "bpf_prog_aux", "ksym.start" },
	[KT_AUX_END]		= { KT_BPF_PROGS, "bpf_prog_aux", "ksym.end" },
	[KT_AUX_FUNC]		= { KT_BPF_FUNCS, "bpf_prog_aux", "func" },
	[KT_AUX_NR_FUNCS]	= { KT_BPF_FUNCS, "bpf_prog_aux",
				    "real_func_cnt", "func_cnt" },
	[KT_AUX_BTF]		= { KT_BPF_NAMES, "bpf_prog_aux", "btf" },
	[KT_AUX_FUNC_INFO]	= { KT_BPF_NAMES, "bpf_prog_aux", "func_info" },
	[KT_AUX_NR_FUNC_INFO]	= { KT_BPF_NAMES, "bpf_prog_aux",
				    "func_info_cnt" },
	[KT_AUX_FUNC_IDX]	= { KT_BPF_NAMES, "bpf_prog_aux", "func_idx" },
	[KT_FUNC_INFO_TYPE]	= { KT_BPF_NAMES, "bpf_func_info", "type_id" },
	[KT_AUX_LINFO]		= { KT_BPF_LINES, "bpf_prog_aux", "linfo" },
	[KT_AUX_JITED_LINFO]	= { KT_BPF_LINES, "bpf_prog_aux",
				    "jited_linfo" },
	[KT_AUX_NR_LINFO]	= { KT_BPF_LINES, "bpf_prog_aux", "nr_linfo" },
	[KT_LINFO_FILE]		= { KT_BPF_LINES, "bpf_line_info",
				    "file_name_off" },
	[KT_LINFO_TEXT]		= { KT_BPF_LINES, "bpf_line_info", "line_off" },
	[KT_LINFO_COL]		= { KT_BPF_LINES, "bpf_line_info", "line_col" },
	[KT_AUX_INSNS]		= { KT_BPF_INSNS, "bpf_prog_aux",
				    "verified_insns" },
	[KT_PROG_STATS]		= { KT_BPF_STATS, "bpf_prog", "stats" },
	[KT_STATS_COUNT]	= { KT_BPF_STATS, "bpf_prog_stats", "cnt" },
	[KT_STATS_NS]		= { KT_BPF_STATS, "bpf_prog_stats", "nsecs" },
	[KT_KSYM_START]		= { KT_BPF_KSYMS, "bpf_ksym", "start" },
	[KT_KSYM_END]		= { KT_BPF_KSYMS, "bpf_ksym", "end" },
	[KT_KSYM_NAME]		= { KT_BPF_KSYMS, "bpf_ksym", "name" },
	[KT_KSYM_NODE]		= { KT_BPF_KSYMS, "bpf_ksym", "lnode.next" },
};

static const char * const group_names[KT_BPF_NR_GROUPS] = {
	[KT_BPF_MAPS]		= "maps",
	[KT_BPF_BTF]		= "types of maps",
	[KT_BPF_ARRAY]		= "values of arrays",
	[KT_BPF_HASH]		= "entries of hash tables",
	[KT_BPF_QUEUE]		= "entries of queues",
	[KT_BPF_STRUCT_OPS]	= "values of struct_ops",
	[KT_BPF_STORAGE]	= "entries of local storage",
	[KT_BPF_ARENA]		= "pages of arenas",
	[KT_BPF_PROGS]		= "programs",
	[KT_BPF_FUNCS]		= "functions of programs",
	[KT_BPF_NAMES]		= "full names of functions",
	[KT_BPF_LINES]		= "lines of programs",
	[KT_BPF_INSNS]		= "verified instructions",
	[KT_BPF_STATS]		= "run counts of programs",
	[KT_BPF_KSYMS]		= "trampolines",
};

static int find_field(const struct kt_types *t, int id, u32 i,
		      struct kt_field *f)
{
	int ret = kt_types_field(t, id, fields[i].path, f, NULL, 0);

	if (ret && fields[i].older)
		ret = kt_types_field(t, id, fields[i].older, f, NULL, 0);
	return ret;
}

/* The structure that @pointer in structure @id points to, by its place. */
static int pointee(const struct kt_types *t, const char *type,
		   const char *pointer, u32 *id, u32 *size_bytes)
{
	const struct btf *btf = kt_types_btf(t);
	const struct btf_type *target;
	struct kt_field f;
	int of = kt_types_struct(t, type);

	if (of < 0 || kt_types_field(t, of, pointer, &f, NULL, 0) ||
	    !f.is_pointer)
		return -ENOENT;
	*id = btf__type_by_id(btf, f.type_id)->type;
	target = kt_types_strip(btf, id);
	if (!target || !btf_is_composite(target) || target->size < sizeof(u64))
		return -ENOENT;
	*size_bytes = target->size;
	return 0;
}

/* Buckets: another structure of the kernel may have that name as well. */
static int find_buckets(const struct kt_types *t, const char *table,
			const char *first, u32 *size_bytes, u64 *at)
{
	struct kt_field f;
	u32 id;

	if (pointee(t, table, "buckets", &id, size_bytes) ||
	    kt_types_field(t, id, first, &f, NULL, 0) ||
	    f.size_bytes != sizeof(u64))
		return -ENOENT;
	*at = f.offset_bytes;
	return 0;
}

static void find_sizes(struct kt_bpf_layout *l, const struct kt_types *t)
{
	u32 id;

	if (find_buckets(t, "bpf_htab", "head.first", &l->bucket_bytes,
			 &l->bucket_first))
		l->missing |= 1u << KT_BPF_HASH;
	if (find_buckets(t, "bpf_local_storage_map", "list.first",
			 &l->storage_bucket_bytes, &l->storage_bucket_first))
		l->missing |= 1u << KT_BPF_STORAGE;
	if (pointee(t, "bpf_prog_aux", "func_info", &id, &l->func_info_bytes))
		l->missing |= 1u << KT_BPF_NAMES;
	if (pointee(t, "bpf_prog_aux", "linfo", &id, &l->line_info_bytes))
		l->missing |= 1u << KT_BPF_LINES;
}

void kt_bpf_layout_find(struct kt_bpf_layout *l, const struct kt_types *t)
{
	const char *type = "";
	struct kt_field f;
	int id = -ENOENT;
	u32 i;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < KT_BPF_NR_FIELDS; i++) {
		/* fields of one structure follow each other, mostly */
		if (strcmp(type, fields[i].type)) {
			type = fields[i].type;
			id = kt_types_struct(t, type);
		}
		if (id < 0 || find_field(t, id, i, &f)) {
			l->missing |= 1u << fields[i].group;
			continue;
		}
		l->at[i] = f.offset_bytes;
		l->size[i] = f.size_bytes;
	}
	find_sizes(l, t);
}

void kt_bpf_layout_absent(const struct kt_bpf_layout *l, json_t *absent)
{
	char text[96];
	u32 i;

	for (i = 0; i < KT_BPF_NR_GROUPS; i++) {
		if (kt_bpf_has(l, i))
			continue;
		snprintf(text, sizeof(text),
			 "BPF, %s: this kernel keeps them as no known version does",
			 group_names[i]);
		kt_json_absent(absent, text);
	}
}
