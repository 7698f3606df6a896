/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr bisect`: one step of `git bisect run`.
 */
#ifndef KTSTR_TOOLS_BISECT_H
#define KTSTR_TOOLS_BISECT_H

int kt_cmd_bisect(int argc, const char **argv);

#endif /* KTSTR_TOOLS_BISECT_H */
