// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host reads of tasks, queues and sched_ext against what the guest
 * itself says of them. Readings travel in the tags of captures. Run with and
 * without --kaslr.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#define WAIT_MS		5000	/* for a child to be as it is to be */
#define NICE		5
#define FIFO_PRIORITY	10
#define MAX_FRAMES	24
#define MAX_ALIASES	8
#define NAME_BYTES	64
#define NR_SPINNERS	6
#define SPINNER		"kt:spin_wait"

KTSTR_SCHED(simple, .binary = "scx_simple");
KTSTR_SCHED(queues, .binary = "scx_qmap");
KTSTR_SCHED(crash, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "crash", "--after", "500"));

/* A task that does not run, as /proc has it. */
struct reading {
	unsigned int pid;
	char state;
	int prio;		/* of the kernel: 100 above what /proc says */
	unsigned int policy;
	unsigned int cpu;
	uint64_t ran_ns;
	unsigned int nr_frames;
	uint64_t frames;	/* a hash over them */
};

#define READING_FORMAT	"%u %c %d %u %u %" PRIu64 " %u %" PRIx64

/* FNV-1a over @name up to its offset's end: "function+0x12". */
static uint64_t hash_frame(uint64_t hash, const char *name)
{
	for (; *name && *name != '/' && *name != '\n'; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3;
	return hash;
}

static FILE *open_proc(unsigned int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	return fopen(path, "r");
}

/* Fields 3, 18, 39 and 41 of /proc/PID/stat. */
#define STAT_FORMAT	") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u"	\
			" %*u %*d %*d %d %*d %*d %*d %*u %*u %*d %*u %*u %*u"	\
			" %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %u"	\
			" %*u %u"

static bool read_stat(struct reading *r)
{
	char line[1024], *at = NULL;
	FILE *f = open_proc(r->pid, "stat");
	int n = 0;

	if (f && fgets(line, sizeof(line), f))
		at = strrchr(line, ')');
	if (at)
		n = sscanf(at, STAT_FORMAT, &r->state, &r->prio, &r->cpu,
			   &r->policy);
	if (f)
		fclose(f);
	r->prio += 100;
	return n == 4;
}

/* "[<0>] function+0x12/0x100", innermost first; none of who is dead. */
static bool read_stack(struct reading *r, char frames[][NAME_BYTES])
{
	FILE *f = open_proc(r->pid, "stack");
	char line[256];

	if (!f)
		return false;
	while (r->nr_frames < MAX_FRAMES && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "[<0>] ", 6))
			continue;
		r->frames = hash_frame(r->frames, line + 6);
		if (frames)
			snprintf(frames[r->nr_frames], NAME_BYTES, "%.*s",
				 (int)strcspn(line + 6, "/\n"), line + 6);
		r->nr_frames++;
	}
	fclose(f);
	return true;
}

/* Names of one address: a frame that has one of them gets the global one. */
struct aliases {
	uint64_t addr;
	unsigned int nr;
	char name[MAX_ALIASES][NAME_BYTES];
	char type[MAX_ALIASES];
};

static void rename_frames(const struct aliases *al, unsigned int nr,
			  char frames[][NAME_BYTES])
{
	const char *global = NULL;
	char offset[NAME_BYTES];
	unsigned int i, j;
	size_t len;

	for (i = 0; i < al->nr; i++)
		if (al->type[i] == 'T')
			global = al->name[i];
	for (i = 0; global && i < nr; i++) {
		len = strcspn(frames[i], "+");
		for (j = 0; j < al->nr; j++)
			if (strlen(al->name[j]) == len &&
			    !strncmp(al->name[j], frames[i], len))
				break;
		if (j == al->nr)
			continue;
		snprintf(offset, sizeof(offset), "%s", frames[i] + len);
		snprintf(frames[i], NAME_BYTES, "%s%.20s", global, offset);
	}
}

/* The kernel takes the first of several names, which may be a local one. */
static uint64_t hash_global_names(unsigned int nr, char frames[][NAME_BYTES])
{
	FILE *f = fopen("/proc/kallsyms", "r");
	struct aliases al = { 0 };
	char line[256], name[NAME_BYTES], type;
	uint64_t addr, hash = 0;
	unsigned int i;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 " %c %63s", &addr, &type, name) != 3)
			continue;
		if (addr != al.addr) {
			rename_frames(&al, nr, frames);
			al.addr = addr;
			al.nr = 0;
		}
		if (al.nr < MAX_ALIASES) {
			al.type[al.nr] = type;
			memcpy(al.name[al.nr++], name, NAME_BYTES);
		}
	}
	if (f)
		fclose(f);
	for (i = 0; i < nr; i++)
		hash = hash_frame(hash, frames[i]);
	return hash;
}

