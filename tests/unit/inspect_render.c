// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of each kind of type as JSON, pointers followed in a mini guest, and
 * BTF that no compiler would write.
 */
#include <kselftest_harness.h>

#include <bpf/btf.h>

#include "kept_log.h"
#include "ktstr/inspect/render.h"
#include "mini_guest.h"

#define BITS(bytes)	((bytes) * 8)
#define SLIDE		0x1000000	/* of the mini guest's kernel */

FIXTURE(render)
{
	struct btf *b;
	struct kt_types *t;
	struct kt_render r;
	char *json;
	int u8, s8, chr, u32, s32, u64, s64, boolean, i128;
};

FIXTURE_SETUP(render)
{
	struct btf *b = btf__new_empty();

	memset(self, 0, sizeof(*self));
	keep_log();
	self->b = b;
	self->u8 = btf__add_int(b, "unsigned char", 1, 0);
	self->s8 = btf__add_int(b, "signed char", 1, BTF_INT_SIGNED);
	self->chr = btf__add_int(b, "char", 1, BTF_INT_SIGNED);
	self->u32 = btf__add_int(b, "unsigned int", 4, 0);
	self->s32 = btf__add_int(b, "int", 4, BTF_INT_SIGNED);
	self->u64 = btf__add_int(b, "unsigned long", 8, 0);
	self->s64 = btf__add_int(b, "long", 8, BTF_INT_SIGNED);
	self->boolean = btf__add_int(b, "_Bool", 1, BTF_INT_BOOL);
	self->i128 = btf__add_int(b, "__int128", 16, BTF_INT_SIGNED);
}

FIXTURE_TEARDOWN(render)
{
	btf__free(self->b);
	kt_types_free(self->t);
	free(self->json);
}

/* The types added so far, as the renderer gets them. */
static void parse(FIXTURE_DATA(render) * self)
{
	const void *data;
	u32 len;

	kt_types_free(self->t);
	self->t = NULL;
	data = btf__raw_data(self->b, &len);
	if (!data || kt_types_parse(data, len, &self->t))
		abort();
	self->r.types = self->t;
}

static const char *show(FIXTURE_DATA(render) * self, int id, const void *data,
			size_t len)
{
	json_t *v;

	if (!self->t)
		parse(self);
	if (!self->r.nodes_left)
		self->r.nodes_left = KT_RENDER_NODES;
	self->r.max_depth = KT_RENDER_DEPTH;
	v = kt_render_value(&self->r, id, data, len);
	free(self->json);
	self->json = json_dumps(v, JSON_ENCODE_ANY);
	json_decref(v);
	return self->json ?: "nothing";
}

#define SHOW(id, type, ...)						\
	({ type v_[] = { __VA_ARGS__ };					\
	   show(self, id, v_, sizeof(v_)); })

TEST_F(render, integers)
{
	EXPECT_STREQ("255", SHOW(self->u8, u8, 255));
	EXPECT_STREQ("-1", SHOW(self->s8, u8, 255));
	EXPECT_STREQ("4294967295", SHOW(self->u32, u32, -1));
	EXPECT_STREQ("-2", SHOW(self->s32, u32, -2));
	EXPECT_STREQ("9223372036854775807", SHOW(self->u64, u64, INT64_MAX));
	EXPECT_STREQ("\"18446744073709551615\"", SHOW(self->u64, u64, -1));
	EXPECT_STREQ("-9223372036854775808", SHOW(self->s64, s64, INT64_MIN));
	EXPECT_STREQ("\"0x10000000000000002\"", SHOW(self->i128, u64, 2, 1));
	EXPECT_STREQ("\"0x2\"", SHOW(self->i128, u64, 2, 0));
	EXPECT_STREQ("true", SHOW(self->boolean, u8, 1));
	EXPECT_STREQ("false", SHOW(self->boolean, u8, 0));
	EXPECT_STREQ("\"true (7)\"", SHOW(self->boolean, u8, 7));
	/* more bytes than it takes are somebody else's */
	EXPECT_STREQ("1", SHOW(self->u32, u32, 1, 2));
	EXPECT_STREQ("\"? 3 bytes of 4\"", SHOW(self->u32, u8, 1, 2, 3));
}

