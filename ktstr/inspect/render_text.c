// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any tree as text for people: a member a line, what fits on one line there.
 * The tree may come from a file: its depth is bounded, and its text cannot
 * reach a terminal as more than text.
 */
#include "../base/strbuf.h"
#include "render.h"

#define COLUMNS		100
#define INDENT		2	/* columns a level */
#define MAX_LEVELS	64
#define INLINE_VALUES	8	/* at most, in an object on one line */
#define MAX_NUMBER	64	/* characters of one */

static bool is_leaf(const json_t *v)
{
	return !json_is_object(v) && !json_is_array(v);
}

static bool is_lines(const json_t *v)
{
	return json_is_string(v) && strchr(json_string_value(v), '\n');
}

/* Whether @text needs quotes to be told from what is around it. */
static bool ambiguous(const char *text)
{
	size_t len = strlen(text);

	return !len || strpbrk(text, ",:{}[]\"\n\t") || text[0] == ' ' ||
	       text[len - 1] == ' ';
}

static void add_text(struct kt_strbuf *sb, const char *text, bool quote)
{
	size_t from = sb->len_bytes, i;

	kt_strbuf_addf(sb, quote ? "\"%s\"" : "%s", text);
	if (sb->len_bytes > from)
		kt_text_sanitize(sb->str + from, sb->len_bytes - from);
	for (i = from; quote && i < sb->len_bytes; i++)
		if (sb->str[i] == '\n')
			sb->str[i] = ' ';
}

static void add_leaf(struct kt_strbuf *sb, const json_t *v, bool quote)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		add_text(sb, json_string_value(v),
			 quote && ambiguous(json_string_value(v)));
		break;
	case JSON_INTEGER:
		kt_strbuf_addf(sb, "%lld", (long long)json_integer_value(v));
		break;
	case JSON_REAL:
		kt_strbuf_addf(sb, "%g", json_real_value(v));
		break;
	case JSON_NULL:
		kt_strbuf_addf(sb, "null");
		break;
	default:
		kt_strbuf_addf(sb, "%s", json_is_true(v) ? "true" : "false");
	}
}

static void add_inline(struct kt_strbuf *sb, const json_t *v, u32 level);

static void add_inline_object(struct kt_strbuf *sb, const json_t *v, u32 level)
{
	const char *key, *sep = "{ ";
	json_t *e;

	json_object_foreach((json_t *)v, key, e) {
		if (sb->overflow)
			return;
		kt_strbuf_addf(sb, "%s", sep);
		add_text(sb, key, false);
		kt_strbuf_addf(sb, ": ");
		add_inline(sb, e, level + 1);
		sep = ", ";
	}
	kt_strbuf_addf(sb, json_object_size(v) ? " }" : "{}");
}

static void add_inline(struct kt_strbuf *sb, const json_t *v, u32 level)
{
	json_t *e;
	size_t i;

	if (is_leaf(v)) {
		add_leaf(sb, v, true);
	} else if (level >= MAX_LEVELS) {
		kt_strbuf_addf(sb, "...");
	} else if (json_is_object(v)) {
		add_inline_object(sb, v, level);
	} else {
		kt_strbuf_addf(sb, "[");
		json_array_foreach(v, i, e) {
			if (sb->overflow)
				return;
			kt_strbuf_addf(sb, i ? ", " : "");
			add_inline(sb, e, level + 1);
		}
		kt_strbuf_addf(sb, "]");
	}
}

/* Whether it reads well on one line, if it fits. */
static bool may_inline(const json_t *v)
{
	const char *key;
	json_t *e;
	size_t i;

	if (json_object_size(v) > INLINE_VALUES)
		return false;
	json_object_foreach((json_t *)v, key, e)
		if (is_lines(e) || !may_inline(e))
			return false;
	/* of structures, one a line */
	json_array_foreach(v, i, e)
		if (json_is_object(e))
			return false;
	return true;
}

