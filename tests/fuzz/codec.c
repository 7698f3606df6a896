// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cursors: the input is a list of items to write, each an opcode and its
 * bytes. They go into a buffer whose size the first byte chooses; what was
 * written must read back the same, and never from or to beyond the buffer.
 */
#include <assert.h>

#include "ktstr/wire/codec.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

enum item {
	U8,
	U16,
	U32,
	U64,
	STR,
	LONG_STR,
	NR_ITEMS,
};

static char long_str[UINT16_MAX + 2];

static u64 number(const u8 *data, size_t width)
{
	u64 v = 0;

	memcpy(&v, data, width);
	return v;
}

static void put(struct kt_enc *e, u8 item, const u8 *data)
{
	char s[2] = { (char)(data[0] ?: 'x') };

	switch (item) {
	case U8:
		return kt_enc_u8(e, data[0]);
	case U16:
		return kt_enc_u16(e, number(data, 2));
	case U32:
		return kt_enc_u32(e, number(data, 4));
	case U64:
		return kt_enc_u64(e, number(data, 8));
	case STR:
		return kt_enc_str(e, s);
	case LONG_STR:
		memset(long_str, 'l', sizeof(long_str) - 1);
		return kt_enc_str(e, long_str);
	}
}

static void check(struct kt_dec *d, u8 item, const u8 *data)
{
	char s[2];

	switch (item) {
	case U8:
		assert(kt_dec_u8(d) == data[0]);
		break;
	case U16:
		assert(kt_dec_u16(d) == number(data, 2));
		break;
	case U32:
		assert(kt_dec_u32(d) == number(data, 4));
		break;
	case U64:
		assert(kt_dec_u64(d) == number(data, 8));
		break;
	case STR:
		kt_dec_str(d, s, sizeof(s));
		assert((u8)s[0] == (data[0] ?: 'x') && !s[1]);
	}
	assert(!d->bad);
}

/* Reads the raw bytes by the same opcodes, into strings of any room. */
static void read_any(const u8 *data, size_t size)
{
	struct kt_dec d;
	char s[256];
	size_t room;
	u8 item;

	kt_dec_init(&d, data, size);
	while (!d.bad && d.pos < size) {
		item = kt_dec_u8(&d);
		if (item % NR_ITEMS < STR) {
			kt_dec_u16(&d);
			continue;
		}
		room = item / NR_ITEMS;
		s[0] = '\0';
		kt_dec_str(&d, s, room);
		assert(strlen(s) < max_t(size_t, room, 1));
	}
	assert(kt_dec_finish(&d) == (d.bad || d.pos != size ? -EPROTO : 0));
}

#define ITEM_BYTES	9

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 buf[256];
	struct kt_enc e;
	struct kt_dec d;
	size_t at;

	if (!size)
		return 0;
	read_any(data, size);
	kt_enc_init(&e, buf, data[0]);
	for (at = 1; at + ITEM_BYTES <= size; at += ITEM_BYTES)
		put(&e, data[at] % NR_ITEMS, data + at + 1);
	assert(e.bad || e.len_bytes <= data[0]);
	if (kt_enc_finish(&e) < 0)
		return 0;
	kt_dec_init(&d, buf, e.len_bytes);
	for (at = 1; at + ITEM_BYTES <= size; at += ITEM_BYTES)
		check(&d, data[at] % NR_ITEMS, data + at + 1);
	assert(!kt_dec_finish(&d));
	return 0;
}