static bool read_task(unsigned int pid, struct reading *r,
		      char frames[][NAME_BYTES])
{
	FILE *f;
	int n;

	memset(r, 0, sizeof(*r));
	r->pid = pid;
	f = open_proc(pid, "schedstat");
	if (!f)
		return false;
	n = fscanf(f, "%" SCNu64, &r->ran_ns);
	fclose(f);
	return n == 1 && read_stat(r) && read_stack(r, frames);
}

/* Until @pid is in @state and stays as it is. */
static bool settle(unsigned int pid, char state, struct reading *r,
		   char frames[][NAME_BYTES])
{
	const struct timespec ms = { 0, 1000000 };
	struct reading again;
	int i;

	for (i = 0; i < WAIT_MS; i++) {
		nanosleep(&ms, NULL);
		if (!read_task(pid, r, frames) || r->state != state)
			continue;
		nanosleep(&ms, NULL);
		if (read_task(pid, &again, NULL) &&
		    !memcmp(r, &again, sizeof(again)))
			return true;
	}
	return false;
}

/* Captures @pid between two equal readings, told in the capture's tag. */
static void capture_task(struct ktstr_ctx *t, unsigned int pid, char state)
{
	struct reading before, after;
	char frames[MAX_FRAMES][NAME_BYTES], tag[64];

	KTSTR_ASSERT(t, settle(pid, state, &before, frames));
	snprintf(tag, sizeof(tag), READING_FORMAT, before.pid, before.state,
		 before.prio, before.policy, before.cpu, before.ran_ns,
		 before.nr_frames, hash_global_names(before.nr_frames, frames));
	KTSTR_EXPECT(t, ktstr_capture(t, tag));
	KTSTR_ASSERT(t, read_task(pid, &after, NULL));
	KTSTR_EXPECT(t, !memcmp(&before, &after, sizeof(after)));
}

static void child_pauses(void)
{
	prctl(PR_SET_NAME, "st:pauses");
	setpriority(PRIO_PROCESS, 0, NICE);
	for (;;)
		pause();
}

static void child_reads(void)
{
	const struct sched_param p = { .sched_priority = FIFO_PRIORITY };
	int fds[2];
	char c;

	prctl(PR_SET_NAME, "st:reads");
	sched_setscheduler(0, SCHED_FIFO, &p);
	if (!pipe(fds) && read(fds[0], &c, 1) < 0)
		_exit(1);
}

static void child_stops(void)
{
	prctl(PR_SET_NAME, "st:stops");
	raise(SIGSTOP);
}

static void child_ends(void)
{
	prctl(PR_SET_NAME, "st:ends");
	_exit(0);
}

static const struct {
	void (*run)(void);
	const char *comm;
	char state;
	const char *policy;
	const char *class;
} children[] = {
	{ child_pauses, "st:pauses", 'S', "NORMAL", "ext" },
	{ child_reads, "st:reads", 'S', "FIFO", "rt" },
	{ child_stops, "st:stops", 'T', "NORMAL", "ext" },
	{ child_ends, "st:ends", 'Z', "NORMAL", "ext" },
};

#define NR_CHILDREN	(sizeof(children) / sizeof(children[0]))

/* /proc leaves out the scheduler's own functions: the last ones are told. */
static void check_stack(struct ktstr_after *a, struct ktstr_value task,
			const struct reading *r)
{
	uint32_t nr = ktstr_nr(ktstr_at(task, "stack")), i;
	uint64_t hash = 0;
	char path[32];

	KTSTR_AFTER_GE(a, nr, r->nr_frames);
	for (i = nr - r->nr_frames; i < nr; i++) {
		snprintf(path, sizeof(path), "stack[%u]", i);
		hash = hash_frame(hash, ktstr_str(ktstr_at(task, path)));
	}
	KTSTR_AFTER_EQ(a, hash, r->frames);
}

