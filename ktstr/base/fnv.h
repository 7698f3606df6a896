/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FNV-1a, 64 bits: a hash for names in the cache, the same on every host.
 */
#ifndef KTSTR_BASE_FNV_H
#define KTSTR_BASE_FNV_H

#include "../base/types.h"

#define KT_FNV64_INIT	0xcbf29ce484222325ULL

static inline u64 kt_fnv64(u64 h, const void *data, size_t len)
{
	const u8 *p = data;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

/* With the NUL, so that "a", "bc" and "ab", "c" differ. */
static inline u64 kt_fnv64_str(u64 h, const char *s)
{
	return kt_fnv64(h, s, strlen(s) + 1);
}

#endif /* KTSTR_BASE_FNV_H */
