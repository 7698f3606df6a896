// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each pattern is a walk over the samples that are there; what breaks it is a
 * line of text with the sample, its capture and the bound.
 */
#include "temporal.h"

#define MAX_TOLD	8	/* breaks, and gaps */
#define IN_A_ROW	3	/* samples that make it converged */
#define NUMBER_BYTES	32

struct judge {
	const struct kt_samples *s;
	const struct ktstr_pattern *p;
	const struct kt_samples *over;
	struct kt_strbuf *text;
	u32 judged;		/* samples, or pairs of them */
	u32 broken;
};

struct range {
	long double low;
	long double high;	/* included, as low is */
};

struct mean {
	long double sum;
	u32 nr;
};

/* A whole number in full, any other to six digits. */
static const char *number(long double v, char buf[NUMBER_BYTES])
{
	bool whole = v < 0 ? v >= (long double)INT64_MIN &&
			     v == (long double)(s64)v :
			     v <= (long double)UINT64_MAX &&
			     v == (long double)(u64)v;

	snprintf(buf, NUMBER_BYTES, whole ? "%.0Lf" : "%.6Lg", v);
	return buf;
}

static unsigned long long ms(const struct kt_sample *e)
{
	return e->workload_ns / KT_NSEC_PER_MSEC;
}

/* Begins the line of a break at @e; false when enough were told. */
static bool tell(struct judge *j, const struct kt_sample *e)
{
	char buf[NUMBER_BYTES];

	if (j->broken++ >= MAX_TOLD)
		return false;
	kt_strbuf_addf(j->text, "%s at %llu ms: ", e->tag, ms(e));
	if (e->gap)
		kt_strbuf_addf(j->text, "missing: %s\n", e->gap);
	else
		kt_strbuf_addf(j->text, "%s", number(e->value, buf));
	return true;
}

static bool within(long double v, struct range r)
{
	return v >= r.low && v <= r.high;
}

static struct range bounds(const struct ktstr_pattern *p)
{
	return (struct range){ p->low, p->high };
}

static struct range around(long double v, long double by)
{
	return by < 0 ? (struct range){ v + by, v - by } :
			(struct range){ v - by, v + by };
}

static void tell_bounds(struct judge *j, struct range r)
{
	char low[NUMBER_BYTES], high[NUMBER_BYTES];

	kt_strbuf_addf(j->text, " (bounds %s..%s)\n", number(r.low, low),
		       number(r.high, high));
}

/* The sample at or behind @i that is there, or NULL; @i goes behind it. */
static const struct kt_sample *next(const struct kt_samples *s, u32 *i)
{
	while (*i < s->nr) {
		const struct kt_sample *e = &s->v[(*i)++];

		if (!e->gap)
			return e;
	}
	return NULL;
}

static void increasing(struct judge *j, bool strictly)
{
	const struct kt_sample *last, *e;
	char buf[NUMBER_BYTES];
	u32 i = 0;

	for (last = next(j->s, &i); (e = next(j->s, &i)); last = e) {
		j->judged++;
		if (e->value > last->value ||
		    (!strictly && e->value == last->value))
			continue;
		if (tell(j, e))
			kt_strbuf_addf(j->text, ", after %s at %s\n",
				       number(last->value, buf), last->tag);
	}
}

static void nondecreasing(struct judge *j)
{
	increasing(j, false);
}

static void strictly_increasing(struct judge *j)
{
	increasing(j, true);
}

static long double rate(const struct kt_sample *from,
			const struct kt_sample *to)
{
	return (to->value - from->value) * KT_NSEC_PER_SEC /
	       (to->workload_ns - from->workload_ns);
}

static void rate_within(struct judge *j)
{
	const struct kt_sample *last, *e;
	char buf[NUMBER_BYTES];
	u32 i = 0;

	for (last = next(j->s, &i); (e = next(j->s, &i)); last = e) {
		if (e->workload_ns <= last->workload_ns)
			continue;
		j->judged++;
		if (within(rate(last, e), bounds(j->p)) || !tell(j, e))
			continue;
		kt_strbuf_addf(j->text, ", %s a second since %s",
			       number(rate(last, e), buf), last->tag);
		tell_bounds(j, bounds(j->p));
	}
}

