/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: an .after run over captures that the test wrote as JSON, and what
 * it printed.
 */
#ifndef KTSTR_TESTS_UNIT_AFTER_RIG_H
#define KTSTR_TESTS_UNIT_AFTER_RIG_H

#include "ktstr/host/after.h"

struct after_rig {
	struct kt_captures captures;
	char *text;
};

static inline void after_rig_fini(struct after_rig *r)
{
	kt_captures_fini(&r->captures);
	free(r->text);
}

/* A periodic capture of @json, at its number times 100 ms. */
static inline void after_rig_add(struct after_rig *r, const char *tag,
				 const char *json)
{
	struct kt_capture *e = kt_captures_add(&r->captures);

	snprintf(e->tag, sizeof(e->tag), "%s", tag);
	e->cause = KT_CAPTURE_PERIODIC;
	e->workload_ns = r->captures.taken * 100 * KT_NSEC_PER_MSEC;
	e->state = json_loads(json, 0, NULL);
	if (!e->state)
		abort();
	kt_json_set_text(e->state, "tag", tag);
}

static inline enum kt_outcome after_rig_run(struct after_rig *r,
					    void (*fn)(struct ktstr_after *a))
{
	const struct ktstr_test test = { .name = "t", .after = fn };
	enum kt_outcome outcome;
	size_t len;
	FILE *out;

	free(r->text);
	out = open_memstream(&r->text, &len);
	outcome = kt_after_run(&test, &r->captures, out);
	fclose(out);
	return outcome;
}

#endif /* KTSTR_TESTS_UNIT_AFTER_RIG_H */
