/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzz targets of the frame stream share: bytes of a fuzzer made into
 * frames that pass the first gate.
 */
#ifndef KTSTR_FUZZ_STREAM_H
#define KTSTR_FUZZ_STREAM_H

#include <zlib.h>

#include "ktstr/wire/frame.h"

/* Every complete frame gets the CRC it should have: few would by chance. */
static inline void repair_crcs(u8 *stream, size_t size)
{
	struct kt_frame_hdr hdr;
	size_t at = 0;
	u32 len;

	while (size - at >= sizeof(hdr)) {
		memcpy(&hdr, stream + at, sizeof(hdr));
		len = le32_to_cpu(hdr.length);
		if (len > size - at - sizeof(hdr))
			return;
		hdr.crc32 = cpu_to_le32((u32)crc32(0, stream + at + sizeof(hdr), len));
		memcpy(stream + at, &hdr, sizeof(hdr));
		at += sizeof(hdr) + len;
	}
}

#endif /* KTSTR_FUZZ_STREAM_H */
