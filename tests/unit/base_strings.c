// SPDX-License-Identifier: GPL-2.0-only
/*
 * String buffers and their bound, cutting and cleaning text from outside,
 * argument vectors and their quoting.
 */
#include <kselftest_harness.h>

#include "ktstr/base/proc.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/base/strv.h"

FIXTURE(sb)
{
	struct kt_strbuf sb;
};

FIXTURE_SETUP(sb)
{
	kt_strbuf_init(&self->sb, 10);
}

FIXTURE_TEARDOWN(sb)
{
	kt_strbuf_fini(&self->sb);
}

TEST_F(sb, empty)
{
	EXPECT_STREQ("", kt_strbuf_str(&self->sb));
	kt_strbuf_add(&self->sb, NULL, 0);
	kt_strbuf_addf(&self->sb, "%s", "");
	EXPECT_STREQ("", kt_strbuf_str(&self->sb));
	EXPECT_EQ(0, self->sb.len_bytes);
	EXPECT_FALSE(self->sb.overflow);
}

TEST_F(sb, grows_to_its_bound_and_no_further)
{
	kt_strbuf_add(&self->sb, "01234", 5);
	kt_strbuf_addf(&self->sb, "%d%s", 56, "789");
	EXPECT_STREQ("0123456789", kt_strbuf_str(&self->sb));
	EXPECT_EQ(10, self->sb.len_bytes);
	EXPECT_FALSE(self->sb.overflow);

	kt_strbuf_addf(&self->sb, "%c", 'x');
	EXPECT_TRUE(self->sb.overflow);
	EXPECT_STREQ("0123456789", kt_strbuf_str(&self->sb));
}

/* After one that did not fit nothing is added, even if it would. */
TEST_F(sb, overflow_sticks)
{
	kt_strbuf_add(&self->sb, "abc", 3);
	kt_strbuf_add(&self->sb, "0123456789", 8);
	EXPECT_TRUE(self->sb.overflow);
	kt_strbuf_add(&self->sb, "d", 1);
	kt_strbuf_addf(&self->sb, "e");
	kt_strbuf_add_path(&self->sb, "f");
	EXPECT_STREQ("abc", kt_strbuf_str(&self->sb));

	kt_strbuf_reset(&self->sb);
	EXPECT_STREQ("", kt_strbuf_str(&self->sb));
	kt_strbuf_add(&self->sb, "d", 1);
	EXPECT_STREQ("d", kt_strbuf_str(&self->sb));
	EXPECT_FALSE(self->sb.overflow);
	kt_strbuf_add(&self->sb, "", SIZE_MAX);
	EXPECT_TRUE(self->sb.overflow);
}

TEST_F(sb, keeps_bytes)
{
	kt_strbuf_add(&self->sb, "a\0b", 3);
	EXPECT_EQ(3, self->sb.len_bytes);
	EXPECT_EQ(0, memcmp("a\0b", self->sb.str, 4));
	kt_strbuf_fini(&self->sb);
	EXPECT_EQ(NULL, self->sb.str);
	EXPECT_EQ(10, self->sb.max_bytes);
}

TEST_F(sb, path)
{
	kt_strbuf_add_path(&self->sb, "a");
	kt_strbuf_add_path(&self->sb, "b/");
	kt_strbuf_add_path(&self->sb, "c");
	EXPECT_STREQ("a/b/c", kt_strbuf_str(&self->sb));
	kt_strbuf_reset(&self->sb);
	kt_strbuf_add_path(&self->sb, "/");
	kt_strbuf_add_path(&self->sb, "x");
	EXPECT_STREQ("/x", kt_strbuf_str(&self->sb));
}

/* "a", then characters of 2, 3 and 4 bytes: boundaries at 0 1 3 6 10. */
#define MIXED	"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7"

TEST(utf8_cut)
{
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10 };
	size_t max;

	for (max = 0; max < ARRAY_SIZE(want); max++) {
		EXPECT_EQ(want[max], kt_utf8_cut(MIXED, 10, max)) {
			TH_LOG("cut to at most %zu", max);
		}
	}
	EXPECT_EQ(0, kt_utf8_cut("", 0, 5));
	/* no character begins here: nothing is kept rather than a part */
	EXPECT_EQ(0, kt_utf8_cut("\x80\x80\x80\x80", 4, 2));
	/* not more than the string has, with no NUL behind it */
	EXPECT_EQ(3, kt_utf8_cut((const char[]){ 'a', 'b', 'c' }, 3, 3));
}

TEST(utf8_copy)
{
	char buf[16];

	memset(buf, 'x', sizeof(buf));
	EXPECT_EQ(0, kt_utf8_copy(buf, 0, "abc"));
	EXPECT_EQ('x', buf[0]);
	EXPECT_EQ(0, kt_utf8_copy(buf, 1, "abc"));
	EXPECT_STREQ("", buf);
	EXPECT_EQ(2, kt_utf8_copy(buf, 3, "abc"));
	EXPECT_STREQ("ab", buf);
	EXPECT_EQ('x', buf[3]);
	EXPECT_EQ(3, kt_utf8_copy(buf, 6, MIXED));
	EXPECT_STREQ("a\xc3\xa9", buf);
	EXPECT_EQ(10, kt_utf8_copy(buf, sizeof(buf), MIXED));
	EXPECT_STREQ(MIXED, buf);
}

static const char *sanitized(const char *s)
{
	static char buf[64];

	snprintf(buf, sizeof(buf), "%s", s);
	kt_text_sanitize(buf, strlen(buf));
	return buf;
}

