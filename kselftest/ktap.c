// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KTAP writer. The exit codes are those of kselftest.h.
 */
#include <kselftest.h>

#include "ktap.h"

void kt_ktap_begin(struct kt_ktap *k, FILE *out, u32 planned)
{
	memset(k, 0, sizeof(*k));
	k->out = out;
	k->planned = planned;
	fprintf(out, "KTAP version 1\n1..%u\n", planned);
	fflush(out);
}

void kt_ktap_diag(struct kt_ktap *k, const char *text)
{
	while (*text) {
		int len = strcspn(text, "\n");

		fprintf(k->out, "# %.*s\n", len, text);
		text += len + (text[len] == '\n');
	}
}

void kt_ktap_result(struct kt_ktap *k, enum kt_outcome outcome,
		    const char *name, const char *why)
{
	const struct kt_outcome_info *info = kt_outcome_info(outcome);

	k->counts[outcome < KT_NR_OUTCOMES ? outcome : KT_ERROR]++;
	fprintf(k->out, "%s %u %s", info->ok ? "ok" : "not ok", ++k->done,
		name);
	if (info->directive)
		fprintf(k->out, " # %s%s%s", info->directive,
			why && *why ? " " : "", why ? why : "");
	fputc('\n', k->out);
	fflush(k->out);
}

void kt_ktap_skip_all(struct kt_ktap *k, const char *const *names,
		      const char *why)
{
	u32 i;

	for (i = 0; i < k->planned; i++)
		kt_ktap_result(k, KT_SKIP, names[i], why);
}

void kt_ktap_bail(FILE *out, const char *why)
{
	fprintf(out, "Bail out! %s\n", why);
	fflush(out);
}

int kt_ktap_end(struct kt_ktap *k)
{
	u32 failed = k->counts[KT_FAIL] + k->counts[KT_TIMEOUT];

	fprintf(k->out,
		"# Totals: pass:%u fail:%u xfail:%u xpass:0 skip:%u error:%u\n",
		k->counts[KT_PASS], failed, k->counts[KT_XFAIL],
		k->counts[KT_SKIP], k->counts[KT_ERROR]);
	fflush(k->out);
	if (failed || k->counts[KT_ERROR] || k->done != k->planned)
		return KSFT_FAIL;
	if (k->planned && k->counts[KT_SKIP] == k->planned)
		return KSFT_SKIP;
	return KSFT_PASS;
}
