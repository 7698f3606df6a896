// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values made of other values: structures, arrays, what pointers point to. BTF
 * and memory are the guest's: a structure may contain itself, an array have 4
 * G elements of no size, all overlap. So each value made, each page scanned
 * and each enumerator compared counts against one budget, nesting is bounded,
 * and no byte outside of what was given is touched.
 */
#include <stdlib.h>

#include "render.h"
#include "render_scalar.h"

#define MAX_NESTING	32	/* values within each other */
#define MAX_FOLLOWED	8	/* pointers one behind another, whoever asks */
#define MAX_FOLLOW_BYTES (64u * 1024)
#define MAX_ELEMENTS	256	/* of an array */
#define LONG_TAIL	4	/* elements of zeroes that are worth to be cut */
/* values of what a pointer leads to: of the first, of those behind it */
#define FOLLOW_NODES	512
#define FOLLOW_ON_NODES	64

struct walk {
	struct kt_render *r;
	const struct btf *btf;
	u32 nesting;
	u32 followed;
	struct {
		u64 kva;
		u32 id;
	} path[MAX_FOLLOWED];
};

static json_t *value(struct walk *w, u32 id, const u8 *data, size_t len);

/* Whether the budget had @nodes left, which it then has less. */
static bool take(struct walk *w, u32 nodes)
{
	bool ok = w->r->nodes_left >= nodes;

	w->r->nodes_left -= ok ? nodes : w->r->nodes_left;
	return ok;
}

static const char *type_name(const struct walk *w, const struct btf_type *t,
			     char buf[KT_RENDER_NAME_BYTES])
{
	return kt_render_name(w->btf, t->name_off, buf);
}

/* Tags of pointers that are no kernel address of a structure. */
static bool foreign(const struct walk *w, const struct btf_type *t)
{
	static const char *const tags[] = {
		"user", "percpu", "percpu_kptr", "arena", "uptr",
	};
	char name[KT_RENDER_NAME_BYTES];
	u32 i, steps;

	for (steps = 0; t && steps < MAX_NESTING; steps++) {
		if (!btf_is_mod(t) && !btf_is_typedef(t))
			return false;
		type_name(w, t, name);
		for (i = 0; i < ARRAY_SIZE(tags); i++)
			if (btf_is_type_tag(t) && !strcmp(name, tags[i]))
				return true;
		t = btf__type_by_id(w->btf, t->type);
	}
	return true;
}

static bool on_path(const struct walk *w, u64 kva, u32 id)
{
	u32 i;

	for (i = 0; i < w->followed; i++)
		if (w->path[i].kva == kva && w->path[i].id == id)
			return true;
	return false;
}

static bool may_follow(const struct walk *w, const struct btf_type *t,
		       u32 id, u64 kva)
{
	u32 most = min_t(u32, w->r->max_depth, MAX_FOLLOWED);
	char name[KT_RENDER_NAME_BYTES];

	if (!w->r->kernel || w->followed >= most || !t || !btf_is_composite(t))
		return false;
	if (!t->size || t->size > MAX_FOLLOW_BYTES || on_path(w, kva, id))
		return false;
	return !kt_render_is_special(type_name(w, t, name));
}

static void members(struct walk *w, json_t *object, const struct btf_type *s,
		    const u8 *data);

/* The structure @t that was at @kva, with a budget of its own. */
static json_t *target(struct walk *w, const struct btf_type *t, u32 id,
		      u64 kva, const u8 *data)
{
	u32 left = w->r->nodes_left;
	u32 most = w->followed ? FOLLOW_ON_NODES : FOLLOW_NODES;
	u32 own = min(left, most);
	json_t *object = json_object();

	kt_json_set_hex(object, "@", kva);
	w->path[w->followed].kva = kva;
	w->path[w->followed++].id = id;
	w->r->nodes_left = own;
	members(w, object, t, data);
	w->r->nodes_left = left - (own - w->r->nodes_left);
	w->followed--;
	return object;
}

/* What is at @kva, if it is a structure of a type and readable; else NULL. */
static json_t *follow(struct walk *w, u32 id, u64 kva)
{
	const struct btf_type *t = btf__type_by_id(w->btf, id);
	json_t *v = NULL;
	u8 *buf;

	if (foreign(w, t))
		return NULL;
	t = kt_types_strip(w->btf, &id);
	if (!may_follow(w, t, id, kva))
		return NULL;
	buf = malloc(t->size);
	if (buf && !kt_guest_kernel_read(w->r->kernel, kva, buf, t->size))
		v = target(w, t, id, kva, buf);
	free(buf);
	return v;
}

/* The function that begins at @kva, by name; NULL when there is none. */
static json_t *function(const struct walk *w, u32 id, u64 kva)
{
	const struct btf_type *t = kt_types_strip(w->btf, &id);
	const struct kt_guest_kernel *k = w->r->kernel;
	const struct kt_symbol *sym;
	u64 offset;

	if (!t || !btf_is_func_proto(t) || !k || !k->syms)
		return NULL;
	sym = kt_symbols_at(k->syms, kva - k->slide, &offset);
	if (!sym || offset)
		return NULL;
	return kt_json_textf("%.128s (0x%llx)", sym->name,
			     (unsigned long long)kva);
}

static json_t *pointer(struct walk *w, const struct btf_type *t,
		       const u8 *data)
{
	json_t *v;
	u64 kva;

	memcpy(&kva, data, sizeof(kva));
	if (!kva)
		return json_null();
	v = function(w, t->type, kva);
	if (!v)
		v = follow(w, t->type, kva);
	return v ? v : kt_json_hex(kva);
}

