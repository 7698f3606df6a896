/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory on its way to a file and back. Pages of zeroes are left out on
 * both ways: a machine that has just booted has touched a fifth of its memory.
 */
#ifndef KTSTR_ENGINE_SAVED_MEMORY_H
#define KTSTR_ENGINE_SAVED_MEMORY_H

#include "../base/types.h"

#define KT_SAVED_PAGE	4096u

/*
 * Copies @len_bytes, whole pages, from @src at @src_at to @dst at @dst_at,
 * where there are only holes. To *@sum is added the sum of what was copied:
 * the same for the same contents, wherever the files have holes. @page_nr is
 * the number of the first page. 0, -errno, or -ENODATA when @src ends before.
 */
int kt_saved_copy(int dst, u64 dst_at, int src, u64 src_at, u64 len_bytes,
		  u64 page_nr, u64 *sum);

/* Likewise from memory of this process, which is aligned. */
int kt_saved_write(int dst, u64 dst_at, const void *src, u64 len_bytes,
		   u64 page_nr, u64 *sum);

/* Only the sum, of @len_bytes of @src from @src_at on, as of page 0. */
int kt_saved_sum(int src, u64 src_at, u64 len_bytes, u64 *sum);

#endif /* KTSTR_ENGINE_SAVED_MEMORY_H */
