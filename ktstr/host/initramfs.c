// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes into a machine's initramfs and where. Libraries go by name into
 * the guest's one directory of libraries (guest_tree.c). A library found in an
 * absolute DT_RUNPATH gets a link at its own path as well, for an ld.so that
 * has other directories built in; or goes there itself when its name is taken.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/fnv.h"
#include "../base/log.h"
#include "../wire/plan.h"
#include "cpio.h"
#include "elf_deps.h"
#include "elf_object.h"
#include "guest_tree.h"
#include "initramfs.h"

#define SEAL_MS	5000

#define PASSWD	"root:x:0:0:root:/:/bin/false\n"
#define GROUP	"root:x:0:\n"

struct kt_initramfs {
	char *program;
	const struct kt_initramfs_entry *entries;	/* not owned */
	struct kt_guest_tree tree;
	u64 identity;		/* of its archive: see cpio.h */
};

/* Where the guest mounts something; what was below is not seen again. */
static const char *const mount_points[] = {
	"/proc", "/sys", "/dev", "/run", "/tmp",
};

static const char *const plain_dirs[] = {
	"/etc", KT_GUEST_SCHED_DIR, KT_GUEST_FILES_DIR,
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool hidden(const char *path)
{
	char resolved[PATH_MAX];
	size_t i, len;

	if (kt_guest_tree_resolve(path, resolved))
		return false;
	for (i = 0; i < ARRAY_SIZE(mount_points); i++) {
		len = strlen(mount_points[i]);
		if (!strncmp(resolved, mount_points[i], len) &&
		    resolved[len] == '/')
			return true;
	}
	return false;
}

static int report_twice(const struct kt_guest_tree *tree, const char *path,
			const char *host)
{
	const struct kt_guest_entry *there = kt_guest_tree_find(tree, path);

	return kt_err(-EEXIST, "%s and %s would both be %s in the guest; "
		      "rename one, or link against the same library",
		      there && there->host ? there->host : "another entry",
		      host, path);
}

static int add_lib(struct kt_guest_tree *tree, const char *path,
		   const char *host)
{
	int ret;

	if (hidden(path))
		return kt_err(-EINVAL, "%s would be hidden by what the guest mounts above it; "
			      "move the library or link it statically",
			      path);
	ret = kt_guest_tree_add_file(tree, path, 0755, host);
	return ret == -EEXIST ? report_twice(tree, path, host) : ret;
}

static int place_lib(struct kt_guest_tree *tree, const struct kt_elf_dep *dep)
{
	char path[PATH_MAX];
	int ret;

	if (dep->how == KT_DEP_BY_PATH)
		return add_lib(tree, dep->path, dep->path);
	snprintf(path, sizeof(path), KT_GUEST_LIB_DIR "/%.255s",
		 base_name(dep->path));
	if (dep->how == KT_DEP_BY_NAME)
		return add_lib(tree, path, dep->path);
	ret = kt_guest_tree_add_file(tree, path, 0755, dep->path);
	if (ret == -EEXIST)
		return add_lib(tree, dep->path, dep->path);
	if (ret || hidden(dep->path))
		return ret;
	return kt_guest_tree_add_symlink(tree, dep->path, path);
}

/* What must be found by name goes first: the others can go elsewhere. */
static int place_libs(struct kt_guest_tree *tree,
		      const struct kt_elf_deps *deps)
{
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < deps->nr; i++)
		if (deps->dep[i].how != KT_DEP_BY_RUNPATH)
			ret = place_lib(tree, &deps->dep[i]);
	for (i = 0; !ret && i < deps->nr; i++)
		if (deps->dep[i].how == KT_DEP_BY_RUNPATH)
			ret = place_lib(tree, &deps->dep[i]);
	return ret;
}

/* A program that the guest is to start, at @path there. */
static int add_program(struct kt_guest_tree *tree, struct kt_elf_deps *deps,
		       const char *path, const char *host)
{
	char interp[PATH_MAX];
	int ret;

	if (kt_script_interp(host, interp, sizeof(interp)) == 1)
		return kt_err(-ENOEXEC, "%s is a script for \"%s\", which the guest "
			      "does not have; give an ELF executable",
			      host, interp);
	ret = kt_elf_deps_add(deps, host);
	if (ret)
		return ret;
	ret = kt_guest_tree_add_file(tree, path, 0755, host);
	return ret == -EEXIST ? report_twice(tree, path, host) : ret;
}

