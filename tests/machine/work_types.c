// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether each work type does what its name says, as the guest's kernel sees
 * it: an observer, which is a worker too, samples what /proc knows of the
 * other workers, and the cases hold that against the pattern. Bounds are far
 * below what even an emulated machine does, and above what another pattern
 * would leave behind.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ktstr.h>

#define CGROUPS		"/sys/fs/cgroup/ktstr"
#define MAX_WORKERS	64
#define SAMPLE_US	40000
#define NICE_LOWEST	(-20)

/* Of one worker; counters as they were last, sets of all that was seen. */
struct seen {
	char cgroup[32];
	int pid;
	long voluntary, involuntary;	/* context switches */
	long threads;
	long faults;			/* minor */
	long migrations;
	long long run_ns, delay_ns;	/* of schedstat */
	uint64_t nices, policies;	/* a bit each */
	char cpus[64];			/* it may use, */
	int cpus_changes;
	int below, above;		/* samples in, and not in, a churn cgroup */
	long file_bytes;		/* of the largest open file */
	long long file_changed_ns, file_changes;
};

static struct {
	struct seen workers[MAX_WORKERS];
	int nr, samples;
} *obs;		/* shared with the observer */

static const char *const *observed;	/* cgroups; ends with NULL */

static char *slurp(char *buf, size_t size, const char *fmt, ...)
{
	char path[256];
	va_list ap;
	size_t n = 0;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	f = fopen(path, "re");
	if (f) {
		n = fread(buf, 1, size - 1, f);
		fclose(f);
	}
	buf[n] = '\0';
	return buf;
}

/* The number behind @key in @text; -1 when there is none. */
static long number(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	if (!at)
		return -1;
	at += strlen(key);
	at += strspn(at, " \t:");
	return strtol(at, NULL, 10);
}

static void see_status(struct seen *s)
{
	char buf[4096], *at, *end;

	slurp(buf, sizeof(buf), "/proc/%d/status", s->pid);
	if (!strstr(buf, "\nnonvoluntary_ctxt_switches"))
		return;		/* it is ending */
	s->voluntary = number(buf, "\nvoluntary_ctxt_switches");
	s->involuntary = number(buf, "\nnonvoluntary_ctxt_switches");
	s->threads = number(buf, "\nThreads");
	at = strstr(buf, "Cpus_allowed_list:\t");
	if (!at)
		return;
	at += strlen("Cpus_allowed_list:\t");
	end = strchr(at, '\n');
	if (end)
		*end = '\0';
	if (strcmp(s->cpus, at)) {
		s->cpus_changes++;
		snprintf(s->cpus, sizeof(s->cpus), "%.60s", at);
	}
}

/* Fields are counted from the state on, which is the third. */
static void see_stat(struct seen *s)
{
	char buf[1024], *at, *save;
	long field[42] = {};
	int i;

	at = strrchr(slurp(buf, sizeof(buf), "/proc/%d/stat", s->pid), ')');
	if (!at)
		return;
	at = strtok_r(at + 1, " ", &save);
	for (i = 3; at && i < 42; i++, at = strtok_r(NULL, " ", &save))
		field[i] = strtol(at, NULL, 10);
	if (i < 42)
		return;
	s->faults = field[10];
	s->nices |= 1ULL << (field[19] - NICE_LOWEST);
	s->policies |= 1ULL << field[41];
}

static void see_sched(struct seen *s)
{
	char buf[4096];
	long n;

	n = number(slurp(buf, sizeof(buf), "/proc/%d/sched", s->pid),
		   "se.nr_migrations");
	if (n >= 0)
		s->migrations = n;
	slurp(buf, sizeof(buf), "/proc/%d/schedstat", s->pid);
	if (sscanf(buf, "%lld %lld", &s->run_ns, &s->delay_ns) != 2)
		return;
	slurp(buf, sizeof(buf), "/proc/%d/cgroup", s->pid);
	if (strstr(buf, "/churn"))
		s->below++;
	else
		s->above++;
}

