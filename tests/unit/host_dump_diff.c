// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths into a dump and two dumps compared: what names the elements of a list,
 * what is left out, and what is said.
 */
#include <kselftest_harness.h>

#include "ktstr/host/dump_diff.h"
#include "ktstr/host/dump_path.h"

static json_t *parse(const char *text)
{
	char *copy = strdup(text), *c;
	json_t *v;

	for (c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	v = json_loads(copy, JSON_DECODE_ANY, NULL);
	free(copy);
	return v;
}

static const char base[] =
	"{'outcome':'fail','times':{'ended_ms':5},'state':{"
	"'tasks':[{'pid':5,'comm':'a','class':'ext','ran_ns':7,'stack':['f+0x1/0x9']},{'pid':6,'comm':'b'}],"
	"'maps':[{'id':4,'name':'x.y.bss','variables':{'crash':0,'p':'0xffff888004a75a00'}},{'id':5,'name':'x'}],"
	"'cpus':[{'cpu':0,'nr_running':1},{'cpu':1,'nr_running':2}],"
	"'dsqs':[{'kind':'local','id':'0x8','cpu':0,'nr':1},{'kind':'user','id':'0x1','nr':2}],"
	"'sched_ext':{'exit':{'stack':['f+0x1/0x9']}},"
	"'absent':['this','that']}}";

FIXTURE(dumps)
{
	json_t *a, *b;
	char *text;
	size_t len;
	char why[512];
};

FIXTURE_SETUP(dumps)
{
	memset(self, 0, sizeof(*self));
	self->a = parse(base);
	self->b = parse(base);
	ASSERT_NE(NULL, self->a);
}

FIXTURE_TEARDOWN(dumps)
{
	json_decref(self->a);
	json_decref(self->b);
	free(self->text);
}

static u64 diff(struct _test_data_dumps *self, bool all)
{
	FILE *f;
	u64 nr;

	free(self->text);
	f = open_memstream(&self->text, &self->len);
	nr = kt_dump_diff(f, self->a, self->b, all);
	fclose(f);
	return nr;
}

/* The member of B at @path becomes @value. */
static void set(struct _test_data_dumps *self, const char *path,
		const char *key, const char *value)
{
	json_t *o = (json_t *)kt_dump_at(self->b, path, self->why,
					 sizeof(self->why));

	json_object_set_new(o, key, parse(value));
}

#define AT(path) kt_dump_at(self->a, path, self->why, sizeof(self->why))
#define INT_AT(path) json_integer_value(AT(path))

TEST_F(dumps, paths)
{
	EXPECT_EQ(2, INT_AT("state.cpus.1.nr_running"));
	EXPECT_EQ(2, INT_AT("cpus.1.nr_running"));
	EXPECT_EQ(2, INT_AT("cpus[1].nr_running"));
	EXPECT_EQ(7, INT_AT("tasks.5/a.ran_ns"));
	EXPECT_EQ(7, INT_AT("tasks[5/a].ran_ns"));
	EXPECT_EQ(7, INT_AT("tasks[0].ran_ns"));
	/* the longest name of several */
	EXPECT_EQ(4, INT_AT("maps.x.y.bss.id"));
	EXPECT_EQ(5, INT_AT("maps.x.id"));
	EXPECT_EQ(1, INT_AT("dsqs.local/0.nr"));
	EXPECT_EQ(2, INT_AT("dsqs.user/0x1.nr"));
	EXPECT_STREQ("that", json_string_value(AT("absent.1")));
	EXPECT_EQ(self->a, AT(""));
}

TEST_F(dumps, paths_that_lead_nowhere)
{
	EXPECT_EQ(NULL, AT("cpus.1.nr_runing"));
	EXPECT_NE(NULL, strstr(self->why, "\"nr_runing\" in cpus.1."));
	EXPECT_NE(NULL, strstr(self->why, "there are: nr_running"));
	EXPECT_EQ(NULL, AT("mapz"));
	EXPECT_EQ(NULL, AT("absent.2"));
	EXPECT_NE(NULL, strstr(self->why, "a list of 2"));
	EXPECT_EQ(NULL, AT("absent.18446744073709551617"));
	EXPECT_EQ(NULL, AT("absent.[1"));
	EXPECT_EQ(NULL, AT("outcome.x"));
	EXPECT_EQ(NULL, AT("."));
	EXPECT_EQ(NULL, AT("\x1b[31m"));
	EXPECT_EQ(NULL, strchr(self->why, '\x1b'));
}

TEST_F(dumps, the_same)
{
	EXPECT_EQ(0, diff(self, true));
	EXPECT_STREQ("", self->text);
}

TEST_F(dumps, a_variable)
{
	set(self, "maps.x.y.bss.variables", "crash", "1");
	EXPECT_EQ(1, diff(self, false));
	EXPECT_STREQ("maps.x.y.bss.variables.crash: 0 -> 1\n", self->text);
}

TEST_F(dumps, only_in_one)
{
	set(self, "maps.x.y.bss.variables", "new", "1");
	json_array_remove((json_t *)kt_dump_at(self->b, "tasks", self->why,
					       sizeof(self->why)), 0);
	json_object_del(self->b, "outcome");
	EXPECT_EQ(3, diff(self, false));
	EXPECT_STREQ("only in A: outcome\nonly in A: tasks.5/a\n"
		     "only in B: maps.x.y.bss.variables.new\n", self->text);
}

/* Elements are found by their names, wherever they are. */
TEST_F(dumps, another_order)
{
	json_t *cpus = (json_t *)kt_dump_at(self->b, "cpus", self->why,
					    sizeof(self->why));

	json_array_append(cpus, json_array_get(cpus, 0));
	json_array_remove(cpus, 0);
	EXPECT_EQ(0, diff(self, false));
}

TEST_F(dumps, what_always_differs)
{
	set(self, "", "times", "{'ended_ms':6}");
	set(self, "tasks.5/a", "ran_ns", "8");
	set(self, "tasks.5/a", "stack", "['g+0x2/0x8']");
	set(self, "sched_ext.exit", "stack", "['f+0x2/0x8']");
	set(self, "maps.x.y.bss", "id", "9");
	set(self, "maps.x.y.bss.variables", "p", "'0xffff888004a75a08'");
	EXPECT_EQ(0, diff(self, false));
	EXPECT_EQ(6, diff(self, true));
	EXPECT_NE(NULL, strstr(self->text, "times.ended_ms: 5 -> 6\n"));
	EXPECT_NE(NULL, strstr(self->text, "sched_ext.exit.stack.0: f+0x1/0x9 -> f+0x2/0x8\n"));
	/* another function, a pointer that is none any more */
	set(self, "sched_ext.exit", "stack", "['ff+0x2/0x8']");
	set(self, "maps.x.y.bss.variables", "p", "null");
	EXPECT_EQ(2, diff(self, false));
}

TEST_F(dumps, lists_by_position)
{
	set(self, "", "state", "{'absent':['this','those','more']}");
	diff(self, false);
	EXPECT_NE(NULL, strstr(self->text, "absent.1: that -> those\n"));
	EXPECT_NE(NULL, strstr(self->text, "only in B: absent.2\n"));
}

TEST_F(dumps, equal_names)
{
	json_t *maps = parse("[{'name':'m','v':1},{'name':'m','v':2},{'name':'m','v':3}]");
	json_t *by_key = kt_dump_by_key("maps", maps);

	EXPECT_EQ(3, json_object_size(by_key));
	EXPECT_EQ(3, json_integer_value(json_object_get(json_object_get(by_key, "m#3"), "v")));
	json_decref(by_key);
	json_decref(maps);
	/* one without a name: by position */
	maps = parse("[{'name':'m'},7]");
	EXPECT_EQ(NULL, kt_dump_by_key("maps", maps));
	EXPECT_EQ(NULL, kt_dump_by_key("others", maps));
	json_decref(maps);
}

/* A name that would make one long, and one that ends within a character. */
TEST_F(dumps, long_names)
{
	json_t *list = json_array(), *by_key;
	char name[80];

	memset(name, 'x', 63);
	strcpy(name + 63, "\xc3\xa4");
	json_array_append_new(list, json_pack("{s:s}", "name", name));
	by_key = kt_dump_by_key("maps", list);
	EXPECT_EQ(1, json_object_size(by_key));
	json_decref(by_key);
	json_decref(list);
}

TEST_F(dumps, another_type)
{
	set(self, "", "state", "7");
	EXPECT_LT(0, diff(self, false));
	set(self, "", "state", "{'tasks':{},'maps':[3],'cpus':'x','dsqs':null}");
	EXPECT_LT(0, diff(self, false));
	EXPECT_NE(NULL, strstr(self->text, "dsqs: "));
}

TEST_HARNESS_MAIN
