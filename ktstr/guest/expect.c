// SPDX-License-Identifier: GPL-2.0-only
/*
 * Expectations about a scheduler.
 */
#include "expect.h"

static bool said(const struct kt_sched_facts *f, const char *text)
{
	return strstr(f->kmsg->exit_text, text) ||
	       kt_kmsg_says(f->kmsg, text) || strstr(f->output, text);
}

static void judge_attached(struct kt_verdict *v,
			   const struct kt_sched_facts *f)
{
	if (f->attached)
		return;
	kt_verdict_detail(v, KT_DETAIL_SCHED,
			  "the scheduler did not attach: %s%s%s",
			  f->attach_error, f->last_line[0] ? "; it said last: " : "",
			  f->last_line);
	if (f->kmsg->thrown_out)
		kt_verdict_detail(v, KT_DETAIL_SCHED, "%s",
				  f->kmsg->exit_text);
}

static void judge_survived(struct kt_verdict *v,
			   const struct kt_sched_facts *f)
{
	if (!f->attached)
		return;
	if (f->kmsg->thrown_out)
		kt_verdict_detail(v, KT_DETAIL_SCHED, "%s",
				  f->kmsg->exit_text);
	else if (f->ended_early)
		kt_verdict_detail(v, KT_DETAIL_SCHED,
				  "the scheduler ended while the test ran: %s%s%s",
				  f->how_ended,
				  f->last_line[0] ? "; it said last: " : "",
				  f->last_line);
	else if (f->state_lost)
		kt_verdict_detail(v, KT_DETAIL_SCHED,
				  "the scheduler was enabled no more while the test ran");
	if (f->had_to_be_killed)
		kt_verdict_detail(v, KT_DETAIL_SCHED,
				  "the scheduler did not end on SIGINT and SIGTERM: killed");
}

/* An expected error came; workers under it owe nothing. */
static void as_declared(struct kt_verdict *v, const struct ktstr_expect *e,
			const struct kt_sched_facts *f, const char *what)
{
	kt_verdict_judged(v);
	kt_verdict_excuse_workers(v);
	if (!said(f, e->text)) {
		kt_verdict_detail(v, KT_DETAIL_SCHED,
				  "%s, as expected, but nothing said \"%s\"; seen: %s",
				  what, e->text,
				  f->kmsg->thrown_out ? f->kmsg->exit_text :
				  f->attach_error);
		return;
	}
	kt_verdict_detail(v, KT_DETAIL_INFO, "%s, as expected: %s", what,
			  f->kmsg->thrown_out ? f->kmsg->exit_text :
			  f->attach_error);
}

static void judge_sched_error(struct kt_verdict *v,
			      const struct ktstr_expect *e,
			      const struct kt_sched_facts *f)
{
	if (f->kmsg->thrown_out) {
		as_declared(v, e, f, "the kernel threw the scheduler out");
		return;
	}
	kt_verdict_judged(v);
	judge_attached(v, f);
	judge_survived(v, f);
	kt_verdict_detail(v, KT_DETAIL_SCHED,
			  "the kernel did not throw the scheduler out (expected, saying \"%s\")",
			  e->text);
}

static void judge_no_attach(struct kt_verdict *v, const struct ktstr_expect *e,
			    const struct kt_sched_facts *f)
{
	if (!f->attached) {
		as_declared(v, e, f, "the scheduler did not attach");
		return;
	}
	kt_verdict_judged(v);
	kt_verdict_detail(v, KT_DETAIL_SCHED,
			  "the scheduler was enabled (expected not to attach, saying \"%s\")",
			  e->text);
}

void kt_expect_judge(struct kt_verdict *v, const struct ktstr_expect *e,
		     const struct kt_sched_facts *f)
{
	switch (e->kind) {
	case KTSTR_EXPECT_SCHED_ERROR:
		judge_sched_error(v, e, f);
		return;
	case KTSTR_EXPECT_NO_ATTACH:
		judge_no_attach(v, e, f);
		return;
	case KTSTR_EXPECT_PASS:
		if (f->wanted) {
			judge_attached(v, f);
			judge_survived(v, f);
		}
		return;
	}
	kt_verdict_broken(v, "expectation %d: there is none such", e->kind);
}
