/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host end of a scheduler's statistics: a listening unix socket at a path
 * of the user's choice, removed at the end.
 */
#ifndef KTSTR_HOST_STATS_SOCKET_H
#define KTSTR_HOST_STATS_SOCKET_H

#include <sys/un.h>

#include "../base/types.h"

struct kt_stats_socket {
	int fd;			/* non-blocking, close-on-exec; -1: none */
	dev_t dev;		/* of the file, to know it again */
	ino_t ino;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/*
 * Listens at @path, for its owner alone. A socket that nobody listens on any
 * more is replaced. -EADDRINUSE: somebody does; -EEXIST: another kind of file;
 * -ENAMETOOLONG; reported.
 */
int kt_stats_socket_open(struct kt_stats_socket *s, const char *path);

/* Closes it, and removes the file unless another one is in its place. */
void kt_stats_socket_close(struct kt_stats_socket *s);

#endif /* KTSTR_HOST_STATS_SOCKET_H */
