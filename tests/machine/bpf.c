// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps and programs as the host reads them against what bpf(2) says to the
 * guest. What is known beforehand must be equal; what moves is read by the
 * guest before and after the host has looked, kept in maps of its own, and
 * must lie between. Run with and without --kaslr.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <ktstr.h>

/* The host's header may be too old for these. */
#define MAP_TYPE_ARENA	33
#define ENABLE_RUN_TIME	0

#define NR_KEYS		20
#define MAX_CPUS	64
#define PAGE_BYTES	4096
#define ARENA_PAGES	1000
#define ARENA_USER	0x7f0012300000ULL

/* Entries of the witnesses: maps that tell the host what the guest saw. */
enum {
	W_NR_MAPS, W_MAP_IDS, W_KEY_BYTES, W_VALUE_BYTES, W_MAX_ENTRIES,
	W_NR_PROGS, W_PROG_IDS, W_INSNS, W_TEXT, W_RUN_COUNT,
	W_NR_RUNS, W_PID, W_SUPPORTED,
	W_VARS,		/* from here on, in the order of var_names */
	W_MAX = W_VARS + 16,
};

KTSTR_SCHED(fixture, .binary = "scx_ktstr");
KTSTR_SCHED(queues, .binary = "scx_qmap");

static int map(enum bpf_map_type type, const char *name, uint32_t key_bytes,
	       uint32_t value_bytes, uint32_t max_entries, uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);

	return bpf_map_create(type, name, key_bytes, value_bytes, max_entries,
			      &opts);
}

/* A witness, which the guest fills and the host reads. */
static int witness(const char *name)
{
	return map(BPF_MAP_TYPE_ARRAY, name, 4, 8, W_MAX, 0);
}

static bool say(int fd, uint32_t what, uint64_t value)
{
	return !bpf_map_update_elem(fd, &what, &value, 0);
}

static uint64_t said(struct ktstr_value capture, const char *name,
		     uint32_t what)
{
	return ktstr_u64(ktstr_entry(ktstr_map(capture, name), what));
}

/* Keys 0 to NR_KEYS - 1, then every second one is gone again. */
static void fill_hash(struct ktstr_ctx *t, enum bpf_map_type type,
		      const char *name, uint32_t flags)
{
	int fd = map(type, name, 4, 8, 100, flags);
	uint64_t value;
	uint32_t key;

	KTSTR_ASSERT(t, fd >= 0);
	for (key = 0; key < NR_KEYS; key++) {
		value = key * 1000 + 7;
		KTSTR_EXPECT(t, !bpf_map_update_elem(fd, &key, &value, 0));
	}
	for (key = 1; key < NR_KEYS; key += 2)
		KTSTR_EXPECT(t, !bpf_map_delete_elem(fd, &key));
	key = NR_KEYS - 2;
	KTSTR_EXPECT(t, !bpf_map_lookup_elem(fd, &key, &value));
	KTSTR_EXPECT_EQ(t, value, key * 1000 + 7);
}

static void check_hash(struct ktstr_after *a, struct ktstr_value c,
		       const char *name)
{
	struct ktstr_value m = ktstr_map(c, name);
	uint32_t key;

	KTSTR_AFTER_EQ(a, ktstr_nr(m), NR_KEYS / 2);
	for (key = 0; key < NR_KEYS; key += 2)
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(m, key)), key * 1000 + 7);
}

static void fill_percpu(struct ktstr_ctx *t, enum bpf_map_type type,
			const char *name)
{
	int fd = map(type, name, 4, 8, 10, 0);
	uint64_t values[MAX_CPUS];
	uint32_t key, cpu;

	KTSTR_ASSERT(t, fd >= 0);
	for (key = 3; key < 5; key++) {
		for (cpu = 0; cpu < MAX_CPUS; cpu++)
			values[cpu] = key * 1000 + cpu;
		KTSTR_EXPECT(t, !bpf_map_update_elem(fd, &key, values, 0));
	}
}

static void check_percpu(struct ktstr_after *a, struct ktstr_value c,
			 const char *name)
{
	struct ktstr_value m = ktstr_map(c, name);
	uint32_t key, cpu;

	for (key = 3; key < 5; key++)
		for (cpu = 0; cpu < 4; cpu++)
			KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_slot(ktstr_entry(m, key), cpu)),
				       key * 1000 + cpu);
}