TEST_F(render, floats)
{
	int f = btf__add_float(self->b, "float", 4);
	int d = btf__add_float(self->b, "double", 8);
	int l = btf__add_float(self->b, "long double", 16);

	EXPECT_STREQ("0.5", SHOW(f, float, 0.5));
	EXPECT_STREQ("-2.25", SHOW(d, double, -2.25));
	/* JSON has none of these */
	EXPECT_STREQ("\"inf\"", SHOW(d, double, __builtin_inf()));
	EXPECT_STREQ("\"nan\"", SHOW(f, float, __builtin_nanf("")));
	EXPECT_STREQ("\"0x10000000000000000\"", SHOW(l, u64, 0, 1));
}

TEST_F(render, text)
{
	int chars = btf__add_array(self->b, self->u32, self->chr, 8);
	int rows = btf__add_array(self->b, self->u32, chars, 2);
	int bytes = btf__add_array(self->b, self->u32, self->u8, 3);
	int huge = btf__add_array(self->b, self->u32, self->chr, 2000);
	char text[2000];

	EXPECT_STREQ("\"abc\"", show(self, chars, "abc\0\0\0\0\0", 8));
	EXPECT_STREQ("\"abc\"", show(self, chars, "abc\0\1\2\3\4", 8));
	EXPECT_STREQ("\"\"", show(self, chars, "\0\0\0\0\0\0\0\0", 8));
	EXPECT_STREQ("\"abcdefgh\"", show(self, chars, "abcdefgh", 8));
	EXPECT_STREQ("\"g\u00fcn\"", show(self, chars, "g\xc3\xbcn\0\0\0\0", 8));
	/* what is no text is numbers: behind an end, control, broken UTF-8 */
	EXPECT_STREQ("[0, 1, 2, 3, 4, 5, 6, 7]",
		     show(self, chars, "\0\1\2\3\4\5\6\7", 8));
	EXPECT_STREQ("[27, \"'[' (91)\", 0, \"... 5 more, all zero\"]",
		     show(self, chars, "\033[\0\0\0\0\0\0", 8));
	EXPECT_STREQ("[-62, -101, 0, \"... 5 more, all zero\"]",
		     show(self, chars, "\xc2\x9b\0\0\0\0\0\0", 8));
	EXPECT_STREQ("[-1, 0, \"... 6 more, all zero\"]",
		     show(self, chars, "\xff\0\0\0\0\0\0\0", 8));
	EXPECT_STREQ("[\"one\", \"two\"]",
		     show(self, rows, "one\0\0\0\0\0two\0\0\0\0\0", 16));
	EXPECT_STREQ("[97, 98, 99]", show(self, bytes, "abc", 3));
	EXPECT_STREQ("\"'A' (65)\"", SHOW(self->chr, u8, 'A'));
	EXPECT_STREQ("-56", SHOW(self->chr, u8, 200));
	memset(text, 'x', sizeof(text));
	EXPECT_EQ(1024 + strlen("\"... 976 more\""),
		  strlen(show(self, huge, text, sizeof(text))));
	EXPECT_NE(NULL, strstr(self->json, "x... 976 more\""));
}

TEST_F(render, enums)
{
	struct btf *b = self->b;
	int plain, sign, big, neg, small;

	plain = btf__add_enum(b, "state", 4);
	btf__add_enum_value(b, "OFF", 0);
	btf__add_enum_value(b, "ON", 3);
	sign = btf__add_enum(b, "sign", 4);
	btf__add_enum_value(b, "MINUS", -5);
	big = btf__add_enum64(b, "big", 8, false);
	btf__add_enum64_value(b, "TOP", 1ULL << 63);
	neg = btf__add_enum64(b, "neg", 8, true);
	btf__add_enum64_value(b, "LOW", -1);
	small = btf__add_enum(b, "small", 1);
	btf__add_enum_value(b, "LAST", 255);
	EXPECT_STREQ("\"ON (3)\"", SHOW(plain, u32, 3));
	EXPECT_STREQ("\"OFF (0)\"", SHOW(plain, u32, 0));
	EXPECT_STREQ("7", SHOW(plain, u32, 7));
	EXPECT_STREQ("\"MINUS (-5)\"", SHOW(sign, u32, -5));
	EXPECT_STREQ("-6", SHOW(sign, u32, -6));
	EXPECT_STREQ("\"TOP (9223372036854775808)\"", SHOW(big, u64, 1ULL << 63));
	EXPECT_STREQ("1", SHOW(big, u64, 1));
	EXPECT_STREQ("\"LOW (-1)\"", SHOW(neg, u64, -1));
	EXPECT_STREQ("\"LAST (255)\"", SHOW(small, u8, 255));
}

