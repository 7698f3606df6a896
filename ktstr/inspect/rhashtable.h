/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a resizable hash table of the guest's kernel (rhashtable): its
 * table, the nested form of it, and the one it is being moved to.
 */
#ifndef KTSTR_INSPECT_RHASHTABLE_H
#define KTSTR_INSPECT_RHASHTABLE_H

#include "kernel.h"

/*
 * Calls @fn for each struct rhash_head in the table at @ht_kva until it returns
 * other than 0, and returns that; at most @max. One that is being moved may
 * come twice. -ENOENT: its types are not known, -EFAULT: a broken table.
 */
int kt_rhashtable_for_each(const struct kt_guest_kernel *k, u64 ht_kva, u32 max,
			   int (*fn)(void *arg, u64 head_kva), void *arg);

#endif /* KTSTR_INSPECT_RHASHTABLE_H */
