/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host side of a test program: from its arguments to its exit status.
 */
#ifndef KTSTR_HOST_MAIN_H
#define KTSTR_HOST_MAIN_H

#include "run.h"

int kt_host_main(int argc, char **argv);

/*
 * Chooses kernel and engine for @s, whose options are set, and runs @tests,
 * which need not be declared; or lists them. KTAP on standard output. The exit
 * status.
 */
int kt_host_run(struct kt_session *s, const struct ktstr_test **tests, u32 nr);

#endif /* KTSTR_HOST_MAIN_H */
