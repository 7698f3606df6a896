// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks in words: the state letter and the names that /proc has, the class by
 * the kernel's symbol for it, and a stack of whom no CPU runs.
 */
#include <stdio.h>

#include "fields.h"
#include "scx_task.h"
#include "stack.h"
#include "task_list.h"
#include "tasks.h"

#define PF_KTHREAD	0x00200000

/* include/linux/sched.h: what a state is reported as */
#define STATE_REPORT	0x7f
#define STATE_IDLE	0x402	/* uninterruptible, and no load */
#define STATE_BLOCKED	0x9000	/* on an rt lock, frozen */
#define STATE_LETTERS	"RSDTtXZPI"

enum field {
	F_PID, F_TGID, F_COMM, F_STATE, F_EXIT_STATE, F_FLAGS, F_POLICY,
	F_CLASS, F_ON_RQ, F_PRIO, NR_REQUIRED,
	F_ON_CPU = NR_REQUIRED, F_CPU, F_RAN, F_DELAYED, NR_FIELDS,
};

static const char * const field_paths[NR_FIELDS] = {
	"pid", "tgid", "comm", "__state", "exit_state", "flags", "policy",
	"sched_class", "on_rq", "prio",
	"on_cpu", "thread_info.cpu", "se.sum_exec_runtime", "se.sched_delayed",
};

/* The order in which tasks are shown. */
enum group { WAITS, RUNS, SLEEPS, NOT_SHOWN };

struct entry {
	u64 kva;
	enum group group;
	u64 since;		/* of WAITS: jiffies, or never */
	u32 order;		/* in the kernel's lists */
};

struct look {
	const struct kt_guest_kernel *k;
	struct kt_field f[NR_FIELDS];
	struct kt_scx_tasks scx;
	struct kt_unwinder unwinder;
	u32 stacks_left;
};

static int get(const struct look *l, u64 task, enum field f, u64 *v)
{
	return kt_field_read(l->k, task, &l->f[f], v);
}

/* 0 for what cannot be read or is not there. */
static u64 get_or_0(const struct look *l, u64 task, enum field f)
{
	u64 v;

	return get(l, task, f, &v) ? 0 : v;
}

static char state_letter(const struct look *l, u64 task)
{
	u32 state = get_or_0(l, task, F_STATE);
	u32 report = (state | get_or_0(l, task, F_EXIT_STATE)) & STATE_REPORT;

	if ((state & STATE_IDLE) == STATE_IDLE)
		return 'I';
	if (state & STATE_BLOCKED)
		return 'D';
	return STATE_LETTERS[report ? 32 - __builtin_clz(report) : 0];
}

static enum group group_of(const struct look *l, u64 task, u64 *since)
{
	bool on_cpu = get_or_0(l, task, F_ON_CPU);

	*since = UINT64_MAX;
	if (kt_scx_task_waits(&l->scx, task, since))
		return WAITS;
	if (on_cpu)
		return RUNS;
	/* EEVDF leaves some that sleep on the runqueue for a while */
	if (get_or_0(l, task, F_ON_RQ) && !get_or_0(l, task, F_DELAYED))
		return WAITS;
	if (get_or_0(l, task, F_FLAGS) & PF_KTHREAD &&
	    state_letter(l, task) != 'D')
		return NOT_SHOWN;
	return SLEEPS;
}

/* An array of @list, in the order of showing. */
static int by_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static const char *class_name(const struct look *l, u64 class)
{
	static const char * const names[] = {
		"ext", "fair", "rt", "dl", "stop", "idle",
	};
	char symbol[32];
	u64 kva;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(symbol, sizeof(symbol), "%s_sched_class", names[i]);
		if (!kt_guest_kernel_symbol(l->k, symbol, &kva) && kva == class)
			return names[i];
	}
	return NULL;
}

static void set_class(const struct look *l, u64 task, json_t *o)
{
	const char *name;
	u64 class;

	if (get(l, task, F_CLASS, &class))
		return;
	name = class_name(l, class);
	kt_json_set(o, "class", name ? json_string(name) : kt_json_hex(class));
}

static void set_policy(const struct look *l, u64 task, json_t *o)
{
	static const char * const names[] = {
		"NORMAL", "FIFO", "RR", "BATCH", NULL, "IDLE", "DEADLINE",
		"EXT",
	};
	u64 policy;

	if (get(l, task, F_POLICY, &policy))
		return;
	if (policy < ARRAY_SIZE(names) && names[policy])
		kt_json_set_text(o, "policy", names[policy]);
	else
		kt_json_set_u64(o, "policy", policy);
}

