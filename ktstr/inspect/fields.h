/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many fields of one structure, found by BTF once and then read as numbers of
 * whatever width this kernel gives them. Enumerators by their names. What the
 * kernel has not is known as such, and reading it is -ENOENT.
 */
#ifndef KTSTR_INSPECT_FIELDS_H
#define KTSTR_INSPECT_FIELDS_H

#include "json.h"
#include "kernel.h"

/*
 * Finds @nr @paths of structure @type. One that there is not has size_bytes 0;
 * if it is one of the first @required, or there is no such structure, it is
 * noted in @absent (may be NULL) and the result is -ENOENT.
 */
int kt_fields_find(const struct kt_guest_kernel *k, const char *type,
		   const char *const *paths, u32 nr, u32 required,
		   struct kt_field *fields, json_t *absent);

/* Whether this kernel has it. */
static inline bool kt_field_known(const struct kt_field *f)
{
	return f->size_bytes;
}

/*
 * The number of 1, 2, 4 or 8 bytes, or the bitfield, that is @f of the
 * structure at @kva. -ENOENT not in this kernel, -EINVAL no number, -EFAULT.
 */
int kt_field_read(const struct kt_guest_kernel *k, u64 kva,
		  const struct kt_field *f, u64 *v);
/* The same as a signed number of its width. */
int kt_field_read_signed(const struct kt_guest_kernel *k, u64 kva,
			 const struct kt_field *f, s64 *v);
/* Where @f of the structure at @kva is. */
static inline u64 kt_field_kva(u64 kva, const struct kt_field *f)
{
	return kva + f->offset_bytes;
}

/*
 * Text at @kva up to its end, at most @size - 1 bytes: those that can be read.
 * Returns how many; @buf is always ended.
 */
size_t kt_read_text(const struct kt_guest_kernel *k, u64 kva, char *buf,
		    size_t size);

/* Enumerator of @enum_name with value @v, or NULL. */
const char *kt_enum_name(const struct kt_types *t, const char *enum_name,
			 s64 v);
/* "NAME (5)", or the number alone. */
json_t *kt_enum_json(const struct kt_types *t, const char *enum_name, s64 v);
/*
 * Bits of @v by enumerators of one bit, without @prefix and with "|" between:
 * "QUEUED|DEQD_FOR_SLEEP|0x40000". "0" for none.
 */
void kt_enum_flags(const struct kt_types *t, const char *enum_name,
		   const char *prefix, u64 v, char *buf, size_t size);

#endif /* KTSTR_INSPECT_FIELDS_H */
