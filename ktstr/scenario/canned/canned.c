// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding a canned scenario, by name or by family. The families are in the
 * order in which a scheduler is best tried with them.
 */
#include <stdio.h>

#include "../../base/near.h"
#include "families.h"

static const struct kt_canned_family *const families[] = {
	&kt_canned_basic,
	&kt_canned_cpuset,
	&kt_canned_dynamic,
	&kt_canned_stress,
	&kt_canned_interaction,
	&kt_canned_affinity,
	&kt_canned_nested,
	&kt_canned_performance,
};

const struct ktstr_canned *ktstr_canned_get(uint32_t i)
{
	size_t f;

	for (f = 0; f < ARRAY_SIZE(families); f++) {
		if (i < families[f]->nr)
			return &families[f]->scenarios[i];
		i -= families[f]->nr;
	}
	return NULL;
}

const struct ktstr_canned *ktstr_canned_find(const char *name)
{
	const struct ktstr_canned *c;
	u32 i = 0;

	while ((c = ktstr_canned_get(i++)))
		if (!strcmp(c->name, name))
			break;
	return c;
}

bool ktstr_canned_matches(const struct ktstr_canned *c, const char *what)
{
	return !strcmp(what, c->name) || !strcmp(what, c->family) ||
	       !strcmp(what, "all");
}

const char *ktstr_canned_unknown(const char *what, char *why, size_t why_size)
{
	static struct kt_name_list names;
	const struct ktstr_canned *c;
	struct kt_strbuf text;
	u32 i = 0;

	names.nr = 0;
	while ((c = ktstr_canned_get(i++))) {
		kt_name_list_add(&names, c->name);
		kt_name_list_add(&names, c->family);
	}
	kt_strbuf_init(&text, why_size / 2);
	kt_name_list_text(&names, what, &text);
	snprintf(why, why_size, "there is no scenario \"%.60s\"; there are: %s",
		 what, kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
	return why;
}
