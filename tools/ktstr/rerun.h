/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr rerun`: the same run once more, and whether it was the same.
 */
#ifndef KTSTR_TOOLS_RERUN_H
#define KTSTR_TOOLS_RERUN_H

int kt_cmd_rerun(int argc, const char **argv);

#endif /* KTSTR_TOOLS_RERUN_H */
