// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF maps in the memory of a mini guest: every type that is read, and every
 * way in which what a guest says may be untrue.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "mini_bpf.h"

#define NULLS		1	/* what a bucket's list ends with */
#define BROKEN		0xffffc90000000000ULL	/* nothing is mapped there */
#define PERCPU_STEP	0x10000

enum {
	HASH = 1, ARRAY = 2, PROG_ARRAY = 3, PERCPU_HASH = 5, PERCPU_ARRAY = 6,
	LRU_HASH = 9, LRU_PERCPU_HASH = 10, ARRAY_OF_MAPS = 12,
	HASH_OF_MAPS = 13, QUEUE = 22, STACK = 23, STRUCT_OPS = 26,
	TASK_STORAGE = 29, CGRP_STORAGE = 32, ARENA = 33,
};

FIXTURE(bpf)
{
	struct mini_guest *g;
	struct mini_bpf m;
	struct kt_types *types;
	int ops_type;
	struct kt_bpf *b;
	json_t *absent, *maps;
};

FIXTURE_SETUP(bpf)
{
	keep_log();
	memset(self, 0, sizeof(*self));
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_init(self->g, 0));
	self->types = mini_bpf_types(NULL, &self->ops_type);
	self->g->k.types = self->types;
	mini_bpf_init(&self->m, self->g);
	self->absent = json_array();
}

