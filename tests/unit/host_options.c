// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program is told: durations, flags against environment, patterns, and
 * the line that says it all again.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/host/options.h"

TEST(durations)
{
	static const struct {
		const char *s;
		u32 ms;
	} good[] = {
		{ "1", 1 }, { "1ms", 1 }, { "1500ms", 1500 }, { "2s", 2000 },
		{ "3m", 180000 }, { "60m", 3600000 }, { "3600s", 3600000 },
		{ "3600000", 3600000 }, { "3600000ms", 3600000 }, { "007s", 7000 },
	};
	static const char *const bad[] = {
		"", "s", "ms", "0", "0s", "-1", "-1s", "+1s", " 1s", "1 s", "1s ",
		"1.5s", "1h", "1S", "1sec", "0x10", "61m", "3601s", "3600001ms",
		"4294967297", "18446744073709551617s", "\t5",
		" -18446744073709551615",
	};
	u32 ms;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ms = 0;
		EXPECT_EQ(0, kt_duration_parse(good[i].s, &ms));
		EXPECT_EQ(good[i].ms, ms);
	}
	ms = 77;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, kt_duration_parse(bad[i], &ms)) {
			TH_LOG("\"%s\"", bad[i]);
		}
	}
	EXPECT_EQ(77, ms);
}

FIXTURE(options)
{
	struct kt_options o;
	struct kt_strv again;
};

FIXTURE_SETUP(options)
{
	keep_log();
	unsetenv("KTSTR_KERNEL");
	unsetenv("KTSTR_ENGINE");
	unsetenv("KTSTR_JOBS");
	unsetenv("KTSTR_RUN_DIR");
	unsetenv("KTSTR_SPEED_PCT");
	unsetenv("KTSTR_PERFORMANCE");
	unsetenv("KTSTR_ONCE");
	unsetenv("KTSTR_DETERMINISTIC");
	unsetenv("KTSTR_SEED");
	unsetenv("KTSTR_COLD");
	unsetenv("KTSTR_VERBOSE_TRACE");
	memset(&self->o, 0, sizeof(self->o));
	kt_strv_init(&self->again);
}

FIXTURE_TEARDOWN(options)
{
	kt_options_fini(&self->o);
	kt_strv_fini(&self->again);
}

/* The patterns stay where parse-options moved them to. */
static const char *argv[32];

#define parse(...) ({							\
	const char *const argv_[] = { "prog", ##__VA_ARGS__, NULL };	\
	kt_options_fini(&self->o);					\
	memcpy(argv, argv_, sizeof(argv_));				\
	kt_options_parse(&self->o, ARRAY_SIZE(argv_) - 1, argv);	\
})

TEST_F(options, defaults)
{
	ASSERT_EQ(0, parse());
	EXPECT_EQ(NULL, self->o.kernel);
	EXPECT_EQ(NULL, self->o.engine);
	EXPECT_EQ(NULL, self->o.run_dir);
	EXPECT_EQ(0, self->o.jobs);
	EXPECT_EQ(0, self->o.duration_ms);
	EXPECT_FALSE(self->o.list || self->o.dry_run || self->o.verbose);
	EXPECT_FALSE(self->o.kaslr || self->o.performance);
	EXPECT_EQ(NULL, self->o.stats);
	EXPECT_TRUE(kt_options_match(&self->o, "anything"));
	kt_options_repeat(&self->o, &self->again);
	EXPECT_EQ(0, self->again.nr);
}

TEST_F(options, flags)
{
	ASSERT_EQ(0, parse("--kernel=/k", "-e", "qemu-tcg", "--scheduler", "/s",
			   "--sched-arg=-v", "--sched-arg", "two words",
			   "-t", "1n2l1c1t", "-d", "2s", "-j", "3",
			   "--append", "a=b c", "-l", "-n", "-v", "--kaslr",
			   "--stats", "/s/ock", "one", "tw*"));
	EXPECT_STREQ("/k", self->o.kernel);
	EXPECT_STREQ("qemu-tcg", self->o.engine);
	EXPECT_STREQ("/s", self->o.scheduler);
	ASSERT_EQ(2, self->o.sched_args.nr);
	EXPECT_STREQ("-v", self->o.sched_args.v[0]);
	EXPECT_STREQ("two words", self->o.sched_args.v[1]);
	EXPECT_STREQ("1n2l1c1t", self->o.topology);
	EXPECT_EQ(2000, self->o.duration_ms);
	EXPECT_EQ(3, self->o.jobs);
	EXPECT_STREQ("a=b c", self->o.append);
	EXPECT_TRUE(self->o.list && self->o.dry_run && self->o.verbose);
	EXPECT_TRUE(self->o.kaslr);
	EXPECT_STREQ("/s/ock", self->o.stats);
	EXPECT_TRUE(kt_options_match(&self->o, "one"));
	EXPECT_TRUE(kt_options_match(&self->o, "twice"));
	EXPECT_FALSE(kt_options_match(&self->o, "once"));
}

