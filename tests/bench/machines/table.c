// SPDX-License-Identifier: GPL-2.0-only
/*
 * The figures of all rounds, by what was measured.
 */
#include <stdio.h>

#include "machines.h"

struct table {
	u32 rounds;
	u32 nr[8];		/* of each way, so far */
	double *v;		/* [way][value][round] */
};

static const struct {
	const char *title;
	const char *unit;
	bool is_cost;		/* the best one is the least */
} kinds[NR_VALUES] = {
	[BOOT_S] = { "boot: exec to SysRdy, 1 CPU", "s", true },
	[BOOT_EXITS] = { "boot: exits to KVM until then", "", true },
	[WRITE_MIBPS] = { "disk: sequential writes of 64 KiB", "MiB/s" },
	[READ_MIBPS] = { "disk: sequential reads of 64 KiB", "MiB/s" },
	[LATENCY_US] = { "disk: a read of 4 KiB anywhere", "us", true },
	[FRAMES_MIBPS] = { "frames to the host, CRC checked", "MiB/s" },
};

static double *cell(const struct table *t, u32 way, u32 value)
{
	return t->v + ((size_t)way * NR_VALUES + value) * t->rounds;
}

int table_new(u32 rounds, struct table **t)
{
	struct table *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->rounds = rounds;
	n->v = calloc((size_t)nr_ways * NR_VALUES * rounds, sizeof(double));
	if (!n->v || nr_ways > ARRAY_SIZE(n->nr)) {
		table_free(n);
		return -ENOMEM;
	}
	*t = n;
	return 0;
}

void table_free(struct table *t)
{
	free(t->v);
	free(t);
}

void table_add(struct table *t, u32 way, const struct values *values)
{
	u32 i;

	if (t->nr[way] == t->rounds)
		return;
	for (i = 0; i < NR_VALUES; i++)
		cell(t, way, i)[t->nr[way]] = values->v[i];
	t->nr[way]++;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(const double *sorted, u32 nr)
{
	return nr % 2 ? sorted[nr / 2] :
	       (sorted[nr / 2 - 1] + sorted[nr / 2]) / 2;
}

/* A busy host spoils medians; the best of a way is nearer to what it can do. */
static void print_kind(const struct table *t, u32 kind)
{
	double ours = 0, our_best = 0, m, best;
	u32 way, nr;

	for (way = 0; way < nr_ways; way++) {
		double *v = cell(t, way, kind);

		nr = t->nr[way];
		if (!nr)
			continue;
		qsort(v, nr, sizeof(*v), by_size);
		m = median(v, nr);
		best = v[kinds[kind].is_cost ? 0 : nr - 1];
		if (!way) {
			ours = m;
			our_best = best;
			printf("%s, median (min..max) of %u; times ktstr's median, and its best\n",
			       kinds[kind].title, nr);
		}
		printf("  %-26s %8.2f %-5s (%.2f..%.2f)  %5.2f x  %5.2f x\n",
		       ways[way].name, m, kinds[kind].unit, v[0], v[nr - 1],
		       m / ours, best / our_best);
	}
}

void table_print(const struct table *t)
{
	u32 kind;

	for (kind = 0; kind < NR_VALUES; kind++)
		if (t->nr[0] && cell(t, 0, kind)[0] > 0)
			print_kind(t, kind);
}
