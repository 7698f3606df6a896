// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events out of the frames that they came in.
 */
#include "../base/strbuf.h"
#include "../wire/msg.h"
#include "events.h"

#define LINE_BYTES	256

void kt_events_record(const struct kt_record *rec, const struct kt_bucket *b)
{
	FILE *f = NULL;
	u32 i;

	for (i = 0; i < b->nr_frames; i++) {
		const struct kt_kept_frame *k = b->frames[i];

		if (k->msg_type != KT_TAG_PROBE_OUTPUT || !k->crc_ok ||
		    !k->len_bytes)
			continue;
		if (!f)
			f = kt_record_file(rec, KT_EVENTS_NAME);
		if (!f)
			return;
		/* names of tasks are in it, which may be anything */
		kt_text_write(f, k->payload, k->len_bytes);
	}
	if (f)
		kt_record_file_end(rec, KT_EVENTS_NAME, f);
}

int kt_events_print(FILE *out, const char *dir)
{
	char path[PATH_MAX], line[LINE_BYTES] = "";
	FILE *f;

	if ((size_t)snprintf(path, sizeof(path), "%s/" KT_EVENTS_NAME, dir) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	fprintf(out, "events: %s: %s\n", path, line + strspn(line, "# "));
	return 0;
}