TEST_F(render, structures)
{
	struct btf *b = self->b;
	int e, inner, u, s, flex, td;
	const u32 words[] = { 1, 2, 0x00000cfd, 5, 6, 7 };

	td = btf__add_typedef(b, "u64", self->u64);
	td = btf__add_volatile(b, btf__add_const(b, td));
	td = btf__add_type_tag(b, "tag", btf__add_restrict(b, td));
	e = btf__add_enum(b, "state", 4);
	btf__add_enum_value(b, "ON", 3);
	flex = btf__add_array(b, self->u32, self->u32, 0);
	inner = btf__add_struct(b, NULL, 8);
	btf__add_field(b, "low", self->u32, 0, 0);
	btf__add_field(b, "high", self->u32, BITS(4), 0);
	u = btf__add_union(b, NULL, 8);
	btf__add_field(b, "whole", td, 0, 0);
	btf__add_field(b, NULL, inner, 0, 0);
	s = btf__add_struct(b, "task", 24);
	btf__add_field(b, NULL, u, 0, 0);
	btf__add_field(b, "bits", self->s32, BITS(8), 3);	/* 101 */
	btf__add_field(b, NULL, self->u32, BITS(8) + 3, 2);
	btf__add_field(b, "state", e, BITS(8) + 6, 2);		/* 11 */
	btf__add_field(b, "wide", self->u32, BITS(8) + 8, 24);	/* 0xc */
	btf__add_field(b, "in", inner, BITS(12), 0);
	btf__add_field(b, "last", self->s32, BITS(20), 0);
	btf__add_field(b, "flex", flex, BITS(24), 0);
	btf__add_decl_tag(b, "a tag", s, -1);
	EXPECT_STREQ("{\"whole\": 8589934593, \"low\": 1, \"high\": 2, "
		     "\"bits\": -3, \"state\": \"ON (3)\", \"wide\": 12, "
		     "\"in\": {\"low\": 5, \"high\": 6}, \"last\": 7, "
		     "\"flex\": []}",
		     show(self, s, words, sizeof(words)));
}

/* Before structures could say the bits of a member, its int did. */
TEST_F(render, bitfields_of_old)
{
	struct btf *b = self->b;
	int odd = btf__add_int(b, "unsigned int", 4, 0), id;

	*(u32 *)(btf__type_by_id(b, odd) + 1) = 2 << 16 | 5;
	id = btf__add_struct(b, "old", 4);
	btf__add_field(b, "bits", odd, 0, 0);
	EXPECT_STREQ("{\"bits\": 21}", SHOW(id, u32, 21 << 2 | 3 | 1 << 8));
	EXPECT_STREQ("21", SHOW(odd, u32, 21 << 2 | 3 | 1 << 8));
}

TEST_F(render, arrays)
{
	struct btf *b = self->b;
	int row = btf__add_array(b, self->u32, self->u32, 3);
	int rows = btf__add_array(b, self->u32, row, 2);
	int deep = btf__add_array(b, self->u32, rows, 5);
	int wide = btf__add_array(b, self->u32, self->u8, 300);
	u32 table[30] = { [0] = 1, [11] = 2 };
	u8 bytes[300];

	EXPECT_STREQ("[[1, 0, 0], [0, 0, 2]]",
		     SHOW(rows, u32, 1, 0, 0, 0, 0, 2));
	/* one of the zeroes stays, and says what the others look like */
	EXPECT_STREQ("[[[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 2]], "
		     "[[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]], "
		     "[[0, 0, 0], [0, 0, 0]]]",
		     show(self, deep, table, sizeof(table)));
	table[11] = 0;
	EXPECT_STREQ("[[[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]], "
		     "\"... 3 more, all zero\"]",
		     show(self, deep, table, sizeof(table)));
	memset(bytes, 7, sizeof(bytes));
	show(self, wide, bytes, sizeof(bytes));
	EXPECT_NE(NULL, strstr(self->json, "7, 7, \"... 44 more\"]"));
	memset(bytes, 0, sizeof(bytes));
	bytes[0] = 7;
	EXPECT_STREQ("[7, 0, \"... 298 more, all zero\"]",
		     show(self, wide, bytes, sizeof(bytes)));
	memset(bytes, 0, sizeof(bytes));
	EXPECT_STREQ("[0, \"... 299 more, all zero\"]",
		     show(self, wide, bytes, sizeof(bytes)));
}