/* @v behind @used columns on one line; false when it does not fit there. */
static bool print_inline(FILE *out, const json_t *v, u32 used)
{
	struct kt_strbuf sb;
	bool ok;

	if (used >= COLUMNS || !may_inline(v))
		return false;
	kt_strbuf_init(&sb, COLUMNS - used);
	add_inline(&sb, v, 0);
	ok = !sb.overflow;
	if (ok)
		fprintf(out, " %s\n", kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
	return ok;
}

static void pad(FILE *out, u32 level)
{
	fprintf(out, "%*s", (int)(level * INDENT), "");
}

/* Text of several lines, each of them indented. */
static void print_lines(FILE *out, const char *text, u32 level)
{
	struct kt_strbuf sb;
	const char *line;
	size_t len;

	kt_strbuf_init(&sb, strlen(text));
	add_text(&sb, text, false);
	for (line = kt_strbuf_str(&sb); *line; line += len + !!line[len]) {
		len = strcspn(line, "\n");
		pad(out, level);
		fprintf(out, "%.*s\n", (int)len, line);
	}
	kt_strbuf_fini(&sb);
}

static void print_leaf(FILE *out, const json_t *v, u32 level)
{
	const char *text = json_string_value(v);
	struct kt_strbuf sb;

	if (is_lines(v)) {
		fputc('\n', out);
		print_lines(out, text, level);
		return;
	}
	kt_strbuf_init(&sb, text ? strlen(text) + 2 : MAX_NUMBER);
	add_leaf(&sb, v, text && !*text);
	fprintf(out, " %s\n", kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
}

/* Leaves one behind another, as many a line as fit. */
static void print_leaves(FILE *out, const json_t *array, u32 level)
{
	u32 used = 0;
	json_t *e;
	size_t i;

	json_array_foreach(array, i, e) {
		bool last = i + 1 == json_array_size(array);
		struct kt_strbuf sb;

		kt_strbuf_init(&sb, 1u << 20);
		add_leaf(&sb, e, true);
		kt_strbuf_addf(&sb, last ? "" : ",");
		if (used && used + 1 + sb.len_bytes > COLUMNS) {
			fputc('\n', out);
			used = 0;
		}
		if (used) {
			fputc(' ', out);
			used++;
		} else {
			pad(out, level);
			used = level * INDENT;
		}
		fputs(kt_strbuf_str(&sb), out);
		used += sb.len_bytes;
		kt_strbuf_fini(&sb);
	}
	fputc('\n', out);
}

static bool all_numbers(const json_t *array)
{
	json_t *e;
	size_t i;

	/* with what was cut at their end */
	json_array_foreach(array, i, e)
		if (!is_leaf(e) || (json_is_string(e) &&
				    i + 1 < json_array_size(array)))
			return false;
	return true;
}

static void print(FILE *out, const json_t *v, u32 level);

/* What is behind a name, of which @used columns are taken on its line. */
static void print_behind(FILE *out, const json_t *v, u32 level, u32 used)
{
	if (is_leaf(v)) {
		print_leaf(out, v, level);
	} else if (!print_inline(out, v, used + 1)) {
		fputc('\n', out);
		print(out, v, level);
	}
}

static void print_object(FILE *out, const json_t *v, u32 level)
{
	struct kt_strbuf sb;
	const char *key;
	json_t *e;

	json_object_foreach((json_t *)v, key, e) {
		kt_strbuf_init(&sb, strlen(key) + 1);
		add_text(&sb, key, false);
		kt_strbuf_addf(&sb, ":");
		pad(out, level);
		fputs(kt_strbuf_str(&sb), out);
		print_behind(out, e, level + 1, level * INDENT + sb.len_bytes);
		kt_strbuf_fini(&sb);
	}
}

static void print_array(FILE *out, const json_t *v, u32 level)
{
	char name[32];
	json_t *e;
	size_t i;

	json_array_foreach(v, i, e) {
		snprintf(name, sizeof(name), "[%zu]", i);
		pad(out, level);
		fputs(name, out);
		print_behind(out, e, level + 1, level * INDENT + strlen(name));
	}
}

static void print(FILE *out, const json_t *v, u32 level)
{
	if (level >= MAX_LEVELS) {
		pad(out, level);
		fputs("...\n", out);
	} else if (json_is_object(v)) {
		print_object(out, v, level);
	} else if (json_is_array(v) && all_numbers(v)) {
		print_leaves(out, v, level);
	} else {
		print_array(out, v, level);
	}
}

void kt_render_text(FILE *out, const json_t *v, u32 indent)
{
	if (!v)
		return;
	if (!is_leaf(v))
		print(out, v, indent);
	else if (json_is_string(v))
		print_lines(out, json_string_value(v), indent);
	else
		print_leaf(out, v, indent);
}