static void see_files(struct seen *s)
{
	char path[64];
	struct stat st;
	int fd;

	for (fd = 3; fd < 16; fd++) {
		long long ns;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", s->pid, fd);
		if (stat(path, &st) || !S_ISREG(st.st_mode) || st.st_nlink)
			continue;
		s->file_bytes = st.st_size;
		ns = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
		s->file_changes += s->file_changed_ns != ns;
		s->file_changed_ns = ns;
	}
}

static struct seen *of(const char *cgroup, int pid)
{
	int i;

	for (i = 0; i < obs->nr; i++)
		if (obs->workers[i].pid == pid)
			return &obs->workers[i];
	if (obs->nr == MAX_WORKERS)
		return NULL;
	snprintf(obs->workers[obs->nr].cgroup,
		 sizeof(obs->workers[0].cgroup), "%s", cgroup);
	obs->workers[obs->nr].pid = pid;
	return &obs->workers[obs->nr++];
}

static void see_cgroup(const char *name)
{
	char procs[1024], comm[32], *line, *save;

	slurp(procs, sizeof(procs), CGROUPS "/%s/cgroup.procs", name);
	for (line = strtok_r(procs, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct seen *s = of(name, atoi(line));

		slurp(comm, sizeof(comm), "/proc/%s/comm", line);
		if (!s || !comm[0])
			continue;
		see_status(s);
		see_stat(s);
		see_sched(s);
		see_files(s);
	}
}

static int observe(struct ktstr_worker *w)
{
	const char *const *name;

	for (name = observed; *name; name++)
		see_cgroup(*name);
	obs->samples++;
	ktstr_worker_tick(w);
	ktstr_worker_sleep_us(w, SAMPLE_US);
	return 0;
}

/* Real-time: what it sees must not hang on how busy the machine is. */
#define OBSERVER	{ .name = "observer", .workers = 1,		\
			  .work = { KTSTR_CUSTOM, .custom = observe },	\
			  .with = { .policy = KTSTR_POLICY_FIFO,	\
				    .rt_priority = 10 } }

#define OBSERVE(t, ...)							\
	start_to_observe(t, (const char *const[]){ __VA_ARGS__, NULL })

static void start_to_observe(struct ktstr_ctx *t, const char *const *names)
{
	obs = mmap(NULL, sizeof(*obs), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KTSTR_ASSERT(t, obs != MAP_FAILED);
	observed = names;
}

/* Worker @index of @cgroup: its first ones have the lower pids. */
static struct seen worker(struct ktstr_ctx *t, const char *cgroup, int index)
{
	struct seen none = { .pid = 0 }, *s = NULL;
	int i, lower, j;

	for (i = 0; i < obs->nr && !s; i++) {
		if (strcmp(obs->workers[i].cgroup, cgroup))
			continue;
		for (lower = 0, j = 0; j < obs->nr; j++)
			lower += !strcmp(obs->workers[j].cgroup, cgroup) &&
				 obs->workers[j].pid < obs->workers[i].pid;
		if (lower == index)
			s = &obs->workers[i];
	}
	if (!KTSTR_EXPECT(t, s))
		return none;
	ktstr_note(t, "%s %d: switches %ld voluntary %ld not, %ld faults, %ld migrations, run %lld us, delay %lld us, CPUs changed %d times",
		   cgroup, index, s->voluntary, s->involuntary, s->faults,
		   s->migrations, s->run_ns / 1000, s->delay_ns / 1000,
		   s->cpus_changes);
	return *s;
}

static int bits(uint64_t set)
{
	return __builtin_popcountll(set);
}

/*
 * Each of the @nr workers waits and is woken, in one round of @of at least.
 * Who finds what it would wait for goes on without.
 */
static void all_wait(struct ktstr_ctx *t, const char *cgroup, int nr, int of)
{
	int64_t rounds = ktstr_cgroup_stats(t, cgroup).iterations / nr;
	int i;

	KTSTR_EXPECT_GE(t, rounds, 5);
	for (i = 0; i < nr; i++)
		KTSTR_EXPECT_GE(t, worker(t, cgroup, i).voluntary, rounds / of);
}

/* Each of them gives way in one round of @of at least. */
static void all_yield(struct ktstr_ctx *t, const char *cgroup, int nr, int of)
{
	int64_t rounds = ktstr_cgroup_stats(t, cgroup).iterations / nr;
	int i;

	KTSTR_EXPECT_GE(t, rounds, 20);
	for (i = 0; i < nr; i++)
		KTSTR_EXPECT_GE(t, worker(t, cgroup, i).involuntary,
				rounds / of);
}

#define ONE(name_, nr_, ...)						\
	{ .name = name_, .workers = (nr_), .work = { __VA_ARGS__ } }

KTSTR_TEST(burn,
	   .desc = "spinners burn CPU and do not wait",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	static const char *const names[] = { "spin", "alu", "ipc", "cache", NULL };
	int i;

	start_to_observe(t, names);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("spin", 1, KTSTR_SPIN_WAIT),
			     ONE("alu", 1, KTSTR_ALU_HOT),
			     ONE("ipc", 1, KTSTR_IPC_VARIANCE),
			     ONE("cache", 1, KTSTR_CACHE_PRESSURE)));

	for (i = 0; names[i]; i++) {
		struct seen s = worker(t, names[i], 0);

		KTSTR_EXPECT_LE(t, s.voluntary, 10);
		KTSTR_EXPECT_GE(t, s.run_ns, 200000000LL);
		KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, names[i]).iterations, 2);
	}
	/* 1 MiB of cache_pressure, once each; no one else touches so much */
	KTSTR_EXPECT_GE(t, worker(t, "cache", 0).faults, 1024 / 4);
}

