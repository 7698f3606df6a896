// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judging and telling. The guest's TestResult decides; without one, or without
 * an Exit behind it, nothing ever passes.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "../base/strbuf.h"
#include "../wire/result.h"
#include "captures.h"
#include "cgroups.h"
#include "dump_text.h"
#include "monitor.h"
#include "report.h"
#include "rerun.h"
#include "timeline.h"

#define TAIL_BYTES	4096	/* of each text stream, shown on failure */
/* what a scheduler prints around sched_ext's dump of its end */
#define DUMP_HEAD	"DEBUG DUMP"
#define RULE_CHARS	40
#define DUMP_ELSEWHERE	"(sched_ext's dump: in the record)"
#define TIMELINE_LINES	16

struct kt_result *kt_report_result(const struct kt_coord *c,
				   const struct kt_case *cs)
{
	const struct kt_kept_frame *f;
	struct kt_result *r;

	f = kt_bucket_last(&c->bucket, KT_TAG_TEST_RESULT);
	r = f ? malloc(sizeof(*r)) : NULL;
	if (r && !kt_result_decode(r, f->payload, f->len_bytes) &&
	    !strcmp(r->test, cs->test->name))
		return r;
	free(r);
	return NULL;
}

/* How far it came, in view of what the host knows besides. */
static const char *say_stage(const struct kt_coord *c,
			     const struct kt_case *cs, bool has_result)
{
	if (c->watchdog.stage == KT_STAGE_ATTACH && !*cs->sched)
		return "no workload started";
	if (c->watchdog.stage == KT_STAGE_RESULT && !has_result)
		return "its result is of no use";
	return kt_stage_str(c->watchdog.stage);
}

/* Why there is no result that counts, as far as the host can tell. */
static void say_missing(const struct kt_coord *c, const struct kt_case *cs,
			bool has_result, char *why, size_t size)
{
	const char *dying = kt_console_event_str(c->console.worst);
	const char *stage = say_stage(c, cs, has_result);
	const char *lack = has_result ? "before its Exit" :
			   "without a valid result";

	if (c->end == KT_RUN_CANCELLED)
		snprintf(why, size, "interrupted (%s)", stage);
	else if (c->end == KT_RUN_FAILED)
		snprintf(why, size, "the harness failed (%s)", stage);
	else if (dying && c->end != KT_RUN_EXITED)
		snprintf(why, size, "%s (%s): %.160s", dying, stage,
			 c->console.text);
	else if (c->end == KT_RUN_WATCHDOG)
		snprintf(why, size, "watchdog after %llu ms: %s",
			 (unsigned long long)(c->ended_ns / KT_NSEC_PER_MSEC),
			 stage);
	else if (c->machine_end == KT_END_RESET)
		snprintf(why, size, "the guest reset %s (%s)", lack, stage);
	else if (c->machine_end == KT_END_POWER_OFF)
		snprintf(why, size, "the guest powered off %s (%s)", lack,
			 stage);
	else if (c->end == KT_RUN_MACHINE_ENDED)
		snprintf(why, size, "the machine ended (%s): %.160s", stage,
			 c->machine_text);
	else
		snprintf(why, size, "the guest sent no %s (%s)",
			 has_result ? "Exit" : "valid result", stage);
}

enum kt_outcome kt_report_outcome(const struct kt_coord *c,
				  const struct kt_case *cs, char *why,
				  size_t size)
{
	struct kt_result *r = kt_report_result(c, cs);
	enum kt_outcome outcome = KT_ERROR;
	bool finished = c->watchdog.stage == KT_STAGE_EXITED;

	why[0] = '\0';
	if (r)
		outcome = r->outcome;
	if (!r || (!finished && kt_outcome_info(outcome)->ok)) {
		say_missing(c, cs, r, why, size);
		outcome = c->end == KT_RUN_WATCHDOG ? KT_TIMEOUT : KT_ERROR;
	} else if (outcome == KT_PASS &&
		   kt_writes_missing(&c->writes, why, size)) {
		outcome = KT_ERROR;
	} else if (outcome == KT_PASS &&
		   kt_monitor_failed(&c->monitor, why, size)) {
		outcome = KT_FAIL;
	}
	free(r);
	return outcome;
}

static void print_result(FILE *out, const struct kt_result *r)
{
	u32 i;

	for (i = 0; i < r->nr_details; i++)
		fprintf(out, "%s%s\n",
			r->details[i].kind == KT_DETAIL_INFO ? "note: " : "",
			r->details[i].text);
	if (r->details_dropped)
		fprintf(out, "%u more details\n", r->details_dropped);
	kt_cgroups_report(out, r);
}

/* The short frames, in the order in which they came. */
static void print_frames(FILE *out, const struct kt_bucket *b)
{
	char reason[256];
	u8 phase;
	s32 code;
	u32 i;

	for (i = 0; i < b->nr_frames; i++) {
		const struct kt_kept_frame *f = b->frames[i];

		if (f->msg_type == KT_TAG_SCHED_EXIT &&
		    !kt_i32_decode(&code, f->payload, f->len_bytes)) {
			fprintf(out, "SchedExit code=%d at %llu ms\n", code,
				(unsigned long long)(f->at_ns /
						     KT_NSEC_PER_MSEC));
		} else if (f->msg_type == KT_TAG_LIFECYCLE && f->crc_ok &&
			   !kt_lifecycle_decode(&phase, reason, sizeof(reason),
						f->payload, f->len_bytes) &&
			   phase >= KT_LIFE_SCHED_DIED) {
			kt_text_sanitize(reason, strlen(reason));
			fprintf(out, "Lifecycle %s%s%s\n",
				phase == KT_LIFE_SCHED_DIED ?
				"scheduler died" : "scheduler not attached",
				*reason ? ": " : "", reason);
		}
	}
	if (b->dropped_frames)
		fprintf(out, "%llu frames dropped: the run's bucket was full\n",
			(unsigned long long)b->dropped_frames);
}

