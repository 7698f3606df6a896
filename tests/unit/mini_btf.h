/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: BTF of the structures between a pid and its task, and of the
 * runqueues, laid out unlike any kernel's, so that an offset from a header
 * would be found out.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_BTF_H
#define KTSTR_TESTS_UNIT_MINI_BTF_H

#include <bpf/btf.h>

#include "ktstr/inspect/types.h"

#define MINI_XA_HEAD		16
#define MINI_NODE_SHIFT		3
#define MINI_NODE_SLOTS		24
#define MINI_NS_IDR		32	/* idr_rt is at 8 in it */
#define MINI_PID_TASKS		48
#define MINI_TASK_PID		4
#define MINI_TASK_START		8
#define MINI_TASK_STATE		16
#define MINI_TASK_EXIT_STATE	20
#define MINI_TASK_ON_RQ		24
#define MINI_TASK_POLICY	28
#define MINI_TASK_CLASS		32
#define MINI_TASK_SCX		40	/* dsq is at 8 in it */
#define MINI_TASK_FLAG		56	/* a bitfield */
#define MINI_TASK_COMM		64
#define MINI_TASK_LINKS		80
#define MINI_TASK_BYTES		144
#define MINI_RQ_CLOCK		8
#define MINI_RQ_NR_RUNNING	20
#define MINI_RQ_CURR		24
#define MINI_RQ_SCX		32	/* nr_running is at 4 in it */
#define MINI_RQ_BYTES		40

struct mini_btf_ids {
	int u8, u32, u64, ptr;
};

static inline void mini_btf_field(struct btf *b, const char *name, int type,
				  u32 at)
{
	if (btf__add_field(b, name, type, at * 8, 0))
		abort();
}

static inline int mini_btf_array(struct btf *b, const struct mini_btf_ids *id,
				 int type, u32 nr)
{
	return btf__add_array(b, id->u32, type, nr);
}

/* struct pid_namespace, and the xarray in the IDR in it. */
static inline void mini_btf_idr(struct btf *b, const struct mini_btf_ids *id,
				u32 nr_slots)
{
	int slots = mini_btf_array(b, id, id->ptr, nr_slots), xa, idr;

	xa = btf__add_struct(b, "xarray", 24);
	mini_btf_field(b, "xa_head", id->ptr, MINI_XA_HEAD);
	btf__add_struct(b, "xa_node", MINI_NODE_SLOTS + 8 * nr_slots);
	mini_btf_field(b, "shift", id->u8, MINI_NODE_SHIFT);
	mini_btf_field(b, "slots", slots, MINI_NODE_SLOTS);
	idr = btf__add_struct(b, "idr", 32);
	mini_btf_field(b, "idr_rt", xa, 8);
	btf__add_struct(b, "pid_namespace", 64);
	mini_btf_field(b, "idr", idr, MINI_NS_IDR);
}

static inline void mini_btf_task(struct btf *b, const struct mini_btf_ids *id)
{
	int head, node, scx, heads, nodes, comm;

	head = btf__add_struct(b, "hlist_head", 8);
	mini_btf_field(b, "first", id->ptr, 0);
	node = btf__add_struct(b, "hlist_node", 16);
	mini_btf_field(b, "next", id->ptr, 0);
	scx = btf__add_struct(b, "sched_ext_entity", 16);
	mini_btf_field(b, "dsq", id->ptr, 8);
	heads = mini_btf_array(b, id, head, 4);
	nodes = mini_btf_array(b, id, node, 4);
	comm = mini_btf_array(b, id, id->u8, 16);

	btf__add_struct(b, "pid", 80);
	mini_btf_field(b, "tasks", heads, MINI_PID_TASKS);
	btf__add_struct(b, "task_struct", MINI_TASK_BYTES);
	mini_btf_field(b, "pid", id->u32, MINI_TASK_PID);
	mini_btf_field(b, "start_boottime", id->u64, MINI_TASK_START);
	mini_btf_field(b, "__state", id->u32, MINI_TASK_STATE);
	mini_btf_field(b, "exit_state", id->u32, MINI_TASK_EXIT_STATE);
	mini_btf_field(b, "on_rq", id->u32, MINI_TASK_ON_RQ);
	mini_btf_field(b, "policy", id->u32, MINI_TASK_POLICY);
	mini_btf_field(b, "sched_class", id->ptr, MINI_TASK_CLASS);
	mini_btf_field(b, "scx", scx, MINI_TASK_SCX);
	if (btf__add_field(b, "flag", id->u32, MINI_TASK_FLAG * 8 + 2, 1))
		abort();
	mini_btf_field(b, "comm", comm, MINI_TASK_COMM);
	mini_btf_field(b, "pid_links", nodes, MINI_TASK_LINKS);
}

/* The runqueues, the one per-CPU variable whose type is known. */
static inline void mini_btf_rq(struct btf *b, const struct mini_btf_ids *id)
{
	int scx, rq, var;

	scx = btf__add_struct(b, "scx_rq", 8);
	mini_btf_field(b, "nr_running", id->u32, 4);
	rq = btf__add_struct(b, "rq", MINI_RQ_BYTES);
	mini_btf_field(b, "clock", id->u64, MINI_RQ_CLOCK);
	mini_btf_field(b, "nr_running", id->u32, MINI_RQ_NR_RUNNING);
	mini_btf_field(b, "curr", id->ptr, MINI_RQ_CURR);
	mini_btf_field(b, "scx", scx, MINI_RQ_SCX);
	var = btf__add_var(b, "runqueues", BTF_VAR_GLOBAL_ALLOCATED, rq);
	btf__add_datasec(b, ".data..percpu", MINI_RQ_BYTES);
	if (btf__add_datasec_var_info(b, var, 0, MINI_RQ_BYTES))
		abort();
}

/* @nr_slots: of an xarray's node, 64 as a rule. */
static inline struct btf *mini_btf_new(u32 nr_slots)
{
	struct btf *b = btf__new_empty();
	struct mini_btf_ids id;

	id.u8 = btf__add_int(b, "unsigned char", 1, 0);
	id.u32 = btf__add_int(b, "unsigned int", 4, 0);
	id.u64 = btf__add_int(b, "unsigned long", 8, 0);
	id.ptr = btf__add_ptr(b, 0);
	mini_btf_idr(b, &id, nr_slots);
	mini_btf_task(b, &id);
	mini_btf_rq(b, &id);
	return b;
}

static inline struct kt_types *mini_btf_types(u32 nr_slots)
{
	struct btf *b = mini_btf_new(nr_slots);
	struct kt_types *t = NULL;
	const void *data;
	u32 len;

	data = btf__raw_data(b, &len);
	if (!data || kt_types_parse(data, len, &t))
		abort();
	btf__free(b);
	return t;
}

#endif /* KTSTR_TESTS_UNIT_MINI_BTF_H */
