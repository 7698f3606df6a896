/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: a guest with tasks, dispatch queues, the state of sched_ext,
 * stacks and a table to unwind them by. Its data lies in the direct map, where
 * D() says, but for the kernel's variables, which are in the image, at S().
 */
#ifndef KTSTR_TESTS_UNIT_MINI_SCHED_H
#define KTSTR_TESTS_UNIT_MINI_SCHED_H

#include "mini_guest.h"
#include "mini_sched_btf.h"

#define D(gpa)		(MINI_DIRECT + (gpa))
#define S(at)		(MINI_TEXT + SCHED_SLIDE + (at))	/* in the image */
#define I(at)		(MINI_IMAGE_GPA + (at))

#define SCHED_SLIDE	0x2000000
#define SCHED_HZ	250
#define SCHED_JIFFIES	10000

/* In the image; below them, a page of text. */
#define AT_FAIR_CLASS	0x4100
#define AT_DSQ_HASH	0x4200
#define AT_GLOBAL_DSQS	0x4240
#define AT_NR_NODES	0x4248
#define AT_ROOT		0x4250
#define AT_EXIT_KIND	0x4258
#define AT_EXIT_INFO	0x4260
#define AT_STATE	0x4268
#define AT_SWITCH_ALL	0x4270
#define AT_REJECTED	0x4278
#define AT_BYPASS	0x4280
#define AT_WATCHDOG	0x4288
#define AT_FTRACE_OPS	0x4290
#define AT_OPS		0x4300
#define AT_INIT_TASK	0x4800
#define AT_ORC_IPS	0x7000
#define AT_ORC_ENTRIES	0x7400
#define NR_ORC		16	/* entries, of 6 bytes */

/* Functions of the text. */
#define FN_LEAF		0x100
#define FN_MIDDLE	0x200
#define FN_TOP		0x300
#define FN_ENTRY	0x400	/* of interrupts */
#define FN_FORK		0x500
#define FN_HANDLER	0x600	/* of the function-graph tracer */
#define FN_BYTES	0x80
#define TEXT_BYTES	0x1000

/* Guest-physical places. */
#define TASK_GPA(i)	(MINI_FREE_GPA + (i) * 0x400)
#define SIGNAL_GPA(i)	(TASK_GPA(i) + 0x200)
#define DSQ_GPA(i)	(0x30000 + (i) * 0x100)
#define HASH_GPA	0x38000
#define GLOBALS_GPA	0x3a000
#define INFO_GPA	0x3b000
#define TEXTS_GPA	0x3c000
#define STACK_GPA(i)	(0x40000 + (i) * 0x1000)

struct mini_sched {
	struct mini_guest g;
	struct kt_types *types;
};

