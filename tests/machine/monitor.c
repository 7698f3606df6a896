// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host sees of the scheduler against what the guest itself reads, and
 * healthy machines under every check of the monitor. The guest tells the host
 * what it has read by the names of further captures. Run with and without
 * --kaslr.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include <ktstr.h>

#define MAX_CPUS	4
#define MAX_DOMAINS	4
#define SAMPLE		"sample"

KTSTR_SCHED(simple, .binary = "scx_simple");

/* Columns of a CPU's line in /proc/schedstat, by their names in a capture. */
static const char *const columns[] = {
	"yld_count", NULL, "sched_count", "sched_goidle", "ttwu_count",
	"ttwu_local", NULL, "run_delay", "pcount",
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

struct schedstat {
	uint64_t cpu[MAX_CPUS][NR_COLUMNS];
	uint64_t span[MAX_CPUS][MAX_DOMAINS];
	uint32_t nr_domains[MAX_CPUS];
	uint32_t nr_cpus;
};

static void read_columns(const char *line, uint64_t *v)
{
	size_t i;
	int n;

	for (i = 0; i < NR_COLUMNS; i++, line += n)
		if (sscanf(line, " %" SCNu64 "%n", &v[i], &n) != 1)
			return;
}

/* A span is one word here. */
static void read_domain(struct schedstat *s, const char *line)
{
	uint32_t cpu = s->nr_cpus - 1, domain;
	uint64_t span;

	if (s->nr_cpus && s->nr_cpus <= MAX_CPUS &&
	    sscanf(line, "domain%" SCNu32 " %" SCNx64, &domain, &span) == 2 &&
	    domain < MAX_DOMAINS) {
		s->span[cpu][domain] = span;
		s->nr_domains[cpu] = domain + 1;
	}
}

static bool read_schedstat(struct schedstat *s)
{
	FILE *f = fopen("/proc/schedstat", "r");
	char line[1024];
	uint32_t cpu;
	int n;

	memset(s, 0, sizeof(*s));
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "cpu%" SCNu32 "%n", &cpu, &n) == 1 &&
		    cpu < MAX_CPUS) {
			read_columns(line + n, s->cpu[cpu]);
			s->nr_cpus = cpu + 1;
		} else {
			read_domain(s, line);
		}
	}
	fclose(f);
	return s->nr_cpus;
}

static bool write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return false;
	fputs(text, f);
	return !fclose(f);
}

static bool domain_file(uint32_t cpu, uint32_t domain, const char *file,
			char *text, size_t size)
{
	char path[128];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/sched/domains/cpu%u/domain%u/%s", cpu,
		 domain, file);
	f = fopen(path, "r");
	if (!f)
		return false;
	ok = fgets(text, size, f);
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return ok;
}

static void tell_columns(struct ktstr_ctx *t, const struct schedstat *before,
			 const struct schedstat *after)
{
	char tag[64];
	uint32_t cpu;
	size_t i;

	for (cpu = 0; cpu < before->nr_cpus; cpu++) {
		for (i = 0; i < NR_COLUMNS; i++) {
			if (!columns[i])
				continue;
			snprintf(tag, sizeof(tag), "n %u %s %" PRIu64 " %" PRIu64,
				 cpu, columns[i], before->cpu[cpu][i],
				 after->cpu[cpu][i]);
			KTSTR_EXPECT(t, ktstr_capture(t, tag));
		}
	}
}

static void tell_domains(struct ktstr_ctx *t, const struct schedstat *s)
{
	char tag[64], name[16], level[16];
	uint32_t cpu, i;

	for (cpu = 0; cpu < s->nr_cpus; cpu++) {
		for (i = 0; i < s->nr_domains[cpu]; i++) {
			KTSTR_ASSERT(t, domain_file(cpu, i, "name", name,
						    sizeof(name)));
			KTSTR_ASSERT(t, domain_file(cpu, i, "level", level,
						    sizeof(level)));
			snprintf(tag, sizeof(tag), "d %u %u %s %s %" PRIx64,
				 cpu, i, name, level, s->span[cpu][i]);
			KTSTR_EXPECT(t, ktstr_capture(t, tag));
		}
	}
}

static void check_column(struct ktstr_after *a, const char *tag)
{
	struct ktstr_value sample = ktstr_capture_get(a, SAMPLE);
	char path[64], field[32];
	uint64_t before, after;
	uint32_t cpu;
	int n;

	n = sscanf(tag, "n %" SCNu32 " %31s %" SCNu64 " %" SCNu64, &cpu, field,
		   &before, &after);
	KTSTR_AFTER_EQ(a, n, 4);
	snprintf(path, sizeof(path), "cpus[%u].schedstat.%s", cpu, field);
	KTSTR_AFTER_GE(a, ktstr_u64(ktstr_at(sample, path)), before);
	KTSTR_AFTER_LE(a, ktstr_u64(ktstr_at(sample, path)), after);
}