KTSTR_TEST(yield_and_sleep,
	   .desc = "who yields is switched away running, who sleeps is woken",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	OBSERVE(t, "yield", "cache_yield", "mixed", "bursty", "idle", "sequence");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     { .name = "yield", .workers = 2, .cpuset = KTSTR_CPUS("1"),
			       .work = { KTSTR_YIELD_HEAVY } },
			     { .name = "cache_yield", .workers = 2,
			       .cpuset = KTSTR_CPUS("2"),
			       .work = { KTSTR_CACHE_YIELD, .size_kib = 64 } },
			     ONE("mixed", 1, KTSTR_MIXED),
			     ONE("bursty", 1, KTSTR_BURSTY),
			     ONE("idle", 1, KTSTR_IDLE_CHURN),
			     ONE("sequence", 1, KTSTR_SEQUENCE)));

	all_yield(t, "yield", 2, 4);
	KTSTR_EXPECT_LE(t, worker(t, "yield", 0).voluntary, 10);
	all_yield(t, "cache_yield", 2, 4);
	all_wait(t, "mixed", 1, 2);
	all_wait(t, "bursty", 1, 2);
	all_wait(t, "idle", 1, 2);
	all_wait(t, "sequence", 1, 2);
	KTSTR_EXPECT_GE(t, worker(t, "sequence", 0).file_changes, 2);
}

KTSTR_TEST(pairs,
	   .desc = "both of a pair wait for each other, round after round",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	static const char *const names[] = {
		"pipe", "futex", "cache", "signal", NULL
	};
	int i;

	start_to_observe(t, names);
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("pipe", 2, KTSTR_PIPE_IO),
			     ONE("futex", 2, KTSTR_FUTEX_PING_PONG),
			     ONE("cache", 2, KTSTR_CACHE_PIPE, .size_kib = 64),
			     ONE("signal", 2, KTSTR_SIGNAL_STORM)));

	for (i = 0; names[i]; i++)
		all_wait(t, names[i], 2, 8);
	KTSTR_EXPECT_GE(t, worker(t, "cache", 0).faults,
			worker(t, "pipe", 0).faults + 64 / 4 - 4);
}

