// SPDX-License-Identifier: GPL-2.0-only
/*
 * A payload's declaration on its way into the machine, and metrics as the
 * command line has them.
 */
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "ktstr/base/log.h"
#include "payload.h"

#define JSON_PREFIX	"json:"
#define USAGE		"write NAME=REGEX or NAME=json:PATH, then ,min=N ,max=N ,unit=TEXT as needed"

static bool take_number(const char *text, struct ktstr_bound *b)
{
	char *end;

	b->value = strtod(text, &end);
	b->set = *text && !*end && isfinite(b->value);
	return b->set;
}

/*
 * Takes what is behind the last comma, if it is one of ours: an expression may
 * have commas itself. 1: taken, 0: none of ours, -EINVAL: a bad number.
 */
static int take_last(struct ktstr_metric *m, char *text)
{
	char *comma = strrchr(text, ',');
	int ret = 1;

	if (!comma)
		return 0;
	if (!strncmp(comma, ",min=", 5))
		ret = take_number(comma + 5, &m->lower) ? 1 : -EINVAL;
	else if (!strncmp(comma, ",max=", 5))
		ret = take_number(comma + 5, &m->upper) ? 1 : -EINVAL;
	else if (!strncmp(comma, ",unit=", 6))
		m->unit = comma + 6;
	else
		return 0;
	*comma = '\0';
	return ret;
}

static bool has_one_group(const char *regex)
{
	bool one;
	regex_t re;

	if (regcomp(&re, regex, REG_EXTENDED | REG_NEWLINE))
		return false;
	one = re.re_nsub == 1;
	regfree(&re);
	return one;
}

int kt_payload_metric_parse(struct ktstr_metric *m, char **text,
			    const char *arg)
{
	char *what;
	int ret;

	memset(m, 0, sizeof(*m));
	*text = strdup(arg);
	if (!*text)
		return kt_err(-ENOMEM, "no memory for a metric");
	do {
		ret = take_last(m, *text);
	} while (ret > 0);
	if (ret)
		return kt_err(ret, "--metric \"%s\": a bound is no number", arg);
	what = strchr(*text, '=');
	if (!what || what == *text || !what[1])
		return kt_err(-EINVAL, "--metric \"%s\": " USAGE, arg);
	*what++ = '\0';
	m->name = *text;
	if (!strncmp(what, JSON_PREFIX, strlen(JSON_PREFIX)))
		m->json = what + strlen(JSON_PREFIX);
	else
		m->regex = what;
	if (m->regex && !has_one_group(m->regex))
		return kt_err(-EINVAL, "--metric \"%s\": \"%s\" is no extended regular expression with one group, which is the number",
			      arg, m->regex);
	if (m->json && !*m->json)
		return kt_err(-EINVAL, "--metric \"%s\": " USAGE, arg);
	return 0;
}

static json_t *pack_metric(const struct ktstr_metric *m)
{
	json_t *j = json_pack("{s:s,s:s*,s:s*,s:s*}", "name", m->name, "regex",
			      m->regex, "json", m->json, "unit", m->unit);

	if (j && m->lower.set)
		json_object_set_new(j, "min", json_real(m->lower.value));
	if (j && m->upper.set)
		json_object_set_new(j, "max", json_real(m->upper.value));
	return j;
}

json_t *kt_payload_pack(const struct ktstr_payload *p)
{
	json_t *args = json_array(), *metrics = json_array();
	const struct ktstr_metric *m;
	const char *const *a;

	for (a = p->args; a && *a; a++)
		json_array_append_new(args, json_string(*a));
	for (m = p->metrics; m && m->name; m++)
		json_array_append_new(metrics, pack_metric(m));
	return json_pack("{s:s,s:s,s:o,s:o}", "name", p->name, "binary",
			 p->binary, "args", args, "metrics", metrics);
}

static struct ktstr_bound bound_of(const json_t *j)
{
	return (struct ktstr_bound){ json_is_number(j), json_number_value(j) };
}

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

/* Strings are those of @job; the arrays are kept as long as the machine runs. */
bool kt_payload_unpack(struct ktstr_payload *p, const json_t *job)
{
	static const char *args[KT_PAYLOAD_MAX_ARGS + 1];
	static struct ktstr_metric metrics[KT_PAYLOAD_MAX_METRICS + 1];
	const json_t *list = json_object_get(job, "args");
	size_t i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < json_array_size(list) && i < KT_PAYLOAD_MAX_ARGS; i++)
		args[i] = json_string_value(json_array_get(list, i));
	args[i] = NULL;
	list = json_object_get(job, "metrics");
	for (i = 0; i < json_array_size(list) && i < KT_PAYLOAD_MAX_METRICS;
	     i++) {
		const json_t *m = json_array_get(list, i);

		metrics[i] = (struct ktstr_metric){
			.name = text_of(m, "name"),
			.regex = text_of(m, "regex"),
			.json = text_of(m, "json"),
			.unit = text_of(m, "unit"),
			.lower = bound_of(json_object_get(m, "min")),
			.upper = bound_of(json_object_get(m, "max")),
		};
	}
	metrics[i].name = NULL;
	p->name = text_of(job, "name");
	p->binary = text_of(job, "binary");
	p->args = args;
	p->metrics = metrics;
	return p->name && p->binary;
}
