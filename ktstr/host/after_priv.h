/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the author's functions for .after share: the run they look at, and the
 * texts that live until they are through.
 */
#ifndef KTSTR_HOST_AFTER_PRIV_H
#define KTSTR_HOST_AFTER_PRIV_H

#include <stdio.h>

#include "../base/strv.h"
#include "../check/temporal.h"
#include "../coord/capture.h"

struct ktstr_series {
	struct ktstr_series *next;
	struct kt_samples samples;
	struct kt_sample v[];
};

struct ktstr_after {
	const struct kt_captures *captures;
	struct ktstr_capture_info infos[KT_MAX_CAPTURES];
	u32 nr_infos;
	u32 nr_claims;
	u32 nr_failed;
	struct kt_strv texts;
	struct ktstr_series *series;
	FILE *out;
};

#define KT_AFTER_TEXT_BYTES	2048

/* A line of text that lives as long as @a; never NULL. */
const char *kt_after_text(struct ktstr_after *a, const char *fmt, ...)
	__printf(2, 3);

/* A claim that failed, at @file and @line, for the reason given. */
void kt_after_failed(struct ktstr_after *a, const char *file, int line,
		     const char *fmt, ...) __printf(4, 5);

/*
 * What is at @path in @node, or NULL and @why (may be NULL, of
 * KT_AFTER_TEXT_BYTES): 'no field "weigth" in cpus[0]; fields: weight, nr'.
 */
const json_t *kt_value_walk(const json_t *node, const char *path, char *why);

/* Element @i of array @node, also one of those that were cut as all zero. */
const json_t *kt_value_element(const json_t *node, u64 i, char *why);

/* Elements of an array that are held; with those cut behind them in @all. */
u64 kt_value_held(const json_t *array, u64 *all);

/* "5", "\"text\"", "a structure", ...: a short word for it. */
const char *kt_value_say(const json_t *node, char *buf, size_t size);

/* @v with @node found in it as @fmt says, or without one and with its error. */
struct ktstr_value kt_value_found(struct ktstr_value v, const json_t *node,
				  const char *fmt, ...) __printf(3, 4);
struct ktstr_value kt_value_lost(struct ktstr_value v, const char *fmt, ...)
	__printf(2, 3);

/* That @v is not there, or not @wanted ("no u64"), as a claim that failed. */
void kt_value_failed(struct ktstr_value v, const char *file, int line,
		     const char *wanted);

#endif /* KTSTR_HOST_AFTER_PRIV_H */