KTSTR_TEST(one_and_many,
	   .desc = "one wakes many: all at once, in turn, in a ring, by epoll",
	   .topology = "1n1l4c1t", .duration_ms = 1500)
{
	OBSERVE(t, "fan_out", "compute", "asymmetric", "chain", "epoll", "herd");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("fan_out", 4, KTSTR_FUTEX_FAN_OUT),
			     ONE("compute", 4, KTSTR_FAN_OUT_COMPUTE, .burst_us = 2000),
			     ONE("asymmetric", 4, KTSTR_ASYMMETRIC_WAKER),
			     ONE("chain", 4, KTSTR_WAKE_CHAIN),
			     ONE("epoll", 4, KTSTR_EPOLL_STORM),
			     ONE("herd", 8, KTSTR_THUNDERING_HERD)));

	all_wait(t, "fan_out", 4, 8);
	all_wait(t, "compute", 4, 8);
	KTSTR_EXPECT_GE(t, worker(t, "compute", 1).run_ns,
			worker(t, "compute", 0).run_ns);
	/* nobody answers it: it never waits */
	KTSTR_EXPECT_LE(t, worker(t, "asymmetric", 0).voluntary, 10);
	KTSTR_EXPECT_GE(t, worker(t, "asymmetric", 1).voluntary, 5);
	KTSTR_EXPECT_GE(t, worker(t, "asymmetric", 3).voluntary, 5);
	all_wait(t, "chain", 4, 8);
	KTSTR_EXPECT_LE(t, worker(t, "epoll", 0).voluntary, 10);
	KTSTR_EXPECT_GE(t, worker(t, "epoll", 1).voluntary, 5);
	all_wait(t, "herd", 8, 8);
}

static long forks(void)
{
	char *buf = malloc(65536);
	long n = number(slurp(buf, 65536, "/proc/stat"), "\nprocesses");

	free(buf);
	return n;
}

KTSTR_TEST(faults_and_forks,
	   .desc = "pages are faulted in again and again, children are born",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	long before = forks();

	OBSERVE(t, "fault");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("fault", 1, KTSTR_PAGE_FAULT_CHURN),
			     ONE("fork", 2, KTSTR_FORK_EXIT)));

	KTSTR_EXPECT_GE(t, worker(t, "fault", 0).faults, 1000);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "fault").iterations, 1000 / 64);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "fork").iterations, 20);
	KTSTR_EXPECT_GE(t, forks() - before,
			ktstr_cgroup_stats(t, "fork").iterations);
}

KTSTR_TEST(churn,
	   .desc = "nice values, policies, CPUs and cgroups keep changing",
	   .topology = "1n1l4c1t", .duration_ms = 1500,
	   .checks = { .longest_gap_ms = KTSTR_OFF })
{
	struct seen s;

	OBSERVE(t, "nice", "policy", "affinity", "cross", "cgroup");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("nice", 1, KTSTR_NICE_SWEEP, .burst_us = 5000),
			     ONE("policy", 1, KTSTR_POLICY_CHURN),
			     ONE("affinity", 1, KTSTR_AFFINITY_CHURN),
			     ONE("cross", 2, KTSTR_CROSS_AFFINITY_CHURN),
			     ONE("cgroup", 2, KTSTR_CGROUP_CHURN, .interval_us = 20000)));

	s = worker(t, "nice", 0);
	KTSTR_EXPECT_GE(t, bits(s.nices), 3);
	KTSTR_EXPECT_EQ(t, bits(worker(t, "cross", 0).nices), 1);
	/* batch, idle and one of normal and ext at least */
	s = worker(t, "policy", 0);
	KTSTR_EXPECT_GE(t, bits(s.policies), 3);
	s = worker(t, "affinity", 0);
	KTSTR_EXPECT_GE(t, s.cpus_changes, 3);
	KTSTR_EXPECT_GE(t, s.migrations, 10);
	for (int i = 0; i < 2; i++) {
		s = worker(t, "cross", i);
		KTSTR_EXPECT_GE(t, s.cpus_changes, 3);
		KTSTR_EXPECT_GE(t, s.migrations, 10);
		s = worker(t, "cgroup", i);
		KTSTR_EXPECT_GE(t, s.below, 1);
		KTSTR_EXPECT_GE(t, s.above, 1);
	}
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "cgroup").iterations, 8);
}

