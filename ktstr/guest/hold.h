/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Standing still for the host, at a defined instruction: what it does then, it
 * does at a defined time, and its answers are there when it goes on.
 */
#ifndef KTSTR_GUEST_HOLD_H
#define KTSTR_GUEST_HOLD_H

#include "transport.h"

/* Makes the box; without one the host answers through the port. */
void kt_hold_init(struct kt_port *port);

/*
 * Sends a Hold in a machine that stamps its frames, else nothing. The answers
 * are what kt_port_poll() finds next.
 */
void kt_port_hold(struct kt_port *port);

/* Whether the host answers this frame of the test's at once. */
bool kt_hold_wanted(u32 tag, const void *payload, size_t len_bytes);

#endif /* KTSTR_GUEST_HOLD_H */
