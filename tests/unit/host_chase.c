// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is asked of a repeated run, on its way through the environment, and
 * conditions over captures.
 */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/chase.h"
#include "ktstr/host/condition.h"

TEST(times)
{
	static const struct {
		const char *text;
		u64 ns;
	} good[] = {
		{ "3.2s", 3200000000ull }, { "3200ms", 3200000000ull },
		{ "3200000us", 3200000000ull }, { "7", 7000000000ull },
		{ "0", 0 }, { "1.5ms", 1500000 }, { "12ns", 12 },
	};
	static const char *const bad[] = {
		"", "s", ".5s", "1h", "-1s", "1 s", "3.2.1s", "99999999999s",
		"1.0000000001s",
	};
	u64 ns;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ASSERT_EQ(kt_chase_parse_time(good[i].text, &ns), 0);
		EXPECT_EQ(ns, good[i].ns);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(kt_chase_parse_time(bad[i], &ns), -EINVAL);
}

TEST(there_and_back)
{
	struct kt_chase_opts o = {
		.on = true, .at_ns = { 5, 1000000000 }, .nr_at = 2,
		.ends = true, .watch = "nonempty", .gdb = "/tmp/x/gdb.sock",
	}, back;
	char *env = kt_chase_encode(&o), *text;

	ASSERT_NE(env, NULL);
	setenv(KT_CHASE_ENV, env, 1);
	ASSERT_EQ(kt_chase_decode(&back, &text), 0);
	EXPECT_TRUE(back.on);
	EXPECT_TRUE(back.ends);
	EXPECT_EQ(back.nr_at, 2);
	EXPECT_EQ(back.at_ns[1], 1000000000);
	EXPECT_STREQ(back.watch, "nonempty");
	EXPECT_STREQ(back.gdb, "/tmp/x/gdb.sock");
	EXPECT_TRUE(kt_chase_has_gdb());
	free(text);
	free(env);

	unsetenv(KT_CHASE_ENV);
	ASSERT_EQ(kt_chase_decode(&back, &text), 0);
	EXPECT_FALSE(back.on);
	EXPECT_FALSE(kt_chase_has_gdb());
}

TEST(of_no_use)
{
	static const char *const bad[] = {
		"at", "at=x;", "at=5;at=5;", "watch=;", "gdb=;", "other=1;",
	};
	struct kt_chase_opts o;
	char *text;
	size_t i;

	keep_log();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		setenv(KT_CHASE_ENV, bad[i], 1);
		EXPECT_EQ(kt_chase_decode(&o, &text), -EINVAL);
		free(text);
	}
	unsetenv(KT_CHASE_ENV);
}

static int holds(const char *text, const json_t *state)
{
	struct kt_condition c;
	char why[512];

	if (kt_condition_parse(&c, text))
		return -1000;
	return kt_condition_holds(&c, state, why, sizeof(why));
}

TEST(conditions)
{
	json_t *state = json_pack("{s:i,s:{s:s,s:s}}", "n", 5, "exit", "kind",
				  "SCX_EXIT_ERROR (1024)", "msg", "gone");

	keep_log();
	EXPECT_EQ(holds("n == 5", state), 1);
	EXPECT_EQ(holds("n=5", state), 1);
	EXPECT_EQ(holds("n != 5", state), 0);
	EXPECT_EQ(holds("n < 6", state), 1);
	EXPECT_EQ(holds("n <= 4", state), 0);
	EXPECT_EQ(holds("n > 5", state), 0);
	EXPECT_EQ(holds("n >= 5", state), 1);
	EXPECT_EQ(holds("exit.kind >= 1024", state), 1);
	EXPECT_EQ(holds("exit.msg == gone", state), 1);
	EXPECT_EQ(holds("exit.msg != gone", state), 0);
	EXPECT_EQ(holds("exit.msg < gone", state), -EINVAL);
	EXPECT_EQ(holds("nothing == 1", state), -ENOENT);
	EXPECT_EQ(holds("n", state), -1000);
	EXPECT_EQ(holds("n == ", state), -1000);
	EXPECT_EQ(holds("== 5", state), -1000);
	EXPECT_EQ(holds("n === 5", state), -1000);
	EXPECT_EQ(holds("n ! 5", state), -1000);
	json_decref(state);
}

TEST_HARNESS_MAIN
