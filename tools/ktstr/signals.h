/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that end a command which has something to remove first.
 */
#ifndef TOOLS_KTSTR_SIGNALS_H
#define TOOLS_KTSTR_SIGNALS_H

#include <signal.h>

/* SIGTERM, SIGINT or SIGHUP, once it came; else 0. */
extern volatile sig_atomic_t stop_signal;

/* From here on they are told in stop_signal, and interrupt what waits. */
void catch_signals(void);

#endif /* TOOLS_KTSTR_SIGNALS_H */
