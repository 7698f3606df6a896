/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sched_ext knows of a task: where it is queued, since when, and what is
 * left of its slice.
 */
#ifndef KTSTR_INSPECT_SCX_TASK_H
#define KTSTR_INSPECT_SCX_TASK_H

#include "fields.h"
#include "json.h"
#include "kernel.h"

enum kt_scx_task_field {
	KT_SCX_TASK_RUNNABLE_NODE,
	KT_SCX_TASK_RUNNABLE_AT,
	KT_SCX_TASK_DSQ,
	KT_SCX_TASK_FLAGS,
	KT_SCX_TASK_DSQ_FLAGS,
	KT_SCX_TASK_SLICE,
	KT_SCX_TASK_VTIME,
	KT_SCX_TASK_WEIGHT,
	KT_SCX_TASK_STICKY_CPU,
	KT_SCX_TASK_HOLDING_CPU,
	KT_SCX_TASK_DDSP_DSQ_ID,
	KT_SCX_TASK_DDSP_ENQ_FLAGS,
	KT_SCX_TASK_DISALLOW,
	KT_SCX_TASK_NR_FIELDS,
};

struct kt_scx_tasks {
	const struct kt_guest_kernel *k;
	u32 hz;			/* 0 not known */
	u64 jiffies;
	struct kt_field f[KT_SCX_TASK_NR_FIELDS];
	struct kt_field dsq_id;	/* of struct scx_dispatch_q */
	struct kt_field pid, comm;
	bool known;		/* the kernel has sched_ext */
};

void kt_scx_tasks_init(struct kt_scx_tasks *st, const struct kt_guest_kernel *k,
		       u32 hz, json_t *absent);

/* Whether @task waits for a CPU under sched_ext, and since when. */
bool kt_scx_task_waits(const struct kt_scx_tasks *st, u64 task,
		       u64 *since_jiffies);

/* Adds "runnable_ms" to @object if @task waits. */
void kt_scx_task_runnable(const struct kt_scx_tasks *st, u64 task,
			  json_t *object);

/* The member "scx" of a task, NULL without sched_ext. */
json_t *kt_scx_task_json(const struct kt_scx_tasks *st, u64 task);

/* "local", "global", "bypass", "user"; what else is built in: "builtin". */
const char *kt_dsq_kind(u64 dsq_id);

#endif /* KTSTR_INSPECT_SCX_TASK_H */
