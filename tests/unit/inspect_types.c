// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields by BTF that is built here: paths through all that C allows, the
 * reasons of what is refused, and BTF that no compiler would write.
 */
#include <kselftest_harness.h>

#include <bpf/btf.h>

#include "kept_log.h"
#include "ktstr/inspect/types.h"

#define BITS(bytes)	((bytes) * 8)

/* Types that the cases share. */
struct ids {
	int u8, u32, u64, ptr, chars, inner, node, task;
};

/*
 * struct node { struct node *next, *prev; };
 * struct task {
 *	u32 pid;			0
 *	u32 flags:3, :5, mode:9;	4	(mode at bit 8)
 *	union {				8
 *		const volatile u64 vtime;
 *		struct { u32 low, high; };
 *	};
 *	inner_t scx;			16	struct { u32 weight; u32 dsq; }
 *	struct node links[2][3];	24	96 bytes
 *	char comm[16];			120
 *	u64 flex[];			136
 * };
 */
static void add_node(struct btf *b, struct ids *id)
{
	id->node = btf__add_struct(b, "node", 16);
	btf__add_field(b, "next", id->ptr, 0, 0);
	btf__add_field(b, "prev", id->ptr, BITS(8), 0);
}

static int add_union(struct btf *b, const struct ids *id, int vtime)
{
	int halves = btf__add_struct(b, NULL, 8), u;

	btf__add_field(b, "low", id->u32, 0, 0);
	btf__add_field(b, "high", id->u32, BITS(4), 0);
	u = btf__add_union(b, NULL, 8);
	btf__add_field(b, "vtime", vtime, 0, 0);
	btf__add_field(b, NULL, halves, 0, 0);
	return u;
}

static void add_types(struct btf *b, struct ids *id)
{
	int vtime, u, inner_t, row, links, flex;

	id->u8 = btf__add_int(b, "char", 1, 0);
	id->u32 = btf__add_int(b, "unsigned int", 4, 0);
	id->u64 = btf__add_int(b, "unsigned long", 8, 0);
	/* the pointer's target comes behind it */
	id->ptr = btf__add_ptr(b, id->u64 + 2);
	add_node(b, id);
	vtime = btf__add_typedef(b, "u64", id->u64);
	vtime = btf__add_const(b, btf__add_volatile(b, vtime));
	vtime = btf__add_type_tag(b, "percpu", vtime);
	u = add_union(b, id, vtime);
	id->inner = btf__add_struct(b, "inner", 8);
	btf__add_field(b, "weight", id->u32, 0, 0);
	btf__add_field(b, "dsq", id->u32, BITS(4), 0);
	inner_t = btf__add_typedef(b, "inner_t", id->inner);
	row = btf__add_array(b, id->u32, id->node, 3);
	links = btf__add_array(b, id->u32, row, 2);
	id->chars = btf__add_array(b, id->u32, id->u8, 16);
	flex = btf__add_array(b, id->u32, id->u64, 0);

	id->task = btf__add_struct(b, "task", 136);
	btf__add_field(b, "pid", id->u32, 0, 0);
	btf__add_field(b, "flags", id->u32, BITS(4), 3);
	btf__add_field(b, "mode", id->u32, BITS(4) + 8, 9);
	btf__add_field(b, NULL, u, BITS(8), 0);
	btf__add_field(b, "scx", inner_t, BITS(16), 0);
	btf__add_field(b, "links", links, BITS(24), 0);
	btf__add_field(b, "comm", id->chars, BITS(120), 0);
	btf__add_field(b, "flex", flex, BITS(136), 0);
}

static struct kt_types *parse(struct btf *b)
{
	struct kt_types *t = NULL;
	const void *data;
	u32 size;

	data = btf__raw_data(b, &size);
	kt_types_parse(data, size, &t);
	btf__free(b);
	return t;
}

FIXTURE(types)
{
	struct ids id;
	struct kt_types *t;
	struct kt_field f;
	char why[256];
};

FIXTURE_SETUP(types)
{
	struct btf *b = btf__new_empty();

	keep_log();
	add_types(b, &self->id);
	self->t = parse(b);
	ASSERT_NE(NULL, self->t);
}

