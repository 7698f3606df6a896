// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which checks a case has made of the monitor's rules, what is said of its
 * findings, and the timeline by Stimulus frames and samples made up.
 */
#include <kselftest_harness.h>

#include "ktstr/host/monitor.h"
#include "ktstr/host/timeline.h"
#include "ktstr/wire/frame.h"

#define MS		KT_NSEC_PER_MSEC
#define CPUS		2
#define START_MS	1000

TEST(defaults_are_told_only)
{
	const struct ktstr_checks none = {};
	struct kt_monitor_bounds b;
	u32 i;

	kt_monitor_bounds(&b, NULL, &none, 100);
	for (i = 0; i < KT_NR_RULES; i++)
		EXPECT_FALSE(b.of[i].fails);
	EXPECT_EQ(400, b.of[KT_RULE_IMBALANCE].most);
	EXPECT_EQ(50, b.of[KT_RULE_LOCAL_DSQ].most);
	EXPECT_EQ(1, b.of[KT_RULE_STALL].most);
	EXPECT_EQ(200, b.of[KT_RULE_FALLBACK].most);
	EXPECT_EQ(100, b.of[KT_RULE_KEEP_LAST].most);
	EXPECT_EQ(5, b.sustained);
	kt_monitor_bounds(&b, NULL, &none, 320);
	EXPECT_EQ(16, b.sustained);
}

TEST(layers)
{
	const struct ktstr_checks sched = {
		.imbalance_pct = 600, .local_dsq_depth = 10,
		.cpu_stall = KTSTR_OFF, .sustained_samples = 3,
	};
	const struct ktstr_checks test = {
		.imbalance_pct = KTSTR_OFF, .local_dsq_depth = 20,
		.keep_last_per_s = 7,
	};
	const struct ktstr_sched s = { .checks = sched };
	struct kt_monitor_bounds b;
	struct ktstr_test t = {};

	kt_monitor_bounds(&b, &sched, &test, 100);
	EXPECT_EQ(0, b.of[KT_RULE_IMBALANCE].most);
	EXPECT_FALSE(b.of[KT_RULE_IMBALANCE].fails);
	EXPECT_EQ(20, b.of[KT_RULE_LOCAL_DSQ].most);
	EXPECT_TRUE(b.of[KT_RULE_LOCAL_DSQ].fails);
	EXPECT_EQ(0, b.of[KT_RULE_STALL].most);
	EXPECT_TRUE(b.of[KT_RULE_KEEP_LAST].fails);
	EXPECT_FALSE(b.of[KT_RULE_FALLBACK].fails);
	EXPECT_EQ(3, b.sustained);
	EXPECT_FALSE(kt_monitor_wanted(&t));
	t.sched = &s;
	EXPECT_TRUE(kt_monitor_wanted(&t));
}

FIXTURE(run)
{
	struct kt_coord *c;
	FILE *out;
	char *text;
	size_t len;
};

FIXTURE_SETUP(run)
{
	const struct ktstr_checks checks = { .imbalance_pct = 400 };
	struct kt_monitor_opts opts = { .sample_ms = 100 };

	self->c = calloc(1, sizeof(*self->c));
	ASSERT_NE(NULL, self->c);
	kt_monitor_bounds(&opts.bounds, NULL, &checks, 100);
	kt_monitor_init(&self->c->monitor, &opts);
	ASSERT_EQ(0, kt_monitor_prepare(&self->c->monitor, CPUS, false));
	self->c->sinks.start_ns = START_MS * MS;
	self->out = open_memstream(&self->text, &self->len);
	ASSERT_NE(NULL, self->out);
}

FIXTURE_TEARDOWN(run)
{
	kt_monitor_fini(&self->c->monitor);
	kt_bucket_fini(&self->c->bucket);
	free(self->c);
	fclose(self->out);
	free(self->text);
}

