/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a guest with two runqueues, scheduling domains above them, and the
 * event counters of sched_ext, as one of several kernels has them.
 */
#ifndef KTSTR_TESTS_UNIT_MINI_RQ_H
#define KTSTR_TESTS_UNIT_MINI_RQ_H

#include "ktstr/inspect/sched.h"
#include "mini_guest.h"
#include "mini_sched_btf.h"

#define R_CLOCK		8
#define R_NR_RUNNING	20
#define R_CURR		24
#define R_SD		32
#define R_SCX		40	/* nr_running at 0, flags at 4, local_dsq at 8 */
#define R_ONLINE	64
#define R_SWITCHES	72
#define R_INFO		80	/* pcount at 0, run_delay at 8 */
#define R_YLD		96
#define R_SCHED_COUNT	100
#define R_GOIDLE	104
#define R_TTWU		108
#define R_TTWU_LOCAL	112
#define R_BYTES		120

#define S_LEVEL		4
#define S_PARENT	8
#define S_FLAGS		16
#define S_INTERVAL	20
#define S_FAILED	24
#define S_COUNT		28	/* three numbers */
#define S_TTWU		40
#define S_NAME		48
#define S_SPAN		56

#define RQ_GPA(cpu)	(MINI_PERCPU_GPA + (cpu) * 0x10000 + MINI_RQ)
#define RQ_TASK(cpu)	(MINI_FREE_GPA + (cpu) * 0x100)
#define DOMAIN_GPA(i)	(MINI_FREE_GPA + 0x1000 + (i) * 0x100)
#define RQ_TEXT_GPA	(MINI_FREE_GPA + 0x3000)
#define SCHED_GPA	(MINI_FREE_GPA + 0x4000)
#define EVENTS_AT	0x800	/* in a CPU's area */
#define AT_SCX_ROOT	0x4250	/* in the image */
#define KVA(gpa)	(MINI_DIRECT + (gpa))

/* What a kernel has beside the bare runqueues. */
enum mini_rq_has {
	MINI_HAS_SCX	= 1 << 0,
	MINI_HAS_STATS	= 1 << 1,
	MINI_HAS_SD	= 1 << 2,
	MINI_HAS_EV_6_15 = 1 << 3,
	MINI_HAS_EV_6_16 = 1 << 4,
	MINI_HAS_EV_6_18 = 1 << 5,
	MINI_HAS_ALL	= MINI_HAS_SCX | MINI_HAS_STATS | MINI_HAS_SD,
};

struct mini_rq {
	struct mini_guest g;
	struct kt_types *types;
	struct kt_sched_layout l;
};

static inline void mini_rq_domains(struct btf *b, const struct mini_btf_ids *id)
{
	int counts = mini_btf_array(b, id, id->u32, 3);
	int span = mini_btf_array(b, id, id->u64, 0);

	STRUCT(b, "sched_domain", S_SPAN, { "level", id->u32, S_LEVEL },
	       { "parent", id->ptr, S_PARENT }, { "flags", id->u32, S_FLAGS },
	       { "balance_interval", id->u32, S_INTERVAL },
	       { "nr_balance_failed", id->u32, S_FAILED },
	       { "lb_count", counts, S_COUNT },
	       { "ttwu_wake_remote", id->u32, S_TTWU },
	       { "name", id->ptr, S_NAME }, { "span", span, S_SPAN });
}

static inline void mini_rq_events(struct btf *b, const struct mini_btf_ids *id,
				  u32 has)
{
	int stats = STRUCT(b, "scx_event_stats", 24,
			   { KT_EVENT_KEEP_LAST, id->u64, 0 },
			   { "SCX_EV_OTHER", id->u64, 8 },
			   { KT_EVENT_FALLBACK, id->u64, 16 });

	if (has & MINI_HAS_EV_6_16)
		STRUCT(b, "scx_sched", 64, { "event_stats_cpu", id->ptr, 16 });
	if (has & MINI_HAS_EV_6_18) {
		STRUCT(b, "scx_sched_pcpu", 32, { "event_stats", stats, 8 });
		STRUCT(b, "scx_sched", 64, { "pcpu", id->ptr, 32 });
	}
}

