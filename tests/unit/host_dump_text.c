// SPDX-License-Identifier: GPL-2.0-only
/*
 * A dump as text: what is in a small one, that brief is bounded, and that a
 * tree of any kind, with any names, is no more than text.
 */
#include <kselftest_harness.h>

#include "ktstr/host/dump_text.h"

/* Quotes as in Python, for the eye. */
static json_t *parse(const char *text)
{
	char *copy = strdup(text), *c;
	json_error_t error;
	json_t *v;

	for (c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	v = json_loads(copy, 0, &error);
	if (!v)
		fprintf(stderr, "%d: %s\n", error.line, error.text);
	free(copy);
	return v;
}

static char *print(const json_t *dump, bool brief)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (brief)
		kt_dump_text_brief(f, dump);
	else
		kt_dump_text(f, dump);
	fclose(f);
	return text;
}

static u32 nr_lines(const char *text)
{
	u32 nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

#define TASK(pid, ms, dsq)						\
	"{'pid':" pid ",'comm':'w','state':'R','class':'ext','cpu':1,"	\
	"'on_rq':true,'on_cpu':false,'stack':['__schedule+0x1/0x2','wait+0x3/0x4']," \
	"'scx':{'runnable_ms':" ms "," dsq "'weight':100}}"

static const char stalled[] =
	"{'format':1,'program':'p','test':'t','desc':'d','outcome':'fail',"
	"'why':'because','engine':'e','kernel':'k','topology':'1n1l2c1t',"
	"'result':{'details':['note: x'],'claims':[{'label':'a >= b','value':1,'bound':2,'ok':false}],"
	"'cgroups':[{'name':'g','workers':2},"
	"{'name':'g/in','workers':1,'wakes':9,'wake_p99_us':70,"
	"'work_units':33,'run_delay_ns':2000000,'cpus_used':2,"
	"'pages':5,'local_pages_pct':80,'cross_node_migrations':3}]},"
	"'writes':[{'var':'stall','value':1,'made':true,'map':'x.bss','at_ms':7}],"
	"'monitor':{'samples':3,'interval_ms':100,'findings':[{'text':'found it'}],"
	"'timeline':{'phases':[{'imbalance_pct':345}]}},"
	"'disks':[{'name':'vda','reads':5}],"
	"'texts':{'kernel_log':'one\\ntwo'},"
	"'state':{'cause':'watchpoint','workload_ns':12000000,"
	"'watch':{'symbol':'exit_kind','vcpu':1,'at':'scx_exit+0x1/0x2'},"
	"'sched_ext':{'state':'enabled (1)','ops':'mine','exit':{'kind':'SCX_EXIT_ERROR_STALL (1026)',"
	"'reason':'runnable task stall','msg':'w[9] failed','stack':['f [bpf]+0x1/0x2']}},"
	"'tasks':[" TASK("7", "5", "") "," TASK("9", "3500", "'dsq':'0x1','dsq_kind':'user',") "],"
	"'cpus':[{'cpu':0,'nr_running':6,'online':1,'curr':{'pid':7,'comm':'w'}},"
	"{'cpu':1,'nr_running':0,'online':1},{'cpu':2,'nr_running':9,'online':0}],"
	"'dsqs':[{'id':'0x1','kind':'user','nr':1,'order':'vtime','tasks':[{'pid':9,'comm':'w','runnable_ms':3500}]},"
	"{'id':'0x2','kind':'user','nr':0}],"
	"'vcpus':[{'vcpu':0,'stack':['default_idle+0x1/0x2','do_idle+0x1/0x2']},{'vcpu':1,'stack':['busy+0x1/0x2']}],"
	"'maps':[{'name':'x.rodata','variables':{'constant':4}},{'name':'x.bss','variables':{'off':0,'stall':1,'f.___fmt':'%d'}},"
	"{'name':'h','type':'hash','entries':[{'key':1,'value':2}]}],"
	"'events':{'SCX_EV_A':3,'SCX_EV_B':0},"
	"'absent':['this','that']}}";

#define HAS(what)							\
	EXPECT_NE(NULL, strstr(text, what)) {				\
		TH_LOG("no \"%s\" in\n%s", what, text);			\
	}
#define HAS_NOT(what)							\
	EXPECT_EQ(NULL, strstr(text, what)) {				\
		TH_LOG("\"%s\" in\n%s", what, text);			\
	}

TEST(brief)
{
	json_t *dump = parse(stalled);
	char *text = print(dump, true);

	HAS("scheduler mine, enabled (1): SCX_EXIT_ERROR_STALL (1026): runnable task stall: w[9] failed\n");
	HAS("  seen 12 ms into the workload, at the store to exit_kind by vCPU 1 in scx_exit+0x1/0x2\n");
	HAS("    f [bpf]+0x1/0x2\n");
	/* the longest first */
	HAS("waiting for a CPU: 2 tasks, the longest 3500 ms\n"
	    "  pid 9 w cpu1 runnable 3500 ms on DSQ 0x1 (user), weight 100\n"
	    "  pid 7 w cpu1 runnable 5 ms on no DSQ, weight 100\n");
	HAS("  cpu0: 6 runnable");
	HAS("imbalance: 6 runnable on cpu0, 0 on cpu1: 6.00; up to 3.45 over the workload\n");
	HAS("queues: 1 of 2 hold tasks\n  DSQ 0x1 (user): 1 queued by vtime: w[9] 3500 ms\n");
	HAS("vCPUs: 2, 1 idle\n  vCPU 1: busy+0x1\n");
	/* what changes before what does not, what was set before what was not */
	HAS("  x.bss: stall 1\n    zero: off\n  x.rodata: constant 4\n");
	HAS("  w[9]: wait+0x3\n");
	HAS("  h (hash): 1 entry\n");
	HAS("events of sched_ext: SCX_EV_A 3\n");
	HAS("absent: this, that\n");
	/* the report tells these itself */
	HAS_NOT("because");
	HAS_NOT("found it");
	HAS_NOT("two");
	HAS_NOT("___fmt");
	free(text);
	json_decref(dump);
}

TEST(whole)
{
	json_t *dump = parse(stalled);
	char *text = print(dump, false);

	EXPECT_EQ(text, strstr(text, "fail: p t: d\n  because\n  note: x\n"));
	HAS("  did not hold: a >= b: seen 1, bound 2\n");
	HAS("cgroup g: 2 workers");
	HAS("cgroup g/in: 1 workers");
	HAS("9 wakes, latency p50 0 us, p99 70 us, ");
	HAS("33 work units, varying by 0%, off CPU 0%, run delay 2 ms, 0 slices on 2 CPUs");
	HAS("5 pages, 80% on nodes of its CPUs, 0% on nodes without CPUs; 3 migrations to another node");
	HAS("the host wrote stall = 1 in x.bss, 7 ms into the workload\n");
	HAS("  vCPU 0\n    default_idle+0x1/0x2\n");
	HAS("monitor: 3 samples, 100 ms apart, 1 findings\n  found it\n");
	HAS("disk vda: 5 reads");
	HAS("kernel_log\n  one\n  two\n");
	HAS("f.___fmt %d");
	free(text);
	json_decref(dump);
}

TEST(no_scheduler_and_no_error)
{
	json_t *dump = parse("{'state':{'cause':'failure','tasks':[],'sched_ext':"
			     "{'state':'disabled (4)','exit':{'kind':'SCX_EXIT_NONE (0)'}}}}");
	char *text = print(dump, true);

	HAS("scheduler: none attached, disabled (4), no error\n  seen 0 ms into the workload, when it ended\n");
	HAS("waiting for a CPU: none\n");
	free(text);
	json_decref(dump);
}

TEST(why_nothing_was_seen)
{
	json_t *dump = parse("{'no_state':'the guest is silent'}");
	char *text = print(dump, true);

	EXPECT_STREQ("the kernel was not looked into: the guest is silent\n", text);
	free(text);
	json_decref(dump);
}

/* Everything there is too much of. */
static json_t *huge(void)
{
	json_t *dump = parse(stalled), *state = json_object_get(dump, "state");
	static const char *const lists[] = {
		"tasks", "cpus", "dsqs", "vcpus", "maps", "absent",
	};
	json_t *list, *e, *long_text;
	char text[2000];
	size_t i, j;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	long_text = json_string(text);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		list = json_object_get(state, lists[i]);
		e = json_array_get(list, i == 3 ? 1 : 0);
		if (json_is_object(e)) {
			json_object_set(e, "comm", long_text);
			json_object_set(e, "name", long_text);
			json_object_set_new(e, "stack",
					    json_pack("[OO]", long_text, long_text));
		}
		for (j = 0; j < 400; j++)
			json_array_append(list, e);
	}
	json_decref(long_text);
	return dump;
}

