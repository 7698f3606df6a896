// SPDX-License-Identifier: GPL-2.0-only
/*
 * The outcome of a run for every way it can end, and the lines that explain
 * it. Above all: nothing passes without a result of this very test and an Exit
 * behind it.
 */
#include <kselftest_harness.h>

#include "ktstr/base/log.h"
#include "ktstr/host/report.h"
#include "ktstr/wire/result.h"

#define MS	KT_NSEC_PER_MSEC

static const struct ktstr_test test = { .name = "my_case", .desc = "d" };

FIXTURE(report)
{
	struct kt_coord c;
	struct kt_case cs;
	char why[512];
	char *text;
};

FIXTURE_SETUP(report)
{
	memset(self, 0, sizeof(*self));
	self->cs.test = &test;
	strcpy(self->cs.sched, "/some/scheduler");
}

FIXTURE_TEARDOWN(report)
{
	kt_coord_fini(&self->c);
	free(self->text);
}

static void add(struct kt_coord *c, u32 tag, bool crc_ok, const void *payload,
		size_t len)
{
	const struct kt_frame f = {
		.msg_type = tag, .len_bytes = len, .payload = payload,
		.crc_ok = crc_ok,
	};

	kt_bucket_add(&c->bucket, &f, 5 * MS);
}

static void add_result(struct kt_coord *c, enum kt_outcome outcome,
		       const char *name, bool crc_ok)
{
	static struct kt_result r;
	static u8 buf[KT_RESULT_MAX_BYTES];
	int len;

	memset(&r, 0, sizeof(r));
	r.outcome = outcome;
	strcpy(r.test, name);
	r.nr_details = 2;
	r.details[0].kind = KT_DETAIL_STARVED;
	strcpy(r.details[0].text, "a worker starved");
	r.details[1].kind = KT_DETAIL_INFO;
	strcpy(r.details[1].text, "by the way");
	r.details_dropped = 3;
	r.nr_cgroups = 1;
	strcpy(r.cgroups[0].name, "left");
	r.cgroups[0].workers = 2;
	r.cgroups[0].min_share_pct = 10;
	r.cgroups[0].max_share_pct = 90;
	len = kt_result_encode(&r, buf, sizeof(buf));
	add(c, KT_TAG_TEST_RESULT, crc_ok, buf, max(len, 0));
}

/* A run that went as it should, up to its result. */
static void exited(struct kt_coord *c)
{
	c->end = KT_RUN_EXITED;
	c->watchdog.stage = KT_STAGE_EXITED;
}

#define judge() kt_report_outcome(&self->c, &self->cs, self->why, sizeof(self->why))

TEST_F(report, the_guest_decides)
{
	enum kt_outcome o;

	for (o = 0; o < KT_NR_OUTCOMES; o++) {
		exited(&self->c);
		add_result(&self->c, o, "my_case", true);
		EXPECT_EQ(o, judge());
		EXPECT_STREQ("", self->why);
		kt_bucket_fini(&self->c.bucket);
	}
}

TEST_F(report, exit_without_a_result)
{
	exited(&self->c);
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_NE(NULL, strstr(self->why, "no valid result"));
}

/* Every way to end, at every stage but the last: never a pass. */
TEST_F(report, pass_without_exit_is_no_pass)
{
	static const enum kt_outcome good[] = { KT_PASS, KT_SKIP, KT_XFAIL };
	enum kt_run_end end;
	enum kt_stage stage;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		add_result(&self->c, good[i], "my_case", true);
		for (end = KT_RUN_EXITED; end <= KT_RUN_FAILED; end++)
			for (stage = 0; stage < KT_STAGE_EXITED; stage++) {
				self->c.end = end;
				self->c.watchdog.stage = stage;
				EXPECT_EQ(end == KT_RUN_WATCHDOG ? KT_TIMEOUT :
					  KT_ERROR, judge());
				EXPECT_STRNE("", self->why);
				/* there is one */
				EXPECT_EQ(NULL, strstr(self->why, "valid result"));
			}
	}
}

/* A failure is one even if the machine died behind it. */
TEST_F(report, failure_stands)
{
	self->c.end = KT_RUN_WATCHDOG;
	self->c.watchdog.stage = KT_STAGE_RESULT;
	add_result(&self->c, KT_FAIL, "my_case", true);
	EXPECT_EQ(KT_FAIL, judge());
	EXPECT_STREQ("", self->why);
}

