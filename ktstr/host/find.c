// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where things are. Installed, all lie beside each other; built, test programs
 * are in tests/, the fixture scheduler in tools/scx_ktstr/ and the tree's
 * schedulers in build/bin/.
 */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/log.h"
#include "find.h"

static const char *const beside[] = {
	"", "../tools/scx_ktstr/", "../build/bin/",
	/* from tools/ktstr/ */
	"../scx_ktstr/", "../../build/bin/",
	/* from build/tests/ */
	"../../tools/scx_ktstr/",
};

int kt_find_self(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);

	if (n < 0)
		return kt_err(-errno, "/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	return 0;
}

int kt_find_self_dir(char *path, size_t size)
{
	int ret = kt_find_self(path, size);
	char *slash = ret ? NULL : strrchr(path, '/');

	if (slash)
		*slash = '\0';
	return ret;
}

/* A readable regular file; its path made plain. */
static bool is_file(char *path, size_t size)
{
	char plain[PATH_MAX];
	struct stat st;

	if (!realpath(path, plain) || stat(plain, &st) ||
	    access(plain, R_OK))
		return false;
	if (!S_ISREG(st.st_mode)) {
		errno = EISDIR;
		return false;
	}
	return (size_t)snprintf(path, size, "%s", plain) < size;
}

static bool find_in_path(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");

	while (dirs && *dirs) {
		int len = strcspn(dirs, ":");

		if ((size_t)snprintf(path, size, "%.*s/%s", len, dirs, name) <
		    size && is_file(path, size))
			return true;
		dirs += len + (dirs[len] == ':');
	}
	return false;
}

int kt_find_file(const char *name, char *path, size_t size)
{
	char dir[PATH_MAX];
	size_t i;
	int ret;

	if (strchr(name, '/')) {
		if ((size_t)snprintf(path, size, "%s", name) < size &&
		    is_file(path, size))
			return 0;
		return kt_err(-ENOENT, "%s: %s", name, strerror(errno));
	}
	ret = kt_find_self_dir(dir, sizeof(dir));
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(beside); i++)
		if ((size_t)snprintf(path, size, "%s/%s%s", dir, beside[i],
				     name) < size && is_file(path, size))
			return 0;
	if (find_in_path(name, path, size))
		return 0;
	return kt_err(-ENOENT,
		      "%s: found neither beside %s nor in PATH; build it or give its path",
		      name, dir);
}
