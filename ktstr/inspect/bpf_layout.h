/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where this kernel keeps what is read of its BPF: every offset from its BTF,
 * found once.
 */
#ifndef KTSTR_INSPECT_BPF_LAYOUT_H
#define KTSTR_INSPECT_BPF_LAYOUT_H

#include "json.h"
#include "types.h"

/* Fields that are of use together only. */
enum kt_bpf_group {
	KT_BPF_MAPS,		/* without these there is nothing */
	KT_BPF_BTF,
	KT_BPF_ARRAY,
	KT_BPF_HASH,
	KT_BPF_QUEUE,
	KT_BPF_STRUCT_OPS,
	KT_BPF_STORAGE,
	KT_BPF_ARENA,
	KT_BPF_PROGS,
	KT_BPF_FUNCS,
	KT_BPF_NAMES,
	KT_BPF_LINES,
	KT_BPF_INSNS,
	KT_BPF_STATS,
	KT_BPF_KSYMS,
	KT_BPF_NR_GROUPS,
};

enum kt_bpf_field {
	KT_IDR_TREE,
	KT_MAP_TYPE, KT_MAP_KEY_SIZE, KT_MAP_VALUE_SIZE, KT_MAP_MAX_ENTRIES,
	KT_MAP_FLAGS, KT_MAP_ID, KT_MAP_NAME, KT_MAP_BTF, KT_MAP_KEY_TYPE,
	KT_MAP_VALUE_TYPE, KT_MAP_KERNEL_TYPE,
	KT_BTF_DATA, KT_BTF_DATA_SIZE, KT_BTF_ID, KT_BTF_BASE,
	KT_BTF_KERNEL,
	KT_ARRAY_ELEM_SIZE, KT_ARRAY_VALUE,
	KT_HTAB_BUCKETS, KT_HTAB_NR_BUCKETS, KT_ELEM_KEY, KT_ELEM_NEXT,
	KT_QUEUE_HEAD, KT_QUEUE_TAIL, KT_QUEUE_SIZE, KT_QUEUE_ELEMENTS,
	KT_OPS_VALUE, KT_OPS_BTF, KT_OPS_KERNEL_VALUE, KT_OPS_COMMON,
	KT_STORAGE_BUCKETS, KT_STORAGE_LOG, KT_SELEM_NEXT, KT_SELEM_STORAGE,
	KT_SELEM_DATA, KT_STORAGE_OWNER, KT_TASK_PID, KT_TASK_COMM,
	KT_CGROUP_NODE, KT_NODE_ID,
	KT_ARENA_START, KT_ARENA_VM, KT_VM_ADDR, KT_INSN_OFF,
	KT_PROG_TYPE, KT_PROG_AUX, KT_AUX_ID, KT_AUX_NAME, KT_AUX_START,
	KT_AUX_END,
	KT_AUX_FUNC, KT_AUX_NR_FUNCS,
	KT_AUX_BTF, KT_AUX_FUNC_INFO, KT_AUX_NR_FUNC_INFO, KT_AUX_FUNC_IDX,
	KT_FUNC_INFO_TYPE,
	KT_AUX_LINFO, KT_AUX_JITED_LINFO, KT_AUX_NR_LINFO,
	KT_LINFO_FILE, KT_LINFO_TEXT, KT_LINFO_COL,
	KT_AUX_INSNS,
	KT_PROG_STATS, KT_STATS_COUNT, KT_STATS_NS,
	KT_KSYM_START, KT_KSYM_END, KT_KSYM_NAME, KT_KSYM_NODE,
	KT_BPF_NR_FIELDS,
};

struct kt_bpf_layout {
	u64 at[KT_BPF_NR_FIELDS];	/* 0 when its group is missing */
	u32 size[KT_BPF_NR_FIELDS];	/* of the field */
	u32 missing;			/* bit for each group */
	u32 bucket_bytes;		/* of a hash table */
	u64 bucket_first;
	u32 storage_bucket_bytes;
	u64 storage_bucket_first;
	u32 func_info_bytes;
	u32 line_info_bytes;
};

void kt_bpf_layout_find(struct kt_bpf_layout *l, const struct kt_types *t);
/* Notes the groups that are missing. */
void kt_bpf_layout_absent(const struct kt_bpf_layout *l, json_t *absent);

static inline bool kt_bpf_has(const struct kt_bpf_layout *l,
			      enum kt_bpf_group group)
{
	return !(l->missing & (1u << group));
}

#endif /* KTSTR_INSPECT_BPF_LAYOUT_H */
