// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other tests say, read: good form, bad form, and what is believed of it.
 */
#include <stdio.h>

#include <kselftest_harness.h>

#include "kselftest/ktap_read.h"
#include "ktstr/host/subtests.h"

static struct kt_ktap_line line_of(const char *text)
{
	struct kt_ktap_line l;

	kt_ktap_read_line(&l, text);
	return l;
}

static enum kt_outcome judge(const char *text, int code, char why[256])
{
	struct kt_ktap_sum sum = {};
	struct kt_ktap_line l;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		kt_ktap_read_line(&l, text);
		kt_ktap_sum_add(&sum, &l);
	}
	return kt_ktap_judge(&sum, code, why, 256);
}

TEST(results)
{
	static const struct {
		const char *text;
		enum kt_outcome outcome;
		unsigned int number;
		const char *name;
		const char *reason;
	} cases[] = {
		{ "ok 1 one", KT_PASS, 1, "one", "" },
		{ "ok 1 - one two\nok 2", KT_PASS, 1, "one two", "" },
		{ "not ok 12 a#b", KT_FAIL, 12, "a#b", "" },
		{ "ok 3 x # SKIP no such file\r\n", KT_SKIP, 3, "x", "no such file" },
		{ "not ok 3 x # SKIP", KT_SKIP, 3, "x", "" },
		{ "ok 4 x # skip lower", KT_SKIP, 4, "x", "lower" },
		{ "not ok 5 x # TODO later", KT_XFAIL, 5, "x", "later" },
		{ "ok 5 x # XFAIL known", KT_XFAIL, 5, "x", "known" },
		{ "ok 6 x # TIMEOUT 45 seconds", KT_TIMEOUT, 6, "x", "45 seconds" },
		{ "not ok 7 x # exit=1", KT_FAIL, 7, "x", "" },
		{ "ok", KT_PASS, 0, "", "" },
		{ "not ok # SKIP why", KT_SKIP, 0, "", "why" },
		{ "ok 99999999999999999999 x", KT_PASS, 0, "x", "" },
		{ "ok 1 a\033[2Jb", KT_PASS, 1, "a?[2Jb", "" },
		{ "ok 1 #", KT_PASS, 1, "", "" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kt_ktap_line l = line_of(cases[i].text);

		EXPECT_EQ(KT_KTAP_RESULT, l.kind) TH_LOG("%s", cases[i].text);
		EXPECT_EQ(cases[i].outcome, l.outcome);
		EXPECT_EQ(cases[i].number, l.number);
		EXPECT_STREQ(cases[i].name, l.name);
		EXPECT_STREQ(cases[i].reason, l.reason);
	}
}

TEST(what_is_no_result)
{
	static const char *const lines[] = {
		"", "o", "okay", "ok-ish", "not  ok 1", "# ok 1 x", "  ok 1 nested",
		"\tnot ok 1", "not okay", "1.2", "1..", "1..x", "1..3x", "Bail out",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		EXPECT_EQ(KT_KTAP_OTHER, line_of(lines[i]).kind)
			TH_LOG("\"%s\"", lines[i]);
	EXPECT_EQ(KT_KTAP_HEADER, line_of("TAP version 13").kind);
	EXPECT_EQ(KT_KTAP_HEADER, line_of("KTAP version 1\n").kind);
	EXPECT_EQ(KT_KTAP_PLAN, line_of("1..12").kind);
	EXPECT_EQ(12, line_of("1..12 # x").number);
	EXPECT_EQ(KT_SKIP, line_of("1..0 # SKIP no hardware").outcome);
	EXPECT_EQ(KT_KTAP_BAIL, line_of("Bail out! gone").kind);
	EXPECT_STREQ("gone", line_of("Bail out! gone").reason);
}

TEST(long_texts_are_cut_at_a_character)
{
	char text[4096] = "ok 1 ";
	struct kt_ktap_line l;

	memset(text + 5, 0xc3, sizeof(text) - 6);
	l = line_of(text);
	EXPECT_EQ(KT_KTAP_RESULT, l.kind);
	EXPECT_LT(strlen(l.name), KT_KTAP_TEXT);
	memset(text + 5, '#', sizeof(text) - 6);
	EXPECT_EQ(KT_PASS, line_of(text).outcome);
}

TEST(what_is_believed)
{
	char why[256];

	EXPECT_EQ(KT_PASS, judge("", 0, why));
	EXPECT_EQ(KT_PASS, judge("1..2\nok 1 a\nok 2 b # SKIP x\n", 0, why));
	EXPECT_EQ(KT_PASS, judge("1..1\nnot ok 1 a # TODO x\n", 0, why));
	EXPECT_STREQ("", why);
	EXPECT_EQ(KT_FAIL, judge("", 1, why));
	EXPECT_STREQ("exits with 1", why);
	EXPECT_EQ(KT_FAIL, judge("1..1\nok 1 a\n", 2, why));
	/* exits with 0 whatever failed */
	EXPECT_EQ(KT_FAIL, judge("1..2\nok 1 a\nnot ok 2 b\n", 0, why));
	EXPECT_STREQ("exits with 0, 1 of its 2 results are failures, the first b", why);
	EXPECT_EQ(KT_FAIL, judge("1..3\nok 1 a\n", 0, why));
	EXPECT_STREQ("exits with 0, planned 3 results and gave 1", why);
	EXPECT_EQ(KT_FAIL, judge("1..1\nok 1 a\nBail out! x\n", 0, why));
	EXPECT_EQ(KT_FAIL, judge("ok 1 a # TIMEOUT\n", 0, why));
}

TEST(several_outputs_in_one)
{
	char why[256];

	EXPECT_EQ(KT_PASS, judge("TAP version 13\n1..1\nok 1 a\n"
				 "TAP version 13\n1..2\nok 1 b\nok 2 c\n", 0, why));
	/* one of them died, and nobody looked */
	EXPECT_EQ(KT_FAIL, judge("1..1\nAborted\n1..2\nok 1 b\nok 2 c\n", 0, why));
	EXPECT_STREQ("exits with 0, planned 3 results and gave 2", why);
}

TEST(what_is_a_skip)
{
	char why[256];

	EXPECT_EQ(KT_SKIP, judge("", 4, why));
	EXPECT_STREQ("no reason given", why);
	EXPECT_EQ(KT_SKIP, judge("1..5\nok 1 a # SKIP no root\n", 4, why));
	EXPECT_STREQ("no root", why);
	EXPECT_EQ(KT_SKIP, judge("1..0 # SKIP no hardware\n", 4, why));
	EXPECT_STREQ("no hardware", why);
	EXPECT_EQ(KT_SKIP, judge("1..0 # SKIP no hardware\n", 0, why));
	EXPECT_EQ(KT_SKIP, judge("1..2\nok 1 a # SKIP x\nok 2 b # SKIP y\n", 0, why));
	EXPECT_STREQ("all of its 2 results are SKIPs: y", why);
	EXPECT_EQ(KT_FAIL, judge("1..2\nnot ok 1 a\nok 2 b # SKIP y\n", 4, why));
	EXPECT_EQ(KT_FAIL, judge("Bail out! x\n", 4, why));
}

static const char *nested(const char *text)
{
	static char buf[8192];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	memset(buf, 0, sizeof(buf));
	kt_subtests_print(f, "prog", text);
	fclose(f);
	return buf;
}

TEST(results_are_nested_in_order)
{
	EXPECT_STREQ("", nested("nothing\n# of that kind\n"));
	EXPECT_STREQ("    KTAP version 1\n    # Subtest: prog\n    1..3\n"
		     "    ok 1 a\n    ok 2 unnamed # SKIP why\n    not ok 3 c # TIMEOUT\n",
		     nested("TAP version 13\n1..7\nok 4 a\nrubbish\nnot ok 4 # SKIP why\n"
			    "  ok 1 below\nok 9 c # TIMEOUT\n"));
}

TEST_HARNESS_MAIN
