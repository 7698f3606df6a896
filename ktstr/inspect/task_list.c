// SPDX-License-Identifier: GPL-2.0-only
/*
 * Circular lists of the guest's, walked with a set of what was seen: a task
 * met twice means that a list leads back into itself.
 */
#include <stdarg.h>
#include <stdio.h>

#include "fields.h"
#include "task_list.h"

#define SEEN_SLOTS	(2 * KT_TASKS_MAX)	/* a power of two */

enum field { F_TASKS, F_SIGNAL, F_THREAD_NODE, NR_FIELDS };

struct walk {
	const struct kt_guest_kernel *k;
	struct kt_task_list *list;
	struct kt_field f[NR_FIELDS];
	struct kt_field thread_head;	/* of struct signal_struct */
	u64 *seen;
};

static __printf(2, 3) int broken(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	if (!*w->list->broken) {
		va_start(ap, fmt);
		vsnprintf(w->list->broken, sizeof(w->list->broken), fmt, ap);
		va_end(ap);
	}
	return -1;
}

static u64 *find_slot(const struct walk *w, u64 kva)
{
	u32 i = (kva * 0x9e3779b97f4a7c15ULL) >> 32;

	for (;; i++) {
		u64 *slot = &w->seen[i % SEEN_SLOTS];

		if (!*slot || *slot == kva)
			return slot;
	}
}

static int add(struct walk *w, u64 task)
{
	u64 *slot = find_slot(w, task);

	if (*slot)
		return broken(w, "a list of tasks leads back to %#llx",
			      (unsigned long long)task);
	if (w->list->nr == KT_TASKS_MAX)
		return broken(w, "more than %u tasks", KT_TASKS_MAX);
	*slot = task;
	w->list->kva[w->list->nr++] = task;
	return 0;
}

/* list_head.next at @node, which must be in the kernel. */
static int next_node(struct walk *w, u64 node, u64 *next)
{
	if (kt_guest_kernel_read_u64(w->k, node, next) ||
	    !kt_guest_kernel_half(w->k, *next))
		return broken(w, "a list of tasks leads nowhere at %#llx",
			      (unsigned long long)node);
	return 0;
}

/* All threads of the process that @leader leads. */
static int add_threads(struct walk *w, u64 leader)
{
	u64 head, node;

	if (kt_field_read(w->k, leader, &w->f[F_SIGNAL], &head) ||
	    !kt_guest_kernel_half(w->k, head))
		return broken(w, "the threads of %#llx cannot be found",
			      (unsigned long long)leader);
	head = kt_field_kva(head, &w->thread_head);
	if (next_node(w, head, &node))
		return -1;
	for (; node != head;) {
		if (add(w, node - w->f[F_THREAD_NODE].offset_bytes) ||
		    next_node(w, node, &node))
			return -1;
	}
	return 0;
}

/* A process whose threads cannot be walked is still a task. */
static void add_process(struct walk *w, u64 leader)
{
	u32 before = w->list->nr;

	if (add_threads(w, leader) && w->list->nr == before &&
	    !*find_slot(w, leader))
		add(w, leader);
}

static void walk_processes(struct walk *w, u64 init_task)
{
	u64 head = kt_field_kva(init_task, &w->f[F_TASKS]), node;
	u32 before;

	if (next_node(w, head, &node))
		return;
	while (node != head && w->list->nr < KT_TASKS_MAX) {
		before = w->list->nr;
		add_process(w, node - w->f[F_TASKS].offset_bytes);
		/* nothing new: the list has led back */
		if (w->list->nr == before || next_node(w, node, &node))
			return;
	}
	if (node != head)
		broken(w, "more than %u tasks", KT_TASKS_MAX);
}

static int find_fields(struct walk *w, u64 *init_task, json_t *absent)
{
	static const char * const in_task[] = {
		"tasks", "signal", "thread_node",
	};
	static const char * const in_signal[] = { "thread_head" };

	if (kt_fields_find(w->k, "task_struct", in_task, NR_FIELDS, NR_FIELDS,
			   w->f, absent) ||
	    kt_fields_find(w->k, "signal_struct", in_signal, 1, 1,
			   &w->thread_head, absent))
		return -ENOENT;
	if (!kt_guest_kernel_symbol(w->k, "init_task", init_task))
		return 0;
	kt_json_absent(absent, "init_task: not in this kernel");
	return -ENOENT;
}

int kt_task_list_read(const struct kt_guest_kernel *k, json_t *absent,
		      struct kt_task_list *list)
{
	struct walk w = { .k = k, .list = list };
	u64 init_task;
	int ret;

	memset(list, 0, sizeof(*list));
	ret = find_fields(&w, &init_task, absent);
	if (ret)
		return ret;
	list->kva = calloc(KT_TASKS_MAX, sizeof(*list->kva));
	w.seen = calloc(SEEN_SLOTS, sizeof(*w.seen));
	if (!list->kva || !w.seen)
		ret = -ENOMEM;
	else
		walk_processes(&w, init_task);
	free(w.seen);
	if (ret)
		kt_task_list_fini(list);
	return ret;
}

void kt_task_list_fini(struct kt_task_list *list)
{
	free(list->kva);
	memset(list, 0, sizeof(*list));
}
