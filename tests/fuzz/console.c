// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes on the serial console. However they are cut into pieces, the same
 * sign is found and the same end kept, and what is kept is fit to print. The
 * first byte is the length of the pieces.
 */
#include <assert.h>

#include "ktstr/coord/console.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_text(const char *s)
{
	for (; *s; s++)
		assert((unsigned char)*s >= 0x20 || *s == '\t' || *s == '\n');
}

static void check(const struct kt_console *c, size_t size)
{
	const char *event = kt_console_event_str(c->worst);
	char *end = kt_tail_text(&c->tail, 100);

	assert(!event == (c->worst == KT_CONSOLE_QUIET));
	assert(c->line_len < sizeof(c->line));
	assert(memchr(c->text, '\0', sizeof(c->text)));
	assert(!c->text[0] == (c->worst == KT_CONSOLE_QUIET));
	check_text(c->text);
	assert(c->tail.total_bytes == size);
	assert(end && strlen(end) <= min_t(size_t, size, 100));
	check_text(end);
	free(end);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_console whole = {}, pieces = {};
	size_t piece, at, n;

	if (!size)
		return 0;
	piece = data[0] + 1;
	data++;
	size--;
	kt_console_feed(&whole, data, size);
	for (at = 0; at < size; at += n) {
		n = min(piece, size - at);
		kt_console_feed(&pieces, data + at, n);
	}
	check(&whole, size);
	check(&pieces, size);
	assert(whole.worst == pieces.worst);
	assert(!strcmp(whole.text, pieces.text));
	assert(whole.line_len == pieces.line_len);
	kt_console_fini(&whole);
	kt_console_fini(&pieces);
	return 0;
}