/* The last @max_bytes of @text, of which @before_bytes more are not there. */
static void print_text(FILE *out, const char *what, char *text, u64 before_bytes,
		       size_t max_bytes)
{
	size_t len = strlen(text), left = len - min(len, max_bytes);
	char *line, *save = NULL;

	if (left + before_bytes)
		fprintf(out, "%s (its end; %llu bytes before it are not kept):\n",
			what, (unsigned long long)(left + before_bytes));
	else
		fprintf(out, "%s:\n", what);
	for (line = strtok_r(text + left, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		fprintf(out, "  %s\n", line);
}

static void print_tail(FILE *out, const char *what, const struct kt_tail *t)
{
	char *text = t->total_bytes ? kt_tail_text(t, TAIL_BYTES) : NULL;

	if (text)
		print_text(out, what, text, t->total_bytes -
			   min_t(u64, t->total_bytes, TAIL_BYTES), TAIL_BYTES);
	free(text);
}

/* Behind the last line of '=' in @text, or NULL. */
static char *behind_rules(char *text)
{
	char *line, *end = NULL;

	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strspn(line, "=") >= RULE_CHARS)
			end = line + strspn(line, "=");
	}
	return end;
}

/* Without the dump that the kernel gave it to print: all that is told above. */
static void print_sched(FILE *out, const struct kt_tail *t)
{
	char *text = t->total_bytes ? kt_tail_text(t, KT_TAIL_BYTES) : NULL;
	char *from, *end;

	if (!text)
		return;
	end = behind_rules(text);
	from = strstr(text, DUMP_HEAD);
	/* its begin may be lost */
	from = from ? from : text;
	if (end && from + strlen(DUMP_ELSEWHERE) < end) {
		memcpy(from, DUMP_ELSEWHERE, strlen(DUMP_ELSEWHERE));
		from += strlen(DUMP_ELSEWHERE);
		memmove(from, end, strlen(end) + 1);
	}
	print_text(out, "scheduler's output", text, kt_tail_dropped(t),
		   TAIL_BYTES);
	free(text);
}

static void print_evidence(FILE *out, const struct kt_coord *c)
{
	const struct kt_bucket *b = &c->bucket;

	if (c->console.worst > KT_CONSOLE_QUIET)
		fprintf(out, "console: %s\n", c->console.text);
	if (c->residue_bytes)
		fprintf(out, "%zu bytes of a frame that never ended\n",
			c->residue_bytes);
	if (c->assembler.bad_crc)
		fprintf(out, "%llu frames with a bad CRC\n",
			(unsigned long long)c->assembler.bad_crc);
	print_sched(out, &b->texts[KT_TEXT_SCHED]);
	print_tail(out, "test's standard output", &b->texts[KT_TEXT_STDOUT]);
	print_tail(out, "test's standard error", &b->texts[KT_TEXT_STDERR]);
	print_tail(out, "kernel log", &b->texts[KT_TEXT_DMESG]);
	print_tail(out, "virtio console", &c->hvc);
	print_tail(out, "console", &c->console.tail);
}

/* Nothing when the engine does not tell. */
static void print_memory(FILE *out, const struct kt_machine_memory *m)
{
	if (m->own_bytes || m->shared_bytes)
		fprintf(out, ", the guest's own %llu MiB",
			(unsigned long long)m->own_bytes >> 20);
	if (m->shared_bytes)
		fprintf(out, " and %llu MiB of the template's",
			(unsigned long long)m->shared_bytes >> 20);
	fprintf(out, "\n");
}

/* The most that this process has had in memory. */
static u64 host_memory_mib(void)
{
	struct rusage ru = {};

	getrusage(RUSAGE_SELF, &ru);
	return (u64)ru.ru_maxrss >> 10;
}

void kt_report_print(FILE *out, const struct kt_coord *c,
		     const struct kt_case *cs, enum kt_outcome outcome,
		     const char *why, const json_t *dump)
{
	struct kt_result *r = kt_report_result(c, cs);

	if (*why)
		fprintf(out, "%s\n", why);
	if (r)
		print_result(out, r);
	free(r);
	kt_monitor_report(out, &c->monitor, c->trace.on);
	print_frames(out, &c->bucket);
	if (!kt_outcome_info(outcome)->ok) {
		kt_dump_text_brief(out, dump);
		kt_timeline_print(out, c, TIMELINE_LINES);
	}
	kt_captures_report(out, &c->captures, &c->periodic);
	if (c->outbox.refused)
		fprintf(out, "%llu answers dropped: the guest did not take them\n",
			(unsigned long long)c->outbox.refused);
	kt_disks_report(out, &cs->disks);
	kt_writes_report(out, &c->writes);
	if (!kt_outcome_info(outcome)->ok)
		print_evidence(out, c);
	kt_rerun_report(out, cs, &c->trace);
	if (c->unrecorded_bytes)
		fprintf(out, "the record leaves out %llu bytes\n",
			(unsigned long long)c->unrecorded_bytes);
	fprintf(out, "ready after %llu ms, ended after %llu ms, host memory %llu MiB",
		(unsigned long long)(c->ready_ns / KT_NSEC_PER_MSEC),
		(unsigned long long)(c->ended_ns / KT_NSEC_PER_MSEC),
		(unsigned long long)host_memory_mib());
	print_memory(out, &cs->memory);
}
