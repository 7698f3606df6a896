// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes into the assembler, cut into pieces the fuzzer chooses. The frames
 * that come out must not depend on the cuts. The first byte says how many
 * bytes of cuts follow; the rest is the stream.
 */
#include <assert.h>

#include <zlib.h>

#include "ktstr/base/log.h"
#include "ktstr/wire/frame.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* All that was yielded, in order. */
struct digest {
	u64 frames;
	u32 crc;
};

static void drain(struct kt_assembler *a, struct digest *dig)
{
	struct kt_frame f;

	while (kt_assembler_next(a, &f)) {
		const u32 fields[] = { f.msg_type, f.len_bytes, f.crc_ok };

		assert(f.len_bytes <= KT_FRAME_MAX_PAYLOAD);
		dig->crc = crc32(dig->crc, (const void *)fields, sizeof(fields));
		dig->crc = crc32(dig->crc, f.payload, f.len_bytes);
		dig->frames++;
	}
}

static void feed_in_pieces(struct kt_assembler *a, struct digest *dig,
			   const u8 *cuts, size_t nr_cuts, const u8 *data,
			   size_t size)
{
	size_t i, n;

	for (i = 0; size; i++) {
		n = nr_cuts ? cuts[i % nr_cuts] : size;
		/* Some turns drain nothing: a backlog builds up. */
		if (!(n & 0x80))
			drain(a, dig);
		/* and some have room in advance, as far as there may be */
		if (n & 0x40)
			kt_assembler_reserve(a, n);
		n = min(size, (n & 0x7f) + 1);
		assert(!kt_assembler_feed(a, data, n));
		data += n;
		size -= n;
	}
	drain(a, dig);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct digest whole = { 0 }, pieces = { 0 };
	const void *rest_whole, *rest_pieces;
	struct kt_assembler a, b;
	size_t nr_cuts, left;

	if (!size || data[0] >= size)
		return 0;
	kt_log_set_level(KT_LOG_ERR);
	nr_cuts = data[0];
	data++;
	size--;

	kt_assembler_init(&a);
	kt_assembler_init(&b);
	assert(!kt_assembler_feed(&a, data + nr_cuts, size - nr_cuts));
	drain(&a, &whole);
	feed_in_pieces(&b, &pieces, data, nr_cuts, data + nr_cuts,
		       size - nr_cuts);
	/* What is dropped for its size takes along what is behind it. */
	if (!a.dropped_bytes && !b.dropped_bytes) {
		assert(whole.frames == pieces.frames && whole.crc == pieces.crc);
		assert(a.bad_crc == b.bad_crc && a.bad_pad == b.bad_pad);
		left = kt_assembler_residue(&a, &rest_whole);
		assert(left == kt_assembler_residue(&b, &rest_pieces));
		assert(!left || !memcmp(rest_whole, rest_pieces, left));
	}
	kt_assembler_fini(&a);
	kt_assembler_fini(&b);
	return 0;
}