TEST_F(report, result_of_another_test)
{
	static const char *const names[] = { "my_cas", "my_case2", "MY_CASE", "" };
	size_t i;

	exited(&self->c);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		add_result(&self->c, KT_PASS, names[i], true);
		EXPECT_EQ(KT_ERROR, judge());
	}
}

TEST_F(report, result_that_is_none)
{
	exited(&self->c);
	add_result(&self->c, KT_PASS, "my_case", false);
	EXPECT_EQ(KT_ERROR, judge());
	add(&self->c, KT_TAG_TEST_RESULT, true, "", 0);
	EXPECT_EQ(KT_ERROR, judge());
	add(&self->c, KT_TAG_TEST_RESULT, true, "\1\0\0\0\0garbage", 12);
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_NE(NULL, strstr(self->why, "no valid result"));
}

/* The last good one counts, and a torn one behind it takes nothing back. */
TEST_F(report, several_results)
{
	exited(&self->c);
	add_result(&self->c, KT_PASS, "my_case", true);
	add_result(&self->c, KT_FAIL, "my_case", true);
	add_result(&self->c, KT_PASS, "my_case", false);
	EXPECT_EQ(KT_FAIL, judge());
}

TEST_F(report, why_there_is_no_result)
{
	static const struct {
		enum kt_run_end end;
		enum kt_machine_end machine_end;
		enum kt_stage stage;
		enum kt_console_event console;
		enum kt_outcome outcome;
		const char *before, *behind;
	} cases[] = {
		{ KT_RUN_CANCELLED, 0, KT_STAGE_BOOT, 0, KT_ERROR,
		  "interrupted (", ")" },
		{ KT_RUN_FAILED, 0, KT_STAGE_INIT, KT_CONSOLE_PANIC, KT_ERROR,
		  "the harness failed (", ")" },
		{ KT_RUN_WATCHDOG, 0, KT_STAGE_WORKLOAD, 0, KT_TIMEOUT,
		  "watchdog after 1234 ms: ", "" },
		{ KT_RUN_WATCHDOG, 0, KT_STAGE_WORKLOAD, KT_CONSOLE_STALL, KT_TIMEOUT,
		  "the guest kernel reported a stall (", "): last words" },
		{ KT_RUN_MACHINE_ENDED, KT_END_RESET, KT_STAGE_BOOT, KT_CONSOLE_PANIC,
		  KT_ERROR, "the guest kernel panicked (", "): last words" },
		{ KT_RUN_MACHINE_ENDED, KT_END_RESET, KT_STAGE_ATTACH, 0, KT_ERROR,
		  "the guest reset without a valid result (", ")" },
		{ KT_RUN_MACHINE_ENDED, KT_END_POWER_OFF, KT_STAGE_ATTACH, 0, KT_ERROR,
		  "the guest powered off without a valid result (", ")" },
		{ KT_RUN_MACHINE_ENDED, KT_END_KILLED, KT_STAGE_ATTACH, 0, KT_ERROR,
		  "the machine ended (", "): signal 9" },
		{ KT_RUN_MACHINE_ENDED, KT_END_ENGINE_FAILED, KT_STAGE_BOOT, 0, KT_ERROR,
		  "the machine ended (", "): signal 9" },
		{ KT_RUN_EXITED, KT_END_RUNNING, KT_STAGE_EXITED, KT_CONSOLE_STALL,
		  KT_ERROR, "the guest sent no valid result (", ")" },
	};
	struct kt_coord *c = &self->c;
	char want[512];
	size_t i;

	strcpy(c->console.text, "last words");
	strcpy(c->machine_text, "signal 9");
	c->ended_ns = 1234 * MS;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		c->end = cases[i].end;
		c->machine_end = cases[i].machine_end;
		c->watchdog.stage = cases[i].stage;
		c->console.worst = cases[i].console;
		EXPECT_EQ(cases[i].outcome, judge());
		snprintf(want, sizeof(want), "%s%s%s", cases[i].before,
			 kt_stage_str(cases[i].stage), cases[i].behind);
		EXPECT_STREQ(want, self->why);
	}
}

