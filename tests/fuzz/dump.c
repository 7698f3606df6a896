// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any JSON as the dump of a run: as text, whole and in brief, along a path and
 * against another. What is before the first zero byte is a dump, what is
 * before the next the other one, the rest the path.
 */
#include <assert.h>

#include "drop_log.h"
#include "ktstr/host/dump_diff.h"
#include "ktstr/host/dump_path.h"
#include "ktstr/host/dump_text.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define MAX_PATH	256

/* No more than text, but for the ends of lines. */
static void check_text(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		assert((u8)text[i] >= 0x20 || text[i] == '\n' ||
		       text[i] == '\t');
}

static void show(const json_t *dump)
{
	char *text = NULL;
	size_t len, lines = 0, i;
	FILE *f = open_memstream(&text, &len);

	kt_dump_text(f, dump);
	fclose(f);
	check_text(text, len);
	free(text);
	text = NULL;
	f = open_memstream(&text, &len);
	kt_dump_text_brief(f, dump);
	fclose(f);
	check_text(text, len);
	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	assert(len <= KT_DUMP_BRIEF_BYTES && lines <= KT_DUMP_BRIEF_LINES);
	free(text);
}

static u64 compare(const json_t *a, const json_t *b, bool all)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	u64 nr = kt_dump_diff(f, a, b, all);

	fclose(f);
	check_text(text, len);
	assert(!nr == !len);
	free(text);
	return nr;
}

/* The JSON up to a zero byte; *@data behind it. */
static json_t *take(const u8 **data, size_t *size)
{
	const u8 *end = memchr(*data, 0, *size);
	size_t len = end ? (size_t)(end - *data) : *size;
	json_t *v = json_loadb((const char *)*data, len, 0, NULL);

	*data += len + !!end;
	*size -= len + !!end;
	return v;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char path[MAX_PATH] = "", why[256];
	json_t *a, *b;

	drop_log();
	a = take(&data, &size);
	b = take(&data, &size);
	if (size < sizeof(path))
		memcpy(path, data, size);
	if (a) {
		show(a);
		kt_dump_at(a, path, why, sizeof(why));
		assert(!compare(a, a, true));
	}
	if (a && b) {
		compare(a, b, false);
		assert(!compare(a, b, true) == !compare(b, a, true));
	}
	json_decref(a);
	json_decref(b);
	return 0;
}
