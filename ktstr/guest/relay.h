/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process's output on its way to the host: frames as it comes, up to a
 * budget, and its last part kept. A process that prints without end fills
 * neither the host's memory nor ours.
 */
#ifndef KTSTR_GUEST_RELAY_H
#define KTSTR_GUEST_RELAY_H

#include "transport.h"

#define KT_RELAY_BUDGET_BYTES	(1024u * 1024)
#define KT_RELAY_TAIL_BYTES	(32u * 1024)

struct kt_relay {
	int fd;			/* -1: ended */
	u32 tag;		/* of the frames */
	u64 sent_bytes;
	u64 dropped_bytes;	/* beyond the budget */
	size_t tail_len;
	char tail[KT_RELAY_TAIL_BYTES + 1];	/* NUL behind it */
};

/*
 * Makes the pipe: @r->fd is its read end, @write_fd for the process (the
 * caller closes it once the process has it).
 */
int kt_relay_open(struct kt_relay *r, u32 tag, int *write_fd);

/* Takes what there is without waiting. */
void kt_relay_pump(struct kt_relay *r, struct kt_port *port);

/* Takes the rest, and sends the tail when the budget was used up. */
void kt_relay_close(struct kt_relay *r, struct kt_port *port);

/* The last line that is not empty into @buf; "" when there is none. */
const char *kt_relay_last_line(const struct kt_relay *r, char *buf,
			       size_t size);

#endif /* KTSTR_GUEST_RELAY_H */
