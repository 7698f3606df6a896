// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes of variables from the declaration to the report: what cannot be is
 * found before anything runs, and what was not made never passes.
 */
#include <kselftest_harness.h>

#include "ktstr/base/log.h"
#include "ktstr/host/report.h"
#include "ktstr/host/run.h"
#include "ktstr/wire/result.h"

#define MS	KT_NSEC_PER_MSEC
#define FOUR	{ .var = "a" }, { .var = "a" }, { .var = "a" }, { .var = "a" }

KTSTR_SCHED(some, .binary = "scx_simple");

KTSTR_TEST(good, .desc = "in the last millisecond", .duration_ms = 1000,
	   .sched = &some,
	   .writes = KTSTR_WRITES({ .var = "a", .value = -1 },
				  { .var = "b", .map = ".bss", .at_ms = 999 }))
{
}

KTSTR_TEST(late, .desc = "when all is over", .duration_ms = 1000,
	   .sched = &some,
	   .writes = KTSTR_WRITES({ .var = "a", .at_ms = 1000 }))
{
}

KTSTR_TEST(unnamed, .desc = "no name", .duration_ms = 1000, .sched = &some,
	   .writes = KTSTR_WRITES({ .var = "" }))
{
}

KTSTR_TEST(nowhere, .desc = "no scheduler", .duration_ms = 1000,
	   .writes = KTSTR_WRITES({ .var = "a" }))
{
}

KTSTR_TEST(sixteen, .desc = "as many as there may be", .duration_ms = 1000,
	   .sched = &some, .writes = KTSTR_WRITES(FOUR, FOUR, FOUR, FOUR))
{
}

KTSTR_TEST(seventeen, .desc = "one too many", .duration_ms = 1000,
	   .sched = &some,
	   .writes = KTSTR_WRITES(FOUR, FOUR, FOUR, FOUR, { .var = "a" }))
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

TEST(declarations)
{
	kt_log_set_sink(keep_log, NULL);
	EXPECT_EQ(-EINVAL, kt_cases_check());
	kt_log_set_sink(NULL, NULL);
	EXPECT_EQ(4, nr_errors);
	EXPECT_NE(NULL, strstr(said, "\"late\": .writes: \"a\" at 1000 ms, when "));
	EXPECT_NE(NULL, strstr(said, "the workload of 1000 ms is over"));
	EXPECT_NE(NULL, strstr(said, "\"unnamed\": .writes: a variable has no name"));
	EXPECT_NE(NULL, strstr(said, "\"nowhere\": .writes needs a scheduler"));
	EXPECT_NE(NULL, strstr(said, "\"seventeen\": .writes: 17, at most 16"));
}

/* Another duration than that of the declaration. */
TEST(durations)
{
	struct kt_options o = { .duration_ms = 500 };
	char why[256];

	EXPECT_EQ(-EINVAL, kt_case_fits(&good_test, &o, why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "case good: .writes: \"b\" at 999 ms"));
	o.duration_ms = 2000;
	EXPECT_EQ(0, kt_case_fits(&late_test, &o, why, sizeof(why)));
}

TEST(a_kernel_that_cannot_be_looked_into)
{
	static const struct kt_engine_ops engine = { .name = "some" };
	struct kt_options o = {};
	struct kt_session s = {
		.options = &o, .engine = &engine, .caps.max_vcpus = 4,
	};
	char why[KT_SKIP_MAX];

	EXPECT_TRUE(kt_run_skips(&s, &good_test, why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "vmlinux"));
}

TEST(handed_on)
{
	struct kt_write list[KT_MAX_WRITES];

	ASSERT_EQ(2, kt_writes_fill(list, &good_test));
	EXPECT_STREQ("a", list[0].var);
	EXPECT_EQ(NULL, list[0].map);
	EXPECT_EQ(-1, list[0].value);
	EXPECT_EQ(0, list[0].at_ns);
	EXPECT_STREQ(".bss", list[1].map);
	EXPECT_EQ(999 * MS, list[1].at_ns);
	EXPECT_EQ(KT_MAX_WRITES, kt_writes_fill(list, &seventeen_test));
}

/* A run that ended with @outcome, as far as its guest knows. */
static void end_run(struct kt_coord *c, enum kt_outcome outcome)
{
	static struct kt_result r;
	static u8 buf[KT_RESULT_MAX_BYTES];
	struct kt_frame f = {
		.msg_type = KT_TAG_TEST_RESULT, .payload = buf, .crc_ok = true,
	};

	memset(&r, 0, sizeof(r));
	r.outcome = outcome;
	strcpy(r.test, "good");
	f.len_bytes = kt_result_encode(&r, buf, sizeof(buf));
	kt_bucket_add(&c->bucket, &f, 5 * MS);
	c->end = KT_RUN_EXITED;
	c->watchdog.stage = KT_STAGE_EXITED;
}

TEST(outcomes)
{
	static const struct kt_write list[] = { { .var = "a" }, { .var = "b" } };
	static struct kt_case cs = { .test = &good_test };
	struct kt_coord c = {};
	enum kt_outcome o;
	char why[256];

	for (o = 0; o < KT_NR_OUTCOMES; o++) {
		kt_writes_init(&c.writes, list, 2);
		c.writes.results[0].made = true;
		end_run(&c, o);
		EXPECT_EQ(o == KT_PASS ? KT_ERROR : o,
			  kt_report_outcome(&c, &cs, why, sizeof(why)));
		EXPECT_STREQ(o != KT_PASS ? "" :
			     "variable \"b\" was not written: the workload ended before it was due",
			     why);
		c.writes.results[1].made = true;
		EXPECT_EQ(o, kt_report_outcome(&c, &cs, why, sizeof(why)));
		kt_coord_fini(&c);
	}
}

TEST(report)
{
	static const struct kt_write list[] = {
		{ .var = "a", .value = 7 }, { .var = "b", .value = -1 },
	};
	struct kt_writes w;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	kt_writes_init(&w, list, 2);
	w.results[0] = (struct kt_write_result){
		.made = true, .before = -3, .at_ns = 12 * MS, .map = "s.bss",
	};
	strcpy(w.results[1].why, "no variable \"b\"");
	kt_writes_report(f, &w);
	fclose(f);
	EXPECT_STREQ("wrote a = 7 (was -3) in s.bss at 12 ms\ndid not write b = -1: no variable \"b\"\n",
		     text);
	free(text);
}

TEST_HARNESS_MAIN
