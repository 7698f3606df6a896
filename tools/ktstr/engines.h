/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr engines`: every engine, whether it can be used here and what it can
 * do.
 */
#ifndef KTSTR_TOOLS_ENGINES_H
#define KTSTR_TOOLS_ENGINES_H

int kt_cmd_engines(int argc, const char **argv);

#endif /* KTSTR_TOOLS_ENGINES_H */
