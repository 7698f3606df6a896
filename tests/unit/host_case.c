// SPDX-License-Identifier: GPL-2.0-only
/*
 * Declarations that are not in order are found before anything is run, and
 * needs that this host cannot meet are a SKIP with its remedy.
 */
#include <kselftest_harness.h>

#include "ktstr/base/log.h"
#include "ktstr/host/run.h"

KTSTR_TEST(good, .desc = "all is well", .duration_ms = 1000, .captures = 7,
	   .kaslr = true)
{
}

KTSTR_TEST(too_close, .desc = "captures less than 100 ms apart",
	   .duration_ms = 1000, .captures = 8)
{
}

KTSTR_TEST(too_many, .desc = "captures", .duration_ms = 100000, .captures = 65)
{
}

KTSTR_TEST(plain, .desc = "needs nothing", .duration_ms = 10)
{
}

KTSTR_TEST(inner, .desc = "runs machines", .duration_ms = 10, .nested = true,
	   .watchdog_ms = 6000)
{
}

KTSTR_TEST(inner_llcs, .desc = "of several LLCs", .duration_ms = 10,
	   .nested = true, .topology = "1n2l1c1t")
{
}

static const struct ktstr_sched bare = { .name = "bare" };
static const struct ktstr_sched real = { .name = "real", .binary = "cat" };

KTSTR_TEST(bare_sched, .desc = "a further scheduler without a program",
	   .duration_ms = 10, .scheds = KTSTR_SCHEDS(&real, &bare))
{
}

KTSTR_TEST(nine_scheds, .desc = "more than fit", .duration_ms = 10,
	   .scheds = KTSTR_SCHEDS(&real, &real, &real, &real, &real, &real,
				  &real, &real, &real))
{
}

KTSTR_TEST(two_scheds, .desc = "as many as it likes", .duration_ms = 10,
	   .scheds = KTSTR_SCHEDS(&real, &real))
{
}

static char said[4096];
static u32 nr_errors;

static void keep_log(enum kt_log_level level, const char *file, int line,
		     const char *text, void *arg)
{
	size_t len = strlen(said);

	(void)file, (void)line, (void)arg;
	nr_errors += level == KT_LOG_ERR;
	snprintf(said + len, sizeof(said) - len, "%s\n", text);
}

TEST(captures_of_a_declaration)
{
	kt_log_set_sink(keep_log, NULL);
	EXPECT_EQ(-EINVAL, kt_cases_check());
	kt_log_set_sink(NULL, NULL);
	EXPECT_EQ(5, nr_errors);
	EXPECT_NE(NULL, strstr(said, "\"bare_sched\": a scheduler of its .scheds has no .binary"));
	EXPECT_NE(NULL, strstr(said, "\"nine_scheds\": .scheds has more than 8"));
	EXPECT_NE(NULL, strstr(said, "\"inner_llcs\": .nested takes a topology of one LLC"));
	EXPECT_NE(NULL, strstr(said, "\"too_close\": 8 captures do not fit 1000 ms: "));
	EXPECT_NE(NULL, strstr(said, "\"too_many\": 65 captures do not fit 100000 ms: "));
}

FIXTURE(under)
{
	struct kt_options o;
	struct kt_session s;
	char why[KT_SKIP_MAX];
};

FIXTURE_SETUP(under)
{
	static const struct kt_engine_ops engine = { .name = "some" };

	memset(self, 0, sizeof(*self));
	self->s.options = &self->o;
	self->s.engine = &engine;
	self->s.caps.max_vcpus = 4;
	self->s.kernel.randomizes = true;
	strcpy(self->s.kernel.bzimage, "/b");
	strcpy(self->s.kernel.vmlinux, "/v");
	self->s.symbols = (void *)&self->s;	/* not looked into */
}

FIXTURE_TEARDOWN(under)
{
}

#define fits(test) kt_case_fits(&test, &self->o, self->why, sizeof(self->why))
#define skips(test) \
	kt_run_skips(&self->s, &test, self->why, sizeof(self->why))
#define because(text) EXPECT_NE(NULL, strstr(self->why, text))

TEST_F(under, duration)
{
	EXPECT_EQ(0, fits(good_test));
	self->o.duration_ms = 999;
	EXPECT_EQ(-EINVAL, fits(good_test));
	because("case good: 7 captures do not fit 999 ms: ");
	EXPECT_EQ(0, fits(plain_test));
	self->o.duration_ms = 60000;
	EXPECT_EQ(0, fits(too_close_test));
}

TEST_F(under, kaslr)
{
	EXPECT_FALSE(skips(good_test));
	self->s.kernel.bzimage[0] = '\0';
	EXPECT_FALSE(skips(plain_test));
	EXPECT_TRUE(skips(good_test));
	because("make bzImage");
	/* asked for, every case needs it */
	self->o.kaslr = true;
	EXPECT_TRUE(skips(plain_test));
	self->s.kernel.randomizes = false;
	EXPECT_TRUE(skips(plain_test));
	because("RANDOMIZE_BASE");
}

TEST_F(under, captures)
{
	self->s.symbols = NULL;
	EXPECT_FALSE(skips(plain_test));
	EXPECT_TRUE(skips(good_test));
	because("symbols of /v");
	self->s.kernel.vmlinux[0] = '\0';
	EXPECT_TRUE(skips(good_test));
	because("vmlinux, which was not found");
}