static void fill_arrays(struct ktstr_ctx *t)
{
	int fd = map(BPF_MAP_TYPE_ARRAY, "t_array", 4, 4, 5, 0), of;
	int mappable = map(BPF_MAP_TYPE_ARRAY, "t_mmap", 4, 8, 2,
			   BPF_F_MMAPABLE);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = fd);
	uint64_t wide = 1ULL << 63;
	uint32_t i, value;

	for (i = 0; i < 5; i++) {
		value = 10 * i;
		KTSTR_EXPECT(t, !bpf_map_update_elem(fd, &i, &value, 0));
	}
	i = 1;
	KTSTR_EXPECT(t, !bpf_map_update_elem(mappable, &i, &wide, 0));
	of = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "t_maps", 4, 4, 3, &opts);
	KTSTR_EXPECT(t, !bpf_map_update_elem(of, &i, &fd, 0));
}

static void check_arrays(struct ktstr_after *a, struct ktstr_value c)
{
	struct ktstr_value array = ktstr_map(c, "t_array");
	uint32_t i;

	KTSTR_AFTER_EQ(a, ktstr_nr(array), 5);
	for (i = 0; i < 5; i++)
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(array, i)), 10 * i);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(ktstr_map(c, "t_mmap"), 1)),
		       1ULL << 63);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(ktstr_map(c, "t_maps"), 1)),
		       ktstr_u64(ktstr_at(array, "id")));
}

/* Around the end of the queue's memory. */
static void fill_queues(struct ktstr_ctx *t)
{
	int q = map(BPF_MAP_TYPE_QUEUE, "t_queue", 0, 8, 4, 0);
	int s = map(BPF_MAP_TYPE_STACK, "t_stack", 0, 8, 4, 0);
	uint64_t v, gone;

	for (v = 1; v <= 6; v++) {
		KTSTR_EXPECT(t, !bpf_map_update_elem(q, NULL, &v, 0));
		if (v > 2)
			KTSTR_EXPECT(t, !bpf_map_lookup_and_delete_elem(q, NULL, &gone));
		if (v <= 3)
			KTSTR_EXPECT(t, !bpf_map_update_elem(s, NULL, &v, 0));
	}
	KTSTR_EXPECT_EQ(t, gone, 4);
}

static void check_queues(struct ktstr_after *a, struct ktstr_value c)
{
	struct ktstr_value q = ktstr_map(c, "t_queue"), s = ktstr_map(c, "t_stack");
	uint32_t i;

	KTSTR_AFTER_EQ(a, ktstr_nr(q), 2);
	for (i = 0; i < 2; i++)
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(q, i)), 5 + i);
	KTSTR_AFTER_EQ(a, ktstr_nr(s), 3);
	for (i = 0; i < 3; i++)
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(s, i)), 3 - i);
}

/* False: this kernel has no arenas. */
static bool fill_arena(struct ktstr_ctx *t)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE,
		    .map_extra = ARENA_USER);
	int fd = bpf_map_create(MAP_TYPE_ARENA, "t_arena", 0, 0, ARENA_PAGES,
				&opts);
	uint64_t *p;

	if (fd < 0) {
		ktstr_note(t, "no arena: %s", strerror(errno));
		return false;
	}
	p = mmap((void *)ARENA_USER, ARENA_PAGES * PAGE_BYTES,
		 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	KTSTR_ASSERT(t, p != MAP_FAILED);
	p[3] = 4711;
	p[700 * PAGE_BYTES / sizeof(*p)] = 4712;
	return true;
}

static void check_arena(struct ktstr_after *a, struct ktstr_value c)
{
	struct ktstr_value m = ktstr_map(c, "t_arena");

	KTSTR_AFTER_EQ(a, ktstr_nr(m), 2);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_entry(m, ARENA_USER), "[3]")),
		       4711);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ktstr_entry(m, ARENA_USER + 700 * PAGE_BYTES),
					     "[0]")), 4712);
}

static void check_maps(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "maps");

	check_arrays(a, c);
	check_hash(a, c, "t_hash");
	check_hash(a, c, "t_hash_grows");
	check_hash(a, c, "t_lru");
	check_percpu(a, c, "t_cpu_array");
	check_percpu(a, c, "t_cpu_hash");
	check_percpu(a, c, "t_cpu_lru");
	check_queues(a, c);
	if (said(c, "w_maps", W_SUPPORTED))
		check_arena(a, c);
}

