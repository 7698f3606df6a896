/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Within coord: one turn of serving, and what it does to the machine. Whoever
 * freezes thaws before it is left.
 */
#ifndef KTSTR_COORD_SERVER_H
#define KTSTR_COORD_SERVER_H

#include "coord.h"

struct kt_server {
	struct kt_coord *c;
	struct kt_machine *m;
	u64 frozen_at_ns;	/* 0: it runs */
	int err;		/* it could not be thawed */
	bool in_fires;
};

/* Thawed again when it fails; then @why says how far it came. */
int kt_server_freeze(struct kt_server *sv, char *why, size_t size);
void kt_server_thaw(struct kt_server *sv);

/*
 * One capture; the subject is located. The machine stays frozen. A freeze that
 * fails leaves a placeholder that says so: -ETIMEDOUT or what else it was.
 * *@cap (may be NULL) gets the capture, NULL without memory.
 */
int kt_server_take(struct kt_server *sv, const char *tag,
		   enum kt_capture_cause cause, struct kt_capture **cap);

/* serve_watch.c: what watchpoints have seen, the scan tick and the poll. */
void kt_server_watch(struct kt_server *sv);
/* What fired while the machine was being frozen for something else. */
void kt_server_fires(struct kt_server *sv);
/* A deterministic machine stands where a scheduler's error begins its end. */
void kt_server_sched_end(struct kt_server *sv, u32 vcpu, u64 pc);
/* Likewise where all is told of it. */
void kt_server_sched_told(struct kt_server *sv);
/* It stands behind a store, perhaps to what a test watches. */
void kt_server_stored(struct kt_server *sv, const struct kt_stop *s);
/* A guest asks for a watchpoint on @symbol. 0, or -errno and @why. */
int kt_server_add_watch(struct kt_server *sv, const char *symbol, char *why,
			size_t size);

/* writes.c: the variables that are to be written now. */
void kt_server_write(struct kt_server *sv);

#endif /* KTSTR_COORD_SERVER_H */
