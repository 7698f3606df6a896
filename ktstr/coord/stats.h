/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's statistics socket, brought out of the guest: one client at a
 * time on a host unix socket, piped to the port "ktstr.stats". A request is a
 * line and so is its answer (scx_stats): when a client leaves, a line that it
 * had begun is ended, and answers that it did not wait for are dropped.
 */
#ifndef KTSTR_COORD_STATS_H
#define KTSTR_COORD_STATS_H

#include "../base/types.h"

#define KT_STATS_BUF_BYTES	(64u << 10)

struct kt_stats_pipe {
	u8 buf[KT_STATS_BUF_BYTES];
	size_t head, tail;
};

struct kt_stats {
	int epoll_fd;		/* readable when kt_stats_pump() has work */
	int listen_fd;		/* the caller's; -1: none */
	int client_fd;
	bool client_eof;	/* it sends no more, and waits for answers */
	int port_fd;		/* the machine's, non-blocking */
	struct kt_stats_pipe to_guest;
	struct kt_stats_pipe to_client;
	bool in_line;		/* the guest has the start of a line */
	u32 unanswered;		/* lines of this client */
	u32 stale;		/* answers to drop: their client has left */
	bool port_gone;
};

/* Takes neither descriptor over. -errno, reported. */
int kt_stats_init(struct kt_stats *s, int listen_fd, int port_fd);
void kt_stats_fini(struct kt_stats *s);

/*
 * Moves what can be moved without waiting, and sets what @s->epoll_fd waits
 * for: a side whose pipe is full is not read.
 */
void kt_stats_pump(struct kt_stats *s);

#endif /* KTSTR_COORD_STATS_H */
