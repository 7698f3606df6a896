// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers and text out of bytes, little-endian as every guest here. BTF may
 * claim any width: what is wider than its bytes is cut to them.
 */
#include <math.h>

#include "../base/strbuf.h"
#include "render_scalar.h"

#define MAX_TEXT	1024	/* bytes of one array of char */

const char *kt_render_name(const struct btf *btf, u32 name_off,
			   char buf[KT_RENDER_NAME_BYTES])
{
	const char *name = btf__name_by_offset(btf, name_off) ?: "";
	size_t len;

	/* one may be as long as all of the BTF */
	len = kt_utf8_cut(name, strnlen(name, KT_RENDER_NAME_BYTES),
			  KT_RENDER_NAME_BYTES - 1);
	memcpy(buf, name, len);
	buf[len] = '\0';
	return buf;
}

static s64 sign_extend(u64 v, u32 bits)
{
	return bits && bits < 64 ? (s64)(v << (64 - bits)) >> (64 - bits) :
				   (s64)v;
}

static json_t *wide(unsigned __int128 v)
{
	u64 high = v >> 64, low = v;

	if (!high)
		return kt_json_hex(low);
	return kt_json_textf("0x%llx%016llx", (unsigned long long)high,
			     (unsigned long long)low);
}

static json_t *boolean(u64 v)
{
	if (v > 1)
		return kt_json_textf("true (%llu)", (unsigned long long)v);
	return json_boolean(v);
}

bool kt_render_is_char(const struct btf *btf, const struct btf_type *t)
{
	const char *name;

	if (!t || !btf_is_int(t) || t->size != 1)
		return false;
	/* compilers do not set the encoding */
	name = btf__name_by_offset(btf, t->name_off);
	return btf_int_encoding(t) & BTF_INT_CHAR ||
	       (name && !strcmp(name, "char"));
}

static json_t *integer(const struct btf *btf, const struct btf_type *t,
		       unsigned __int128 v, u32 bits)
{
	u8 encoding = btf_int_encoding(t);

	if (bits > 64)
		return wide(v);
	if (encoding & BTF_INT_BOOL)
		return boolean(v);
	if (bits == 8 && v >= 0x20 && v < 0x7f && kt_render_is_char(btf, t))
		return kt_json_textf("'%c' (%u)", (int)v, (u32)v);
	if (encoding & BTF_INT_SIGNED)
		return json_integer(sign_extend(v, bits));
	return kt_json_u64(v);
}

static const char *enumerator(const struct btf *btf, const struct btf_type *t,
			      s64 v, char *name)
{
	const struct btf_enum64 *wide_ones = btf_enum64(t);
	const struct btf_enum *ones = btf_enum(t);
	u32 i;

	for (i = 0; i < btf_vlen(t); i++) {
		if (btf_is_enum(t) ? ones[i].val == (s32)v :
		    btf_enum64_value(&wide_ones[i]) == (u64)v)
			return kt_render_name(btf, btf_is_enum(t) ?
					      ones[i].name_off :
					      wide_ones[i].name_off, name);
	}
	return "";
}

static json_t *enumeration(const struct btf *btf, const struct btf_type *t,
			   u64 v, u32 bits)
{
	/* the flag says that it has negative ones */
	s64 n = btf_kflag(t) ? sign_extend(v, bits) : (s64)v;
	char buf[KT_RENDER_NAME_BYTES];
	const char *name = enumerator(btf, t, n, buf);

	if (btf_kflag(t))
		return *name ? kt_json_textf("%s (%lld)", name, (long long)n) :
			       json_integer(n);
	return *name ? kt_json_textf("%s (%llu)", name, (unsigned long long)v) :
		       kt_json_u64(v);
}

static json_t *real(double d)
{
	if (isfinite(d))
		return json_real(d);
	return kt_json_textf("%f", d);
}

static unsigned __int128 load(const u8 *data, u32 bytes)
{
	unsigned __int128 v = 0;

	memcpy(&v, data, min_t(u32, bytes, sizeof(v)));
	return v;
}

static json_t *floating(const u8 *data, u32 bytes)
{
	double d;
	float f;

	switch (bytes) {
	case sizeof(f):
		memcpy(&f, data, sizeof(f));
		return real(f);
	case sizeof(d):
		memcpy(&d, data, sizeof(d));
		return real(d);
	default:
		return wide(load(data, bytes));
	}
}

static json_t *number(const struct btf *btf, const struct btf_type *t,
		      unsigned __int128 v, u32 bits)
{
	if (btf_is_any_enum(t))
		return enumeration(btf, t, v, min_t(u32, bits, 64));
	return integer(btf, t, v, bits);
}

static unsigned __int128 low_bits(unsigned __int128 v, u32 bits)
{
	return bits < 128 ? v & (((unsigned __int128)1 << bits) - 1) : v;
}