static long double mean_from(const struct kt_samples *s, u64 from_ns, u32 *nr)
{
	const struct kt_sample *e;
	struct mean m = {};
	u32 i = 0;

	while ((e = next(s, &i))) {
		if (e->workload_ns < from_ns)
			continue;
		m.sum += e->value;
		m.nr++;
	}
	*nr = m.nr;
	return m.nr ? m.sum / m.nr : 0;
}

static void judge_steady(struct judge *j, u64 from_ns, long double mean)
{
	struct range r = around(mean, mean * j->p->tolerance / 100);
	const struct kt_sample *e;
	char buf[NUMBER_BYTES];
	u32 i = 0;

	while ((e = next(j->s, &i))) {
		if (e->workload_ns < from_ns || within(e->value, r) ||
		    !tell(j, e))
			continue;
		kt_strbuf_addf(j->text, ", mean %s", number(mean, buf));
		tell_bounds(j, r);
	}
}

static void steady_within(struct judge *j)
{
	u64 from_ns = j->p->ms * KT_NSEC_PER_MSEC;

	judge_steady(j, from_ns, mean_from(j->s, from_ns, &j->judged));
}

/* The last samples up to the deadline, which did not do. */
static void tell_road(struct judge *j, u32 end)
{
	const struct kt_sample *e;
	char buf[NUMBER_BYTES];
	const char *sep = "seen: ";
	u32 i = end > MAX_TOLD ? end - MAX_TOLD : 0;

	j->broken++;
	while (i < end && (e = next(j->s, &i))) {
		kt_strbuf_addf(j->text, "%s%s at %llu ms (%s)", sep,
			       number(e->value, buf), ms(e), e->tag);
		sep = ", ";
	}
	if (j->judged)
		kt_strbuf_addf(j->text, "\n");
}

static void converges_to(struct judge *j)
{
	struct range r = around(j->p->target, j->p->tolerance);
	u64 deadline_ns = j->p->ms * KT_NSEC_PER_MSEC;
	u32 i = 0, end = 0, in_a_row = 0;
	const struct kt_sample *e;

	while ((e = next(j->s, &i)) && e->workload_ns <= deadline_ns) {
		end = i;
		j->judged++;
		in_a_row = within(e->value, r) ? in_a_row + 1 : 0;
		if (in_a_row == IN_A_ROW)
			return;
	}
	tell_road(j, end);
}

static void always_true(struct judge *j)
{
	u32 i;

	for (i = 0; i < j->s->nr; i++) {
		const struct kt_sample *e = &j->s->v[i];

		j->judged++;
		if ((e->gap || !e->value) && tell(j, e) && !e->gap)
			kt_strbuf_addf(j->text, "\n");
	}
}

static void each(struct judge *j)
{
	u32 i;

	for (i = 0; i < j->s->nr; i++) {
		const struct kt_sample *e = &j->s->v[i];

		j->judged++;
		if (!e->gap && within(e->value, bounds(j->p)))
			continue;
		if (tell(j, e) && !e->gap)
			tell_bounds(j, bounds(j->p));
	}
}

static void ratio_within(struct judge *j)
{
	u32 i, nr = j->over ? min(j->s->nr, j->over->nr) : 0;
	char buf[NUMBER_BYTES], ratio_buf[NUMBER_BYTES];

	for (i = 0; i < nr; i++) {
		const struct kt_sample *e = &j->s->v[i];
		const struct kt_sample *d = &j->over->v[i];

		if (e->gap || d->gap || !d->value)
			continue;
		j->judged++;
		if (within(e->value / d->value, bounds(j->p)) || !tell(j, e))
			continue;
		kt_strbuf_addf(j->text, " to %s is %s", number(d->value, buf),
			       number(e->value / d->value, ratio_buf));
		tell_bounds(j, bounds(j->p));
	}
}

