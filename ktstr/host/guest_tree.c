// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of a guest's root. All directories that an ld.so has built in are one
 * directory there, as links to it (lib_links): a library put into it is found
 * by its name whatever distribution the ld.so is from. That also serves what
 * the host finds through ld.so.conf or LD_LIBRARY_PATH, for a guest has no
 * ld.so.cache.
 */
#include <sys/stat.h>

#include "../base/log.h"
#include "cpio.h"
#include "guest_tree.h"

static const struct {
	const char *path;
	const char *target;
} lib_links[] = {
	{ "/lib", "usr/lib" },
	{ "/lib64", "usr/lib" },
	{ "/usr/lib64", "lib" },
	{ "/usr/lib/x86_64-linux-gnu", "." },
};

void kt_guest_tree_init(struct kt_guest_tree *tree, struct kt_cpio *cpio,
			const struct kt_guest_tree *below)
{
	memset(tree, 0, sizeof(*tree));
	tree->cpio = cpio;
	tree->below = below;
}

void kt_guest_tree_fini(struct kt_guest_tree *tree)
{
	u32 i;

	for (i = 0; i < tree->nr; i++) {
		free(tree->entry[i].path);
		free(tree->entry[i].host);
	}
	free(tree->entry);
	memset(tree, 0, sizeof(*tree));
}

static void follow_lib_link(char *path)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lib_links); i++) {
		if (!strcmp(path, lib_links[i].path)) {
			memcpy(path, KT_GUEST_LIB_DIR, sizeof(KT_GUEST_LIB_DIR));
			return;
		}
	}
}

/* Room for the longest a link of ours can make of a path that just fits. */
#define RESOLVE_MAX	(PATH_MAX - sizeof(KT_GUEST_LIB_DIR))

int kt_guest_tree_resolve(const char *path, char out[PATH_MAX])
{
	size_t len = 0, part;

	for (out[0] = '\0'; *path; path += part) {
		path += strspn(path, "/");
		part = strcspn(path, "/");
		if (!part || (part == 1 && path[0] == '.'))
			continue;
		if (part == 2 && !memcmp(path, "..", 2)) {
			char *slash = strrchr(out, '/');

			len = slash ? slash - out : 0;
			out[len] = '\0';
			continue;
		}
		if (len + 1 + part >= RESOLVE_MAX)
			return -ENAMETOOLONG;
		out[len++] = '/';
		memcpy(out + len, path, part);
		out[len + part] = '\0';
		follow_lib_link(out);
		len = strlen(out);
	}
	if (!len)
		memcpy(out, "/", 2);
	return 0;
}

static const struct kt_guest_entry *
find_resolved(const struct kt_guest_tree *tree, const char *path)
{
	u32 i;

	for (; tree; tree = tree->below)
		for (i = 0; i < tree->nr; i++)
			if (!strcmp(tree->entry[i].path, path))
				return &tree->entry[i];
	return NULL;
}

const struct kt_guest_entry *
kt_guest_tree_find(const struct kt_guest_tree *tree, const char *path)
{
	char resolved[PATH_MAX];

	if (kt_guest_tree_resolve(path, resolved))
		return NULL;
	return find_resolved(tree, resolved);
}

static int remember(struct kt_guest_tree *tree, const char *path,
		    const char *host, const struct stat *st)
{
	struct kt_guest_entry *e;
	u32 cap;

	if (tree->nr == tree->cap) {
		cap = tree->cap ? tree->cap * 2 : 64;
		e = realloc(tree->entry, cap * sizeof(*e));
		if (!e)
			return -ENOMEM;
		tree->entry = e;
		tree->cap = cap;
	}
	e = &tree->entry[tree->nr++];
	memset(e, 0, sizeof(*e));
	e->path = strdup(path);
	if (st) {
		e->dev = st->st_dev;
		e->ino = st->st_ino;
		e->host = strdup(host);
	}
	if (e->path && (!st || e->host))
		return 0;
	free(e->path);
	free(e->host);
	tree->nr--;
	return -ENOMEM;
}

