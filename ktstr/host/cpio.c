// SPDX-License-Identifier: GPL-2.0-only
/*
 * The newc writer. Every entry has an inode number of its own and all but
 * directories one link, so the kernel never looks for hard links, and archives
 * can be put behind each other.
 */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/fnv.h"
#include "../base/log.h"
#include "cpio.h"

#define HEADER_BYTES	110
#define ALIGN_BYTES	4
#define END_ALIGN_BYTES	512
#define TRAILER		"TRAILER!!!"

struct header {
	u32 mode;
	u32 nlink;
	u32 size;
	u32 rmajor;
	u32 rminor;
};

void kt_cpio_init(struct kt_cpio *c, int fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->next_ino = 1;
	c->identity = KT_FNV64_INIT;
}

static void identify(struct kt_cpio *c, const void *data, size_t len_bytes)
{
	c->identity = kt_fnv64(c->identity, data, len_bytes);
}

static void put(struct kt_cpio *c, const void *data, size_t len_bytes)
{
	if (c->err)
		return;
	if (c->fd >= 0)
		c->err = kt_write_all(c->fd, data, len_bytes, UINT64_MAX);
	if (c->err)
		kt_err(c->err, "initramfs: write: %s", strerror(-c->err));
	else
		c->len_bytes += len_bytes;
}

static void pad(struct kt_cpio *c, u32 align)
{
	static const char zeroes[END_ALIGN_BYTES];

	put(c, zeroes, -c->len_bytes & (align - 1));
}

static void put_header(struct kt_cpio *c, const char *name,
		       const struct header *h)
{
	size_t name_bytes = strlen(name) + 1;
	char buf[HEADER_BYTES + 1];

	snprintf(buf, sizeof(buf),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 c->next_ino++, h->mode, 0, 0, h->nlink, 0, h->size, 0, 0,
		 h->rmajor, h->rminor, (u32)name_bytes, 0);
	identify(c, buf, HEADER_BYTES);
	identify(c, name, name_bytes);
	put(c, buf, HEADER_BYTES);
	put(c, name, name_bytes);
	pad(c, ALIGN_BYTES);
}

static void begin(struct kt_cpio *c, const char *path, const struct header *h)
{
	const char *name = path + strspn(path, "/");

	/* The kernel skips a longer name without a word. */
	if (!c->err && (!*name || strlen(name) >= PATH_MAX))
		c->err = kt_err(-EINVAL, "initramfs: \"%.100s\" is no path of 1 to %d bytes",
				path, PATH_MAX - 1);
	if (!c->err)
		put_header(c, name, h);
}

void kt_cpio_dir(struct kt_cpio *c, const char *path, mode_t mode)
{
	struct header h = { .mode = S_IFDIR | (mode & 07777), .nlink = 2 };

	begin(c, path, &h);
}

void kt_cpio_symlink(struct kt_cpio *c, const char *path, const char *target)
{
	struct header h = {
		.mode = S_IFLNK | 0777, .nlink = 1, .size = strlen(target),
	};

	if (!c->err && (!h.size || h.size >= PATH_MAX))
		c->err = kt_err(-EINVAL, "initramfs: %s: a link to \"%.100s\", "
				"which is no path of 1 to %d bytes",
				path, target, PATH_MAX - 1);
	begin(c, path, &h);
	identify(c, target, h.size);
	put(c, target, h.size);
	pad(c, ALIGN_BYTES);
}

void kt_cpio_node(struct kt_cpio *c, const char *path, mode_t mode,
		  u32 major, u32 minor)
{
	struct header h = {
		.mode = mode, .nlink = 1, .rmajor = major, .rminor = minor,
	};

	begin(c, path, &h);
}

void kt_cpio_data(struct kt_cpio *c, const char *path, mode_t mode,
		  const void *data, size_t len_bytes)
{
	struct header h = {
		.mode = S_IFREG | (mode & 07777), .nlink = 1, .size = len_bytes,
	};

	if (!c->err && len_bytes > UINT32_MAX)
		c->err = kt_err(-EFBIG, "initramfs: %s: 4 GiB or more", path);
	begin(c, path, &h);
	identify(c, data, len_bytes);
	put(c, data, len_bytes);
	pad(c, ALIGN_BYTES);
}

static int open_file(const char *host_path, struct stat *st)
{
	int fd = open(host_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, st)) {
		int err = -errno;

		kt_close(&fd);
		return kt_err(err, "%s: %s", host_path, strerror(-err));
	}
	if (S_ISREG(st->st_mode) && st->st_size <= UINT32_MAX)
		return fd;
	close(fd);
	if (S_ISREG(st->st_mode))
		return kt_err(-EFBIG, "%s: 4 GiB or more, which an initramfs cannot hold",
			      host_path);
	return kt_err(-EINVAL, "%s: not a regular file", host_path);
}

static void identify_file(struct kt_cpio *c, const struct stat *st)
{
	const u64 who[] = {
		st->st_dev, st->st_ino, st->st_size,
		st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
	};

	identify(c, who, sizeof(who));
}

/* The ELF header of the program that @fd is, which is then behind it. */
static int put_elf_header(struct kt_cpio *c, int fd)
{
	Elf64_Ehdr eh;

	if (kt_read_all(fd, &eh, sizeof(eh)) != sizeof(eh))
		return -EIO;
	eh.e_shoff = 0;
	eh.e_shentsize = 0;
	eh.e_shnum = 0;
	eh.e_shstrndx = SHN_UNDEF;
	return kt_write_all(c->fd, &eh, sizeof(eh), UINT64_MAX);
}

/* All of it, or of a program @loaded_bytes. */
static void add_file(struct kt_cpio *c, const char *path, mode_t mode,
		     const char *host_path, u64 loaded_bytes)
{
	struct header h = { .mode = S_IFREG | (mode & 07777), .nlink = 1 };
	size_t header_bytes = loaded_bytes ? sizeof(Elf64_Ehdr) : 0;
	struct stat st;
	int fd;

	if (c->err)
		return;
	fd = open_file(host_path, &st);
	if (fd < 0) {
		c->err = fd;
		return;
	}
	h.size = loaded_bytes ? min_t(u64, loaded_bytes, st.st_size) : (u64)st.st_size;
	begin(c, path, &h);
	identify_file(c, &st);
	if (!c->err && c->fd >= 0) {
		if (header_bytes)
			c->err = put_elf_header(c, fd);
		if (!c->err)
			c->err = kt_copy_fd(c->fd, fd, h.size - header_bytes);
		if (c->err)
			kt_err(c->err, "initramfs: %s: copy: %s", host_path,
			       strerror(-c->err));
	}
	if (!c->err)
		c->len_bytes += h.size;
	pad(c, ALIGN_BYTES);
	close(fd);
}

void kt_cpio_file(struct kt_cpio *c, const char *path, mode_t mode,
		  const char *host_path)
{
	add_file(c, path, mode, host_path, 0);
}

void kt_cpio_program(struct kt_cpio *c, const char *path, mode_t mode,
		     const char *host_path, u64 loaded_bytes)
{
	add_file(c, path, mode, host_path,
		 max_t(u64, loaded_bytes, sizeof(Elf64_Ehdr)));
}

int kt_cpio_finish(struct kt_cpio *c)
{
	struct header h = { .nlink = 1 };

	if (!c->err)
		put_header(c, TRAILER, &h);
	pad(c, END_ALIGN_BYTES);
	return c->err;
}