FIXTURE_TEARDOWN(types)
{
	kt_types_free(self->t);
}

TEST_F(types, paths)
{
	const struct {
		const char *path;
		s64 offset;
		u32 size, type;
		bool pointer;
	} want[] = {
		{ "pid", 0, 4, self->id.u32 },
		{ "vtime", 8, 8, self->id.u64 },
		{ "high", 12, 4, self->id.u32 },
		{ "scx", 16, 8, self->id.inner },
		{ "scx.weight", 16, 4, self->id.u32 },
		{ "scx.dsq", 20, 4, self->id.u32 },
		{ "links[0][0]", 24, 16, self->id.node },
		{ "links[1][2].prev", 24 + 80 + 8, 8, self->id.ptr, true },
		{ "links[01][0].next", 24 + 48, 8, self->id.ptr, true },
		{ "comm", 120, 16, self->id.chars },
		{ "comm[15]", 135, 1, self->id.u8 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		EXPECT_EQ(0, kt_types_field(self->t, self->id.task,
					    want[i].path, &self->f, self->why,
					    sizeof(self->why))) {
			TH_LOG("%s: %s", want[i].path, self->why);
		}
		EXPECT_EQ((u64)want[i].offset, self->f.offset_bytes);
		EXPECT_EQ(want[i].size, self->f.size_bytes);
		EXPECT_EQ(want[i].type, self->f.type_id);
		EXPECT_EQ(want[i].pointer, self->f.is_pointer);
		EXPECT_EQ(0, self->f.bit_size);
		EXPECT_EQ(want[i].offset, kt_types_offset(self->t, "task",
							  want[i].path));
	}
	/* a row of the array, and what has no elements */
	EXPECT_EQ(0, kt_types_field(self->t, self->id.task, "links[1]",
				    &self->f, NULL, 0));
	EXPECT_EQ(72, self->f.offset_bytes);
	EXPECT_EQ(48, self->f.size_bytes);
	EXPECT_EQ(0, kt_types_field(self->t, self->id.task, "flex",
				    &self->f, NULL, 0));
	EXPECT_EQ(136, self->f.offset_bytes);
	EXPECT_EQ(0, self->f.size_bytes);
}

/* A field: in which bytes it lies, and which bits of them it is. */
#define expect_bits(t, id, name, at, bytes, bit, bits) ({		\
	EXPECT_EQ(0, kt_types_field(t, id, name, &self->f, NULL, 0));	\
	EXPECT_EQ(at, self->f.offset_bytes);				\
	EXPECT_EQ(bytes, self->f.size_bytes);				\
	EXPECT_EQ(bit, self->f.bit_offset);				\
	EXPECT_EQ(bits, self->f.bit_size); })

TEST_F(types, bitfields)
{
	expect_bits(self->t, self->id.task, "flags", 4, 4, 0, 3);
	expect_bits(self->t, self->id.task, "mode", 4, 4, 8, 9);
}

/* Packed ones cross the unit of their type, or end before it. */
TEST_F(types, bitfields_of_packed_structures)
{
	struct btf *b = btf__new_empty();
	int u32_id = btf__add_int(b, "unsigned int", 4, 0), id;
	struct kt_types *t;

	id = btf__add_struct(b, "packed", 6);
	btf__add_field(b, "across", u32_id, 30, 4);
	btf__add_field(b, "last", u32_id, 40, 8);
	t = parse(b);
	ASSERT_NE(NULL, t);
	expect_bits(t, id, "across", 3, 2, 6, 4);
	expect_bits(t, id, "last", 5, 1, 0, 8);
	kt_types_free(t);
}

/* Before structures could say the bits of a member, its int did. */
TEST_F(types, bitfields_of_old)
{
	struct btf *b = btf__new_empty();
	struct kt_types *t;
	struct btf_type *m;
	int odd, id;

	odd = btf__add_int(b, "unsigned int", 4, 0);
	m = (struct btf_type *)btf__type_by_id(b, odd);
	*(u32 *)(m + 1) = 2 << 16 | 5;	/* 5 bits at 2 */
	id = btf__add_struct(b, "old", 8);
	btf__add_field(b, "bits", odd, BITS(4), 0);
	((struct btf_member *)btf_members(btf__type_by_id(b, id)))->offset += 3;
	t = parse(b);
	ASSERT_NE(NULL, t);
	expect_bits(t, id, "bits", 4, 4, 5, 5);
	kt_types_free(t);
}

