/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr diff`
 */
#ifndef KTSTR_TOOLS_DIFF_H
#define KTSTR_TOOLS_DIFF_H

int kt_cmd_diff(int argc, const char **argv);

#endif /* KTSTR_TOOLS_DIFF_H */
