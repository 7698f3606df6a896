// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields as numbers of any width, text that may not end, enumerators and flags
 * by name, and what a kernel has not.
 */
#include <kselftest_harness.h>

#include "ktstr/inspect/fields.h"
#include "mini_sched.h"

#define PLACE	TEXTS_GPA

FIXTURE(fields)
{
	struct mini_sched *m;
	struct mini_guest *g;
	json_t *absent;
};

FIXTURE_SETUP(fields)
{
	self->m = mini_sched_new(NULL);
	self->g = &self->m->g;
	self->absent = json_array();
}

FIXTURE_TEARDOWN(fields)
{
	json_decref(self->absent);
	mini_sched_free(self->m);
}

#define FIND(type, required, f, ...)					\
	({								\
		const char *const paths_[] = { __VA_ARGS__ };		\
		kt_fields_find(&self->g->k, type, paths_,		\
			       ARRAY_SIZE(paths_), required, f,		\
			       self->absent);				\
	})

TEST_F(fields, numbers)
{
	struct kt_field f[5];
	u64 v;
	s64 n;

	ASSERT_EQ(0, FIND("orc_entry", 5, f, "sp_offset", "sp_reg", "bp_reg",
			  "type", "signal"));
	mini_put_u64(self->g, PLACE, 0x0a54ffff0000fff8);
	ASSERT_EQ(0, kt_field_read(&self->g->k, D(PLACE), &f[0], &v));
	EXPECT_EQ(0xfff8, v);
	ASSERT_EQ(0, kt_field_read_signed(&self->g->k, D(PLACE), &f[0], &n));
	EXPECT_EQ(-8, n);
	mini_put_u32(self->g, PLACE + 4, 0xa54);
	ASSERT_EQ(0, kt_field_read(&self->g->k, D(PLACE), &f[1], &v));
	EXPECT_EQ(4, v);
	ASSERT_EQ(0, kt_field_read(&self->g->k, D(PLACE), &f[2], &v));
	EXPECT_EQ(5, v);
	ASSERT_EQ(0, kt_field_read(&self->g->k, D(PLACE), &f[3], &v));
	EXPECT_EQ(2, v);
	ASSERT_EQ(0, kt_field_read(&self->g->k, D(PLACE), &f[4], &v));
	EXPECT_EQ(1, v);
	/* a signed bitfield of three bits would be negative from four on */
	mini_put_u32(self->g, PLACE + 4, 0x700);
	ASSERT_EQ(0, kt_field_read_signed(&self->g->k, D(PLACE), &f[3], &n));
	EXPECT_EQ(-1, n);
	EXPECT_EQ(-EFAULT, kt_field_read(&self->g->k, D(MINI_RAM_BYTES), &f[0],
					 &v));
}

TEST_F(fields, no_number)
{
	struct kt_field f[2];
	u64 v;

	ASSERT_EQ(0, FIND("task_struct", 2, f, "comm", "tasks"));
	EXPECT_EQ(-EINVAL, kt_field_read(&self->g->k, D(PLACE), &f[0], &v));
	EXPECT_EQ(-EINVAL, kt_field_read(&self->g->k, D(PLACE), &f[1], &v));
}

TEST_F(fields, not_in_this_kernel)
{
	struct kt_field f[3];
	u64 v;
	s64 n;

	EXPECT_EQ(0, FIND("task_struct", 1, f, "pid", "nonsense", "tgid"));
	EXPECT_EQ(0, json_array_size(self->absent));
	EXPECT_TRUE(kt_field_known(&f[0]));
	EXPECT_FALSE(kt_field_known(&f[1]));
	EXPECT_TRUE(kt_field_known(&f[2]));
	EXPECT_EQ(-ENOENT, kt_field_read(&self->g->k, D(PLACE), &f[1], &v));
	EXPECT_EQ(-ENOENT, kt_field_read_signed(&self->g->k, D(PLACE), &f[1],
						&n));
	EXPECT_EQ(-ENOENT, FIND("task_struct", 2, f, "pid", "nonsense"));
	EXPECT_EQ(-ENOENT, FIND("task_struct", 2, f, "pid", "nonsense"));
	ASSERT_EQ(1, json_array_size(self->absent));
	EXPECT_STREQ("task_struct.nonsense: not in this kernel",
		     json_string_value(json_array_get(self->absent, 0)));
	EXPECT_EQ(-ENOENT, FIND("no_struct", 0, f, "pid"));
	EXPECT_STREQ("no_struct: not in this kernel",
		     json_string_value(json_array_get(self->absent, 1)));
}

