// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest with tasks, queues, stacks and a scheduler that has failed, with any
 * words of its memory written over: every walk ends, nothing outside of the
 * memory is touched, and what is made of it is a tree that can be printed.
 */
#include <assert.h>

#include "../unit/mini_sched.h"
#include "drop_log.h"
#include "ktstr/inspect/dsq.h"
#include "ktstr/inspect/exit_info.h"
#include "ktstr/inspect/stack.h"
#include "ktstr/inspect/tasks.h"

#define NR_TASKS	4

struct head {
	u32 ram_pages;		/* 0: all */
	u32 rip;		/* of the text; with its top bit, of generated code */
	u32 rsp;
	u32 rbp;
	u32 flags;
} __packed;

#define NO_ORC		1
#define USER_MODE	2

struct patch {
	u32 gpa;
	u64 value;
} __packed;

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void put_orc(struct mini_guest *g, u32 i, u32 at, u64 entry)
{
	mini_put_u32(g, I(AT_ORC_IPS) + 4 * i, at - (AT_ORC_IPS + 4 * i));
	memcpy(g->ram + I(AT_ORC_ENTRIES) + 6 * i, &entry, 6);
}

/* Calls from leaf to top by rsp and rbp, and an interrupt's entry. */
static void fill_stacks(struct mini_guest *g)
{
	u32 i;

	put_orc(g, 0, FN_LEAF, 0x020500000008);
	put_orc(g, 1, FN_MIDDLE, 0x0214fff00010);
	put_orc(g, 2, FN_TOP, 0x020500000018);
	put_orc(g, 3, FN_ENTRY, 0x0b0500000000);
	put_orc(g, 4, FN_FORK, 0x0c0500000000);
	for (i = 5; i < NR_ORC; i++)
		put_orc(g, i, TEXT_BYTES, 0);
	for (i = 0; i < NR_TASKS; i++) {
		mini_put_u64(g, TASK_GPA(i) + T_THREAD + 8, D(STACK_GPA(i)));
		mini_put_u64(g, STACK_GPA(i) + 8, D(STACK_GPA(i) + 0x80));
		mini_put_u64(g, STACK_GPA(i) + 16, S(FN_MIDDLE + 0x10));
		mini_put_u64(g, STACK_GPA(i) + 0x88, S(FN_TOP + 0x10));
		mini_put_u64(g, STACK_GPA(i) + 0xa0, S(FN_ENTRY + 0x10));
		mini_put_u64(g, STACK_GPA(i) + 0xa8 + 128, S(FN_LEAF));
		mini_put_u64(g, STACK_GPA(i) + 0xa8 + 152, D(STACK_GPA(i)));
	}
}

static void fill_exit(struct mini_guest *g)
{
	mini_put_u64(g, I(AT_ROOT), D(0x5f000));
	mini_put_u32(g, I(AT_STATE), 1);
	mini_put_u64(g, I(AT_EXIT_INFO), D(INFO_GPA));
	mini_put_u32(g, INFO_GPA + E_KIND, 1026);
	mini_put_u64(g, INFO_GPA + E_REASON, D(TEXTS_GPA));
	mini_put_u64(g, INFO_GPA + E_MSG, D(TEXTS_GPA));
	mini_put_u64(g, INFO_GPA + E_DUMP, D(TEXTS_GPA));
	mini_put_u64(g, INFO_GPA + E_BT, D(STACK_GPA(0)));
	mini_put_u32(g, INFO_GPA + E_BT_LEN, 32);
	mini_text(g, TEXTS_GPA, "runnable task stall");
}

static void fill(struct mini_sched *m)
{
	struct mini_guest *g = &m->g;
	u32 i;

	mini_sched_boot(m);
	for (i = 0; i < NR_TASKS; i++)
		mini_task(g, i, i & ~1u, 100 + i, "task");
	mini_task_waits(g, 0, 100);
	mini_task_waits(g, 2, 5);
	mini_dsq_add(g, mini_local_dsq(0), 0);
	mini_dsq(g, DSQ_GPA(1), 1);
	mini_dsq_add(g, DSQ_GPA(1), 2);
	mini_put_u64(g, HASH_GPA + BT_BUCKETS, D(DSQ_GPA(1) + Q_HASH));
	mini_put_u64(g, DSQ_GPA(1) + Q_HASH, 1);
	fill_stacks(g);
	fill_exit(g);
}

static void check(json_t *v)
{
	char *text;

	if (!v)
		return;
	text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	assert(text);
	free(text);
	json_decref(v);
}

static void look(const struct kt_guest_kernel *k, const struct head *h)
{
	const struct kt_names names = { k };
	struct kt_vcpu_state vcpu = {
		.regs = {
			.rip = h->rip & 1u << 31 ? 0xffffffffa0000000 + h->rip :
						   S(h->rip),
			.rsp = D(h->rsp), .rbp = D(h->rbp),
			.r10 = D(h->rsp), .r13 = D(h->rbp), .rdx = D(h->rip),
			.cs = h->flags & USER_MODE ? 0x33 : 0x10,
		},
	};
	json_t *absent = json_array(), *left;
	struct kt_scx scx;
	char why[128];

	check(kt_tasks_json(&names, SCHED_HZ, absent, &left));
	check(left);
	check(kt_dsqs_json(k, NULL, SCHED_HZ, absent));
	check(kt_vcpus_json(&names, &vcpu, 1, absent));
	if (!kt_scx_find(k, &scx, why, sizeof(why)))
		check(kt_scx_json(&names, &scx, SCHED_HZ, absent));
	check(absent);
}

static void apply(struct mini_guest *g, const u8 *data, size_t size)
{
	struct patch p;

	for (; size >= sizeof(p); data += sizeof(p), size -= sizeof(p)) {
		memcpy(&p, data, sizeof(p));
		mini_put_u64(g, p.gpa % (MINI_RAM_BYTES - 7), p.value);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct mini_sched *kernels[2];
	struct mini_sched *m;
	struct head h;
	size_t len;

	if (size < sizeof(h))
		return 0;
	memcpy(&h, data, sizeof(h));
	drop_log();
	if (!kernels[0]) {
		kernels[0] = mini_sched_new(NULL);
		kernels[1] = mini_sched_new("__start_orc_unwind");
	}
	m = kernels[h.flags & NO_ORC];
	fill(m);
	apply(&m->g, data + sizeof(h), size - sizeof(h));
	len = h.ram_pages % (MINI_RAM_BYTES / 4096 + 1) * 4096;
	if (!len)
		len = MINI_RAM_BYTES;
	/* of just that size, for the sanitizer to see its end */
	m->g.region.size_bytes = len;
	m->g.region.hva = malloc(len);
	assert(m->g.region.hva);
	memcpy(m->g.region.hva, m->g.ram, len);
	look(&m->g.k, &h);
	free(m->g.region.hva);
	return 0;
}
