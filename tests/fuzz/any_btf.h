/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For fuzz targets: a header put before any bytes, so that they may be taken
 * for BTF: one with the length of the strings, the strings, the types.
 */
#ifndef KTSTR_TESTS_FUZZ_ANY_BTF_H
#define KTSTR_TESTS_FUZZ_ANY_BTF_H

#include <assert.h>

#include <bpf/btf.h>

#include "ktstr/base/types.h"

/* Types first and strings behind them, as libbpf wants them. */
static inline u8 *with_header(const u8 *data, size_t size, size_t *btf_size)
{
	size_t strs = size ? min_t(size_t, data[0], size - 1) : 0;
	size_t types = size ? size - 1 - strs : 0;
	const struct btf_header hdr = {
		.magic = BTF_MAGIC, .version = BTF_VERSION,
		.hdr_len = sizeof(hdr), .type_len = types, .str_off = types,
		.str_len = strs + 2,
	};
	u8 *btf;

	*btf_size = sizeof(hdr) + types + strs + 2;
	btf = calloc(1, *btf_size);
	assert(btf);
	memcpy(btf, &hdr, sizeof(hdr));
	if (size) {
		memcpy(btf + sizeof(hdr), data + 1 + strs, types);
		memcpy(btf + sizeof(hdr) + types + 1, data + 1, strs);
	}
	return btf;
}

#endif /* KTSTR_TESTS_FUZZ_ANY_BTF_H */
