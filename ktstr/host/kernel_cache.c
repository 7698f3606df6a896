// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cache of built kernels as it lies on disk: where it is, reading,
 * finding and removing entries. Building them is kernel_build.c's.
 *
 * An entry is a directory with vmlinux, vmlinux.boot, bzImage, config and meta
 * ("key=value" lines). Directories of the prefix ".build-" are work in
 * progress while locked and rubbish otherwise.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "../base/xdg.h"
#include "dir_lock.h"
#include "kernel_cache.h"
#include "pathf.h"

#define META_MAX_BYTES	(64u << 10)
#define MAX_ENTRIES	4096

/* Copies the value of "@key=" at the start of a line of @meta. */
static bool meta_get(const char *meta, const char *key, char *buf, size_t size)
{
	size_t len = strlen(key);
	const char *line;

	for (line = meta; *line; line += strcspn(line, "\n"),
	     line += *line == '\n') {
		if (strncmp(line, key, len) || line[len] != '=')
			continue;
		line += len + 1;
		snprintf(buf, size, "%.*s", (int)strcspn(line, "\n"), line);
		return true;
	}
	return false;
}

static u64 dir_size(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *de;
	u64 bytes = 0;
	DIR *d;

	d = opendir(dir);
	if (!d)
		return 0;
	while ((de = readdir(d))) {
		struct stat st;

		kt_pathf(path, "%s/%s", dir, de->d_name);
		if (!lstat(path, &st) && S_ISREG(st.st_mode))
			bytes += st.st_size;
	}
	closedir(d);
	return bytes;
}

