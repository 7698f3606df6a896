// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue has all its tasks on one list, in the order in which they leave it:
 * by arrival or, when its tree is in use, by vtime. An iterator of a BPF
 * program may stand among them.
 */
#include <stdio.h>

#include "dsq.h"
#include "fields.h"
#include "rhashtable.h"
#include "scx_task.h"

#define MAX_NODES	1024	/* of NUMA */
#define ITER_CURSOR	1	/* SCX_DSQ_LNODE_ITER_CURSOR */
#define MAX_STEPS	(2 * KT_DSQ_MAX_TASKS)	/* tasks and iterators */

enum field { F_LIST, F_NR, F_ID, F_HASH_NODE, NR_REQUIRED,
	     F_PRIQ = NR_REQUIRED, NR_FIELDS };

struct look {
	const struct kt_guest_kernel *k;
	u64 sched_kva;			/* struct scx_sched, 0 none */
	struct kt_field f[NR_FIELDS];	/* of struct scx_dispatch_q */
	struct kt_field node;		/* of a task in such a list */
	struct kt_field cursor;		/* flags, from the start of the node */
	struct kt_scx_tasks tasks;
	json_t *all;
	u64 user[KT_DSQ_MAX_USER];
	u32 nr_user;
};

static bool is_cursor(const struct look *l, u64 node)
{
	u64 flags;

	return !kt_field_read(l->k, node, &l->cursor, &flags) &&
	       flags & ITER_CURSOR;
}

static json_t *task_json(const struct look *l, u64 task)
{
	json_t *o = json_object();
	char comm[17];
	s64 pid;

	if (!kt_field_read_signed(l->k, task, &l->tasks.pid, &pid))
		kt_json_set(o, "pid", json_integer(pid));
	kt_read_text(l->k, kt_field_kva(task, &l->tasks.comm), comm,
		     sizeof(comm));
	kt_json_set_text(o, "comm", comm);
	kt_scx_task_runnable(&l->tasks, task, o);
	return o;
}

static bool seen(const u64 *nodes, u32 nr, u64 node)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

/* NULL when the list ends as it should, or is just long. */
static const char *add_tasks(const struct look *l, u64 head, json_t *tasks)
{
	u64 nodes[MAX_STEPS], at = head;
	u32 i;

	for (i = 0; i < MAX_STEPS; i++) {
		if (kt_guest_kernel_read_u64(l->k, at, &at) ||
		    !kt_guest_kernel_half(l->k, at))
			return "its list leads nowhere";
		if (at == head)
			return NULL;
		if (seen(nodes, i, at))
			return "its list leads back";
		nodes[i] = at;
		if (is_cursor(l, at))
			continue;
		if (json_array_size(tasks) == KT_DSQ_MAX_TASKS)
			return NULL;
		json_array_append_new(tasks,
				      task_json(l, at - l->node.offset_bytes));
	}
	return NULL;
}

/* @where, numbered @i: "cpu" or "node", or NULL. */
static void add_dsq(struct look *l, u64 kva, const char *kind,
		    const char *where, u32 i)
{
	json_t *o = json_object(), *tasks = json_array();
	const char *broken;
	u64 id, nr, root;

	if (kt_field_read(l->k, kva, &l->f[F_ID], &id) ||
	    kt_field_read(l->k, kva, &l->f[F_NR], &nr)) {
		json_decref(tasks);
		broken = "it cannot be read";
		tasks = NULL;
	} else {
		kt_json_set_hex(o, "id", id);
		broken = add_tasks(l, kt_field_kva(kva, &l->f[F_LIST]), tasks);
	}
	kt_json_set_text(o, "kind", kind ? kind : tasks ? kt_dsq_kind(id) :
			 "user");
	if (where)
		kt_json_set_u64(o, where, i);
	if (tasks) {
		kt_json_set_u64(o, "nr", nr);
		if (!kt_field_read(l->k, kva, &l->f[F_PRIQ], &root))
			kt_json_set_text(o, "order", root ? "vtime" : "fifo");
		kt_json_set(o, "tasks", tasks);
	}
	if (broken)
		kt_json_set_text(o, "broken", broken);
	json_array_append_new(l->all, o);
}

