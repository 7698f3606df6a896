/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cases of a program, each in a process of its own, several at once,
 * their results printed in plan order.
 */
#ifndef KTSTR_HOST_SUITE_H
#define KTSTR_HOST_SUITE_H

#include "run.h"
#include "selection.h"

/*
 * Runs the cells of @sel and prints a result for each; @s is what their sessions
 * have in common. The exit status. A signal that asks to end (SIGTERM, SIGINT,
 * SIGHUP) stops every machine, bails out and yields 1.
 */
int kt_suite_run(const struct kt_session *s, const struct kt_selection *sel);

#endif /* KTSTR_HOST_SUITE_H */