/* @running of CPU 0 at @at_ms; counters grow by 10 in a millisecond. */
static void sample(struct kt_coord *c, u64 at_ms, u64 running)
{
	struct kt_monitor_sample *s = kt_monitor_next(&c->monitor);
	u32 i;

	memset(s, 0, c->monitor.sample_bytes);
	s->at_ns = at_ms * MS;
	s->running_ns = s->at_ns;
	s->workload_ns = (at_ms - START_MS) * MS;
	s->in_workload = true;
	s->sched.nr_cpus = CPUS;
	for (i = 0; i < CPUS; i++) {
		s->sched.cpus[i].rq[KT_RQ_CLOCK] = s->at_ns + i;
		s->sched.cpus[i].rq[KT_RQ_NR_SWITCHES] = at_ms * 5;
		/* it has just passed what 4 bytes hold */
		s->sched.cpus[i].rq[KT_RQ_TTWU_COUNT] = (u32)(at_ms - 1150);
		s->sched.cpus[i].rq[KT_RQ_RUN_DELAY] = at_ms * MS / 4;
	}
	s->sched.cpus[0].rq[KT_RQ_NR_RUNNING] = running;
	s->sched.cpus[1].rq[KT_RQ_NR_RUNNING] = 1;
	kt_monitor_put(&c->monitor);
}

static void step(struct kt_coord *c, u64 at_ms, u16 index, u64 iterations)
{
	struct kt_stimulus s = {
		.step_index = index, .total_iterations = iterations,
	};
	u8 buf[KT_STIMULUS_BYTES];
	struct kt_frame f = {
		.msg_type = KT_TAG_STIMULUS, .crc_ok = true, .payload = buf,
		.len_bytes = sizeof(buf),
	};

	if (kt_stimulus_encode(&s, buf, sizeof(buf)) != sizeof(buf))
		abort();
	kt_bucket_add(&c->bucket, &f, at_ms * MS);
}

static void two_steps(struct kt_coord *c)
{
	u32 i;

	sample(c, START_MS - 50, 90);
	step(c, START_MS, 0, 5);
	for (i = 0; i < 3; i++)
		sample(c, START_MS + 50 + i * 100, 2);
	step(c, START_MS + 300, 1, 105);
	for (i = 3; i < 8; i++)
		sample(c, START_MS + 50 + i * 100, i == 5 ? 7 : 3);
	step(c, START_MS + 800, 2, 145);
	c->workload_end_ns = (START_MS + 820) * MS;
	c->ended_ns = (START_MS + 1000) * MS;
}

TEST_F(run, timeline)
{
	two_steps(self->c);
	kt_timeline_print(self->out, self->c, 10);
	fflush(self->out);
	EXPECT_STREQ("timeline, since the workload's start:\n"
		     "  step 1, 0..300 ms: 3 samples, runnable (mean/max cpu0 2.00/2, cpu1 1.00/1), imbalance 2.00, a second: 10000 switches, 2000 wakeups, 500 ms waited; 100 iterations\n"
		     "  step 2, 300..800 ms: 5 samples, runnable (mean/max cpu0 3.80/7, cpu1 1.00/1), imbalance 7.00, a second: 10000 switches, 2000 wakeups, 500 ms waited; 40 iterations\n",
		     self->text);
}

TEST_F(run, a_step_that_never_ended)
{
	step(self->c, START_MS + 300, 1, 105);
	sample(self->c, START_MS + 400, 3);
	self->c->ended_ns = (START_MS + 1000) * MS;
	kt_timeline_print(self->out, self->c, 10);
	fflush(self->out);
	EXPECT_STREQ("timeline, since the workload's start:\n"
		     "  step 1, 0..300 ms: 0 samples; 105 iterations\n"
		     "  then, 300..1000 ms: 1 samples, runnable (mean/max cpu0 3.00/3, cpu1 1.00/1), imbalance 3.00\n",
		     self->text);
}

