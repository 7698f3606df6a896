// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cursors that all payloads are written and read with. Integers go byte by
 * byte, little endian, so that neither the host's byte order nor the alignment
 * of a payload matters.
 */
#include <limits.h>

#include "codec.h"

void kt_enc_init(struct kt_enc *e, void *buf, size_t size)
{
	e->buf = buf;
	e->size = size;
	e->len_bytes = 0;
	e->bad = false;
}

void kt_enc_bytes(struct kt_enc *e, const void *data, size_t len_bytes)
{
	if (e->bad || len_bytes > e->size - e->len_bytes) {
		e->bad = true;
		return;
	}
	if (len_bytes)
		memcpy(e->buf + e->len_bytes, data, len_bytes);
	e->len_bytes += len_bytes;
}

static void put(struct kt_enc *e, u64 v, size_t width)
{
	u8 bytes[8];
	size_t i;

	for (i = 0; i < width; i++)
		bytes[i] = v >> (8 * i);
	kt_enc_bytes(e, bytes, width);
}

void kt_enc_u8(struct kt_enc *e, u8 v)
{
	put(e, v, 1);
}

void kt_enc_u16(struct kt_enc *e, u16 v)
{
	put(e, v, 2);
}

void kt_enc_u32(struct kt_enc *e, u32 v)
{
	put(e, v, 4);
}

void kt_enc_u64(struct kt_enc *e, u64 v)
{
	put(e, v, 8);
}

void kt_enc_str(struct kt_enc *e, const char *s)
{
	size_t len = strlen(s);

	if (len > UINT16_MAX) {
		e->bad = true;
		return;
	}
	kt_enc_u16(e, len);
	kt_enc_bytes(e, s, len);
}

int kt_enc_finish(const struct kt_enc *e)
{
	return e->bad || e->len_bytes > INT_MAX ? -EMSGSIZE : (int)e->len_bytes;
}

void kt_dec_init(struct kt_dec *d, const void *buf, size_t len_bytes)
{
	d->buf = buf;
	d->len_bytes = len_bytes;
	d->pos = 0;
	d->bad = false;
}

void kt_dec_bytes(struct kt_dec *d, void *data, size_t len_bytes)
{
	if (d->bad || len_bytes > d->len_bytes - d->pos) {
		d->bad = true;
		memset(data, 0, len_bytes);
		return;
	}
	if (len_bytes)
		memcpy(data, d->buf + d->pos, len_bytes);
	d->pos += len_bytes;
}

static u64 get(struct kt_dec *d, size_t width)
{
	u8 bytes[8];
	u64 v = 0;
	size_t i;

	kt_dec_bytes(d, bytes, width);
	for (i = 0; i < width; i++)
		v |= (u64)bytes[i] << (8 * i);
	return v;
}

u8 kt_dec_u8(struct kt_dec *d)
{
	return get(d, 1);
}

u16 kt_dec_u16(struct kt_dec *d)
{
	return get(d, 2);
}

u32 kt_dec_u32(struct kt_dec *d)
{
	return get(d, 4);
}

u64 kt_dec_u64(struct kt_dec *d)
{
	return get(d, 8);
}

void kt_dec_str(struct kt_dec *d, char *s, size_t size)
{
	size_t len = kt_dec_u16(d);

	if (!size) {
		d->bad = true;
		return;
	}
	kt_dec_require(d, len < size);
	if (d->bad)
		len = 0;
	kt_dec_bytes(d, s, len);
	if (d->bad || memchr(s, '\0', len)) {
		d->bad = true;
		len = 0;
	}
	s[len] = '\0';
}

void kt_dec_require(struct kt_dec *d, bool cond)
{
	if (!cond)
		d->bad = true;
}

int kt_dec_finish(const struct kt_dec *d)
{
	return d->bad || d->pos != d->len_bytes ? -EPROTO : 0;
}
