/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * `ktstr template list|clean`.
 */
#ifndef KTSTR_TOOLS_TEMPLATE_H
#define KTSTR_TOOLS_TEMPLATE_H

int kt_cmd_template(int argc, const char **argv);

#endif /* KTSTR_TOOLS_TEMPLATE_H */