TEST_F(options, flag_then_environment)
{
	setenv("KTSTR_KERNEL", "/env", 1);
	setenv("KTSTR_ENGINE", "qemu-kvm", 1);
	setenv("KTSTR_JOBS", "7", 1);
	setenv("KTSTR_RUN_DIR", "/runs", 1);
	ASSERT_EQ(0, parse());
	EXPECT_STREQ("/env", self->o.kernel);
	EXPECT_STREQ("qemu-kvm", self->o.engine);
	EXPECT_EQ(7, self->o.jobs);
	EXPECT_STREQ("/runs", self->o.run_dir);
	ASSERT_EQ(0, parse("-k", "/flag", "--engine=auto", "--jobs=2"));
	EXPECT_STREQ("/flag", self->o.kernel);
	EXPECT_STREQ("auto", self->o.engine);
	EXPECT_EQ(2, self->o.jobs);
	/* the flag is given: a bad environment does not matter */
	setenv("KTSTR_JOBS", "many", 1);
	EXPECT_EQ(0, parse("-j", "2"));
}

TEST_F(options, bad_values_are_named)
{
	static const char *const jobs[] = {
		"0", "257", "-1", "x", "3x", " ", " -18446744073709551615",
	};
	size_t i;

	EXPECT_EQ(-EINVAL, parse("--duration=soon"));
	EXPECT_NE(NULL, strstr(last_log, "\"soon\""));
	EXPECT_EQ(-EINVAL, parse("--duration="));
	EXPECT_EQ(-EINVAL, parse("--jobs=257"));
	EXPECT_NE(NULL, strstr(last_log, "257"));
	EXPECT_EQ(0, parse("--jobs=256"));
	EXPECT_EQ(3, nr_errors);
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		setenv("KTSTR_JOBS", jobs[i], 1);
		EXPECT_EQ(-EINVAL, parse()) {
			TH_LOG("KTSTR_JOBS=\"%s\"", jobs[i]);
		}
		EXPECT_NE(NULL, strstr(last_log, "KTSTR_JOBS"));
	}
	setenv("KTSTR_JOBS", "", 1);
	EXPECT_EQ(0, parse());
	EXPECT_EQ(0, self->o.speed_pct);
	setenv("KTSTR_SPEED_PCT", "3", 1);
	EXPECT_EQ(0, parse());
	EXPECT_EQ(3, self->o.speed_pct);
	setenv("KTSTR_SPEED_PCT", "101", 1);
	EXPECT_EQ(-EINVAL, parse());
	EXPECT_NE(NULL, strstr(last_log, "KTSTR_SPEED_PCT"));
}

TEST_F(options, samples)
{
	ASSERT_EQ(0, parse());
	EXPECT_EQ(100, self->o.sample_ms);
	ASSERT_EQ(0, parse("--sample-ms=0"));
	EXPECT_EQ(0, self->o.sample_ms);
	kt_options_repeat(&self->o, &self->again);
	ASSERT_EQ(1, self->again.nr);
	EXPECT_STREQ("--sample-ms=0", self->again.v[0]);
	EXPECT_EQ(-EINVAL, parse("--sample-ms=60001"));
	EXPECT_NE(NULL, strstr(last_log, "60001"));
}