/* A queue in each CPU's runqueue: @path in struct rq. */
static void add_per_cpu(struct look *l, const char *path, const char *kind)
{
	s64 at = kt_types_offset(l->k->types, "rq", path);
	u64 rq;
	u32 i;

	for (i = 0; at >= 0 && i < l->k->nr_cpus; i++)
		if (!kt_guest_kernel_percpu(l->k, "runqueues", i, &rq))
			add_dsq(l, rq + at, kind, "cpu", i);
}

/*
 * Where @name is: a variable, or since 6.16 a field of the scheduler's own
 * structure; 0 while there is none, or it is in neither.
 */
static u64 find_place(const struct look *l, const char *name)
{
	s64 at = kt_types_offset(l->k->types, "scx_sched", name);
	u64 kva;

	if (!kt_guest_kernel_symbol(l->k, name, &kva))
		return kva;
	return l->sched_kva && at >= 0 ? l->sched_kva + at : 0;
}

/* One for each node; an array of pointers behind a pointer. */
static void add_global(struct look *l)
{
	u64 place = find_place(l, "global_dsqs"), array, dsq, kva;
	u32 i, nr = 1;

	if (!place || kt_guest_kernel_read_u64(l->k, place, &array) || !array)
		return;
	if (!kt_guest_kernel_symbol(l->k, "nr_node_ids", &kva))
		kt_guest_kernel_read_u32(l->k, kva, &nr);
	for (i = 0; i < min_t(u32, nr, MAX_NODES); i++)
		if (!kt_guest_kernel_read_u64(l->k, array + 8ULL * i, &dsq) &&
		    kt_guest_kernel_half(l->k, dsq))
			add_dsq(l, dsq, "global", "node", i);
}

static int add_user(void *arg, u64 head)
{
	struct look *l = arg;
	u64 kva = head - l->f[F_HASH_NODE].offset_bytes;

	if (seen(l->user, l->nr_user, kva))
		return 0;
	if (l->nr_user == KT_DSQ_MAX_USER)
		return 1;
	l->user[l->nr_user++] = kva;
	add_dsq(l, kva, NULL, NULL, 0);
	return 0;
}

static void add_users(struct look *l, json_t *absent)
{
	u64 hash = find_place(l, "dsq_hash");
	int ret;

	if (!hash)
		return;
	ret = kt_rhashtable_for_each(l->k, hash, 2 * KT_DSQ_MAX_USER, add_user,
				     l);
	if (ret == -ENOENT)
		kt_json_absent(absent,
			       "user DSQs: rhashtable is not in the BTF");
	else if (ret)
		json_array_append_new(l->all, json_pack("{s:s, s:s}", "kind",
							"user", "broken",
							ret > 0 ? "more of them" :
							"their table leads nowhere"));
}

static int find_fields(struct look *l, json_t *absent)
{
	static const char * const in_dsq[NR_FIELDS] = {
		"list", "nr", "id", "hash_node", "priq.rb_node",
	};
	static const char * const in_task[] = { "scx.dsq_list.node" };
	static const char * const in_node[] = { "flags", "node" };
	struct kt_field f[2];

	if (kt_fields_find(l->k, "scx_dispatch_q", in_dsq, NR_FIELDS,
			   NR_REQUIRED, l->f, absent) ||
	    kt_fields_find(l->k, "task_struct", in_task, 1, 1, &l->node,
			   absent))
		return -ENOENT;
	if (!kt_fields_find(l->k, "scx_dsq_list_node", in_node, 2, 2, f, NULL)) {
		l->cursor = f[0];
		l->cursor.offset_bytes -= f[1].offset_bytes;
	}
	return 0;
}

json_t *kt_dsqs_json(const struct kt_guest_kernel *k, const struct kt_scx *scx,
		     u32 hz, json_t *absent)
{
	struct look *l = calloc(1, sizeof(*l));
	json_t *all;

	if (!l)
		return NULL;
	l->k = k;
	if (find_fields(l, absent)) {
		free(l);
		return NULL;
	}
	if (scx && kt_scx_attached(k, scx, &l->sched_kva))
		l->sched_kva = 0;
	kt_scx_tasks_init(&l->tasks, k, hz, absent);
	l->all = json_array();
	add_per_cpu(l, "scx.local_dsq", "local");
	add_per_cpu(l, "scx.bypass_dsq", "bypass");
	add_global(l);
	add_users(l, absent);
	all = l->all;
	free(l);
	return all;
}