static void set_number(const struct look *l, u64 task, json_t *o,
		       const char *name, enum field f)
{
	s64 v;

	if (!kt_field_read_signed(l->k, task, &l->f[f], &v))
		kt_json_set(o, name, json_integer(v));
}

static void set_stack(struct look *l, u64 task, json_t *o)
{
	struct kt_stack stack;

	if (!l->stacks_left || get_or_0(l, task, F_ON_CPU))
		return;
	l->stacks_left--;
	kt_stack_of_task(&l->unwinder, task, &stack);
	kt_stack_json(&l->unwinder, &stack, o);
}

static json_t *task_json(struct look *l, u64 task)
{
	json_t *o = json_object();
	char comm[17], state[2] = { state_letter(l, task) };

	set_number(l, task, o, "pid", F_PID);
	set_number(l, task, o, "tgid", F_TGID);
	kt_read_text(l->k, kt_field_kva(task, &l->f[F_COMM]), comm,
		     sizeof(comm));
	kt_json_set_text(o, "comm", comm);
	kt_json_set_text(o, "state", state);
	set_policy(l, task, o);
	set_class(l, task, o);
	set_number(l, task, o, "cpu", F_CPU);
	kt_json_set(o, "on_rq", json_boolean(get_or_0(l, task, F_ON_RQ)));
	if (kt_field_known(&l->f[F_ON_CPU]))
		kt_json_set(o, "on_cpu",
			    json_boolean(get_or_0(l, task, F_ON_CPU)));
	set_number(l, task, o, "prio", F_PRIO);
	set_number(l, task, o, "ran_ns", F_RAN);
	if (get_or_0(l, task, F_FLAGS) & PF_KTHREAD)
		kt_json_set(o, "kthread", json_true());
	kt_json_set(o, "scx", kt_scx_task_json(&l->scx, task));
	set_stack(l, task, o);
	return o;
}

static struct entry *sort(const struct look *l, const struct kt_task_list *list)
{
	struct entry *e = calloc(list->nr + 1, sizeof(*e));
	u32 i;

	for (i = 0; e && i < list->nr; i++) {
		e[i].kva = list->kva[i];
		e[i].order = i;
		e[i].group = group_of(l, e[i].kva, &e[i].since);
	}
	if (e)
		qsort(e, list->nr, sizeof(*e), by_order);
	return e;
}

static json_t *left_json(const struct kt_task_list *list,
			 const struct entry *e, u32 shown)
{
	json_t *o = json_object();
	u32 i, kthreads = 0;

	for (i = shown; i < list->nr; i++)
		kthreads += e[i].group == NOT_SHOWN;
	kt_json_set_u64(o, "kthreads_asleep", kthreads);
	kt_json_set_u64(o, "more", list->nr - shown - kthreads);
	if (*list->broken)
		kt_json_set_text(o, "broken", list->broken);
	return o;
}

static json_t *list_json(struct look *l, const struct kt_task_list *list,
			 json_t **left)
{
	struct entry *e = sort(l, list);
	json_t *all = json_array();
	u32 i;

	for (i = 0; e && i < list->nr && i < KT_TASKS_MAX_SHOWN; i++) {
		if (e[i].group == NOT_SHOWN)
			break;
		json_array_append_new(all, task_json(l, e[i].kva));
	}
	if (e && left)
		*left = left_json(list, e, i);
	free(e);
	return all;
}

json_t *kt_tasks_json(const struct kt_names *names, u32 hz, json_t *absent,
		      json_t **left)
{
	struct look l = { .k = names->k, .stacks_left = KT_TASKS_MAX_STACKS };
	struct kt_task_list list;
	json_t *all;

	if (left)
		*left = NULL;
	if (kt_fields_find(l.k, "task_struct", field_paths, NR_FIELDS,
			   NR_REQUIRED, l.f, absent) ||
	    kt_task_list_read(l.k, absent, &list))
		return NULL;
	kt_scx_tasks_init(&l.scx, l.k, hz, absent);
	kt_unwinder_init(&l.unwinder, names, absent);
	all = list_json(&l, &list, left);
	kt_task_list_fini(&list);
	return all;
}