static const struct pattern {
	void (*judge)(struct judge *j);
	const char *name;
	u32 least;		/* samples that it takes */
	bool strict;		/* a gap breaks it */
} patterns[] = {
	[KTSTR_P_NONDECREASING] = { nondecreasing, "nondecreasing", 2 },
	[KTSTR_P_STRICTLY_INCREASING] = {
		strictly_increasing, "strictly increasing", 2 },
	[KTSTR_P_RATE_WITHIN] = { rate_within, "rate within", 2 },
	[KTSTR_P_STEADY_WITHIN] = { steady_within, "steady", 2 },
	[KTSTR_P_CONVERGES_TO] = { converges_to, "converges to", IN_A_ROW },
	[KTSTR_P_ALWAYS_TRUE] = { always_true, "always true", 1, true },
	[KTSTR_P_RATIO_WITHIN] = { ratio_within, "ratio to", 1 },
	[KTSTR_P_EACH] = { each, "each within", 1, true },
};

static void describe_range(const struct ktstr_pattern *p,
			   struct kt_strbuf *text)
{
	char low[NUMBER_BYTES], high[NUMBER_BYTES];

	kt_strbuf_addf(text, " %s..%s", number(p->low, low),
		       number(p->high, high));
}

void kt_temporal_describe(const struct ktstr_pattern *p,
			  const struct kt_samples *over,
			  struct kt_strbuf *text)
{
	char target[NUMBER_BYTES], tolerance[NUMBER_BYTES];

	kt_strbuf_addf(text, "%s", patterns[p->kind].name);
	switch (p->kind) {
	case KTSTR_P_RATIO_WITHIN:
		kt_strbuf_addf(text, " %s within",
			       over ? over->label : "nothing");
		describe_range(p, text);
		break;
	case KTSTR_P_RATE_WITHIN:
		describe_range(p, text);
		kt_strbuf_addf(text, " a second");
		break;
	case KTSTR_P_EACH:
		describe_range(p, text);
		break;
	case KTSTR_P_STEADY_WITHIN:
		kt_strbuf_addf(text, " within %s%% of its mean from %u ms on",
			       number(p->tolerance, tolerance), p->ms);
		break;
	case KTSTR_P_CONVERGES_TO:
		kt_strbuf_addf(text, " %s within %s by %u ms",
			       number(p->target, target),
			       number(p->tolerance, tolerance), p->ms);
		break;
	default:
		break;
	}
}

static void tell_gaps(const struct kt_samples *s, struct kt_strbuf *text)
{
	const struct kt_sample *e;
	u32 nr = 0;

	for (e = s->v; e < s->v + s->nr; e++) {
		if (!e->gap)
			continue;
		if (nr++ < MAX_TOLD)
			kt_strbuf_addf(text, "gap: %s of %s at %llu ms: %s\n",
				       e->tag, s->label, ms(e), e->gap);
	}
	if (nr > MAX_TOLD)
		kt_strbuf_addf(text, "%u more gaps of %s\n", nr - MAX_TOLD,
			       s->label);
}

static u32 nr_samples(const struct kt_samples *s)
{
	u32 nr = 0, i = 0;

	while (next(s, &i))
		nr++;
	return nr;
}

bool kt_temporal_judge(const struct kt_samples *s,
		       const struct ktstr_pattern *p,
		       const struct kt_samples *over, struct kt_strbuf *text)
{
	struct judge j = { .s = s, .p = p, .over = over, .text = text };
	const struct pattern *pattern = &patterns[p->kind];
	u32 nr = nr_samples(s);

	pattern->judge(&j);
	if (j.broken > MAX_TOLD)
		kt_strbuf_addf(text, "and %u more\n", j.broken - MAX_TOLD);
	if (nr < pattern->least)
		kt_strbuf_addf(text, "%u of %u samples there, at least %u needed\n",
			       nr, s->nr, pattern->least);
	else if (!j.judged)
		kt_strbuf_addf(text, "nothing to judge in %u samples\n", nr);
	if (!pattern->strict)
		tell_gaps(s, text);
	if (over && p->kind == KTSTR_P_RATIO_WITHIN)
		tell_gaps(over, text);
	return !j.broken && nr >= pattern->least && j.judged;
}
