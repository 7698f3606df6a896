/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QMP: commands and their replies over a socket that QEMU inherited, and the
 * events that come in between. One command at a time, each with a deadline.
 */
#ifndef KTSTR_ENGINE_QEMU_QMP_H
#define KTSTR_ENGINE_QEMU_QMP_H

#include <jansson.h>

#include "../../base/types.h"

#define KT_QMP_LINE_MAX	(64u << 10)

struct kt_qmp {
	int fd;			/* owned */
	char buf[KT_QMP_LINE_MAX];
	size_t len_bytes;
	u32 last_id;		/* of the commands sent; replies carry it */
	bool shutdown;		/* SHUTDOWN seen */
	char reason[32];	/* its reason: "guest-reset", ... */
	bool eof;
};

/* Takes @fd over; waits for the greeting and negotiates. */
int kt_qmp_open(struct kt_qmp *q, int fd, u64 deadline_ns);
void kt_qmp_close(struct kt_qmp *q);

/* Runs @command (no arguments) to its reply. -EPROTO when QEMU refuses. */
int kt_qmp_cmd(struct kt_qmp *q, const char *command, u64 deadline_ns);

/*
 * Likewise with @arguments, the text between the braces. *@value (NULL: not
 * wanted) gets what it returns, the caller's. -E2BIG.
 */
int kt_qmp_ask(struct kt_qmp *q, const char *command, const char *arguments,
	       json_t **value, u64 deadline_ns);

/*
 * The two halves of it, for a command whose reply cannot come yet. No other
 * command in between; @command is for messages.
 */
int kt_qmp_send(struct kt_qmp *q, const char *command, const char *arguments,
		u64 deadline_ns);
int kt_qmp_await(struct kt_qmp *q, const char *command, u64 deadline_ns);

/* Hands a copy of @fd to QEMU, where it is called @name. */
int kt_qmp_give_fd(struct kt_qmp *q, const char *name, int fd, u64 deadline_ns);

/*
 * Runs a line of the human monitor, with vCPU @vcpu as the current one. What
 * it prints goes into @text, terminated: -EMSGSIZE when it does not fit.
 */
int kt_qmp_hmp(struct kt_qmp *q, const char *command, u32 vcpu, char *text,
	       size_t size, u64 deadline_ns);

/* Takes in the events that have come, without waiting. */
void kt_qmp_poll(struct kt_qmp *q);

#endif /* KTSTR_ENGINE_QEMU_QMP_H */
