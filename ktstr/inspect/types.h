/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's types by BTF: where a field lies in its structure. A structure
 * or field that this kernel does not have is -ENOENT, and the caller goes on
 * without it.
 */
#ifndef KTSTR_INSPECT_TYPES_H
#define KTSTR_INSPECT_TYPES_H

#include "../base/types.h"

struct btf;
struct btf_type;
struct kt_types;

struct kt_field {
	u64 offset_bytes;	/* from the start of the outermost structure */
	u32 size_bytes;		/* of the field; of its storage for a bitfield */
	u32 bit_offset;		/* of a bitfield within offset_bytes */
	u32 bit_size;		/* 0: not a bitfield */
	u32 type_id;		/* without modifiers and typedefs */
	bool is_pointer;
};

/* The BTF of the ELF file at @path (.BTF), or of raw BTF data. */
int kt_types_load(const char *path, struct kt_types **types);
int kt_types_parse(const void *data, size_t len_bytes,
		   struct kt_types **types);
void kt_types_free(struct kt_types *types);

/* For who reads types itself: lives as long as @types. */
const struct btf *kt_types_btf(const struct kt_types *types);

/* The type behind modifiers and typedefs; NULL when there is none. */
const struct btf_type *kt_types_strip(const struct btf *btf, u32 *id);

/*
 * Where member @i of structure or union @s lies in it. NULL, or what is wrong
 * with its BTF: otherwise a member lies within its structure.
 */
const char *kt_types_member(const struct btf *btf, const struct btf_type *s,
			    u32 i, struct kt_field *field);

/* The structure or union @name: its id, or -ENOENT. */
int kt_types_struct(const struct kt_types *t, const char *name);

/* The type of the per-CPU variable @name (others are not in BTF), or -ENOENT. */
int kt_types_percpu_var(const struct kt_types *t, const char *name);

/* Size of type @id in bytes, or -errno. */
s64 kt_types_size(const struct kt_types *t, u32 id);

/*
 * Resolves @path ("scx.dsq_vtime", "pid_links[0].next") from structure @id,
 * through anonymous members, typedefs and arrays, never through a pointer.
 * -ENOENT: there is no such field; -EINVAL: @path is malformed, an index lies
 * outside its array, or something that is not a structure is entered. @why
 * (may be NULL) gets the reason for people: 'no field "weigth" in struct
 * task_struct'.
 */
int kt_types_field(const struct kt_types *t, u32 id, const char *path,
		   struct kt_field *field, char *why, size_t why_size);

/*
 * Offset of @path in struct @name, remembered by the caller. -ENOENT when
 * this kernel has it not.
 */
s64 kt_types_offset(const struct kt_types *t, const char *name,
		    const char *path);

#endif /* KTSTR_INSPECT_TYPES_H */
