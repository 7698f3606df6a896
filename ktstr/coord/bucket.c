// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping frames within bounds.
 */
#include "../wire/msg.h"
#include "bucket.h"

void kt_bucket_fini(struct kt_bucket *b)
{
	u32 i;

	for (i = 0; i < b->nr_frames; i++)
		free(b->frames[i]);
	free(b->frames);
	for (i = 0; i < KT_NR_TEXTS; i++)
		kt_tail_fini(&b->texts[i]);
	memset(b, 0, sizeof(*b));
}

static struct kt_tail *text_of(struct kt_bucket *b, u32 msg_type)
{
	switch (msg_type) {
	case KT_TAG_STDOUT:
		return &b->texts[KT_TEXT_STDOUT];
	case KT_TAG_STDERR:
		return &b->texts[KT_TEXT_STDERR];
	case KT_TAG_SCHED_LOG:
		return &b->texts[KT_TEXT_SCHED];
	case KT_TAG_DMESG:
		return &b->texts[KT_TEXT_DMESG];
	default:
		return NULL;
	}
}

static bool grow(struct kt_bucket *b)
{
	u32 cap = b->cap_frames ? b->cap_frames * 2 : 64;
	void *grown;

	if (b->nr_frames < b->cap_frames)
		return true;
	grown = realloc(b->frames, cap * sizeof(*b->frames));
	if (!grown)
		return false;
	b->frames = grown;
	b->cap_frames = cap;
	return true;
}

/*
 * Results come after whatever flooded the bucket: the first good one of each
 * type always has room. Bad ones have none of it: there may be any number.
 */
static bool has_room(const struct kt_bucket *b, const struct kt_frame *f)
{
	bool last_words = f->crc_ok && (f->msg_type == KT_TAG_TEST_RESULT ||
					f->msg_type == KT_TAG_EXIT ||
					f->msg_type == KT_TAG_SCHED_EXIT);
	u32 slack = last_words && !kt_bucket_last(b, f->msg_type) ? 16 : 0;

	return b->nr_frames < KT_BUCKET_MAX_FRAMES + slack &&
	       (slack || b->bytes + f->len_bytes <= KT_BUCKET_MAX_BYTES);
}

void kt_bucket_add(struct kt_bucket *b, const struct kt_frame *f, u64 at_ns)
{
	struct kt_tail *text = text_of(b, f->msg_type);
	struct kt_kept_frame *k = NULL;

	if (text) {
		kt_tail_add(text, f->payload, f->len_bytes);
		return;
	}
	if (has_room(b, f) && grow(b))
		k = malloc(sizeof(*k) + f->len_bytes);
	if (!k) {
		b->dropped_frames++;
		return;
	}
	k->msg_type = f->msg_type;
	k->len_bytes = f->len_bytes;
	k->crc_ok = f->crc_ok;
	k->at_ns = at_ns;
	if (f->len_bytes)
		memcpy(k->payload, f->payload, f->len_bytes);
	b->frames[b->nr_frames++] = k;
	b->bytes += f->len_bytes;
}

const struct kt_kept_frame *kt_bucket_last(const struct kt_bucket *b,
					   u32 msg_type)
{
	u32 i;

	for (i = b->nr_frames; i-- > 0;)
		if (b->frames[i]->msg_type == msg_type && b->frames[i]->crc_ok)
			return b->frames[i];
	return NULL;
}
