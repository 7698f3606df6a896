/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cursor over a payload, little endian. Any read or write past the end
 * makes the cursor `bad` and yields zeroes from then on, so that a coder is a
 * straight line with one check at its end.
 */
#ifndef KTSTR_WIRE_CODEC_H
#define KTSTR_WIRE_CODEC_H

#include "../base/types.h"

struct kt_enc {
	u8 *buf;
	size_t size;
	size_t len_bytes;
	bool bad;
};

struct kt_dec {
	const u8 *buf;
	size_t len_bytes;
	size_t pos;
	bool bad;
};

void kt_enc_init(struct kt_enc *e, void *buf, size_t size);
void kt_enc_u8(struct kt_enc *e, u8 v);
void kt_enc_u16(struct kt_enc *e, u16 v);
void kt_enc_u32(struct kt_enc *e, u32 v);
void kt_enc_u64(struct kt_enc *e, u64 v);
void kt_enc_bytes(struct kt_enc *e, const void *data, size_t len_bytes);
/* u16 length, then the bytes without a NUL. */
void kt_enc_str(struct kt_enc *e, const char *s);
/* Bytes written, or -EMSGSIZE when @e is bad. */
int kt_enc_finish(const struct kt_enc *e);

void kt_dec_init(struct kt_dec *d, const void *buf, size_t len_bytes);
u8 kt_dec_u8(struct kt_dec *d);
u16 kt_dec_u16(struct kt_dec *d);
u32 kt_dec_u32(struct kt_dec *d);
u64 kt_dec_u64(struct kt_dec *d);
void kt_dec_bytes(struct kt_dec *d, void *data, size_t len_bytes);
/* Into @s of @size with a NUL; a longer one, or one with a NUL in it, is bad. */
void kt_dec_str(struct kt_dec *d, char *s, size_t size);
/* Marks @d bad unless @cond: for ranges and enumerations. */
void kt_dec_require(struct kt_dec *d, bool cond);
/* 0 when everything was read and nothing is left over, else -EPROTO. */
int kt_dec_finish(const struct kt_dec *d);

#endif /* KTSTR_WIRE_CODEC_H */
