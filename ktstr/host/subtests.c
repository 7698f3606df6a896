// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nesting another test's results. It may have been cut off, or never have been
 * in order; what is printed is.
 */
#include "../../kselftest/ktap.h"
#include "../../kselftest/ktap_read.h"
#include "subtests.h"

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

void kt_subtests_print(FILE *out, const char *name, const char *text)
{
	u32 nr = count_results(text);
	struct kt_ktap_line l;
	struct kt_ktap k;

	if (!nr)
		return;
	kt_ktap_begin_subtests(&k, out, name, nr);
	for (; *text; text = next_line(text)) {
		kt_ktap_read_line(&l, text);
		if (l.kind == KT_KTAP_RESULT)
			kt_ktap_result(&k, l.outcome,
				       *l.name ? l.name : "unnamed", l.reason);
	}
}