TEST_F(render, special_fields)
{
	struct btf *b = self->b;
	int id[7], s, i;
	static const char *const names[] = {
		"bpf_spin_lock", "bpf_timer", "bpf_list_head", "bpf_list_node",
		"bpf_rb_root", "bpf_rb_node", "bpf_refcount",
	};
	static const u32 sizes[] = { 4, 16, 16, 24, 16, 32, 4 };
	u64 v[14] = { 0 };

	for (i = 0; i < 7; i++) {
		id[i] = btf__add_struct(b, names[i], sizes[i]);
		btf__add_field(b, "__opaque", self->u32, 0, 0);
	}
	s = btf__add_struct(b, "value", 112);
	btf__add_field(b, "lock", id[0], 0, 0);
	btf__add_field(b, "ref", id[6], BITS(4), 0);
	btf__add_field(b, "timer", id[1], BITS(8), 0);
	btf__add_field(b, "head", id[2], BITS(24), 0);
	btf__add_field(b, "node", id[3], BITS(40), 0);
	btf__add_field(b, "root", id[4], BITS(64), 0);
	btf__add_field(b, "rb", id[5], BITS(80), 0);
	EXPECT_STREQ("{\"lock\": \"unlocked\", \"ref\": 0, "
		     "\"timer\": \"not set up\", \"head\": \"empty\", "
		     "\"node\": \"on none\", \"root\": \"empty\", "
		     "\"rb\": \"on none\"}",
		     show(self, s, v, sizeof(v)));
	for (i = 0; i < 14; i++)
		v[i] = 0x1000 + i;
	v[0] = 5ULL << 32 | 1;
	EXPECT_STREQ("{\"lock\": \"locked (0x1)\", \"ref\": 5, "
		     "\"timer\": \"set up (0x1001)\", "
		     "\"head\": \"first 0x1003, last 0x1004\", "
		     "\"node\": \"on 0x1007\", \"root\": \"root 0x1008\", "
		     "\"rb\": \"on 0x100d\"}",
		     show(self, s, v, sizeof(v)));
}

TEST_F(render, what_has_no_value)
{
	struct btf *b = self->b;
	int fwd = btf__add_fwd(b, "later", BTF_FWD_STRUCT);
	int proto = btf__add_func_proto(b, 0);
	int func = btf__add_func(b, "f", BTF_FUNC_STATIC, proto);
	int var = btf__add_var(b, "v", BTF_VAR_STATIC, self->u32);
	int sec = btf__add_datasec(b, ".bss", 4), i;
	const int none[] = { 0, fwd, proto, func, 12345 };

	for (i = 0; i < (int)ARRAY_SIZE(none); i++)
		EXPECT_STREQ("\"? a type without a size\"",
			     SHOW(none[i], u32, 1));
	EXPECT_STREQ("\"? a type that has no values\"", SHOW(sec, u32, 1));
	EXPECT_STREQ("1", SHOW(var, u32, 1));
}

/* A list of nodes in a mini guest, and what a pointer may point to besides. */
FIXTURE(pointers)
{
	FIXTURE_DATA(render) render;
	struct mini_guest *g;
	int node, to_node, percpu, fwd, func, timer;
};

#define NODE_GPA(i)	(MINI_FREE_GPA + 0x100 * (i))
#define NODE_KVA(i)	(MINI_DIRECT + NODE_GPA(i))

