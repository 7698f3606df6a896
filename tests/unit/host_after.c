// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a case's .after sees, and the outcome it comes to.
 */
#include <kselftest_harness.h>

#include "after_rig.h"

FIXTURE(after)
{
	struct after_rig rig;
};

FIXTURE_SETUP(after)
{
	memset(self, 0, sizeof(*self));
}

FIXTURE_TEARDOWN(after)
{
	after_rig_fini(&self->rig);
}

#define run(fn)	after_rig_run(&self->rig, fn)

static void holds(struct ktstr_after *a)
{
	KTSTR_AFTER_EQ(a, 2, 2);
	KTSTR_AFTER_LE(a, 1, 2);
	KTSTR_AFTER_GE(a, 2, 2);
	KTSTR_AFTER_STREQ(a, "x", "x");
	ktstr_after_note(a, "by the %s", "way");
}

static void fails(struct ktstr_after *a)
{
	bool good, bad;

	bad = KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 8);
	good = KTSTR_AFTER_GE(a, 5, -3);
	ktstr_after_claim(a, good && !bad, "/a/path/file.c", 7, "answers", 1, 1);
	ktstr_after_claim(a, false, "/a/path/file.c", 12, "label", -1, 2);
	KTSTR_AFTER_STREQ(a, "this", "that");
}

static void only_talks(struct ktstr_after *a)
{
	ktstr_after_note(a, "nothing");
}

TEST_F(after, outcomes)
{
	EXPECT_EQ(KT_PASS, run(holds));
	EXPECT_STREQ("note: by the way\n", self->rig.text);
	EXPECT_EQ(KT_FAIL, run(fails));
	EXPECT_NE(NULL, strstr(self->rig.text, ": ktstr_nr_captures(a) == 8: seen 0, bound 8\n"));
	EXPECT_NE(NULL, strstr(self->rig.text, "\nfile.c:12: label: seen -1, bound 2\n"));
	EXPECT_NE(NULL, strstr(self->rig.text, ": \"this\": seen \"this\", bound \"that\"\n"));
	EXPECT_EQ(0, strncmp(self->rig.text, "host_after.c:", 13));
	EXPECT_EQ(NULL, strstr(self->rig.text, "answers"));
	/* a test that cannot fail is none */
	EXPECT_EQ(KT_ERROR, run(only_talks));
	EXPECT_NE(NULL, strstr(self->rig.text, "no claim was made"));
}

static void looks(struct ktstr_after *a)
{
	const struct ktstr_capture_info *c;

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), KT_MAX_CAPTURES);
	c = ktstr_capture_at(a, 0);
	KTSTR_AFTER_EQ(a, strcmp(c->tag, "tag1"), 0);
	KTSTR_AFTER_EQ(a, strcmp(c->error, "why"), 0);
	c = ktstr_capture_at(a, KT_MAX_CAPTURES - 1);
	KTSTR_AFTER_EQ(a, strcmp(c->tag, "tag64"), 0);
	KTSTR_AFTER_EQ(a, !c->error, 1);
	KTSTR_AFTER_EQ(a, c->workload_ms, 64);
	KTSTR_AFTER_EQ(a, c->phase, 64);
	KTSTR_AFTER_EQ(a, !ktstr_capture_at(a, KT_MAX_CAPTURES), 1);
	KTSTR_AFTER_EQ(a, !ktstr_capture_at(a, UINT32_MAX), 1);
}

static void looks_at_nothing(struct ktstr_after *a)
{
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 0);
	KTSTR_AFTER_EQ(a, !ktstr_capture_at(a, 0), 1);
}

TEST_F(after, captures)
{
	u32 i;

	EXPECT_EQ(KT_PASS, run(looks_at_nothing));
	for (i = 0; i <= KT_MAX_CAPTURES; i++) {
		struct kt_capture *e = kt_captures_add(&self->rig.captures);

		snprintf(e->tag, sizeof(e->tag), "tag%u", i);
		e->workload_ns = i * KT_NSEC_PER_MSEC + 5;
		e->phase = i;
		strcpy(e->error, i == 1 ? "why" : "");
	}
	EXPECT_EQ(KT_PASS, run(looks)) {
		TH_LOG("%s", self->rig.text);
	}
}

TEST_HARNESS_MAIN
