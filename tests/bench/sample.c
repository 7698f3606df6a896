// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost of one sample of the monitor, for each CPU and in all, and of finding
 * the fields once: over a guest made up in memory, laid out as the vmlinux says.
 *
 *	sample VMLINUX [ROUNDS]
 */
#include <stdio.h>

#include "ktstr/base/fd.h"
#include "ktstr/coord/monitor.h"

#define RAM_BYTES	(192u << 20)
#define PERCPU_GPA	(96u << 20)
#define PERCPU_BYTES	(256u << 10)	/* of a CPU: it holds its runqueue */
#define TASKS_GPA	(80u << 20)
#define TASK_BYTES	(16u << 10)
#define DIRECT_MAP	0xffff888000000000ULL
#define MAX_ROUNDS	100000

struct guest {
	struct kt_region region;
	struct kt_guest_mem mem;
	struct kt_symbols *syms;
	struct kt_types *types;
	struct kt_guest_kernel k;
	struct kt_sched_layout l;
};

static bool put(struct guest *g, const char *name, u64 at, u64 v, size_t bytes)
{
	const struct kt_symbol *s = kt_symbols_find(g->syms, name);
	u64 gpa = s ? s->link_kva - KT_START_KERNEL_MAP + at : RAM_BYTES;

	return s && !kt_guest_mem_write(&g->mem, gpa, &v, bytes);
}

static int boot(struct guest *g, u32 nr_cpus)
{
	const struct kt_symbol *start;
	u32 i;

	start = kt_symbols_find(g->syms, "__per_cpu_start");
	if (!start || !put(g, "page_offset_base", 0, DIRECT_MAP, 8) ||
	    !put(g, "nr_cpu_ids", 0, nr_cpus, 4))
		return -ENOENT;
	for (i = 0; i < nr_cpus; i++)
		if (!put(g, "__per_cpu_offset", i * 8, DIRECT_MAP + PERCPU_GPA +
			 (u64)i * PERCPU_BYTES - start->link_kva, 8))
			return -ENOENT;
	return kt_guest_kernel_init(&g->k, &g->mem, g->syms, 0, 0);
}

/* Something to run for each CPU, so that all of it is read. */
static int fill(struct guest *g, u32 nr_cpus)
{
	const struct kt_field *curr = &g->l.rq[KT_RQ_CURR];
	u64 kva, task;
	u32 i;
	int ret = 0;

	for (i = 0; i < nr_cpus && !ret; i++) {
		task = DIRECT_MAP + TASKS_GPA + i * TASK_BYTES;
		ret = kt_sched_rq(&g->k, &g->l, i, &kva);
		if (!ret)
			ret = kt_guest_kernel_write(&g->k, kt_field_kva(kva, curr),
						    &task, sizeof(task));
	}
	return ret;
}

static int measure(struct guest *g, u32 nr_cpus, u32 rounds)
{
	struct kt_sched_sample *s = malloc(kt_sched_sample_bytes(nr_cpus));
	u64 start, ns, find_ns;
	char why[128] = "it does not boot";
	u32 i;
	int ret;

	ret = boot(g, nr_cpus);
	g->k.types = g->types;
	start = kt_now_ns();
	if (!ret)
		ret = kt_sched_layout_init(&g->l, &g->k);
	find_ns = kt_now_ns() - start;
	if (!ret)
		ret = fill(g, nr_cpus);
	start = kt_now_ns();
	for (i = 0; i < rounds && !ret; i++)
		ret = kt_sched_sample(&g->k, &g->l, s, why, sizeof(why));
	ns = (kt_now_ns() - start) / rounds;
	if (ret)
		fprintf(stderr, "%u CPUs: %s: %s\n", nr_cpus, strerror(-ret), why);
	else
		printf("  %4u CPUs %9.2f us, %6.0f ns for each; its fields are found in %.2f ms\n",
		       nr_cpus, ns / 1e3, (double)ns / nr_cpus, find_ns / 1e6);
	free(s);
	return ret;
}

int main(int argc, char **argv)
{
	static const u32 cpus[] = { 4, 64, 252 };
	u32 rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
	struct guest g = { .region = { 0, RAM_BYTES, calloc(1, RAM_BYTES) } };
	u32 i;
	int ret;

	if (argc < 2 || !rounds || rounds > MAX_ROUNDS || !g.region.hva) {
		fprintf(stderr, "usage: sample VMLINUX [ROUNDS]\n");
		return 1;
	}
	g.mem = (struct kt_guest_mem){ &g.region, 1 };
	ret = kt_symbols_load(argv[1], &g.syms);
	if (!ret)
		ret = kt_types_load(argv[1], &g.types);
	if (!ret)
		printf("a sample of the monitor, mean of %u\n", rounds);
	for (i = 0; i < ARRAY_SIZE(cpus) && !ret; i++)
		ret = measure(&g, cpus[i], rounds);
	kt_types_free(g.types);
	kt_symbols_free(g.syms);
	free(g.region.hva);
	return ret ? 1 : 0;
}