FIXTURE_SETUP(pointers)
{
	FIXTURE_DATA(render) * r = &self->render;
	struct btf *b = btf__new_empty();
	int tag, id, i;

	memset(r, 0, sizeof(*r));
	r->b = b;
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_NE(NULL, self->g);
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	ASSERT_EQ(0, mini_guest_init(self->g, SLIDE));
	r->u32 = btf__add_int(b, "unsigned int", 4, 0);
	self->node = btf__add_struct(b, "node", 16);
	btf__add_field(b, "next", self->node + 1, 0, 0);
	btf__add_field(b, "nr", r->u32, BITS(8), 0);
	self->to_node = btf__add_ptr(b, self->node);
	tag = btf__add_type_tag(b, "percpu", self->node);
	self->percpu = btf__add_ptr(b, tag);
	self->fwd = btf__add_ptr(b, btf__add_fwd(b, "x", BTF_FWD_STRUCT));
	self->func = btf__add_ptr(b, btf__add_func_proto(b, 0));
	id = btf__add_struct(b, "bpf_timer", 16);
	self->timer = btf__add_ptr(b, id);
	for (i = 0; i < 5; i++) {
		mini_put_u64(self->g, NODE_GPA(i), NODE_KVA(i + 1));
		mini_put_u32(self->g, NODE_GPA(i) + 8, i);
	}
	r->r.kernel = &self->g->k;
	parse(r);
}

