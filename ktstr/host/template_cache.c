// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cache of templates. A draft has a name of its own for each template and
 * is locked while its maker lives, so that a second one of it is not made, and
 * one that was left by a killed run is known as such.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/xdg.h"
#include "pathf.h"
#include "template_cache.h"

#define SUFFIX		".template"
#define TMP_PREFIX	".tmp-"
#define MAX_ENTRIES	128
#define MAX_BYTES	(4ULL << 30)
#define DISK_PART	4		/* of what is free, at most one in this */
#define MAX_AGE_NS	(14ULL * 24 * 3600 * KT_NSEC_PER_SEC)

static int cache_path(const char *name, char *path)
{
	char dir[PATH_MAX];
	int ret = kt_cache_dir("templates", dir, sizeof(dir));

	return ret ? ret : kt_pathf(path, "%s/%s" SUFFIX, dir, name);
}

int kt_template_cache_open(const char *name, int *fd)
{
	char path[PATH_MAX];
	int ret = cache_path(name, path);

	if (ret)
		return ret;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd < 0)
		return -errno;
	futimens(*fd, NULL);	/* by which the oldest is found */
	return 0;
}

/* Locked, and still what the path leads to. */
static int lock_draft(const char *tmp, int fd)
{
	struct stat at_path, locked;

	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(fd, &locked))
		return -errno;
	return !stat(tmp, &at_path) && at_path.st_ino == locked.st_ino &&
	       at_path.st_dev == locked.st_dev ? 0 : -EBUSY;
}

int kt_template_cache_begin(const char *name, struct kt_template_draft *d)
{
	int ret;

	d->fd = -1;
	ret = kt_cache_dir("templates", d->dir, sizeof(d->dir));
	if (!ret)
		ret = cache_path(name, d->path);
	if (!ret)
		ret = kt_pathf(d->tmp, "%s/" TMP_PREFIX "%s", d->dir, name);
	if (ret)
		return ret;
	d->fd = open(d->tmp, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->fd < 0)
		return -errno;
	ret = lock_draft(d->tmp, d->fd);
	if (!ret && ftruncate(d->fd, 0))
		ret = -errno;
	if (!ret && !access(d->path, F_OK)) {
		unlink(d->tmp);
		ret = -EEXIST;
	}
	if (ret)
		kt_close(&d->fd);
	return ret;
}

void kt_template_cache_abandon(struct kt_template_draft *d)
{
	if (d->fd >= 0)
		unlink(d->tmp);
	kt_close(&d->fd);
}

void kt_template_cache_remove(const char *name)
{
	char path[PATH_MAX];

	if (!cache_path(name, path))
		unlink(path);
}

/* The name of a template's file without its suffix: 16 hexadecimal digits. */
static bool is_template(const char *file, char name[KT_TEMPLATE_NAME_SIZE])
{
	size_t i;

	for (i = 0; i < KT_TEMPLATE_NAME_SIZE - 1; i++)
		if (!isxdigit((unsigned char)file[i]))
			return false;
	memcpy(name, file, i);
	name[i] = '\0';
	return !strcmp(file + i, SUFFIX);
}

static int used_last_first(const void *a, const void *b)
{
	const struct kt_template_entry *x = a, *y = b;

	if (x->used_at_ns != y->used_at_ns)
		return x->used_at_ns < y->used_at_ns ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Reads the directory; @sweep: a draft that nobody makes is removed. */
static int survey(const char *dir, bool sweep,
		  struct kt_template_entry **entries, u32 *nr)
{
	struct kt_template_entry e, *grown;
	struct dirent *de;
	struct stat st;
	DIR *d = opendir(dir);
	int ret = 0;

	*entries = NULL;
	*nr = 0;
	if (!d)
		return -errno;
	while (!ret && (de = readdir(d))) {
		if (kt_pathf(e.path, "%s/%s", dir, de->d_name) ||
		    lstat(e.path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (sweep && !strncmp(de->d_name, TMP_PREFIX,
				      strlen(TMP_PREFIX))) {
			int fd = open(e.path, O_RDONLY | O_CLOEXEC);

			if (fd >= 0 && !lock_draft(e.path, fd))
				unlink(e.path);
			kt_close(&fd);
			continue;
		}
		if (!is_template(de->d_name, e.name))
			continue;
		e.used_at_ns = st.st_mtim.tv_sec * KT_NSEC_PER_SEC +
			       st.st_mtim.tv_nsec;
		e.size_bytes = (u64)st.st_blocks * 512;
		grown = realloc(*entries, (*nr + 1) * sizeof(*grown));
		ret = grown ? 0 : -ENOMEM;
		if (ret)
			break;
		*entries = grown;
		grown[(*nr)++] = e;
	}
	closedir(d);
	if (*nr)
		qsort(*entries, *nr, sizeof(**entries), used_last_first);
	return ret;
}

/* What all of them may take of the disk, on which they have @used_bytes. */
static u64 room(const char *dir, u64 used_bytes)
{
	struct statvfs fs;

	if (statvfs(dir, &fs))
		return MAX_BYTES;
	return min_t(u64, MAX_BYTES, (fs.f_bavail * fs.f_frsize + used_bytes) /
		     DISK_PART);
}

/* Who has one of them open goes on with it. */
static void evict(const char *dir)
{
	struct kt_template_entry *all;
	u64 sum = 0, most, now_ns;
	struct timespec now;
	u32 i, nr;

	clock_gettime(CLOCK_REALTIME, &now);
	now_ns = now.tv_sec * KT_NSEC_PER_SEC + now.tv_nsec;
	survey(dir, true, &all, &nr);
	for (i = 0; i < nr; i++)
		sum += all[i].size_bytes;
	most = room(dir, sum);
	sum = 0;
	for (i = 0; i < nr; i++) {
		sum += all[i].size_bytes;
		/* the first is the one that was just made */
		if (i && (i >= MAX_ENTRIES || sum > most ||
			  all[i].used_at_ns + MAX_AGE_NS < now_ns))
			unlink(all[i].path);
	}
	free(all);
}

int kt_template_cache_commit(struct kt_template_draft *d)
{
	int ret = 0;

	futimens(d->fd, NULL);
	if (rename(d->tmp, d->path)) {
		ret = -errno;
		unlink(d->tmp);
	}
	kt_close(&d->fd);
	evict(d->dir);
	return ret;
}

int kt_template_cache_list(struct kt_template_entry **entries, u32 *nr)
{
	char dir[PATH_MAX];
	int ret = kt_cache_dir("templates", dir, sizeof(dir));

	*entries = NULL;
	*nr = 0;
	return ret ? ret : survey(dir, false, entries, nr);
}

int kt_template_cache_clean(u32 *removed)
{
	struct kt_template_entry *all;
	char dir[PATH_MAX];
	u32 i, nr;
	int ret;

	*removed = 0;
	ret = kt_cache_dir("templates", dir, sizeof(dir));
	if (!ret)
		ret = survey(dir, true, &all, &nr);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++)
		*removed += !unlink(all[i].path);
	free(all);
	return 0;
}