TEST_F(options, verbose_trace)
{
	EXPECT_EQ(0, parse());
	EXPECT_FALSE(self->o.verbose_trace);
	setenv("KTSTR_VERBOSE_TRACE", "1", 1);
	EXPECT_EQ(0, parse());
	EXPECT_TRUE(self->o.verbose_trace);
	/* the command of its record says so, whatever the environment is then */
	kt_options_repeat(&self->o, &self->again);
	ASSERT_EQ(1, self->again.nr);
	EXPECT_STREQ("--verbose-trace", self->again.v[0]);
	EXPECT_EQ(0, parse("--no-verbose-trace"));
	EXPECT_FALSE(self->o.verbose_trace);
	setenv("KTSTR_VERBOSE_TRACE", "all", 1);
	EXPECT_EQ(-EINVAL, parse());
	EXPECT_NE(NULL, strstr(last_log, "KTSTR_VERBOSE_TRACE"));
}

TEST_F(options, cold)
{
	EXPECT_EQ(0, parse());
	EXPECT_EQ(KT_COLD_BY_DEFAULT, self->o.cold);
	kt_options_repeat(&self->o, &self->again);
	EXPECT_EQ(0, self->again.nr);
	setenv("KTSTR_COLD", "1", 1);
	EXPECT_EQ(0, parse());
	EXPECT_TRUE(self->o.cold);
	/* a flag wins */
	EXPECT_EQ(0, parse("--no-cold"));
	EXPECT_FALSE(self->o.cold);
	setenv("KTSTR_COLD", "0", 1);
	EXPECT_EQ(0, parse());
	EXPECT_FALSE(self->o.cold);
	EXPECT_EQ(0, parse("--cold"));
	EXPECT_TRUE(self->o.cold);
	setenv("KTSTR_COLD", "yes", 1);
	EXPECT_EQ(-EINVAL, parse());
	unsetenv("KTSTR_COLD");
	EXPECT_EQ(0, parse(KT_COLD_BY_DEFAULT ? "--no-cold" : "--cold"));
	kt_options_repeat(&self->o, &self->again);
	ASSERT_EQ(1, self->again.nr);
	EXPECT_STREQ(KT_COLD_BY_DEFAULT ? "--no-cold" : "--cold",
		     self->again.v[0]);
}

TEST_F(options, performance)
{
	EXPECT_EQ(0, parse("--performance"));
	EXPECT_TRUE(self->o.performance);
	setenv("KTSTR_PERFORMANCE", "1", 1);
	EXPECT_EQ(0, parse());
	EXPECT_TRUE(self->o.performance);
	/* a flag wins */
	EXPECT_EQ(0, parse("--no-performance"));
	EXPECT_FALSE(self->o.performance);
	setenv("KTSTR_PERFORMANCE", "0", 1);
	EXPECT_EQ(0, parse());
	EXPECT_FALSE(self->o.performance);
	EXPECT_EQ(0, parse("--performance"));
	EXPECT_TRUE(self->o.performance);
	setenv("KTSTR_PERFORMANCE", "", 1);
	EXPECT_EQ(0, parse());
	EXPECT_FALSE(self->o.performance);
	setenv("KTSTR_PERFORMANCE", "yes", 1);
	EXPECT_EQ(-EINVAL, parse());
	EXPECT_STREQ("KTSTR_PERFORMANCE=\"yes\": give 1 or 0", last_log);
}

TEST_F(options, once)
{
	EXPECT_EQ(0, parse());
	EXPECT_FALSE(self->o.once);
	EXPECT_EQ(0, parse("--once"));
	EXPECT_TRUE(self->o.once);
	setenv("KTSTR_ONCE", "1", 1);
	EXPECT_EQ(0, parse());
	EXPECT_TRUE(self->o.once);
	EXPECT_EQ(0, parse("--no-once"));
	EXPECT_FALSE(self->o.once);
}

