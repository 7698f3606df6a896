// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tasks in a dump's text: those that wait for a CPU, longest first, and where
 * they do.
 */
#include "dump_out.h"

#define BRIEF_TASKS	10
#define BRIEF_STACKS	5

static bool is_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

/* Whether it waits for a CPU. */
static bool waits(const json_t *task)
{
	return is_true(task, "on_rq") && !is_true(task, "on_cpu");
}

static u64 runnable_ms(const json_t *task)
{
	u64 ms;

	return kt_dump_num(json_object_get(task, "scx"), "runnable_ms", &ms) ?
	       ms : 0;
}

static int by_wait(const void *a, const void *b)
{
	u64 x = runnable_ms(*(const json_t **)a);
	u64 y = runnable_ms(*(const json_t **)b);

	return x > y ? -1 : x < y;
}

/* Those of @state that wait, or else the others; the caller's. */
static const json_t **choose_tasks(const json_t *state, bool waiting,
				   size_t *nr)
{
	const json_t *tasks = json_object_get(state, "tasks");
	const json_t **v = calloc(json_array_size(tasks) + 1, sizeof(*v));
	json_t *task;
	size_t i;

	*nr = 0;
	if (!v)
		return NULL;
	json_array_foreach(tasks, i, task)
		if (waits(task) == waiting)
			v[(*nr)++] = task;
	if (waiting)
		qsort(v, *nr, sizeof(*v), by_wait);
	return v;
}

static void add_dsq(struct kt_strbuf *sb, const json_t *scx)
{
	const char *dsq = kt_dump_str(scx, "dsq");
	const char *kind = kt_dump_str(scx, "dsq_kind");

	if (!*dsq)
		kt_strbuf_addf(sb, " on no DSQ");
	else if (!*kind || !strcmp(kind, "user"))
		kt_strbuf_addf(sb, " on DSQ %.32s (%.16s)", dsq, kind);
	else
		kt_strbuf_addf(sb, " on the %.16s DSQ", kind);
}

static void show_task(struct kt_dump_out *o, const json_t *task)
{
	const json_t *scx = json_object_get(task, "scx");
	const char *class = kt_dump_str(task, "class");
	struct kt_strbuf sb;
	u64 n;

	kt_strbuf_init(&sb, 1024);
	if (waits(task)) {
		if (kt_dump_num(scx, "runnable_ms", &n))
			kt_strbuf_addf(&sb, " runnable %llu ms",
				       (unsigned long long)n);
		if (!strcmp(class, "ext"))
			add_dsq(&sb, scx);
	} else {
		kt_strbuf_addf(&sb, is_true(task, "on_cpu") ? " runs" :
			       " %.8s", kt_dump_str(task, "state"));
	}
	if (!strcmp(class, "ext") && kt_dump_num(scx, "weight", &n))
		kt_strbuf_addf(&sb, ", weight %llu", (unsigned long long)n);
	else if (*class)
		kt_strbuf_addf(&sb, ", class %.16s", class);
	n = 0;
	kt_dump_num(task, "pid", &n);
	kt_dump_line(o, "  pid %llu %s cpu%lld%s", (unsigned long long)n,
		     kt_dump_str(task, "comm"),
		     (long long)json_integer_value(json_object_get(task, "cpu")),
		     kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
}

static void show_list(struct kt_dump_out *o, const json_t **v, size_t nr)
{
	size_t i;

	for (i = 0; i < nr && kt_dump_more(o, i, BRIEF_TASKS, nr); i++)
		show_task(o, v[i]);
}

void kt_dump_show_tasks(struct kt_dump_out *o, const json_t *state)
{
	char longest[64] = "";
	size_t nr, others;
	const json_t **v;

	v = choose_tasks(state, true, &nr);
	/* the kernel tells it of tasks of sched_ext alone */
	if (v && nr && runnable_ms(v[0]))
		snprintf(longest, sizeof(longest), ", the longest %llu ms",
			 (unsigned long long)runnable_ms(v[0]));
	if (v && nr)
		kt_dump_line(o, "waiting for a CPU: %zu task%s%s", nr,
			     nr > 1 ? "s" : "", longest);
	else if (json_object_get(state, "tasks"))
		kt_dump_line(o, "waiting for a CPU: none");
	show_list(o, v, v ? nr : 0);
	free(v);
	if (o->brief)
		return;
	v = choose_tasks(state, false, &others);
	if (v && others)
		kt_dump_line(o, "other tasks: %zu", others);
	show_list(o, v, v ? others : 0);
	free(v);
}

void kt_dump_show_stacks(struct kt_dump_out *o, const json_t *state)
{
	const json_t **v, *stack;
	size_t nr, i, shown = 0;
	char head[96];
	u64 pid;

	v = choose_tasks(state, true, &nr);
	for (i = 0; v && i < nr; i++) {
		stack = json_object_get(v[i], "stack");
		if (!json_array_size(stack) ||
		    (o->brief && shown == BRIEF_STACKS))
			continue;
		if (!shown++)
			kt_dump_line(o, "where they wait");
		pid = 0;
		kt_dump_num(v[i], "pid", &pid);
		snprintf(head, sizeof(head), "  %.64s[%llu]",
			 kt_dump_str(v[i], "comm"), (unsigned long long)pid);
		kt_dump_stack(o, head, stack);
	}
	free(v);
}