TEST(sanitize)
{
	char every[0x21], bytes[] = "a\0b", cut[] = "\xc2\x9b";
	int i;

	EXPECT_STREQ("tab\tand\nnewline", sanitized("tab\tand\nnewline"));
	EXPECT_STREQ("?[31mred?[0m", sanitized("\033[31mred\033[0m"));
	EXPECT_STREQ("a?b?c?", sanitized("a\rb\ac\x7f"));
	for (i = 1; i < 0x20; i++)
		every[i - 1] = i;
	every[0x1f] = '\0';
	EXPECT_STREQ("????????\t\n?????????????????????", sanitized(every));

	/* text of any language stays, also what shares its first byte */
	EXPECT_STREQ(MIXED, sanitized(MIXED));
	EXPECT_STREQ("\xc2\xa0\xc2\xbf", sanitized("\xc2\xa0\xc2\xbf"));
	/* CSI, and both ends of its row, as one character of UTF-8 */
	EXPECT_STREQ("??[2J", sanitized("\xc2\x9b[2J"));
	EXPECT_STREQ("????", sanitized("\xc2\x80\xc2\x9f"));
	/* a character cut off does not take the next one along */
	EXPECT_STREQ("\xc2\nx\xc2y", sanitized("\xc2\nx\xc2y"));
	EXPECT_STREQ("\xc2?", sanitized("\xc2\033"));

	kt_text_sanitize(bytes, 3);
	EXPECT_STREQ("a?b", bytes);
	/* never beyond the length */
	kt_text_sanitize(cut, 1);
	EXPECT_STREQ("\xc2\x9b", cut);
	kt_text_sanitize(NULL, 0);
}

FIXTURE(sv)
{
	struct kt_strv sv;
	struct kt_strbuf out;
};

FIXTURE_SETUP(sv)
{
	kt_strv_init(&self->sv);
	kt_strbuf_init(&self->out, 4096);
}

FIXTURE_TEARDOWN(sv)
{
	kt_strv_fini(&self->sv);
	kt_strbuf_fini(&self->out);
}

TEST_F(sv, grows_and_ends_with_null)
{
	char want[16];
	u32 i;

	EXPECT_EQ(NULL, self->sv.v);
	for (i = 0; i < 100; i++) {
		kt_strv_addf(&self->sv, "arg%u", i);
		ASSERT_EQ(i + 1, self->sv.nr);
		ASSERT_EQ(NULL, self->sv.v[i + 1]);
	}
	EXPECT_EQ(0, self->sv.err);
	for (i = 0; i < 100; i++) {
		snprintf(want, sizeof(want), "arg%u", i);
		EXPECT_STREQ(want, self->sv.v[i]);
	}
	kt_strv_fini(&self->sv);
	EXPECT_EQ(0, self->sv.nr);
	EXPECT_EQ(NULL, self->sv.v);
}

TEST_F(sv, owns_its_strings)
{
	char s[] = "mine";

	kt_strv_add(&self->sv, s);
	s[0] = 'X';
	EXPECT_STREQ("mine", self->sv.v[0]);
}

/* A failure stays known and is not covered by what comes after it. */
TEST_F(sv, remembers_a_failure)
{
	kt_strv_add(&self->sv, "a");
	self->sv.err = -ENOMEM;
	kt_strv_add(&self->sv, "b");
	EXPECT_EQ(1, self->sv.nr);
	EXPECT_EQ(-ENOMEM, self->sv.err);
}

TEST_F(sv, quotes_only_what_needs_it)
{
	char *line;

	kt_strv_add(&self->sv, "tests/simple");
	kt_strv_add(&self->sv, "--topology=2n4l4c1t");
	kt_strv_add(&self->sv, "");
	kt_strv_add(&self->sv, "a b");
	kt_strv_add(&self->sv, "it's");
	line = kt_strv_quote(&self->sv);
	EXPECT_STREQ("tests/simple --topology=2n4l4c1t '' 'a b' 'it'\\''s'", line);
	free(line);
}

static int run_shell(const char *line, struct kt_strbuf *out)
{
	const char *const argv[] = { "sh", "-c", line, NULL };
	const struct kt_proc_opts o = KT_PROC_OPTS_INIT;

	return kt_proc_run(argv, &o, 20000, out);
}

/* The shell is the judge. */
TEST_F(sv, quoted_line_comes_apart_again)
{
	static const char *const args[] = {
		"plain", "", " ", "'", "''", "\"", "\\", "$HOME", "`id`", "a;b",
		"*", "~", "#x", "a&b", "line\nline", "{a,b}", "!", "\xc3\xa9",
	};
	struct kt_strbuf want;
	char *line;
	size_t i;

	kt_strv_add(&self->sv, "printf");
	kt_strv_add(&self->sv, "<%s>");
	kt_strbuf_init(&want, 4096);
	for (i = 0; i < ARRAY_SIZE(args); i++) {
		kt_strv_add(&self->sv, args[i]);
		kt_strbuf_addf(&want, "<%s>", args[i]);
	}
	line = kt_strv_quote(&self->sv);
	ASSERT_NE(NULL, line);
	EXPECT_EQ(0, run_shell(line, &self->out));
	EXPECT_STREQ(kt_strbuf_str(&want), kt_strbuf_str(&self->out));
	kt_strbuf_fini(&want);
	free(line);
}

TEST_HARNESS_MAIN
