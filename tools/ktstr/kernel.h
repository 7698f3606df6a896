/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr kernel`: build, list and remove cached kernels.
 */
#ifndef KTSTR_TOOLS_KERNEL_H
#define KTSTR_TOOLS_KERNEL_H

int kt_cmd_kernel(int argc, const char **argv);

#endif /* KTSTR_TOOLS_KERNEL_H */
