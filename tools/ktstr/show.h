/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr show`
 */
#ifndef KTSTR_TOOLS_SHOW_H
#define KTSTR_TOOLS_SHOW_H

int kt_cmd_show(int argc, const char **argv);

#endif /* KTSTR_TOOLS_SHOW_H */
