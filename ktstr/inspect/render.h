/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes of a BTF type as a JSON tree, and any such tree as indented text.
 *
 *	integer, bool		integer, true/false; beyond int64 as text
 *	char, array of char	"'A' (65)"; text when it is printable up to its
 *				end, else an array of integers
 *	enum			"NAME (5)"; 5 as an integer without a name
 *	pointer			hex text, null for 0; followed into a structure
 *				whose type is known: its object, with the address
 *				as member "@"; to a function: "NAME (0x..)"
 *	struct, union		object; anonymous members are part of it; what
 *				the bound left out is member "..." as "3 more"
 *	array			array; of a long tail of zeroes the first is
 *				kept, behind it "... 100 more, all zero"; beyond
 *				the bound "... 100 more"
 *	bitfield		its value
 *	bpf_timer, spin locks and other special fields: text, what they are
 *
 * Pointers that are no kernel address of a structure (percpu, user, arena) and
 * those that lead back to where they came from are only shown.
 */
#ifndef KTSTR_INSPECT_RENDER_H
#define KTSTR_INSPECT_RENDER_H

#include <stdio.h>

#include "json.h"
#include "kernel.h"

struct kt_render {
	const struct kt_types *types;	/* of the values rendered */
	/*
	 * To follow pointers with; NULL: they are only shown. Its memory is
	 * read as @types says, which for a program's BTF is the program's
	 * word: every read is checked.
	 */
	const struct kt_guest_kernel *kernel;
	u32 max_depth;			/* pointers followed one behind another */
	u32 nodes_left;			/* values still to be made; counts down */
};

#define KT_RENDER_DEPTH	2
#define KT_RENDER_NODES	4096

/*
 * The @len_bytes at @data as a value of type @id. Never NULL but without
 * memory: what cannot be rendered is text that says why ("? 3 bytes of 8").
 */
json_t *kt_render_value(struct kt_render *r, u32 id, const void *data,
			size_t len_bytes);

/*
 * @v as indented text, a member a line, small objects and arrays of numbers on
 * one line, not wider than 100 columns where it can be helped.
 */
void kt_render_text(FILE *out, const json_t *v, u32 indent);

#endif /* KTSTR_INSPECT_RENDER_H */
