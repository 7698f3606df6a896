// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields by BTF, over libbpf, which reads .BTF and checks that ids and names
 * lie within it. That alone bounds nothing: a structure may contain itself, a
 * typedef may lead to itself, and members may nest without end. So modifiers
 * are followed a number of steps, the search of anonymous members has a depth
 * and a budget, and a field must lie within what it is a field of.
 */
#include <stdarg.h>
#include <stdio.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "../base/log.h"
#include "types.h"

#define POINTER_BYTES	8
#define MAX_MODIFIERS	32	/* typedefs, const, ... in a row */
#define MAX_NESTING	16	/* anonymous members within each other */
#define MAX_MEMBERS	0x40000	/* looked at for one name */
#define PERCPU_SECTION	".data..percpu"

struct kt_types {
	struct btf *btf;
};

/* A path on its way from the outermost structure to its field. */
struct walk {
	const struct btf *btf;
	struct kt_field *field;
	u64 start_bytes;	/* of the structure being searched */
	u32 budget;
	char *why;
	size_t why_size;
};

static __printf(3, 4) int refuse(const struct walk *w, int err,
				 const char *fmt, ...)
{
	va_list ap;

	if (!w->why || !w->why_size)
		return err;
	va_start(ap, fmt);
	vsnprintf(w->why, w->why_size, fmt, ap);
	va_end(ap);
	return err;
}

static int broken(const struct walk *w, const char *what)
{
	return refuse(w, -EINVAL, "the kernel's BTF is malformed: %s", what);
}

/* Who called libbpf reports, so its own words are for debugging. */
static __printf(2, 0) int libbpf_says(enum libbpf_print_level level,
				      const char *fmt, va_list ap)
{
	char text[512];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	kt_dbg("libbpf: %s", text);
	return 0;
}

/* libbpf's own error codes begin where errno ends. */
static int libbpf_error(void)
{
	return errno > 0 && errno < __LIBBPF_ERRNO__START ? -errno : -EINVAL;
}

/* The bytes in memory order, and each type at a multiple of four. */
static bool layout_ok(const struct btf *btf)
{
	const struct btf_header *hdr;
	u32 size;

	if (btf__endianness(btf) != BTF_LITTLE_ENDIAN)
		return false;
	hdr = btf__raw_data(btf, &size);
	return hdr && size >= sizeof(*hdr) && !(hdr->hdr_len % sizeof(u32));
}

static int adopt(struct btf *btf, const char *name, struct kt_types **types)
{
	int err = btf ? 0 : libbpf_error();

	if (err == -ENODATA)
		return kt_err(err, "%s: no .BTF section: the kernel needs CONFIG_DEBUG_INFO_BTF=y",
			      name);
	if (err)
		return kt_err(err, "%s: its BTF cannot be read: %s", name,
			      strerror(-err));
	if (!layout_ok(btf)) {
		btf__free(btf);
		return kt_err(-EINVAL, "%s: its BTF is big-endian or misaligned",
			      name);
	}
	*types = malloc(sizeof(**types));
	if (!*types) {
		btf__free(btf);
		return -ENOMEM;
	}
	/* libbpf would guess it from the types, once it is asked for */
	btf__set_pointer_size(btf, POINTER_BYTES);
	(*types)->btf = btf;
	return 0;
}

int kt_types_load(const char *path, struct kt_types **types)
{
	*types = NULL;
	libbpf_set_print(libbpf_says);
	return adopt(btf__parse(path, NULL), path, types);
}

int kt_types_parse(const void *data, size_t len_bytes, struct kt_types **types)
{
	*types = NULL;
	libbpf_set_print(libbpf_says);
	if (len_bytes > UINT32_MAX)
		return kt_err(-EINVAL, "BTF data: %zu bytes are too many",
			      len_bytes);
	return adopt(btf__new(data, len_bytes), "BTF data", types);
}

void kt_types_free(struct kt_types *types)
{
	if (!types)
		return;
	btf__free(types->btf);
	free(types);
}

const struct btf *kt_types_btf(const struct kt_types *types)
{
	return types->btf;
}

int kt_types_struct(const struct kt_types *t, const char *name)
{
	int id;

	if (!name[0])
		return -ENOENT;
	id = btf__find_by_name_kind(t->btf, name, BTF_KIND_STRUCT);
	if (id <= 0)
		id = btf__find_by_name_kind(t->btf, name, BTF_KIND_UNION);
	return id > 0 ? id : -ENOENT;
}

const struct btf_type *kt_types_strip(const struct btf *btf, u32 *id)
{
	const struct btf_type *t = btf__type_by_id(btf, *id);
	u32 steps;

	for (steps = 0; t && steps < MAX_MODIFIERS; steps++) {
		if (!btf_is_mod(t) && !btf_is_typedef(t))
			return t;
		*id = t->type;
		t = btf__type_by_id(btf, *id);
	}
	return NULL;
}