static void check_task(struct ktstr_after *a, uint32_t i)
{
	struct ktstr_value task;
	struct reading r;
	char state[2] = "";
	int n;

	n = sscanf(ktstr_capture_at(a, i)->tag, READING_FORMAT, &r.pid,
		   &r.state, &r.prio, &r.policy, &r.cpu, &r.ran_ns,
		   &r.nr_frames, &r.frames);
	KTSTR_AFTER_EQ(a, n, 8);
	task = ktstr_task(ktstr_capture_nth(a, i), r.pid);
	state[0] = r.state;
	KTSTR_AFTER_EQ(a, r.state, children[i].state);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(task, "comm")),
			  children[i].comm);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(task, "state")), state);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(task, "policy")),
			  children[i].policy);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(task, "class")),
			  children[i].class);
	KTSTR_AFTER_EQ(a, ktstr_i64(ktstr_at(task, "prio")), r.prio);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(task, "cpu")), r.cpu);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(task, "ran_ns")), r.ran_ns);
	KTSTR_AFTER_EQ(a, ktstr_bool(ktstr_at(task, "on_rq")), 0);
	if (r.nr_frames)
		check_stack(a, task, &r);
	else
		KTSTR_AFTER_EQ(a, r.state, 'Z');
}

static void check_tasks(struct ktstr_after *a)
{
	uint32_t i;

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), NR_CHILDREN);
	for (i = 0; i < NR_CHILDREN && i < ktstr_nr_captures(a); i++)
		check_task(a, i);
}

KTSTR_TEST(tasks_as_in_proc,
	   .desc = "tasks asleep, stopped and dead are what /proc says, with their stacks",
	   .sched = &simple, .topology = "1n1l2c1t", .duration_ms = 100,
	   .after = check_tasks)
{
	pid_t pids[NR_CHILDREN];
	uint32_t i;

	for (i = 0; i < NR_CHILDREN; i++) {
		pids[i] = fork();
		KTSTR_ASSERT(t, pids[i] >= 0);
		if (!pids[i]) {
			children[i].run();
			_exit(0);
		}
	}
	for (i = 0; i < NR_CHILDREN; i++)
		capture_task(t, pids[i], children[i].state);
	for (i = 0; i < NR_CHILDREN; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

static bool is_spinner(struct ktstr_value task)
{
	return !strcmp(ktstr_str(ktstr_at(task, "comm")), SPINNER);
}

static struct ktstr_value element(struct ktstr_value array, uint32_t i)
{
	char path[16];

	snprintf(path, sizeof(path), "[%u]", i);
	return ktstr_at(array, path);
}

/* A number in @v, or @none where there is none. */
static uint64_t number_or(struct ktstr_value v, const char *path, uint64_t none)
{
	v = ktstr_at(v, path);
	return v.error ? none : ktstr_u64(v);
}

/* Whether @dsq has as many tasks as it says, each of which says it is there. */
static bool check_queue(struct ktstr_value c, struct ktstr_value dsq,
			uint32_t *spinners)
{
	struct ktstr_value tasks = ktstr_at(dsq, "tasks"), task;
	uint64_t id = ktstr_u64(ktstr_at(dsq, "id"));
	uint32_t nr = ktstr_nr(tasks), i;
	bool ok = ktstr_u64(ktstr_at(dsq, "nr")) == nr;

	for (i = 0; i < nr; i++) {
		task = ktstr_task(c, ktstr_u64(ktstr_at(element(tasks, i),
							"pid")));
		*spinners += is_spinner(task);
		ok &= number_or(task, "scx.dsq", id + 1) == id &&
		      number_or(task, "scx.runnable_ms", -1) <= 2000 &&
		      !strcmp(ktstr_str(ktstr_at(task, "state")), "R");
	}
	return ok;
}

/*
 * Spinners on no DSQ: those that wait are in the hands of the BPF program, the
 * others run.
 */
static uint32_t count_others(struct ktstr_value c, uint32_t *in_bpf)
{
	struct ktstr_value tasks = ktstr_at(c, "tasks"), task;
	uint32_t nr = ktstr_nr(tasks), i, running = 0;

	*in_bpf = 0;
	for (i = 0; i < nr; i++) {
		task = element(tasks, i);
		if (!is_spinner(task) || !ktstr_at(task, "scx.dsq").error)
			continue;
		if (!ktstr_at(task, "scx.runnable_ms").error)
			++*in_bpf;
		else
			running += ktstr_bool(ktstr_at(task, "on_cpu"));
	}
	return running;
}

/*
 * A task may be on its way from one place to another, its queue locked and half
 * written: that happens, but not in two captures of five.
 */
static void check_queues(struct ktstr_after *a)
{
	uint32_t nr = ktstr_nr_captures(a), queued = 0, all_in_bpf = 0;
	uint32_t consistent = 0, in_bpf, i, j, n;
	bool ok;

	KTSTR_AFTER_GE(a, nr, 4);
	for (i = 0; i < nr; i++) {
		struct ktstr_value c = ktstr_capture_nth(a, i);
		struct ktstr_value dsqs = ktstr_at(c, "dsqs");

		n = 0;
		ok = true;
		for (j = 0; j < ktstr_nr(dsqs); j++)
			ok &= check_queue(c, element(dsqs, j), &n);
		queued += n;
		n += count_others(c, &in_bpf);
		all_in_bpf += in_bpf;
		consistent += ok && n + in_bpf == NR_SPINNERS;
	}
	ktstr_after_note(a, "spinners seen on DSQs: %u, in the BPF program: %u",
			 queued, all_in_bpf);
	KTSTR_AFTER_GE(a, consistent, nr - 1);
	/* two CPUs: four of six wait, here or there */
	KTSTR_AFTER_GE(a, queued + all_in_bpf, 4 * nr - nr);
}

KTSTR_TEST(queues_of_dsqs,
	   .desc = "spinners on a user's DSQ are all there, in order and once",
	   .sched = &simple, .topology = "1n1l2c1t", .duration_ms = 1000,
	   .captures = 5, .after = check_queues)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "crowd", .workers = NR_SPINNERS,
				  .work = { KTSTR_SPIN_WAIT } }));
}