TEST_F(options, time)
{
	EXPECT_EQ(0, parse());
	EXPECT_EQ(KT_DETERMINISTIC_DEFAULT, self->o.deterministic);
	EXPECT_FALSE(self->o.deterministic_set);
	EXPECT_EQ(KT_DEFAULT_SEED, self->o.seed);
	EXPECT_EQ(0, parse("--deterministic", "--seed=7"));
	EXPECT_TRUE(self->o.deterministic && self->o.deterministic_set);
	EXPECT_EQ(7, self->o.seed);
	kt_options_repeat(&self->o, &self->again);
	ASSERT_EQ(2, self->again.nr);
	EXPECT_STREQ("--deterministic", self->again.v[0]);
	EXPECT_STREQ("--seed=7", self->again.v[1]);
	EXPECT_EQ(0, parse("--real-time"));
	EXPECT_TRUE(!self->o.deterministic && self->o.deterministic_set);
	EXPECT_EQ(-EINVAL, parse("--real-time", "--deterministic"));
	EXPECT_NE(NULL, strstr(last_log, "give one of them"));
	setenv("KTSTR_DETERMINISTIC", "1", 1);
	setenv("KTSTR_SEED", "9", 1);
	EXPECT_EQ(0, parse());
	EXPECT_TRUE(self->o.deterministic && self->o.deterministic_set);
	EXPECT_EQ(9, self->o.seed);
	/* a flag wins */
	EXPECT_EQ(0, parse("--real-time", "--seed=3"));
	EXPECT_FALSE(self->o.deterministic);
	EXPECT_EQ(3, self->o.seed);
	setenv("KTSTR_DETERMINISTIC", "0", 1);
	EXPECT_EQ(0, parse());
	EXPECT_TRUE(!self->o.deterministic && self->o.deterministic_set);
	setenv("KTSTR_DETERMINISTIC", "often", 1);
	EXPECT_EQ(-EINVAL, parse());
	EXPECT_STREQ("KTSTR_DETERMINISTIC=\"often\": give 1 or 0", last_log);
	unsetenv("KTSTR_DETERMINISTIC");
	unsetenv("KTSTR_SEED");
	EXPECT_EQ(0, parse("--deterministic", "--seeds=5"));
	EXPECT_EQ(5, self->o.seeds);
	EXPECT_EQ(-EINVAL, parse("--seeds=5", "--real-time"));
	EXPECT_NE(NULL, strstr(last_log, "leave --real-time out"));
	EXPECT_EQ(-EINVAL, parse("--deterministic", "--seeds=10001"));
	EXPECT_EQ(-EINVAL, parse("--deterministic", "--seed=4294967295", "--seeds=1"));
	EXPECT_EQ(0, parse("--deterministic", "--seed=4294967294", "--seeds=1"));
	setenv("KTSTR_SEED", "0", 1);
	EXPECT_EQ(-EINVAL, parse());
	EXPECT_NE(NULL, strstr(last_log, "KTSTR_SEED"));
}

TEST_F(options, patterns)
{
	ASSERT_EQ(0, parse("[ab]*", "exact", "?_x"));
	EXPECT_TRUE(kt_options_match(&self->o, "alpha"));
	EXPECT_TRUE(kt_options_match(&self->o, "b"));
	EXPECT_TRUE(kt_options_match(&self->o, "exact"));
	EXPECT_TRUE(kt_options_match(&self->o, "q_x"));
	EXPECT_FALSE(kt_options_match(&self->o, "exactly"));
	EXPECT_FALSE(kt_options_match(&self->o, "qq_x"));
	EXPECT_FALSE(kt_options_match(&self->o, ""));
	/* behind -- a pattern may look like a flag */
	ASSERT_EQ(0, parse("--", "-l"));
	EXPECT_FALSE(self->o.list);
	EXPECT_TRUE(kt_options_match(&self->o, "-l"));
}

TEST_F(options, said_again)
{
	char *line;

	setenv("KTSTR_ENGINE", "qemu-tcg", 1);
	ASSERT_EQ(0, parse("-k", "/a kernel", "--sched-arg=-x", "--sched-arg", "it's",
			   "-t", "1n1l2c1t", "-d", "2s", "-a", "x=y", "-s", "/s", "-j", "4",
			   "--sched-arg=", "--kaslr", "--performance",
			   "--stats=/sock", "case"));
	kt_options_repeat(&self->o, &self->again);
	line = kt_strv_quote(&self->again);
	EXPECT_STREQ("'--kernel=/a kernel' --engine=qemu-tcg --scheduler=/s --sched-arg=-x '--sched-arg=it'\\''s' --sched-arg= --topology=1n1l2c1t --duration=2s --append=x=y --kaslr --performance",
		     line);
	free(line);
}