TEST_F(types, refused)
{
	static const struct {
		const char *path;
		int err;
		const char *why;
	} want[] = {
		{ "weigth", -ENOENT, "no field \"weigth\" in struct task" },
		{ "scx.weigth", -ENOENT, "no field \"weigth\" in struct inner" },
		{ "pi", -ENOENT, "no field \"pi\" in struct task" },
		{ "pidx", -ENOENT, "no field \"pidx\" in struct task" },
		{ "links[0][0].next.next", -EINVAL,
		  "\"links[0][0].next\" is a pointer" },
		{ "pid.x", -EINVAL, "\"pid\" is no structure" },
		{ "links.next", -EINVAL, "\"links\" is no structure" },
		{ "pid[0]", -EINVAL, "\"pid\" is no array" },
		{ "mode[0]", -EINVAL, "\"mode\" is no array" },
		{ "links[0][0][0]", -EINVAL, "\"links[0][0]\" is no array" },
		{ "links[0][3]", -EINVAL,
		  "\"links[0]\" has 3 elements, none at 3" },
		{ "links[2][0]", -EINVAL,
		  "\"links\" has 2 elements, none at 2" },
		{ "flex[0]", -EINVAL, "\"flex\" has 0 elements, none at 0" },
		{ "links[4294967296]", -EINVAL,
		  "\"links[4294967296]\" has an index that is no number" },
		{ "links[]", -EINVAL,
		  "\"links[]\" has an index that is no number" },
		{ "links[1", -EINVAL,
		  "\"links[1\" has an index that is no number" },
		{ "links[-1]", -EINVAL,
		  "\"links[-1]\" has an index that is no number" },
		{ "links[0]x", -EINVAL, "\"links[0]x\" is no path of fields" },
		{ "", -EINVAL, "\"\" is no path of fields" },
		{ ".pid", -EINVAL, "\".pid\" is no path of fields" },
		{ "scx.", -EINVAL, "\"scx.\" is no path of fields" },
		{ "scx..dsq", -EINVAL, "\"scx..dsq\" is no path of fields" },
		{ "[0]", -EINVAL, "\"[0]\" is no path of fields" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		EXPECT_EQ(want[i].err,
			  kt_types_field(self->t, self->id.task, want[i].path,
					 &self->f, self->why,
					 sizeof(self->why))) {
			TH_LOG("%s", want[i].path);
		}
		EXPECT_STREQ(want[i].why, self->why);
		EXPECT_EQ(want[i].err, kt_types_offset(self->t, "task",
						       want[i].path));
	}
	/* a buffer too small only cuts the reason */
	EXPECT_EQ(-ENOENT, kt_types_field(self->t, self->id.task, "weigth",
					  &self->f, self->why, 9));
	EXPECT_STREQ("no field", self->why);
}

TEST_F(types, refused_at_the_root)
{
	EXPECT_EQ(-EINVAL, kt_types_field(self->t, 0, "pid", &self->f,
					  self->why, sizeof(self->why)));
	EXPECT_STREQ("the type is no structure", self->why);
	EXPECT_EQ(-EINVAL, kt_types_field(self->t, self->id.ptr, "pid",
					  &self->f, self->why,
					  sizeof(self->why)));
	EXPECT_STREQ("the type is a pointer", self->why);
	EXPECT_EQ(-EINVAL, kt_types_field(self->t, 12345, "pid", &self->f,
					  self->why, sizeof(self->why)));
	EXPECT_STREQ("there is no such type", self->why);
}

TEST_F(types, by_name)
{
	EXPECT_EQ(self->id.task, kt_types_struct(self->t, "task"));
	EXPECT_EQ(self->id.inner, kt_types_struct(self->t, "inner"));
	EXPECT_EQ(-ENOENT, kt_types_struct(self->t, "inner_t"));
	EXPECT_EQ(-ENOENT, kt_types_struct(self->t, "u64"));
	EXPECT_EQ(-ENOENT, kt_types_struct(self->t, "void"));
	/* those without a name are nobody's */
	EXPECT_EQ(-ENOENT, kt_types_struct(self->t, ""));
	EXPECT_EQ(-ENOENT, kt_types_offset(self->t, "nothing", "pid"));
}

TEST_F(types, sizes)
{
	EXPECT_EQ(136, kt_types_size(self->t, self->id.task));
	EXPECT_EQ(8, kt_types_size(self->t, self->id.ptr));
	EXPECT_EQ(16, kt_types_size(self->t, self->id.chars));
	EXPECT_GT(0, kt_types_size(self->t, 0));
	EXPECT_GT(0, kt_types_size(self->t, 12345));
}

TEST_F(types, percpu_variables)
{
	struct btf *b = btf__new_empty();
	int u32_id = btf__add_int(b, "unsigned int", 4, 0), s, rq, other, td;
	struct kt_types *t;

	s = btf__add_struct(b, "rq", 4);
	btf__add_field(b, "nr_running", u32_id, 0, 0);
	td = btf__add_typedef(b, "rq_t", s);
	other = btf__add_var(b, "jiffies", BTF_VAR_GLOBAL_ALLOCATED, u32_id);
	rq = btf__add_var(b, "runqueues", BTF_VAR_GLOBAL_ALLOCATED, td);
	btf__add_datasec(b, ".data", 4);
	btf__add_datasec_var_info(b, other, 0, 4);
	btf__add_datasec(b, ".data..percpu", 4);
	btf__add_datasec_var_info(b, rq, 0, 4);
	t = parse(b);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(s, kt_types_percpu_var(t, "runqueues"));
	EXPECT_EQ(-ENOENT, kt_types_percpu_var(t, "jiffies"));
	EXPECT_EQ(-ENOENT, kt_types_percpu_var(t, "run"));
	EXPECT_EQ(-ENOENT, kt_types_percpu_var(self->t, "runqueues"));
	kt_types_free(t);
}

TEST_F(types, without_end)
{
	struct btf *b = btf__new_empty();
	int self_id, loop, wide, u32_id, i;
	struct kt_types *t;

	/* a structure that embeds itself, twice */
	self_id = btf__add_struct(b, "self", 8);
	btf__add_field(b, NULL, self_id, 0, 0);
	btf__add_field(b, NULL, self_id, 0, 0);
	/* two typedefs of each other */
	loop = btf__add_typedef(b, "a", self_id + 2);
	btf__add_typedef(b, "b", loop);
	/* an array of itself; in a structure too */
	btf__add_array(b, loop + 2, loop + 2, 3);
	wide = btf__add_struct(b, "wide", 8);
	btf__add_field(b, "a", loop, 0, 0);
	btf__add_field(b, "array", loop + 2, 0, 0);
	/* unnamed members without end: each of 4096 has 4096 */
	u32_id = btf__add_int(b, "unsigned int", 4, 0);
	for (int level = 0; level < 4; level++) {
		int inner = level ? u32_id + level : u32_id;

		btf__add_struct(b, level == 3 ? "many" : NULL, 4);
		for (i = 0; i < 4096; i++)
			btf__add_field(b, NULL, inner, 0, 0);
	}
	t = parse(b);
	ASSERT_NE(NULL, t);

	EXPECT_EQ(-EINVAL, kt_types_field(t, self_id, "x", &self->f, self->why,
					  sizeof(self->why)));
	EXPECT_NE(NULL, strstr(self->why, "nest without end"));
	EXPECT_EQ(-EINVAL, kt_types_field(t, loop, "x", &self->f, self->why,
					  sizeof(self->why)));
	EXPECT_EQ(-EINVAL, kt_types_field(t, wide, "a", &self->f, self->why,
					  sizeof(self->why)));
	EXPECT_EQ(-EINVAL, kt_types_field(t, wide, "array", &self->f,
					  self->why, sizeof(self->why)));
	EXPECT_NE(NULL, strstr(self->why, "no size"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "many", "x"));
	EXPECT_EQ(-EINVAL, kt_types_field(t, kt_types_struct(t, "many"), "x",
					  &self->f, self->why,
					  sizeof(self->why)));
	EXPECT_NE(NULL, strstr(self->why, "too many members"));
	kt_types_free(t);
}

TEST_F(types, members_that_lie)
{
	struct btf *b = btf__new_empty();
	int u8_id, u32_id, chars, big, s;
	struct kt_types *t;

	u8_id = btf__add_int(b, "char", 1, 0);
	u32_id = btf__add_int(b, "unsigned int", 4, 0);
	chars = btf__add_array(b, u32_id, u8_id, 4);
	big = btf__add_array(b, u32_id, u8_id, 4096);
	s = btf__add_struct(b, "lies", 8);
	btf__add_field(b, "outside", u32_id, BITS(8), 0);
	btf__add_field(b, "across", u32_id, BITS(5), 0);
	btf__add_field(b, "big", big, 0, 0);
	btf__add_field(b, "within_byte", u32_id, 0, 0);
	btf__add_field(b, "wide_bits", u8_id, 0, 9);
	btf__add_field(b, "far_bits", u8_id, 63, 2);
	btf__add_field(b, "void", 0, 0, 0);
	btf__add_field(b, "bits_of_array", chars, 0, 2);
	/* kflag is set: 12 bits into it, and 0 wide */
	((struct btf_member *)btf_members(btf__type_by_id(b, s)))[3].offset = 12;
	t = parse(b);
	ASSERT_NE(NULL, t);
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "outside"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "across"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "big"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "big[0]"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "within_byte"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "wide_bits"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "far_bits"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "void"));
	EXPECT_EQ(-EINVAL, kt_types_offset(t, "lies", "bits_of_array[3]"));
	kt_types_free(t);
}