FIXTURE_TEARDOWN(pointers)
{
	btf__free(self->render.b);
	kt_types_free(self->render.t);
	free(self->render.json);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

#define POINTER(id, to)							\
	({ u64 v_ = (to); show(&self->render, id, &v_, sizeof(v_)); })

TEST_F(pointers, followed)
{
	EXPECT_STREQ("null", POINTER(self->to_node, 0));
	EXPECT_STREQ("{\"@\": \"0xffff888000020000\", \"next\": "
		     "{\"@\": \"0xffff888000020100\", \"next\": "
		     "\"0xffff888000020200\", \"nr\": 1}, \"nr\": 0}",
		     POINTER(self->to_node, NODE_KVA(0)));
	self->render.r.kernel = NULL;
	EXPECT_STREQ("\"0xffff888000020000\"",
		     POINTER(self->to_node, NODE_KVA(0)));
}

TEST_F(pointers, in_a_circle)
{
	mini_put_u64(self->g, NODE_GPA(0), NODE_KVA(0));
	EXPECT_STREQ("{\"@\": \"0xffff888000020000\", \"next\": "
		     "\"0xffff888000020000\", \"nr\": 0}",
		     POINTER(self->to_node, NODE_KVA(0)));
}

TEST_F(pointers, only_shown)
{
	/* not memory, in the user's half, of a type that says so, of none */
	EXPECT_STREQ("\"0xffff888100000000\"",
		     POINTER(self->to_node, 0xffff888100000000));
	EXPECT_STREQ("\"0x1000\"", POINTER(self->to_node, 0x1000));
	EXPECT_STREQ("\"0xffff888000020000\"",
		     POINTER(self->percpu, NODE_KVA(0)));
	EXPECT_STREQ("\"0xffff888000020000\"",
		     POINTER(self->fwd, NODE_KVA(0)));
	EXPECT_STREQ("\"0xffff888000020000\"",
		     POINTER(self->timer, NODE_KVA(0)));
}

/* What a pointer leads to may not use up what is left for the value itself. */
TEST_F(pointers, budget_of_their_own)
{
	FIXTURE_DATA(render) * r = &self->render;
	int big = btf__add_struct(r->b, "big", 0x1000), to, two, i;
	u64 v[2] = { NODE_KVA(16), 7 };
	char name[16];

	for (i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		btf__add_field(r->b, name, r->u32, BITS(4 * i), 0);
	}
	to = btf__add_ptr(r->b, big);
	two = btf__add_struct(r->b, "two", 16);
	btf__add_field(r->b, "to", to, 0, 0);
	btf__add_field(r->b, "last", r->u32, BITS(8), 0);
	parse(r);
	r->r.nodes_left = KT_RENDER_NODES;
	show(r, two, v, sizeof(v));
	EXPECT_NE(NULL, strstr(r->json, "\"m511\": 0, \"...\": \"88 more\"}, \"last\": 7}"));
	/* two, to, last, and what is left of them: 512 */
	EXPECT_EQ(KT_RENDER_NODES - 3 - 512, r->r.nodes_left);
}

TEST_F(pointers, to_functions)
{
	u64 kva = MINI_TEXT + SLIDE + MINI_JIFFIES;

	EXPECT_STREQ("\"jiffies_64 (0xffffffff82002010)\"",
		     POINTER(self->func, kva));
	EXPECT_STREQ("\"0xffffffff82002011\"", POINTER(self->func, kva + 1));
}

TEST_F(render, budget)
{
	static const u8 zeroes[0x10000];
	int row = btf__add_array(self->b, self->u32, self->u32, 8), s, big;

	s = btf__add_struct(self->b, "s", 36);
	btf__add_field(self->b, "row", row, 0, 0);
	btf__add_field(self->b, "a", self->u32, BITS(32), 0);
	btf__add_field(self->b, "b", self->u32, BITS(32), 0);
	big = btf__add_array(self->b, self->u32, self->u8, 0x10000);
	parse(self);
	self->r.nodes_left = 5;
	EXPECT_STREQ("{\"row\": [1, 2, 3, \"... 5 more\"], \"...\": \"2 more\"}",
		     SHOW(s, u32, 1, 2, 3, 4, 5, 6, 7, 8, 9));
	EXPECT_EQ(0, self->r.nodes_left);
	/* what is only looked at costs as well */
	self->r.nodes_left = 16;
	EXPECT_STREQ("\"? cut: 65536 elements\"",
		     show(self, big, zeroes, sizeof(zeroes)));
	EXPECT_EQ(0, self->r.nodes_left);
}

TEST_F(render, hostile_types)
{
	struct btf *b = self->b;
	int empty, many, s, loop, self_id, lie, half, hollow, i;

	empty = btf__add_struct(b, "empty", 0);
	many = btf__add_array(b, self->u32, empty, UINT32_MAX);
	s = btf__add_struct(b, "s", 4);
	btf__add_field(b, "many", many, 0, 0);
	btf__add_field(b, "beyond", self->u64, 0, 0);
	self_id = btf__add_struct(b, "self", 8);
	btf__add_field(b, "a", self_id, 0, 0);
	btf__add_field(b, "b", self_id, 0, 0);
	btf__add_field(b, NULL, self_id, 0, 0);
	btf__add_field(b, NULL, self_id, 0, 0);
	loop = btf__add_typedef(b, "a", self_id + 2);
	btf__add_typedef(b, "b", loop);
	hollow = btf__add_struct(b, "hollow", 8);
	for (i = 0; i < 4; i++)
		btf__add_field(b, NULL, hollow, 0, 0);
	lie = btf__add_int(b, "lie", 1, 0);
	*(u32 *)(btf__type_by_id(b, lie) + 1) = 255 << 16 | 255;
	half = btf__add_struct(b, "half", 4);
	btf__add_field(b, "unaligned", self->u32, 3, 0);
	btf__add_field(b, "loop", loop, 0, 0);
	parse(self);
	EXPECT_STREQ("{\"many\": \"? 4294967295 elements of no size\", "
		     "\"beyond\": \"? a member lies outside of its structure\"}",
		     SHOW(s, u32, 1));
	EXPECT_GT(100 * KT_RENDER_NODES, strlen(SHOW(self_id, u64, 1)));
	EXPECT_EQ(0, self->r.nodes_left);
	EXPECT_NE(NULL, strstr(self->json, "\"? nested too deep\""));
	EXPECT_STREQ("\"? a type without a size\"", SHOW(loop, u64, 1));
	/* without a single value in it */
	EXPECT_STREQ("{\"...\": \"3 more\"}", SHOW(hollow, u64, 1));
	EXPECT_STREQ("9", SHOW(lie, u8, 9));
	EXPECT_NE(NULL, strstr(SHOW(half, u32, 1),
			       "\"loop\": \"? a member has no size\""));
}

TEST_F(render, names_of_any_length)
{
	char name[400], data[8] = "";
	int s;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = 0;
	s = btf__add_struct(self->b, "s", 4);
	btf__add_field(self->b, name, self->u32, 0, 0);
	EXPECT_EQ(127 + strlen("{\"\": 0}"), strlen(show(self, s, data, 4)));
}

TEST_HARNESS_MAIN
