// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures as the record and the report have them.
 */
#include <kselftest_harness.h>

#include "ktstr/host/captures.h"

FIXTURE(captures)
{
	struct kt_captures c;
	char *text;
};

FIXTURE_SETUP(captures)
{
	memset(self, 0, sizeof(*self));
}

FIXTURE_TEARDOWN(captures)
{
	kt_captures_fini(&self->c);
	free(self->text);
}

static struct kt_capture *add(struct kt_captures *c, const char *tag)
{
	struct kt_capture *e = kt_captures_add(c);

	snprintf(e->tag, sizeof(e->tag), "%s", tag);
	e->state = json_object();
	kt_json_set_text(e->state, "tag", tag);
	return e;
}

static const char *text_of(const json_t *all, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(all, i), key));
}

static json_t *written(FIXTURE_DATA(captures) * self, u64 max_bytes)
{
	size_t len;
	FILE *out;

	free(self->text);
	out = open_memstream(&self->text, &len);
	kt_captures_write(out, &self->c, max_bytes);
	fclose(out);
	return json_loads(self->text, 0, NULL);
}

TEST_F(captures, record)
{
	json_t *all = written(self, 1000), *none;

	EXPECT_EQ(true, json_is_array(all));
	EXPECT_EQ(0, json_array_size(all));
	json_decref(all);
	add(&self->c, "first");
	add(&self->c, "second \033[2J");
	/* no memory for its tree: it is not there */
	none = add(&self->c, "third")->state;
	self->c.ring[2].state = NULL;
	json_decref(none);
	all = written(self, 1000);
	ASSERT_EQ(2, json_array_size(all));
	EXPECT_STREQ("first", text_of(all, 0, "tag"));
	EXPECT_STREQ("second ?[2J", text_of(all, 1, "tag"));
	json_decref(all);
}

TEST_F(captures, record_bounded)
{
	json_t *all;
	u64 one;

	add(&self->c, "a");
	json_decref(written(self, 1000));
	one = strlen(self->text) - strlen("[\n\n]\n");
	add(&self->c, "b");
	add(&self->c, "c");
	all = written(self, 2 * one);
	ASSERT_EQ(3, json_array_size(all));
	EXPECT_STREQ("1 captures more", text_of(all, 2, "cut"));
	json_decref(all);
	all = written(self, 0);
	ASSERT_EQ(1, json_array_size(all));
	EXPECT_STREQ("3 captures more", text_of(all, 0, "cut"));
	json_decref(all);
}

static const char *report(FIXTURE_DATA(captures) * self,
			  const struct kt_periodic *p)
{
	size_t len;
	FILE *out;

	free(self->text);
	out = open_memstream(&self->text, &len);
	kt_captures_report(out, &self->c, p);
	fclose(out);
	return self->text;
}

TEST_F(captures, report)
{
	struct kt_periodic p = {};
	u32 i;

	EXPECT_STREQ("", report(self, &p));
	p.nr = 8;
	p.fired = 2;
	p.ended = true;
	add(&self->c, "good");
	strcpy(add(&self->c, "b\ta\nd\033")->error, "x\ty");
	EXPECT_STREQ("captures: 2 taken, 2 of 8 periodic; periodic ones ended: two in a row could not freeze the machine\n"
		     "capture b?a?d?: x?y\n", report(self, &p));
	for (i = 0; i < KT_MAX_CAPTURES + 1; i++)
		strcpy(add(&self->c, "bad")->error, "why");
	report(self, &p);
	EXPECT_NE(NULL, strstr(self->text, "captures: 67 taken, 2 of 8 periodic, "));
	EXPECT_NE(NULL, strstr(self->text, ", the last 64 kept"));
	EXPECT_NE(NULL, strstr(self->text, "capture bad: why\n56 more captures show nothing\n"));
}

TEST_HARNESS_MAIN
