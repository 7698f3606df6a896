// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is found in a capture by its name or number: the capture itself, a BPF
 * map, a variable, an entry, a task.
 */
#include "../base/near.h"
#include "after_priv.h"

#define MAP_NAME_BYTES	15	/* the kernel keeps no more of a name */
#define NUMBERS_LISTED	16

struct ktstr_value ktstr_capture_nth(struct ktstr_after *a, uint32_t i)
{
	const struct kt_capture *e = kt_captures_get(a->captures, i);
	struct ktstr_value v = { .after = a };

	if (!e)
		return kt_value_lost(v, "no capture %u: %u are kept", i,
				     kt_captures_nr(a->captures));
	if (!e->state)
		return kt_value_lost(v, "%s: no memory", e->tag);
	return kt_value_found(v, e->state, "%s", e->tag);
}

struct ktstr_value ktstr_capture_get(struct ktstr_after *a, const char *tag)
{
	u32 i = kt_captures_nr(a->captures);
	struct ktstr_value v = { .after = a };
	struct kt_name_list names = {};
	struct kt_strbuf text;

	while (i--)
		if (!strcmp(kt_captures_get(a->captures, i)->tag, tag))
			return ktstr_capture_nth(a, i);
	for (i = 0; i < kt_captures_nr(a->captures); i++)
		kt_name_list_add(&names, kt_captures_get(a->captures, i)->tag);
	kt_strbuf_init(&text, KT_AFTER_TEXT_BYTES - 1);
	kt_name_list_text(&names, tag, &text);
	v = kt_value_lost(v, "no capture \"%s\"; captures: %s", tag,
			  kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
	return v;
}

static bool is_map(const json_t *node)
{
	return json_object_get(node, "name") &&
	       (json_object_get(node, "entries") ||
		json_object_get(node, "variables"));
}

/* The array that @v is, or that of its entries. */
static struct ktstr_value elements_of(struct ktstr_value v)
{
	char buf[128];

