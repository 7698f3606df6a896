/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: BTF of tasks, dispatch queues, the state of sched_ext and the
 * table to unwind stacks by, laid out unlike any kernel's.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_SCHED_BTF_H
#define KTSTR_TESTS_UNIT_MINI_SCHED_BTF_H

#include "mini_btf.h"

/* Of struct task_struct. */
#define T_PID		4
#define T_TGID		8
#define T_COMM		16
#define T_STATE		32
#define T_EXIT_STATE	36
#define T_FLAGS		40
#define T_POLICY	44
#define T_CLASS		48
#define T_ON_RQ		56
#define T_PRIO		60
#define T_TASKS		64
#define T_SIGNAL	80
#define T_THREAD_NODE	88
#define T_ON_CPU	104
#define T_INFO		108	/* cpu is at 4 in it */
#define T_SE		120	/* sum_exec_runtime at 8, sched_delayed at 16 */
#define T_SCX		160
#define T_THREAD	304	/* sp is at 8 in it */
#define T_BYTES		320
/* Of its scx. */
#define X_RUNNABLE_NODE	(T_SCX + 0)
#define X_RUNNABLE_AT	(T_SCX + 16)
#define X_DSQ		(T_SCX + 24)
#define X_LIST		(T_SCX + 32)	/* flags at 0, node at 8 */
#define X_NODE		(X_LIST + 8)
#define X_FLAGS		(T_SCX + 56)
#define X_DSQ_FLAGS	(T_SCX + 60)
#define X_SLICE		(T_SCX + 64)
#define X_VTIME		(T_SCX + 72)
#define X_WEIGHT	(T_SCX + 80)
#define X_STICKY	(T_SCX + 84)
#define X_HOLDING	(T_SCX + 88)
#define X_DDSP		(T_SCX + 96)
#define X_DDSP_FLAGS	(T_SCX + 104)
#define X_DISALLOW	(T_SCX + 112)

#define SIGNAL_HEAD	24
#define Q_NR		0
#define Q_ID		8
#define Q_LIST		16
#define Q_PRIQ		32
#define Q_HASH		40
#define RQ_SCX		64	/* local_dsq at 16 in it */
#define HT_TBL		8
#define BT_SIZE		0
#define BT_NEST		4
#define BT_FUTURE	8
#define BT_BUCKETS	16
#define E_KIND		0
#define E_CODE		8
#define E_REASON	16
#define E_BT		24
#define E_BT_LEN	32
#define E_MSG		40
#define E_DUMP		48

struct mini_member {
	const char *name;
	int type;
	u32 at;
};

static inline int mini_struct(struct btf *b, const char *name, u32 bytes,
			      const struct mini_member *m)
{
	int id = btf__add_struct(b, name, bytes);

	for (; m->name; m++)
		mini_btf_field(b, m->name, m->type, m->at);
	return id;
}

#define STRUCT(b, name, bytes, ...)					\
	mini_struct((b), (name), (bytes),				\
		    (const struct mini_member[]){ __VA_ARGS__, { NULL } })

struct mini_enumerator {
	const char *name;
	s64 v;
};

static inline void mini_enum(struct btf *b, const char *name,
			     const struct mini_enumerator *e)
{
	btf__add_enum(b, name, 4);
	for (; e->name; e++)
		if (btf__add_enum_value(b, e->name, e->v))
			abort();
}

#define ENUM(b, name, ...)						\
	mini_enum((b), (name),						\
		  (const struct mini_enumerator[]){ __VA_ARGS__, { NULL } })

static inline void mini_sched_enums(struct btf *b)
{
	ENUM(b, "scx_ent_flags", { "SCX_TASK_QUEUED", 1 },
	     { "SCX_TASK_DEQD_FOR_SLEEP", 8 }, { "SCX_TASK_STATE_SHIFT", 8 },
	     { "SCX_TASK_STATE_MASK", 0x300 }, { "SCX_TASK_CURSOR", INT32_MIN });
	ENUM(b, "scx_task_state", { "SCX_TASK_NONE", 0 },
	     { "SCX_TASK_ENABLED", 3 });
	ENUM(b, "scx_exit_kind", { "SCX_EXIT_NONE", 0 },
	     { "SCX_EXIT_ERROR_STALL", 1026 });
	ENUM(b, "scx_ops_enable_state", { "SCX_OPS_ENABLED", 1 },
	     { "SCX_OPS_DISABLED", 3 });
}