/* With a result it is its end that is missing, and it is never called none. */
TEST_F(report, result_without_an_end)
{
	self->c.end = KT_RUN_MACHINE_ENDED;
	self->c.machine_end = KT_END_POWER_OFF;
	self->c.watchdog.stage = KT_STAGE_RESULT;
	add_result(&self->c, KT_PASS, "my_case", true);
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_STREQ("the guest powered off before its Exit (result but no exit)",
		     self->why);
	self->c.machine_end = KT_END_RESET;
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_STREQ("the guest reset before its Exit (result but no exit)",
		     self->why);
}

/* One that cannot be read, or of another test, is no result. */
TEST_F(report, useless_result_without_an_end)
{
	self->c.end = KT_RUN_MACHINE_ENDED;
	self->c.machine_end = KT_END_POWER_OFF;
	self->c.watchdog.stage = KT_STAGE_RESULT;
	add_result(&self->c, KT_PASS, "your_case", true);
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_STREQ("the guest powered off without a valid result (its result is of no use)",
		     self->why);
}

TEST_F(report, stage_without_a_scheduler)
{
	self->cs.sched[0] = '\0';
	self->c.end = KT_RUN_CANCELLED;
	self->c.watchdog.stage = KT_STAGE_ATTACH;
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_STREQ("interrupted (no workload started)", self->why);
}

TEST_F(report, reason_is_bounded)
{
	char small[20];

	self->c.end = KT_RUN_MACHINE_ENDED;
	self->c.machine_end = KT_END_KILLED;
	memset(self->c.machine_text, 'x', sizeof(self->c.machine_text) - 1);
	EXPECT_EQ(KT_ERROR, kt_report_outcome(&self->c, &self->cs, small, sizeof(small)));
	EXPECT_EQ(sizeof(small) - 1, strlen(small));
	EXPECT_EQ(KT_ERROR, judge());
	EXPECT_GT(256, strlen(self->why));
}

static char *print(const struct kt_coord *c, const struct kt_case *cs,
		   enum kt_outcome outcome, const char *why)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	kt_report_print(f, c, cs, outcome, why, NULL);
	fclose(f);
	return text;
}

#define says(s) EXPECT_NE(NULL, strstr(self->text, s))
#define is_silent_on(s) EXPECT_EQ(NULL, strstr(self->text, s))

static void fill(struct kt_coord *c)
{
	u8 buf[64];
	int len;

	exited(c);
	add(c, KT_TAG_SCHED_EXIT, true, "\7\0\0\0", 4);
	len = kt_lifecycle_encode(KT_LIFE_SCHED_DIED, "of \033[1mold age", buf,
				  sizeof(buf));
	add(c, KT_TAG_LIFECYCLE, true, buf, len);
	add(c, KT_TAG_STDOUT, true, "out 1\nout 2\n", 12);
	add(c, KT_TAG_DMESG, true, "log\n", 4);
	c->residue_bytes = 17;
	c->assembler.bad_crc = 2;
	c->bucket.dropped_frames = 4;
	c->ready_ns = 100 * MS;
	c->ended_ns = 200 * MS;
	kt_console_feed(&c->console, "BUG: x\r\n", 8);
}

TEST_F(report, lines_of_a_failure)
{
	fill(&self->c);
	add_result(&self->c, KT_FAIL, "my_case", true);
	self->text = print(&self->c, &self->cs, KT_FAIL, "the reason");
	EXPECT_EQ(0, strncmp(self->text, "the reason\na worker starved\n", 28));
	says("\nnote: by the way\n3 more details\ncgroup left: 2 workers, ");
	says("CPU share 10..90%");
	says("\nSchedExit code=7 at 5 ms\n");
	says("\nLifecycle scheduler died: of ?[1mold age\n");
	says("\n4 frames dropped");
	says("\n17 bytes of a frame that never ended\n2 frames with a bad CRC\n");
	says("\nconsole: BUG: x\n");
	says("\ntest's standard output:\n  out 1\n  out 2\n");
	says("\nkernel log:\n  log\n");
	says("\nconsole:\n  BUG: x\n");
	is_silent_on("scheduler's output");
	says("\nready after 100 ms, ended after 200 ms, host memory ");
	says(" MiB\n");
	is_silent_on("captures");
	is_silent_on("leaves out");
	is_silent_on("answers");
}