static int add_dir_resolved(struct kt_guest_tree *tree, const char *path,
			    mode_t mode)
{
	if (!strcmp(path, "/") || find_resolved(tree, path))
		return 0;
	kt_cpio_dir(tree->cpio, path, mode);
	return tree->cpio->err ? tree->cpio->err :
	       remember(tree, path, NULL, NULL);
}

/*
 * The directories on the way to @path, and @path resolved. Those that a ".."
 * leaves again are made too: the guest's kernel walks through them.
 */
static int add_parents(struct kt_guest_tree *tree, const char *path,
		       char resolved[PATH_MAX])
{
	char part[PATH_MAX];
	const char *slash;
	int ret;

	if (strlen(path) >= PATH_MAX)
		return kt_err(-ENAMETOOLONG, "%.100s...: the path is too long",
			      path);
	for (slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		memcpy(part, path, slash - path);
		part[slash - path] = '\0';
		ret = kt_guest_tree_resolve(part, resolved);
		if (!ret)
			ret = add_dir_resolved(tree, resolved, 0755);
		if (ret)
			return ret;
	}
	return kt_guest_tree_resolve(path, resolved);
}

int kt_guest_tree_add_dir(struct kt_guest_tree *tree, const char *path,
			  mode_t mode)
{
	char resolved[PATH_MAX];
	int ret;

	ret = add_parents(tree, path, resolved);
	return ret ? ret : add_dir_resolved(tree, resolved, mode);
}

int kt_guest_tree_add_symlink(struct kt_guest_tree *tree, const char *path,
			      const char *target)
{
	char resolved[PATH_MAX];
	int ret;

	ret = add_parents(tree, path, resolved);
	if (ret || find_resolved(tree, resolved))
		return ret;
	kt_cpio_symlink(tree->cpio, resolved, target);
	return tree->cpio->err ? tree->cpio->err :
	       remember(tree, resolved, NULL, NULL);
}

static int add_file(struct kt_guest_tree *tree, const char *path, mode_t mode,
		    const char *host, u64 loaded_bytes)
{
	const struct kt_guest_entry *there;
	char resolved[PATH_MAX];
	struct stat st;
	int ret;

	if (stat(host, &st))
		return kt_err(-errno, "%s: %s", host, strerror(errno));
	ret = add_parents(tree, path, resolved);
	if (ret)
		return ret;
	there = find_resolved(tree, resolved);
	if (there)
		return there->host && there->dev == st.st_dev &&
		       there->ino == st.st_ino ? 0 : -EEXIST;
	if (loaded_bytes)
		kt_cpio_program(tree->cpio, resolved, mode, host, loaded_bytes);
	else
		kt_cpio_file(tree->cpio, resolved, mode, host);
	return tree->cpio->err ? tree->cpio->err :
	       remember(tree, resolved, host, &st);
}

int kt_guest_tree_add_file(struct kt_guest_tree *tree, const char *path,
			   mode_t mode, const char *host)
{
	return add_file(tree, path, mode, host, 0);
}

int kt_guest_tree_add_program(struct kt_guest_tree *tree, const char *path,
			      mode_t mode, const char *host, u64 loaded_bytes)
{
	return add_file(tree, path, mode, host, loaded_bytes);
}

int kt_guest_tree_add_lib_dirs(struct kt_guest_tree *tree)
{
	size_t i;
	int ret;

	ret = kt_guest_tree_add_dir(tree, KT_GUEST_LIB_DIR, 0755);
	for (i = 0; !ret && i < ARRAY_SIZE(lib_links); i++) {
		/* Not resolved, for it would lead to where it points. */
		kt_cpio_symlink(tree->cpio, lib_links[i].path,
				lib_links[i].target);
		ret = tree->cpio->err;
	}
	return ret;
}
