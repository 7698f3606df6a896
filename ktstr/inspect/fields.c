// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields as numbers, enumerators as names, text: what every walk over the
 * kernel's structures is made of.
 */
#include <stdio.h>

#include <bpf/btf.h>

#include "fields.h"

#define PAGE_BYTES	4096ULL

static void note(json_t *absent, const char *type, const char *path)
{
	char what[128];

	snprintf(what, sizeof(what), "%s%s%s: not in this kernel", type,
		 path ? "." : "", path ? path : "");
	kt_json_absent(absent, what);
}

int kt_fields_find(const struct kt_guest_kernel *k, const char *type,
		   const char *const *paths, u32 nr, u32 required,
		   struct kt_field *fields, json_t *absent)
{
	int id = k->types ? kt_types_struct(k->types, type) : -ENOENT, ret = 0;
	u32 i;

	memset(fields, 0, nr * sizeof(*fields));
	if (id < 0) {
		note(absent, type, NULL);
		return -ENOENT;
	}
	for (i = 0; i < nr; i++) {
		if (!kt_types_field(k->types, id, paths[i], &fields[i], NULL, 0))
			continue;
		memset(&fields[i], 0, sizeof(fields[i]));
		if (i >= required)
			continue;
		note(absent, type, paths[i]);
		ret = -ENOENT;
	}
	return ret;
}

int kt_field_read(const struct kt_guest_kernel *k, u64 kva,
		  const struct kt_field *f, u64 *v)
{
	u64 word = 0;
	int ret;

	if (!kt_field_known(f))
		return -ENOENT;
	if (f->size_bytes > sizeof(word))
		return -EINVAL;
	ret = kt_guest_kernel_read(k, kva + f->offset_bytes, &word,
				   f->size_bytes);
	if (ret)
		return ret;
	if (f->bit_size) {
		word >>= f->bit_offset;
		if (f->bit_size < 64)
			word &= (1ULL << f->bit_size) - 1;
	}
	*v = word;
	return 0;
}

int kt_field_read_signed(const struct kt_guest_kernel *k, u64 kva,
			 const struct kt_field *f, s64 *v)
{
	u32 unused = 64 - (f->bit_size ? f->bit_size : f->size_bytes * 8);
	u64 word;
	int ret = kt_field_read(k, kva, f, &word);

	if (!ret)
		*v = (s64)(word << unused) >> unused;
	return ret;
}

size_t kt_read_text(const struct kt_guest_kernel *k, u64 kva, char *buf,
		    size_t size)
{
	size_t len = 0, n;

	while (len < size - 1) {
		n = min_t(u64, (size - 1 - len),
			  (PAGE_BYTES - kva % PAGE_BYTES));
		if (kt_guest_kernel_read(k, kva, buf + len, n))
			break;
		if (memchr(buf + len, '\0', n))
			return len + strnlen(buf + len, n);
		len += n;
		kva += n;
	}
	buf[len] = '\0';
	return len;
}

static const struct btf_type *find_enum(const struct kt_types *t,
					const char *name)
{
	const struct btf *btf = kt_types_btf(t);
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);

	if (id <= 0)
		id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM64);
	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

/* Enumerator @i: its name, never NULL, and its value. */
static const char *enumerator(const struct kt_types *t,
			      const struct btf_type *e, u32 i, s64 *v)
{
	const char *name;
	u32 off;

	if (btf_is_enum64(e)) {
		off = btf_enum64(e)[i].name_off;
		*v = btf_enum64_value(&btf_enum64(e)[i]);
	} else {
		off = btf_enum(e)[i].name_off;
		*v = btf_enum(e)[i].val;
	}
	name = btf__name_by_offset(kt_types_btf(t), off);
	return name ? name : "";
}

const char *kt_enum_name(const struct kt_types *t, const char *enum_name,
			 s64 v)
{
	const struct btf_type *e = t ? find_enum(t, enum_name) : NULL;
	const char *name;
	s64 is;
	u32 i;

	for (i = 0; e && i < btf_vlen(e); i++) {
		name = enumerator(t, e, i, &is);
		if (is == v && *name)
			return name;
	}
	return NULL;
}

json_t *kt_enum_json(const struct kt_types *t, const char *enum_name, s64 v)
{
	const char *name = kt_enum_name(t, enum_name, v);

	return name ? kt_json_textf("%s (%lld)", name, (long long)v) :
		      json_integer(v);
}

static bool one_bit(u64 v)
{
	return v && !(v & (v - 1));
}

static __printf(4, 5) void append(char *buf, size_t size, size_t *len,
				  const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf + *len, size - *len, fmt, ap);
	va_end(ap);
	*len = min_t(size_t, *len + max(n, 0), size - 1);
}

/* Masks, shifts and counts beside the flags have no bit of their own. */
static bool is_flag(const char *name, const char *prefix, u64 bit)
{
	static const char * const not_flags[] = { "_SHIFT", "_BITS", "_MASK" };
	size_t len = strlen(name), n;
	u32 i;

	if (!one_bit(bit) || strncmp(name, prefix, strlen(prefix)))
		return false;
	for (i = 0; i < ARRAY_SIZE(not_flags); i++) {
		n = strlen(not_flags[i]);
		if (len > n && !strcmp(name + len - n, not_flags[i]))
			return false;
	}
	return true;
}

void kt_enum_flags(const struct kt_types *t, const char *enum_name,
		   const char *prefix, u64 v, char *buf, size_t size)
{
	const struct btf_type *e = t ? find_enum(t, enum_name) : NULL;
	const char *name;
	size_t len = 0;
	u64 bit;
	s64 is;
	u32 i;

	buf[0] = '\0';
	for (i = 0; e && i < btf_vlen(e); i++) {
		name = enumerator(t, e, i, &is);
		bit = btf_is_enum64(e) ? (u64)is : (u32)is;
		if (!(v & bit) || !is_flag(name, prefix, bit))
			continue;
		v &= ~bit;
		append(buf, size, &len, "%s%s", len ? "|" : "",
		       name + strlen(prefix));
	}
	if (v || !len)
		append(buf, size, &len, len ? "|%#llx" : v ? "%#llx" : "0",
		       (unsigned long long)v);
}
