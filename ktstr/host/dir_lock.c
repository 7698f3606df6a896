// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locking a directory that its last holder may have removed or renamed while
 * we waited: the lock counts only when the path still leads to it.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "dir_lock.h"

#define RETRY_MS	100

/* -ESTALE: the path leads elsewhere by now. */
static int try_lock(const char *path, int *fd)
{
	struct stat at_path, locked;
	int ret;

	ret = kt_mkdirs(path, 0755);
	if (ret)
		return ret == -ENOENT ? -ESTALE : ret;
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	if (flock(*fd, LOCK_EX | LOCK_NB))
		ret = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if (fstat(*fd, &locked))
		ret = -errno;
	else if (stat(path, &at_path) || at_path.st_ino != locked.st_ino ||
		 at_path.st_dev != locked.st_dev)
		ret = -ESTALE;
	if (ret)
		kt_close(fd);
	return ret;
}

int kt_dir_lock(const char *path, u64 deadline_ns, int *fd)
{
	int ret;

	*fd = -1;
	for (;;) {
		ret = try_lock(path, fd);
		if (ret != -EBUSY && ret != -ESTALE)
			return ret;
		if (kt_now_ns() >= deadline_ns)
			return -EBUSY;
		/* flock() has no deadline of its own */
		poll(NULL, 0, RETRY_MS);
	}
}