TEST_F(fields, text)
{
	char buf[16];

	mini_text(self->g, PLACE, "short");
	EXPECT_EQ(5, kt_read_text(&self->g->k, D(PLACE), buf, sizeof(buf)));
	EXPECT_STREQ("short", buf);
	/* across a page, and longer than there is room for */
	memset(self->g->ram + PLACE + 0xff8, 'x', 64);
	EXPECT_EQ(15, kt_read_text(&self->g->k, D(PLACE + 0xff8), buf,
				   sizeof(buf)));
	EXPECT_STREQ("xxxxxxxxxxxxxxx", buf);
	EXPECT_EQ(3, kt_read_text(&self->g->k, D(PLACE + 0xff8), buf, 4));
	EXPECT_EQ(0, kt_read_text(&self->g->k, D(PLACE + 0xff8), buf, 1));
	EXPECT_STREQ("", buf);
	/* up to where memory ends */
	memset(self->g->ram + MINI_RAM_BYTES - 4, 'y', 4);
	EXPECT_EQ(4, kt_read_text(&self->g->k, D(MINI_RAM_BYTES - 4), buf,
				  sizeof(buf)));
	EXPECT_STREQ("yyyy", buf);
	EXPECT_EQ(0, kt_read_text(&self->g->k, 0x1000, buf, sizeof(buf)));
	EXPECT_STREQ("", buf);
}

TEST_F(fields, enumerators)
{
	const struct kt_types *t = self->m->types;
	json_t *v;

	EXPECT_STREQ("SCX_EXIT_ERROR_STALL",
		     kt_enum_name(t, "scx_exit_kind", 1026));
	EXPECT_EQ(NULL, kt_enum_name(t, "scx_exit_kind", 7));
	EXPECT_EQ(NULL, kt_enum_name(t, "no_enum", 0));
	EXPECT_EQ(NULL, kt_enum_name(NULL, "scx_exit_kind", 0));
	v = kt_enum_json(t, "scx_exit_kind", 1026);
	EXPECT_STREQ("SCX_EXIT_ERROR_STALL (1026)", json_string_value(v));
	json_decref(v);
	v = kt_enum_json(t, "scx_exit_kind", -7);
	EXPECT_EQ(-7, json_integer_value(v));
	json_decref(v);
}

TEST_F(fields, flags)
{
	char buf[64];

#define FLAGS(v) \
	(kt_enum_flags(self->m->types, "scx_ent_flags", "SCX_TASK_", v, buf, \
		       sizeof(buf)), buf)
	EXPECT_STREQ("0", FLAGS(0));
	EXPECT_STREQ("QUEUED", FLAGS(1));
	EXPECT_STREQ("QUEUED|DEQD_FOR_SLEEP", FLAGS(9));
	EXPECT_STREQ("DEQD_FOR_SLEEP|CURSOR|0x100000000",
		     FLAGS(0x180000008));
	EXPECT_STREQ("0x300", FLAGS(0x300));
	kt_enum_flags(self->m->types, "scx_ent_flags", "SCX_TASK_", 9, buf, 8);
	EXPECT_STREQ("QUEUED|", buf);
	kt_enum_flags(NULL, "scx_ent_flags", "SCX_TASK_", 9, buf, sizeof(buf));
	EXPECT_STREQ("0x9", buf);
}

TEST_HARNESS_MAIN
