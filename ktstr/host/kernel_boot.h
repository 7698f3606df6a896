/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image that is booted: a vmlinux without debug information, which loads
 * faster by half a second. Kept in $XDG_CACHE_HOME/ktstr/boot.
 */
#ifndef KTSTR_HOST_KERNEL_BOOT_H
#define KTSTR_HOST_KERNEL_BOOT_H

#include "../base/types.h"

/*
 * Writes @vmlinux without debug information to @out (strip, else llvm-strip).
 * -errno, not reported; @out does not exist then.
 */
int kt_kernel_strip(const char *vmlinux, const char *out);

/*
 * The stripped form of @vmlinux, made when it is not in the cache, into @boot
 * of PATH_MAX bytes; @vmlinux itself, and a line that says so, when it cannot be
 * made.
 */
void kt_kernel_boot_image(const char *vmlinux, char *boot);

#endif /* KTSTR_HOST_KERNEL_BOOT_H */