KTSTR_TEST(locks,
	   .desc = "a lock goes round, a slow consumer blocks its producers",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	struct seen consumer;

	OBSERVE(t, "mutex", "ring");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("mutex", 4, KTSTR_MUTEX_CONTENTION),
			     ONE("ring", 4, KTSTR_PRODUCER_CONSUMER_IMBALANCE)));

	all_wait(t, "mutex", 4, 8);
	consumer = worker(t, "ring", 0);
	for (int i = 1; i < 4; i++) {
		struct seen s = worker(t, "ring", i);

		KTSTR_EXPECT_GE(t, s.voluntary, 10);
		KTSTR_EXPECT_GE(t, consumer.run_ns, 2 * s.run_ns);
		KTSTR_EXPECT_GE(t, s.voluntary, consumer.voluntary);
	}
}

KTSTR_TEST(inversion,
	   .desc = "a lock's holder waits for a middle one, unless it inherits",
	   .topology = "1n1l4c1t", .duration_ms = 1500,
	   .checks = { .longest_gap_ms = KTSTR_OFF })
{
	long long plain_rounds, pi_rounds;

	OBSERVE(t, "plain", "pi");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     { .name = "plain", .workers = 3, .cpuset = KTSTR_CPUS("1"),
			       .work = { KTSTR_PRIORITY_INVERSION } },
			     { .name = "pi", .workers = 3, .cpuset = KTSTR_CPUS("2"),
			       .work = { KTSTR_PRIORITY_INVERSION, .pi = true } }));

	plain_rounds = ktstr_cgroup_stats(t, "plain").iterations / 3;
	pi_rounds = ktstr_cgroup_stats(t, "pi").iterations / 3;
	KTSTR_EXPECT_GE(t, plain_rounds, 5);
	KTSTR_EXPECT_GE(t, pi_rounds, 5);
	/* the high one waits in both */
	KTSTR_EXPECT_GE(t, worker(t, "plain", 2).voluntary, plain_rounds);
	KTSTR_EXPECT_GE(t, worker(t, "pi", 2).voluntary, pi_rounds);
	/* where the low one inherits, the middle one waits for it */
	KTSTR_EXPECT_GE(t, 4 * (worker(t, "pi", 1).delay_ns / (pi_rounds ?: 1)),
			5 * (worker(t, "plain", 1).delay_ns / (plain_rounds ?: 1)));
}

KTSTR_TEST(real_time,
	   .desc = "the first of a group preempts the others, or starves them",
	   .topology = "1n1l4c1t", .duration_ms = 1500,
	   .checks = { .longest_gap_ms = KTSTR_OFF })
{
	struct seen first;
	long long others = 0;

	OBSERVE(t, "storm", "starve");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     { .name = "storm", .workers = 2, .cpuset = KTSTR_CPUS("1"),
			       .work = { KTSTR_PREEMPT_STORM, .width = 1 } },
			     { .name = "starve", .workers = 3, .cpuset = KTSTR_CPUS("2"),
			       .work = { KTSTR_RT_STARVATION, .width = 2 } }));

	first = worker(t, "storm", 0);
	KTSTR_EXPECT_EQ(t, first.policies >> 1 & 1, 1);
	KTSTR_EXPECT_GE(t, first.voluntary, 50);
	KTSTR_EXPECT_GE(t, worker(t, "storm", 1).involuntary, 50);
	KTSTR_EXPECT_GE(t, worker(t, "storm", 1).run_ns, first.run_ns);
	first = worker(t, "starve", 0);
	KTSTR_EXPECT_EQ(t, first.policies >> 1 & 1, 1);
	for (int i = 1; i < 3; i++)
		others += worker(t, "starve", i).run_ns;
	KTSTR_EXPECT_GE(t, first.run_ns, 2 * others);
	KTSTR_EXPECT_GE(t, worker(t, "starve", 1).delay_ns,
			2 * worker(t, "starve", 1).run_ns);
}