KTSTR_TEST(maps_by_hand,
	   .desc = "maps of every type that the test makes, as they were filled",
	   .topology = "1n2l2c1t", .duration_ms = 500, .after = check_maps)
{
	fill_arrays(t);
	fill_hash(t, BPF_MAP_TYPE_HASH, "t_hash", 0);
	fill_hash(t, BPF_MAP_TYPE_HASH, "t_hash_grows", BPF_F_NO_PREALLOC);
	fill_hash(t, BPF_MAP_TYPE_LRU_HASH, "t_lru", 0);
	fill_percpu(t, BPF_MAP_TYPE_PERCPU_ARRAY, "t_cpu_array");
	fill_percpu(t, BPF_MAP_TYPE_PERCPU_HASH, "t_cpu_hash");
	fill_percpu(t, BPF_MAP_TYPE_LRU_PERCPU_HASH, "t_cpu_lru");
	fill_queues(t);
	KTSTR_EXPECT(t, say(witness("w_maps"), W_SUPPORTED, fill_arena(t)));
	KTSTR_EXPECT(t, ktstr_capture(t, "maps"));
}

/* What all maps come to. */
static void sum_maps(uint64_t *sums)
{
	struct bpf_map_info info;
	uint32_t id = 0, len;
	int fd;

	while (!bpf_map_get_next_id(id, &id)) {
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0 || bpf_map_get_info_by_fd(fd, &info, &len))
			continue;
		sums[W_NR_MAPS]++;
		sums[W_MAP_IDS] += id;
		sums[W_KEY_BYTES] += info.key_size;
		sums[W_VALUE_BYTES] += info.value_size;
		sums[W_MAX_ENTRIES] += info.max_entries;
		close(fd);
	}
}

static void sum_progs(uint64_t *sums)
{
	struct bpf_prog_info info;
	uint32_t id = 0, len;
	uint64_t text;
	int fd;

	while (!bpf_prog_get_next_id(id, &id)) {
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		text = 0;
		info.nr_jited_ksyms = 1;
		info.jited_ksyms = (uintptr_t)&text;
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0 || bpf_prog_get_info_by_fd(fd, &info, &len))
			continue;
		sums[W_NR_PROGS]++;
		sums[W_PROG_IDS] += id;
		sums[W_INSNS] += info.verified_insns;
		sums[W_TEXT] += text;
		sums[W_RUN_COUNT] += info.run_cnt;
		close(fd);
	}
}

/* The map whose name ends so; -1 none. */
static int find_map(const char *end, struct bpf_map_info *info)
{
	uint32_t id = 0, len;
	size_t n = strlen(end), name;
	int fd;

	while (!bpf_map_get_next_id(id, &id)) {
		len = sizeof(*info);
		memset(info, 0, sizeof(*info));
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		if (!bpf_map_get_info_by_fd(fd, info, &len)) {
			name = strlen(info->name);
			if (name >= n && !strcmp(info->name + name - n, end))
				return fd;
		}
		close(fd);
	}
	return -1;
}

/* Where variable @name lies in the section that is the map's value. */
static int var_offset(const struct btf *btf, uint32_t section, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, section);
	const struct btf_var_secinfo *v = btf_var_secinfos(t);
	const struct btf_type *var;
	int i;

	for (i = 0; i < btf_vlen(t); i++) {
		var = btf__type_by_id(btf, v[i].type);
		if (!strcmp(btf__name_by_offset(btf, var->name_off), name))
			return v[i].offset;
	}
	return -1;
}

static const char *const ktstr_vars[] = {
	"nr_direct", "nr_shared", "nr_kthread", "nr_dispatched", "started_at",
	NULL
};

static const char *const qmap_vars[] = {
	"nr_enqueued", "nr_dispatched", "nr_reenqueued", "nr_ddsp_from_enq",
	NULL
};

/* 64-bit variables of the scheduler's .bss, as bpf(2) reads them. */
static void see_vars(struct ktstr_ctx *t, const char *const *names,
		     uint64_t *seen)
{
	struct bpf_map_info info;
	int fd = find_map(".bss", &info), at;
	static uint8_t bytes[PAGE_BYTES];
	struct btf *btf;
	uint32_t key = 0;

	KTSTR_ASSERT(t, fd >= 0 && info.value_size <= sizeof(bytes));
	btf = btf__load_from_kernel_by_id(info.btf_id);
	KTSTR_ASSERT(t, btf && !bpf_map_lookup_elem(fd, &key, bytes));
	for (; *names; names++, seen++) {
		at = var_offset(btf, info.btf_value_type_id, *names);
		KTSTR_ASSERT(t, at >= 0);
		memcpy(seen, bytes + at, sizeof(*seen));
	}
	btf__free(btf);
	close(fd);
}

