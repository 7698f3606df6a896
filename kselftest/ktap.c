// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KTAP writer. The exit codes are those of kselftest.h.
 */
#include <kselftest.h>

#include "ktap.h"

#define INDENT	"    "

void kt_ktap_begin(struct kt_ktap *k, FILE *out, u32 planned)
{
	memset(k, 0, sizeof(*k));
	k->out = out;
	k->indent = "";
	k->planned = planned;
	fprintf(out, "KTAP version 1\n1..%u\n", planned);
	fflush(out);
}

void kt_ktap_begin_subtests(struct kt_ktap *k, FILE *out, const char *name,
			    u32 planned)
{
	memset(k, 0, sizeof(*k));
	k->out = out;
	k->indent = INDENT;
	k->planned = planned;
	fprintf(out, INDENT "KTAP version 1\n" INDENT "# Subtest: %s\n"
		INDENT "1..%u\n", name, planned);
	fflush(out);
}

void kt_ktap_diag(struct kt_ktap *k, const char *text)
{
	while (*text) {
		int len = strcspn(text, "\n");

		fprintf(k->out, "%s# %.*s\n", k->indent, len, text);
		text += len + (text[len] == '\n');
	}
}

static void print_result(struct kt_ktap *k, enum kt_outcome outcome,
			 const char *name, const char *why)
{
	const struct kt_outcome_info *info = kt_outcome_info(outcome);

	fprintf(k->out, "%s%s %u %s", k->indent, info->ok ? "ok" : "not ok",
		++k->done, name);
	if (info->directive)
		fprintf(k->out, " # %s%s%s", info->directive,
			why && *why ? " " : "", why ? why : "");
	fputc('\n', k->out);
	fflush(k->out);
}

void kt_ktap_result(struct kt_ktap *k, enum kt_outcome outcome,
		    const char *name, const char *why)
{
	k->counts[outcome < KT_NR_OUTCOMES ? outcome : KT_ERROR]++;
	print_result(k, outcome, name, why);
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

/* The counts as kselftest words them. */
static void print_counts(const struct kt_ktap *k, const char *of,
			 const struct kt_ktap *counted)
{
	const u32 *n = counted->counts;

	fprintf(k->out, "%s# %s: pass:%u fail:%u xfail:%u xpass:0 skip:%u error:%u\n",
		k->indent, of, n[KT_PASS], n[KT_FAIL] + n[KT_TIMEOUT],
		n[KT_XFAIL], n[KT_SKIP], n[KT_ERROR]);
	fflush(k->out);
}

/* The worst of them; what was skipped says nothing beside what was not. */
static enum kt_outcome outcome_of(const struct kt_ktap *k)
{
	static const enum kt_outcome worst_first[] = {
		KT_FAIL, KT_TIMEOUT, KT_ERROR, KT_PASS, KT_XFAIL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(worst_first); i++)
		if (k->counts[worst_first[i]])
			return worst_first[i];
	return KT_SKIP;
}

void kt_ktap_end_subtests(struct kt_ktap *k, const struct kt_ktap *sub,
			  const char *name)
{
	enum kt_outcome outcome = outcome_of(sub);
	u32 i;

	for (i = 0; i < KT_NR_OUTCOMES; i++)
		k->counts[i] += sub->counts[i];
	print_counts(k, name, sub);
	print_result(k, outcome, name,
		     outcome == KT_SKIP ? "all its subtests were" : NULL);
}

int kt_ktap_end(struct kt_ktap *k)
{
	u32 failed = k->counts[KT_FAIL] + k->counts[KT_TIMEOUT];
	u32 all = 0, i;

	print_counts(k, "Totals", k);
	for (i = 0; i < KT_NR_OUTCOMES; i++)
		all += k->counts[i];
	if (failed || k->counts[KT_ERROR] || k->done != k->planned)
		return KSFT_FAIL;
	if (all && k->counts[KT_SKIP] == all)
		return KSFT_SKIP;
	return KSFT_PASS;
}
