/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr work`: the work types with their parameters.
 */
#ifndef KTSTR_TOOLS_WORK_H
#define KTSTR_TOOLS_WORK_H

int kt_cmd_work(int argc, const char **argv);

#endif /* KTSTR_TOOLS_WORK_H */
