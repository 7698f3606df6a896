// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding numbers in what a program printed, by regular expression or in JSON.
 * The text is anything.
 */
#include <ctype.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>

#include <jansson.h>

#include "../base/strbuf.h"
#include "metrics.h"

#define NUMBER_MAX	64
#define KEY_MAX		128
#define MATCHES_MAX	100000

static int number_of(const char *text, size_t len, double *value, char *why,
		     size_t size)
{
	char buf[NUMBER_MAX], *end;

	snprintf(buf, sizeof(buf), "%.*s", (int)min_t(size_t, len, NUMBER_MAX - 1),
		 text);
	*value = strtod(buf, &end);
	if (!len || len >= NUMBER_MAX || end == buf || *end || !isfinite(*value)) {
		kt_text_sanitize(buf, strlen(buf));
		snprintf(why, size, "\"%s\" is no number", buf);
		return -EINVAL;
	}
	return 0;
}

static int read_regex(const struct ktstr_metric *m, const char *text,
		      double *value, char *why, size_t size)
{
	const char *at = NULL, *p = text;
	regmatch_t match[2];
	size_t len = 0;
	regex_t re;
	u32 i;
	int ret;

	ret = regcomp(&re, m->regex, REG_EXTENDED | REG_NEWLINE);
	if (ret || re.re_nsub != 1) {
		snprintf(why, size, "\"%s\" is no regular expression with one group",
			 m->regex);
		if (!ret)
			regfree(&re);
		return -EINVAL;
	}
	for (i = 0; i < MATCHES_MAX &&
	     !regexec(&re, p, 2, match, p == text ? 0 : REG_NOTBOL); i++) {
		if (match[1].rm_so >= 0) {
			at = p + match[1].rm_so;
			len = match[1].rm_eo - match[1].rm_so;
		}
		p += match[0].rm_eo;
		/* an empty match must not stand still */
		if (match[0].rm_eo == match[0].rm_so && !*p++)
			break;
	}
	regfree(&re);
	if (at)
		return number_of(at, len, value, why, size);
	snprintf(why, size, "nothing in the output matches \"%s\"", m->regex);
	return -ENOENT;
}

/* The output as a whole, else its last line that is an object. */
static json_t *parse(const char *text)
{
	json_t *root = json_loads(text, 0, NULL);
	const char *line = text + strlen(text);

	while (!root && line > text) {
		for (line--; line > text && line[-1] != '\n'; line--)
			;
		if (*line == '{')
			root = json_loadb(line, strcspn(line, "\n"), 0, NULL);
	}
	return root;
}

/* One step of a path: "name" or "[3]". NULL behind what is not there. */
static const json_t *step(const json_t *at, const char **path)
{
	const char *p = *path;
	char key[KEY_MAX];
	size_t len;

	if (*p == '[') {
		unsigned long i = strtoul(p + 1, (char **)path, 10);

		if (!isdigit((unsigned char)p[1]) || **path != ']')
			return NULL;
		(*path)++;
		return json_array_get(at, i);
	}
	p += *p == '.';
	len = strcspn(p, ".[");
	*path = p + len;
	if (!len || len >= sizeof(key))
		return NULL;
	memcpy(key, p, len);
	key[len] = '\0';
	return json_object_get(at, key);
}

static int read_json(const struct ktstr_metric *m, const char *text,
		     double *value, char *why, size_t size)
{
	json_t *root = parse(text);
	const json_t *at = root;
	const char *path = m->json;
	int ret = 0;

	while (at && *path)
		at = step(at, &path);
	if (!root)
		snprintf(why, size, "there is no JSON in the output");
	else if (!at)
		snprintf(why, size, "the output's JSON has no \"%s\"", m->json);
	else if (!json_is_number(at))
		snprintf(why, size, "\"%s\" in the output's JSON is no number", m->json);
	if (!at)
		ret = -ENOENT;
	else if (!json_is_number(at))
		ret = -EINVAL;
	else
		*value = json_number_value(at);
	json_decref(root);
	return ret;
}

int kt_metric_read(const struct ktstr_metric *m, const char *text, double *value,
		   char *why, size_t size)
{
	if (!m->regex == !m->json) {
		snprintf(why, size, "it needs either .regex or .json");
		return -EINVAL;
	}
	return m->regex ? read_regex(m, text, value, why, size) :
			  read_json(m, text, value, why, size);
}

static void judge_one(struct kt_verdict *v, const struct ktstr_payload *p,
		      const struct ktstr_metric *m, const char *text)
{
	const char *unit = m->unit ? m->unit : "";
	char why[256];
	double value;

	if (kt_metric_read(m, text, &value, why, sizeof(why)))
		kt_verdict_detail(v, KT_DETAIL_CLAIM, "payload %s: metric %s: %s",
				  p->name, m->name, why);
	else if (m->lower.set && value < m->lower.value)
		kt_verdict_detail(v, KT_DETAIL_CLAIM,
				  "payload %s: %s %g%s (lower bound %g%s)", p->name,
				  m->name, value, unit, m->lower.value, unit);
	else if (m->upper.set && value > m->upper.value)
		kt_verdict_detail(v, KT_DETAIL_CLAIM,
				  "payload %s: %s %g%s (upper bound %g%s)", p->name,
				  m->name, value, unit, m->upper.value, unit);
	else
		kt_verdict_detail(v, KT_DETAIL_INFO, "payload %s: %s %g%s%s",
				  p->name, m->name, value, unit,
				  m->higher_is_better ? " (higher is better)" : "");
}

void kt_metrics_judge(struct kt_verdict *v, const struct ktstr_payload *p,
		      const char *text)
{
	const struct ktstr_metric *m;

	for (m = p->metrics; m && m->name; m++) {
		kt_verdict_judged(v);
		judge_one(v, p, m, text);
	}
}
