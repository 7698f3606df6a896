// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dump of a run: what becomes of what the coordinator kept, which moment
 * is chosen, that a file is bounded, and that of any file no more is believed
 * than that it is JSON. Then which record a name means.
 */
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/dump.h"
#include "ktstr/host/dump_path.h"
#include "ktstr/host/record.h"
#include "test_dir.h"

#define MS	KT_NSEC_PER_MSEC

static const struct ktstr_test test = { .name = "my_case", .desc = "d" };

FIXTURE(dump)
{
	struct kt_coord c;
	struct kt_case cs;
	struct kt_dump_facts facts;
	json_t *dump;
};

FIXTURE_SETUP(dump)
{
	memset(self, 0, sizeof(*self));
	keep_log();
	ASSERT_TRUE(make_root("/tmp"));
	self->cs.test = &test;
	strcpy(self->cs.sched, "/some/scheduler");
	self->facts = (struct kt_dump_facts){
		.c = &self->c, .cs = &self->cs, .outcome = KT_FAIL,
		.why = "because", .program = "prog", .engine = "e",
		.engine_version = "1", .kernel = "6.12",
	};
}

FIXTURE_TEARDOWN(dump)
{
	kt_coord_fini(&self->c);
	json_decref(self->dump);
	kt_remove_tree(root);
}

static json_t *seen(int mark)
{
	return json_pack("{s:i, s:[]}", "mark", mark, "absent");
}

static void add_capture(struct kt_coord *c, const char *tag,
			enum kt_capture_cause cause, json_t *state)
{
	struct kt_capture *e = kt_captures_add(&c->captures);

	snprintf(e->tag, sizeof(e->tag), "%s", tag);
	e->cause = cause;
	e->state = state;
}

#define STR(key)	json_string_value(json_object_get(self->dump, key))
#define STATE		json_object_get(self->dump, "state")
#define MARK		json_integer_value(json_object_get(STATE, "mark"))

TEST_F(dump, what_is_in_it)
{
	static struct kt_result r = {
		.nr_details = 1, .details = { { .text = "a worker starved" } },
		.nr_claims = 1, .claims = { { .label = "a >= b", .value = -1 } },
		.nr_cgroups = 1, .cgroups = { { .name = "left" } },
	};
	const json_t *at_path;

	self->facts.result = &r;
	kt_tail_add(&self->c.bucket.texts[KT_TEXT_DMESG], "said", 4);
	self->dump = kt_dump_make(&self->facts);
	EXPECT_STREQ("fail", STR("outcome"));
	EXPECT_STREQ("because", STR("why"));
	EXPECT_STREQ("my_case", STR("test"));
	EXPECT_STREQ("e (1)", STR("engine"));
	EXPECT_STREQ("/some/scheduler", STR("sched"));
	at_path = kt_dump_at(self->dump, "texts.kernel_log", NULL, 0);
	EXPECT_STREQ("said", json_string_value(at_path));
	at_path = kt_dump_at(self->dump, "result.claims", NULL, 0);
	EXPECT_EQ(1, json_array_size(at_path));
	EXPECT_EQ(NULL, STATE);
	EXPECT_NE(NULL, strstr(STR("no_state"), "never said"));
}

TEST_F(dump, which_moment)
{
	self->c.last_look.state = seen(1);
	add_capture(&self->c, "mine", KT_CAPTURE_REQUEST, seen(2));
	add_capture(&self->c, "exit", KT_CAPTURE_REQUEST, seen(3));
	self->dump = kt_dump_make(&self->facts);
	EXPECT_EQ(1, MARK);
	json_decref(self->dump);

	/* the last scheduler's end, not a placeholder behind it */
	add_capture(&self->c, "exit", KT_CAPTURE_WATCH, seen(4));
	add_capture(&self->c, "exit", KT_CAPTURE_POLL, seen(5));
	add_capture(&self->c, "exit", KT_CAPTURE_WATCH, json_object());
	self->dump = kt_dump_make(&self->facts);
	EXPECT_EQ(5, MARK);
	EXPECT_EQ(5, json_array_size(json_object_get(self->dump, "captures")));
	EXPECT_EQ(NULL, STR("no_state"));
}

TEST_F(dump, why_there_is_none)
{
	self->c.last_look.state = json_object();
	strcpy(self->c.last_look.error, "not frozen");
	self->dump = kt_dump_make(&self->facts);
	EXPECT_EQ(NULL, STATE);
	EXPECT_STREQ("not frozen", STR("no_state"));
}

static void write_dump(const json_t *dump, size_t most)
{
	FILE *f = fopen(at(KT_DUMP_NAME), "w");

	kt_dump_write(f, dump, most);
	fclose(f);
}

static void write_text(const char *text)
{
	FILE *f = fopen(at(KT_DUMP_NAME), "w");

	fputs(text, f);
	fclose(f);
}

TEST_F(dump, there_and_back)
{
	json_t *again = NULL;

	self->c.last_look.state = seen(1);
	self->dump = kt_dump_make(&self->facts);
	write_dump(self->dump, KT_DUMP_MAX_BYTES);
	ASSERT_EQ(0, kt_dump_read(root, &again));
	EXPECT_TRUE(json_equal(self->dump, again));
	json_decref(again);
}