static inline int mini_rq_scx(struct btf *b, const struct mini_btf_ids *id)
{
	int dsq = STRUCT(b, "scx_dispatch_q", 8, { "nr", id->u32, 4 });

	ENUM(b, "scx_rq_flags", { "SCX_RQ_ONLINE", 1 },
	     { "SCX_RQ_BYPASSING", 16 });
	return STRUCT(b, "scx_rq", 16, { "nr_running", id->u32, 0 },
		      { "flags", id->u32, 4 }, { "local_dsq", dsq, 8 });
}

static inline void mini_rq_struct(struct btf *b, const struct mini_btf_ids *id,
				  u32 has)
{
	int scx = has & MINI_HAS_SCX ? mini_rq_scx(b, id) : 0;
	int info = STRUCT(b, "sched_info", 16, { "pcount", id->u64, 0 },
			  { "run_delay", id->u64, 8 });

	btf__add_struct(b, "rq", R_BYTES);
	mini_btf_field(b, "clock", id->u64, R_CLOCK);
	mini_btf_field(b, "nr_running", id->u32, R_NR_RUNNING);
	mini_btf_field(b, "curr", id->ptr, R_CURR);
	if (has & MINI_HAS_SD)
		mini_btf_field(b, "sd", id->ptr, R_SD);
	if (has & MINI_HAS_SCX)
		mini_btf_field(b, "scx", scx, R_SCX);
	mini_btf_field(b, "online", id->u32, R_ONLINE);
	mini_btf_field(b, "nr_switches", id->u64, R_SWITCHES);
	if (!(has & MINI_HAS_STATS))
		return;
	mini_btf_field(b, "rq_sched_info", info, R_INFO);
	mini_btf_field(b, "yld_count", id->u32, R_YLD);
	mini_btf_field(b, "sched_count", id->u32, R_SCHED_COUNT);
	mini_btf_field(b, "sched_goidle", id->u32, R_GOIDLE);
	mini_btf_field(b, "ttwu_count", id->u32, R_TTWU);
	mini_btf_field(b, "ttwu_local", id->u32, R_TTWU_LOCAL);
}

static inline struct kt_types *mini_rq_types(u32 has)
{
	struct btf *b = btf__new_empty();
	struct kt_types *t = NULL;
	struct mini_btf_ids id;
	const void *data;
	int comm;
	u32 len;

	id.u8 = btf__add_int(b, "unsigned char", 1, 0);
	id.u32 = btf__add_int(b, "unsigned int", 4, 0);
	id.u64 = btf__add_int(b, "unsigned long", 8, 0);
	id.ptr = btf__add_ptr(b, 0);
	comm = mini_btf_array(b, &id, id.u8, 16);
	mini_rq_struct(b, &id, has);
	STRUCT(b, "task_struct", 64, { "pid", id.u32, 4 }, { "comm", comm, 16 });
	if (has & MINI_HAS_SD)
		mini_rq_domains(b, &id);
	if (has & (MINI_HAS_EV_6_15 | MINI_HAS_EV_6_16 | MINI_HAS_EV_6_18))
		mini_rq_events(b, &id, has);
	data = btf__raw_data(b, &len);
	if (!data || kt_types_parse(data, len, &t))
		abort();
	btf__free(b);
	return t;
}

