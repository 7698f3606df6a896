// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of BPF programs read out of a mini guest, the global variables that
 * they describe, and programs with their functions.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "mini_bpf.h"

#define ARRAY		2
#define RDONLY_PROG	0x80
#define STRUCT_OPS_PROG	27
#define SECTION_BYTES	64

/* Offsets in the section. */
#define AT_CRASH	0
#define AT_ON		4
#define AT_LEVEL	6
#define AT_SMALL	8
#define AT_COUNTS	16
#define AT_PAIR		32
#define AT_BIG		40
#define AT_ODD		49

struct prog_btf {
	void *data;
	u32 len;
	int section, pair, func, sub;
};

static void add_var(struct btf *b, int id, u32 at, u32 size)
{
	if (btf__add_datasec_var_info(b, id, at, size))
		abort();
}

static void add_section(struct btf *b, struct prog_btf *p, int *types)
{
	static const struct {
		const char *name;
		u32 at, size, type;
	} vars[] = {
		{ "crash", AT_CRASH, 4, 0 }, { "on", AT_ON, 1, 1 },
		{ "level", AT_LEVEL, 2, 2 }, { "small", AT_SMALL, 4, 3 },
		{ "counts", AT_COUNTS, 16, 4 }, { "pair", AT_PAIR, 8, 5 },
		{ "big", AT_BIG, 8, 6 }, { "odd", AT_ODD, 4, 0 },
		{ "outside", 62, 4, 0 },
	};
	int ids[ARRAY_SIZE(vars)];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vars); i++)
		ids[i] = btf__add_var(b, vars[i].name, BTF_VAR_GLOBAL_ALLOCATED,
				      types[vars[i].type]);
	p->section = btf__add_datasec(b, ".bss", SECTION_BYTES);
	for (i = 0; i < ARRAY_SIZE(vars); i++)
		add_var(b, ids[i], vars[i].at, vars[i].size);
}

static void prog_btf(struct prog_btf *p, const char *func)
{
	struct btf *b = btf__new_empty();
	const void *data;
	int t[7], proto;

	t[0] = btf__add_int(b, "unsigned int", 4, 0);
	t[1] = btf__add_int(b, "bool", 1, BTF_INT_BOOL);
	t[2] = btf__add_enum(b, "level", 2);
	btf__add_enum_value(b, "HIGH", 3);
	t[3] = btf__add_typedef(b, "s32", btf__add_int(b, "int", 4, BTF_INT_SIGNED));
	t[4] = btf__add_array(b, t[0], t[0], 4);
	t[5] = btf__add_struct(b, "pair", 8);
	btf__add_field(b, "x", t[0], 0, 0);
	btf__add_field(b, "y", t[0], 32, 0);
	p->pair = t[5];
	t[6] = btf__add_int(b, "unsigned long", 8, 0);
	proto = btf__add_func_proto(b, 0);
	p->func = btf__add_func(b, func, BTF_FUNC_GLOBAL, proto);
	p->sub = btf__add_func(b, "a_function_with_a_name_of_its_own",
			       BTF_FUNC_STATIC, proto);
	add_section(b, p, t);
	data = btf__raw_data(b, &p->len);
	p->data = malloc(p->len);
	memcpy(p->data, data, p->len);
	btf__free(b);
}

FIXTURE(var)
{
	struct mini_guest *g;
	struct mini_bpf m;
	struct kt_types *types;
	struct prog_btf p;
	struct kt_btf_cache *cache;
	struct kt_bpf *b;
	struct kt_bpf_var var;
	u64 sbtf, bss;
	s64 value;
	char why[256];
};

FIXTURE_SETUP(var)
{
	keep_log();
	memset(self, 0, sizeof(*self));
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_init(self->g, 0));
	self->types = mini_bpf_types(NULL, NULL);
	self->g->k.types = self->types;
	mini_bpf_init(&self->m, self->g);
	prog_btf(&self->p, "my_enqueue_with_a_long_name");
	self->sbtf = mini_sbtf(&self->m, 4, self->p.data, self->p.len);
	self->bss = mini_map(&self->m, 5, ARRAY, "my_sched.bss", 4,
			     SECTION_BYTES, 1, SECTION_BYTES);
	mini_map_types(&self->m, self->bss, self->sbtf, 0, self->p.section);
	ASSERT_EQ(0, kt_btf_cache_new(&self->cache));
}

