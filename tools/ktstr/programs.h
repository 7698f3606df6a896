/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr run` and `ktstr list`: the test programs that lie near the command
 * line, found by their section of cases.
 */
#ifndef KTSTR_TOOLS_PROGRAMS_H
#define KTSTR_TOOLS_PROGRAMS_H

int kt_cmd_run(int argc, const char **argv);
int kt_cmd_list(int argc, const char **argv);

#endif /* KTSTR_TOOLS_PROGRAMS_H */
