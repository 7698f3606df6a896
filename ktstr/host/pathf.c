// SPDX-License-Identifier: GPL-2.0-only
/*
 * Formatting a path without ever cutting one short: a cut path is another
 * path.
 */
#include <stdarg.h>
#include <stdio.h>

#include "pathf.h"

int kt_pathf(char *path, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(path, PATH_MAX, fmt, ap);
	va_end(ap);
	if (len >= 0 && len < PATH_MAX)
		return 0;
	path[0] = '\0';
	return -ENAMETOOLONG;
}