TEST_F(types, what_is_no_btf)
{
	struct btf *b = btf__new_empty();
	u8 data[64] = { 0x9f, 0xeb, 1, 0 };
	struct kt_types *t;
	const void *raw;
	u8 odd[128];
	u32 size;

	EXPECT_EQ(-EINVAL, kt_types_parse("", 0, &t));
	EXPECT_EQ(NULL, t);
	EXPECT_EQ(-EINVAL, kt_types_parse(data, sizeof(data), &t));
	EXPECT_EQ(NULL, t);
	EXPECT_EQ(-EINVAL, kt_types_parse(data, (size_t)UINT32_MAX + 1, &t));
	EXPECT_EQ(NULL, t);
	/* a header of 26 bytes would put every type at an odd place */
	btf__add_int(b, "int", 4, 0);
	raw = btf__raw_data(b, &size);
	ASSERT_GT(sizeof(odd), size + 2);
	memcpy(odd, raw, 24);
	memset(odd + 24, 0, 2);
	memcpy(odd + 26, (const u8 *)raw + 24, size - 24);
	odd[4] = 26;
	EXPECT_EQ(-EINVAL, kt_types_parse(odd, size + 2, &t));
	EXPECT_EQ(NULL, t);
	EXPECT_NE(NULL, strstr(last_log, "misaligned"));
	EXPECT_EQ(0, kt_types_parse(raw, size, &t));
	kt_types_free(t);
	btf__free(b);
	kt_types_free(NULL);
}

TEST_F(types, files)
{
	struct kt_types *t;

	EXPECT_EQ(-ENOENT, kt_types_load("/nonexistent/vmlinux", &t));
	EXPECT_EQ(NULL, t);
	EXPECT_NE(NULL, strstr(last_log, "/nonexistent/vmlinux"));
	/* an ELF file without BTF, as this program is */
	EXPECT_EQ(-ENODATA, kt_types_load("/proc/self/exe", &t));
	EXPECT_NE(NULL, strstr(last_log, "CONFIG_DEBUG_INFO_BTF"));
	/* no ELF file at all */
	EXPECT_EQ(-EINVAL, kt_types_load("/proc/self/cmdline", &t));
	EXPECT_EQ(NULL, t);
}

TEST_HARNESS_MAIN