static bool named(const struct btf *btf, u32 name_off, const char *name)
{
	const char *s = btf__name_by_offset(btf, name_off);

	return s && !strcmp(s, name);
}

/* Newer kernels describe variables of other sections too. */
static int find_var(const struct btf *btf, const struct btf_type *section,
		    const char *name)
{
	const struct btf_var_secinfo *v = btf_var_secinfos(section);
	const struct btf_type *var;
	u32 i, id;

	for (i = 0; i < btf_vlen(section); i++) {
		var = btf__type_by_id(btf, v[i].type);
		if (!var || !btf_is_var(var) || !named(btf, var->name_off, name))
			continue;
		id = var->type;
		return kt_types_strip(btf, &id) ? (int)id : -ENOENT;
	}
	return -ENOENT;
}

int kt_types_percpu_var(const struct kt_types *t, const char *name)
{
	u32 i, nr = btf__type_cnt(t->btf);
	const struct btf_type *section;
	int id;

	for (i = 1; i < nr; i++) {
		section = btf__type_by_id(t->btf, i);
		if (!btf_is_datasec(section) ||
		    !named(t->btf, section->name_off, PERCPU_SECTION))
			continue;
		id = find_var(t->btf, section, name);
		if (id > 0)
			return id;
	}
	return -ENOENT;
}

s64 kt_types_size(const struct kt_types *t, u32 id)
{
	return btf__resolve_size(t->btf, id);
}

/* Whole bytes that hold the bits, when no unit of the declared type does. */
static void bits_in_bytes(struct kt_field *f, u64 at_bits)
{
	f->offset_bytes = at_bits / 8;
	f->bit_offset = at_bits % 8;
	f->size_bytes = DIV_ROUND_UP(f->bit_offset + f->bit_size, 8);
}

/* @at_bits from the start of a structure of @whole_bytes. */
static void place_bits(struct kt_field *f, u64 at_bits, u32 unit_bytes,
		       u32 whole_bytes)
{
	u32 unit_bits = unit_bytes * 8;

	f->size_bytes = unit_bytes;
	f->bit_offset = at_bits % unit_bits;
	f->offset_bytes = at_bits / unit_bits * unit_bytes;
	if (f->bit_offset + f->bit_size > unit_bits ||
	    f->offset_bytes + unit_bytes > whole_bytes)
		bits_in_bytes(f, at_bits);
}

/* Bits of an int that does not use all of its own; 0 when it does. */
static u32 old_bitfield(const struct btf_type *t, u64 *at_bits)
{
	if (!btf_is_int(t) || (!btf_int_offset(t) &&
			       btf_int_bits(t) == t->size * 8))
		return 0;
	*at_bits += btf_int_offset(t);
	return btf_int_bits(t);
}

const char *kt_types_member(const struct btf *btf, const struct btf_type *s,
			    u32 i, struct kt_field *f)
{
	u64 at_bits = btf_member_bit_offset(s, i);
	u32 id = btf_members(s)[i].type;
	const struct btf_type *t = kt_types_strip(btf, &id);
	s64 size = t ? btf__resolve_size(btf, id) : -EINVAL;

	memset(f, 0, sizeof(*f));
	if (size < 0)
		return "a member has no size";
	f->type_id = id;
	f->is_pointer = btf_is_ptr(t);
	f->bit_size = btf_member_bitfield_size(s, i);
	if (!btf_kflag(s))
		f->bit_size = old_bitfield(t, &at_bits);
	if (f->bit_size) {
		if (!btf_is_int(t) && !btf_is_any_enum(t))
			return "a bitfield is no number";
		if (size > 16 || f->bit_size > size * 8)
			return "a bitfield is wider than its type";
		place_bits(f, at_bits, size, s->size);
	} else {
		if (at_bits % 8)
			return "a member begins within a byte";
		f->offset_bytes = at_bits / 8;
		f->size_bytes = size;
	}
	if (f->offset_bytes + f->size_bytes > s->size)
		return "a member lies outside of its structure";
	return NULL;
}

/* Member @i of @s, which begins at w->start_bytes, becomes the field. */
static int take_member(struct walk *w, const struct btf_type *s, u32 i)
{
	const char *what = kt_types_member(w->btf, s, i, w->field);

	if (what)
		return broken(w, what);
	w->field->offset_bytes += w->start_bytes;
	return 0;
}

