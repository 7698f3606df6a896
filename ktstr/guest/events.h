/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's scheduling events of a run, out of its trace buffer. They are
 * recorded from the Plan on, and so cost the machine nothing before; what is
 * recorded costs instructions, so a traced run is another one.
 */
#ifndef KTSTR_GUEST_EVENTS_H
#define KTSTR_GUEST_EVENTS_H

#include "transport.h"

#define KT_EVENTS_HEAD_BYTES	256

/*
 * Starts with a buffer of @kib for all CPUs together. -errno, and @why with the
 * remedy.
 */
int kt_events_start(u32 kib, char *why, size_t why_size);

/* What comes from here on is no part of the run. */
void kt_events_stop(void);

/* As ProbeOutput: a line that says how many there are, then the kernel's text. */
void kt_events_send(struct kt_port *port, u32 kib);

/*
 * That line, by the head of the kernel's text, "... entries-in-buffer/entries-
 * written: 5/7 ...". Its length.
 */
size_t kt_events_head(const char *text, u32 kib,
		      char line[KT_EVENTS_HEAD_BYTES]);

#endif /* KTSTR_GUEST_EVENTS_H */
