// SPDX-License-Identifier: GPL-2.0-only
/*
 * Encoding of AML (ACPI 6.3, chapter 20) and of resource descriptors (6.4).
 * What does not fit is left out and remembered, so that callers check once.
 */
#include "aml.h"

#define OP_ZERO		0x00
#define OP_ONE		0x01
#define OP_NAME		0x08
#define OP_BYTE		0x0a
#define OP_WORD		0x0b
#define OP_DWORD	0x0c
#define OP_STRING	0x0d
#define OP_QWORD	0x0e
#define OP_SCOPE	0x10
#define OP_BUFFER	0x11
#define OP_PACKAGE	0x12
#define OP_EXT		0x5b
#define OP_EXT_DEVICE	0x82
#define NAME_BYTES	4

#define RES_IO		0x47	/* small, 7 bytes */
#define RES_END		0x79	/* small, 1 byte: a checksum, 0 is none */
#define RES_MEM32_FIXED	0x86
#define RES_IRQ		0x89
#define RES_IRQ_EDGE_CONSUMER	0x03	/* active high, exclusive */

void kt_aml_init(struct kt_aml *a, void *buf, size_t size)
{
	*a = (struct kt_aml){ .buf = buf, .size = size };
}

static void put(struct kt_aml *a, const void *data, size_t len)
{
	if (a->full || len > a->size - a->len) {
		a->full = true;
		return;
	}
	memcpy(a->buf + a->len, data, len);
	a->len += len;
}

static void put_byte(struct kt_aml *a, u8 v)
{
	put(a, &v, sizeof(v));
}

static void put_int(struct kt_aml *a, u64 v)
{
	size_t bytes = v > UINT32_MAX ? 8 : v > UINT16_MAX ? 4 :
		       v > UINT8_MAX ? 2 : 1;

	if (v <= 1) {
		put_byte(a, v ? OP_ONE : OP_ZERO);
		return;
	}
	put_byte(a, bytes == 8 ? OP_QWORD : bytes == 4 ? OP_DWORD :
		 bytes == 2 ? OP_WORD : OP_BYTE);
	put(a, &v, bytes);
}

static void put_name(struct kt_aml *a, const char *name)
{
	put_byte(a, OP_NAME);
	put(a, name, NAME_BYTES);
}

/* Puts the length of what is behind @mark in front of it. */
void kt_aml_end(struct kt_aml *a, size_t mark)
{
	size_t body = a->len - mark, extra, total;
	u8 len[3];

	extra = body + 1 < 1 << 6 ? 0 : body + 2 < 1 << 12 ? 1 : 2;
	total = body + 1 + extra;
	if (a->full || extra + 1 > a->size - a->len || total >= 1 << 20) {
		a->full = true;
		return;
	}
	len[0] = extra ? extra << 6 | (total & 0xf) : total;
	len[1] = total >> 4;
	len[2] = total >> 12;
	memmove(a->buf + mark + 1 + extra, a->buf + mark, body);
	memcpy(a->buf + mark, len, 1 + extra);
	a->len += 1 + extra;
}

size_t kt_aml_system_bus(struct kt_aml *a)
{
	size_t mark;

	put_byte(a, OP_SCOPE);
	mark = a->len;
	put(a, "_SB_", NAME_BYTES);
	return mark;
}

size_t kt_aml_device(struct kt_aml *a, const char *name)
{
	size_t mark;

	put_byte(a, OP_EXT);
	put_byte(a, OP_EXT_DEVICE);
	mark = a->len;
	put(a, name, NAME_BYTES);
	return mark;
}

void kt_aml_name_int(struct kt_aml *a, const char *name, u64 v)
{
	put_name(a, name);
	put_int(a, v);
}

void kt_aml_name_string(struct kt_aml *a, const char *name, const char *s)
{
	put_name(a, name);
	put_byte(a, OP_STRING);
	put(a, s, strlen(s) + 1);
}

static u8 hex_digit(char c)
{
	return c >= 'A' ? c - 'A' + 10 : c - '0';
}

/* Three letters of 5 bits each and four digits, in big-endian order. */
void kt_aml_name_eisa(struct kt_aml *a, const char *name, const char *eisa_id)
{
	u16 maker = (eisa_id[0] & 0x1f) << 10 | (eisa_id[1] & 0x1f) << 5 |
		    (eisa_id[2] & 0x1f);
	u8 id[] = {
		maker >> 8, maker,
		hex_digit(eisa_id[3]) << 4 | hex_digit(eisa_id[4]),
		hex_digit(eisa_id[5]) << 4 | hex_digit(eisa_id[6]),
	};

	put_name(a, name);
	put_byte(a, OP_DWORD);
	put(a, id, sizeof(id));
}

void kt_aml_name_package(struct kt_aml *a, const char *name, const u64 *v,
			 u8 nr)
{
	size_t mark;
	u32 i;

	put_name(a, name);
	put_byte(a, OP_PACKAGE);
	mark = a->len;
	put_byte(a, nr);
	for (i = 0; i < nr; i++)
		put_int(a, v[i]);
	kt_aml_end(a, mark);
}

void kt_aml_name_res(struct kt_aml *a, const char *name,
		     const struct kt_aml_res *res)
{
	static const u8 end[] = { RES_END, 0 };
	size_t mark;

	put_name(a, name);
	put_byte(a, OP_BUFFER);
	mark = a->len;
	put_int(a, res->len + sizeof(end));
	put(a, res->bytes, res->len);
	put(a, end, sizeof(end));
	kt_aml_end(a, mark);
}

static void put_res(struct kt_aml_res *res, const void *data, u32 len)
{
	if (len > sizeof(res->bytes) - res->len)
		return;
	memcpy(res->bytes + res->len, data, len);
	res->len += len;
}

void kt_aml_res_io(struct kt_aml_res *res, u16 port, u8 len_bytes)
{
	struct {
		u8 tag;
		u8 decode;
		__le16 min, max;
		u8 align;
		u8 len;
	} __packed io = {
		RES_IO, 1 /* 16 bits */, port, port, 1, len_bytes,
	};

	put_res(res, &io, sizeof(io));
}

void kt_aml_res_mem32(struct kt_aml_res *res, u32 base, u32 len_bytes)
{
	struct {
		u8 tag;
		__le16 len;
		u8 writable;
		__le32 base, size;
	} __packed mem = {
		RES_MEM32_FIXED, sizeof(mem) - 3, 1, base, len_bytes,
	};

	put_res(res, &mem, sizeof(mem));
}

void kt_aml_res_irq(struct kt_aml_res *res, u32 gsi)
{
	struct {
		u8 tag;
		__le16 len;
		u8 flags;
		u8 nr;
		__le32 gsi;
	} __packed irq = {
		RES_IRQ, sizeof(irq) - 3, RES_IRQ_EDGE_CONSUMER, 1, gsi,
	};

	put_res(res, &irq, sizeof(irq));
}