FIXTURE_TEARDOWN(var)
{
	kt_bpf_free(self->b);
	kt_btf_cache_free(self->cache);
	free(self->p.data);
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

/* Anew. */
#define READ() \
	({ kt_bpf_free(self->b); \
	   ASSERT_EQ(0, kt_bpf_read(&self->g->k, self->cache, NULL, &self->b)); })
#define FIND(map, name) \
	kt_bpf_var_find(self->b, (map), (name), &self->var, self->why, \
			sizeof(self->why))
#define GET() \
	kt_bpf_var_get(&self->g->k, &self->var, &self->value, self->why, \
		       sizeof(self->why))
#define SET(v) \
	kt_bpf_var_set(&self->g->k, &self->var, (v), self->why, \
		       sizeof(self->why))
#define BECAUSE(text) \
	ASSERT_NE(NULL, strstr(self->why, (text))) TH_LOG("%s", self->why)

static u8 *at(struct mini_guest *g, u64 map, u32 offset)
{
	return g->ram + map + MINI_ARRAY_VALUE + offset;
}

TEST_F(var, shown)
{
	json_t *maps, *vars;
	char *text;

	*at(self->g, self->bss, AT_CRASH) = 9;
	*at(self->g, self->bss, AT_ON) = 1;
	*at(self->g, self->bss, AT_LEVEL) = 3;
	memset(at(self->g, self->bss, AT_SMALL), 0xff, 4);
	*at(self->g, self->bss, AT_PAIR + 4) = 2;
	READ();
	maps = kt_bpf_maps_json(self->b);
	vars = json_object_get(json_array_get(maps, 0), "variables");
	text = json_dumps(vars, JSON_COMPACT);
	EXPECT_STREQ("{\"crash\":9,\"on\":true,\"level\":\"HIGH (3)\",\"small\":-1,\"counts\":[0,\"... 3 more, all zero\"],\"pair\":{\"x\":0,\"y\":2},\"big\":0,\"odd\":0}",
		     text);
	EXPECT_EQ(NULL, json_object_get(json_array_get(maps, 0), "entries"));
	free(text);
	json_decref(maps);
}

TEST_F(var, get_and_set)
{
	READ();
	ASSERT_EQ(0, FIND(NULL, "crash"));
	EXPECT_EQ(MINI_DIRECT + self->bss + MINI_ARRAY_VALUE, self->var.kva);
	EXPECT_STREQ("my_sched.bss", self->var.map);
	EXPECT_FALSE(self->var.constant);
	EXPECT_EQ(0, SET(UINT32_MAX));
	ASSERT_EQ(0, GET());
	EXPECT_EQ(UINT32_MAX, self->value);
	EXPECT_EQ(0, *at(self->g, self->bss, AT_ON));	/* and no further */
	EXPECT_EQ(-EINVAL, SET(1LL << 32));
	BECAUSE("4294967296 does not fit variable \"crash\" in my_sched.bss, which has 4 bytes");
	EXPECT_EQ(-EINVAL, SET(-1LL - INT32_MAX - 1));
	ASSERT_EQ(0, FIND(".bss", "on"));
	EXPECT_EQ(0, SET(1));
	EXPECT_EQ(1, *at(self->g, self->bss, AT_ON));
	EXPECT_EQ(-EINVAL, SET(2));
	BECAUSE("is a truth value");
	ASSERT_EQ(0, FIND("my_sched.bss", "level"));
	EXPECT_EQ(0, SET(0x1234));
	EXPECT_EQ(0x34, *at(self->g, self->bss, AT_LEVEL));
	EXPECT_EQ(0, *at(self->g, self->bss, AT_LEVEL + 2));
	ASSERT_EQ(0, FIND(NULL, "small"));
	EXPECT_EQ(0, SET(-5));
	EXPECT_EQ(0, *at(self->g, self->bss, AT_SMALL + 4));
	ASSERT_EQ(0, GET());
	EXPECT_EQ(-5, self->value);
	ASSERT_EQ(0, FIND(NULL, "big"));
	EXPECT_EQ(0, SET(INT64_MIN));
	ASSERT_EQ(0, GET());
	EXPECT_EQ(INT64_MIN, self->value);
}

TEST_F(var, what_is_no_number)
{
	READ();
	ASSERT_EQ(0, FIND(NULL, "counts"));
	EXPECT_EQ(-EINVAL, GET());
	BECAUSE("variable \"counts\" of 16 bytes in my_sched.bss is no number");
	ASSERT_EQ(0, FIND(NULL, "pair"));
	EXPECT_EQ(-EINVAL, SET(0));
	ASSERT_EQ(0, FIND(NULL, "odd"));
	EXPECT_EQ(-EFAULT, SET(0));	/* not in one access */
	BECAUSE("is not readable");
	ASSERT_EQ(0, FIND(NULL, "crash"));
	self->var.kva = 0xffffc90000000000;
	EXPECT_EQ(-EFAULT, GET());
	self->var.kva = 0x1000;
	EXPECT_EQ(-EFAULT, SET(1));
}

TEST_F(var, names)
{
	u64 other;

	READ();
	EXPECT_EQ(-ENOENT, FIND(NULL, "crsh"));
	EXPECT_STREQ("no variable \"crsh\" in any map; variables: crash, on, level, small, counts, pair, big, odd",
		     self->why);
	EXPECT_EQ(-ENOENT, FIND(NULL, "pairs"));
	EXPECT_STREQ("no variable \"pairs\" in any map; variables: pair, crash, on, level, small, counts, big, odd",
		     self->why);
	EXPECT_EQ(-ENOENT, FIND(".data", "crash"));
	EXPECT_STREQ("no variable \"crash\" in .data; variables: none",
		     self->why);
	/* constants come last */
	other = mini_map(&self->m, 4, ARRAY, "my_s.rodata", 4, SECTION_BYTES, 1,
			 SECTION_BYTES);
	mini_map_types(&self->m, other, self->sbtf, 0, self->p.section);
	mini_put_u32(self->g, other + MINI_MAP_FLAGS, RDONLY_PROG);
	READ();
	EXPECT_EQ(-ENOENT, FIND(NULL, "crsh"));
	EXPECT_STREQ("no variable \"crsh\" in any map; variables: crash, on, level, small, counts, pair, big, odd",
		     self->why);
	/* its end lies outside of the map */
	EXPECT_EQ(-ENOENT, FIND(NULL, "outside"));
	mini_put_u32(self->g, self->bss + MINI_MAP_VALUE_SIZE, 2);
	READ();
	EXPECT_EQ(-ENOENT, FIND(".bss", "crash"));
}

TEST_F(var, ambiguous)
{
	u64 other = mini_map(&self->m, 6, ARRAY, "another.bss", 4,
			     SECTION_BYTES, 1, SECTION_BYTES);

	mini_map_types(&self->m, other, self->sbtf, 0, self->p.section);
	READ();
	EXPECT_EQ(-EEXIST, FIND(NULL, "crash"));
	EXPECT_STREQ("variable \"crash\" is in several maps, name one: my_sched.bss, another.bss",
		     self->why);
	ASSERT_EQ(0, FIND("another.bss", "crash"));
	EXPECT_EQ(MINI_DIRECT + other + MINI_ARRAY_VALUE, self->var.kva);
	/* loaded again: the younger one counts */
	strcpy((char *)self->g->ram + other + MINI_MAP_NAME, "my_sched.bss");
	READ();
	ASSERT_EQ(0, FIND(NULL, "crash"));
	EXPECT_EQ(MINI_DIRECT + other + MINI_ARRAY_VALUE, self->var.kva);
}

TEST_F(var, constants)
{
	mini_put_u32(self->g, self->bss + MINI_MAP_FLAGS, RDONLY_PROG);
	READ();
	ASSERT_EQ(0, FIND(NULL, "crash"));
	EXPECT_TRUE(self->var.constant);
	EXPECT_EQ(-EINVAL, SET(1));
	BECAUSE("is constant");
	EXPECT_EQ(0, *at(self->g, self->bss, AT_CRASH));
	EXPECT_EQ(0, GET());
}

/* Parsed once, as long as it is the same. */
TEST_F(var, types_are_kept)
{
	const struct kt_types *first;
	u64 other = mini_map(&self->m, 6, ARRAY, "other", 4, 8, 1, 8);

	mini_map_types(&self->m, other, self->sbtf, 0, self->p.pair);
	READ();
	first = kt_bpf_map(self->b, 0)->types;
	ASSERT_NE(NULL, first);
	EXPECT_EQ(first, kt_bpf_map(self->b, 1)->types);
	READ();
	EXPECT_EQ(first, kt_bpf_map(self->b, 0)->types);
	/* another one at the same place */
	free(self->p.data);
	prog_btf(&self->p, "my_enqueue_with_a_long_namf");
	self->sbtf = mini_sbtf(&self->m, 4, self->p.data, self->p.len);
	mini_map_types(&self->m, self->bss, self->sbtf, 0, self->p.section);
	READ();
	EXPECT_NE(first, kt_bpf_map(self->b, 0)->types);
	EXPECT_NE(NULL, kt_bpf_map(self->b, 0)->types);
	EXPECT_EQ(first, kt_bpf_map(self->b, 1)->types);
}

TEST_F(var, types_that_are_of_no_use)
{
	struct mini_guest *g = self->g;
	u64 data;
	u32 i;

	memcpy(&data, g->ram + self->sbtf + MINI_SBTF_DATA, 8);
	g->ram[data - MINI_DIRECT]++;
	READ();
	EXPECT_EQ(NULL, kt_bpf_map(self->b, 0)->types);
	EXPECT_EQ(1, nr_errors);
	for (i = 0; i < 3; i++)
		READ();
	EXPECT_EQ(1, nr_errors);	/* said, and tried, once */
	EXPECT_EQ(-ENOENT, FIND(NULL, "crash"));
	g->ram[data - MINI_DIRECT]--;
	READ();
	EXPECT_NE(NULL, kt_bpf_map(self->b, 0)->types);
	/* split, too large, not there, empty, the kernel's own */
	mini_put_u64(g, self->sbtf + MINI_SBTF_BASE, MINI_DIRECT);
	READ();
	EXPECT_EQ(NULL, kt_bpf_map(self->b, 0)->types);
	mini_put_u64(g, self->sbtf + MINI_SBTF_BASE, 0);
	mini_put_u32(g, self->sbtf + MINI_SBTF_DATA_SIZE, UINT32_MAX);
	READ();
	EXPECT_EQ(NULL, kt_bpf_map(self->b, 0)->types);
	mini_put_u32(g, self->sbtf + MINI_SBTF_DATA_SIZE, 0);
	READ();
	EXPECT_EQ(NULL, kt_bpf_map(self->b, 0)->types);
	mini_put_u32(g, self->sbtf + MINI_SBTF_DATA_SIZE, self->p.len);
	mini_put_u64(g, self->sbtf + MINI_SBTF_DATA, 0xffffc90000000000);
	READ();
	EXPECT_EQ(NULL, kt_bpf_map(self->b, 0)->types);
	g->ram[self->sbtf + MINI_SBTF_KERNEL] = 1;
	READ();
	EXPECT_EQ(self->types, kt_bpf_map(self->b, 0)->types);
}

/* More of them than are kept: the oldest is dropped, none that is in use. */
TEST_F(var, many_types)
{
	u32 i, id, with = 0;
	u64 map, sbtf;

	READ();
	for (i = 0; i < 40; i++) {
		id = 10 + i;
		sbtf = mini_sbtf(&self->m, id, self->p.data, self->p.len);
		map = mini_map(&self->m, id, ARRAY, "m", 4, 4, 1, 8);
		mini_map_types(&self->m, map, sbtf, 0, 1);
	}
	READ();
	for (i = 0; i < kt_bpf_nr_maps(self->b); i++)
		with += !!kt_bpf_map(self->b, i)->types;
	EXPECT_EQ(32, with);
	EXPECT_EQ(0, nr_errors);
}

/* What belongs to program @gpa: its aux structure. */
static u64 aux_of(struct mini_guest *g, u64 gpa)
{
	u64 aux;

	memcpy(&aux, g->ram + gpa + MINI_PROG_AUX, 8);
	return aux - MINI_DIRECT;
}

/* Program 3 with a function of its own, both described by its BTF. */
static u64 add_prog(struct mini_bpf *m, const struct prog_btf *p, u64 sbtf)
{
	u64 prog = mini_prog(m, STRUCT_OPS_PROG, "my_enqueue_with", 0xffffffffc0001000,
			     0xffffffffc0001100), aux = aux_of(m->g, prog);
	u64 sub = mini_prog(m, STRUCT_OPS_PROG, "F", 0xffffffffc0002000,
			    0xffffffffc0002010), subaux = aux_of(m->g, sub);
	u64 info = mini_alloc(m, 2 * MINI_INFO_BYTES), func = mini_alloc(m, 16);

	mini_put_u32(m->g, info + 8, p->func);
	mini_put_u32(m->g, info + MINI_INFO_BYTES + 8, p->sub);
	mini_put_u64(m->g, func, MINI_DIRECT + prog);
	mini_put_u64(m->g, func + 8, MINI_DIRECT + sub);
	mini_put_u32(m->g, aux + MINI_AUX_ID, 3);
	mini_put_u32(m->g, aux + MINI_AUX_INSNS, 120);
	mini_put_u32(m->g, aux + MINI_AUX_NR_FUNCS, 2);
	mini_put_u64(m->g, aux + MINI_AUX_FUNC, MINI_DIRECT + func);
	mini_put_u64(m->g, aux + MINI_AUX_BTF, MINI_DIRECT + sbtf);
	mini_put_u64(m->g, aux + MINI_AUX_FUNC_INFO, MINI_DIRECT + info);
	mini_put_u32(m->g, aux + MINI_AUX_NR_INFO, 2);
	memcpy(m->g->ram + subaux + MINI_AUX_BTF, m->g->ram + aux + MINI_AUX_BTF, 20);
	mini_put_u32(m->g, subaux + MINI_AUX_FUNC_IDX, 1);
	mini_set_id(m, m->prog_node, 3, prog);
	return prog;
}

TEST_F(var, programs)
{
	u64 prog = add_prog(&self->m, &self->p, self->sbtf), offset;
	const struct kt_bpf_prog *p;
	struct mini_guest *g = self->g;
	json_t *progs;
	char *text;

	mini_put_u64(g, prog + MINI_PROG_STATS, 0x300);
	mini_put_u64(g, MINI_PERCPU_GPA + 0x300 + 16, 5);
	mini_put_u64(g, MINI_PERCPU_GPA + 0x300 + 8, 500);
	mini_put_u64(g, MINI_PERCPU_GPA + 0x10300 + 16, 7);
	READ();
	ASSERT_EQ(1, kt_bpf_nr_progs(self->b));
	EXPECT_EQ(NULL, kt_bpf_prog(self->b, 1));
	p = kt_bpf_prog(self->b, 0);
	EXPECT_STREQ("my_enqueue_with_a_long_name", p->name);
	EXPECT_EQ(12, p->run_count);
	EXPECT_EQ(500, p->run_ns);
	EXPECT_EQ(p, kt_bpf_prog_at(self->b, 0xffffffffc00010ff, &offset));
	EXPECT_EQ(0xff, offset);
	EXPECT_EQ(NULL, kt_bpf_prog_at(self->b, 0xffffffffc0001100, &offset));
	p = kt_bpf_prog_at(self->b, 0xffffffffc0002004, &offset);
	ASSERT_NE(NULL, p);
	EXPECT_STREQ("a_function_with_a_name_of_its_own", p->name);
	EXPECT_EQ(3, p->id);
	EXPECT_EQ(4, offset);
	progs = kt_bpf_progs_json(self->b);
	text = json_dumps(progs, JSON_COMPACT);
	EXPECT_STREQ("[{\"id\":3,\"name\":\"my_enqueue_with_a_long_name\",\"type\":\"struct_ops\",\"verified_insns\":120,\"run_count\":12,\"run_ns\":500,\"text\":\"0xffffffffc0001000-0xffffffffc0001100\",\"functions\":[\"a_function_with_a_name_of_its_own\"]}]",
		     text);
	free(text);
	json_decref(progs);
}

TEST_F(var, programs_that_lie)
{
	u64 prog = add_prog(&self->m, &self->p, self->sbtf), offset, aux;
	struct mini_guest *g = self->g;

	aux = aux_of(g, prog);
	/* without a name by BTF it has its short one */
	mini_put_u32(g, aux + MINI_AUX_FUNC_IDX, 1);
	mini_put_u32(g, aux + MINI_AUX_NR_INFO, 1);
	READ();
	EXPECT_STREQ("my_enqueue_with", kt_bpf_prog(self->b, 0)->name);
	mini_put_u32(g, aux + MINI_AUX_FUNC_IDX, 7);
	mini_put_u32(g, aux + MINI_AUX_NR_FUNCS, UINT32_MAX);
	READ();
	EXPECT_STREQ("my_enqueue_with", kt_bpf_prog(self->b, 0)->name);
	mini_put_u32(g, aux + MINI_AUX_FUNC_IDX, 0);
	mini_put_u64(g, aux + MINI_AUX_FUNC_INFO, 0xffffc90000000000);
	mini_put_u64(g, aux + MINI_AUX_FUNC, 0xffffc90000000000);
	mini_put_u64(g, prog + MINI_PROG_STATS, 0xffffc90000000000);
	/* ends before it begins */
	mini_put_u64(g, aux + MINI_AUX_KSYM + MINI_KSYM_END, 1);
	READ();
	EXPECT_STREQ("my_enqueue_with", kt_bpf_prog(self->b, 0)->name);
	EXPECT_EQ(0, kt_bpf_prog(self->b, 0)->run_count);
	EXPECT_EQ(NULL, kt_bpf_prog_at(self->b, 0xffffffffc0001000, &offset));
	mini_put_u64(g, prog + MINI_PROG_AUX, 0);
	READ();
	EXPECT_EQ(0, kt_bpf_nr_progs(self->b));
}

/* On the list of code, one behind another; those of programs are known. */
TEST_F(var, trampolines)
{
	u64 prog = add_prog(&self->m, &self->p, self->sbtf), offset, t, at;
	u64 list = MINI_IMAGE_GPA + MINI_BPF_KALLSYMS;
	struct mini_guest *g = self->g;
	const struct kt_bpf_prog *p;

	t = mini_alloc(&self->m, 80);
	mini_put_u64(g, t + MINI_KSYM_START, 0xffffffffc0003000);
	mini_put_u64(g, t + MINI_KSYM_END, 0xffffffffc0003040);
	strcpy((char *)g->ram + t + MINI_KSYM_NAME, "bpf__some_ops_dispatch");
	at = aux_of(g, prog) + MINI_AUX_KSYM + MINI_KSYM_NODE;
	mini_put_u64(g, list, MINI_DIRECT + at);
	mini_put_u64(g, at, MINI_DIRECT + t + MINI_KSYM_NODE);
	mini_put_u64(g, t + MINI_KSYM_NODE, MINI_TEXT + MINI_BPF_KALLSYMS);
	READ();
	p = kt_bpf_prog_at(self->b, 0xffffffffc0003001, &offset);
	ASSERT_NE(NULL, p);
	EXPECT_STREQ("bpf__some_ops_dispatch", p->name);
	EXPECT_EQ(0, p->kva);
	p = kt_bpf_prog_at(self->b, 0xffffffffc0001000, &offset);
	EXPECT_EQ(kt_bpf_prog(self->b, 0), p);
	/* around in a circle, and out of the kernel's half */
	mini_put_u64(g, t + MINI_KSYM_NODE, MINI_DIRECT + at);
	READ();
	mini_put_u64(g, t + MINI_KSYM_NODE, 0x7000);
	READ();
	EXPECT_NE(NULL, kt_bpf_prog_at(self->b, 0xffffffffc0003001, &offset));
}

TEST_HARNESS_MAIN
