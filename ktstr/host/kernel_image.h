/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kind of kernel image a file is, from its first bytes: an ELF vmlinux or
 * an x86 bzImage, as Documentation/arch/x86/boot.rst has it.
 */
#ifndef KTSTR_HOST_KERNEL_IMAGE_H
#define KTSTR_HOST_KERNEL_IMAGE_H

#include "../base/types.h"

enum kt_image_kind {
	KT_IMAGE_VMLINUX,
	KT_IMAGE_BZIMAGE,
};

struct kt_image {
	enum kt_image_kind kind;
	u64 size_bytes;
	/* A bzImage's compressed kernel within the file; 0 and 0 when it has none. */
	u64 payload_offset;
	u64 payload_len_bytes;
	char release[128];	/* a bzImage's own word; "" otherwise */
};

/*
 * Looks at the open file @fd. -ENOEXEC when it is no kernel image for this
 * architecture, -EINVAL when it is no regular file.
 */
int kt_image_probe(int fd, struct kt_image *img);

#endif /* KTSTR_HOST_KERNEL_IMAGE_H */
