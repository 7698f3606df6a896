// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source lines of BPF programs, out of a mini guest's tables of them.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "mini_bpf.h"

#define SCHED_PROG	27
#define FIRST		0xffffffffc0001000ULL
#define SECOND		0xffffffffc0002000ULL
#define NOWHERE		0xffffc90000000000ULL
#define NR_LINES	4

FIXTURE(line)
{
	struct mini_guest *g;
	struct mini_bpf m;
	struct kt_types *types;
	struct kt_btf_cache *cache;
	struct kt_bpf *b;
	u64 aux, lines, starts;
	char text[64];
};

/* A program's own BTF, of its strings only; where each of them is. */
static u64 add_strings(struct mini_bpf *m, u32 *file, u32 *text, u32 *other)
{
	struct btf *b = btf__new_empty();
	const void *data;
	u32 len;
	u64 sbtf;

	btf__add_int(b, "unsigned int", 4, 0);
	*file = btf__add_str(b, "/home/me/scx_foo.bpf.c");
	*text = btf__add_str(b, "\t\tp->slice = 0;");
	*other = btf__add_str(b, "return;");
	data = btf__raw_data(b, &len);
	sbtf = mini_sbtf(m, 4, data, len);
	btf__free(b);
	return sbtf;
}

static void put_line(struct mini_guest *g, u64 at, u32 file, u32 text, u32 nr)
{
	mini_put_u32(g, at + MINI_LINE_FILE, file);
	mini_put_u32(g, at + MINI_LINE_TEXT, text);
	mini_put_u32(g, at + MINI_LINE_COL, nr << 10 | 7);
}

static u64 aux_of(struct mini_guest *g, u64 prog)
{
	u64 aux;

	memcpy(&aux, g->ram + prog + MINI_PROG_AUX, 8);
	return aux - MINI_DIRECT;
}

/* One with four lines; another one's code begins behind its own. */
FIXTURE_SETUP(line)
{
	static const u64 starts[] = { FIRST, FIRST + 0x40, FIRST + 0x20, SECOND };
	u32 i, file, text, other;
	u64 sbtf;

	keep_log();
	memset(self, 0, sizeof(*self));
	self->g = aligned_alloc(4096, sizeof(*self->g));
	ASSERT_EQ(0, mini_guest_symbols(&self->g->syms, 0, NULL));
	mini_guest_boot(self->g);
	ASSERT_EQ(0, mini_guest_init(self->g, 0));
	self->types = mini_bpf_types(NULL, NULL);
	self->g->k.types = self->types;
	mini_bpf_init(&self->m, self->g);
	ASSERT_EQ(0, kt_btf_cache_new(&self->cache));

	sbtf = add_strings(&self->m, &file, &text, &other);
	self->aux = mini_prog(&self->m, SCHED_PROG, "enqueue", FIRST,
			      FIRST + 0x100);
	mini_set_id(&self->m, self->m.prog_node, 3, self->aux);
	self->aux = aux_of(self->g, self->aux);
	self->lines = mini_alloc(&self->m, NR_LINES * MINI_LINE_BYTES);
	self->starts = mini_alloc(&self->m, NR_LINES * 8);
	for (i = 0; i < NR_LINES; i++) {
		put_line(self->g, self->lines + i * MINI_LINE_BYTES, file,
			 i == 2 ? text : other, 100 + i);
		mini_put_u64(self->g, self->starts + i * 8, starts[i]);
	}
	mini_put_u32(self->g, self->aux + MINI_AUX_ID, 3);
	mini_put_u64(self->g, self->aux + MINI_AUX_BTF, MINI_DIRECT + sbtf);
	mini_put_u64(self->g, self->aux + MINI_AUX_LINFO,
		     MINI_DIRECT + self->lines);
	mini_put_u64(self->g, self->aux + MINI_AUX_JITED_LINFO,
		     MINI_DIRECT + self->starts);
	mini_put_u32(self->g, self->aux + MINI_AUX_NR_LINFO, NR_LINES);
}

FIXTURE_TEARDOWN(line)
{
	kt_bpf_free(self->b);
	kt_btf_cache_free(self->cache);
	kt_types_free(self->types);
	kt_symbols_free(self->g->syms);
	free(self->g);
}

/* What the guest has now, and its line at @kva. */
#define LINE_AT(kva)							\
	({								\
		kt_bpf_free(self->b);					\
		self->b = NULL;						\
		ASSERT_EQ(0, kt_bpf_read(&self->g->k, self->cache,	\
					 NULL, &self->b));		\
		kt_bpf_line_at(self->b, kva, self->text,		\
			       sizeof(self->text));			\
	})

TEST_F(line, the_one_whose_code_it_is)
{
	ASSERT_EQ(0, LINE_AT(FIRST));
	EXPECT_STREQ("scx_foo.bpf.c:100: return;", self->text);
	ASSERT_EQ(0, LINE_AT(FIRST + 0x1f));
	EXPECT_STREQ("scx_foo.bpf.c:100: return;", self->text);
	/* the table is not in order */
	ASSERT_EQ(0, LINE_AT(FIRST + 0x20));
	EXPECT_STREQ("scx_foo.bpf.c:102: p->slice = 0;", self->text);
	ASSERT_EQ(0, LINE_AT(FIRST + 0xff));
	EXPECT_STREQ("scx_foo.bpf.c:101: return;", self->text);
	EXPECT_EQ(-ENOENT, LINE_AT(FIRST + 0x100));
	EXPECT_EQ(-ENOENT, LINE_AT(FIRST - 1));
}

TEST_F(line, tables_that_lie)
{
	struct mini_guest *g = self->g;

	mini_put_u32(g, self->aux + MINI_AUX_NR_LINFO, UINT32_MAX);
	mini_put_u64(g, self->aux + MINI_AUX_JITED_LINFO, NOWHERE);
	EXPECT_EQ(-EFAULT, LINE_AT(FIRST));
	mini_put_u64(g, self->aux + MINI_AUX_JITED_LINFO, 0);
	EXPECT_EQ(-ENOENT, LINE_AT(FIRST));
	mini_put_u64(g, self->aux + MINI_AUX_JITED_LINFO,
		     MINI_DIRECT + self->starts);
	mini_put_u32(g, self->aux + MINI_AUX_NR_LINFO, 0);
	EXPECT_EQ(-ENOENT, LINE_AT(FIRST));
	mini_put_u32(g, self->aux + MINI_AUX_NR_LINFO, NR_LINES);
	/* no such string */
	mini_put_u32(g, self->lines + MINI_LINE_TEXT, UINT32_MAX);
	EXPECT_EQ(-ENOENT, LINE_AT(FIRST));
	mini_put_u64(g, self->aux + MINI_AUX_LINFO, NOWHERE);
	EXPECT_EQ(-EFAULT, LINE_AT(FIRST));
	mini_put_u64(g, self->aux + MINI_AUX_BTF, NOWHERE);
	EXPECT_EQ(-EFAULT, LINE_AT(FIRST));
}

TEST_HARNESS_MAIN