static inline void mini_sched_task(struct btf *b, const struct mini_btf_ids *id,
				   int list, int s32)
{
	int node, scx, se, info, thread, comm;

	comm = mini_btf_array(b, id, id->u8, 16);
	node = STRUCT(b, "scx_dsq_list_node", 24, { "flags", id->u32, 0 },
		      { "node", list, 8 });
	scx = STRUCT(b, "sched_ext_entity", 128, { "runnable_node", list, 0 },
		     { "runnable_at", id->u64, 16 }, { "dsq", id->ptr, 24 },
		     { "dsq_list", node, 32 }, { "flags", id->u32, 56 },
		     { "dsq_flags", id->u32, 60 }, { "slice", id->u64, 64 },
		     { "dsq_vtime", id->u64, 72 }, { "weight", id->u32, 80 },
		     { "sticky_cpu", s32, 84 }, { "holding_cpu", s32, 88 },
		     { "ddsp_dsq_id", id->u64, 96 },
		     { "ddsp_enq_flags", id->u64, 104 },
		     { "disallow", id->u8, 112 });
	info = STRUCT(b, "thread_info", 8, { "cpu", id->u32, 4 });
	se = STRUCT(b, "sched_entity", 24, { "sum_exec_runtime", id->u64, 8 },
		    { "sched_delayed", id->u8, 16 });
	thread = STRUCT(b, "thread_struct", 16, { "sp", id->u64, 8 });
	STRUCT(b, "task_struct", T_BYTES, { "pid", s32, T_PID },
	       { "tgid", s32, T_TGID }, { "comm", comm, T_COMM },
	       { "__state", id->u32, T_STATE },
	       { "exit_state", id->u32, T_EXIT_STATE },
	       { "flags", id->u32, T_FLAGS }, { "policy", id->u32, T_POLICY },
	       { "sched_class", id->ptr, T_CLASS },
	       { "on_rq", id->u32, T_ON_RQ }, { "prio", s32, T_PRIO },
	       { "tasks", list, T_TASKS }, { "signal", id->ptr, T_SIGNAL },
	       { "thread_node", list, T_THREAD_NODE },
	       { "on_cpu", id->u32, T_ON_CPU }, { "thread_info", info, T_INFO },
	       { "se", se, T_SE }, { "scx", scx, T_SCX },
	       { "thread", thread, T_THREAD });
	STRUCT(b, "signal_struct", 64, { "thread_head", list, SIGNAL_HEAD });
}

static inline void mini_sched_queues(struct btf *b,
				     const struct mini_btf_ids *id, int list)
{
	int dsq, scx, buckets, tree, node;

	tree = STRUCT(b, "rb_root", 8, { "rb_node", id->ptr, 0 });
	node = STRUCT(b, "rhash_head", 8, { "next", id->ptr, 0 });
	dsq = STRUCT(b, "scx_dispatch_q", 48, { "nr", id->u32, Q_NR },
		     { "id", id->u64, Q_ID }, { "list", list, Q_LIST },
		     { "priq", tree, Q_PRIQ }, { "hash_node", node, Q_HASH });
	scx = STRUCT(b, "scx_rq", 64, { "local_dsq", dsq, 16 });
	STRUCT(b, "rq", 128, { "scx", scx, RQ_SCX });
	STRUCT(b, "rhashtable", 16, { "tbl", id->ptr, HT_TBL });
	buckets = mini_btf_array(b, id, id->ptr, 0);
	STRUCT(b, "bucket_table", 16, { "size", id->u32, BT_SIZE },
	       { "nest", id->u32, BT_NEST }, { "future_tbl", id->ptr, BT_FUTURE },
	       { "buckets", buckets, BT_BUCKETS });
}

static inline void mini_sched_exit(struct btf *b, const struct mini_btf_ids *id,
				   int s64)
{
	int name = mini_btf_array(b, id, id->u8, 128);

	STRUCT(b, "sched_ext_ops", 160, { "name", name, 8 },
	       { "flags", id->u64, 136 }, { "timeout_ms", id->u32, 144 });
	STRUCT(b, "scx_exit_info", 56, { "kind", id->u32, E_KIND },
	       { "exit_code", s64, E_CODE }, { "reason", id->ptr, E_REASON },
	       { "bt", id->ptr, E_BT }, { "bt_len", id->u32, E_BT_LEN },
	       { "msg", id->ptr, E_MSG }, { "dump", id->ptr, E_DUMP });
}

/* struct orc_entry as it is. */
static inline void mini_sched_orc(struct btf *b, const struct mini_btf_ids *id,
				  int s16)
{
	STRUCT(b, "inactive_task_frame", 24, { "bx", id->u64, 0 },
	       { "bp", id->u64, 8 }, { "ret_addr", id->u64, 16 });
	STRUCT(b, "ftrace_ops", 24, { "next", id->ptr, 0 },
	       { "trampoline", id->u64, 8 }, { "trampoline_size", id->u64, 16 });
	STRUCT(b, "orc_entry", 6, { "sp_offset", s16, 0 },
	       { "bp_offset", s16, 2 });
	if (btf__add_field(b, "sp_reg", id->u32, 32, 4) ||
	    btf__add_field(b, "bp_reg", id->u32, 36, 4) ||
	    btf__add_field(b, "type", id->u32, 40, 3) ||
	    btf__add_field(b, "signal", id->u32, 43, 1))
		abort();
}

static inline struct kt_types *mini_sched_types(void)
{
	struct btf *b = btf__new_empty();
	struct kt_types *t = NULL;
	struct mini_btf_ids id;
	int list, s16, s32, s64;
	const void *data;
	u32 len;

	id.u8 = btf__add_int(b, "unsigned char", 1, 0);
	id.u32 = btf__add_int(b, "unsigned int", 4, 0);
	id.u64 = btf__add_int(b, "unsigned long", 8, 0);
	id.ptr = btf__add_ptr(b, 0);
	s16 = btf__add_int(b, "short", 2, BTF_INT_SIGNED);
	s32 = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	s64 = btf__add_int(b, "long", 8, BTF_INT_SIGNED);
	list = STRUCT(b, "list_head", 16, { "next", id.ptr, 0 },
		      { "prev", id.ptr, 8 });
	mini_sched_enums(b);
	mini_sched_task(b, &id, list, s32);
	mini_sched_queues(b, &id, list);
	mini_sched_exit(b, &id, s64);
	mini_sched_orc(b, &id, s16);
	data = btf__raw_data(b, &len);
	if (!data || kt_types_parse(data, len, &t))
		abort();
	btf__free(b);
	return t;
}

#endif /* KTSTR_TESTS_UNIT_MINI_SCHED_BTF_H */
