// SPDX-License-Identifier: GPL-2.0-only
/*
 * The output of payload programs, out of the frames that it came in.
 */
#include "../base/strbuf.h"
#include "../wire/msg.h"
#include "../wire/plan.h"
#include "payloads.h"

/* What the payload @name printed, as it came. */
static void write_payload(FILE *out, const char *name, const struct kt_bucket *b)
{
	size_t head = strlen(name) + 1;
	u32 i;

	for (i = 0; i < b->nr_frames; i++) {
		const struct kt_kept_frame *k = b->frames[i];

		if (k->msg_type == KT_TAG_RAW_OUTPUT && k->crc_ok &&
		    k->len_bytes > head && !memcmp(k->payload, name, head))
			fwrite(k->payload + head, 1, k->len_bytes - head, out);
	}
}

void kt_payloads_record(const struct kt_record *rec,
			const struct ktstr_test *test,
			const struct kt_bucket *b)
{
	const struct ktstr_payload *const *p;
	char name[KT_NAME_MAX + 16];
	FILE *f;

	for (p = test->payloads; p && *p; p++) {
		snprintf(name, sizeof(name), "payload-%s", (*p)->name);
		f = kt_record_file(rec, name);
		if (!f)
			continue;
		write_payload(f, (*p)->name, b);
		kt_record_file_end(rec, name, f);
	}
}

void kt_payloads_print(FILE *out, const struct ktstr_test *test,
		       const struct kt_bucket *b)
{
	const struct ktstr_payload *const *p;
	char *text = NULL, *line, *save = NULL;
	size_t len;
	FILE *f;

	for (p = test->payloads; p && *p; p++) {
		f = open_memstream(&text, &len);
		if (!f)
			return;
		write_payload(f, (*p)->name, b);
		fclose(f);
		kt_text_sanitize(text, len);
		fprintf(out, "output of %s:\n", (*p)->name);
		for (line = strtok_r(text, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save))
			fprintf(out, "  %s\n", line);
		free(text);
	}
}
