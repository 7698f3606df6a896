// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which members name the elements of which list, and the walk along a path. A
 * name may have dots in it, so the longest that fits is taken.
 */
#include <stdio.h>

#include "../base/near.h"
#include "dump_path.h"

#define MAX_KEYS	4
#define PART_BYTES	64
#define KEY_BYTES	(MAX_KEYS * (PART_BYTES + 1) + 32)
#define WHY_BYTES	2048

/* What is behind "?" counts only when there are fewer than two before it. */
static const struct {
	const char *list;
	const char *keys[MAX_KEYS];
} lists[] = {
	{ "tasks", { "pid", "comm" } },
	{ "maps", { "name" } },
	{ "progs", { "name" } },
	{ "cpus", { "cpu" } },
	{ "vcpus", { "vcpu" } },
	{ "dsqs", { "kind", "cpu", "node", "?id" } },
	{ "domains", { "level" } },
	{ "entries", { "key" } },
	{ "claims", { "label" } },
	{ "cgroups", { "name" } },
	{ "disks", { "name" } },
	{ "writes", { "var" } },
	{ "findings", { "rule", "cpu" } },
	{ "phases", { "step" } },
};

static const char *const *keys_of(const char *list)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		if (!strcmp(lists[i].list, list))
			return lists[i].keys;
	return NULL;
}

static void add_part(struct kt_strbuf *sb, const json_t *v)
{
	const char *text = json_string_value(v);
	char *tree = NULL;

	if (sb->len_bytes)
		kt_strbuf_addf(sb, "/");
	if (!text) {
		tree = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		text = tree ?: "?";
	}
	kt_strbuf_add(sb, text, kt_utf8_cut(text, strlen(text), PART_BYTES));
	free(tree);
}

/* "47/worker" of @element; false when nothing names it. */
static bool make_key(const json_t *element, const char *const *keys, char *key)
{
	struct kt_strbuf sb;
	u32 i, nr = 0;

	kt_strbuf_init(&sb, KEY_BYTES);
	for (i = 0; i < MAX_KEYS && keys[i]; i++) {
		const char *member = keys[i] + (*keys[i] == '?');
		const json_t *v = json_object_get(element, member);

		if (!v || (member != keys[i] && nr > 1))
			continue;
		add_part(&sb, v);
		nr++;
	}
	snprintf(key, KEY_BYTES, "%s", kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
	return nr;
}

json_t *kt_dump_by_key(const char *name, const json_t *array)
{
	const char *const *keys = keys_of(name);
	json_t *all, *seen, *e, *nr;
	char key[KEY_BYTES];
	size_t i, len;

	if (!keys || !json_array_size(array))
		return NULL;
	all = json_object();
	seen = json_object();
	json_array_foreach(array, i, e) {
		if (!make_key(e, keys, key)) {
			json_decref(all);
			all = NULL;
			break;
		}
		nr = json_object_get(seen, key);
		if (nr) {
			json_integer_set(nr, json_integer_value(nr) + 1);
			len = strlen(key);
			snprintf(key + len, sizeof(key) - len, "#%lld",
				 (long long)json_integer_value(nr));
		} else {
			json_object_set_new(seen, key, json_integer(1));
		}
		json_object_set(all, key, e);
	}
	json_decref(seen);
	return all;
}

/* Where the name at @path ends, in brackets or not: behind @key, or NULL. */
static const char *behind(const char *path, const char *key)
{
	bool bracket = *path == '[';
	size_t len = strlen(key);

	path += bracket;
	if (strncmp(path, key, len))
		return NULL;
	path += len;
	if (bracket && *path++ != ']')
		return NULL;
	return !*path || *path == '.' || *path == '[' ? path : NULL;
}

/* The member of @object that @path begins with, the longest name of several. */
static const json_t *take_name(const json_t *object, const char **path)
{
	const char *key, *rest, *end = NULL;
	const json_t *found = NULL;
	json_t *v;

	json_object_foreach((json_t *)object, key, v) {
		rest = behind(*path, key);
		if (rest && (!end || rest > end)) {
			end = rest;
			found = v;
		}
	}
	if (found)
		*path = end;
	return found;
}

static const json_t *take_index(const json_t *array, const char **path)
{
	const char *digits = *path + (**path == '[');
	unsigned long long i;
	char text[32];
	const char *rest;

	if (*digits < '0' || *digits > '9')
		return NULL;
	errno = 0;
	i = strtoull(digits, NULL, 10);
	snprintf(text, sizeof(text), "%llu", i);
	rest = behind(*path, text);
	if (errno || !rest || i >= json_array_size(array))
		return NULL;
	*path = rest;
	return json_array_get(array, i);
}

/* A step from @node, itself a member called @name. */
static const json_t *step(const json_t *node, const char *name,
			  const char **path)
{
	const json_t *found = NULL;
	json_t *by_key;

	if (json_is_object(node))
		return take_name(node, path);
	by_key = kt_dump_by_key(name, node);
	if (by_key)
		found = take_name(by_key, path);
	json_decref(by_key);
	return found ? found : take_index(node, path);
}

static void say_lost(const json_t *node, const char *name, const char *path,
		     size_t at, char *why, size_t size)
{
	struct kt_name_list names = {};
	struct kt_strbuf text;
	json_t *by_key, *v;
	const char *key;

	if (!size)
		return;
	by_key = json_is_object(node) ? json_incref((json_t *)node) :
		 kt_dump_by_key(name, node);
	kt_strbuf_init(&text, WHY_BYTES);
	kt_strbuf_addf(&text, "nothing at \"%.200s\"%s%.*s", path + at,
		       at ? " in " : "", (int)min_t(size_t, at, 200), path);
	json_object_foreach(by_key, key, v)
		kt_name_list_add(&names, key);
	if (names.nr) {
		kt_strbuf_addf(&text, "; there are: ");
		kt_name_list_text(&names, path + at, &text);
	} else if (json_is_array(node)) {
		kt_strbuf_addf(&text, "; it is a list of %zu",
			       json_array_size(node));
	}
	snprintf(why, size, "%s", kt_strbuf_str(&text));
	kt_text_sanitize(why, strlen(why));
	kt_strbuf_fini(&text);
	json_decref(by_key);
}

static const json_t *walk(const json_t *node, const char *path, char *why,
			  size_t size)
{
	char name[KEY_BYTES] = "";
	const char *at = path, *from;
	const json_t *next;

	while (*at) {
		from = at;
		next = step(node, name, &at);
		if (!next) {
			say_lost(node, name, path, from - path, why, size);
			return NULL;
		}
		snprintf(name, sizeof(name), "%.*s",
			 (int)min_t(size_t, (size_t)(at - from), sizeof(name) - 1),
			 from);
		node = next;
		at += *at == '.';
	}
	return node;
}

const json_t *kt_dump_at(const json_t *dump, const char *path, char *why,
			 size_t size)
{
	const json_t *state = json_object_get(dump, "state");
	const char *at = path;

	if (!take_name(dump, &at) && state) {
		at = path;
		if (take_name(state, &at))
			return walk(state, path, why, size);
	}
	return walk(dump, path, why, size);
}
