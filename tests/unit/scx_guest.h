/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a guest's kernel with sched_ext's state as one version keeps it or
 * as another one does: symbols, types, and schedulers to attach.
 */
#ifndef KTSTR_TESTS_UNIT_SCX_GUEST_H
#define KTSTR_TESTS_UNIT_SCX_GUEST_H

#include "ktstr/inspect/scx.h"
#include "mini_btf.h"
#include "mini_guest.h"

/* Variables in the image. */
#define SCX_ATTACHED	(MINI_TEXT + 0x7000)
#define SCX_KIND	(MINI_TEXT + 0x7010)
#define SCX_INFO	(MINI_TEXT + 0x7018)
#define SCX_OPS		(MINI_TEXT + 0x7020)
#define SCX_STATE	(MINI_TEXT + 0x7014)
#define SCX_GPA(kva)	((kva) - MINI_TEXT + MINI_IMAGE_GPA)
/* In struct scx_sched, and in struct scx_exit_info. */
#define SCHED_OPS	8
#define SCHED_KIND	36
#define SCHED_INFO	40
#define INFO_KIND	12
#define INFO_REASON	24
/* Schedulers, in the direct map. */
#define SCHED_A		(MINI_DIRECT + MINI_FREE_GPA)
#define SCHED_B		(MINI_DIRECT + MINI_FREE_GPA + 0x1000)
#define INFO_GPA	(MINI_FREE_GPA + 0x2000)

struct scx_guest {
	struct mini_guest mini;
	struct kt_types *types;
};

/* @names: of the variables above in their order; NULL: there is none. */
static inline int scx_guest_symbols(struct kt_symbols **syms,
				    const char *const names[5])
{
	static const u64 at[5] = { SCX_ATTACHED, SCX_KIND, SCX_INFO, SCX_OPS,
				   SCX_STATE };
	struct mini_symbol s[16] = {
		{ "_text", MINI_TEXT },
		{ "_end", MINI_TEXT + MINI_IMAGE_BYTES },
		{ "init_top_pgt", MINI_TEXT + MINI_TOP_PGT },
		{ "page_offset_base", MINI_TEXT + MINI_PAGE_OFFSET },
		{ "nr_cpu_ids", MINI_TEXT + MINI_NR_CPU_IDS, sizeof(u32) },
		{ "__per_cpu_offset", MINI_TEXT + MINI_PERCPU_OFFSETS,
		  MINI_NR_CPUS * sizeof(u64) },
		{ "__per_cpu_start", 0 },
		{ "__per_cpu_end", 0x1000 },
		{ "runqueues", MINI_RQ },
		{ "a_byte", MINI_TEXT + 0x7031 },
		{ "a_word", MINI_TEXT + 0x7034 },
	};
	struct mini_vmlinux im;
	u32 nr = 11, i;

	for (i = 0; i < 5; i++)
		if (names[i])
			s[nr++] = (struct mini_symbol){ names[i], at[i] };
	mini_vmlinux_fill(&im, s, nr);
	return mini_vmlinux_load(&im, sizeof(im), syms);
}

/* Of 6.16 with struct scx_sched, of 6.12 without. */
static inline struct kt_types *scx_guest_types(bool sched)
{
	struct btf *b = btf__new_empty();
	struct kt_types *t = NULL;
	int u32_id, ptr, atomic;
	const void *data;
	u32 len;

	u32_id = btf__add_int(b, "unsigned int", 4, 0);
	ptr = btf__add_ptr(b, 0);
	atomic = btf__add_struct(b, "atomic_t", 4);
	mini_btf_field(b, "counter", u32_id, 0);
	btf__add_struct(b, "scx_exit_info", 32);
	mini_btf_field(b, "kind", u32_id, INFO_KIND);
	mini_btf_field(b, "reason", ptr, INFO_REASON);
	if (sched) {
		btf__add_struct(b, "scx_sched", 64);
		mini_btf_field(b, "ops", u32_id, SCHED_OPS);
		mini_btf_field(b, "exit_kind", atomic, SCHED_KIND);
		mini_btf_field(b, "exit_info", ptr, SCHED_INFO);
	}
	data = btf__raw_data(b, &len);
	if (!data || kt_types_parse(data, len, &t))
		abort();
	btf__free(b);
	return t;
}

static const char *const scx_names_612[5] = {
	"scx_root_kobj", "scx_exit_kind", "scx_exit_info", "scx_ops",
	"scx_ops_enable_state_var",
};

static const char *const scx_names_616[5] = {
	"scx_root", NULL, NULL, NULL, "scx_enable_state_var",
};

static inline struct scx_guest *scx_guest_new(const char *const names[5],
					      bool sched)
{
	struct scx_guest *g = aligned_alloc(4096, sizeof(*g));

	g->mini.syms = NULL;
	mini_guest_boot(&g->mini);
	if (scx_guest_symbols(&g->mini.syms, names) ||
	    mini_guest_init(&g->mini, 0))
		abort();
	g->types = scx_guest_types(sched);
	g->mini.k.types = g->types;
	return g;
}

static inline void scx_guest_free(struct scx_guest *g)
{
	kt_types_free(g->types);
	kt_symbols_free(g->mini.syms);
	free(g);
}

static inline void scx_attach(struct scx_guest *g, u64 sched)
{
	mini_put_u64(&g->mini, SCX_GPA(SCX_ATTACHED), sched);
}

#endif /* KTSTR_TESTS_UNIT_SCX_GUEST_H */
