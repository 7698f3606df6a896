// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results: recorded, checked, summed up.
 */
#include <stdarg.h>
#include <stdio.h>

#include "../base/strbuf.h"
#include "verdict.h"

void kt_verdict_init(struct kt_verdict *v, const char *test)
{
	memset(v, 0, sizeof(*v));
	kt_utf8_copy(v->result.test, sizeof(v->result.test), test);
}

static void __printf(3, 0)
add_detail(struct kt_verdict *v, u32 kind, const char *fmt, va_list ap)
{
	struct kt_result *r = &v->result;
	char text[2 * KT_DETAIL_TEXT_MAX];
	struct kt_detail *d;

	v->failing[kind]++;
	if (r->nr_details >= KT_MAX_DETAILS) {
		r->details_dropped++;
		return;
	}
	d = &r->details[r->nr_details];
	vsnprintf(text, sizeof(text), fmt, ap);
	d->kind = kind;
	kt_utf8_copy(d->text, sizeof(d->text), text);
	r->nr_details++;	/* last: a crash leaves no half of one */
}

void kt_verdict_detail(struct kt_verdict *v, enum kt_detail_kind kind,
		       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_detail(v, kind, fmt, ap);
	va_end(ap);
}

void kt_verdict_broken(struct kt_verdict *v, const char *fmt, ...)
{
	va_list ap;

	v->broken = true;
	va_start(ap, fmt);
	add_detail(v, KT_DETAIL_ENV, fmt, ap);
	va_end(ap);
}

void kt_verdict_skip(struct kt_verdict *v, const char *fmt, ...)
{
	char reason[KT_DETAIL_TEXT_MAX];
	va_list ap;

	v->skipped = 1;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	kt_verdict_detail(v, KT_DETAIL_INFO, KT_SKIP_PREFIX "%s", reason);
}

void kt_verdict_claim(struct kt_verdict *v, bool ok, const char *file,
		      int line, const char *label, s64 value, s64 bound)
{
	struct kt_result *r = &v->result;
	struct kt_claim *c;

	if (!ok) {
		v->failed_claims++;
		kt_verdict_detail(v, KT_DETAIL_CLAIM,
				  "%s:%d: %s: seen %lld, bound %lld", file,
				  line, label, (long long)value,
				  (long long)bound);
	}
	if (r->nr_claims >= KT_MAX_CLAIMS) {
		r->claims_dropped++;
		return;
	}
	c = &r->claims[r->nr_claims];
	c->ok = ok;
	c->value = value;
	c->bound = bound;
	kt_utf8_copy(c->label, sizeof(c->label), label);
	r->nr_claims++;
}

void kt_verdict_judged(struct kt_verdict *v)
{
	v->judged++;
}

void kt_verdict_unjudged(struct kt_verdict *v, enum kt_detail_kind kind,
			 const char *fmt, ...)
{
	va_list ap;

	if (v->unjudged & 1u << kind)
		return;
	v->unjudged |= 1u << kind;
	va_start(ap, fmt);
	add_detail(v, KT_DETAIL_INFO, fmt, ap);
	va_end(ap);
}

void kt_verdict_excuse_workers(struct kt_verdict *v)
{
	static const u8 excused[] = {
		KT_DETAIL_STARVED, KT_DETAIL_UNFAIR, KT_DETAIL_GAP,
		KT_DETAIL_ISOLATION, KT_DETAIL_RATE, KT_DETAIL_WAKE,
		KT_DETAIL_NUMA,
	};
	struct kt_result *r = &v->result;
	size_t i;
	u32 d;

	for (i = 0; i < ARRAY_SIZE(excused); i++) {
		v->failing[excused[i]] = 0;
		for (d = 0; d < r->nr_details; d++)
			if (r->details[d].kind == excused[i])
				r->details[d].kind = KT_DETAIL_INFO;
	}
}

void kt_verdict_sanitize(struct kt_verdict *v, const char *test)
{
	struct kt_result *r = &v->result;
	u32 i;

	kt_utf8_copy(r->test, sizeof(r->test), test);
	v->skipped = v->skipped == 1;
	r->nr_details = min_t(u32, r->nr_details, KT_MAX_DETAILS);
	r->nr_claims = min_t(u32, r->nr_claims, KT_MAX_CLAIMS);
	r->nr_cgroups = min_t(u32, r->nr_cgroups, KT_MAX_CGROUP_STATS);
	for (i = 0; i < r->nr_details; i++) {
		struct kt_detail *d = &r->details[i];

		d->text[sizeof(d->text) - 1] = '\0';
		if (d->kind >= KT_NR_DETAIL_KINDS)
			d->kind = KT_DETAIL_TEST;
	}
	for (i = 0; i < r->nr_claims; i++) {
		struct kt_claim *c = &r->claims[i];

		c->label[sizeof(c->label) - 1] = '\0';
		c->ok = !!c->ok;
	}
	for (i = 0; i < r->nr_cgroups; i++)
		r->cgroups[i].name[KT_NAME_MAX - 1] = '\0';
}

static bool has_failed(const struct kt_verdict *v)
{
	u32 kind;

	for (kind = KT_DETAIL_INFO + 1; kind < KT_NR_DETAIL_KINDS; kind++)
		if (v->failing[kind])
			return true;
	return v->failed_claims;
}

enum kt_outcome kt_verdict_finish(struct kt_verdict *v)
{
	enum kt_outcome outcome;

	if (!v->broken && !v->timed_out && !v->skipped && !has_failed(v) &&
	    !v->judged && !v->result.nr_claims)
		kt_verdict_broken(v, "nothing was expected of this test: no claim was made and no check judged");
	if (v->broken)
		outcome = KT_ERROR;
	else if (v->timed_out)
		outcome = KT_TIMEOUT;
	else if (has_failed(v))
		outcome = KT_FAIL;
	else if (v->skipped)
		outcome = KT_SKIP;
	else
		outcome = KT_PASS;
	v->result.outcome = outcome;
	return outcome;
}
