/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A debugger on a machine that has stopped at a virtual time: between a unix
 * socket and the engine's gdb stub. From its first word on the machine is the
 * debugger's, and what it does is no repetition any more.
 */
#ifndef KTSTR_COORD_CHASE_GDB_H
#define KTSTR_COORD_CHASE_GDB_H

#include "../engine/engine.h"

/*
 * gdb's command for the run once more, and the file beside the socket by which that
 * is asked for: it has the time to stop at, or nothing for the same.
 */
#define KT_CHASE_GDB_AGAIN	"ktstr-again"
#define KT_CHASE_GDB_WISH	".again"

struct kt_coord;

struct kt_chase_gdb {
	int epoll_fd;		/* readable: kt_chase_gdb_pump() is due; -1: none */
	int listen_fd;
	int client_fd;
	bool released;		/* the vCPU goes on: the stub stops it */
	char path[108];		/* of the socket; "": none */
};

void kt_chase_gdb_init(struct kt_chase_gdb *g);
void kt_chase_gdb_fini(struct kt_chase_gdb *g);

/*
 * Offers the stopped machine at the unix socket @path, and writes "<path>.gdb",
 * which has gdb load symbols and connect. -errno, reported.
 */
int kt_chase_gdb_open(struct kt_coord *c, const struct kt_machine *m,
		      const char *path);

/* Carries bytes. -EPIPE: the debugger has gone; -errno. */
int kt_chase_gdb_pump(struct kt_coord *c, struct kt_machine *m);

#endif /* KTSTR_COORD_CHASE_GDB_H */
