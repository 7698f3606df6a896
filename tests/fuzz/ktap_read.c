// SPDX-License-Identifier: GPL-2.0-only
/*
 * What another test printed: read, summed up, judged and nested; and the
 * metrics of a payload that printed the same.
 */
#include <stdio.h>

#include "kselftest/ktap_read.h"
#include "ktstr/check/metrics.h"
#include "ktstr/host/subtests.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void read_ktap(const char *text, FILE *out)
{
	struct kt_ktap_sum sum = {};
	struct kt_ktap_line l;
	const char *p;
	char why[256];

	for (p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		kt_ktap_read_line(&l, p);
		kt_ktap_sum_add(&sum, &l);
	}
	/* a failure among the results is never a pass */
	if (kt_ktap_judge(&sum, 0, why, sizeof(why)) == KT_PASS &&
	    (sum.counts[KT_FAIL] || sum.bailed))
		abort();
	kt_subtests_print(out, "fuzz", text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const struct ktstr_metric metrics[] = {
		{ .name = "time", .regex = "Time: ([0-9.]+)" },
		{ .name = "any", .regex = "(.*)" },
		{ .name = "json", .json = "a[0].b" },
	};
	char *text = strndup((const char *)data, size), why[256];
	FILE *out = fopen("/dev/null", "w");
	double value;
	size_t i;

	if (text && out) {
		read_ktap(text, out);
		for (i = 0; i < ARRAY_SIZE(metrics); i++)
			kt_metric_read(&metrics[i], text, &value, why, sizeof(why));
	}
	if (out)
		fclose(out);
	free(text);
	return 0;
}
