/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame: a 16-byte header and a payload, on one byte stream per virtual
 * machine. Encoding is one function; decoding is an assembler that is fed
 * with whatever bytes arrived and yields the complete frames among them. It
 * does no I/O and trusts nothing it reads.
 */
#ifndef KTSTR_WIRE_FRAME_H
#define KTSTR_WIRE_FRAME_H

#include "../base/types.h"

#define KT_FRAME_MAX_PAYLOAD	(16u << 20)

struct kt_frame_hdr {
	__le32 msg_type;	/* enum kt_tag */
	__le32 length;		/* payload bytes that follow */
	__le32 crc32;		/* zlib's crc32 of the payload alone */
	__le32 _pad;		/* zero */
} __packed;

/* One received frame: a view, good until the assembler is touched again. */
struct kt_frame {
	u32 msg_type;
	u32 len_bytes;
	const void *payload;
	bool crc_ok;
};

/* Fills @hdr for @payload. -EMSGSIZE above KT_FRAME_MAX_PAYLOAD. */
int kt_frame_encode_hdr(struct kt_frame_hdr *hdr, u32 msg_type,
			const void *payload, size_t len_bytes);
/* Likewise, of a payload whose CRC is known. */
int kt_frame_encode_hdr_crc(struct kt_frame_hdr *hdr, u32 msg_type,
			    size_t len_bytes, u32 crc);

struct kt_assembler {
	u8 *buf;
	size_t cap_bytes;
	size_t head;		/* first byte not yet consumed */
	size_t tail;		/* end of the bytes received */
	u64 frames;		/* yielded in all */
	u64 bad_crc;		/* of those, with crc_ok false */
	u64 oversized;		/* frames announced above the cap */
	u64 overflows;		/* times more than twice the cap was buffered */
	u64 dropped_bytes;
	u64 bad_pad;		/* headers with a non-zero _pad */
};

void kt_assembler_init(struct kt_assembler *a);
void kt_assembler_fini(struct kt_assembler *a);

/* Has room for @len_bytes more, in pages that are there. -ENOMEM. */
int kt_assembler_reserve(struct kt_assembler *a, size_t len_bytes);

/*
 * Takes @len_bytes of the stream. -ENOMEM is the only error, and the stream
 * goes on after it (the bytes are lost and counted as dropped). Frames handed
 * out before become invalid.
 */
int kt_assembler_feed(struct kt_assembler *a, const void *data,
		      size_t len_bytes);

/* The next complete frame: true and @frame, or false when more is needed. */
bool kt_assembler_next(struct kt_assembler *a, struct kt_frame *frame);

/* What is left at the end of a run: bytes of a frame never completed. */
size_t kt_assembler_residue(const struct kt_assembler *a, const void **data);

#endif /* KTSTR_WIRE_FRAME_H */