/* How many bytes at the end of @data are zero. */
static size_t zero_tail(const u8 *data, size_t len)
{
	size_t left = len;

	while (left && !data[left - 1])
		left--;
	return len - left;
}

static void add_rest(json_t *array, u32 nr, const char *what)
{
	json_array_append_new(array, kt_json_textf("... %u more%s", nr, what));
}

/* @nr elements of @id, each of @bytes, the last @zero of them all zero. */
static json_t *elements(struct walk *w, u32 id, const u8 *data, u32 nr,
			size_t bytes, u32 zero)
{
	/* the first element of a tail stands for all that is cut */
	u32 kept = zero < LONG_TAIL ? nr : nr - zero + 1;
	u32 most = min_t(u32, kept, MAX_ELEMENTS), i;
	json_t *array = json_array();

	for (i = 0; i < most && w->r->nodes_left; i++)
		json_array_append_new(array, value(w, id, data + i * bytes,
						   bytes));
	if (i < nr)
		add_rest(array, nr - i, i == kept ? ", all zero" : "");
	return array;
}

static json_t *array(struct walk *w, const struct btf_type *t, const u8 *data)
{
	u32 id = btf_array(t)->type, nr = btf_array(t)->nelems;
	const struct btf_type *e = kt_types_strip(w->btf, &id);
	s64 bytes = e ? btf__resolve_size(w->btf, id) : -EINVAL;
	json_t *text;
	u64 len;

	if (bytes < 0)
		return kt_json_textf("? elements without a size");
	if (!bytes || !nr)
		return nr ? kt_json_textf("? %u elements of no size", nr) :
			    json_array();
	len = bytes * (u64)nr;	/* fits: the array itself has a size */
	if (!take(w, len >> 12))
		return kt_json_textf("? cut: %u elements", nr);
	if (kt_render_is_char(w->btf, e)) {
		text = kt_render_chars(data, len);
		if (text)
			return text;
	}
	return elements(w, id, data, nr, bytes, zero_tail(data, len) / bytes);
}

static void member(struct walk *w, json_t *object, const char *name,
		   const struct kt_field *f, const u8 *data)
{
	const struct btf_type *t = btf__type_by_id(w->btf, f->type_id);

	data += f->offset_bytes;
	if (!*name) {
		/* also a budget for those that nest without any value */
		if (!btf_is_composite(t) || w->nesting >= MAX_NESTING ||
		    !take(w, 1))
			return;
		w->nesting++;
		members(w, object, t, data);
		w->nesting--;
	} else if (!f->bit_size) {
		kt_json_set(object, name, value(w, f->type_id, data,
						f->size_bytes));
	} else if (take(w, 1 + btf_vlen(t) / 256)) {
		kt_json_set(object, name, kt_render_bits(w->btf, f, data));
	}
}

/* What @s at @data consists of becomes members of @object. */
static void members(struct walk *w, json_t *object, const struct btf_type *s,
		    const u8 *data)
{
	u32 i, nr = btf_vlen(s);

	for (i = 0; i < nr; i++) {
		char name[KT_RENDER_NAME_BYTES];
		struct kt_field f;
		const char *wrong;

		if (!w->r->nodes_left) {
			kt_json_set(object, "...",
				    kt_json_textf("%u more", nr - i));
			return;
		}
		kt_render_name(w->btf, btf_members(s)[i].name_off, name);
		wrong = kt_types_member(w->btf, s, i, &f);
		if (!wrong)
			member(w, object, name, &f, data);
		else if (take(w, 1))
			kt_json_set(object, name,
				    kt_json_textf("? %s", wrong));
	}
}

static json_t *structure(struct walk *w, const struct btf_type *t,
			 const u8 *data)
{
	char name[KT_RENDER_NAME_BYTES];
	json_t *v;

	type_name(w, t, name);
	v = btf_is_struct(t) ? kt_render_special(name, data, t->size) : NULL;
	if (v)
		return v;
	v = json_object();
	members(w, v, t, data);
	return v;
}

static json_t *by_kind(struct walk *w, const struct btf_type *t,
		       const u8 *data, u32 bytes)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
		return kt_render_scalar(w->btf, t, data, bytes);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (!take(w, btf_vlen(t) / 256))
			return kt_json_textf("? cut");
		return kt_render_scalar(w->btf, t, data, bytes);
	case BTF_KIND_PTR:
		return pointer(w, t, data);
	case BTF_KIND_ARRAY:
		return array(w, t, data);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return structure(w, t, data);
	case BTF_KIND_VAR:
		return value(w, t->type, data, bytes);
	default:
		return kt_json_textf("? a type that has no values");
	}
}

static json_t *value(struct walk *w, u32 id, const u8 *data, size_t len)
{
	const struct btf_type *t = kt_types_strip(w->btf, &id);
	s64 bytes = t ? btf__resolve_size(w->btf, id) : -EINVAL;
	json_t *v;

	if (bytes < 0)
		return kt_json_textf("? a type without a size");
	if ((u64)bytes > len)
		return kt_json_textf("? %zu bytes of %lld", len,
				     (long long)bytes);
	if (w->nesting >= MAX_NESTING)
		return kt_json_textf("? nested too deep");
	if (!take(w, 1))
		return kt_json_textf("? cut");
	w->nesting++;
	v = by_kind(w, t, data, bytes);
	w->nesting--;
	return v;
}

json_t *kt_render_value(struct kt_render *r, u32 id, const void *data,
			size_t len_bytes)
{
	struct walk w = { .r = r, .btf = kt_types_btf(r->types) };

	return value(&w, id, data, len_bytes);
}