json_t *kt_render_scalar(const struct btf *btf, const struct btf_type *t,
			 const u8 *data, u32 bytes)
{
	unsigned __int128 v = load(data, bytes);
	u32 bits = min_t(u32, bytes, sizeof(v)) * 8, shift = 0;

	if (btf_is_float(t))
		return floating(data, bytes);
	/* an int need not use all of its bytes */
	if (btf_is_int(t) && btf_int_bits(t) && btf_int_bits(t) < bits) {
		shift = min_t(u32, btf_int_offset(t), bits - btf_int_bits(t));
		bits = btf_int_bits(t);
	}
	return number(btf, t, low_bits(v >> shift, bits), bits);
}

json_t *kt_render_bits(const struct btf *btf, const struct kt_field *f,
		       const u8 *data)
{
	const struct btf_type *t = btf__type_by_id(btf, f->type_id);
	unsigned __int128 v;

	if (f->size_bytes > sizeof(v))
		return kt_json_textf("? a bitfield over %u bytes",
				     f->size_bytes);
	v = load(data, f->size_bytes) >> f->bit_offset;
	return number(btf, t, low_bits(v, f->bit_size), f->bit_size);
}

static bool is_zero(const u8 *data, u32 bytes)
{
	return !bytes || (!data[0] && !memcmp(data, data + 1, bytes - 1));
}

static bool printable(const u8 *text, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++) {
		if (text[i] == 0x7f ||
		    (text[i] < 0x20 && text[i] != '\t' && text[i] != '\n'))
			return false;
		/* control characters beyond ASCII */
		if (text[i] == 0xc2 && i + 1 < len && text[i + 1] < 0xa0)
			return false;
	}
	return true;
}

json_t *kt_render_chars(const u8 *data, u32 bytes)
{
	u32 len = strnlen((const char *)data, min_t(u32, bytes, MAX_TEXT + 1));
	u32 cut = kt_utf8_cut((const char *)data, len, MAX_TEXT);
	json_t *text;

	/* with nothing before its end, but something behind, it is no text */
	if (!printable(data, cut) || (!len && !is_zero(data, bytes)))
		return NULL;
	text = json_stringn((const char *)data, cut);	/* NULL: no UTF-8 */
	if (!text || cut == len)
		return text;
	json_decref(text);
	return json_sprintf("%.*s... %u more", (int)cut, (const char *)data,
			    (u32)strnlen((const char *)data, bytes) - cut);
}

static json_t *lock(const u8 *data, u32 bytes)
{
	u64 v = load(data, bytes);

	return v ? kt_json_textf("locked (0x%llx)", (unsigned long long)v) :
		   kt_json_textf("unlocked");
}

/* A pointer to the kernel's own part, made when it is first used. */
static json_t *deferred(const u8 *data, u32 bytes)
{
	u64 kva = load(data, min_t(u32, bytes, 8));

	return kva ? kt_json_textf("set up (0x%llx)", (unsigned long long)kva) :
		     kt_json_textf("not set up");
}

static json_t *list_head(const u8 *data, u32 bytes)
{
	u64 next = load(data, min_t(u32, bytes, 8));

	if (!next)
		return kt_json_textf("empty");
	return kt_json_textf("first 0x%llx, last 0x%llx",
			     (unsigned long long)next, (unsigned long long)
			     (bytes < 16 ? 0 : load(data + 8, 8)));
}

static json_t *rb_root(const u8 *data, u32 bytes)
{
	u64 root = load(data, min_t(u32, bytes, 8));

	return root ? kt_json_textf("root 0x%llx", (unsigned long long)root) :
		      kt_json_textf("empty");
}

/* The owner is the last word of a node, list's or tree's. */
static json_t *node(const u8 *data, u32 bytes)
{
	u64 owner = bytes < 16 ? 0 : load(data + bytes - 8, 8);

	return owner ? kt_json_textf("on 0x%llx", (unsigned long long)owner) :
		       kt_json_textf("on none");
}

static json_t *refcount(const u8 *data, u32 bytes)
{
	return kt_json_u64(load(data, min_t(u32, bytes, 4)));
}

static const struct special {
	const char *name;
	json_t *(*render)(const u8 *data, u32 bytes);
} specials[] = {
	{ "bpf_spin_lock", lock },
	{ "bpf_res_spin_lock", lock },
	{ "bpf_timer", deferred },
	{ "bpf_wq", deferred },
	{ "bpf_task_work", deferred },
	{ "bpf_list_head", list_head },
	{ "bpf_list_node", node },
	{ "bpf_rb_root", rb_root },
	{ "bpf_rb_node", node },
	{ "bpf_refcount", refcount },
};

static const struct special *find_special(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(specials); i++)
		if (!strcmp(name, specials[i].name))
			return &specials[i];
	return NULL;
}

bool kt_render_is_special(const char *name)
{
	return find_special(name);
}

json_t *kt_render_special(const char *name, const u8 *data, u32 bytes)
{
	const struct special *special = find_special(name);

	return special ? special->render(data, bytes) : NULL;
}
