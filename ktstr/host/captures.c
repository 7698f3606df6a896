// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures in words. Tags and names come from the guest: what would break a
 * line or a column is replaced.
 */
#include "captures.h"

#define MAX_ERRORS	8	/* told one by one */

/* A copy of @text that is one column; "" becomes "-". */
static const char *column(const char *text, char *buf, size_t size)
{
	size_t i;

	kt_utf8_copy(buf, size, *text ? text : "-");
	kt_text_sanitize(buf, strlen(buf));
	for (i = 0; buf[i]; i++)
		if (buf[i] == '\t' || buf[i] == '\n')
			buf[i] = '?';
	return buf;
}

static void report_errors(FILE *out, const struct kt_captures *c)
{
	char tag[KT_SNAPSHOT_TAG_BYTES + 1], error[128];
	const struct kt_capture *e;
	u32 nr = 0, i;

	for (i = 0; (e = kt_captures_get(c, i)); i++)
		if (*e->error && nr++ < MAX_ERRORS)
			fprintf(out, "capture %s: %s\n",
				column(e->tag, tag, sizeof(tag)),
				column(e->error, error, sizeof(error)));
	if (nr > MAX_ERRORS)
		fprintf(out, "%u more captures show nothing\n",
			nr - MAX_ERRORS);
}

void kt_captures_report(FILE *out, const struct kt_captures *c,
			const struct kt_periodic *p)
{
	if (!c->taken && !p->nr)
		return;
	fprintf(out, "captures: %llu taken", (unsigned long long)c->taken);
	if (p->nr)
		fprintf(out, ", %u of %u periodic", p->fired, p->nr);
	if (c->taken > KT_MAX_CAPTURES)
		fprintf(out, ", the last %u kept", KT_MAX_CAPTURES);
	if (p->ended)
		fprintf(out, "; periodic ones ended: two in a row could not freeze the machine");
	fputc('\n', out);
	report_errors(out, c);
}

static void add_sample(struct kt_strbuf *sb, const struct kt_sched_sample *s)
{
	char comm[sizeof(s->cpus[0].curr_comm)];
	u32 i;

	kt_strbuf_addf(sb, "\t%llu", (unsigned long long)s->jiffies);
	for (i = 0; i < min_t(u32, s->nr_cpus, KT_SAMPLE_MAX_CPUS); i++) {
		const struct kt_cpu_sample *cpu = &s->cpus[i];

		kt_strbuf_addf(sb, "\t%u/%u/%u/%s", cpu->nr_running,
			       cpu->scx_nr_running, cpu->curr_pid,
			       column(cpu->curr_comm, comm, sizeof(comm)));
	}
}

void kt_captures_table(struct kt_strbuf *sb, const struct kt_captures *c)
{
	char tag[KT_SNAPSHOT_TAG_BYTES + 1], error[128];
	const struct kt_capture *e;
	u32 i;

	for (i = 0; (e = kt_captures_get(c, i)); i++) {
		kt_strbuf_addf(sb, "%s\t%s\t%llu\t%llu\t%u\t%s",
			       column(e->tag, tag, sizeof(tag)),
			       e->cause == KT_CAPTURE_PERIODIC ? "periodic" :
			       "request", (unsigned long long)e->at_ns,
			       (unsigned long long)e->workload_ns, e->phase,
			       column(e->error, error, sizeof(error)));
		add_sample(sb, &e->sample);
		kt_strbuf_addf(sb, "\n");
	}
}
