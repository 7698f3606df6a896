// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold's layout: where the box is, its number, and zeroes.
 */
#include <zlib.h>

#include "codec.h"
#include "frame.h"
#include "hold.h"
#include "msg.h"

#define HEAD_BYTES	16

int kt_hold_encode(const struct kt_hold *h, void *buf, size_t size)
{
	struct kt_enc e;

	if (size < KT_HOLD_BYTES)
		return -EMSGSIZE;
	memset(buf, 0, KT_HOLD_BYTES);
	kt_enc_init(&e, buf, HEAD_BYTES);
	kt_enc_u64(&e, h->box_gpa);
	kt_enc_u64(&e, h->seq);
	return kt_enc_finish(&e) < 0 ? -EMSGSIZE : (int)KT_HOLD_BYTES;
}

u32 kt_hold_padding_crc(void)
{
	static const u8 zeroes[KT_HOLD_BYTES - HEAD_BYTES];

	return crc32(0, zeroes, sizeof(zeroes));
}

u32 kt_hold_crc(const void *payload, u32 padding)
{
	return crc32_combine(crc32(0, payload, HEAD_BYTES), padding,
			     KT_HOLD_BYTES - HEAD_BYTES);
}

bool kt_hold_begun(struct kt_hold *h, const void *data, size_t len_bytes)
{
	struct kt_frame_hdr hdr;
	struct kt_dec d;

	if (len_bytes < sizeof(hdr) + HEAD_BYTES ||
	    len_bytes >= sizeof(hdr) + KT_HOLD_BYTES)
		return false;
	memcpy(&hdr, data, sizeof(hdr));
	if (le32_to_cpu(hdr.msg_type) != KT_TAG_HOLD ||
	    le32_to_cpu(hdr.length) != KT_HOLD_BYTES)
		return false;
	kt_dec_init(&d, (const u8 *)data + sizeof(hdr), HEAD_BYTES);
	h->box_gpa = kt_dec_u64(&d);
	h->seq = kt_dec_u64(&d);
	return !kt_dec_finish(&d);
}
