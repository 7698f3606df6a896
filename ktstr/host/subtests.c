// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nesting another test's results. It may have been cut off, or never have been
 * in order; what is printed is.
 */
#include "../../kselftest/ktap_read.h"
#include "subtests.h"

#define INDENT	"    "

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : "";
}

static u32 count_results(const char *text)
{
	struct kt_ktap_line l;
	u32 nr = 0;

	for (; *text; text = next_line(text)) {
		kt_ktap_read_line(&l, text);
		nr += l.kind == KT_KTAP_RESULT;
	}
	return nr;
}

static void print_result(FILE *out, const struct kt_ktap_line *l, u32 number)
{
	const struct kt_outcome_info *info = kt_outcome_info(l->outcome);

	fprintf(out, INDENT "%s %u %s", info->ok ? "ok" : "not ok", number,
		*l->name ? l->name : "unnamed");
	if (info->directive)
		fprintf(out, " # %s%s%s", info->directive,
			*l->reason ? " " : "", l->reason);
	fputc('\n', out);
}

void kt_subtests_print(FILE *out, const char *name, const char *text)
{
	struct kt_ktap_line l;
	u32 nr = count_results(text), done = 0;

	if (!nr)
		return;
	fprintf(out, INDENT "KTAP version 1\n" INDENT "# Subtest: %s\n"
		INDENT "1..%u\n", name, nr);
	for (; *text; text = next_line(text)) {
		kt_ktap_read_line(&l, text);
		if (l.kind == KT_KTAP_RESULT)
			print_result(out, &l, ++done);
	}
}
