// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Hold that has begun, and the box that it names. The input is how many bytes
 * of answers wait, what the box begins with, and the guest's stream. Answers go
 * whole into the box that belongs to the Hold, and nothing else is written.
 */
#include <assert.h>

#include "ktstr/coord/hold.h"
#include "ktstr/wire/msg.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define BOX_GPA		0x2000u
#define RAM_BYTES	0x4000u
#define FILLER		0xa5

struct input {
	__le16 answers;		/* bytes that wait */
	u8 box[24];		/* what it begins with */
} __packed;

static u8 ram[RAM_BYTES] __attribute__((aligned(4096)));

static void check_rest(void)
{
	size_t i;

	for (i = 0; i < RAM_BYTES; i++)
		assert(ram[i] == FILLER ||
		       (i >= BOX_GPA && i < BOX_GPA + KT_HOLD_BOX_BYTES));
}

/* What was read of it is what it would be made of. */
static void check_head(const struct kt_hold *h, const u8 *stream, size_t size)
{
	static u8 payload[KT_HOLD_BYTES];
	struct kt_frame_hdr hdr;

	assert(kt_hold_encode(h, payload, sizeof(payload)) == KT_HOLD_BYTES);
	assert(!kt_frame_encode_hdr(&hdr, KT_TAG_HOLD, payload, sizeof(payload)));
	assert(kt_frame_encode_hdr(&hdr, KT_TAG_HOLD, payload,
				   KT_FRAME_MAX_PAYLOAD + 1) == -EMSGSIZE);
	assert(le32_to_cpu(hdr.crc32) ==
	       kt_hold_crc(payload, kt_hold_padding_crc()));
	assert(size >= sizeof(struct kt_frame_hdr) + 16);
	assert(!memcmp(stream + sizeof(struct kt_frame_hdr), payload, 16));
	assert(kt_hold_encode(h, payload, sizeof(payload) - 1) == -EMSGSIZE);
}

static void answer(struct kt_coord_hold *h, size_t nr_bytes)
{
	static u8 answers[UINT16_MAX];
	struct kt_machine m = {
		.nr_regions = 1,
		.regions = { { .gpa = 0, .size_bytes = RAM_BYTES, .hva = ram } },
	};
	struct kt_outbox o = {};

	if (nr_bytes)
		assert(!kt_outbox_add(&o, KT_TAG_SNAPSHOT_REPLY, answers, nr_bytes));
	/* as many turns as a guest may have */
	do {
		size_t before = o.tail - o.head;

		h->stands = true;
		if (!kt_coord_hold_end(h, &m, &o))
			break;
		assert(!before || o.tail - o.head < before);
	} while (h->more);
	check_rest();
	kt_outbox_fini(&o);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_coord_hold h = {};
	struct kt_assembler a;
	struct input in;

	if (size < sizeof(in))
		return 0;
	memcpy(&in, data, sizeof(in));
	data += sizeof(in);
	size -= sizeof(in);
	memset(ram, FILLER, sizeof(ram));
	memcpy(ram + BOX_GPA, in.box, sizeof(in.box));
	kt_assembler_init(&a);
	if (!kt_assembler_feed(&a, data, size))
		kt_coord_hold_look(&h, &a);
	if (h.begun) {
		check_head(&h.at, data, size);
		answer(&h, le16_to_cpu(in.answers));
	}
	kt_coord_hold_over(&h);
	assert(!h.begun && !h.stands);
	kt_assembler_fini(&a);
	return 0;
}
