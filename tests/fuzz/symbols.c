// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a vmlinux whose symbols are loaded: each that is found by its
 * address is found by its name too, and the address is not above the one asked
 * for.
 */
#include <assert.h>

#include "../unit/mini_vmlinux.h"
#include "drop_log.h"

#define LOOKUPS	1000

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void look_up(const struct kt_symbols *syms)
{
	const struct kt_symbol *s, *named;
	u64 at = UINT64_MAX, off;
	u32 i;

	assert(!kt_symbols_find(syms, ""));
	for (i = 0; i < LOOKUPS; i++) {
		s = kt_symbols_at(syms, at, &off);
		if (!s)
			break;
		assert(s->link_kva <= at && off == at - s->link_kva);
		named = kt_symbols_find(syms, s->name);
		assert(named && !strcmp(named->name, s->name));
		if (!s->link_kva)
			break;
		at = s->link_kva - 1;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_symbols *syms = NULL;
	int ret;

	drop_log();
	ret = mini_vmlinux_load(data, size, &syms);
	assert(ret <= 0);
	assert(!ret == !!syms);
	if (!ret)
		look_up(syms);
	kt_symbols_free(syms);
	return 0;
}
