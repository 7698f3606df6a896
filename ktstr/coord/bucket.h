/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frames a run keeps, in order. Text that may be endless (what programs
 * print, the kernel log) is kept as the end of each stream; every other
 * verdict-bearing frame is kept whole, up to a bound that a run which means
 * well never meets. What did not fit is counted.
 */
#ifndef KTSTR_COORD_BUCKET_H
#define KTSTR_COORD_BUCKET_H

#include "../wire/frame.h"
#include "tail.h"

#define KT_BUCKET_MAX_FRAMES	4096
#define KT_BUCKET_MAX_BYTES	(32u << 20)

enum kt_text_stream {
	KT_TEXT_STDOUT,
	KT_TEXT_STDERR,
	KT_TEXT_SCHED,
	KT_TEXT_DMESG,
	KT_NR_TEXTS,
};

struct kt_kept_frame {
	u32 msg_type;
	u32 len_bytes;
	bool crc_ok;
	u64 at_ns;		/* since the run began; or the guest's own clock */
	u8 payload[];
};

struct kt_bucket {
	struct kt_kept_frame **frames;
	u32 nr_frames;
	u32 cap_frames;
	u64 bytes;
	u64 dropped_frames;
	struct kt_tail texts[KT_NR_TEXTS];
};

void kt_bucket_fini(struct kt_bucket *b);
void kt_bucket_add(struct kt_bucket *b, const struct kt_frame *f, u64 at_ns);

/* The last frame of @msg_type with a good CRC, or NULL. */
const struct kt_kept_frame *kt_bucket_last(const struct kt_bucket *b,
					   u32 msg_type);

#endif /* KTSTR_COORD_BUCKET_H */