static inline void mini_rq_symbols(struct mini_rq *m, u32 has)
{
	const struct mini_symbol all[] = {
		{ "_text", MINI_TEXT },
		{ "_end", MINI_TEXT + MINI_IMAGE_BYTES },
		{ "init_top_pgt", MINI_TEXT + MINI_TOP_PGT },
		{ "page_offset_base", MINI_TEXT + MINI_PAGE_OFFSET },
		{ "nr_cpu_ids", MINI_TEXT + MINI_NR_CPU_IDS, sizeof(u32) },
		{ "jiffies_64", MINI_TEXT + MINI_JIFFIES },
		{ "__per_cpu_offset", MINI_TEXT + MINI_PERCPU_OFFSETS,
		  MINI_NR_CPUS * sizeof(u64) },
		{ "__per_cpu_start", 0 },
		{ "__per_cpu_end", 0x1000 },
		{ "runqueues", MINI_RQ },
		{ "event_stats_cpu", EVENTS_AT },
		{ "scx_root", MINI_TEXT + AT_SCX_ROOT },
	};
	struct mini_symbol used[ARRAY_SIZE(all)];
	struct mini_vmlinux im;
	u32 i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if ((has & MINI_HAS_EV_6_15 ||
		     strcmp(all[i].name, "event_stats_cpu")) &&
		    (has & (MINI_HAS_EV_6_16 | MINI_HAS_EV_6_18) ||
		     strcmp(all[i].name, "scx_root")))
			used[nr++] = all[i];
	mini_vmlinux_fill(&im, used, nr);
	if (mini_vmlinux_load(&im, sizeof(im), &m->g.syms))
		abort();
}

/* A task on each CPU, domain 0 of each below domain 1 of both. */
static inline void mini_rq_boot(struct mini_rq *m)
{
	struct mini_guest *g = &m->g;
	u32 i;

	mini_guest_boot(g);
	mini_put_u64(g, MINI_IMAGE_GPA + MINI_JIFFIES, 4321);
	for (i = 0; i < 2; i++) {
		mini_put_u64(g, RQ_GPA(i) + R_CLOCK, 1000 + i);
		mini_put_u32(g, RQ_GPA(i) + R_NR_RUNNING, 3 + i);
		mini_put_u64(g, RQ_GPA(i) + R_CURR, KVA(RQ_TASK(i)));
		mini_put_u32(g, RQ_GPA(i) + R_ONLINE, 1);
		mini_put_u32(g, RQ_TASK(i) + 4, 70 + i);
		memcpy(g->ram + RQ_TASK(i) + 16, "worker", 7);
		mini_put_u64(g, RQ_GPA(i) + R_SD, KVA(DOMAIN_GPA(i)));
		mini_put_u64(g, DOMAIN_GPA(i) + S_PARENT, KVA(DOMAIN_GPA(2)));
		mini_put_u64(g, DOMAIN_GPA(i) + S_SPAN, 1ULL << i);
		mini_put_u64(g, DOMAIN_GPA(i) + S_NAME, KVA(RQ_TEXT_GPA));
	}
	mini_put_u32(g, DOMAIN_GPA(2) + S_LEVEL, 1);
	mini_put_u64(g, DOMAIN_GPA(2) + S_SPAN, 3);
	mini_put_u64(g, DOMAIN_GPA(2) + S_NAME, KVA(RQ_TEXT_GPA + 8));
	mini_put_u32(g, DOMAIN_GPA(2) + S_FLAGS, 0x123f);
	memcpy(g->ram + RQ_TEXT_GPA, "MC\0\0\0\0\0\0PKG", 12);
}

static inline struct mini_rq *mini_rq_new(u32 has)
{
	struct mini_rq *m = aligned_alloc(4096, sizeof(*m));

	if (!m)
		abort();
	mini_rq_symbols(m, has);
	mini_rq_boot(m);
	m->types = mini_rq_types(has);
	if (mini_guest_init(&m->g, 0))
		abort();
	m->g.k.types = m->types;
	kt_sched_layout_init(&m->l, &m->g.k);
	return m;
}

static inline void mini_rq_free(struct mini_rq *m)
{
	kt_types_free(m->types);
	kt_symbols_free(m->g.syms);
	free(m);
}

#endif /* KTSTR_TESTS_UNIT_MINI_RQ_H */