static const struct mini_symbol mini_sched_symbols[] = {
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
	{ "ext_sched_class", MINI_TEXT + MINI_EXT_CLASS },
	{ "fair_sched_class", MINI_TEXT + AT_FAIR_CLASS },
	{ "init_task", MINI_TEXT + AT_INIT_TASK },
	{ "dsq_hash", MINI_TEXT + AT_DSQ_HASH },
	{ "global_dsqs", MINI_TEXT + AT_GLOBAL_DSQS },
	{ "nr_node_ids", MINI_TEXT + AT_NR_NODES },
	{ "scx_root_kobj", MINI_TEXT + AT_ROOT },
	{ "scx_exit_kind", MINI_TEXT + AT_EXIT_KIND },
	{ "scx_exit_info", MINI_TEXT + AT_EXIT_INFO },
	{ "scx_ops", MINI_TEXT + AT_OPS },
	{ "scx_ops_enable_state_var", MINI_TEXT + AT_STATE },
	{ "scx_switching_all", MINI_TEXT + AT_SWITCH_ALL },
	{ "scx_nr_rejected", MINI_TEXT + AT_REJECTED },
	{ "scx_ops_bypass_depth", MINI_TEXT + AT_BYPASS },
	{ "scx_watchdog_timeout", MINI_TEXT + AT_WATCHDOG },
	{ "ftrace_ops_list", MINI_TEXT + AT_FTRACE_OPS },
	{ "_stext", MINI_TEXT, .type = MINI_NOTYPE },
	{ "_etext", MINI_TEXT + TEXT_BYTES, .type = MINI_NOTYPE },
	{ "leaf", MINI_TEXT + FN_LEAF, FN_BYTES },
	{ "middle", MINI_TEXT + FN_MIDDLE, FN_BYTES },
	{ "top", MINI_TEXT + FN_TOP, FN_BYTES },
	{ "entry", MINI_TEXT + FN_ENTRY },
	{ "ret_from_fork_asm", MINI_TEXT + FN_FORK, FN_BYTES },
	{ "return_to_handler", MINI_TEXT + FN_HANDLER, FN_BYTES },
	{ "__start_orc_unwind_ip", MINI_TEXT + AT_ORC_IPS },
	{ "__stop_orc_unwind_ip", MINI_TEXT + AT_ORC_IPS + 4 * NR_ORC },
	{ "__start_orc_unwind", MINI_TEXT + AT_ORC_ENTRIES },
	{ "__stop_orc_unwind", MINI_TEXT + AT_ORC_ENTRIES + 6 * NR_ORC },
};

static inline void mini_list_init(struct mini_guest *g, u64 head_gpa,
				  u64 head_kva)
{
	mini_put_u64(g, head_gpa, head_kva);
	mini_put_u64(g, head_gpa + 8, head_kva);
}

static inline u64 mini_get_u64(const struct mini_guest *g, u64 gpa)
{
	u64 v;

	memcpy(&v, g->ram + gpa, sizeof(v));
	return v;
}

/* @node at the end of the list of @head. */
static inline void mini_list_add(struct mini_guest *g, u64 head_gpa,
				 u64 head_kva, u64 node_gpa)
{
	u64 last = mini_get_u64(g, head_gpa + 8);
	u64 last_gpa = last == head_kva ? head_gpa : last - MINI_DIRECT;

	mini_put_u64(g, last_gpa, D(node_gpa));
	mini_put_u64(g, node_gpa, head_kva);
	mini_put_u64(g, node_gpa + 8, last);
	mini_put_u64(g, head_gpa + 8, D(node_gpa));
}

static inline void mini_text(struct mini_guest *g, u64 gpa, const char *text)
{
	memcpy(g->ram + gpa, text, strlen(text) + 1);
}

/* Task @i, as thread of the process that task @leader leads; it sleeps. */
static inline void mini_task(struct mini_guest *g, u32 i, u32 leader, u32 pid,
			     const char *comm)
{
	u64 t = TASK_GPA(i);

	mini_put_u32(g, t + T_PID, pid);
	mini_put_u64(g, t + T_SIGNAL, D(SIGNAL_GPA(leader)));
	mini_text(g, t + T_COMM, comm);
	mini_put_u32(g, t + T_STATE, 1);
	mini_put_u64(g, t + T_CLASS, S(AT_FAIR_CLASS));
	mini_put_u64(g, t + X_DDSP, 1ULL << 63);
	mini_put_u32(g, t + X_STICKY, -1);
	mini_list_init(g, t + X_RUNNABLE_NODE, D(t + X_RUNNABLE_NODE));
	if (i == leader) {
		mini_list_init(g, SIGNAL_GPA(i) + SIGNAL_HEAD,
			       D(SIGNAL_GPA(i) + SIGNAL_HEAD));
		mini_list_add(g, I(AT_INIT_TASK) + T_TASKS,
			      S(AT_INIT_TASK) + T_TASKS, t + T_TASKS);
	}
	mini_list_add(g, SIGNAL_GPA(leader) + SIGNAL_HEAD,
		      D(SIGNAL_GPA(leader) + SIGNAL_HEAD), t + T_THREAD_NODE);
}

