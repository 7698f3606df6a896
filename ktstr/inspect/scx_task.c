// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sched_ext_entity in a task_struct. A task waits for a CPU while it is on
 * its runqueue's list of runnable ones, which what runs is not.
 */
#include <linux/bits.h>
#include <stdio.h>

#include "scx_task.h"

/* Ids of built-in queues: include/linux/sched/ext.h */
#define DSQ_BUILTIN	BIT_ULL(63)
#define DSQ_LOCAL_ON	BIT_ULL(62)
#define DSQ_INVALID	(DSQ_BUILTIN | 0)
#define DSQ_GLOBAL	(DSQ_BUILTIN | 1)
#define DSQ_LOCAL	(DSQ_BUILTIN | 2)
#define DSQ_BYPASS	(DSQ_BUILTIN | 3)

#define STATE_SHIFT	8	/* bits of flags that are no flags */
#define STATE_MASK	0x300

static const char * const paths[KT_SCX_TASK_NR_FIELDS] = {
	[KT_SCX_TASK_RUNNABLE_NODE] = "scx.runnable_node",
	[KT_SCX_TASK_RUNNABLE_AT] = "scx.runnable_at",
	[KT_SCX_TASK_DSQ] = "scx.dsq",
	[KT_SCX_TASK_FLAGS] = "scx.flags",
	[KT_SCX_TASK_DSQ_FLAGS] = "scx.dsq_flags",
	[KT_SCX_TASK_SLICE] = "scx.slice",
	[KT_SCX_TASK_VTIME] = "scx.dsq_vtime",
	[KT_SCX_TASK_WEIGHT] = "scx.weight",
	[KT_SCX_TASK_STICKY_CPU] = "scx.sticky_cpu",
	[KT_SCX_TASK_HOLDING_CPU] = "scx.holding_cpu",
	[KT_SCX_TASK_DDSP_DSQ_ID] = "scx.ddsp_dsq_id",
	[KT_SCX_TASK_DDSP_ENQ_FLAGS] = "scx.ddsp_enq_flags",
	[KT_SCX_TASK_DISALLOW] = "scx.disallow",
};

void kt_scx_tasks_init(struct kt_scx_tasks *st, const struct kt_guest_kernel *k,
		       u32 hz, json_t *absent)
{
	static const char * const in_task[] = { "pid", "comm" };
	static const char * const in_dsq[] = { "id" };
	struct kt_field f[2];
	u64 kva;

	memset(st, 0, sizeof(*st));
	st->k = k;
	st->hz = hz;
	if (!hz)
		kt_json_absent(absent,
			       "runnable_ms: CONFIG_HZ of this kernel is not known");
	st->known = !kt_fields_find(k, "task_struct", paths, ARRAY_SIZE(paths),
				    KT_SCX_TASK_DSQ_FLAGS, st->f, absent);
	kt_fields_find(k, "scx_dispatch_q", in_dsq, 1, 1, &st->dsq_id, absent);
	kt_fields_find(k, "task_struct", in_task, 2, 2, f, absent);
	st->pid = f[0];
	st->comm = f[1];
	if (kt_guest_kernel_symbol(k, "jiffies_64", &kva) ||
	    kt_guest_kernel_read_u64(k, kva, &st->jiffies))
		st->hz = 0;
}

static int get(const struct kt_scx_tasks *st, u64 task,
	       enum kt_scx_task_field f, u64 *v)
{
	return kt_field_read(st->k, task, &st->f[f], v);
}

bool kt_scx_task_waits(const struct kt_scx_tasks *st, u64 task,
		       u64 *since_jiffies)
{
	u64 node, next;

	if (!st->known)
		return false;
	node = kt_field_kva(task, &st->f[KT_SCX_TASK_RUNNABLE_NODE]);
	return !kt_guest_kernel_read_u64(st->k, node, &next) && next &&
	       next != node &&
	       !get(st, task, KT_SCX_TASK_RUNNABLE_AT, since_jiffies);
}

