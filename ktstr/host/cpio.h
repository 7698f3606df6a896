/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpio newc archives, as Documentation/driver-api/early-userspace/
 * buffer-format.rst has them, written to a descriptor. Modification times and
 * inode numbers are fixed, so that the same input gives the same bytes.
 */
#ifndef KTSTR_HOST_CPIO_H
#define KTSTR_HOST_CPIO_H

#include <sys/types.h>

#include "../base/types.h"

struct kt_cpio {
	int fd;			/* not owned; -1: nothing is written */
	u32 next_ino;
	u64 len_bytes;		/* written so far */
	/*
	 * Of what is in it, a file by its inode, size and times: another one
	 * whenever the archive may be another one.
	 */
	u64 identity;
	int err;		/* first error; later calls do nothing */
};

void kt_cpio_init(struct kt_cpio *c, int fd);
void kt_cpio_dir(struct kt_cpio *c, const char *path, mode_t mode);
void kt_cpio_symlink(struct kt_cpio *c, const char *path, const char *target);
void kt_cpio_node(struct kt_cpio *c, const char *path, mode_t mode,
		  u32 major, u32 minor);
void kt_cpio_data(struct kt_cpio *c, const char *path, mode_t mode,
		  const void *data, size_t len_bytes);
/* Contents of the host file @host_path, which must not change meanwhile. */
void kt_cpio_file(struct kt_cpio *c, const char *path, mode_t mode,
		  const char *host_path);
/*
 * Likewise of an ELF program its first @loaded_bytes, which hold all that is
 * loaded, and a header that knows of no sections: neither symbols nor debug
 * information.
 */
void kt_cpio_program(struct kt_cpio *c, const char *path, mode_t mode,
		     const char *host_path, u64 loaded_bytes);
/* Trailer, and padding to 512 bytes. Returns the first error of all. */
int kt_cpio_finish(struct kt_cpio *c);

#endif /* KTSTR_HOST_CPIO_H */
