/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program puts into the initramfs of all its machines besides itself:
 * files, whole directories, links, texts, each at a path of its own.
 */
#ifndef KTSTR_HOST_INITRAMFS_ENTRIES_H
#define KTSTR_HOST_INITRAMFS_ENTRIES_H

#include "../base/types.h"

struct kt_elf_deps;
struct kt_guest_tree;

/* One of @host, @link and @text is set. */
struct kt_initramfs_entry {
	const char *path;	/* in the guest */
	const char *host;	/* a file, or a directory with all below it */
	const char *link;	/* a symbolic link to there */
	const char *text;	/* a file of this text */
};

/*
 * Adds @entries, which end with one without a path, to @tree, and what their
 * programs need to @deps. A program in a directory that lacks a library is
 * taken all the same, and the lack reported. -errno, reported.
 */
int kt_initramfs_entries_add(struct kt_guest_tree *tree,
			     struct kt_elf_deps *deps,
			     const struct kt_initramfs_entry *entries);

#endif /* KTSTR_HOST_INITRAMFS_ENTRIES_H */
