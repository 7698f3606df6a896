// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes of a scheduler's variables: when they are due, what is tried again
 * and for how long, and what is told of those that were not made.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/coord/writes.h"
#include "mini_bpf.h"

#define MS		KT_NSEC_PER_MSEC
#define SECTION_BYTES	16

FIXTURE(writes)
{
	struct mini_guest *g;
	struct mini_bpf m;
	struct kt_types *types;
	struct kt_subject s;
	struct kt_writes w;
	u64 bss;
	char why[256];
};

/* "crash" and "level", of four bytes each. */
static u64 section(struct mini_bpf *m, int *id)
{
	struct btf *b = btf__new_empty();
	int number = btf__add_int(b, "unsigned int", 4, 0), crash, level;
	const void *data;
	u64 sbtf;
	u32 len;

	crash = btf__add_var(b, "crash", BTF_VAR_GLOBAL_ALLOCATED, number);
	level = btf__add_var(b, "level", BTF_VAR_GLOBAL_ALLOCATED, number);
	*id = btf__add_datasec(b, ".bss", SECTION_BYTES);
	if (btf__add_datasec_var_info(b, crash, 0, 4) ||
	    btf__add_datasec_var_info(b, level, 4, 4))
		abort();
	data = btf__raw_data(b, &len);
	sbtf = mini_sbtf(m, 4, data, len);
	btf__free(b);
	return sbtf;
}

FIXTURE_SETUP(writes)
{
	u64 sbtf;
	int id;

	keep_log();
	memset(self, 0, sizeof(*self));
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_init(self->g, 0));
	self->types = mini_bpf_types(NULL, NULL);
	self->g->k.types = self->types;
	self->s.kernel = self->g->k;
	mini_bpf_init(&self->m, self->g);
	sbtf = section(&self->m, &id);
	self->bss = mini_map(&self->m, 5, 2, "sched.bss", 4, SECTION_BYTES, 1,
			     SECTION_BYTES);
	mini_map_types(&self->m, self->bss, sbtf, 0, id);
}

