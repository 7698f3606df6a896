// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's log says of a scheduler, and what follows from it for a
 * case that expects it to pass, to be thrown out, or not to attach.
 */
#include <kselftest_harness.h>

#include "ktstr/guest/expect.h"

#define ENABLED		"sched_ext: BPF scheduler \"ktstr\" enabled"
#define STALLED		"sched_ext: BPF scheduler \"ktstr\" disabled (runnable task stall)"
#define STALL_MSG	"sched_ext: ktstr: kt:spin[44] failed to run for 2.5s"
#define STALL_TEXT	STALLED ": kt:spin[44] failed to run for 2.5s"
#define UNREGISTERED	"sched_ext: BPF scheduler \"ktstr\" disabled (unregistered from user space)"

FIXTURE(expect)
{
	struct kt_verdict v;
	struct kt_kmsg kmsg;
	struct kt_sched_facts f;
};

FIXTURE_SETUP(expect)
{
	memset(self, 0, sizeof(*self));
	kt_verdict_init(&self->v, "expect");
	self->f = (struct kt_sched_facts){
		.wanted = true, .attached = true, .attach_error = "no error",
		.how_ended = "exit 0", .last_line = "", .output = "",
		.kmsg = &self->kmsg,
	};
	kt_kmsg_line(&self->kmsg, ENABLED);
}

FIXTURE_TEARDOWN(expect)
{
}

static enum kt_outcome judge(struct kt_verdict *v, struct kt_sched_facts *f,
			     enum ktstr_expect_kind kind, const char *text)
{
	struct ktstr_expect e = { kind, text };

	if (kind == KTSTR_EXPECT_PASS)
		kt_verdict_judged(v);
	kt_expect_judge(v, &e, f);
	return kt_verdict_finish(v);
}

#define JUDGE(kind, text)	judge(&self->v, &self->f, kind, text)
#define TEXT(i)			(self->v.result.details[i].text)

TEST_F(expect, passes)
{
	kt_kmsg_line(&self->kmsg, UNREGISTERED);
	EXPECT_TRUE(self->kmsg.disabled);
	EXPECT_FALSE(self->kmsg.thrown_out);
	EXPECT_EQ(KT_PASS, JUDGE(KTSTR_EXPECT_PASS, NULL));
}

TEST_F(expect, thrown_out_fails_with_the_kernels_words)
{
	kt_kmsg_line(&self->kmsg, STALLED);
	kt_kmsg_line(&self->kmsg, STALL_MSG);
	self->f.ended_early = true;
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_PASS, NULL));
	ASSERT_EQ(1, self->v.result.nr_details);
	EXPECT_EQ(KT_DETAIL_SCHED, self->v.result.details[0].kind);
	EXPECT_STREQ(STALL_TEXT, TEXT(0));
}

TEST_F(expect, died_by_itself)
{
	kt_kmsg_line(&self->kmsg, UNREGISTERED);
	self->f.ended_early = true;
	self->f.how_ended = "signal 9 (SIGKILL)";
	self->f.last_line = "bye";
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_PASS, NULL));
	EXPECT_STREQ("the scheduler ended while the test ran: signal 9 (SIGKILL); it said last: bye",
		     TEXT(0));
}

TEST_F(expect, state_lost)
{
	self->f.state_lost = true;
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_PASS, NULL));
}

TEST_F(expect, did_not_attach)
{
	self->f.attached = false;
	self->f.attach_error = "it ended before it was enabled: exit 3";
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_PASS, NULL));
	EXPECT_STREQ("the scheduler did not attach: it ended before it was enabled: exit 3",
		     TEXT(0));
}

TEST_F(expect, no_scheduler_nothing_to_judge)
{
	self->f.wanted = false;
	self->f.attached = false;
	EXPECT_EQ(KT_PASS, JUDGE(KTSTR_EXPECT_PASS, NULL));
}