/* Of ourselves, what is needed to run: the rest would be four times as much. */
static int add_init(struct kt_guest_tree *tree, struct kt_elf_deps *deps,
		    const char *program)
{
	struct kt_elf_object elf;
	int ret = kt_elf_deps_add(deps, program);

	if (ret)
		return ret;
	ret = kt_elf_object_read(program, &elf);
	if (ret)
		return kt_err(ret, "%s: %s", program, strerror(-ret));
	ret = kt_guest_tree_add_program(tree, "/init", 0755, program,
					elf.loaded_bytes);
	kt_elf_object_fini(&elf);
	return ret;
}

/* Any file. An executable for this machine brings its libraries. */
static int add_named(struct kt_guest_tree *tree, struct kt_elf_deps *deps,
		     const char *host)
{
	struct kt_elf_object elf;
	char path[PATH_MAX];
	struct stat st;
	int ret = 0;

	if (stat(host, &st))
		return kt_err(-errno, "%s: %s; give the path of a file", host,
			      strerror(errno));
	if (!S_ISREG(st.st_mode))
		return kt_err(-EINVAL, "%s: not a regular file", host);
	if ((st.st_mode & 0111) && !kt_elf_object_read(host, &elf)) {
		kt_elf_object_fini(&elf);
		ret = kt_elf_deps_add(deps, host);
		if (ret)
			return ret;
	}
	snprintf(path, sizeof(path), KT_GUEST_FILES_DIR "/%.255s",
		 base_name(host));
	ret = kt_guest_tree_add_file(tree, path,
				     st.st_mode & 0111 ? 0755 : 0644, host);
	return ret == -EEXIST ? report_twice(tree, path, host) : ret;
}

static int add_base_dirs(struct kt_guest_tree *tree)
{
	size_t i;
	int ret;

	ret = kt_guest_tree_add_lib_dirs(tree);
	for (i = 0; !ret && i < ARRAY_SIZE(mount_points); i++)
		ret = kt_guest_tree_add_dir(tree, mount_points[i],
					    strcmp(mount_points[i], "/tmp") ?
					    0755 : 01777);
	for (i = 0; !ret && i < ARRAY_SIZE(plain_dirs); i++)
		ret = kt_guest_tree_add_dir(tree, plain_dirs[i], 0755);
	return ret;
}

static int fill_base(struct kt_guest_tree *tree, const char *program,
		     const struct kt_initramfs_entry *entries)
{
	struct kt_elf_deps deps = { .nr = 0 };
	int ret;

	ret = add_base_dirs(tree);
	if (!ret) {
		/* The kernel opens the console before there is a devtmpfs. */
		kt_cpio_node(tree->cpio, "/dev/console", S_IFCHR | 0600, 5, 1);
		kt_cpio_node(tree->cpio, "/dev/null", S_IFCHR | 0666, 1, 3);
		kt_cpio_data(tree->cpio, "/etc/passwd", 0644, PASSWD,
			     strlen(PASSWD));
		kt_cpio_data(tree->cpio, "/etc/group", 0644, GROUP,
			     strlen(GROUP));
		ret = add_init(tree, &deps, program);
	}
	if (!ret)
		ret = kt_initramfs_entries_add(tree, &deps, entries);
	if (!ret)
		ret = place_libs(tree, &deps);
	kt_elf_deps_fini(&deps);
	return ret;
}

