/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel says while a test runs: about sched_ext, and about memory.
 */
#ifndef KTSTR_GUEST_KMSG_H
#define KTSTR_GUEST_KMSG_H

#include "../base/types.h"

#define KT_KMSG_MAX_LINES	64
#define KT_KMSG_LINE_BYTES	256

struct kt_kmsg {
	int fd;					/* -1: not open */
	u32 nr;					/* sched_ext lines in all */
	char lines[KT_KMSG_MAX_LINES][KT_KMSG_LINE_BYTES];	/* the last */
	u32 ooms;				/* lines about memory that ran out */
	char oom[KT_KMSG_LINE_BYTES];		/* the most telling one */
	bool disabled;				/* a scheduler ended, or */
	bool thrown_out;			/* the kernel ended it */
	bool exit_open;				/* its message may follow */
	char exit_text[2 * KT_KMSG_LINE_BYTES];	/* what it said */
};

/* Follows /dev/kmsg from here on. */
int kt_kmsg_open(struct kt_kmsg *k);
void kt_kmsg_close(struct kt_kmsg *k);

/* Begins anew, from here on. */
void kt_kmsg_forget(struct kt_kmsg *k);

/* Takes what there is without waiting. */
void kt_kmsg_pump(struct kt_kmsg *k);

/* One line of the log, without its prefix. Pure. */
void kt_kmsg_line(struct kt_kmsg *k, const char *line);

/* True when one of the sched_ext lines kept has @text in it. */
bool kt_kmsg_says(const struct kt_kmsg *k, const char *text);

/* The lines kept, each with a newline, into @buf; returns their bytes. */
size_t kt_kmsg_text(const struct kt_kmsg *k, char *buf, size_t size);

#endif /* KTSTR_GUEST_KMSG_H */