FIXTURE_TEARDOWN(bpf)
{
	json_decref(self->maps);
	json_decref(self->absent);
	kt_bpf_free(self->b);
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

static json_t *read_maps(const struct kt_guest_kernel *k, json_t *absent,
			 struct kt_bpf **b)
{
	return kt_bpf_read(k, NULL, absent, b) ? NULL : kt_bpf_maps_json(*b);
}

#define READ() \
	ASSERT_NE(NULL, self->maps = read_maps(&self->g->k, self->absent, &self->b))

/* Whether the member is as @want says, in which ' stands for ". */
static bool is(const json_t *maps, u32 i, const char *member, const char *want)
{
	const json_t *v = json_object_get(json_array_get(maps, i), member);
	char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	char buf[2048], *p;
	bool ok;

	snprintf(buf, sizeof(buf), "%s", want);
	for (p = buf; (p = strchr(p, '\''));)
		*p = '"';
	ok = text && !strcmp(text, buf);
	if (!ok)
		printf("# %s: %s\n# not %s\n", member, text ? text : "none", buf);
	free(text);
	return ok;
}

#define EXPECT_IS(i, member, want) \
	EXPECT_TRUE(is(self->maps, (i), (member), (want)))
#define EXPECT_CUT(i, want) \
	EXPECT_NE(NULL, strstr(json_string_value(json_object_get(json_array_get(self->maps, (i)), \
				"cut")) ?: "", (want)))
#define EXPECT_NOT_CUT(i) \
	EXPECT_EQ(NULL, json_object_get(json_array_get(self->maps, (i)), "cut"))

static bool is_absent(const json_t *absent, const char *what)
{
	const json_t *v;
	size_t i;

	json_array_foreach(absent, i, v)
		if (strstr(json_string_value(v), what))
			return true;
	return false;
}

/* A word of each CPU at per-CPU pointer @pptr. */
static void put_percpu(struct mini_guest *g, u64 pptr, u64 cpu0, u64 cpu1)
{
	mini_put_u64(g, MINI_PERCPU_GPA + pptr, cpu0);
	mini_put_u64(g, MINI_PERCPU_GPA + PERCPU_STEP + pptr, cpu1);
}

TEST_F(bpf, what_a_map_is)
{
	const struct kt_bpf_map *m;
	char buf[32];

	mini_map(&self->m, 7, ARRAY, "sixteen-letters!", 4, 8, 0, 0);
	mini_map(&self->m, 3, PROG_ARRAY, "progs", 4, 4, 5, 0);
	mini_map(&self->m, 9, 4711, "new", 4, 4, 5, 0);
	READ();
	ASSERT_EQ(3, kt_bpf_nr_maps(self->b));
	m = kt_bpf_map(self->b, 1);
	EXPECT_EQ(7, m->id);
	EXPECT_EQ(ARRAY, m->type);
	EXPECT_STREQ("sixteen-letters!", m->name);
	EXPECT_EQ(4, m->key_bytes);
	EXPECT_EQ(8, m->value_bytes);
	EXPECT_EQ(NULL, m->types);
	EXPECT_EQ(NULL, kt_bpf_map(self->b, 3));
	EXPECT_IS(0, "id", "3");
	EXPECT_IS(0, "type", "'prog_array'");
	EXPECT_IS(0, "cut", "'not read: prog_array'");
	EXPECT_IS(0, "max_entries", "5");
	EXPECT_IS(1, "name", "'sixteen-letters!'");
	EXPECT_IS(1, "entries", "[]");
	EXPECT_IS(2, "type", "'type 4711'");
	EXPECT_EQ(0, json_array_size(self->absent));
	EXPECT_STREQ("lru_percpu_hash", kt_bpf_map_type_str(10, buf, sizeof(buf)));
}

TEST_F(bpf, arrays)
{
	u64 a = mini_map(&self->m, 1, ARRAY, "a", 4, 4, 3, 24), p, of;

	mini_put_u32(self->g, a + MINI_ARRAY_VALUE, 11);
	mini_put_u32(self->g, a + MINI_ARRAY_VALUE + 16, 33);
	p = mini_map(&self->m, 2, PERCPU_ARRAY, "p", 4, 8, 2, 16);
	mini_put_u64(self->g, p + MINI_ARRAY_VALUE, 0x100);
	mini_put_u64(self->g, p + MINI_ARRAY_VALUE + 8, 0x108);
	put_percpu(self->g, 0x100, 1, 2);
	put_percpu(self->g, 0x108, 3, 1ULL << 63);
	of = mini_map(&self->m, 3, ARRAY_OF_MAPS, "of", 4, 4, 3, 24);
	mini_put_u64(self->g, of + MINI_ARRAY_VALUE, MINI_DIRECT + p);
	mini_put_u64(self->g, of + MINI_ARRAY_VALUE + 16, BROKEN);
	READ();
	EXPECT_IS(0, "entries", "[{'key':0,'value':11},{'key':1,'value':0},{'key':2,'value':33}]");
	EXPECT_IS(1, "entries", "[{'key':0,'cpus':[1,2]},{'key':1,'cpus':[3,'9223372036854775808']}]");
	EXPECT_IS(2, "entries", "[{'key':0,'value':2},{'key':1,'value':null},{'key':2,'value':'? no map at 0xffffc90000000000'}]");
	EXPECT_NOT_CUT(0);
}

TEST_F(bpf, bytes_without_a_type)
{
	u64 a = mini_map(&self->m, 1, ARRAY, "a", 4, 3, 1, 8);
	u64 b = mini_map(&self->m, 2, ARRAY, "b", 4, 300, 1, 304);

	memcpy(self->g->ram + a + MINI_ARRAY_VALUE, "\xab\x00\xcd", 3);
	self->g->ram[b + MINI_ARRAY_VALUE + 1] = 5;
	READ();
	EXPECT_IS(0, "entries", "[{'key':0,'value':'ab 00 cd'}]");
	EXPECT_IS(1, "entries", "[{'key':0,'value':'00 05 ... 298 more, all zero'}]");
}

TEST_F(bpf, queues)
{
	u64 q = mini_map(&self->m, 1, QUEUE, "q", 0, 4, 3, 16);
	u64 s = mini_map(&self->m, 2, STACK, "s", 0, 4, 3, 16);
	u32 i;

	for (i = 0; i < 4; i++) {
		mini_put_u32(self->g, q + MINI_QUEUE_ELEMENTS + 4 * i, 10 + i);
		mini_put_u32(self->g, s + MINI_QUEUE_ELEMENTS + 4 * i, 20 + i);
	}
	mini_put_u32(self->g, q + MINI_QUEUE_SIZE, 4);
	mini_put_u32(self->g, q + MINI_QUEUE_TAIL, 3);
	mini_put_u32(self->g, q + MINI_QUEUE_HEAD, 1);
	mini_put_u32(self->g, s + MINI_QUEUE_SIZE, 4);
	mini_put_u32(self->g, s + MINI_QUEUE_HEAD, 2);
	/* positions that cannot be */
	mini_map(&self->m, 3, QUEUE, "x", 0, 4, 3, 16);
	READ();
	EXPECT_IS(0, "entries", "[{'key':0,'value':13},{'key':1,'value':10}]");
	EXPECT_IS(1, "entries", "[{'key':0,'value':21},{'key':1,'value':20}]");
	EXPECT_CUT(2, "no queue as it is known");
}

/* A table of 4 buckets, each at its end; its memory. */
static u64 table(struct mini_bpf *m, u64 map)
{
	u64 buckets = mini_alloc(m, 4 * MINI_BUCKET_BYTES);
	u32 i;

	for (i = 0; i < 4; i++)
		mini_put_u64(m->g, buckets + i * MINI_BUCKET_BYTES +
			     MINI_BUCKET_FIRST, (i << 1) | NULLS);
	mini_put_u32(m->g, map + MINI_HTAB_NR_BUCKETS, 4);
	mini_put_u64(m->g, map + MINI_HTAB_BUCKETS, MINI_DIRECT + buckets);
	return buckets;
}

/* An entry at the head of bucket @i; @value_at: behind the key, rounded up. */
static u64 elem(struct mini_bpf *m, u64 buckets, u32 i, u32 key, u32 value_at,
		u64 value)
{
	u64 e = mini_alloc(m, MINI_ELEM_KEY + value_at + 8);
	u64 head = buckets + i * MINI_BUCKET_BYTES + MINI_BUCKET_FIRST;

	memcpy(m->g->ram + e + MINI_ELEM_NEXT, m->g->ram + head, 8);
	mini_put_u32(m->g, e + MINI_ELEM_KEY, key);
	mini_put_u64(m->g, e + MINI_ELEM_KEY + value_at, value);
	mini_put_u64(m->g, head, MINI_DIRECT + e);
	return e;
}

TEST_F(bpf, hash_tables)
{
	u64 h = mini_map(&self->m, 1, HASH, "h", 12, 8, 10, 0), t, p, of;

	t = table(&self->m, h);
	elem(&self->m, t, 3, 7, 16, 70);
	elem(&self->m, t, 3, 8, 16, 80);
	elem(&self->m, t, 0, 9, 16, 90);
	p = mini_map(&self->m, 2, LRU_PERCPU_HASH, "p", 4, 8, 10, 0);
	elem(&self->m, table(&self->m, p), 1, 5, 8, 0x200);
	put_percpu(self->g, 0x200, 50, 51);
	of = mini_map(&self->m, 3, HASH_OF_MAPS, "of", 4, 4, 10, 0);
	elem(&self->m, table(&self->m, of), 1, 6, 8, MINI_DIRECT + h);
	table(&self->m, mini_map(&self->m, 4, LRU_HASH, "none", 4, 4, 1, 0));
	READ();
	EXPECT_IS(0, "entries",
		  "[{'key':'09 ... 11 more, all zero','value':90},{'key':'08 ... 11 more, all zero','value':80},{'key':'07 ... 11 more, all zero','value':70}]");
	EXPECT_IS(1, "entries", "[{'key':5,'cpus':[50,51]}]");
	EXPECT_IS(2, "entries", "[{'key':6,'value':1}]");
	EXPECT_IS(3, "entries", "[]");
	EXPECT_NOT_CUT(0);
	EXPECT_NOT_CUT(3);
}

TEST_F(bpf, broken_hash_tables)
{
	u64 h = mini_map(&self->m, 1, HASH, "loop", 4, 8, 10, 0), t, first, e;

	t = table(&self->m, h);
	first = elem(&self->m, t, 0, 1, 8, 10);
	elem(&self->m, t, 0, 2, 8, 20);
	e = elem(&self->m, t, 0, 3, 8, 30);
	mini_put_u64(self->g, first + MINI_ELEM_NEXT, MINI_DIRECT + e);
	h = mini_map(&self->m, 2, HASH, "wild", 4, 8, 10, 0);
	t = table(&self->m, h);
	e = elem(&self->m, t, 0, 1, 8, 10);
	mini_put_u64(self->g, e + MINI_ELEM_NEXT, BROKEN);
	h = mini_map(&self->m, 3, HASH, "user", 4, 8, 10, 0);
	t = table(&self->m, h);
	e = elem(&self->m, t, 0, 1, 8, 10);
	mini_put_u64(self->g, e + MINI_ELEM_NEXT, 0x7000);
	h = mini_map(&self->m, 4, HASH, "nowhere", 4, 8, 10, 0);
	mini_put_u32(self->g, h + MINI_HTAB_NR_BUCKETS, 4);
	h = mini_map(&self->m, 5, HASH, "vast", 4, 8, 10, 0);
	table(&self->m, h);
	mini_put_u32(self->g, h + MINI_HTAB_NR_BUCKETS, UINT32_MAX);
	READ();
	EXPECT_CUT(0, "leads back into itself");
	EXPECT_LE(3, json_array_size(json_object_get(json_array_get(self->maps, 0),
						     "entries")));
	EXPECT_CUT(1, "cannot be read");
	EXPECT_IS(1, "entries", "[{'key':1,'value':10}]");
	EXPECT_CUT(2, "cannot be read");
	EXPECT_CUT(3, "cannot be read");
	EXPECT_CUT(4, "cannot be read");
}

TEST_F(bpf, numbers_without_measure)
{
	u64 a = mini_map(&self->m, 1, ARRAY, "value", 4, UINT32_MAX, 1, 0), b;

	mini_map(&self->m, 2, HASH, "key", UINT32_MAX, 4, 1, 0);
	mini_map(&self->m, 3, ARRAY, "entries", 4, 8, UINT32_MAX, 0);
	a = mini_map(&self->m, 4, ARRAY, "elem", 4, 8, 2, 8);
	mini_put_u32(self->g, a + MINI_ARRAY_ELEM_SIZE, 4);
	mini_map(&self->m, 5, ARRAY, "index", 8, 8, 2, 8);
	/* each alone may be shown, both together may not */
	b = mini_map(&self->m, 6, PERCPU_ARRAY, "much", 4, 1 << 20, 2, 16);
	mini_put_u64(self->g, b + MINI_ARRAY_VALUE, 0x100);
	mini_map(&self->m, 7, TASK_STORAGE, "log", 4, 8, 0, 0);
	mini_put_u32(self->g, mini_map(&self->m, 8, TASK_STORAGE, "log", 4, 8, 0, 0) +
		     MINI_STORAGE_LOG, 63);
	READ();
	EXPECT_IS(0, "cut", "'not read: values of 4294967295 bytes'");
	EXPECT_IS(1, "cut", "'not read: keys of 4294967295 bytes'");
	EXPECT_IS(2, "cut", "'more than 256 entries'");
	EXPECT_EQ(256, json_array_size(json_object_get(json_array_get(self->maps, 2),
						       "entries")));
	EXPECT_IS(3, "cut", "'not read: 4 bytes for a value of 8'");
	EXPECT_CUT(4, "no array as it is known");
	EXPECT_IS(5, "cut", "'values of more than 1024 KiB'");
	EXPECT_IS(5, "entries", "[]");
	EXPECT_CUT(6, "cannot be read");
	EXPECT_CUT(7, "no local storage as it is known");
}

TEST_F(bpf, local_storage)
{
	u64 s = mini_map(&self->m, 1, TASK_STORAGE, "s", 4, 8, 0, 0), c;
	u64 buckets = mini_alloc(&self->m, 2 * MINI_BUCKET_BYTES);
	u64 e = mini_alloc(&self->m, 64), freed = mini_alloc(&self->m, 64);
	u64 storage = mini_alloc(&self->m, 24), task, kn;
	struct mini_guest *g = self->g;

	task = mini_alloc(&self->m, MINI_TASK_BYTES);
	mini_put_u32(g, task + MINI_TASK_PID, 42);
	strcpy((char *)g->ram + task + MINI_TASK_COMM, "worker");
	mini_put_u32(g, s + MINI_STORAGE_LOG, 1);
	mini_put_u64(g, s + MINI_STORAGE_BUCKETS, MINI_DIRECT + buckets);
	mini_put_u64(g, buckets + MINI_BUCKET_BYTES + MINI_BUCKET_FIRST,
		     MINI_DIRECT + e + MINI_SELEM_NEXT);
	mini_put_u64(g, e + MINI_SELEM_NEXT, MINI_DIRECT + freed + MINI_SELEM_NEXT);
	mini_put_u64(g, e + MINI_SELEM_STORAGE, MINI_DIRECT + storage);
	mini_put_u64(g, e + MINI_SELEM_DATA, 1234);
	mini_put_u64(g, storage + MINI_STORAGE_OWNER, MINI_DIRECT + task);
	/* the same as if it were of cgroups: the owner's first words differ */
	c = mini_map(&self->m, 2, CGRP_STORAGE, "c", 4, 8, 0, 0);
	kn = mini_alloc(&self->m, 32);
	mini_put_u64(g, kn + MINI_KN_ID, 99);
	mini_put_u64(g, task + MINI_CGROUP_KN, MINI_DIRECT + kn);
	memcpy(g->ram + c + MINI_STORAGE_LOG, g->ram + s + MINI_STORAGE_LOG, 16);
	READ();
	EXPECT_IS(0, "entries", "[{'key':42,'value':1234,'comm':'worker'}]");
	EXPECT_IS(1, "entries", "[{'key':99,'value':1234}]");
	EXPECT_NOT_CUT(0);
	json_decref(self->maps);
	kt_bpf_free(self->b);
	mini_put_u64(g, freed + MINI_SELEM_NEXT, MINI_DIRECT + e + MINI_SELEM_NEXT);
	READ();
	EXPECT_CUT(0, "leads back into itself");
}

TEST_F(bpf, struct_ops)
{
	u64 s = mini_map(&self->m, 1, STRUCT_OPS, "ops", 4, 40, 1, 0), prog, aux;
	u64 value = mini_alloc(&self->m, 40), sbtf = mini_alloc(&self->m, 40);
	struct mini_guest *g = self->g;
	const void *data;
	struct btf *b;
	u32 len;

	prog = mini_prog(&self->m, 27, "my_dispatch", 0, 0);
	memcpy(&aux, g->ram + prog + MINI_PROG_AUX, 8);
	mini_put_u32(g, aux - MINI_DIRECT + MINI_AUX_ID, 5);
	mini_set_id(&self->m, self->m.prog_node, 5, prog);
	g->ram[sbtf + MINI_SBTF_KERNEL] = 1;
	mini_put_u32(g, s + MINI_MAP_KERNEL_TYPE, self->ops_type);
	mini_put_u64(g, s + MINI_OPS_BTF, MINI_DIRECT + sbtf);
	mini_put_u64(g, s + MINI_OPS_UVALUE, MINI_DIRECT + value);
	mini_put_u32(g, s + MINI_OPS_KVALUE + 4, 3);
	mini_put_u64(g, value + 24, 5);
	mini_put_u64(g, value + 32, 6);
	READ();
	EXPECT_IS(0, "entries",
		  "[{'key':0,'value':{'common':{'refcnt':0,'state':3},'data':{'enqueue':null,'dispatch':'my_dispatch (5)','flags':6}}}]");
	/* that of a module */
	mini_put_u64(g, sbtf + MINI_SBTF_BASE, MINI_DIRECT);
	json_decref(self->maps);
	kt_bpf_free(self->b);
	READ();
	EXPECT_IS(0, "cut", "'not read: its BTF is split, of a module'");
	/* that of a program, which cannot be */
	json_decref(self->maps);
	kt_bpf_free(self->b);
	b = btf__new_empty();
	btf__add_int(b, "int", 4, 0);
	data = btf__raw_data(b, &len);
	sbtf = mini_sbtf(&self->m, 7, data, len);
	btf__free(b);
	mini_put_u64(g, s + MINI_OPS_BTF, MINI_DIRECT + sbtf);
	READ();
	EXPECT_IS(0, "cut", "'not read: its types are those of a program'");
	json_decref(self->maps);
	kt_bpf_free(self->b);
	mini_put_u32(g, sbtf + MINI_SBTF_DATA_SIZE, (4 << 20) + 1);
	READ();
	EXPECT_IS(0, "cut", "'not read: its BTF has more than 4 MiB'");
}

#define ARENA_VM	0xffffc90000000000ULL
#define GUARD		0x8000ULL	/* half of it */
#define PTE_PRESENT	1

/* Maps the page at @gpa to @kva. */
static void map_page(struct mini_bpf *m, u64 kva, u64 gpa)
{
	u64 table = MINI_IMAGE_GPA + MINI_TOP_PGT, entry, at;
	u32 level;

	for (level = 4; level > 1; level--) {
		at = table + (kva >> (12 + 9 * (level - 1))) % 512 * 8;
		memcpy(&entry, m->g->ram + at, 8);
		if (!entry) {
			m->used = (m->used + 4095) & ~4095ULL;
			entry = mini_alloc(m, 4096) | PTE_PRESENT;
			mini_put_u64(m->g, at, entry);
		}
		table = entry & ~4095ULL;
	}
	mini_put_u64(m->g, table + (kva >> 12) % 512 * 8, gpa | PTE_PRESENT);
}

TEST_F(bpf, arena)
{
	u64 a = mini_map(&self->m, 1, ARENA, "a", 0, 0, 1 << 20, 0), page;
	u64 vm = mini_alloc(&self->m, 16), user = 0x7f0012300000;

	mini_put_u64(self->g, a + MINI_ARENA_USER, user);
	mini_put_u64(self->g, a + MINI_ARENA_VM, MINI_DIRECT + vm);
	mini_put_u64(self->g, vm + MINI_VM_ADDR, ARENA_VM);
	self->m.used = (self->m.used + 4095) & ~4095ULL;
	page = mini_alloc(&self->m, 4096);
	mini_put_u64(self->g, page + 8, 77);
	map_page(&self->m, ARENA_VM + GUARD + (u32)user, page);
	map_page(&self->m, ARENA_VM + GUARD + (u32)user + 0x40000000, page + (1 << 30));
	/* before it, and not of it */
	map_page(&self->m, ARENA_VM + GUARD + (u32)user - 4096, page);
	READ();
	EXPECT_IS(0, "entries",
		  "[{'key':'0x7f0012300000','value':[0,77,'... 510 more, all zero']},{'key':'0x7f0052300000','value':'? not readable'}]");
	EXPECT_NOT_CUT(0);
	json_decref(self->maps);
	kt_bpf_free(self->b);
	mini_put_u64(self->g, vm + MINI_VM_ADDR, 0x1000);
	READ();
	EXPECT_CUT(0, "no arena as it is known");
}

TEST_F(bpf, many_maps)
{
	u64 a = mini_map(&self->m, 1, ARRAY, "a", 4, 1 << 20, 1, 0);
	u32 i;

	/* a megabyte each, of memory that is not there: read or not, it counts */
	for (i = 2; i < 20; i++) {
		mini_set_id(&self->m, self->m.map_node, i,
			    mini_map(&self->m, i, ARRAY, "b", 4, 1 << 20, 1, 0));
	}
	mini_put_u32(self->g, a + MINI_MAP_MAX_ENTRIES, 2);
	READ();
	EXPECT_IS(0, "cut", "'values of more than 1024 KiB'");
	EXPECT_NOT_CUT(7);
	EXPECT_CUT(8, "have taken all that a capture holds");
	EXPECT_IS(18, "id", "19");
}

TEST_F(bpf, broken_lists)
{
	u64 bad = mini_map(&self->m, 1, ARRAY, "a", 4, 8, 1, 8);

	mini_map(&self->m, 2, ARRAY, "b", 4, 8, 1, 8);
	mini_put_u32(self->g, bad + MINI_MAP_ID, 9);	/* not that it is under */
	mini_put_u64(self->g, self->m.map_node + MINI_NODE_SLOTS + 8 * 3, BROKEN);
	mini_put_u64(self->g, self->m.map_node + MINI_NODE_SLOTS + 8 * 5, 0x7000);
	READ();
	ASSERT_EQ(1, kt_bpf_nr_maps(self->b));
	EXPECT_EQ(2, kt_bpf_map(self->b, 0)->id);
	EXPECT_TRUE(is_absent(self->absent, "the list of them breaks off"));
	mini_put_u64(self->g, MINI_IMAGE_GPA + MINI_MAP_IDR + 8 + MINI_XA_HEAD,
		     BROKEN + 2);
	kt_bpf_free(self->b);
	EXPECT_EQ(-EFAULT, kt_bpf_read(&self->g->k, NULL, NULL, &self->b));
	EXPECT_EQ(NULL, self->b);
}

TEST_F(bpf, a_kernel_with_another_hash_table)
{
	struct kt_types *types = mini_bpf_types("htab_elem", NULL);

	mini_map(&self->m, 1, HASH, "h", 4, 8, 1, 0);
	mini_put_u32(self->g, mini_map(&self->m, 2, ARRAY, "a", 4, 4, 1, 8) +
		     MINI_ARRAY_VALUE, 7);
	self->g->k.types = types;
	READ();
	EXPECT_CUT(0, "no hash table as it is known");
	EXPECT_IS(1, "entries", "[{'key':0,'value':7}]");
	EXPECT_EQ(1, json_array_size(self->absent));
	EXPECT_TRUE(is_absent(self->absent, "BPF, entries of hash tables"));
	kt_types_free(types);
	self->g->k.types = self->types;
}

TEST_F(bpf, a_kernel_without)
{
	struct kt_types *types = mini_bpf_types("bpf_map", NULL);
	struct kt_symbols *syms = self->g->syms;

	self->g->k.types = types;
	EXPECT_EQ(-ENOENT, kt_bpf_read(&self->g->k, NULL, self->absent, &self->b));
	EXPECT_TRUE(is_absent(self->absent, "BPF, maps: this kernel"));
	self->g->k.types = NULL;
	EXPECT_EQ(-ENOENT, kt_bpf_read(&self->g->k, NULL, self->absent, &self->b));
	EXPECT_TRUE(is_absent(self->absent, "no types (BTF)"));
	kt_types_free(types);
	self->g->k.types = self->types;
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, "map_idr"));
	self->g->k.syms = self->g->syms;
	EXPECT_EQ(-ENOENT, kt_bpf_read(&self->g->k, NULL, self->absent, &self->b));
	EXPECT_TRUE(is_absent(self->absent, "no symbol map_idr"));
	kt_symbols_free(syms);
}

TEST_HARNESS_MAIN
