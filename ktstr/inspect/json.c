// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values and members, made of what a guest's memory says.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/strbuf.h"
#include "json.h"

json_t *kt_json_u64(u64 v)
{
	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	return json_sprintf("%llu", (unsigned long long)v);
}

json_t *kt_json_hex(u64 v)
{
	return json_sprintf("0x%llx", (unsigned long long)v);
}

/* Length of the UTF-8 character at @s, 0 when it is none. */
static size_t utf8_char(const char *s, size_t len)
{
	static const u32 smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	u8 c = s[0];
	size_t n = c < 0x80 ? 1 : (c & 0xe0) == 0xc0 ? 2 :
		   (c & 0xf0) == 0xe0 ? 3 : (c & 0xf8) == 0xf0 ? 4 : 0;
	u32 code;
	size_t i;

	if (n < 2 || n > len)
		return n == 1;
	code = c & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < smallest[n] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

json_t *kt_json_text(const char *text, size_t len)
{
	size_t i, n;
	json_t *v;
	char *s;

	len = strnlen(text, len);
	s = malloc(len + 1);
	if (!s)
		return NULL;
	memcpy(s, text, len);
	s[len] = 0;
	for (i = 0; i < len; i += n) {
		n = utf8_char(s + i, len - i);
		if (!n) {
			s[i] = '?';
			n = 1;
		}
	}
	kt_text_sanitize(s, len);
	v = json_stringn(s, len);
	free(s);
	return v;
}

json_t *kt_json_textf(const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return kt_json_text(buf, sizeof(buf));
}

void kt_json_set(json_t *object, const char *key, json_t *value)
{
	/* jansson drops the reference in any case; NULL is refused */
	json_object_set_new(object, key, value);
}

void kt_json_set_u64(json_t *object, const char *key, u64 v)
{
	kt_json_set(object, key, kt_json_u64(v));
}

void kt_json_set_hex(json_t *object, const char *key, u64 v)
{
	kt_json_set(object, key, kt_json_hex(v));
}

void kt_json_set_text(json_t *object, const char *key, const char *text)
{
	kt_json_set(object, key, kt_json_text(text, strlen(text)));
}

/* The digits that stand for @v's number: all of it, or an enumerator's. */
static const char *digits(const char *text, char *end)
{
	const char *open = strrchr(text, '(');

	*end = open ? ')' : 0;
	return open ? open + 1 : text;
}

static int text_number(const char *text, bool *negative, u64 *n)
{
	char end, *stop;

	text = digits(text, &end);
	*negative = *text == '-';
	if (*negative)
		text++;
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*n = strtoull(text, &stop, strncmp(text, "0x", 2) ? 10 : 16);
	if (*stop != end || (end && stop[1]))
		return -EINVAL;
	return errno ? -ERANGE : 0;
}

int kt_json_get_u64(const json_t *v, u64 *n)
{
	bool negative = false;
	int ret = 0;

	if (json_is_integer(v)) {
		negative = json_integer_value(v) < 0;
		*n = json_integer_value(v);
	} else if (json_is_boolean(v)) {
		*n = json_is_true(v);
	} else if (json_is_string(v)) {
		ret = text_number(json_string_value(v), &negative, n);
	} else {
		ret = -EINVAL;
	}
	if (!ret && negative && *n)
		ret = -ERANGE;
	return ret;
}

int kt_json_get_i64(const json_t *v, s64 *n)
{
	bool negative = false;
	u64 u;
	int ret;

	if (json_is_integer(v)) {
		*n = json_integer_value(v);
		return 0;
	}
	if (json_is_string(v))
		ret = text_number(json_string_value(v), &negative, &u);
	else
		ret = kt_json_get_u64(v, &u);
	if (ret)
		return ret;
	if (u > (u64)INT64_MAX + negative)
		return -ERANGE;
	*n = negative ? -u : u;
	return 0;
}

void kt_json_absent(json_t *absent, const char *what)
{
	json_t *v;
	size_t i;

	json_array_foreach(absent, i, v)
		if (!strcmp(json_string_value(v), what))
			return;
	json_array_append_new(absent, kt_json_text(what, strlen(what)));
}
