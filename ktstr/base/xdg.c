// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDG base directories, with ktstr's own directory in each.
 */
#include <stdio.h>

#include "fd.h"
#include "log.h"
#include "xdg.h"

static int base_dir(const char *variable, const char *below_home,
		    const char *sub, char *path, size_t size)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	int len, ret;

	/* the specification has relative paths ignored */
	if (base && *base == '/')
		len = snprintf(path, size, "%s/ktstr/%s", base, sub);
	else if (home && *home)
		len = snprintf(path, size, "%s/%s/ktstr/%s", home, below_home,
			       sub);
	else
		return kt_err(-ENOENT, "neither %s nor HOME is set", variable);
	if (len < 0 || (size_t)len >= size)
		return kt_err(-ENAMETOOLONG, "%s is too long", variable);
	ret = kt_mkdirs(path, 0755);
	return ret ? kt_err(ret, "cannot make %s: %s", path, strerror(-ret)) : 0;
}

int kt_cache_dir(const char *sub, char *path, size_t size)
{
	return base_dir("XDG_CACHE_HOME", ".cache", sub, path, size);
}

int kt_state_dir(const char *sub, char *path, size_t size)
{
	return base_dir("XDG_STATE_HOME", ".local/state", sub, path, size);
}