TEST(brief_is_bounded)
{
	json_t *dump = huge();
	char *text = print(dump, true);

	EXPECT_LE(strlen(text), KT_DUMP_BRIEF_BYTES);
	EXPECT_LE(nr_lines(text), KT_DUMP_BRIEF_LINES);
	HAS("  392 more\n");
	free(text);
	text = print(dump, false);
	EXPECT_GT(nr_lines(text), 2000);
	free(text);
	json_decref(dump);
}

/* Puts @v in place of each member of @node in turn, and prints. */
static void spoil(json_t *dump, json_t *node, json_t *v)
{
	json_t *e, *old;
	const char *key;
	void *next;
	size_t i;

	json_object_foreach_safe(node, next, key, e) {
		char *name = strdup(key);

		old = json_incref(e);
		json_object_set(node, name, v);
		free(print(dump, true));
		free(print(dump, false));
		json_object_set_new(node, name, old);
		spoil(dump, old, v);
		free(name);
	}
	json_array_foreach(node, i, e) {
		old = json_incref(e);
		json_array_set(node, i, v);
		free(print(dump, true));
		free(print(dump, false));
		json_array_set_new(node, i, old);
		spoil(dump, old, v);
	}
}

TEST(any_type_anywhere)
{
	static const char *const kinds[] = {
		"{}", "[]", "[1,'a',{}]", "{'a':{'pid':[]}}", "[[[[]]]]",
		"['\\u001b[31m\\n\\u009b']",
	};
	json_t *scalars[] = {
		json_null(), json_true(), json_integer(-1), json_real(1e300),
		json_string(""), json_string("\x1b]0;x\x07\n\r\x7f"),
		json_integer(INT64_MIN),
	};
	json_t *dump = parse(stalled), *v;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		v = parse(kinds[i]);
		spoil(dump, dump, v);
		json_decref(v);
	}
	for (i = 0; i < ARRAY_SIZE(scalars); i++) {
		spoil(dump, dump, scalars[i]);
		json_decref(scalars[i]);
	}
	json_decref(dump);
}

TEST(names_are_text)
{
	json_t *dump = parse(stalled), *state = json_object_get(dump, "state");
	json_t *task = json_array_get(json_object_get(state, "tasks"), 1);
	char *text;
	size_t i;

	json_object_set_new(task, "comm", json_string("a\x1b[2J\nb\tc\xc2\x9b"));
	text = print(dump, true);
	HAS("pid 9 a?[2J b c?? cpu1");
	for (i = 0; text[i]; i++)
		EXPECT_FALSE((u8)text[i] < 0x20 && text[i] != '\n');
	free(text);
	json_decref(dump);
}

TEST(no_dump_at_all)
{
	char *text = print(NULL, true);

	EXPECT_STREQ("", text);
	free(text);
}

TEST_HARNESS_MAIN
