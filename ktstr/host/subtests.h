/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The results that a test's own output holds, as the subtests of its case.
 */
#ifndef KTSTR_HOST_SUBTESTS_H
#define KTSTR_HOST_SUBTESTS_H

#include <stdio.h>

/*
 * Prints what @text says at its left margin as well-formed KTAP, numbered
 * anew, four columns in; nothing when it says nothing.
 */
void kt_subtests_print(FILE *out, const char *name, const char *text);

#endif /* KTSTR_HOST_SUBTESTS_H */
