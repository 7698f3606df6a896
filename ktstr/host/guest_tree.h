/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is at which path of a guest's root, while it is written to a cpio
 * archive: parents before their contents, everything once. A tree can lie on
 * another one, whose archive the kernel unpacks first.
 */
#ifndef KTSTR_HOST_GUEST_TREE_H
#define KTSTR_HOST_GUEST_TREE_H

#include <limits.h>
#include <sys/types.h>

#include "../base/types.h"

/* The one real directory of libraries; see guest_tree.c. */
#define KT_GUEST_LIB_DIR	"/usr/lib"

struct kt_cpio;

struct kt_guest_entry {
	char *path;
	char *host;		/* of a file with contents; else NULL */
	dev_t dev;
	ino_t ino;
};

struct kt_guest_tree {
	struct kt_guest_entry *entry;
	u32 nr;
	u32 cap;
	const struct kt_guest_tree *below;	/* or NULL; not owned */
	struct kt_cpio *cpio;			/* not owned */
};

void kt_guest_tree_init(struct kt_guest_tree *tree, struct kt_cpio *cpio,
			const struct kt_guest_tree *below);
void kt_guest_tree_fini(struct kt_guest_tree *tree);

/* The directories of libraries. First of all into a tree without one below. */
int kt_guest_tree_add_lib_dirs(struct kt_guest_tree *tree);

/*
 * All take absolute paths and make what directories they need. A directory or
 * link that is there already is left alone. A file may be there with the same
 * host file; with another it is -EEXIST, which the caller reports.
 */
int kt_guest_tree_add_dir(struct kt_guest_tree *tree, const char *path,
			  mode_t mode);
int kt_guest_tree_add_symlink(struct kt_guest_tree *tree, const char *path,
			      const char *target);
int kt_guest_tree_add_file(struct kt_guest_tree *tree, const char *path,
			   mode_t mode, const char *host);
/* Of an ELF program no more than is loaded: see kt_cpio_program(). */
int kt_guest_tree_add_program(struct kt_guest_tree *tree, const char *path,
			      mode_t mode, const char *host, u64 loaded_bytes);

/* What is at @path, or NULL. */
const struct kt_guest_entry *
kt_guest_tree_find(const struct kt_guest_tree *tree, const char *path);

/* @path as the guest resolves it: without links and "..". -ENAMETOOLONG. */
int kt_guest_tree_resolve(const char *path, char out[PATH_MAX]);

#endif /* KTSTR_HOST_GUEST_TREE_H */
