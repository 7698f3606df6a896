// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captures in words. Tags and names come from the guest: what would break a
 * line or a column is replaced.
 */
#include "../base/strbuf.h"
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

/* Captures that there was no room for. */
static void say_cut(FILE *out, u32 nr, const char *sep)
{
	json_t *last = json_object();

	kt_json_set(last, "cut", kt_json_textf("%u captures more", nr));
	fputs(sep, out);
	json_dumpf(last, out, 0);
	json_decref(last);
}

void kt_captures_write(FILE *out, const struct kt_captures *c, u64 max_bytes)
{
	const struct kt_capture *e;
	const char *sep = "\n";
	u64 bytes = 0;
	char *text;
	u32 i;

	fputc('[', out);
	for (i = 0; (e = kt_captures_get(c, i)); i++) {
		text = json_dumps(e->state, JSON_INDENT(1));
		if (!text)
			continue;
		bytes += strlen(text);
		if (bytes <= max_bytes)
			fprintf(out, "%s%s", sep, text);
		free(text);
		sep = ",\n";
		if (bytes > max_bytes) {
			say_cut(out, kt_captures_nr(c) - i, i ? sep : "\n");
			break;
		}
	}
	fputs("\n]\n", out);
}
