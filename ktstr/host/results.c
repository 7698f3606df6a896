// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results in order, flat or by group.
 */
#include "results.h"

#define NONE_FITS	"nothing of the gauntlet suits it; --list says why"

/* Opens the next group that has cells; what has none is skipped. */
static void open_group(struct kt_results *r)
{
	const struct kt_group *g = r->sel->groups;

	for (; r->group_nr < r->sel->nr_groups; r->group_nr++) {
		if (g[r->group_nr].nr) {
			kt_ktap_begin_subtests(&r->group, r->all.out,
					       g[r->group_nr].name,
					       g[r->group_nr].nr);
			return;
		}
		kt_ktap_result(&r->all, KT_SKIP, g[r->group_nr].name,
			       NONE_FITS);
	}
}

void kt_results_begin(struct kt_results *r, const struct kt_selection *sel,
		      FILE *out)
{
	r->sel = sel;
	r->group_nr = 0;
	kt_ktap_begin(&r->all, out, sel->groups ? sel->nr_groups : sel->nr);
	open_group(r);
}

struct kt_ktap *kt_results_ktap(struct kt_results *r)
{
	return r->sel->groups ? &r->group : &r->all;
}

void kt_results_add(struct kt_results *r, enum kt_outcome outcome,
		    const char *name, const char *why)
{
	struct kt_ktap *k = kt_results_ktap(r);

	kt_ktap_result(k, outcome, name, why);
	if (k != &r->group || k->done < k->planned)
		return;
	kt_ktap_end_subtests(&r->all, k, r->sel->groups[r->group_nr++].name);
	open_group(r);
}

int kt_results_end(struct kt_results *r)
{
	return kt_ktap_end(&r->all);
}