/* -ENOENT without a reason when neither @s nor what it embeds has @name. */
static int find_member(struct walk *w, const struct btf_type *s,
		       const char *name, size_t len, u32 depth)
{
	u64 start_bytes = w->start_bytes;
	const struct btf_type *t;
	const char *is;
	int err;
	u32 i;

	if (depth > MAX_NESTING)
		return broken(w, "structures nest without end");
	for (i = 0; i < btf_vlen(s); i++) {
		if (!w->budget--)
			return broken(w, "structures have too many members");
		is = btf__name_by_offset(w->btf, btf_members(s)[i].name_off);
		if (is && is[0]) {
			if (strlen(is) == len && !memcmp(is, name, len))
				return take_member(w, s, i);
			continue;
		}
		err = take_member(w, s, i);
		if (err)
			return err;
		t = btf__type_by_id(w->btf, w->field->type_id);
		if (!btf_is_composite(t))
			continue;
		w->start_bytes = w->field->offset_bytes;
		err = find_member(w, t, name, len, depth + 1);
		if (err != -ENOENT)
			return err;
		w->start_bytes = start_bytes;
	}
	return -ENOENT;
}

static const char *kind_str(const struct btf_type *t)
{
	return btf_is_union(t) ? "union" : "struct";
}

/* One name of the path, of @len, in the structure that the field is now. */
static int enter(struct walk *w, const char *path, const char *name, size_t len)
{
	const struct btf_type *s = btf__type_by_id(w->btf, w->field->type_id);
	const char *is;
	int err;

	if (!btf_is_composite(s)) {
		is = w->field->is_pointer ? "a pointer" : "no structure";
		if (name == path)
			return refuse(w, -EINVAL, "the type is %s", is);
		return refuse(w, -EINVAL, "\"%.*s\" is %s",
			      (int)(name - path - 1), path, is);
	}
	w->start_bytes = w->field->offset_bytes;
	w->budget = MAX_MEMBERS;
	err = find_member(w, s, name, len, 0);
	if (err != -ENOENT)
		return err;
	is = btf__name_by_offset(w->btf, s->name_off);
	return refuse(w, err, "no field \"%.*s\" in %s %s", (int)len, name,
		      kind_str(s), is && is[0] ? is : "without a name");
}

/* "[123]" at @at: its number, and its end; NULL when it is none. */
static const char *parse_index(const char *at, u64 *index)
{
	const char *digits = ++at;

	*index = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		*index = *index * 10 + (*at - '0');
		if (*index > UINT32_MAX)
			return NULL;
	}
	return *at == ']' && at > digits ? at + 1 : NULL;
}

/* The field becomes its element @index; @path up to @at names it. */
static int index_array(struct walk *w, const char *path, const char *at,
		       u64 index)
{
	const struct btf_type *t = btf__type_by_id(w->btf, w->field->type_id);
	struct kt_field *f = w->field;
	int len = at - path;
	s64 size;
	u32 id;

	if (!btf_is_array(t))
		return refuse(w, -EINVAL, "\"%.*s\" is no array", len, path);
	if (index >= btf_array(t)->nelems)
		return refuse(w, -EINVAL, "\"%.*s\" has %u elements, none at %llu",
			      len, path, btf_array(t)->nelems,
			      (unsigned long long)index);
	id = btf_array(t)->type;
	t = kt_types_strip(w->btf, &id);
	size = t ? btf__resolve_size(w->btf, id) : -EINVAL;
	if (size < 0)
		return broken(w, "an element has no size");
	f->offset_bytes += index * size;
	f->size_bytes = size;
	f->type_id = id;
	f->is_pointer = btf_is_ptr(t);
	return 0;
}

static int walk_path(struct walk *w, const char *path)
{
	const char *at = path, *next;
	size_t len;
	u64 index;
	int err;

	for (;; at++) {
		len = strcspn(at, ".[");
		if (!len)
			return refuse(w, -EINVAL, "\"%s\" is no path of fields",
				      path);
		err = enter(w, path, at, len);
		if (err)
			return err;
		for (at += len; *at == '['; at = next) {
			next = parse_index(at, &index);
			if (!next)
				return refuse(w, -EINVAL, "\"%s\" has an index that is no number",
					      path);
			err = index_array(w, path, at, index);
			if (err)
				return err;
		}
		if (!*at)
			return 0;
		if (*at != '.')
			return refuse(w, -EINVAL, "\"%s\" is no path of fields",
				      path);
	}
}

int kt_types_field(const struct kt_types *t, u32 id, const char *path,
		   struct kt_field *field, char *why, size_t why_size)
{
	struct walk w = {
		.btf = t->btf, .field = field, .why = why, .why_size = why_size,
	};
	const struct btf_type *root = kt_types_strip(t->btf, &id);

	memset(field, 0, sizeof(*field));
	if (!root)
		return refuse(&w, -EINVAL, "there is no such type");
	field->type_id = id;
	field->is_pointer = btf_is_ptr(root);
	return walk_path(&w, path);
}

s64 kt_types_offset(const struct kt_types *t, const char *name,
		    const char *path)
{
	int id = kt_types_struct(t, name);
	struct kt_field field;
	int err;

	if (id < 0)
		return id;
	err = kt_types_field(t, id, path, &field, NULL, 0);
	return err ? err : (s64)field.offset_bytes;
}
