// SPDX-License-Identifier: GPL-2.0-only
/*
 * The assembler under more bytes than a fuzzer writes: the input is a list of
 * steps of five bytes, one that says what to do and a number. So frames can be
 * as long as they may be, and longer, and arrive or stay away.
 */
#include <assert.h>

#include "ktstr/base/log.h"
#include "ktstr/wire/frame.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define STEP_BYTES	5
#define MAX_FED		(80u << 20)	/* of one input: time is limited */
#define MAX_BUFFERED	(2 * (size_t)KT_FRAME_MAX_PAYLOAD)

enum step {
	HEADER,		/* a header that announces so many bytes */
	WRONG_HEADER,	/* with something where zero belongs */
	BYTES,		/* so many bytes more */
	MIB,		/* the same in MiB, up to 32 */
	DRAIN,
	NR_STEPS,
};

static u8 filler[MAX_BUFFERED + 4096];

struct run {
	struct kt_assembler a;
	u64 fed_bytes;
	u64 yielded_bytes;
};

static void feed(struct run *r, const void *data, size_t len)
{
	if (r->fed_bytes + len > MAX_FED)
		return;
	assert(!kt_assembler_feed(&r->a, data, len));
	r->fed_bytes += len;
}

static void feed_header(struct run *r, u32 len, u32 pad)
{
	struct kt_frame_hdr hdr;

	if (kt_frame_encode_hdr(&hdr, 0x54455354, filler,
				min_t(size_t, len, sizeof(filler)))) {
		assert(len > KT_FRAME_MAX_PAYLOAD);
		memset(&hdr, 0, sizeof(hdr));
		hdr.length = cpu_to_le32(len);
	}
	hdr._pad = cpu_to_le32(pad);
	feed(r, &hdr, sizeof(hdr));
}

static void drain(struct run *r)
{
	struct kt_frame f;

	while (kt_assembler_next(&r->a, &f)) {
		assert(f.len_bytes <= KT_FRAME_MAX_PAYLOAD);
		r->yielded_bytes += sizeof(struct kt_frame_hdr) + f.len_bytes;
	}
}

static void step(struct run *r, u8 what, u32 number)
{
	switch (what % NR_STEPS) {
	case HEADER:
		return feed_header(r, number, 0);
	case WRONG_HEADER:
		return feed_header(r, number, number);
	case BYTES:
		return feed(r, filler, number % sizeof(filler));
	case MIB:
		return feed(r, filler, (size_t)(number % 33) << 20);
	case DRAIN:
		return drain(r);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct run r = { 0 };
	const void *rest;
	size_t left;
	__le32 number;

	kt_log_set_level(KT_LOG_ERR);
	kt_assembler_init(&r.a);
	for (; size >= STEP_BYTES; data += STEP_BYTES, size -= STEP_BYTES) {
		memcpy(&number, data + 1, sizeof(number));
		step(&r, data[0], le32_to_cpu(number));
		assert(r.a.cap_bytes <= MAX_BUFFERED);
	}
	drain(&r);
	/* every byte is accounted for */
	left = kt_assembler_residue(&r.a, &rest);
	assert(r.fed_bytes == r.yielded_bytes + r.a.dropped_bytes + left);
	kt_assembler_fini(&r.a);
	return 0;
}
