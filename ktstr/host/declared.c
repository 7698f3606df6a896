// SPDX-License-Identifier: GPL-2.0-only
/*
 * Canned scenarios, needs, flags and expected failures of a declaration.
 */
#include <stdio.h>
#include <stdlib.h>

#include "declared.h"
#include "profiles.h"

/* The smaller of two that limit, of which 0 does not. */
static uint32_t limit(uint32_t a, uint32_t b)
{
	return a && b ? min(a, b) : max(a, b);
}

static void fill_needs(struct ktstr_needs *to, const struct ktstr_needs *from)
{
	to->cpus = max(to->cpus, from->cpus);
	to->llcs = max(to->llcs, from->llcs);
	to->nodes = max(to->nodes, from->nodes);
	to->smt |= from->smt;
	to->real_time |= from->real_time;
	to->max_cpus = limit(to->max_cpus, from->max_cpus);
	to->max_llcs = limit(to->max_llcs, from->max_llcs);
	to->max_nodes = limit(to->max_nodes, from->max_nodes);
}

/* Thresholds are numbers of one kind, and 0 inherits. */
static void fill_checks(struct ktstr_checks *to,
			const struct ktstr_checks *from)
{
	const s32 *below = (const s32 *)from;
	s32 *own = (s32 *)to;
	size_t i;

	static_assert(sizeof(*to) % sizeof(*own) == 0, "thresholds are s32");
	for (i = 0; i < sizeof(*to) / sizeof(*own); i++)
		if (!own[i])
			own[i] = below[i];
}

const struct ktstr_test *kt_declared_fill(const struct ktstr_test *test)
{
	const struct ktstr_canned *c = test->scenario ?
		ktstr_canned_find(test->scenario) : NULL;
	struct ktstr_test *filled = c ? malloc(sizeof(*filled)) : NULL;

	if (!filled)
		return test;
	*filled = *test;
	if (!filled->desc)
		filled->desc = c->desc;
	if (!filled->topology)
		filled->topology = c->topology;
	if (!filled->duration_ms)
		filled->duration_ms = c->duration_ms;
	fill_needs(&filled->needs, &c->needs);
	fill_checks(&filled->checks, &c->checks);
	return filled;
}

/* One number of a topology against its bounds. */
struct bounded {
	const char *what;
	u32 has;
	u32 least;
	u32 most;		/* 0: any number */
};

bool kt_declared_lacks(const struct ktstr_test *test,
		       const struct kt_topology *topo, char *why,
		       size_t why_size)
{
	const struct ktstr_needs *n = &test->needs;
	const struct bounded all[] = {
		{ "CPUs", kt_topology_cpus(topo), n->cpus, n->max_cpus },
		{ "LLCs", topo->llcs, n->llcs, n->max_llcs },
		{ "nodes with CPUs", topo->nodes, n->nodes, n->max_nodes },
	};
	char own[KT_TOPOLOGY_STR];
	size_t i;

	kt_topology_str(topo, own, sizeof(own));
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		const struct bounded *b = &all[i];
		bool less = b->has < b->least;

		if (!less && (!b->most || b->has <= b->most))
			continue;
		snprintf(why, why_size, "%s %u %s, %s has %u",
			 less ? "needs" : "takes at most",
			 less ? b->least : b->most, b->what, own, b->has);
		return true;
	}
	if (n->smt && topo->threads < 2)
		snprintf(why, why_size,
			 "needs cores of two threads, those of %s have one",
			 own);
	else if (test->nested && topo->llcs > 1)
		snprintf(why, why_size,
			 ".nested takes a topology of one LLC, %s has %u", own,
			 topo->llcs);
	else
		return false;
	return true;
}

static const char *xfails_fault(const struct ktstr_xfail *x)
{
	for (; x && x->sched; x++) {
		if (strchr(x->sched, '/'))
			return ".xfails names a scheduler by its path: give the file's name";
		if (!x->reason || !*x->reason || strchr(x->reason, '\n'))
			return ".xfails has no reason, or one of several lines";
	}
	return NULL;
}

const char *kt_declared_fault(const struct ktstr_test *test, char *why,
			      size_t why_size)
{
	if (kt_profile_fault(test, why, why_size))
		return why;
	if (test->scenario && !ktstr_canned_find(test->scenario))
		return ktstr_canned_unknown(test->scenario, why, why_size);
	return xfails_fault(test->xfails);
}

/* The file name of the program that @test runs under; "" for none. */
static const char *sched_name(const struct ktstr_test *test,
			      const struct kt_options *o)
{
	const char *binary = o->scheduler ? o->scheduler :
			     test->sched ? test->sched->binary : "";
	const char *slash = strrchr(binary, '/');

	return slash ? slash + 1 : binary;
}

enum kt_outcome kt_declared_outcome(const struct ktstr_test *test,
				    const struct kt_options *o,
				    enum kt_outcome outcome,
				    const char *report, const char **reason)
{
	const char *name = sched_name(test, o);
	const struct ktstr_xfail *x;

	for (x = test->xfails; x && x->sched; x++) {
		if (strcmp(x->sched, name))
			continue;
		*reason = x->reason;
		if (outcome == KT_PASS && !x->sometimes)
			return KT_FAIL;
		if (outcome == KT_FAIL &&
		    (!x->text || (report && strstr(report, x->text))))
			return KT_XFAIL;
	}
	return outcome;
}