TEST_F(run, bounded)
{
	u32 i;

	for (i = 1; i <= 100; i++)
		step(self->c, START_MS + i, i, i);
	sample(self->c, START_MS + 90, 3);
	self->c->ended_ns = (START_MS + 1000) * MS;
	kt_timeline_print(self->out, self->c, 2);
	fflush(self->out);
	EXPECT_NE(NULL, strstr(self->text, "  62 more phases\n"));
	EXPECT_EQ(NULL, strstr(self->text, "step 3"));
}

TEST_F(run, frames_of_a_liar)
{
	two_steps(self->c);
	/* time and work that go backwards */
	step(self->c, 10, 3, 1);
	step(self->c, START_MS + 900, 4, 0);
	kt_timeline_print(self->out, self->c, 10);
	fflush(self->out);
	EXPECT_EQ(NULL, strstr(self->text, "step 3"));
	EXPECT_NE(NULL, strstr(self->text,
			       "step 4, 800..900 ms: 0 samples; 0 iterations"));
}

TEST_F(run, no_workload)
{
	self->c->sinks.start_ns = 0;
	EXPECT_EQ(NULL, kt_timeline_json(self->c));
	EXPECT_EQ(NULL, kt_timeline_text(self->c));
	kt_timeline_print(self->out, self->c, 10);
	fflush(self->out);
	EXPECT_STREQ("", self->text);
}

TEST_F(run, as_a_tree)
{
	const json_t *phases, *cpu, *o;
	json_t *root;

	two_steps(self->c);
	root = kt_monitor_json(self->c);
	EXPECT_EQ(9, json_integer_value(json_object_get(root, "samples")));
	EXPECT_EQ(9, json_array_size(json_object_get(root, "last")));
	EXPECT_EQ(0, json_array_size(json_object_get(root, "findings")));
	phases = json_object_get(json_object_get(root, "timeline"), "phases");
	ASSERT_EQ(2, json_array_size(phases));
	o = json_array_get(phases, 1);
	EXPECT_EQ(700, json_integer_value(json_object_get(o, "imbalance_pct")));
	EXPECT_EQ(40, json_integer_value(json_object_get(o, "iterations")));
	cpu = json_array_get(json_object_get(o, "nr_running"), 0);
	EXPECT_EQ(7, json_integer_value(json_object_get(cpu, "max")));
	json_decref(root);
}

TEST_F(run, findings)
{
	char why[128];
	u32 i;

	EXPECT_FALSE(kt_monitor_failed(&self->c->monitor, why, sizeof(why)));
	for (i = 0; i < 7; i++)
		sample(self->c, START_MS + i * 100, 9);
	EXPECT_TRUE(kt_monitor_failed(&self->c->monitor, why, sizeof(why)));
	EXPECT_STREQ("the monitor found 1 violation of the case's checks", why);
	kt_monitor_report(self->out, &self->c->monitor, false);
	fflush(self->out);
	EXPECT_STREQ("monitor: imbalance 9.00 over 4.00: cpu0 has 9 runnable tasks, cpu1 1, for 600 ms from +0 ms (7 samples)\n",
		     self->text);
}

TEST_F(run, a_machine_that_the_host_let_wait)
{
	struct kt_noise_point p = { .running_ns = START_MS * MS };
	struct kt_noise *noise = &self->c->monitor.noise;

	sample(self->c, START_MS, 1);
	kt_noise_add(noise, &p);
	p.running_ns += 1000 * MS;
	p.waited_ns = 850 * MS;
	kt_noise_add(noise, &p);
	kt_monitor_report(self->out, &self->c->monitor, false);
	fflush(self->out);
	EXPECT_STREQ("note: the host was busy: the machine waited for a CPU for 850 of 1000 ms, which counts as time in it\n",
		     self->text);
}

TEST_F(run, a_check_without_samples)
{
	kt_monitor_report(self->out, &self->c->monitor, false);
	fflush(self->out);
	EXPECT_STREQ("monitor: no samples, so nothing was judged by them\n",
		     self->text);
}

TEST_HARNESS_MAIN