/* How often this process ran, by the scheduler's own storage for it. */
static uint64_t my_runs(struct ktstr_ctx *t)
{
	struct {
		uint64_t vtime, running_at, runtime_ns;
		uint32_t weight, nr_runs;
	} ctx = {};
	struct bpf_map_info info;
	int fd = find_map("scx_per_task", &info);
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);

	KTSTR_ASSERT(t, fd >= 0 && pidfd >= 0);
	KTSTR_EXPECT(t, !bpf_map_lookup_elem(fd, &pidfd, &ctx));
	close(fd);
	close(pidfd);
	return ctx.nr_runs;
}

/* All that the guest sees now, into the witness @name. */
static void see(struct ktstr_ctx *t, int fd, const char *const *vars,
		bool fixture_runs)
{
	uint64_t seen[W_MAX] = {};
	uint32_t i;

	sum_maps(seen);
	sum_progs(seen);
	see_vars(t, vars, seen + W_VARS);
	if (fixture_runs)
		seen[W_NR_RUNS] = my_runs(t);
	seen[W_PID] = getpid();
	for (i = 0; i < W_MAX; i++)
		KTSTR_ASSERT(t, say(fd, i, seen[i]));
}

/* The witnesses come first: they are maps themselves. */
static void look_between(struct ktstr_ctx *t, const char *const *vars,
			 bool fixture_runs)
{
	int before = witness("w_before"), after = witness("w_after");
	int stats = bpf_enable_stats(ENABLE_RUN_TIME);

	KTSTR_ASSERT(t, before >= 0 && after >= 0 && stats >= 0);
	see(t, before, vars, fixture_runs);
	KTSTR_EXPECT(t, ktstr_capture(t, "between"));
	see(t, after, vars, fixture_runs);
	KTSTR_EXPECT(t, ktstr_capture(t, "end"));
	close(stats);
}

static void add_prog(struct ktstr_value p, uint64_t *sums)
{
	unsigned long long text;

	if (sscanf(ktstr_str(ktstr_at(p, "text")), "0x%llx-", &text) != 1)
		text = 0;
	sums[W_PROG_IDS] += ktstr_u64(ktstr_at(p, "id"));
	sums[W_INSNS] += ktstr_u64(ktstr_at(p, "verified_insns"));
	sums[W_TEXT] += text;
	/* one that did not run has none */
	if (!ktstr_at(p, "run_count").error)
		sums[W_RUN_COUNT] += ktstr_u64(ktstr_at(p, "run_count"));
}

static void add_map(struct ktstr_value m, uint64_t *sums)
{
	sums[W_MAP_IDS] += ktstr_u64(ktstr_at(m, "id"));
	sums[W_KEY_BYTES] += ktstr_u64(ktstr_at(m, "key_bytes"));
	sums[W_VALUE_BYTES] += ktstr_u64(ktstr_at(m, "value_bytes"));
	sums[W_MAX_ENTRIES] += ktstr_u64(ktstr_at(m, "max_entries"));
}

static void sum_capture(struct ktstr_value c, uint64_t *sums)
{
	char path[32];
	uint32_t i;

	sums[W_NR_MAPS] = ktstr_nr(ktstr_at(c, "maps"));
	for (i = 0; i < sums[W_NR_MAPS]; i++) {
		snprintf(path, sizeof(path), "maps[%u]", i);
		add_map(ktstr_at(c, path), sums);
	}
	sums[W_NR_PROGS] = ktstr_nr(ktstr_at(c, "progs"));
	for (i = 0; i < sums[W_NR_PROGS]; i++) {
		snprintf(path, sizeof(path), "progs[%u]", i);
		add_prog(ktstr_at(c, path), sums);
	}
}

/* What the host saw lies between what the guest did, or is the same. */
static void check_between(struct ktstr_after *a, const char *const *vars)
{
	struct ktstr_value c = ktstr_capture_get(a, "between");
	struct ktstr_value end = ktstr_capture_get(a, "end");
	uint64_t sums[W_MAX] = {}, v;
	uint32_t i;

	sum_capture(c, sums);
	for (i = W_NR_MAPS; i < W_RUN_COUNT; i++) {
		KTSTR_AFTER_EQ(a, sums[i], said(end, "w_before", i));
		KTSTR_AFTER_EQ(a, sums[i], said(end, "w_after", i));
	}
	KTSTR_AFTER_GE(a, sums[W_NR_PROGS], 10);
	KTSTR_AFTER_GE(a, sums[W_RUN_COUNT], said(end, "w_before", W_RUN_COUNT));
	KTSTR_AFTER_LE(a, sums[W_RUN_COUNT], said(end, "w_after", W_RUN_COUNT));
	KTSTR_AFTER_GE(a, sums[W_RUN_COUNT], 1);
	for (i = 0; vars[i]; i++) {
		v = ktstr_u64(ktstr_var(ktstr_map(c, ".bss"), vars[i]));
		KTSTR_AFTER_GE(a, v, said(end, "w_before", W_VARS + i));
		KTSTR_AFTER_LE(a, v, said(end, "w_after", W_VARS + i));
	}
}

