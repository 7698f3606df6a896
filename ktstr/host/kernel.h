/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which kernel is booted, and whether it has what tests need: KTSTR_KERNEL (or
 * --kernel), else the tree's own build output, else the newest cached kernel,
 * else the running one's /boot/vmlinuz with its vmlinux. What was chosen and
 * why is one line.
 */
#ifndef KTSTR_HOST_KERNEL_H
#define KTSTR_HOST_KERNEL_H

#include <limits.h>

#include "../base/types.h"

struct kt_kernel {
	char boot[PATH_MAX];	/* vmlinux without debug info, or a bzImage */
	char vmlinux[PATH_MAX];	/* with symbols and BTF; "" when not found */
	char bzimage[PATH_MAX];	/* of the same build, for KASLR; "" for none */
	char release[128];	/* "6.12.48", "" when not known */
	char why[256];		/* "KTSTR_KERNEL", "newest in the cache", ... */
	u32 hz;			/* CONFIG_HZ; 0 when not known */
	bool randomizes;	/* CONFIG_RANDOMIZE_BASE: KASLR moves it */
};

/*
 * Resolves @spec (an image, a build directory, a source tree, a name in the
 * cache; NULL or "": the search above). -ENOENT when there is none: @why_not
 * gets the reason and the remedy on one line (a SKIP). -EINVAL when @spec
 * names something that cannot be used or the kernel lacks options: @why_not
 * names them.
 */
int kt_kernel_resolve(const char *spec, struct kt_kernel *k, char *why_not,
		      size_t why_not_size);

#endif /* KTSTR_HOST_KERNEL_H */
