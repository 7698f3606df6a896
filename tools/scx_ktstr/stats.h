/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics for whoever asks, as the schedulers of the scx repository serve
 * them (scx_stats): a unix stream socket, a line of JSON for each request and
 * one for its answer. Polled by the loader's loop; nothing here waits.
 */
#ifndef SCX_KTSTR_STATS_H
#define SCX_KTSTR_STATS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_PATH		"/var/run/scx/root/stats"
#define STATS_MAX_CLIENTS	4
#define STATS_MAX_FDS		(1 + STATS_MAX_CLIENTS)
#define STATS_LINE_BYTES	4096	/* of a request; a longer one ends its client */

struct stats_value {
	const char *name;
	const char *desc;
	uint64_t value;
};

struct stats_client {
	int fd;			/* -1: none */
	char in[STATS_LINE_BYTES];
	size_t in_len;
	char *out;		/* an answer on its way; nothing is read meanwhile */
	size_t out_len, out_done;
};

struct stats_server {
	int listen_fd;		/* -1: there is no server */
	const char *path;
	struct stats_client clients[STATS_MAX_CLIENTS];
};

/* Replaces what is at @path. 0, or -errno and a server that serves nobody. */
int stats_open(struct stats_server *s, const char *path);
void stats_close(struct stats_server *s);

/* What to poll for; unused entries are ignored by poll(). */
void stats_fds(const struct stats_server *s, struct pollfd fds[STATS_MAX_FDS]);

/* Serves who can be served now with the values as they are now. */
void stats_serve(struct stats_server *s, const struct stats_value *values,
		 size_t nr);

#endif /* SCX_KTSTR_STATS_H */
