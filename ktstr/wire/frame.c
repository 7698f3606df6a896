// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames out of a byte stream. The assembler keeps what was received and not
 * yet consumed in one buffer, [head, tail). It grows by bytes that really
 * arrived, geometrically and up to twice the cap, and is moved down only when
 * that is paid for by as many bytes consumed. What a guest can make it say is
 * limited to a few lines; everything is counted.
 */
#include <zlib.h>

#include "../base/log.h"
#include "frame.h"

#define BUF_MIN_BYTES	4096u
#define BUF_MAX_BYTES	(2 * (size_t)KT_FRAME_MAX_PAYLOAD)
#define MAX_LOGGED	8	/* lines of one kind in a run */

int kt_frame_encode_hdr(struct kt_frame_hdr *hdr, u32 msg_type,
			const void *payload, size_t len_bytes)
{
	u32 crc = len_bytes > KT_FRAME_MAX_PAYLOAD ? 0 :
		  crc32(0, payload, len_bytes);

	return kt_frame_encode_hdr_crc(hdr, msg_type, len_bytes, crc);
}

int kt_frame_encode_hdr_crc(struct kt_frame_hdr *hdr, u32 msg_type,
			    size_t len_bytes, u32 crc)
{
	if (len_bytes > KT_FRAME_MAX_PAYLOAD)
		return -EMSGSIZE;
	hdr->msg_type = cpu_to_le32(msg_type);
	hdr->length = cpu_to_le32((u32)len_bytes);
	hdr->crc32 = cpu_to_le32(crc);
	hdr->_pad = 0;
	return 0;
}

void kt_assembler_init(struct kt_assembler *a)
{
	memset(a, 0, sizeof(*a));
}

void kt_assembler_fini(struct kt_assembler *a)
{
	free(a->buf);
	kt_assembler_init(a);
}

static void move_down(struct kt_assembler *a)
{
	size_t live = a->tail - a->head;

	if (live)
		memmove(a->buf, a->buf + a->head, live);
	a->head = 0;
	a->tail = live;
}

static int grow(struct kt_assembler *a, size_t want_bytes)
{
	size_t live = a->tail - a->head;
	size_t cap = min(a->cap_bytes * 2, BUF_MAX_BYTES);
	u8 *buf;

	cap = max(cap, max_t(size_t, want_bytes, BUF_MIN_BYTES));
	buf = malloc(cap);
	if (!buf)
		return -ENOMEM;
	if (live)
		memcpy(buf, a->buf + a->head, live);
	free(a->buf);
	a->buf = buf;
	a->cap_bytes = cap;
	a->head = 0;
	a->tail = live;
	return 0;
}

/* Makes room for @len_bytes behind tail; live and @len_bytes fit the maximum. */
static int make_room(struct kt_assembler *a, size_t len_bytes)
{
	size_t live = a->tail - a->head;
	size_t want = live + len_bytes;

	if (len_bytes <= a->cap_bytes - a->tail)
		return 0;
	/* Fewer bytes to move than were consumed: linear over the stream. */
	if (want <= a->cap_bytes && live <= a->head) {
		move_down(a);
		return 0;
	}
	if (a->cap_bytes < BUF_MAX_BYTES && !grow(a, want))
		return 0;
	if (want > a->cap_bytes)
		return -ENOMEM;
	move_down(a);
	return 0;
}

int kt_assembler_reserve(struct kt_assembler *a, size_t len_bytes)
{
	int ret = len_bytes > BUF_MAX_BYTES - (a->tail - a->head) ? -ENOMEM :
		  make_room(a, len_bytes);

	if (!ret)
		memset(a->buf + a->tail, 0, len_bytes);
	return ret;
}

static void drop_all(struct kt_assembler *a)
{
	a->dropped_bytes += a->tail - a->head;
	a->head = 0;
	a->tail = 0;
}

int kt_assembler_feed(struct kt_assembler *a, const void *data,
		      size_t len_bytes)
{
	int err;

	if (!len_bytes)
		return 0;
	if (len_bytes > BUF_MAX_BYTES - (a->tail - a->head)) {
		drop_all(a);
		a->dropped_bytes += len_bytes;
		if (++a->overflows <= MAX_LOGGED)
			kt_warn("frame stream: more than %zu bytes without a complete frame, all dropped",
				BUF_MAX_BYTES);
		return 0;
	}
	err = make_room(a, len_bytes);
	if (err) {
		a->dropped_bytes += len_bytes;
		return kt_err(err, "frame stream: no memory for %zu bytes more, they are lost",
			      len_bytes);
	}
	memcpy(a->buf + a->tail, data, len_bytes);
	a->tail += len_bytes;
	return 0;
}

static void check_pad(struct kt_assembler *a, const struct kt_frame_hdr *hdr)
{
	if (!hdr->_pad)
		return;
	if (++a->bad_pad <= MAX_LOGGED)
		kt_warn("frame stream: header of type %#010x has %#x where zero belongs",
			le32_to_cpu(hdr->msg_type), le32_to_cpu(hdr->_pad));
}

bool kt_assembler_next(struct kt_assembler *a, struct kt_frame *frame)
{
	size_t live = a->tail - a->head;
	struct kt_frame_hdr hdr;
	u32 len;

	if (live < sizeof(hdr))
		return false;
	memcpy(&hdr, a->buf + a->head, sizeof(hdr));
	len = le32_to_cpu(hdr.length);
	if (live - sizeof(hdr) < len)
		return false;
	if (len > KT_FRAME_MAX_PAYLOAD) {
		if (++a->oversized <= MAX_LOGGED)
			kt_warn("frame stream: frame of type %#010x has %u bytes, more than %u; %zu bytes dropped",
				le32_to_cpu(hdr.msg_type), len,
				KT_FRAME_MAX_PAYLOAD, live);
		drop_all(a);
		return false;
	}
	check_pad(a, &hdr);
	frame->msg_type = le32_to_cpu(hdr.msg_type);
	frame->len_bytes = len;
	frame->payload = a->buf + a->head + sizeof(hdr);
	frame->crc_ok = crc32(0, frame->payload, len) == le32_to_cpu(hdr.crc32);
	a->head += sizeof(hdr) + len;
	a->frames++;
	a->bad_crc += !frame->crc_ok;
	return true;
}

size_t kt_assembler_residue(const struct kt_assembler *a, const void **data)
{
	size_t live = a->tail - a->head;

	*data = live ? a->buf + a->head : NULL;
	return live;
}
