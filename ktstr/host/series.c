// SPDX-License-Identifier: GPL-2.0-only
/*
 * Series of one number over the periodic captures, and what is claimed of them.
 */
#include "after_priv.h"

#define MAX_TOLD	8192	/* bytes about one claim */

/* Why @v is no number is the gap's reason. */
static void take(struct ktstr_after *a, struct kt_sample *e,
		 struct ktstr_value v)
{
	char buf[128];
	u64 u;
	s64 n;

	if (v.error)
		e->gap = v.error;
	else if (json_is_real((const json_t *)v.node))
		e->value = json_real_value(v.node);
	else if (!kt_json_get_i64(v.node, &n))
		e->value = n;
	else if (!kt_json_get_u64(v.node, &u))
		e->value = u;
	else
		e->gap = kt_after_text(a, "%s is %s, no number",
				       v.where ?: "it",
				       kt_value_say(v.node, buf, sizeof(buf)));
}

struct ktstr_series *
ktstr_series_of(struct ktstr_after *a, const char *label,
		struct ktstr_value (*look)(struct ktstr_value capture,
					   void *arg), void *arg)
{
	u32 nr = kt_captures_nr(a->captures), i;
	struct ktstr_series *s;

	s = calloc(1, sizeof(*s) + nr * sizeof(s->v[0]));
	if (!s)
		return NULL;
	s->samples.label = kt_after_text(a, "%s", label);
	s->samples.v = s->v;
	s->next = a->series;
	a->series = s;
	for (i = 0; i < nr; i++) {
		const struct kt_capture *c = kt_captures_get(a->captures, i);
		struct kt_sample *e = &s->v[s->samples.nr];

		if (c->cause != KT_CAPTURE_PERIODIC)
			continue;
		s->samples.nr++;
		e->tag = c->tag;
		e->workload_ns = c->workload_ns;
		take(a, e, look(ktstr_capture_nth(a, i), arg));
	}
	return s;
}

/* What a path or a variable is looked up by. */
struct place {
	const char *var;
	const char *path;
};

static struct ktstr_value look_at(struct ktstr_value capture, void *arg)
{
	const struct place *p = arg;

	if (p->var)
		capture = ktstr_var(capture, p->var);
	return p->path ? ktstr_at(capture, p->path) : capture;
}

struct ktstr_series *ktstr_series(struct ktstr_after *a, const char *path)
{
	return ktstr_series_of(a, path, look_at,
			       &(struct place){ NULL, path });
}

struct ktstr_series *ktstr_series_var(struct ktstr_after *a, const char *name,
				      const char *path)
{
	const char *label = !path ? name :
			    kt_after_text(a, "%s%s%s", name,
					  *path == '[' ? "" : ".", path);

	return ktstr_series_of(a, label, look_at,
			       &(struct place){ name, path });
}

/* The lines that the judgement told, a little in. */
static void tell(FILE *out, const struct kt_strbuf *text)
{
	const char *line;
	size_t len;

	for (line = kt_strbuf_str(text); *line; line += len + !!line[len]) {
		len = strcspn(line, "\n");
		fprintf(out, "  %.*s\n", (int)len, line);
	}
	if (text->overflow)
		fputs("  ...\n", out);
}

bool ktstr_claim_pattern(struct ktstr_after *a, const struct ktstr_series *s,
			 const struct ktstr_pattern *p, const char *file,
			 int line)
{
	const struct kt_samples *over = p->over ? &p->over->samples : NULL;
	struct kt_strbuf words, text;
	bool ok;

	if (!s || p->kind >= KTSTR_NR_PATTERNS ||
	    (p->kind == KTSTR_P_RATIO_WITHIN && !over)) {
		kt_after_failed(a, file, line, s ? "no such pattern" :
				"a series that there is no memory for");
		return false;
	}
	kt_strbuf_init(&words, MAX_TOLD);
	kt_strbuf_init(&text, MAX_TOLD);
	kt_temporal_describe(p, over, &words);
	ok = kt_temporal_judge(&s->samples, p, over, &text);
	if (ok)
		a->nr_claims++;
	else
		kt_after_failed(a, file, line, "%s: expected %s",
				s->samples.label, kt_strbuf_str(&words));
	if (ok && text.len_bytes)
		ktstr_after_note(a, "%s: %s, but", s->samples.label,
				 kt_strbuf_str(&words));
	tell(a->out, &text);
	kt_strbuf_fini(&words);
	kt_strbuf_fini(&text);
	return ok;
}
