// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr work`: the work types, what each does, its parameters with their units
 * and defaults, and how many workers make a group of it. Out of the one table
 * that workers use.
 */
#include <stdio.h>

#include <subcmd/parse-options.h>

#include "ktstr/work/types.h"
#include "work.h"

static const char *const work_usage[] = {
	"ktstr work [<type>...]",
	NULL
};

static void print_group(const struct kt_work_type *t)
{
	if (t->together)
		printf("\tworkers: all together\n");
	else if (t->by_width && t->group)
		printf("\tworkers: a multiple of width + %u\n", t->group);
	else if (t->by_width)
		printf("\tworkers: a multiple of width\n");
	else if (t->group)
		printf("\tworkers: a multiple of %u\n", t->group);
}

static void print(const struct kt_work_type *t)
{
	const struct kt_work_param *p;

	printf("%-28s %s\n", t->name, t->desc);
	for (p = t->params; p->name; p++) {
		printf("\t.%s: %s", p->name, p->unit);
		if (p->default_value)
			printf(", default %u", p->default_value);
		printf("\n");
	}
	print_group(t);
}

static const struct kt_work_type *find(const char *name)
{
	const struct kt_work_type *t;
	u32 i;

	for (i = 0; (t = kt_work_type(i)); i++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

int kt_cmd_work(int argc, const char **argv)
{
	const struct option options[] = { OPT_END() };
	const struct kt_work_type *t;
	int i;

	argc = parse_options(argc, argv, options, work_usage, 0);
	for (i = 0; i < argc; i++) {
		t = find(argv[i]);
		if (!t) {
			fprintf(stderr, "ktstr: no work type \"%s\"; `ktstr work` lists them\n",
				argv[i]);
			return 1;
		}
		print(t);
	}
	for (i = 0; !argc && (t = kt_work_type(i)); i++)
		print(t);
	return 0;
}
