/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading an xarray or IDR of the guest's kernel (include/linux/xarray.h):
 * bounded whatever its nodes say. -EINVAL when its types are not known.
 */
#ifndef KTSTR_INSPECT_XARRAY_H
#define KTSTR_INSPECT_XARRAY_H

#include "kernel.h"

/* The pointer stored at @index of the xarray at @xa_kva; -ENOENT none. */
int kt_xarray_load(const struct kt_guest_kernel *k, u64 xa_kva, u64 index,
		   u64 *entry_kva);

/*
 * Calls @fn for each pointer stored, in order of index, until it returns other
 * than 0, and returns that; at most @max entries. -EFAULT for a broken tree.
 */
int kt_xarray_for_each(const struct kt_guest_kernel *k, u64 xa_kva, u32 max,
		       int (*fn)(void *arg, u64 index, u64 entry_kva),
		       void *arg);

#endif /* KTSTR_INSPECT_XARRAY_H */