static void check_fixture(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "between");
	struct ktstr_value end = ktstr_capture_get(a, "end"), ops;
	uint64_t runs;

	check_between(a, ktstr_vars);
	runs = ktstr_u64(ktstr_at(ktstr_entry(ktstr_map(c, "scx_per_task"),
					      said(end, "w_before", W_PID)),
				  "nr_runs"));
	KTSTR_AFTER_GE(a, runs, said(end, "w_before", W_NR_RUNS));
	KTSTR_AFTER_LE(a, runs, said(end, "w_after", W_NR_RUNS));
	KTSTR_AFTER_GE(a, said(end, "w_before", W_VARS), 0);
	ops = ktstr_at(ktstr_entry(ktstr_map(c, "ktstr_ops"), 0), "data");
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(ops, "name")), "ktstr");
	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(ops, "enqueue")),
				  "ktstr_enqueue (", 15), 0);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(ops, "timeout_ms")), 5000);
}

KTSTR_TEST(scx_ktstr,
	   .desc = "the fixture's maps and programs, between two looks of the guest",
	   .sched = &fixture, .topology = "1n2l2c1t", .duration_ms = 500,
	   .after = check_fixture)
{
	look_between(t, ktstr_vars, true);
}

static void check_qmap(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "between"), of, cpus;
	char name[16];
	uint32_t i;

	check_between(a, qmap_vars);
	of = ktstr_map(c, "queue_arr");
	for (i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "queue%u", i);
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_entry(of, i)),
			       ktstr_u64(ktstr_at(ktstr_map(c, name), "id")));
	}
	cpus = ktstr_entry(ktstr_map(c, "cpu_ctx_stor"), 0);
	KTSTR_AFTER_LE(a, ktstr_u64(ktstr_at(ktstr_slot(cpus, 3), "dsp_idx")), 5);
	KTSTR_AFTER_EQ(a, !ktstr_slot(cpus, 4).error, 0);
}

KTSTR_TEST(scx_qmap,
	   .desc = "maps in a map, per CPU and queues, of a scheduler of the kernel's",
	   .sched = &queues, .topology = "1n2l2c1t", .duration_ms = 500,
	   .after = check_qmap)
{
	look_between(t, qmap_vars, false);
}

#define WRITTEN_MS	300
#define PERIOD_MS	77

static void check_written(struct ktstr_after *a)
{
	const struct ktstr_capture_info *info;
	struct ktstr_value c;
	uint32_t i;

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 5);
	for (i = 0; (info = ktstr_capture_at(a, i)); i++) {
		c = ktstr_capture_nth(a, i);
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "period_ms")), PERIOD_MS);
		/* from then on, or, on a busy host, a little later */
		if (info->workload_ms < WRITTEN_MS)
			KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "scattershot")), 0);
	}
	KTSTR_NONDECREASING(a, ktstr_series_var(a, "scattershot", NULL));
	c = ktstr_capture_get(a, "periodic_004");
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "scattershot")), 1);
	KTSTR_AFTER_GE(a, ktstr_u64(ktstr_var(c, "nr_scattered")), 1);
}

KTSTR_TEST(written,
	   .desc = "variables that the host sets are seen at their time, and work",
	   .sched = &fixture, .topology = "1n2l2c1t", .duration_ms = 1000,
	   .captures = 5, .after = check_written,
	   .writes = KTSTR_WRITES({ .var = "period_ms", .value = PERIOD_MS },
				  { .var = "scattershot", .map = ".bss",
				    .value = 1, .at_ms = WRITTEN_MS }))
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "crowd", .workers = 6,
			       .work = { KTSTR_BURSTY, .burst_us = 1000,
					 .sleep_us = 5000 } }));
	KTSTR_EXPECT(t, true);
}

/* At the very end of the scheduler its variables are still there. */
static void check_crash(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "exit");

	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "crash")), 1);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "stall")), 0);
}

KTSTR_TEST(crash_by_the_host,
	   .desc = "a fault that the host switches on throws the scheduler out",
	   .sched = &fixture, .duration_ms = 2000, .after = check_crash,
	   .expect = { KTSTR_EXPECT_SCHED_ERROR, "crash fault" },
	   .writes = KTSTR_WRITES({ .var = "crash", .value = 1, .at_ms = 500 }))
{
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL,
			     { .name = "pair", .workers = 2,
			       .work = { KTSTR_SPIN_WAIT } }));
}
