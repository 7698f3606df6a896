// SPDX-License-Identifier: GPL-2.0-only
/*
 * The author's functions for .after, and the verdict they come to.
 */
#include <stdarg.h>

#include "after.h"

struct ktstr_after {
	struct ktstr_capture_info captures[KT_MAX_CAPTURES];
	uint32_t nr_captures;
	uint32_t nr_claims;
	uint32_t nr_failed;
	FILE *out;
};

uint32_t ktstr_nr_captures(const struct ktstr_after *a)
{
	return a->nr_captures;
}

const struct ktstr_capture_info *
ktstr_capture_at(const struct ktstr_after *a, uint32_t i)
{
	return i < a->nr_captures ? &a->captures[i] : NULL;
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
	const char *base = strrchr(file, '/');

	a->nr_claims++;
	if (ok)
		return true;
	a->nr_failed++;
	fprintf(a->out, "%s:%d: %s: seen %lld, bound %lld\n",
		base ? base + 1 : file, line, label, (long long)value,
		(long long)bound);
	return false;
}

static void fill_captures(struct ktstr_after *a, const struct kt_captures *c)
{
	const struct kt_capture *e;

	while ((e = kt_captures_get(c, a->nr_captures)))
		a->captures[a->nr_captures++] = (struct ktstr_capture_info){
			.tag = e->tag,
			.error = *e->error ? e->error : NULL,
			.workload_ms = e->workload_ns / KT_NSEC_PER_MSEC,
			.phase = e->phase,
		};
}

enum kt_outcome kt_after_run(const struct ktstr_test *test,
			     const struct kt_captures *captures, FILE *out)
{
	struct ktstr_after a = { .out = out };

	fill_captures(&a, captures);
	test->after(&a);
	if (a.nr_failed)
		return KT_FAIL;
	if (a.nr_claims)
		return KT_PASS;
	fputs("nothing was expected in .after: no claim was made\n", out);
	return KT_ERROR;
}
