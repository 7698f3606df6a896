// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP, letter by letter, and the exit status of every mix of outcomes.
 */
#include <kselftest_harness.h>

#include "kselftest/ktap.h"

FIXTURE(ktap)
{
	struct kt_ktap k;
	FILE *out;
	char *text;
	size_t len;
};

FIXTURE_SETUP(ktap)
{
	self->text = NULL;
	self->out = open_memstream(&self->text, &self->len);
	ASSERT_NE(NULL, self->out);
}

FIXTURE_TEARDOWN(ktap)
{
	fclose(self->out);
	free(self->text);
}

static const char *flushed(FILE *out, char *const *text)
{
	fflush(out);
	return *text;
}

#define printed()	flushed(self->out, &self->text)

TEST_F(ktap, every_outcome)
{
	struct kt_ktap *k = &self->k;

	kt_ktap_begin(k, self->out, 7);
	kt_ktap_result(k, KT_PASS, "a", NULL);
	kt_ktap_result(k, KT_FAIL, "b", "not shown");
	kt_ktap_result(k, KT_SKIP, "c", "no such machine");
	kt_ktap_result(k, KT_XFAIL, "d", NULL);
	kt_ktap_result(k, KT_TIMEOUT, "e", "");
	kt_ktap_result(k, KT_ERROR, "f", "broken");
	kt_ktap_result(k, 200, "g", NULL);
	EXPECT_EQ(1, kt_ktap_end(k));
	EXPECT_STREQ("KTAP version 1\n"
		     "1..7\n"
		     "ok 1 a\n"
		     "not ok 2 b\n"
		     "ok 3 c # SKIP no such machine\n"
		     "ok 4 d # XFAIL\n"
		     "not ok 5 e # TIMEOUT\n"
		     "not ok 6 f # ERROR broken\n"
		     "not ok 7 g # ERROR\n"
		     "# Totals: pass:1 fail:2 xfail:1 xpass:0 skip:1 error:2\n",
		     printed());
}

/* Header and results are there at once, whatever becomes of us later. */
TEST_F(ktap, nothing_is_held_back)
{
	kt_ktap_begin(&self->k, self->out, 2);
	EXPECT_STREQ("KTAP version 1\n1..2\n", self->text);
	kt_ktap_diag(&self->k, "why");
	kt_ktap_result(&self->k, KT_PASS, "a", NULL);
	EXPECT_STREQ("KTAP version 1\n1..2\n# why\nok 1 a\n", self->text);
	kt_ktap_bail(self->out, "stopped by SIGTERM");
	EXPECT_STREQ("KTAP version 1\n1..2\n# why\nok 1 a\nBail out! stopped by SIGTERM\n",
		     self->text);
}

TEST_F(ktap, diagnostics_line_by_line)
{
	kt_ktap_begin(&self->k, self->out, 0);
	kt_ktap_diag(&self->k, "one\ntwo\n\nok 1 fake\nlast without an end");
	kt_ktap_diag(&self->k, "");
	kt_ktap_diag(&self->k, "\n");
	EXPECT_STREQ("KTAP version 1\n1..0\n"
		     "# one\n# two\n# \n# ok 1 fake\n# last without an end\n# \n",
		     printed());
}

TEST_F(ktap, exit_status)
{
	static const struct {
		enum kt_outcome outcomes[3];
		int status;
	} cases[] = {
		{ { KT_PASS, KT_PASS, KT_PASS }, 0 },
		{ { KT_PASS, KT_XFAIL, KT_SKIP }, 0 },
		{ { KT_XFAIL, KT_XFAIL, KT_XFAIL }, 0 },
		{ { KT_SKIP, KT_SKIP, KT_PASS }, 0 },
		{ { KT_SKIP, KT_SKIP, KT_XFAIL }, 0 },
		{ { KT_SKIP, KT_SKIP, KT_SKIP }, 4 },
		{ { KT_PASS, KT_FAIL, KT_PASS }, 1 },
		{ { KT_SKIP, KT_SKIP, KT_FAIL }, 1 },
		{ { KT_PASS, KT_PASS, KT_TIMEOUT }, 1 },
		{ { KT_ERROR, KT_PASS, KT_PASS }, 1 },
		{ { KT_SKIP, KT_ERROR, KT_SKIP }, 1 },
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		kt_ktap_begin(&self->k, self->out, 3);
		for (j = 0; j < 3; j++)
			kt_ktap_result(&self->k, cases[i].outcomes[j], "x", NULL);
		EXPECT_EQ(cases[i].status, kt_ktap_end(&self->k)) {
			TH_LOG("case %zu", i);
		}
	}
}