TEST_F(expect, error_as_declared_excuses_workers)
{
	kt_verdict_detail(&self->v, KT_DETAIL_GAP, "stuck");
	kt_kmsg_line(&self->kmsg, STALLED);
	kt_kmsg_line(&self->kmsg, STALL_MSG);
	EXPECT_EQ(KT_PASS, JUDGE(KTSTR_EXPECT_SCHED_ERROR, "failed to run"));
}

TEST_F(expect, error_said_by_the_scheduler_alone)
{
	kt_kmsg_line(&self->kmsg, STALLED);
	self->f.output = "DEBUG DUMP ktstr: stall=1\n";
	EXPECT_EQ(KT_PASS, JUDGE(KTSTR_EXPECT_SCHED_ERROR, "stall=1"));
}

TEST_F(expect, another_error_than_declared)
{
	kt_kmsg_line(&self->kmsg, STALLED);
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_SCHED_ERROR, "no such text"));
	EXPECT_NE(NULL, strstr(TEXT(0), "no such text"));
	EXPECT_NE(NULL, strstr(TEXT(0), "runnable task stall"));
}

TEST_F(expect, declared_error_did_not_come)
{
	kt_kmsg_line(&self->kmsg, UNREGISTERED);
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_SCHED_ERROR, "stall"));
}

TEST_F(expect, a_crash_is_not_excused)
{
	kt_kmsg_line(&self->kmsg, STALLED);
	kt_verdict_detail(&self->v, KT_DETAIL_TEST, "test process killed");
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_SCHED_ERROR, "stall"));
}

TEST_F(expect, no_attach_as_declared)
{
	self->f.attached = false;
	self->f.output = "R2 unbounded memory access\n";
	EXPECT_EQ(KT_PASS, JUDGE(KTSTR_EXPECT_NO_ATTACH, "unbounded memory"));
}

TEST_F(expect, no_attach_for_another_reason)
{
	self->f.attached = false;
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_NO_ATTACH, "unbounded memory"));
}

TEST_F(expect, attached_against_expectation)
{
	EXPECT_EQ(KT_FAIL, JUDGE(KTSTR_EXPECT_NO_ATTACH, "enabled"));
}

TEST_F(expect, out_of_memory_names_the_victim)
{
	kt_kmsg_line(&self->kmsg, "x invoked oom-killer: gfp_mask=0x0");
	kt_kmsg_line(&self->kmsg, "Out of memory: Killed process 40 (x)");
	EXPECT_EQ(2, self->kmsg.ooms);
	EXPECT_STREQ("Out of memory: Killed process 40 (x)", self->kmsg.oom);
}

TEST_F(expect, the_log_keeps_the_last_lines)
{
	static char buf[KT_KMSG_MAX_LINES * KT_KMSG_LINE_BYTES];
	char line[600];
	u32 i;

	for (i = 0; i < 3 * KT_KMSG_MAX_LINES; i++) {
		snprintf(line, sizeof(line), "sched_ext: line %u", i);
		kt_kmsg_line(&self->kmsg, line);
	}
	kt_kmsg_line(&self->kmsg, "usb: not ours");
	EXPECT_FALSE(kt_kmsg_says(&self->kmsg, "line 0"));
	EXPECT_FALSE(kt_kmsg_says(&self->kmsg, "not ours"));
	EXPECT_TRUE(kt_kmsg_says(&self->kmsg, "line 191"));
	EXPECT_EQ(strlen(buf), 0);
	EXPECT_EQ(kt_kmsg_text(&self->kmsg, buf, sizeof(buf)), strlen(buf));
	EXPECT_EQ(0, strncmp(buf, "sched_ext: line 128\n", 20));
	EXPECT_EQ(9, kt_kmsg_text(&self->kmsg, buf, 10));
	memset(line, 'x', sizeof(line));
	memcpy(line, "sched_ext: ", 11);
	line[sizeof(line) - 1] = '\0';
	kt_kmsg_line(&self->kmsg, line);
}

TEST_HARNESS_MAIN
