/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs a kernel build needs.
 */
#ifndef KTSTR_HOST_KERNEL_TOOLS_H
#define KTSTR_HOST_KERNEL_TOOLS_H

#include "../base/types.h"

/*
 * -ENOENT, and one message with all that is missing, when a kernel cannot be
 * built here. @fragment is the project's `config`, beside which tools/packages
 * is asked when it is there.
 */
int kt_kernel_tools_check(const char *fragment, bool llvm);

#endif /* KTSTR_HOST_KERNEL_TOOLS_H */
