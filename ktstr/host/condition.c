// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conditions: cut in three, and held against one state.
 */
#include <stdio.h>

#include "../base/log.h"
#include "../inspect/json.h"
#include "condition.h"
#include "dump_path.h"

static bool copy(char *to, size_t size, const char *from, const char *end)
{
	while (from < end && *from == ' ')
		from++;
	while (end > from && end[-1] == ' ')
		end--;
	if (end - from < 1 || (size_t)(end - from) >= size)
		return false;
	memcpy(to, from, end - from);
	to[end - from] = '\0';
	return true;
}

int kt_condition_parse(struct kt_condition *c, const char *text)
{
	const char *op = strpbrk(text, "=!<>");
	size_t len = op ? strspn(op, "=!<>") : 0;

	memset(c, 0, sizeof(*c));
	if (len && len < sizeof(c->op))
		memcpy(c->op, op, len);
	/* as it is meant */
	if (!strcmp(c->op, "="))
		strcpy(c->op, "==");
	if (!*c->op || !strcmp(c->op, "!") ||
	    (len == 2 && op[1] != '=') ||
	    !copy(c->path, sizeof(c->path), text, op) ||
	    !copy(c->value, sizeof(c->value), op + len, op + strlen(op)))
		return kt_err(-EINVAL, "\"%s\" is no condition: write a path of `ktstr show`, one of == != < <= > >=, and a value: \"sched_ext.exit.kind != 0\"",
			      text);
	return 0;
}

/* @cmp as that of strcmp(). */
static bool decide(const char *op, int cmp)
{
	if (*op == '=')
		return !cmp;
	if (*op == '!')
		return cmp;
	if (!cmp)
		return op[1] == '=';
	return *op == '<' ? cmp < 0 : cmp > 0;
}

static int hold_text(const struct kt_condition *c, const json_t *v, char *why,
		     size_t size)
{
	const char *text = json_string_value(v);

	if (text && (*c->op == '=' || *c->op == '!'))
		return decide(c->op, strcmp(text, c->value));
	snprintf(why, size, "\"%s\" cannot be compared with \"%s\" by %s: it is %s%.80s",
		 c->path, c->value, c->op, text ? "" : "no number and no text",
		 text ?: "");
	return -EINVAL;
}

int kt_condition_holds(const struct kt_condition *c, const json_t *state,
		       char *why, size_t size)
{
	json_t *dump = json_pack("{s:O}", "state", state), *bound;
	const json_t *v = kt_dump_at(dump, c->path, why, size);
	s64 seen, wanted;
	int ret;

	bound = json_string(c->value);
	if (!v)
		ret = -ENOENT;
	else if (!kt_json_get_i64(v, &seen) && !kt_json_get_i64(bound, &wanted))
		ret = decide(c->op, seen < wanted ? -1 : seen > wanted);
	else
		ret = hold_text(c, v, why, size);
	json_decref(bound);
	json_decref(dump);
	return ret;
}
