/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr run` and `ktstr list`: the test programs that lie near the command
 * line, found by their section of cases.
 */
#ifndef KTSTR_TOOLS_PROGRAMS_H
#define KTSTR_TOOLS_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

int kt_cmd_run(int argc, const char **argv);
int kt_cmd_list(int argc, const char **argv);

/*
 * The value of @flag when it is @argv[*i], which moves to its end; "" when it
 * has none. NULL: it is another.
 */
const char *kt_flag_value(const char *flag, int argc, const char **argv, int *i);

/*
 * Where the program of "program" or "program/case" is. -ENOENT, reported.
 */
int kt_program_find(const char *name, char *path, size_t size);

/* Whether it is an option of test programs with a value behind it. */
bool kt_flag_takes_value(const char *flag);

#endif /* KTSTR_TOOLS_PROGRAMS_H */
