// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded growing strings, and the care text from outside needs.
 */
#include <stdio.h>

#include "strbuf.h"

void kt_strbuf_init(struct kt_strbuf *sb, size_t max_bytes)
{
	memset(sb, 0, sizeof(*sb));
	sb->max_bytes = max_bytes;
}

void kt_strbuf_fini(struct kt_strbuf *sb)
{
	free(sb->str);
	kt_strbuf_init(sb, sb->max_bytes);
}

void kt_strbuf_reset(struct kt_strbuf *sb)
{
	sb->len_bytes = 0;
	sb->overflow = false;
	if (sb->str)
		sb->str[0] = '\0';
}

static bool reserve(struct kt_strbuf *sb, size_t more_bytes)
{
	size_t want, cap;
	char *grown;

	if (sb->overflow || more_bytes > sb->max_bytes - sb->len_bytes)
		goto overflow;
	want = sb->len_bytes + more_bytes + 1;
	if (want <= sb->cap_bytes)
		return true;
	cap = max_t(size_t, want, sb->cap_bytes * 2);
	grown = realloc(sb->str, cap);
	if (!grown)
		goto overflow;
	sb->str = grown;
	sb->cap_bytes = cap;
	return true;

overflow:
	sb->overflow = true;
	return false;
}

void kt_strbuf_add(struct kt_strbuf *sb, const void *data, size_t len_bytes)
{
	if (!reserve(sb, len_bytes))
		return;
	if (len_bytes)
		memcpy(sb->str + sb->len_bytes, data, len_bytes);
	sb->len_bytes += len_bytes;
	sb->str[sb->len_bytes] = '\0';
}

void kt_strbuf_vaddf(struct kt_strbuf *sb, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	if (len >= 0 && reserve(sb, len)) {
		vsnprintf(sb->str + sb->len_bytes, (size_t)len + 1, fmt, again);
		sb->len_bytes += len;
	}
	va_end(again);
}

void kt_strbuf_addf(struct kt_strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kt_strbuf_vaddf(sb, fmt, ap);
	va_end(ap);
}

void kt_strbuf_add_path(struct kt_strbuf *sb, const char *component)
{
	if (sb->len_bytes && sb->str[sb->len_bytes - 1] != '/')
		kt_strbuf_add(sb, "/", 1);
	kt_strbuf_add(sb, component, strlen(component));
}

const char *kt_strbuf_str(const struct kt_strbuf *sb)
{
	return sb->str ? sb->str : "";
}

size_t kt_utf8_cut(const char *s, size_t len_bytes, size_t max_bytes)
{
	size_t cut = max_bytes;

	if (len_bytes <= max_bytes)
		return len_bytes;
	/* s[cut] starts the part left out: step back while it continues */
	while (cut && ((unsigned char)s[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

size_t kt_utf8_copy(char *dst, size_t size, const char *src)
{
	size_t len;

	if (!size)
		return 0;
	len = kt_utf8_cut(src, strlen(src), size - 1);
	memcpy(dst, src, len);
	dst[len] = '\0';
	return len;
}

void kt_text_sanitize(char *s, size_t len_bytes)
{
	size_t i;

	for (i = 0; i < len_bytes; i++) {
		unsigned char c = s[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
			s[i] = '?';
		/* U+0080..U+009F: some terminals take U+009B for ESC [ */
		if (c == 0xc2 && i + 1 < len_bytes &&
		    ((unsigned char)s[i + 1] & 0xe0) == 0x80)
			memset(s + i, '?', 2);
	}
}

void kt_text_write(FILE *f, const void *text, size_t len_bytes)
{
	char *copy = malloc(len_bytes);

	if (!copy)
		return;
	memcpy(copy, text, len_bytes);
	kt_text_sanitize(copy, len_bytes);
	fwrite(copy, 1, len_bytes, f);
	free(copy);
}