TEST_F(options, gauntlet)
{
	ASSERT_EQ(0, parse());
	EXPECT_FALSE(self->o.gauntlet);
	ASSERT_EQ(0, parse("--gauntlet", "-k", "/a", "--kernel=/b"));
	EXPECT_TRUE(self->o.gauntlet);
	EXPECT_EQ(0, self->o.presets.nr);
	EXPECT_EQ(0, self->o.profiles.nr);
	ASSERT_EQ(2, self->o.kernels.nr);
	EXPECT_STREQ("/a", self->o.kernel);
	EXPECT_STREQ("/b", self->o.kernels.v[1]);
	ASSERT_EQ(0, parse("--preset=tiny-1llc,odd-3llc", "--preset", "max-cpu"));
	EXPECT_TRUE(self->o.gauntlet);
	ASSERT_EQ(3, self->o.presets.nr);
	EXPECT_STREQ("odd-3llc", self->o.presets.v[1]);
	EXPECT_STREQ("max-cpu", self->o.presets.v[2]);
	ASSERT_EQ(0, parse("--profile=default,a+b"));
	EXPECT_TRUE(self->o.gauntlet);
	ASSERT_EQ(2, self->o.profiles.nr);
	EXPECT_STREQ("a+b", self->o.profiles.v[1]);
	/* all is what there is without */
	ASSERT_EQ(0, parse("--preset=tiny-1llc,all", "--profile=all"));
	EXPECT_TRUE(self->o.gauntlet);
	EXPECT_EQ(0, self->o.presets.nr);
	EXPECT_EQ(0, self->o.profiles.nr);
	kt_options_repeat(&self->o, &self->again);
	ASSERT_EQ(1, self->again.nr);
	EXPECT_STREQ("--gauntlet", self->again.v[0]);
}

TEST_F(options, part_of_the_workers)
{
	ASSERT_EQ(0, parse("--workers=50"));
	EXPECT_EQ(50, self->o.workers_pct);
	kt_options_repeat(&self->o, &self->again);
	ASSERT_EQ(1, self->again.nr);
	EXPECT_STREQ("--workers=50", self->again.v[0]);
	EXPECT_EQ(-EINVAL, parse("--workers=101"));
	EXPECT_NE(NULL, strstr(last_log, "--workers 101: per cent"));
}

TEST_F(options, gauntlet_against_others)
{
	EXPECT_EQ(-EINVAL, parse("--preset=tiny-3llc"));
	EXPECT_NE(NULL, strstr(last_log, "\"tiny-3llc\": give one of tiny-1llc, tiny-2llc, "));
	EXPECT_EQ(-EINVAL, parse("--preset=tiny-1llc,"));
	EXPECT_EQ(-EINVAL, parse("--preset="));
	EXPECT_EQ(-EINVAL, parse("--gauntlet", "--topology=1n1l1c1t"));
	EXPECT_NE(NULL, strstr(last_log, "--preset"));
	EXPECT_EQ(-EINVAL, parse("-k", "/a", "-k", "/b"));
	EXPECT_NE(NULL, strstr(last_log, "--kernel is given 2 times"));
}

TEST_F(options, cells)
{
	ASSERT_EQ(0, parse("steady*/tiny-1llc", "pairs", "*/*/fifo"));
	EXPECT_TRUE(kt_options_match_cell(&self->o, "steady/tiny-1llc/default"));
	EXPECT_TRUE(kt_options_match_cell(&self->o, "steady_llc/tiny-1llc/a/b"));
	EXPECT_FALSE(kt_options_match_cell(&self->o, "steady/tiny-1llcs/default"));
	EXPECT_TRUE(kt_options_match_cell(&self->o, "pairs/max-cpu/default/k"));
	EXPECT_FALSE(kt_options_match_cell(&self->o, "pair/max-cpu/default"));
	EXPECT_TRUE(kt_options_match_cell(&self->o, "any/max-cpu/fifo/k"));
	EXPECT_FALSE(kt_options_match_cell(&self->o, "any/max-cpu/default/fifo"));
	EXPECT_TRUE(kt_options_match_case(&self->o, "any"));
	ASSERT_EQ(0, parse("steady*/tiny-1llc", "pairs"));
	EXPECT_TRUE(kt_options_match_case(&self->o, "steady_llc"));
	EXPECT_TRUE(kt_options_match_case(&self->o, "pairs"));
	EXPECT_FALSE(kt_options_match_case(&self->o, "any"));
	ASSERT_EQ(0, parse());
	EXPECT_TRUE(kt_options_match_case(&self->o, "any"));
	EXPECT_TRUE(kt_options_match_cell(&self->o, "any/a/b"));
}

TEST_HARNESS_MAIN
