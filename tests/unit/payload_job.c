// SPDX-License-Identifier: GPL-2.0-only
/*
 * Payloads of the command line: metrics as they are written there, and the
 * declaration's way into the machine.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "tools/ktstr/payload_job.c"

FIXTURE(metric)
{
	struct ktstr_metric m;
	char *text;
};

FIXTURE_SETUP(metric)
{
	keep_log();
	self->text = NULL;
}

FIXTURE_TEARDOWN(metric)
{
	free(self->text);
}

#define parse(arg) ({							\
	free(self->text);						\
	kt_payload_metric_parse(&self->m, &self->text, arg);		\
})

TEST_F(metric, expressions)
{
	ASSERT_EQ(0, parse("time=Time: ([0-9.]+)"));
	EXPECT_STREQ("time", self->m.name);
	EXPECT_STREQ("Time: ([0-9.]+)", self->m.regex);
	EXPECT_EQ(NULL, self->m.json);
	EXPECT_EQ(NULL, self->m.unit);
	EXPECT_FALSE(self->m.lower.set || self->m.upper.set);
	/* commas and signs of its own stay */
	ASSERT_EQ(0, parse("x=a=([0-9]{1,3}), max=,unit=s,min=-1.5,max=2e3"));
	EXPECT_STREQ("a=([0-9]{1,3}), max=", self->m.regex);
	EXPECT_STREQ("s", self->m.unit);
	EXPECT_TRUE(self->m.lower.set && self->m.lower.value == -1.5);
	EXPECT_TRUE(self->m.upper.set && self->m.upper.value == 2000);
}

TEST_F(metric, paths)
{
	ASSERT_EQ(0, parse("iops=json:jobs[0].read.iops,min=1"));
	EXPECT_STREQ("jobs[0].read.iops", self->m.json);
	EXPECT_EQ(NULL, self->m.regex);
	EXPECT_TRUE(self->m.lower.set && self->m.lower.value == 1);
}

TEST_F(metric, bad_ones)
{
	static const char *const bad[] = {
		"", "x", "=", "=(a)", "x=", "x=json:", "x=a", "x=(a)(b)", "x=(",
		"x=(a),min=", "x=(a),max=1x", "x=(a),min=nan", "x=(a),max=inf",
		",min=1", "x=,min=1",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nr_errors = 0;
		EXPECT_EQ(-EINVAL, parse(bad[i])) {
			TH_LOG("\"%s\"", bad[i]);
		}
		EXPECT_EQ(1, nr_errors);
	}
}

TEST(there_and_back)
{
	const struct ktstr_payload p = {
		.name = "x", .binary = "/bin/x", .args = KTSTR_ARGS("-a", "b c"),
		.metrics = KTSTR_METRICS({ .name = "n", .regex = "(1)", .unit = "s",
					   .upper = KTSTR_BOUND(2.5) },
					 { .name = "m", .json = "a[1]",
					   .lower = KTSTR_BOUND(-3) }),
	}, bare = { .name = "y", .binary = "y" };
	struct ktstr_payload q;
	json_t *job = kt_payload_pack(&p);

	ASSERT_TRUE(kt_payload_unpack(&q, job));
	EXPECT_STREQ("x", q.name);
	EXPECT_STREQ("/bin/x", q.binary);
	EXPECT_STREQ("b c", q.args[1]);
	EXPECT_EQ(NULL, q.args[2]);
	EXPECT_STREQ("(1)", q.metrics[0].regex);
	EXPECT_EQ(NULL, q.metrics[0].json);
	EXPECT_STREQ("s", q.metrics[0].unit);
	EXPECT_TRUE(q.metrics[0].upper.set && q.metrics[0].upper.value == 2.5);
	EXPECT_FALSE(q.metrics[0].lower.set);
	EXPECT_STREQ("a[1]", q.metrics[1].json);
	EXPECT_TRUE(q.metrics[1].lower.set && q.metrics[1].lower.value == -3);
	EXPECT_EQ(NULL, q.metrics[2].name);
	json_decref(job);
	/* nothing of the former is left */
	job = kt_payload_pack(&bare);
	ASSERT_TRUE(kt_payload_unpack(&q, job));
	EXPECT_EQ(NULL, q.args[0]);
	EXPECT_EQ(NULL, q.metrics[0].name);
	json_decref(job);
}

TEST(text_that_is_no_job)
{
	struct ktstr_payload q;
	json_t *job = json_pack("{s:s}", "name", "x");

	EXPECT_FALSE(kt_payload_unpack(&q, job));
	json_decref(job);
	job = json_array();
	EXPECT_FALSE(kt_payload_unpack(&q, job));
	json_decref(job);
}

TEST_HARNESS_MAIN