static int new_memfd(int *fd)
{
	*fd = memfd_create("ktstr-initramfs", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return *fd < 0 ? kt_err(-errno, "initramfs: memfd_create: %s",
				strerror(errno)) : 0;
}

/*
 * EBUSY: somebody else has hold of a page, as the host's reclaim may for a moment;
 * the kernel itself waits for it for 150 ms (mm/memfd.c).
 */
static int seal(int fd)
{
	u64 deadline = kt_now_ns() + SEAL_MS * KT_NSEC_PER_MSEC;
	int ret;

	do {
		ret = fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
			    F_SEAL_WRITE | F_SEAL_SEAL);
	} while (ret && errno == EBUSY && kt_now_ns() < deadline);
	if (ret)
		return kt_err(-errno, "initramfs: F_ADD_SEALS: %s", strerror(errno));
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* The archive of @base into @fd, or nowhere for -1; its @tree is new. */
static int put_base(const struct kt_initramfs *base, int fd,
		    struct kt_guest_tree *tree, u64 *len_bytes, u64 *identity)
{
	struct kt_cpio cpio;
	int ret, err;

	kt_cpio_init(&cpio, fd);
	kt_guest_tree_init(tree, &cpio, NULL);
	ret = fill_base(tree, base->program, base->entries);
	err = kt_cpio_finish(&cpio);
	tree->cpio = NULL;
	*len_bytes = cpio.len_bytes;
	*identity = cpio.identity;
	return ret ? ret : err;
}

int kt_initramfs_base_with(const char *program,
			   const struct kt_initramfs_entry *entries,
			   struct kt_initramfs **base)
{
	struct kt_initramfs *b = calloc(1, sizeof(*b));
	u64 len_bytes;
	int ret;

	if (!b)
		return -ENOMEM;
	b->program = strdup(program);
	b->entries = entries;
	ret = b->program ? put_base(b, -1, &b->tree, &len_bytes, &b->identity) :
			   -ENOMEM;
	if (ret)
		kt_initramfs_free(b);
	else
		*base = b;
	return ret;
}

int kt_initramfs_base_new(const char *program, struct kt_initramfs **base)
{
	return kt_initramfs_base_with(program, NULL, base);
}

void kt_initramfs_free(struct kt_initramfs *base)
{
	if (!base)
		return;
	kt_guest_tree_fini(&base->tree);
	free(base->program);
	free(base);
}

/* What the base was identified by is what goes in. */
static int write_base(const struct kt_initramfs *base, int fd, u64 *len_bytes)
{
	struct kt_guest_tree tree;
	u64 identity;
	int ret = put_base(base, fd, &tree, len_bytes, &identity);

	kt_guest_tree_fini(&tree);
	if (!ret && identity != base->identity)
		ret = kt_err(-ESTALE, "%s, or a library or file that it brings, has changed since this run began: run it again",
			     base->program);
	return ret;
}

static int fill_extra(struct kt_guest_tree *tree,
		      const struct kt_initramfs_extra *extra)
{
	struct kt_elf_deps deps = { .nr = 0 };
	const struct kt_initramfs_sched *s;
	char path[PATH_MAX];
	int ret = 0;
	u32 i;

	if (extra->sched) {
		snprintf(path, sizeof(path), KT_GUEST_SCHED_DIR "/%.255s",
			 base_name(extra->sched));
		ret = add_program(tree, &deps, path, extra->sched);
	}
	for (s = extra->scheds; !ret && s && s->host; s++) {
		snprintf(path, sizeof(path), KT_GUEST_SCHED_DIR "/%.255s",
			 s->name);
		ret = add_program(tree, &deps, path, s->host);
	}
	for (i = 0; !ret && extra->files && extra->files[i]; i++)
		ret = add_named(tree, &deps, extra->files[i]);
	if (!ret)
		ret = place_libs(tree, &deps);
	kt_elf_deps_fini(&deps);
	return ret;
}

static int append_extra(const struct kt_initramfs *base,
			const struct kt_initramfs_extra *extra, int fd,
			u64 *len_bytes, u64 *identity)
{
	struct kt_guest_tree tree;
	struct kt_cpio cpio;
	int ret, err;

	kt_cpio_init(&cpio, fd);
	kt_guest_tree_init(&tree, &cpio, &base->tree);
	ret = fill_extra(&tree, extra);
	err = kt_cpio_finish(&cpio);
	kt_guest_tree_fini(&tree);
	*len_bytes = cpio.len_bytes;
	*identity = cpio.identity;
	return ret ? ret : err;
}

int kt_initramfs_identify(const struct kt_initramfs *base,
			  const struct kt_initramfs_extra *extra,
			  u64 *identity)
{
	u64 len_bytes, both[2] = { base->identity };
	int ret = append_extra(base, extra, -1, &len_bytes, &both[1]);

	*identity = kt_fnv64(KT_FNV64_INIT, both, sizeof(both));
	return ret;
}

int kt_initramfs_build(const struct kt_initramfs *base,
		       const struct kt_initramfs_extra *extra, int *fd,
		       u64 *len_bytes)
{
	u64 base_bytes, extra_bytes = 0, identity;
	int memfd, ret;

	ret = new_memfd(&memfd);
	if (ret)
		return ret;
	ret = write_base(base, memfd, &base_bytes);
	if (!ret && extra)
		ret = append_extra(base, extra, memfd, &extra_bytes,
				   &identity);
	if (!ret)
		ret = seal(memfd);
	if (ret) {
		kt_close(&memfd);
		return ret;
	}
	*fd = memfd;
	*len_bytes = base_bytes + extra_bytes;
	return 0;
}