static json_t *big_state(void)
{
	json_t *entries = json_array(), *state = seen(1);
	u32 i;

	for (i = 0; i < 1000; i++)
		json_array_append_new(entries, json_pack("{s:i}", "key", i));
	json_object_set_new(state, "maps",
			    json_pack("[{s:s, s:o}]", "name", "m", "entries",
				      entries));
	json_object_set_new(state, "tasks", json_pack("[{s:i}]", "pid", 7));
	return state;
}

TEST_F(dump, bounded)
{
	struct stat st;
	json_t *again;
	size_t most;

	self->c.last_look.state = big_state();
	self->dump = kt_dump_make(&self->facts);
	for (most = 6000; most > 1000; most -= 500) {
		write_dump(self->dump, most);
		ASSERT_EQ(0, stat(at(KT_DUMP_NAME), &st));
		EXPECT_LE(st.st_size, (off_t)most + 1);
		ASSERT_EQ(0, kt_dump_read(root, &again));
		EXPECT_LT(0, json_array_size(json_object_get(again, "cut")));
		EXPECT_STREQ("because", json_string_value(json_object_get(again, "why")));
		json_decref(again);
	}
	write_dump(self->dump, 6000);
	ASSERT_EQ(0, kt_dump_read(root, &again));
	EXPECT_EQ(16, json_array_size(kt_dump_at(again, "maps.m.entries", NULL, 0)));
	EXPECT_EQ(1, json_array_size(kt_dump_at(again, "tasks", NULL, 0)));
	json_decref(again);
	/* the capture has it all still */
	EXPECT_EQ(1000, json_array_size(kt_dump_at(self->c.last_look.state,
						   "maps.m.entries", NULL, 0)));
}

TEST_F(dump, files_that_are_none)
{
	static const char *const texts[] = {
		"", "{", "[]", "7", "{}", "{\"format\": 2}",
		"{\"format\": {}}", "\xff\xfe", "{\"\x1b[31m\": 1",
	};
	json_t *again = (json_t *)1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		write_text(texts[i]);
		EXPECT_EQ(-EPROTO, kt_dump_read(root, &again));
		EXPECT_NE(NULL, strstr(last_log, KT_DUMP_NAME));
		EXPECT_EQ(NULL, strchr(last_log, '\x1b'));
	}
	/* and nothing to release */
	EXPECT_EQ((json_t *)1, again);
	EXPECT_EQ(-ENOENT, kt_dump_read(at("nowhere"), &again));
	EXPECT_NE(NULL, strstr(last_log, "name the record of a run"));
}

TEST_F(dump, record_without_a_dump)
{
	json_t *again;
	FILE *f = fopen(at("outcome"), "w");

	fputs("error", f);
	fclose(f);
	EXPECT_EQ(-ENOENT, kt_dump_read(root, &again));
	EXPECT_NE(NULL, strstr(last_log, "its outcome is \"error\""));
}

/* Two records, and what is none. */
static void make_runs(void)
{
	mkdir(at("20261121T100000-1-a-x"), 0755);
	mkdir(at("20261121T110000-2-b-y"), 0755);
	mkdir(at("20261121T110000-3-b-y"), 0755);
	mkdir(at("zebra"), 0755);
}

TEST_F(dump, which_record)
{
	char dir[PATH_MAX];

	make_runs();
	EXPECT_EQ(0, kt_record_find(root, "last", dir, sizeof(dir)));
	EXPECT_STREQ(at("20261121T110000-3-b-y"), dir);
	EXPECT_EQ(0, kt_record_find(root, "20261121T10", dir, sizeof(dir)));
	EXPECT_STREQ(at("20261121T100000-1-a-x"), dir);
	EXPECT_EQ(0, kt_record_find(root, "20261121T110000-2-b-y", dir, sizeof(dir)));
	EXPECT_STREQ(at("20261121T110000-2-b-y"), dir);
	/* a path is taken as it is */
	EXPECT_EQ(0, kt_record_find(root, at("zebra"), dir, sizeof(dir)));
	EXPECT_STREQ(at("zebra"), dir);
	EXPECT_EQ(0, nr_errors);
}

TEST_F(dump, no_such_record)
{
	char dir[PATH_MAX];

	EXPECT_EQ(-ENOENT, kt_record_find(root, "last", dir, sizeof(dir)));
	make_runs();
	EXPECT_EQ(-EEXIST, kt_record_find(root, "20261121T11", dir, sizeof(dir)));
	EXPECT_NE(NULL, strstr(last_log, "20261121T110000-2-b-y, 20261121T110000-3-b-y"));
	EXPECT_EQ(-ENOENT, kt_record_find(root, "zebra", dir, sizeof(dir)));
	EXPECT_EQ(-ENOENT, kt_record_find(root, "", dir, sizeof(dir)));
	EXPECT_EQ(-ENOENT, kt_record_find(root, "no/where", dir, sizeof(dir)));
	EXPECT_EQ(-ENAMETOOLONG, kt_record_find(root, "last", dir, 8));
	EXPECT_EQ(6, nr_errors);
}

TEST_HARNESS_MAIN