/* "0-1,3" as bits. */
static uint64_t bits_of(const char *list)
{
	unsigned int from, to;
	uint64_t bits = 0;
	int n;

	while (sscanf(list, "%u%n", &from, &n) == 1) {
		list += n;
		to = from;
		if (sscanf(list, "-%u%n", &to, &n) == 1)
			list += n;
		for (; from <= to && from < 64; from++)
			bits |= 1ULL << from;
		list += *list == ',';
	}
	return bits;
}

static void check_domain(struct ktstr_after *a, const char *tag)
{
	struct ktstr_value sample = ktstr_capture_get(a, SAMPLE), d;
	uint32_t cpu, domain, level;
	char path[64], name[16];
	uint64_t span;
	int n;

	n = sscanf(tag, "d %" SCNu32 " %" SCNu32 " %15s %" SCNu32 " %" SCNx64,
		   &cpu, &domain, name, &level, &span);
	KTSTR_AFTER_EQ(a, n, 5);
	snprintf(path, sizeof(path), "cpus[%u].domains[%u]", cpu, domain);
	d = ktstr_at(sample, path);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(d, "name")), name);
	KTSTR_AFTER_EQ(a, bits_of(ktstr_str(ktstr_at(d, "span"))), span);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(d, "level")), level);
}

static void check_told(struct ktstr_after *a)
{
	const struct ktstr_capture_info *c;
	uint32_t i, columns_told = 0, domains = 0;

	for (i = 0; (c = ktstr_capture_at(a, i)); i++) {
		if (c->tag[0] == 'n') {
			check_column(a, c->tag);
			columns_told++;
		} else if (c->tag[0] == 'd') {
			check_domain(a, c->tag);
			domains++;
		}
	}
	KTSTR_AFTER_EQ(a, columns_told, 7 * MAX_CPUS);
	KTSTR_AFTER_EQ(a, domains, 2 * MAX_CPUS);
}

KTSTR_TEST(as_the_guest_reads_it,
	   .desc = "schedstats and domains between two readings by the guest",
	   .topology = "1n2l2c1t", .duration_ms = 500, .after = check_told)
{
	struct schedstat before, after;

	KTSTR_ASSERT(t, write_text("/proc/sys/kernel/sched_schedstats", "1"));
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	/* has the kernel show its domains there */
	KTSTR_ASSERT(t, write_text("/sys/kernel/debug/sched/verbose", "Y"));
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "crowd", .workers = 6,
			       .work = { KTSTR_BURSTY } }));
	KTSTR_ASSERT(t, read_schedstat(&before));
	KTSTR_ASSERT(t, ktstr_capture(t, SAMPLE));
	KTSTR_ASSERT(t, read_schedstat(&after));
	KTSTR_EXPECT_EQ(t, before.nr_cpus, MAX_CPUS);
	KTSTR_EXPECT_GE(t, before.cpu[0][2], 1);
	tell_columns(t, &before, &after);
	tell_domains(t, &before);
}

#define ALL_CHECKS							\
	{ .imbalance_pct = 400, .local_dsq_depth = 50,			\
	  .cpu_stall = KTSTR_ON, .fallback_per_s = 200,			\
	  .keep_last_per_s = 100, .longest_gap_ms = 4000 }

KTSTR_TEST(eevdf_is_healthy,
	   .desc = "the kernel's own scheduler under every check by samples",
	   .topology = "1n2l2c1t", .duration_ms = 2000, .checks = ALL_CHECKS)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "spin", .workers = 8,
			       .work = { KTSTR_SPIN_WAIT } }),
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(500),
			     { .name = "burst", .workers = 4,
			       .work = { KTSTR_BURSTY } }));
}

KTSTR_TEST(simple_is_healthy,
	   .desc = "scx_simple under every check by samples",
	   .sched = &simple, .topology = "1n2l2c1t", .duration_ms = 2000,
	   .checks = ALL_CHECKS)
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "spin", .workers = 8,
			       .work = { KTSTR_SPIN_WAIT } },
			     { .name = "pipes", .workers = 4,
			       .work = { KTSTR_PIPE_IO } }));
}

KTSTR_TEST(idle_cpus_do_not_stall,
	   .desc = "CPUs that are idle for seconds, and then not",
	   .topology = "1n2l2c1t", .duration_ms = 2500,
	   .checks = { .cpu_stall = KTSTR_ON, .sustained_samples = 2 })
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(600),
			     { .name = "one", .workers = 1,
			       .work = { KTSTR_SPIN_WAIT } }),
		  KTSTR_STEP(KTSTR_HOLD_PERMILLE(400),
			     { .name = "rest", .workers = 3,
			       .work = { KTSTR_SPIN_WAIT } }));
}
