/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of a dump's text share: lines within a bound, and members of
 * a tree that may be anything.
 */
#ifndef KTSTR_HOST_DUMP_OUT_H
#define KTSTR_HOST_DUMP_OUT_H

#include <jansson.h>
#include <stdio.h>

#include "../base/strbuf.h"

struct kt_dump_out {
	FILE *f;
	const json_t *dump;
	bool brief;
	u32 lines_left;
	size_t bytes_left;
	bool cut;		/* something was left out */
};

/* One line, whatever is in it; in brief also of bounded length. */
void kt_dump_line(struct kt_dump_out *o, const char *fmt, ...) __printf(2, 3);

/*
 * Whether the @i-th of a list may still be shown, of which brief shows @most;
 * the first that may not is told as "N more", of @nr.
 */
bool kt_dump_more(struct kt_dump_out *o, size_t i, size_t most, size_t nr);

/* Words one behind another, as many a line as fit. */
struct kt_dump_words {
	struct kt_dump_out *o;
	const char *head;	/* of each line; blanks from the second on */
	struct kt_strbuf line;
	u32 lines;		/* begun; brief stops behind @most */
	u32 most;
};

void kt_dump_words_init(struct kt_dump_words *w, struct kt_dump_out *o,
			const char *head, u32 most);
void kt_dump_word(struct kt_dump_words *w, const char *fmt, ...)
	__printf(2, 3);
void kt_dump_words_end(struct kt_dump_words *w);

/* "" for what is no text. */
const char *kt_dump_str(const json_t *object, const char *key);
/* False for what is no number. */
bool kt_dump_num(const json_t *object, const char *key, u64 *n);
/* A leaf as it reads, a tree as JSON; the caller's. NULL without memory. */
char *kt_dump_value(const json_t *v, size_t max_bytes);

/* "@head: a <- b <- c" in brief, else a line for each. */
void kt_dump_stack(struct kt_dump_out *o, const char *head,
		   const json_t *stack);

/* The parts. @state may be NULL. */
void kt_dump_show_sched(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_tasks(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_cpus(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_dsqs(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_vcpus(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_stacks(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_vars(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_maps(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_progs(struct kt_dump_out *o, const json_t *state);
void kt_dump_show_events(struct kt_dump_out *o, const json_t *state);

#endif /* KTSTR_HOST_DUMP_OUT_H */
