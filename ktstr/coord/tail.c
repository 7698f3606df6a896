// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded memory of a stream's end.
 */
#include "../base/strbuf.h"
#include "tail.h"

void kt_tail_fini(struct kt_tail *t)
{
	free(t->ring);
	memset(t, 0, sizeof(*t));
}

void kt_tail_add(struct kt_tail *t, const void *data, size_t len_bytes)
{
	const char *p = data;

	if (!t->ring)
		t->ring = malloc(KT_TAIL_BYTES);
	if (len_bytes > KT_TAIL_BYTES) {
		t->total_bytes += len_bytes - KT_TAIL_BYTES;
		p += len_bytes - KT_TAIL_BYTES;
		len_bytes = KT_TAIL_BYTES;
	}
	while (len_bytes && t->ring) {
		size_t at = t->total_bytes % KT_TAIL_BYTES;
		size_t n = min_t(size_t, len_bytes, (KT_TAIL_BYTES - at));

		memcpy(t->ring + at, p, n);
		p += n;
		len_bytes -= n;
		t->total_bytes += n;
	}
	t->total_bytes += len_bytes;
}

char *kt_tail_text(const struct kt_tail *t, size_t max_bytes)
{
	size_t kept, len = 0, i;
	u64 from;
	char *text;

	kept = t->ring ? min_t(u64, t->total_bytes, KT_TAIL_BYTES) : 0;
	kept = min(kept, max_bytes);
	text = malloc(kept + 1);
	if (!text)
		return NULL;
	from = t->total_bytes - kept;
	for (i = 0; i < kept; i++) {
		text[len] = t->ring[(from + i) % KT_TAIL_BYTES];
		len += text[len] != '\r';	/* a console's line ends */
	}
	text[len] = '\0';
	kt_text_sanitize(text, len);
	return text;
}

u64 kt_tail_dropped(const struct kt_tail *t)
{
	return t->total_bytes > KT_TAIL_BYTES ?
	       t->total_bytes - KT_TAIL_BYTES : 0;
}
