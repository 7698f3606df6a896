// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of an initramfs that a program names itself. Directories are walked
 * to a bounded depth; links in them stay links, what is neither file, link nor
 * directory is left out.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/log.h"
#include "cpio.h"
#include "elf_deps.h"
#include "elf_object.h"
#include "guest_tree.h"
#include "initramfs_entries.h"
#include "pathf.h"

#define MAX_DEPTH	16

struct walk {
	struct kt_guest_tree *tree;
	struct kt_elf_deps *deps;
};

static int add_file(struct walk *w, const char *path, const char *host,
		    mode_t mode, bool may_lack)
{
	struct kt_elf_object elf;
	int ret = 0;

	if (!kt_elf_object_read(host, &elf)) {
		kt_elf_object_fini(&elf);
		ret = kt_elf_deps_add(w->deps, host);
		if (may_lack)
			ret = 0;
	}
	if (!ret)
		ret = kt_guest_tree_add_file(w->tree, path,
					     mode & 0111 ? 0755 : 0644, host);
	return ret == -EEXIST ? kt_err(ret, "%s is in the guest already, of another file than %s",
				       path, host) : ret;
}

static int add_link(struct walk *w, const char *path, const char *host)
{
	char target[PATH_MAX];
	ssize_t n = readlink(host, target, sizeof(target) - 1);

	if (n < 0)
		return kt_err(-errno, "%s: %s", host, strerror(errno));
	target[n] = '\0';
	return kt_guest_tree_add_symlink(w->tree, path, target);
}

static int add_dir(struct walk *w, const char *path, const char *host, u32 depth);

static int add_any(struct walk *w, const char *path, const char *host, u32 depth)
{
	struct stat st;

	if (lstat(host, &st))
		return kt_err(-errno, "%s: %s", host, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_dir(w, path, host, depth);
	if (S_ISLNK(st.st_mode))
		return add_link(w, path, host);
	return S_ISREG(st.st_mode) ? add_file(w, path, host, st.st_mode, true) : 0;
}

static int add_dir(struct walk *w, const char *path, const char *host, u32 depth)
{
	char at[PATH_MAX], below[PATH_MAX];
	struct dirent **names;
	int i, nr, ret;

	if (!depth)
		return kt_err(-ELOOP, "%s: more than %u directories below each other",
			      host, MAX_DEPTH);
	ret = kt_guest_tree_add_dir(w->tree, path, 0755);
	nr = ret ? 0 : scandir(host, &names, NULL, alphasort);
	if (nr < 0)
		return kt_err(-errno, "%s: %s", host, strerror(errno));
	for (i = 0; i < nr; i++) {
		const char *name = names[i]->d_name;

		if (!ret && strcmp(name, ".") && strcmp(name, "..")) {
			ret = kt_pathf(at, "%s/%s", path, name);
			if (!ret)
				ret = kt_pathf(below, "%s/%s", host, name);
			if (!ret)
				ret = add_any(w, at, below, depth - 1);
		}
		free(names[i]);
	}
	if (nr)
		free(names);
	return ret;
}

static int add_host(struct walk *w, const struct kt_initramfs_entry *e)
{
	struct stat st;

	if (stat(e->host, &st))
		return kt_err(-errno, "%s: %s", e->host, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_dir(w, e->path, e->host, MAX_DEPTH);
	if (S_ISREG(st.st_mode))
		return add_file(w, e->path, e->host, st.st_mode, false);
	return kt_err(-EINVAL, "%s: neither a file nor a directory", e->host);
}

static int add_text(struct walk *w, const struct kt_initramfs_entry *e)
{
	const char *slash = strrchr(e->path, '/');
	char dir[PATH_MAX];
	int ret;

	ret = kt_pathf(dir, "%.*s", slash ? (int)(slash - e->path) : 0, e->path);
	if (!ret && *dir)
		ret = kt_guest_tree_add_dir(w->tree, dir, 0755);
	if (ret)
		return ret;
	kt_cpio_data(w->tree->cpio, e->path, 0644, e->text, strlen(e->text));
	return w->tree->cpio->err;
}

int kt_initramfs_entries_add(struct kt_guest_tree *tree,
			     struct kt_elf_deps *deps,
			     const struct kt_initramfs_entry *entries)
{
	struct walk w = { .tree = tree, .deps = deps };
	int ret = 0;

	for (; !ret && entries && entries->path; entries++) {
		if (entries->link)
			ret = kt_guest_tree_add_symlink(tree, entries->path,
							entries->link);
		else if (entries->text)
			ret = add_text(&w, entries);
		else
			ret = add_host(&w, entries);
	}
	return ret;
}
