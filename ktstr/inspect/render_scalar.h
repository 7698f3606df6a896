/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The leaves of a rendered value: numbers, enumerators, text, and the kernel's
 * opaque structures within a map's value. For render.c.
 */
#ifndef KTSTR_INSPECT_RENDER_SCALAR_H
#define KTSTR_INSPECT_RENDER_SCALAR_H

#include <bpf/btf.h>

#include "json.h"
#include "types.h"

#define KT_RENDER_NAME_BYTES	128	/* of a member or enumerator, with its end */

/* The integer, enumeration or float @t of @bytes at @data. */
json_t *kt_render_scalar(const struct btf *btf, const struct btf_type *t,
			 const u8 *data, u32 bytes);

/* The bitfield @f, whose storage begins at @data. */
json_t *kt_render_bits(const struct btf *btf, const struct kt_field *f,
		       const u8 *data);

/* Whether @t is what C calls char. */
bool kt_render_is_char(const struct btf *btf, const struct btf_type *t);

/* An array of char as text; NULL when it is none. */
json_t *kt_render_chars(const u8 *data, u32 bytes);

/* Whether it is one of the structures that kt_render_special() knows. */
bool kt_render_is_special(const char *name);

/*
 * What structure @name says that its own members, opaque, do not: a lock, a
 * timer, the head or a node of a list or tree. NULL for any other.
 */
json_t *kt_render_special(const char *name, const u8 *data, u32 bytes);

/* A name in BTF, cut; "" for none. */
const char *kt_render_name(const struct btf *btf, u32 name_off,
			   char buf[KT_RENDER_NAME_BYTES]);

#endif /* KTSTR_INSPECT_RENDER_SCALAR_H */