TEST_F(under, further_schedulers)
{
	static struct kt_case c;
	u32 alone_ms;

	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	alone_ms = c.plan.test_timeout_ms;
	ASSERT_EQ(0, kt_case_init(&c, &two_scheds_test, &self->o,
				  &self->s.caps));
	/* each may take as long to attach as the first one */
	EXPECT_EQ(alone_ms + 2 * c.plan.attach_timeout_ms,
		  c.plan.test_timeout_ms);
	ASSERT_EQ(0, kt_case_resolve(&c, &self->o));
	EXPECT_EQ(2, c.nr_scheds);
	EXPECT_STREQ("cat", c.scheds[1].name);
	EXPECT_NE(NULL, strchr(c.scheds[1].host, '/'));
	EXPECT_EQ(NULL, c.scheds[2].host);
	kt_case_fini(&c);
}

TEST_F(under, vcpus)
{
	self->o.topology = "1n1l5c1t";
	EXPECT_TRUE(skips(plain_test));
	because("needs more vCPUs than engine some has (4)");
	self->o.topology = "1n1l4c1t";
	EXPECT_FALSE(skips(plain_test));
	/* three of anything take two bits */
	self->s.caps.max_vcpus = 9;
	self->s.caps.max_apic_id = 9;
	self->o.topology = "1n3l3c1t";
	EXPECT_TRUE(skips(plain_test));
	because("needs APIC IDs up to 10, engine some has them up to 9");
	self->s.caps.max_apic_id = 10;
	EXPECT_FALSE(skips(plain_test));
	self->s.caps.max_apic_id = 0;
	EXPECT_FALSE(skips(plain_test));
}

TEST_F(under, nested)
{
	EXPECT_TRUE(skips(inner_test));
	because("engine some cannot");
	self->s.caps.nested = true;
	EXPECT_FALSE(skips(inner_test));
}

/* Budgets and thresholds go by the speed that is told, else by the engine. */
TEST_F(under, speed)
{
	static const struct {
		bool hardware;
		u32 told_pct, pct, factor;
	} rows[] = {
		{ true, 0, 100, 1 }, { false, 0, 10, 3 }, { true, 100, 100, 1 },
		{ true, 50, 50, 3 }, { false, 5, 5, 6 }, { true, 2, 2, 15 },
		{ false, 1, 1, 30 },
	};
	struct kt_case c;
	u64 boot_ns = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		self->s.caps.hardware_speed = rows[i].hardware;
		self->o.speed_pct = rows[i].told_pct;
		ASSERT_EQ(0, kt_case_init(&c, &inner_test, &self->o, &self->s.caps));
		if (!i)
			boot_ns = c.boot_budget_ns;
		EXPECT_EQ(rows[i].pct, c.plan.speed_pct);
		EXPECT_EQ(boot_ns * rows[i].factor, c.boot_budget_ns);
		EXPECT_EQ(6000 * KT_NSEC_PER_MSEC * max(rows[i].factor / 3, 1u),
			  c.workload_budget_ns);
	}
}

/* The speed is the mode's own, whatever is measured or told. */
TEST_F(under, deterministic)
{
	struct kt_case c;

	self->o.deterministic = true;
	self->o.seed = 5;
	self->o.speed_pct = 50;
	self->o.topology = "1n1l4c1t";
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_FALSE(c.icount.on);
	kt_case_set_clock(&c);
	EXPECT_NE(0, c.plan.wallclock_ns);
	self->s.caps.deterministic = true;
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_TRUE(c.icount.on);
	EXPECT_EQ(3, c.icount.shift);
	EXPECT_EQ(5, c.icount.seed);
	EXPECT_EQ(5, c.plan.seed);
	EXPECT_EQ(100, c.plan.start_spread_us);	/* of 10 ms */
	ASSERT_EQ(0, kt_case_init(&c, &too_many_test, &self->o, &self->s.caps));
	EXPECT_EQ(20000, c.plan.start_spread_us);
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_EQ(4, c.plan.speed_pct);
	/* three times hardware's, and what 125 million instructions may cost */
	EXPECT_EQ(34000ULL * 3 * 125 / 100 * KT_NSEC_PER_MSEC, c.boot_budget_ns);
	EXPECT_LE(c.plan.test_timeout_ms * KT_NSEC_PER_MSEC, c.workload_budget_ns);
	kt_case_set_clock(&c);
	EXPECT_EQ(0, c.plan.wallclock_ns);
	EXPECT_EQ(NULL, c.real_time);
	self->o.deterministic = false;
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_FALSE(c.icount.on);
	EXPECT_EQ(0, c.plan.start_spread_us);
	EXPECT_EQ(NULL, c.real_time);
}

TEST_F(under, what_the_host_has_a_part_in_is_in_real_time)
{
	struct kt_case c;

	self->o.deterministic = true;
	self->s.caps.deterministic = true;
	/* it stands still for them */
	ASSERT_EQ(0, kt_case_init(&c, &good_test, &self->o, &self->s.caps));
	EXPECT_TRUE(c.icount.on);
	EXPECT_EQ(good_test.captures, c.plan.nr_holds);
	ASSERT_EQ(0, kt_case_init(&c, &inner_test, &self->o, &self->s.caps));
	EXPECT_FALSE(c.icount.on);
	EXPECT_STREQ("its machine runs machines", c.real_time);
	self->o.stats = "/sock";
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_FALSE(c.icount.on);
	EXPECT_STREQ("its statistics are asked for", c.real_time);
}

/* Which image is booted; nothing of it is looked at. */
TEST_F(under, kaslr_of_a_case)
{
	struct kt_case c;

	ASSERT_EQ(0, kt_case_init(&c, &good_test, &self->o, &self->s.caps));
	EXPECT_TRUE(c.kaslr);
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_FALSE(c.kaslr);
	self->o.kaslr = true;
	ASSERT_EQ(0, kt_case_init(&c, &plain_test, &self->o, &self->s.caps));
	EXPECT_TRUE(c.kaslr);
}

TEST_HARNESS_MAIN