/* Task @i has waited under sched_ext for so many jiffies. */
static inline void mini_task_waits(struct mini_guest *g, u32 i, u64 jiffies)
{
	u64 t = TASK_GPA(i);

	mini_put_u64(g, t + X_RUNNABLE_NODE, D(0x5f000));
	mini_put_u64(g, t + X_RUNNABLE_AT, SCHED_JIFFIES - jiffies);
	mini_put_u32(g, t + T_STATE, 0);
	mini_put_u32(g, t + T_ON_RQ, 1);
	mini_put_u64(g, t + T_CLASS, S(MINI_EXT_CLASS));
	mini_put_u32(g, t + X_FLAGS, 0x301);
}

static inline void mini_dsq(struct mini_guest *g, u64 gpa, u64 id)
{
	mini_put_u64(g, gpa + Q_ID, id);
	mini_list_init(g, gpa + Q_LIST, D(gpa + Q_LIST));
}

static inline void mini_dsq_add(struct mini_guest *g, u64 dsq_gpa, u32 task)
{
	u32 nr = mini_get_u64(g, dsq_gpa + Q_NR);

	mini_put_u32(g, dsq_gpa + Q_NR, nr + 1);
	mini_put_u64(g, TASK_GPA(task) + X_DSQ, D(dsq_gpa));
	mini_list_add(g, dsq_gpa + Q_LIST, D(dsq_gpa + Q_LIST),
		      TASK_GPA(task) + X_NODE);
}

static inline u64 mini_local_dsq(u32 cpu)
{
	return MINI_PERCPU_GPA + cpu * 0x10000 + MINI_RQ + RQ_SCX + 16;
}

/* Empty queues for two CPUs and a node, no scheduler, no task. */
static inline void mini_sched_boot(struct mini_sched *m)
{
	struct mini_guest *g = &m->g;

	mini_guest_boot(g);
	mini_put_u64(g, I(MINI_JIFFIES), SCHED_JIFFIES);
	mini_list_init(g, I(AT_INIT_TASK) + T_TASKS, S(AT_INIT_TASK) + T_TASKS);
	mini_dsq(g, mini_local_dsq(0), 1ULL << 63 | 2);
	mini_dsq(g, mini_local_dsq(1), 1ULL << 63 | 2);
	mini_put_u32(g, I(AT_NR_NODES), 1);
	mini_put_u64(g, I(AT_GLOBAL_DSQS), D(GLOBALS_GPA));
	mini_put_u64(g, GLOBALS_GPA, D(DSQ_GPA(0)));
	mini_dsq(g, DSQ_GPA(0), 1ULL << 63 | 1);
	mini_put_u64(g, I(AT_DSQ_HASH) + HT_TBL, D(HASH_GPA));
	mini_put_u32(g, HASH_GPA + BT_SIZE, 4);
}

/* @without: a symbol that this kernel has not, or NULL. */
static inline struct mini_sched *mini_sched_new(const char *without)
{
	struct mini_symbol used[ARRAY_SIZE(mini_sched_symbols)];
	struct mini_sched *m = aligned_alloc(4096, sizeof(*m));
	struct mini_vmlinux im;
	u32 i, nr = 0;

	if (!m)
		abort();
	for (i = 0; i < ARRAY_SIZE(used); i++)
		if (!without || strcmp(without, mini_sched_symbols[i].name))
			used[nr++] = mini_sched_symbols[i];
	mini_vmlinux_fill(&im, used, nr);
	mini_sched_boot(m);
	m->types = mini_sched_types();
	if (mini_vmlinux_load(&im, sizeof(im), &m->g.syms) ||
	    mini_guest_init(&m->g, SCHED_SLIDE))
		abort();
	m->g.k.types = m->types;
	return m;
}

static inline void mini_sched_free(struct mini_sched *m)
{
	kt_types_free(m->types);
	kt_symbols_free(m->g.syms);
	free(m);
}

#endif /* KTSTR_TESTS_UNIT_MINI_SCHED_H */