	if (v.error)
		return v;
	if (is_map(v.node) && json_object_get(v.node, "entries"))
		v.node = json_object_get(v.node, "entries");
	if (json_is_array((const json_t *)v.node))
		return v;
	return kt_value_lost(v, "%s, no array",
			     kt_value_say(v.node, buf, sizeof(buf)));
}

uint32_t ktstr_value_nr(struct ktstr_value v, const char *file, int line)
{
	struct ktstr_value e = elements_of(v);
	u64 all;

	if (!v.error && json_is_object((const json_t *)v.node) && e.error)
		return json_object_size(v.node);
	if (e.error) {
		kt_value_failed(e, file, line, "no array");
		return 0;
	}
	kt_value_held(e.node, &all);
	return min_t(u64, all, UINT32_MAX);
}

/* Its numbers, for who asked for another. */
static struct ktstr_value say_numbers(struct ktstr_value v, const char *at,
				      u64 number)
{
	u64 i, all, held = kt_value_held(v.node, &all), n;
	const char *sep = "; there are: ";
	struct kt_strbuf text;

	kt_strbuf_init(&text, KT_AFTER_TEXT_BYTES / 2);
	for (i = 0; i < min_t(u64, held, NUMBERS_LISTED); i++) {
		const json_t *e = json_array_get(v.node, i);

		if (kt_json_get_u64(kt_value_walk(e, at, NULL), &n))
			continue;
		kt_strbuf_addf(&text, "%s%llu", sep, (unsigned long long)n);
		sep = ", ";
	}
	if (all > i)
		kt_strbuf_addf(&text, ", %llu more",
			       (unsigned long long)(all - i));
	v = kt_value_lost(v, "none of %llu has %s %llu%s",
			  (unsigned long long)all, at,
			  (unsigned long long)number, kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
	return v;
}

struct ktstr_value ktstr_find(struct ktstr_value v, const char *at,
			      uint64_t number)
{
	char why[KT_AFTER_TEXT_BYTES] = "";
	bool there = false;
	u64 i, n, all, held;

	v = elements_of(v);
	if (v.error)
		return v;
	held = kt_value_held(v.node, &all);
	for (i = 0; i < held; i++) {
		const json_t *e = json_array_get(v.node, i);
		const json_t *is = kt_value_walk(e, at, there ? NULL : why);

		there = there || is;
		if (is && !kt_json_get_u64(is, &n) && n == number)
			return kt_value_found(v, e, "%s %llu", at,
					      (unsigned long long)number);
	}
	if (held && !there)
		return kt_value_lost(v, "%s", why);
	return say_numbers(v, at, number);
}

struct ktstr_value ktstr_where(struct ktstr_value v,
			       bool (*match)(struct ktstr_value v, void *arg),
			       void *arg)
{
	struct ktstr_value e;
	u64 i, all, held;

	v = elements_of(v);
	if (v.error)
		return v;
	held = kt_value_held(v.node, &all);
	for (i = 0; i < held; i++) {
		e = kt_value_found(v, json_array_get(v.node, i), "[%llu]",
				   (unsigned long long)i);
		if (match(e, arg))
			return e;
	}
	return kt_value_lost(v, "none of %llu elements is what was looked for",
			     (unsigned long long)held);
}

static const char *map_name(const json_t *map)
{
	return json_string_value(json_object_get(map, "name")) ?: "";
}

static bool same_map(const char *name, const char *wanted)
{
	size_t len = strlen(name), most = strlen(wanted);

	if (*wanted == '.')
		return len >= most && !strcmp(name + len - most, wanted);
	return !strncmp(name, wanted, MAP_NAME_BYTES);
}

static u64 map_id(const json_t *map)
{
	u64 id;

	return kt_json_get_u64(json_object_get(map, "id"), &id) ? 0 : id;
}

/*
 * Maps of a capture that have what is wanted. Of those with one name the
 * youngest counts: one that was replaced may still be there.
 */
struct search {
	const json_t *found;
	struct kt_name_list in;	/* names of maps that have it */
};

static void take(struct search *s, const json_t *map)
{
	kt_name_list_add(&s->in, map_name(map));
	if (!s->found || map_id(map) > map_id(s->found))
		s->found = map;
}

static struct ktstr_value lost_in(struct ktstr_value v, const char *what,
				  const struct kt_name_list *names,
				  const char *wanted)
{
	struct kt_strbuf text;

	kt_strbuf_init(&text, KT_AFTER_TEXT_BYTES - 1);
	kt_name_list_text(names, wanted, &text);
	v = kt_value_lost(v, "%s%s", what, kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
	return v;
}

struct ktstr_value ktstr_map(struct ktstr_value capture, const char *name)
{
	struct ktstr_value maps = ktstr_at(capture, "maps");
	struct kt_name_list names = {};
	struct search s = {};
	char what[256];
	json_t *map;
	size_t i;

	if (maps.error)
		return maps;
	json_array_foreach((json_t *)maps.node, i, map) {
		kt_name_list_add(&names, map_name(map));
		if (same_map(map_name(map), name))
			take(&s, map);
	}
	if (s.in.nr == 1)
		return kt_value_found(capture, s.found, "map %s",
				      map_name(s.found));
	snprintf(what, sizeof(what), s.found ?
		 "map \"%.64s\" is not one map but several: " :
		 "map \"%.64s\" not found; maps: ", name);
	return lost_in(capture, what, s.found ? &s.in : &names, name);
}

static struct ktstr_value var_of(struct ktstr_value v, const char *name)
{
	const json_t *vars = json_object_get(v.node, "variables");
	const json_t *var = json_object_get(vars, name);
	struct kt_name_list names = {};
	char what[256];
	const char *key;
	json_t *e;

	if (var)
		return kt_value_found(v, var, "variable %s", name);
	json_object_foreach((json_t *)vars, key, e)
		kt_name_list_add(&names, key);
	snprintf(what, sizeof(what), "no variable \"%.128s\"; variables: ",
		 name);
	return lost_in(v, what, &names, name);
}

struct ktstr_value ktstr_var(struct ktstr_value v, const char *name)
{
	struct kt_name_list names = {};
	struct ktstr_value maps;
	struct search s = {};
	const char *key;
	char what[256];
	json_t *map, *e;
	size_t i;

	if (v.error)
		return v;
	if (is_map(v.node))
		return var_of(v, name);
	maps = ktstr_at(v, "maps");
	if (maps.error)
		return maps;
	json_array_foreach((json_t *)maps.node, i, map) {
		json_object_foreach(json_object_get(map, "variables"), key, e)
			kt_name_list_add(&names, key);
		if (json_object_get(json_object_get(map, "variables"), name))
			take(&s, map);
	}
	if (s.in.nr == 1) {
		v = kt_value_found(v, s.found, "map %s", map_name(s.found));
		return var_of(v, name);
	}
	snprintf(what, sizeof(what), s.found ?
		 "variable \"%.128s\" is in several maps, look in one of them: " :
		 "no variable \"%.128s\"; variables: ", name);
	return lost_in(v, what, s.found ? &s.in : &names, name);
}

struct ktstr_value ktstr_entry(struct ktstr_value map, uint64_t key)
{
	struct ktstr_value e = ktstr_find(map, "key", key);

	if (e.error || json_object_get(e.node, "cpus"))
		return e;
	e.node = json_object_get(e.node, "value");
	return e.node ? e : kt_value_lost(e, "no value");
}

struct ktstr_value ktstr_slot(struct ktstr_value entry, uint32_t cpu)
{
	char why[KT_AFTER_TEXT_BYTES];
	const json_t *cpus, *slot;

	if (entry.error)
		return entry;
	cpus = json_object_get(entry.node, "cpus") ?: entry.node;
	slot = kt_value_element(cpus, cpu, why);
	if (!slot)
		return kt_value_lost(entry, "no slot for CPU %u: %s", cpu, why);
	return kt_value_found(entry, slot, "CPU %u", cpu);
}

struct ktstr_value ktstr_task(struct ktstr_value capture, uint32_t pid)
{
	return ktstr_find(ktstr_at(capture, "tasks"), "pid", pid);
}
