// SPDX-License-Identifier: GPL-2.0-only
/*
 * Global variables of BPF programs. libbpf makes an array of one element of
 * each section of data, whose value's type is that section as BTF has it.
 */
#include <stdio.h>

#include <bpf/btf.h>

#include "../base/near.h"
#include "bpf_priv.h"

#define MAX_VARS	4096	/* of a section */
#define WHY_BYTES	4096

/* One variable on its way past. */
struct var {
	const struct kt_bpf_map *map;
	const char *name;
	u32 offset_bytes, size_bytes, type_id;
};

struct search {
	const struct kt_bpf *b;
	const char *map;	/* NULL: any */
	const char *name;
	struct var found;
	u32 nr;			/* of maps with it */
	struct kt_strbuf *maps;	/* their names */
	bool constants;		/* list those, or all others */
	struct kt_name_list *names;
};

static const struct btf_type *section_of(const struct kt_bpf_map *m)
{
	const struct btf_type *t;

	if (m->type != KT_MAP_ARRAY || m->max_entries != 1 || !m->types)
		return NULL;
	t = btf__type_by_id(kt_types_btf(m->types), m->value_type_id);
	return t && btf_is_datasec(t) ? t : NULL;
}

/* Variable @i of the section; false when it is none, or none of this map's. */
static bool get_var(const struct kt_bpf_map *m, const struct btf_type *section,
		    u32 i, struct var *v)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(section) + i;
	const struct btf *btf = kt_types_btf(m->types);
	const struct btf_type *t = btf__type_by_id(btf, info->type);
	s64 size;

	if (!t || !btf_is_var(t))
		return false;
	size = kt_types_size(m->types, t->type);
	*v = (struct var){
		.map = m, .name = btf__name_by_offset(btf, t->name_off),
		.offset_bytes = info->offset, .size_bytes = size,
		.type_id = t->type,
	};
	return v->name && *v->name && size >= 0 && size <= UINT32_MAX &&
	       (u64)info->offset + size <= m->value_bytes;
}

/* Whether a younger map of that name hides it: its program was loaded again. */
static bool is_hidden(const struct kt_bpf *b, const struct kt_bpf_map *m)
{
	u32 i;

	for (i = 0; i < b->nr_maps; i++)
		if (b->maps[i].id > m->id &&
		    !strcmp(b->maps[i].name, m->name) &&
		    section_of(&b->maps[i]))
			return true;
	return false;
}

static bool map_is(const struct kt_bpf_map *m, const char *name)
{
	const char *dot = strchr(m->name, '.');

	return !name || !strcmp(m->name, name) || (dot && !strcmp(dot, name));
}

typedef void (*var_fn)(struct search *s, const struct var *v);

static void visit_vars(struct search *s, var_fn fn)
{
	const struct btf_type *section;
	const struct kt_bpf_map *m;
	struct var v;
	u32 i;

	for (m = s->b->maps; m < s->b->maps + s->b->nr_maps; m++) {
		section = section_of(m);
		if (!section || !map_is(m, s->map) || is_hidden(s->b, m))
			continue;
		for (i = 0; i < min_t(u32, btf_vlen(section), MAX_VARS); i++)
			if (get_var(m, section, i, &v))
				fn(s, &v);
	}
}

bool kt_bpf_show_variables(struct kt_bpf_out *out)
{
	const struct btf_type *section = section_of(out->m);
	const struct kt_bpf_map *m = out->m;
	json_t *vars;
	struct var v;
	u64 start, len;
	u32 i;

	if (!section || !kt_bpf_has(out->b->l, KT_BPF_ARRAY))
		return false;
	start = m->kva + out->b->l->at[KT_ARRAY_VALUE];
	len = min_t(u64, m->value_bytes, out->bytes_left);
	if (len < m->value_bytes)
		kt_bpf_out_cut(out, "%llu of %u bytes read",
			       (unsigned long long)len, m->value_bytes);
	out->bytes_left -= len;
	if (kt_guest_kernel_read(out->b->k, start, out->value, len)) {
		kt_bpf_out_cut(out, "its value cannot be read");
		len = 0;
	}
	vars = json_object();
	for (i = 0; i < min_t(u32, btf_vlen(section), MAX_VARS); i++) {
		if (!get_var(m, section, i, &v) ||
		    (u64)v.offset_bytes + v.size_bytes > len)
			continue;
		kt_json_set(vars, v.name,
			    kt_bpf_out_value(out, m->types, v.type_id,
					     out->value + v.offset_bytes,
					     v.size_bytes));
	}
	kt_json_set(out->o, "variables", vars);
	return true;
}

static void take(struct search *s, const struct var *v)
{
	if (strcmp(v->name, s->name))
		return;
	if (!s->nr++)
		s->found = *v;
	kt_strbuf_addf(s->maps, "%s%s", s->nr > 1 ? ", " : "", v->map->name);
}

static bool is_constant(const struct kt_bpf_map *m)
{
	return m->flags & KT_MAP_RDONLY_PROG;
}

/* Texts of messages are variables as well, which clang calls "f.____fmt". */
static void list(struct search *s, const struct var *v)
{
	if (is_constant(v->map) == s->constants && !strstr(v->name, "___fmt"))
		kt_name_list_add(s->names, v->name);
}

/* What can be written comes first. */
static void say_none(struct search *s, char *why, size_t size)
{
	struct kt_name_list names = {};
	struct kt_strbuf text;

	s->names = &names;
	visit_vars(s, list);
	s->constants = true;
	visit_vars(s, list);
	kt_strbuf_init(&text, WHY_BYTES);
	kt_name_list_text(&names, s->name, &text);
	snprintf(why, size, "no variable \"%s\" in %s; variables: %s", s->name,
		 s->map ? s->map : "any map", kt_strbuf_str(&text));
	kt_strbuf_fini(&text);
}

static int find(struct search *s, char *why, size_t size)
{
	visit_vars(s, take);
	if (s->nr == 1)
		return 0;
	if (s->nr) {
		snprintf(why, size, "variable \"%s\" is in several maps, name one: %s",
			 s->name, kt_strbuf_str(s->maps));
		return -EEXIST;
	}
	say_none(s, why, size);
	return -ENOENT;
}

int kt_bpf_var_find(const struct kt_bpf *b, const char *map, const char *name,
		    struct kt_bpf_var *var, char *why, size_t size)
{
	struct kt_strbuf text;
	struct search s = { .b = b, .map = map, .name = name, .maps = &text };
	int ret;

	memset(var, 0, sizeof(*var));
	if (!kt_bpf_has(b->l, KT_BPF_ARRAY) || !kt_bpf_has(b->l, KT_BPF_BTF)) {
		snprintf(why, size, "global variables cannot be read of this kernel");
		return -ENOENT;
	}
	kt_strbuf_init(&text, WHY_BYTES);
	ret = find(&s, why, size);
	kt_strbuf_fini(&text);
	if (ret)
		return ret;
	var->kva = s.found.map->kva + b->l->at[KT_ARRAY_VALUE] +
		   s.found.offset_bytes;
	var->size_bytes = s.found.size_bytes;
	var->type_id = s.found.type_id;
	var->types = s.found.map->types;
	var->constant = is_constant(s.found.map);
	snprintf(var->name, sizeof(var->name), "%s", s.found.name);
	snprintf(var->map, sizeof(var->map), "%s", s.found.map->name);
	return 0;
}
