// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of what is to run, and those of a program's cases that are asked for.
 */
#include <stdio.h>

#include "../base/log.h"
#include "case.h"
#include "selection.h"

static void cell_fini(struct kt_cell *cell)
{
	free(cell->name);
	free(cell->pattern);
	free(cell->own);
}

void kt_selection_fini(struct kt_selection *sel)
{
	while (sel->nr)
		cell_fini(&sel->cells[--sel->nr]);
	free(sel->cells);
	free(sel->groups);
	memset(sel, 0, sizeof(*sel));
}

int kt_selection_add_cell(struct kt_selection *sel, struct kt_cell *cell)
{
	struct kt_cell *grown = NULL;

	if (cell->name && cell->pattern && cell->test)
		grown = reallocarray(sel->cells, sel->nr + 1, sizeof(*grown));
	if (!grown) {
		cell_fini(cell);
		return kt_err(-ENOMEM, "no memory for the list of cases");
	}
	sel->cells = grown;
	sel->cells[sel->nr++] = *cell;
	return 0;
}

int kt_selection_add(struct kt_selection *sel, const struct kt_session *s,
		     const struct ktstr_test *test)
{
	struct kt_cell cell = {
		.test = test,
		.session = s,
		.name = strdup(test->name),
		.pattern = strdup(test->name),
	};

	return kt_selection_add_cell(sel, &cell);
}

int kt_selection_group(struct kt_selection *sel, const char *name, u32 nr)
{
	struct kt_group *grown = reallocarray(sel->groups, sel->nr_groups + 1,
					      sizeof(*grown));

	if (!grown)
		return kt_err(-ENOMEM, "no memory for the list of cases");
	sel->groups = grown;
	sel->groups[sel->nr_groups++] = (struct kt_group){ name, nr };
	return 0;
}

/* @test once for each seed. */
static int add_seeds(struct kt_selection *sel, const struct kt_session *s,
		     const struct ktstr_test *test, const struct kt_options *o)
{
	u32 i;
	int ret;

	for (i = 0; i < o->seeds; i++) {
		struct kt_cell cell = {
			.test = test,
			.session = s,
			.seed = o->seed + i,
			.pattern = strdup(test->name),
		};

		if (asprintf(&cell.name, "%s/seed_%u", test->name,
			     cell.seed) < 0)
			cell.name = NULL;
		ret = kt_selection_add_cell(sel, &cell);
		if (ret)
			return ret;
	}
	return 0;
}

int kt_selection_cases(struct kt_selection *sel, const struct kt_session *s,
		       const struct kt_options *o)
{
	u32 i;
	int ret;

	for (i = 0; i < kt_cases_count(); i++) {
		const struct ktstr_test *t = kt_cases_get(i);

		if (!kt_options_match(o, t->name))
			continue;
		ret = o->seeds ? add_seeds(sel, s, t, o) :
		      kt_selection_add(sel, s, t);
		if (ret)
			return ret;
	}
	if (!sel->nr)
		return kt_err(-ENOENT,
			      "no case matches \"%s\"; --list shows them",
			      o->patterns[0]);
	return 0;
}
