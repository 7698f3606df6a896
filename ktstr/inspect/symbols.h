/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The symbols of a vmlinux, at the addresses they were linked at. The file is
 * hostile. One table serves many machines and threads.
 */
#ifndef KTSTR_INSPECT_SYMBOLS_H
#define KTSTR_INSPECT_SYMBOLS_H

#include "../base/types.h"

struct kt_symbol {
	const char *name;	/* lives as long as the table */
	u64 link_kva;
	u64 size_bytes;		/* 0 not known */
	bool absolute;		/* a number that is no address of a section */
};

struct kt_symbols;

/*
 * Reads the symbol table of the ELF file at @path (x86-64). -EBADMSG: a broken
 * file, -ENOEXEC: not a vmlinux, -ENODATA: no symbol table in it; reported.
 */
int kt_symbols_load(const char *path, struct kt_symbols **syms);
void kt_symbols_free(struct kt_symbols *syms);

/* The symbol of that name (a global one before a local), or NULL. */
const struct kt_symbol *kt_symbols_find(const struct kt_symbols *syms,
					const char *name);

/*
 * The last symbol at or below @link_kva and the distance to it, or NULL. The first
 * who asks has them sorted.
 */
const struct kt_symbol *kt_symbols_at(const struct kt_symbols *syms,
				      u64 link_kva, u64 *offset);

/* The @i-th symbol by address, or NULL beyond the last one. */
const struct kt_symbol *kt_symbols_nth(const struct kt_symbols *syms, u32 i);

#endif /* KTSTR_INSPECT_SYMBOLS_H */
