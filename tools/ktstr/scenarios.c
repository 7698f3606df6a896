// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing and listing canned scenarios.
 */
#include <stdio.h>

#include "ktstr/base/log.h"
#include "ktstr/include/ktstr.h"
#include "scenarios.h"

int kt_scenarios_add(const char *what, struct kt_strv *names)
{
	const struct ktstr_canned *c;
	char why[1024];
	u32 i = 0, nr = 0;

	while ((c = ktstr_canned_get(i++))) {
		if (!ktstr_canned_matches(c, what))
			continue;
		kt_strv_addf(names, KT_SCENARIOS_PROGRAM "/%s", c->name);
		nr++;
	}
	if (!nr)
		return kt_err(-ENOENT, "%s; `ktstr list --scenarios` describes them",
			      ktstr_canned_unknown(what, why, sizeof(why)));
	return names->err;
}

int kt_scenarios_list(void)
{
	const struct ktstr_canned *c;
	const char *family = "";
	u32 i = 0;

	while ((c = ktstr_canned_get(i++))) {
		if (strcmp(c->family, family))
			printf("%s%s\n", *family ? "\n" : "", c->family);
		family = c->family;
		printf("  %-20s %-10s %s\n", c->name, c->topology, c->desc);
	}
	return 0;
}