int kt_kernel_entry_read(const char *dir, struct kt_kernel_entry *e)
{
	const char *name = strrchr(dir, '/');
	char path[PATH_MAX], built_at[32] = "";
	char *meta;
	int ret;

	memset(e, 0, sizeof(*e));
	name = name ? name + 1 : dir;
	if (strlen(name) >= sizeof(e->name) || strlen(dir) >= sizeof(e->dir))
		return -ENAMETOOLONG;
	kt_pathf(path, "%s/vmlinux", dir);
	if (access(path, R_OK))
		return -ENOENT;
	kt_pathf(path, "%s/meta", dir);
	ret = kt_read_file(path, META_MAX_BYTES, &meta, NULL);
	if (ret)
		return -ENOENT;
	kt_utf8_copy(e->name, sizeof(e->name), name);
	kt_utf8_copy(e->dir, sizeof(e->dir), dir);
	meta_get(meta, "release", e->release, sizeof(e->release));
	meta_get(meta, "key", e->key, sizeof(e->key));
	meta_get(meta, "base", e->base, sizeof(e->base));
	if (meta_get(meta, "built_at", built_at, sizeof(built_at)))
		e->built_at_s = strtoull(built_at, NULL, 10);
	e->size_bytes = dir_size(dir);
	free(meta);
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct kt_kernel_entry *x = a, *y = b;

	if (x->built_at_s != y->built_at_s)
		return x->built_at_s < y->built_at_s ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Grows @entries by one and reads @dir/@name into it, if that is an entry. */
static int add_entry(const char *dir, const char *name,
		     struct kt_kernel_entry **entries, u32 *nr)
{
	struct kt_kernel_entry *grown;
	char path[PATH_MAX];

	if (name[0] == '.' || *nr >= MAX_ENTRIES)
		return 0;
	if (kt_pathf(path, "%s/%s", dir, name))
		return 0;
	grown = realloc(*entries, (*nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*entries = grown;
	if (!kt_kernel_entry_read(path, &grown[*nr]))
		(*nr)++;
	return 0;
}

int kt_kernel_list(struct kt_kernel_entry **entries, u32 *nr)
{
	char dir[PATH_MAX];
	struct dirent *de;
	int ret;
	DIR *d;

	*entries = NULL;
	*nr = 0;
	ret = kt_cache_dir("kernels", dir, sizeof(dir));
	if (ret)
		return ret;
	d = opendir(dir);
	if (!d)
		return kt_err(-errno, "%s: %s", dir, strerror(errno));
	while (!ret && (de = readdir(d)))
		ret = add_entry(dir, de->d_name, entries, nr);
	closedir(d);
	if (ret) {
		free(*entries);
		*entries = NULL;
		*nr = 0;
		return ret;
	}
	if (*nr)
		qsort(*entries, *nr, sizeof(**entries), newest_first);
	return 0;
}

int kt_kernel_find(const char *name, struct kt_kernel_entry *e)
{
	struct kt_kernel_entry *all;
	u32 i, nr, hits = 0;
	int ret;

	ret = kt_kernel_list(&all, &nr);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		if (strncmp(all[i].name, name, strlen(name)))
			continue;
		hits++;
		*e = all[i];
		if (!strcmp(all[i].name, name)) {
			hits = 1;
			break;
		}
	}
	free(all);
	if (!hits)
		return -ENOENT;
	return hits == 1 ? 0 : -ENOTUNIQ;
}

const char *kt_kernel_base_name(enum kt_kernel_base base)
{
	switch (base) {
	case KT_BASE_DEFCONFIG:
		return "defconfig";
	case KT_BASE_NESTED:
		return "nested";
	default:
		return "minimal";
	}
}

int kt_kernel_newest(struct kt_kernel_entry *e)
{
	const char *nested = kt_kernel_base_name(KT_BASE_NESTED);
	const char *minimal = kt_kernel_base_name(KT_BASE_MINIMAL);
	const struct kt_kernel_entry *best = NULL;
	struct kt_kernel_entry *all;
	u32 i, nr;
	int ret;

	ret = kt_kernel_list(&all, &nr);
	if (ret)
		return ret;
	for (i = 0; i < nr; i++) {
		if (!strcmp(all[i].base, nested))
			continue;
		if (!best)
			best = &all[i];
		if (!strcmp(all[i].base, minimal)) {
			best = &all[i];
			break;
		}
	}
	if (best)
		*e = *best;
	free(all);
	return best ? 0 : -ENOENT;
}

/* Removes @path unless another process has it locked. */
static int remove_unlocked(const char *path)
{
	int fd, ret;

	ret = kt_dir_lock(path, 0, &fd);
	if (ret)
		return ret;
	ret = kt_remove_tree(path);
	kt_close(&fd);
	return ret;
}

void kt_kernel_sweep(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *de;
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((de = readdir(d))) {
		if (strncmp(de->d_name, KT_BUILD_PREFIX,
			    strlen(KT_BUILD_PREFIX)))
			continue;
		kt_pathf(path, "%s/%s", dir, de->d_name);
		remove_unlocked(path);
	}
	closedir(d);
}

/*
 * An entry goes away whole: renamed first, while locked, so that a sweep by
 * another process does not meddle; an interrupted removal is swept later.
 */
static int remove_entry(const char *cache, const struct kt_kernel_entry *e)
{
	char doomed[PATH_MAX];
	int fd, ret;

	ret = kt_pathf(doomed, "%s/%sold-%s-%d", cache, KT_BUILD_PREFIX,
		       e->name, getpid());
	if (ret)
		return ret;
	ret = kt_dir_lock(e->dir, 0, &fd);
	if (ret)
		return kt_err(ret, "%s: another process is removing it", e->dir);
	if (rename(e->dir, doomed))
		ret = -errno;
	else
		ret = kt_remove_tree(doomed);
	kt_close(&fd);
	if (ret)
		return kt_err(ret, "%s: cannot remove it: %s", e->dir,
			      strerror(-ret));
	return 0;
}

/* All is asked for: also the log of a failed build and the boot images. */
static void remove_rest(const char *cache)
{
	char path[PATH_MAX];

	kt_pathf(path, "%s/failed.log", cache);
	unlink(path);
	rmdir(cache);		/* stays while a build is under way */
	if (!kt_cache_dir("boot", path, sizeof(path)))
		remove_unlocked(path);
}

int kt_kernel_clean(const char *name, u32 *removed)
{
	struct kt_kernel_entry *all;
	char cache[PATH_MAX];
	u32 i, nr;
	int ret;

	*removed = 0;
	ret = kt_cache_dir("kernels", cache, sizeof(cache));
	if (!ret)
		ret = kt_kernel_list(&all, &nr);
	if (ret)
		return ret;
	for (i = 0; !ret && i < nr; i++) {
		if (name && strcmp(name, all[i].name))
			continue;
		ret = remove_entry(cache, &all[i]);
		*removed += !ret;
	}
	free(all);
	kt_kernel_sweep(cache);
	if (ret)
		return ret;
	if (name && !*removed)
		return kt_err(-ENOENT, "%s: no such kernel in %s", name, cache);
	if (!name)
		remove_rest(cache);
	return 0;
}
