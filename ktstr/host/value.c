// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of a capture: paths to them, and what they are in C. That a path
 * leads nowhere is said so that the next attempt may lead there.
 */
#include <stdarg.h>

#include "../base/log.h"
#include "../base/near.h"
#include "after_priv.h"

#define MAX_NAME	128	/* of one field */

struct ktstr_value kt_value_found(struct ktstr_value v, const json_t *node,
				  const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v.node = node;
	v.where = v.where ? kt_after_text(v.after, "%s: %s", v.where, text) :
			    kt_after_text(v.after, "%s", text);
	return v;
}

struct ktstr_value kt_value_lost(struct ktstr_value v, const char *fmt, ...)
{
	char text[KT_AFTER_TEXT_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v.node = NULL;
	v.error = v.where ? kt_after_text(v.after, "%s: %s", v.where, text) :
			    kt_after_text(v.after, "%s", text);
	return v;
}

const char *kt_value_say(const json_t *node, char *buf, size_t size)
{
	char *at;

	if (json_is_object(node))
		snprintf(buf, size, "a structure");
	else if (json_is_array(node))
		snprintf(buf, size, "an array");
	else if (json_is_null(node))
		snprintf(buf, size, "a null pointer");
	else if (json_is_string(node))
		snprintf(buf, size, "\"%.80s\"", json_string_value(node));
	else if (json_is_integer(node))
		snprintf(buf, size, "%lld",
			 (long long)json_integer_value(node));
	else if (json_is_real(node))
		snprintf(buf, size, "%g", json_real_value(node));
	else
		snprintf(buf, size, "%s", json_is_true(node) ? "true" : "false");
	while ((at = strchr(buf, '\n')))
		*at = ' ';
	return buf;
}

/* What the capture itself says of what it lacks. */
static void add_excuse(const json_t *object, struct kt_strbuf *text)
{
	const char *error = json_string_value(json_object_get(object, "error"));
	const char *cut = json_string_value(json_object_get(object, "..."));

	if (error && json_object_get(object, "tag"))
		kt_strbuf_addf(text, "; it says: %s", error);
	if (cut)
		kt_strbuf_addf(text, "; %s were not kept", cut);
}

static void say_no_field(const json_t *object, const char *name,
			 const char *in, char *why)
{
	struct kt_name_list names = {};
	struct kt_strbuf text;
	const char *key;
	json_t *e;

	kt_strbuf_init(&text, KT_AFTER_TEXT_BYTES - 1);
	kt_strbuf_addf(&text, "no field \"%s\"%s%s; fields: ", name,
		       *in ? " in " : "", in);
	json_object_foreach((json_t *)object, key, e)
		if (strcmp(key, "..."))
			kt_name_list_add(&names, key);
	kt_name_list_text(&names, name, &text);
	add_excuse(object, &text);
	snprintf(why, KT_AFTER_TEXT_BYTES, "%s", kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
}

/* Field @name of @node, which @in names. */
static const json_t *field(const json_t *node, const char *name,
			   const char *in, char *why)
{
	const json_t *e = json_object_get(node, name);
	const char *is = *in ? in : "it";
	char buf[128];

	if (e || !why)
		return e;
	if (json_is_object(node))
		say_no_field(node, name, in, why);
	else if (json_is_string(node) &&
		 !strncmp(json_string_value(node), "0x", 2))
		snprintf(why, KT_AFTER_TEXT_BYTES, "no field \"%s\": %s is a pointer that was not followed (%.40s)",
			 name, is, json_string_value(node));
	else
		snprintf(why, KT_AFTER_TEXT_BYTES, "no field \"%s\": %s is %s",
			 name, is, kt_value_say(node, buf, sizeof(buf)));
	return NULL;
}

/* "... 12 more, all zero", the last element of an array that was cut: 12. */
static u64 cut_behind(const json_t *array, bool *zero)
{
	size_t nr = json_array_size(array);
	const char *text;
	char *end;
	u64 cut;

	text = nr ? json_string_value(json_array_get(array, nr - 1)) : NULL;
	if (!text || strncmp(text, "... ", 4))
		return 0;
	cut = strtoull(text + 4, &end, 10);
	*zero = !strcmp(end, " more, all zero");
	return *zero || !strcmp(end, " more") ? cut : 0;
}

u64 kt_value_held(const json_t *array, u64 *all)
{
	u64 nr = json_array_size(array), cut;
	bool zero;

	cut = cut_behind(array, &zero);
	if (cut)
		nr--;
	*all = nr + cut;
	return nr;
}

const json_t *kt_value_element(const json_t *node, u64 i, char *why)
{
	bool zero = false;
	u64 held, all;
	char buf[128];

	if (!json_is_array(node)) {
		if (why)
			snprintf(why, KT_AFTER_TEXT_BYTES, "%s, no array",
				 kt_value_say(node, buf, sizeof(buf)));
		return NULL;
	}
	held = kt_value_held(node, &all);
	cut_behind(node, &zero);
	if (i < held)
		return json_array_get(node, i);
	/* the last one held stands for those that were cut */
	if (i < all && zero && held)
		return json_array_get(node, held - 1);
	if (why && i < all)
		snprintf(why, KT_AFTER_TEXT_BYTES, "the first %llu of %llu elements were kept",
			 (unsigned long long)held, (unsigned long long)all);
	else if (why)
		snprintf(why, KT_AFTER_TEXT_BYTES, "%llu elements, none at %llu",
			 (unsigned long long)all, (unsigned long long)i);
	return NULL;
}

/* "[12]" at *@at, which goes behind it; false when it is none. */
static bool parse_index(const char **at, u64 *index)
{
	char *end;

	if ((*at)[1] < '0' || (*at)[1] > '9')
		return false;
	errno = 0;
	*index = strtoull(*at + 1, &end, 10);
	if (errno || *end != ']' || (end[1] && !strchr(".[", end[1])))
		return false;
	*at = end + 1;
	return true;
}

static const json_t *malformed(const char *path, char *why)
{
	if (why)
		snprintf(why, KT_AFTER_TEXT_BYTES, "\"%.200s\" is no path",
			 path);
	return NULL;
}

static const json_t *step_index(const json_t *node, const char *path,
				const char **at, char *why)
{
	char what[KT_AFTER_TEXT_BYTES];
	size_t before = *at - path;
	const json_t *e;
	u64 index;

	if (!parse_index(at, &index))
		return malformed(path, why);
	e = kt_value_element(node, index, what);
	if (!e && why)
		snprintf(why, KT_AFTER_TEXT_BYTES, "%.*s%s%.1500s",
			 (int)min_t(size_t, before, 200), path,
			 before ? ": " : "", what);
	return e;
}

static const json_t *step_field(const json_t *node, const char *path,
				const char **at, char *why)
{
	size_t len = strcspn(*at, ".["), before = *at - path;
	char name[MAX_NAME], in[200];

	if (!len || len >= sizeof(name))
		return malformed(path, why);
	memcpy(name, *at, len);
	name[len] = '\0';
	snprintf(in, sizeof(in), "%.*s", (int)(before ? before - 1 : 0), path);
	*at += len;
	return field(node, name, in, why);
}

const json_t *kt_value_walk(const json_t *node, const char *path, char *why)
{
	const char *at = path;

	while (node && *at) {
		if (*at == '[') {
			node = step_index(node, path, &at, why);
			continue;
		}
		if (*at == '.' && at++ == path)
			return malformed(path, why);
		node = step_field(node, path, &at, why);
	}
	return node;
}

struct ktstr_value ktstr_at(struct ktstr_value v, const char *path)
{
	char why[KT_AFTER_TEXT_BYTES];
	const json_t *node;

	if (v.error)
		return v;
	node = kt_value_walk(v.node, path, why);
	if (!node)
		return kt_value_lost(v, "%s", why);
	return kt_value_found(v, node, "%s", path);
}

void kt_value_failed(struct ktstr_value v, const char *file, int line,
		     const char *wanted)
{
	char buf[128];

	if (!v.after)
		kt_err(-EINVAL, "%s:%d: a value that comes from no capture",
		       file, line);
	else if (v.error)
		kt_after_failed(v.after, file, line, "%s", v.error);
	else
		kt_after_failed(v.after, file, line, "%s is %s, %s", v.where,
				kt_value_say(v.node, buf, sizeof(buf)), wanted);
}

/* A pointer is its address, followed or not. */
static const json_t *as_number(const json_t *node)
{
	const json_t *address = json_object_get(node, "@");

	return address ? address : node;
}

uint64_t ktstr_value_u64(struct ktstr_value v, const char *file, int line)
{
	u64 n;

	if (!v.error && json_is_null((const json_t *)v.node))
		return 0;
	if (!v.error && !kt_json_get_u64(as_number(v.node), &n))
		return n;
	kt_value_failed(v, file, line, "no u64");
	return 0;
}

int64_t ktstr_value_i64(struct ktstr_value v, const char *file, int line)
{
	s64 n;

	if (!v.error && json_is_null((const json_t *)v.node))
		return 0;
	if (!v.error && !kt_json_get_i64(as_number(v.node), &n))
		return n;
	kt_value_failed(v, file, line, "no i64");
	return 0;
}

bool ktstr_value_bool(struct ktstr_value v, const char *file, int line)
{
	u64 u;
	s64 n;

	if (!v.error && !kt_json_get_i64(v.node, &n))
		return n;
	if (!v.error && !kt_json_get_u64(v.node, &u))
		return u;
	kt_value_failed(v, file, line, "no truth value");
	return false;
}

double ktstr_value_double(struct ktstr_value v, const char *file, int line)
{
	u64 u;
	s64 n;

	if (!v.error && json_is_real((const json_t *)v.node))
		return json_real_value(v.node);
	if (!v.error && !kt_json_get_i64(v.node, &n))
		return n;
	if (!v.error && !kt_json_get_u64(v.node, &u))
		return u;
	kt_value_failed(v, file, line, "no number");
	return 0;
}

const char *ktstr_value_str(struct ktstr_value v, const char *file, int line)
{
	if (!v.error && json_is_string((const json_t *)v.node))
		return json_string_value(v.node);
	kt_value_failed(v, file, line, "no text");
	return "";
}
