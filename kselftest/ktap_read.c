// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KTAP reader. Lenient in form, as the tests of a kernel tree are not all
 * of one form; strict in what counts as a pass.
 */
#include <ctype.h>
#include <stdio.h>

#include <kselftest.h>

#include "../ktstr/base/strbuf.h"
#include "ktap_read.h"

#define MAX_NUMBER	1000000

static bool starts_with(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len))
		return false;
	*p += len;
	return true;
}

/* A decimal number, where one is; too large a one is none. */
static bool take_number(const char **p, u32 *nr)
{
	const char *at = *p;
	u32 v = 0;

	if (!isdigit((unsigned char)*at))
		return false;
	for (; isdigit((unsigned char)*at); at++)
		if (v <= MAX_NUMBER)
			v = v * 10 + *at - '0';
	*p = at;
	*nr = v <= MAX_NUMBER ? v : 0;
	return *nr == v;
}

static void skip_blanks(const char **p)
{
	*p += strspn(*p, " \t");
}

/* @len bytes of @from without blanks around them. */
static void take_text(char to[KT_KTAP_TEXT], const char *from, size_t len)
{
	char text[KT_KTAP_TEXT + 4];

	while (len && isspace((unsigned char)*from)) {
		from++;
		len--;
	}
	while (len && isspace((unsigned char)from[len - 1]))
		len--;
	snprintf(text, sizeof(text), "%.*s", (int)min_t(size_t, len, sizeof(text) - 1),
		 from);
	kt_text_sanitize(text, strlen(text));
	kt_utf8_copy(to, KT_KTAP_TEXT, text);
}

/* What stands behind the '#' of a result line. */
static void take_directive(struct kt_ktap_line *l, const char *p, size_t len)
{
	static const struct {
		const char *word;
		enum kt_outcome outcome;
	} directives[] = {
		{ "SKIP", KT_SKIP }, { "XFAIL", KT_XFAIL }, { "TODO", KT_XFAIL },
		{ "TIMEOUT", KT_TIMEOUT }, { "ERROR", KT_ERROR },
	};
	size_t i, blanks = strspn(p, " \t");

	p += min(blanks, len);
	len -= min(blanks, len);
	for (i = 0; i < ARRAY_SIZE(directives); i++) {
		size_t n = strlen(directives[i].word);

		if (len < n || strncasecmp(p, directives[i].word, n))
			continue;
		l->outcome = directives[i].outcome;
		/* "ok" with a directive of failure is a failure all the same */
		take_text(l->reason, p + n, len - n);
		return;
	}
}

static void read_result(struct kt_ktap_line *l, const char *p, bool ok)
{
	size_t end, hash;

	if (*p && !isspace((unsigned char)*p))
		return;
	l->kind = KT_KTAP_RESULT;
	l->ok = ok;
	l->outcome = ok ? KT_PASS : KT_FAIL;
	skip_blanks(&p);
	take_number(&p, &l->number);
	skip_blanks(&p);
	if (*p == '-')
		p++;
	end = strcspn(p, "\r\n");
	/* a '#' within a word is part of the name */
	for (hash = 0; hash < end; hash++)
		if (p[hash] == '#' && (!hash || isspace((unsigned char)p[hash - 1])))
			break;
	take_text(l->name, p, hash);
	if (hash < end)
		take_directive(l, p + hash + 1, end - hash - 1);
}

static void read_plan(struct kt_ktap_line *l, const char *p)
{
	size_t end;

	if (!take_number(&p, &l->number))
		return;
	end = strcspn(p, "\r\n");
	if (end && !isspace((unsigned char)*p) && *p != '#')
		return;
	l->kind = KT_KTAP_PLAN;
	skip_blanks(&p);
	if (*p == '#') {
		l->outcome = KT_PASS;
		take_directive(l, p + 1, strcspn(p + 1, "\r\n"));
	}
}

void kt_ktap_read_line(struct kt_ktap_line *l, const char *text)
{
	const char *p = text;

	memset(l, 0, sizeof(*l));
	if (starts_with(&p, "ok")) {
		read_result(l, p, true);
	} else if (starts_with(&p, "not ok")) {
		read_result(l, p, false);
	} else if (starts_with(&p, "1..")) {
		read_plan(l, p);
	} else if (starts_with(&p, "Bail out!")) {
		l->kind = KT_KTAP_BAIL;
		take_text(l->reason, p, strcspn(p, "\r\n"));
	} else if (starts_with(&p, "TAP version ") ||
		   starts_with(&p, "KTAP version ")) {
		l->kind = KT_KTAP_HEADER;
	}
}

void kt_ktap_sum_add(struct kt_ktap_sum *s, const struct kt_ktap_line *l)
{
	if (l->outcome == KT_SKIP)
		memcpy(s->skip_reason, l->reason, sizeof(s->skip_reason));
	switch (l->kind) {
	case KT_KTAP_PLAN:
		/* a script's output is that of several programs */
		s->has_plan = true;
		s->planned += l->number;
		break;
	case KT_KTAP_BAIL:
		s->bailed = true;
		break;
	case KT_KTAP_RESULT:
		s->results++;
		s->counts[l->outcome]++;
		if (!kt_outcome_info(l->outcome)->ok && !*s->first_bad)
			snprintf(s->first_bad, sizeof(s->first_bad), "%s",
				 *l->name ? l->name : "a test without a name");
		break;
	default:
		break;
	}
}

/* What the results alone say against a pass; false when nothing does. */
static bool speaks_against(const struct kt_ktap_sum *s, int code, char *why,
			   size_t size)
{
	u32 bad = s->counts[KT_FAIL] + s->counts[KT_TIMEOUT] + s->counts[KT_ERROR];

	if (s->bailed)
		snprintf(why, size, "exits with %d after \"Bail out!\"", code);
	else if (bad)
		snprintf(why, size, "exits with %d, %u of its %u results are failures, the first %s",
			 code, bad, s->results, s->first_bad);
	else if (s->has_plan && s->results != s->planned)
		snprintf(why, size, "exits with %d, planned %u results and gave %u",
			 code, s->planned, s->results);
	else
		return false;
	return true;
}

enum kt_outcome kt_ktap_judge(const struct kt_ktap_sum *s, int code, char *why,
			      size_t size)
{
	const char *reason = *s->skip_reason ? s->skip_reason : "no reason given";
	bool all_skipped = (s->results || (s->has_plan && !s->planned)) &&
			   s->counts[KT_SKIP] == s->results;

	*why = '\0';
	if (code != KSFT_PASS && code != KSFT_SKIP) {
		if (!speaks_against(s, code, why, size))
			snprintf(why, size, "exits with %d", code);
		return KT_FAIL;
	}
	/* who skips all of itself need not have come to its end */
	if (code == KSFT_SKIP && !s->counts[KT_FAIL] && !s->bailed) {
		snprintf(why, size, "%s", reason);
		return KT_SKIP;
	}
	if (speaks_against(s, code, why, size))
		return KT_FAIL;
	if (all_skipped) {
		snprintf(why, size, "all of its %u results are SKIPs: %s",
			 s->results, reason);
		return KT_SKIP;
	}
	return KT_PASS;
}
