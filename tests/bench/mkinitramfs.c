// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the initramfs that a machine of a test program gets to a file, so
 * that a benchmark can boot the same one in another way.
 *
 *	mkinitramfs PROGRAM FILE
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/host/initramfs.h"

int main(int argc, char **argv)
{
	const struct kt_initramfs_extra none = {};
	struct kt_initramfs *base;
	int fd = -1, out, ret;
	u64 len;

	if (argc != 3) {
		fprintf(stderr, "usage: mkinitramfs PROGRAM FILE\n");
		return 2;
	}
	ret = kt_initramfs_base_new(argv[1], &base);
	if (ret)
		return 1;
	ret = kt_initramfs_build(base, &none, &fd, &len);
	kt_initramfs_free(base);
	out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (!ret && out < 0)
		ret = -errno;
	if (!ret && lseek(fd, 0, SEEK_SET) < 0)
		ret = -errno;
	if (!ret)
		ret = kt_copy_fd(out, fd, len);
	if (ret)
		fprintf(stderr, "mkinitramfs: %s: %s\n", argv[2],
			strerror(-ret));
	kt_close(&fd);
	kt_close(&out);
	return ret ? 1 : 0;
}
