/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * File paths made from a format, in buffers of PATH_MAX bytes.
 */
#ifndef KTSTR_HOST_PATHF_H
#define KTSTR_HOST_PATHF_H

#include <limits.h>

#include "../base/types.h"

/*
 * Formats into @path, of PATH_MAX bytes. -ENAMETOOLONG leaves "", which leads
 * nowhere: the use of it fails with -ENOENT when this was not looked at.
 */
int kt_pathf(char *path, const char *fmt, ...) __printf(2, 3);

#endif /* KTSTR_HOST_PATHF_H */