KTSTR_TEST(files,
	   .desc = "files have the size that was asked for, and are written",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	OBSERVE(t, "write", "read", "convoy");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("write", 1, KTSTR_IO_SYNC_WRITE, .size_kib = 128),
			     ONE("read", 1, KTSTR_IO_RAND_READ, .size_kib = 256),
			     ONE("convoy", 4, KTSTR_IO_CONVOY, .size_kib = 32)));

	KTSTR_EXPECT_EQ(t, worker(t, "write", 0).file_bytes, 128 << 10);
	KTSTR_EXPECT_GE(t, worker(t, "write", 0).file_changes, 3);
	KTSTR_EXPECT_EQ(t, worker(t, "read", 0).file_bytes, 256 << 10);
	KTSTR_EXPECT_LE(t, worker(t, "read", 0).file_changes, 3);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "read").iterations, 100);
	/* one file: what one writes, all see */
	KTSTR_EXPECT_EQ(t, worker(t, "convoy", 3).file_bytes, 32 << 10);
	KTSTR_EXPECT_GE(t, worker(t, "convoy", 3).file_changes, 3);
}

KTSTR_TEST(forms,
	   .desc = "workers as threads of one process, rounds in children",
	   .topology = "1n1l4c1t", .duration_ms = 1000)
{
	long before = forks();

	OBSERVE(t, "threads", "signals");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("threads", 6, KTSTR_PIPE_IO, .form = KTSTR_THREAD),
			     ONE("signals", 2, KTSTR_SIGNAL_STORM, .form = KTSTR_THREAD),
			     ONE("pool", 2, KTSTR_BURSTY, .form = KTSTR_POOL)));

	/* and the one that waits for them */
	KTSTR_EXPECT_EQ(t, worker(t, "threads", 0).threads, 6 + 1);
	KTSTR_EXPECT_EQ(t, worker(t, "signals", 0).threads, 2 + 1);
	KTSTR_EXPECT_EQ(t, ktstr_cgroup_stats(t, "threads").workers, 6);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "threads").iterations, 60);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "signals").iterations, 20);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "pool").iterations, 2);
	KTSTR_EXPECT_GE(t, forks() - before,
			ktstr_cgroup_stats(t, "pool").iterations);
	/* a burst of 2 ms in each of its rounds, most of it the children's */
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "pool").cpu_ns,
			ktstr_cgroup_stats(t, "pool").iterations * 2000000ULL);
}

static long vmstat(const char *key)
{
	char buf[16384];

	return number(slurp(buf, sizeof(buf), "/proc/vmstat"), key);
}

KTSTR_TEST(nodes,
	   .desc = "siblings share a core; workers and memory move between nodes",
	   .topology = "2n2l1c2t", .duration_ms = 1500)
{
	long before = vmstat("\npgmigrate_success");
	struct seen s;

	OBSERVE(t, "smt", "churn", "sweep");
	KTSTR_RUN(t,
		  KTSTR_STEP(KTSTR_HOLD_ALL, OBSERVER,
			     ONE("smt", 4, KTSTR_SMT_SIBLING_SPIN),
			     ONE("churn", 1, KTSTR_NUMA_MIGRATION_CHURN),
			     ONE("sweep", 1, KTSTR_NUMA_WORKING_SET_SWEEP)));

	for (int i = 0; i < 4; i++)
		KTSTR_EXPECT_EQ(t, atoi(worker(t, "smt", i).cpus), i);
	s = worker(t, "churn", 0);
	KTSTR_EXPECT_GE(t, s.cpus_changes, 3);
	KTSTR_EXPECT_GE(t, s.migrations, 5);
	KTSTR_EXPECT_GE(t, vmstat("\npgmigrate_success") - before, 2 * 1024 / 4);
	KTSTR_EXPECT_GE(t, ktstr_cgroup_stats(t, "sweep").iterations, 3);
}
