// SPDX-License-Identifier: GPL-2.0-only
/*
 * The author's functions for .after, and the verdict they come to.
 */
#include <stdarg.h>

#include "after.h"
#include "after_priv.h"

const char *kt_after_text(struct ktstr_after *a, const char *fmt, ...)
{
	char text[KT_AFTER_TEXT_BYTES], *at;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kt_text_sanitize(text, strlen(text));
	for (at = text; (at = strchr(at, '\n'));)
		*at = ' ';
	kt_strv_add(&a->texts, text);
	return a->texts.err ? "no memory" : a->texts.v[a->texts.nr - 1];
}

static void say_where(struct ktstr_after *a, const char *file, int line)
{
	const char *base = strrchr(file, '/');

	fprintf(a->out, "%s:%d: ", base ? base + 1 : file, line);
}

void kt_after_failed(struct ktstr_after *a, const char *file, int line,
		     const char *fmt, ...)
{
	va_list ap;

	a->nr_claims++;
	a->nr_failed++;
	say_where(a, file, line);
	va_start(ap, fmt);
	vfprintf(a->out, fmt, ap);
	va_end(ap);
	fputc('\n', a->out);
}

uint32_t ktstr_nr_captures(const struct ktstr_after *a)
{
	return a->nr_infos;
}

const struct ktstr_capture_info *
ktstr_capture_at(const struct ktstr_after *a, uint32_t i)
{
	return i < a->nr_infos ? &a->infos[i] : NULL;
}

void ktstr_after_note(struct ktstr_after *a, const char *fmt, ...)
{
	va_list ap;

	fputs("note: ", a->out);
	va_start(ap, fmt);
	vfprintf(a->out, fmt, ap);
	va_end(ap);
	fputc('\n', a->out);
}

bool ktstr_after_claim(struct ktstr_after *a, bool ok, const char *file,
		       int line, const char *label, int64_t value,
		       int64_t bound)
{
	if (ok)
		a->nr_claims++;
	else
		kt_after_failed(a, file, line, "%s: seen %lld, bound %lld",
				label, (long long)value, (long long)bound);
	return ok;
}

bool ktstr_after_claim_text(struct ktstr_after *a, const char *file, int line,
			    const char *label, const char *value,
			    const char *bound)
{
	bool ok = value && !strcmp(value, bound);

	if (ok)
		a->nr_claims++;
	else
		kt_after_failed(a, file, line, "%s: seen \"%s\", bound \"%s\"",
				label, value ?: "", bound);
	return ok;
}

static void fill_infos(struct ktstr_after *a)
{
	const struct kt_capture *e;

	while ((e = kt_captures_get(a->captures, a->nr_infos)))
		a->infos[a->nr_infos++] = (struct ktstr_capture_info){
			.tag = e->tag,
			.error = *e->error ? e->error : NULL,
			.workload_ms = e->workload_ns / KT_NSEC_PER_MSEC,
			.phase = e->phase,
		};
}

static void fini(struct ktstr_after *a)
{
	struct ktstr_series *s;

	while ((s = a->series)) {
		a->series = s->next;
		free(s);
	}
	kt_strv_fini(&a->texts);
}

enum kt_outcome kt_after_run(const struct ktstr_test *test,
			     const struct kt_captures *captures, FILE *out)
{
	struct ktstr_after a = { .captures = captures, .out = out };

	kt_strv_init(&a.texts);
	fill_infos(&a);
	test->after(&a);
	fini(&a);
	if (a.nr_failed)
		return KT_FAIL;
	if (a.nr_claims)
		return KT_PASS;
	fputs("nothing was expected in .after: no claim was made\n", out);
	return KT_ERROR;
}