FIXTURE_TEARDOWN(writes)
{
	kt_subject_fini(&self->s);
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

static u32 word(const struct mini_guest *g, u64 map, u32 i)
{
	u32 v;

	memcpy(&v, g->ram + map + MINI_ARRAY_VALUE + 4 * i, sizeof(v));
	return v;
}

#define INIT(...) \
	({ static const struct kt_write list[] = { __VA_ARGS__ }; \
	   kt_writes_init(&self->w, list, ARRAY_SIZE(list)); })
#define SERVE(ms) \
	kt_writes_serve(&self->w, &self->s, "", (ms) * MS)
#define CRASH	word(self->g, self->bss, 0)
#define LEVEL	word(self->g, self->bss, 1)
#define MISSING() \
	kt_writes_missing(&self->w, self->why, sizeof(self->why))

TEST_F(writes, none)
{
	kt_writes_init(&self->w, NULL, 0);
	EXPECT_EQ(UINT64_MAX, kt_writes_left(&self->w, 0));
	SERVE(0);
	EXPECT_FALSE(MISSING());
}

TEST_F(writes, at_their_time)
{
	INIT({ "level", NULL, 7, 500 * MS }, { "crash", ".bss", 1, 0 },
	     { "level", "sched.bss", 9, 700 * MS });
	EXPECT_EQ(0, kt_writes_left(&self->w, 0));
	SERVE(0);
	EXPECT_EQ(1, CRASH);
	EXPECT_EQ(0, LEVEL);
	EXPECT_EQ(500 * MS, kt_writes_left(&self->w, 0));
	EXPECT_EQ(1, kt_writes_left(&self->w, 500 * MS - 1));
	SERVE(499);
	EXPECT_EQ(0, LEVEL);
	EXPECT_TRUE(MISSING());
	EXPECT_STREQ("variable \"level\" was not written: the workload ended before it was due",
		     self->why);
	/* one that was made is not made again */
	mini_put_u32(self->g, self->bss + MINI_ARRAY_VALUE, 5);
	SERVE(501);
	EXPECT_EQ(5, CRASH);
	EXPECT_EQ(7, LEVEL);
	SERVE(710);
	EXPECT_EQ(9, LEVEL);
	EXPECT_FALSE(MISSING());
	EXPECT_EQ(7, self->w.results[2].before);
	EXPECT_EQ(710 * MS, self->w.results[2].at_ns);
	EXPECT_STREQ("sched.bss", self->w.results[2].map);
	EXPECT_EQ(UINT64_MAX, kt_writes_left(&self->w, 800 * MS));
	EXPECT_EQ(0, nr_logged);
}

/* All that are due at once, in the order of the declaration. */
TEST_F(writes, several_at_once)
{
	INIT({ "level", NULL, 1, 0 }, { "level", NULL, 2, 10 * MS },
	     { "crsh", NULL, 1, 0 }, { "crash", NULL, 3, 0 });
	SERVE(20);
	EXPECT_EQ(2, LEVEL);
	EXPECT_EQ(3, CRASH);
	EXPECT_EQ(0, kt_writes_left(&self->w, 20 * MS));
	EXPECT_TRUE(MISSING());
	EXPECT_STREQ("variable \"crsh\" was not written: no variable \"crsh\" in any map; variables: crash, level",
		     self->why);
}

TEST_F(writes, tried_again_for_a_second)
{
	u64 node = self->m.map_node + MINI_NODE_SLOTS + 8 * 5, map;

	INIT({ "crash", NULL, 1, 100 * MS });
	memcpy(&map, self->g->ram + node, sizeof(map));
	mini_put_u64(self->g, node, 0);		/* not yet there */
	SERVE(100);
	EXPECT_EQ(0, kt_writes_left(&self->w, 150 * MS));
	mini_put_u64(self->g, node, map);
	SERVE(1099);
	EXPECT_EQ(1, CRASH);
	/* and no longer */
	INIT({ "crash", NULL, 2, 100 * MS });
	mini_put_u64(self->g, node, 0);
	SERVE(1099);
	EXPECT_EQ(0, kt_writes_left(&self->w, 1099 * MS));
	SERVE(1100);
	EXPECT_EQ(UINT64_MAX, kt_writes_left(&self->w, 1100 * MS));
	mini_put_u64(self->g, node, map);
	SERVE(1101);
	EXPECT_EQ(1, CRASH);
	EXPECT_TRUE(MISSING());
	EXPECT_NE(NULL, strstr(self->why, "variables: none"));
}

TEST_F(writes, what_cannot_succeed_is_not_tried_again)
{
	INIT({ "crash", NULL, 1LL << 40, 0 });
	SERVE(0);
	EXPECT_EQ(UINT64_MAX, kt_writes_left(&self->w, 0));
	EXPECT_EQ(0, CRASH);
	EXPECT_TRUE(MISSING());
	EXPECT_NE(NULL, strstr(self->why, "does not fit"));
}

TEST_F(writes, a_kernel_that_cannot_be_read)
{
	INIT({ "crash", NULL, 1, 0 });
	kt_writes_serve(&self->w, NULL, "no vmlinux is known", 0);
	EXPECT_TRUE(MISSING());
	EXPECT_STREQ("variable \"crash\" was not written: no vmlinux is known",
		     self->why);
	self->s.kernel.types = NULL;
	SERVE(1);
	EXPECT_TRUE(MISSING());
	EXPECT_NE(NULL, strstr(self->why, "BPF is not known, or it has none"));
	self->s.kernel.types = self->types;
	SERVE(2);
	EXPECT_EQ(1, CRASH);
	EXPECT_FALSE(MISSING());
}

/* Names are the guest's words. */
TEST_F(writes, names_that_would_break_a_line)
{
	strcpy((char *)self->g->ram + self->bss + MINI_MAP_NAME, "a\033[1m\n.bss");
	INIT({ "crash", NULL, 1LL << 40, 0 });
	SERVE(0);
	EXPECT_TRUE(MISSING());
	EXPECT_EQ(NULL, strchr(self->why, '\033'));
}

TEST_F(writes, more_than_there_is_room_for)
{
	static struct kt_write many[KT_MAX_WRITES + 4];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct kt_write){ .var = "level", .value = i + 1 };
	kt_writes_init(&self->w, many, ARRAY_SIZE(many));
	SERVE(0);
	EXPECT_EQ(KT_MAX_WRITES, LEVEL);
}

TEST_HARNESS_MAIN