TEST_F(report, memory_of_a_guest)
{
	self->cs.memory.own_bytes = (30 << 20) + 5;
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	says(" MiB, the guest's own 30 MiB\n");
	is_silent_on("template");
}

TEST_F(report, memory_of_a_guest_from_a_template)
{
	self->cs.memory.own_bytes = 21 << 20;
	self->cs.memory.shared_bytes = 40 << 20;
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	says(" MiB, the guest's own 21 MiB and 40 MiB of the template's\n");
}

/* The evidence is for failures. */
TEST_F(report, lines_of_a_pass)
{
	fill(&self->c);
	add_result(&self->c, KT_PASS, "my_case", true);
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	EXPECT_EQ(0, strncmp(self->text, "a worker starved\n", 17));
	says("SchedExit code=7");
	is_silent_on("out 1");
	is_silent_on("BUG");
	says("\nready after 100 ms");
}

TEST_F(report, lines_of_nothing)
{
	self->text = print(&self->c, &self->cs, KT_ERROR, "why");
	EXPECT_EQ(self->text,
		  strstr(self->text,
			 "why\nready after 0 ms, ended after 0 ms, host memory "));
}

/* What the host left out or dropped is told with a pass, too. */
TEST_F(report, what_is_left_out)
{
	exited(&self->c);
	add_result(&self->c, KT_PASS, "my_case", true);
	self->c.unrecorded_bytes = 12345678901ULL;
	self->c.outbox.refused = 3;
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	says("\nthe record leaves out 12345678901 bytes\nready after");
	says("\n3 answers dropped: the guest did not take them\n");
}

TEST_F(report, virtio_console)
{
	kt_tail_add(&self->c.hvc, "hello\r\n", 7);
	self->text = print(&self->c, &self->cs, KT_FAIL, "");
	says("virtio console:\n  hello\n");
}

static struct kt_capture *capture(struct kt_coord *c, const char *tag,
				  const char *error)
{
	struct kt_capture *e = kt_captures_add(&c->captures);

	strcpy(e->tag, tag);
	strcpy(e->error, error);
	return e;
}

TEST_F(report, captures)
{
	char tag[32];
	int i;

	self->c.periodic.nr = 8;
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	says("captures: 0 taken, 0 of 8 periodic\n");
	free(self->text);

	self->c.periodic.fired = 2;
	self->c.periodic.ended = true;
	capture(&self->c, "periodic_000", "");
	capture(&self->c, "periodic_\n01", "no freeze\nwithin 2 s");
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	says("captures: 2 taken, 2 of 8 periodic; periodic ones ended: two in a row");
	says("\ncapture periodic_?01: no freeze?within 2 s\n");
	is_silent_on("capture periodic_000");
	is_silent_on("more captures");
	free(self->text);

	memset(&self->c.periodic, 0, sizeof(self->c.periodic));
	for (i = 0; i < KT_MAX_CAPTURES + 1; i++) {
		snprintf(tag, sizeof(tag), "tag%d", i);
		capture(&self->c, tag, i < 20 ? "why" : "");
	}
	self->text = print(&self->c, &self->cs, KT_PASS, "");
	/* tag0 is no longer kept */
	says("captures: 67 taken, the last 64 kept\ncapture tag1: why\n");
	says("\ncapture tag8: why\n11 more captures show nothing\n");
	is_silent_on("tag9:");
}

/* Of much text its end; what a guest writes breaks no line and no terminal. */
TEST_F(report, much_text)
{
	char block[1024];
	int i;

	memset(block, 'x', sizeof(block));
	for (i = 0; i < 100; i++)
		add(&self->c, KT_TAG_SCHED_LOG, true, block, sizeof(block));
	add(&self->c, KT_TAG_SCHED_LOG, true, "\nend\033]0;\a\0\n", 12);
	self->text = print(&self->c, &self->cs, KT_ERROR, "");
	says("scheduler's output (its end; 98316 bytes before it are not kept):\n  xxx");
	says("\n  end?]0;??\n");
	EXPECT_GT(5000, strlen(self->text));
}

TEST_HARNESS_MAIN
