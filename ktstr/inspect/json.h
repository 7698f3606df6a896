/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was read of a guest as a tree of JSON values (jansson): the one form in
 * which a capture is kept, looked into by tests, printed and recorded. Numbers
 * are JSON integers as long as they fit a signed 64-bit one; else, and for
 * addresses, they are text. Text from the guest is made valid UTF-8.
 *
 * Every function takes what it is given over, also when it fails; memory that
 * runs out leaves a member out.
 */
#ifndef KTSTR_INSPECT_JSON_H
#define KTSTR_INSPECT_JSON_H

#include <jansson.h>

#include "../base/types.h"

/* An integer, or its decimal text beyond INT64_MAX. */
json_t *kt_json_u64(u64 v);
/* "0x" and 16 digits at most: addresses, masks. */
json_t *kt_json_hex(u64 v);
/* At most @len bytes of @text up to its end, made printable. */
json_t *kt_json_text(const char *text, size_t len);
json_t *kt_json_textf(const char *fmt, ...) __printf(1, 2);

void kt_json_set(json_t *object, const char *key, json_t *value);
void kt_json_set_u64(json_t *object, const char *key, u64 v);
void kt_json_set_hex(json_t *object, const char *key, u64 v);
void kt_json_set_text(json_t *object, const char *key, const char *text);

/*
 * The number that @v stands for: an integer, a truth value, text that is a
 * number, or an enumerator's "NAME (5)". -EINVAL for anything else, -ERANGE.
 */
int kt_json_get_u64(const json_t *v, u64 *n);
int kt_json_get_i64(const json_t *v, s64 *n);

/*
 * Notes in @absent, an array of text, that this kernel has not @what: once,
 * however often it is said.
 */
void kt_json_absent(json_t *absent, const char *what);

#endif /* KTSTR_INSPECT_JSON_H */