/* Fewer results than planned, or more, are a failure. */
TEST_F(ktap, plan_is_kept)
{
	kt_ktap_begin(&self->k, self->out, 2);
	kt_ktap_result(&self->k, KT_PASS, "a", NULL);
	EXPECT_EQ(1, kt_ktap_end(&self->k));
	kt_ktap_begin(&self->k, self->out, 1);
	kt_ktap_result(&self->k, KT_PASS, "a", NULL);
	kt_ktap_result(&self->k, KT_PASS, "b", NULL);
	EXPECT_EQ(1, kt_ktap_end(&self->k));
	kt_ktap_begin(&self->k, self->out, 2);
	kt_ktap_result(&self->k, KT_SKIP, "a", NULL);
	EXPECT_EQ(1, kt_ktap_end(&self->k));
}

TEST_F(ktap, skip_all)
{
	static const char *const names[] = { "a", "b" };

	kt_ktap_begin(&self->k, self->out, 2);
	kt_ktap_skip_all(&self->k, names, "no kernel: set KTSTR_KERNEL");
	EXPECT_EQ(4, kt_ktap_end(&self->k));
	EXPECT_STREQ("KTAP version 1\n"
		     "1..2\n"
		     "ok 1 a # SKIP no kernel: set KTSTR_KERNEL\n"
		     "ok 2 b # SKIP no kernel: set KTSTR_KERNEL\n"
		     "# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:2 error:0\n",
		     printed());
}

TEST_F(ktap, subtests)
{
	struct kt_ktap sub;

	kt_ktap_begin(&self->k, self->out, 3);
	kt_ktap_begin_subtests(&sub, self->out, "a", 3);
	kt_ktap_diag(&sub, "one\ntwo");
	kt_ktap_result(&sub, KT_PASS, "a/x", NULL);
	kt_ktap_result(&sub, KT_SKIP, "a/y", "too large");
	kt_ktap_result(&sub, KT_FAIL, "a/z", NULL);
	kt_ktap_end_subtests(&self->k, &sub, "a");
	kt_ktap_begin_subtests(&sub, self->out, "b", 1);
	kt_ktap_result(&sub, KT_SKIP, "b/x", "so");
	kt_ktap_end_subtests(&self->k, &sub, "b");
	kt_ktap_result(&self->k, KT_SKIP, "c", "none");
	EXPECT_EQ(1, kt_ktap_end(&self->k));
	EXPECT_STREQ("KTAP version 1\n"
		     "1..3\n"
		     "    KTAP version 1\n"
		     "    # Subtest: a\n"
		     "    1..3\n"
		     "    # one\n"
		     "    # two\n"
		     "    ok 1 a/x\n"
		     "    ok 2 a/y # SKIP too large\n"
		     "    not ok 3 a/z\n"
		     "# a: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0\n"
		     "not ok 1 a\n"
		     "    KTAP version 1\n"
		     "    # Subtest: b\n"
		     "    1..1\n"
		     "    ok 1 b/x # SKIP so\n"
		     "# b: pass:0 fail:0 xfail:0 xpass:0 skip:1 error:0\n"
		     "ok 2 b # SKIP all its subtests were\n"
		     "ok 3 c # SKIP none\n"
		     "# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:3 error:0\n",
		     printed());
}

/* Of the outcomes of subtests, that of their test and the exit status. */
TEST_F(ktap, subtests_decide)
{
	static const struct {
		enum kt_outcome outcomes[3];
		const char *line;
		int status;
	} cases[] = {
		{ { KT_PASS, KT_SKIP, KT_XFAIL }, "\nok 1 t\n", 0 },
		{ { KT_XFAIL, KT_SKIP, KT_XFAIL }, "\nok 1 t # XFAIL\n", 0 },
		{ { KT_SKIP, KT_SKIP, KT_SKIP }, "\nok 1 t # SKIP ", 4 },
		{ { KT_PASS, KT_ERROR, KT_PASS }, "\nnot ok 1 t # ERROR\n", 1 },
		{ { KT_ERROR, KT_TIMEOUT, KT_PASS }, "\nnot ok 1 t # TIMEOUT\n", 1 },
		{ { KT_ERROR, KT_TIMEOUT, KT_FAIL }, "\nnot ok 1 t\n", 1 },
	};
	struct kt_ktap sub;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		rewind(self->out);
		kt_ktap_begin(&self->k, self->out, 1);
		kt_ktap_begin_subtests(&sub, self->out, "t", 3);
		for (j = 0; j < 3; j++)
			kt_ktap_result(&sub, cases[i].outcomes[j], "x", NULL);
		kt_ktap_end_subtests(&self->k, &sub, "t");
		EXPECT_EQ(cases[i].status, kt_ktap_end(&self->k));
		EXPECT_NE(NULL, strstr(printed(), cases[i].line)) {
			TH_LOG("%s", self->text);
		}
	}
}

TEST_HARNESS_MAIN