void kt_scx_task_runnable(const struct kt_scx_tasks *st, u64 task,
			  json_t *object)
{
	u64 since, passed;

	if (!st->hz || !kt_scx_task_waits(st, task, &since))
		return;
	/* jiffies wrap, and a task may be younger than the last tick */
	passed = st->jiffies - since;
	if (passed > INT64_MAX)
		passed = 0;
	kt_json_set_u64(object, "runnable_ms",
			passed / st->hz * 1000 + passed % st->hz * 1000 / st->hz);
}

static void set_flags(const struct kt_scx_tasks *st, u64 task, json_t *o)
{
	const char *state;
	char text[128];
	u64 flags;

	if (get(st, task, KT_SCX_TASK_FLAGS, &flags))
		return;
	kt_enum_flags(st->k->types, "scx_ent_flags", "SCX_TASK_",
		      flags & ~(u64)STATE_MASK, text, sizeof(text));
	kt_json_set_text(o, "flags", text);
	state = kt_enum_name(st->k->types, "scx_task_state",
			     (flags & STATE_MASK) >> STATE_SHIFT);
	if (state)
		kt_json_set_text(o, "state", state);
}

static void set_dsq(const struct kt_scx_tasks *st, u64 task, json_t *o)
{
	u64 dsq, id, flags;

	if (get(st, task, KT_SCX_TASK_DSQ, &dsq) || !dsq ||
	    kt_field_read(st->k, dsq, &st->dsq_id, &id))
		return;
	kt_json_set_hex(o, "dsq", id);
	kt_json_set_text(o, "dsq_kind", kt_dsq_kind(id));
	if (!get(st, task, KT_SCX_TASK_DSQ_FLAGS, &flags))
		kt_json_set(o, "on_priq", json_boolean(flags & 1));
}

static void set_cpu(const struct kt_scx_tasks *st, u64 task, json_t *o,
		    const char *name, enum kt_scx_task_field f)
{
	s64 cpu;

	if (!kt_field_read_signed(st->k, task, &st->f[f], &cpu))
		kt_json_set(o, name, json_integer(cpu));
}

static void set_number(const struct kt_scx_tasks *st, u64 task, json_t *o,
		       const char *name, enum kt_scx_task_field f)
{
	u64 v;

	if (!get(st, task, f, &v))
		kt_json_set_u64(o, name, v);
}

/* Where a direct dispatch will put it, unless that is nowhere. */
static void set_direct(const struct kt_scx_tasks *st, u64 task, json_t *o)
{
	u64 id, flags;

	if (get(st, task, KT_SCX_TASK_DDSP_DSQ_ID, &id) || id == DSQ_INVALID)
		return;
	kt_json_set_hex(o, "ddsp_dsq", id);
	if (!get(st, task, KT_SCX_TASK_DDSP_ENQ_FLAGS, &flags))
		kt_json_set_hex(o, "ddsp_enq_flags", flags);
}

json_t *kt_scx_task_json(const struct kt_scx_tasks *st, u64 task)
{
	json_t *o;
	u64 v;

	if (!st->known)
		return NULL;
	o = json_object();
	set_dsq(st, task, o);
	kt_scx_task_runnable(st, task, o);
	set_number(st, task, o, "slice_ns", KT_SCX_TASK_SLICE);
	set_number(st, task, o, "vtime", KT_SCX_TASK_VTIME);
	set_flags(st, task, o);
	set_number(st, task, o, "weight", KT_SCX_TASK_WEIGHT);
	set_cpu(st, task, o, "sticky_cpu", KT_SCX_TASK_STICKY_CPU);
	set_cpu(st, task, o, "holding_cpu", KT_SCX_TASK_HOLDING_CPU);
	set_direct(st, task, o);
	if (!get(st, task, KT_SCX_TASK_DISALLOW, &v) && v)
		kt_json_set(o, "disallow", json_true());
	return o;
}

const char *kt_dsq_kind(u64 dsq_id)
{
	if (!(dsq_id & DSQ_BUILTIN))
		return "user";
	if (dsq_id & DSQ_LOCAL_ON)
		return "local";
	switch (dsq_id) {
	case DSQ_GLOBAL:
		return "global";
	case DSQ_LOCAL:
		return "local";
	case DSQ_BYPASS:
		return "bypass";
	default:
		return "builtin";
	}
}
