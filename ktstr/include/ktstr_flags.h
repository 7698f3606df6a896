/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flags of a scheduler: what it can be told, by name, and what goes with what.
 * Every valid set of them is a flag profile, over which the gauntlet runs a
 * case. Included by ktstr.h.
 *
 *	KTSTR_SCHED(flatcg, .binary = "scx_flatcg",
 *		    .flags = KTSTR_FLAGS(
 *			{ .name = "fifo", .args = KTSTR_ARGS("-f") },
 *			{ .name = "short", .args = KTSTR_ARGS("-s", "5000"),
 *			  .excludes = KTSTR_NAMES("fifo") }));
 */
#ifndef KTSTR_FLAGS_H
#define KTSTR_FLAGS_H

/**
 * struct ktstr_flag - something a scheduler can be told
 * @name: [a-z0-9_-], at most 23 letters, unique in its scheduler; part of a
 *	profile's name: "fifo+short", or "default" for no flag
 * @args: arguments of the scheduler that turn it on, ends with NULL; required
 * @requires: names of flags that must be on with it; may be NULL
 * @excludes: names of flags that must be off with it; may be NULL
 */
struct ktstr_flag {
	const char *name;
	const char *const *args;
	const char *const *requires;
	const char *const *excludes;
};

/* At most 8. */
#define KTSTR_FLAGS(...)						\
	((const struct ktstr_flag[]){ __VA_ARGS__, { .name = NULL } })

#define KTSTR_MAX_FLAGS	8

/* Of flags: for a case's .flags and .not_flags, a flag's .requires, .excludes. */
#define KTSTR_NAMES(...)	((const char *const[]){ __VA_ARGS__, NULL })

#endif /* KTSTR_FLAGS_H */