KTSTR_TEST(queues_of_bpf,
	   .desc = "what waits in a BPF program's own queues waits on no DSQ",
	   .sched = &queues, .topology = "1n1l2c1t", .duration_ms = 1000,
	   .captures = 5, .after = check_queues)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "crowd", .workers = NR_SPINNERS,
				  .work = { KTSTR_SPIN_WAIT } }));
}

static bool says(const char *name, const char *text)
{
	char path[64], buf[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/sched_ext/%s", name);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fgets(buf, sizeof(buf), f))
		buf[strcspn(buf, "\n")] = '\0';
	fclose(f);
	return !strcmp(buf, text);
}

static void check_state(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "state");

	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(c, "sched_ext.state")),
				  "enabled ", 8), 0);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(c, "sched_ext.ops")), "simple");
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(c, "sched_ext.switch_all")), 1);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(c, "sched_ext.nr_rejected")), 0);
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(c, "sched_ext.exit.kind")), 0);
}

KTSTR_TEST(state_as_in_sysfs,
	   .desc = "the state of sched_ext is what sysfs says",
	   .sched = &simple, .duration_ms = 100, .after = check_state)
{
	KTSTR_EXPECT(t, says("state", "enabled"));
	KTSTR_EXPECT(t, says("root/ops", "simple"));
	KTSTR_EXPECT(t, says("switch_all", "1"));
	KTSTR_EXPECT(t, says("nr_rejected", "0"));
	KTSTR_EXPECT(t, ktstr_capture(t, "state"));
}

/* "ktstr_tick [bpf]+0x76/0x78" */
static bool is_ours(struct ktstr_value frame, void *arg)
{
	const char *name = ktstr_str(frame);

	(void)arg;
	return !strncmp(name, "ktstr_", 6) && strstr(name, " [bpf]+");
}

static void check_exit(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_get(a, "exit"), stack;
	char path[32];

	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(c, "sched_ext.exit.kind")),
				  "SCX_EXIT_ERROR", 14), 0);
	if (strcmp(ktstr_str(ktstr_at(c, "cause")), "watchpoint")) {
		ktstr_after_note(a, "this engine has no watchpoints: the stack is gone");
		return;
	}
	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(c, "sched_ext.state")),
				  "enabled ", 8), 0);
	snprintf(path, sizeof(path), "vcpus[%u].stack",
		 (unsigned int)ktstr_u64(ktstr_at(c, "watch.vcpu")));
	stack = ktstr_at(c, path);
	KTSTR_AFTER_EQ(a, !ktstr_where(stack, is_ours, NULL).error, 1);
	/* and on through the kernel that called it */
	KTSTR_AFTER_GE(a, ktstr_nr(stack), 5);
}

KTSTR_TEST(stack_of_an_error,
	   .desc = "the stack that ends a scheduler goes through its BPF program",
	   .sched = &crash, .topology = "1n1l2c1t", .duration_ms = 2000,
	   .expect = { KTSTR_EXPECT_SCHED_ERROR, "crash fault" },
	   .after = check_exit,
	   .needs = { .real_time = true })	/* for the registers */
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "crowd", .workers = 4,
				  .work = { KTSTR_YIELD_HEAVY } }));
}
