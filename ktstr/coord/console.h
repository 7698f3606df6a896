/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's serial console: its end is kept, and a kernel that dies on it
 * is recognised by what the kernel itself says.
 */
#ifndef KTSTR_COORD_CONSOLE_H
#define KTSTR_COORD_CONSOLE_H

#include "tail.h"

#define KT_CONSOLE_LINE_MAX	256

enum kt_console_event {
	KT_CONSOLE_QUIET,
	KT_CONSOLE_STALL,	/* soft lockup, RCU stall, hung task */
	KT_CONSOLE_OOM,		/* a process was killed for want of memory */
	KT_CONSOLE_OOPS,	/* BUG, Oops */
	KT_CONSOLE_PANIC,
};

struct kt_console {
	struct kt_tail tail;
	char line[KT_CONSOLE_LINE_MAX];	/* being put together */
	size_t line_len;
	enum kt_console_event worst;
	char text[KT_CONSOLE_LINE_MAX];	/* the line that said so */
};

void kt_console_fini(struct kt_console *c);
void kt_console_feed(struct kt_console *c, const void *data, size_t len_bytes);

/* "kernel panic", "out of memory", ...; NULL while quiet. */
const char *kt_console_event_str(enum kt_console_event event);

#endif /* KTSTR_COORD_CONSOLE_H */
