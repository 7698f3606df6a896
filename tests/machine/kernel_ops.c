// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel operations on a real kernel: what the host reads is what the guest
 * knows by other ways, what it writes is what the guest then sees, and what it
 * must not do it refuses with the reason. Run with and without --kaslr.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#define SCHED_EXT	7
#define NO_PID		3999999
#define SOON_MS		20000

KTSTR_SCHED(simple, .binary = "scx_simple");

static bool one(struct ktstr_ctx *t, struct ktstr_kernel_op *op)
{
	return ktstr_kernel_ops(t, op, 1) == 1;
}

/* Expected to be done; if it is not, the reason is noted. */
static void done(struct ktstr_ctx *t, struct ktstr_kernel_op *op)
{
	if (!KTSTR_EXPECT(t, ktstr_kernel_ops(t, op, 1) == 1))
		ktstr_note(t, "refused: %s", op->reason);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static struct ktstr_kernel_op symbol_op(const char *symbol, uint32_t width)
{
	return (struct ktstr_kernel_op){
		.target = KTSTR_SYMBOL, .symbol = symbol, .width = width };
}

static struct ktstr_kernel_op kva_op(uint64_t addr, uint32_t width)
{
	return (struct ktstr_kernel_op){
		.target = KTSTR_KVA, .addr = addr, .width = width };
}

/* An address as the guest itself knows it. */
static uint64_t kallsyms(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], sym[256];
	unsigned long long addr, found = 0;
	char type;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %c %255s", &addr, &type, sym) == 3 &&
		    !strcmp(sym, name))
			found = addr;
	if (f)
		fclose(f);
	return found;
}

static uint64_t first_of(const char *path, const char *what)
{
	FILE *f = fopen(path, "re");
	unsigned long long start = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, what) && sscanf(line, "%*[ 0x]%llx-", &start) == 1)
			break;
	if (f)
		fclose(f);
	return start;
}

static long sysctl(const char *path)
{
	FILE *f = fopen(path, "re");
	long v = -1;

	if (f && fscanf(f, "%ld", &v) != 1)
		v = -1;
	if (f)
		fclose(f);
	return v;
}

static void set_sysctl(struct ktstr_ctx *t, const char *path, long v)
{
	FILE *f = fopen(path, "we");

	KTSTR_ASSERT(t, f);
	fprintf(f, "%ld\n", v);
	KTSTR_ASSERT(t, !fclose(f));
}

/* Whether a word is in the line that the kernel was booted with. */
static bool booted_with(const char *word)
{
	char line[4096] = "";
	FILE *f = fopen("/proc/cmdline", "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	return strstr(line, word);
}

/* A measured one would be a little off; TSC deadlines need none. */
KTSTR_TEST(apic_timer, .desc = "its frequency is told to the kernel, not measured",
	   .duration_ms = 100)
{
	struct ktstr_kernel_op op = symbol_op("lapic_timer_period", 4);

	done(t, &op);
	/* one that was moved measures it */
	if (booted_with("nokaslr") &&
	    !KTSTR_EXPECT(t, !op.value.u32 || !(1000000000 % op.value.u32) ||
			  1000000000 / op.value.u32 == 300))
		ktstr_note(t, "lapic_timer_period is %u", op.value.u32);
}

KTSTR_TEST(jiffies_hot_and_cold,
	   .desc = "jiffies move between two hot reads, not within a freeze",
	   .duration_ms = 500)
{
	struct ktstr_kernel_op hot = symbol_op("jiffies_64", 8);
	struct ktstr_kernel_op cold[KTSTR_MAX_KERNEL_OPS];
	uint64_t before, end = now_ms() + SOON_MS;
	uint32_t i;

	done(t, &hot);
	before = hot.value.u64;
	do {
		done(t, &hot);
	} while (hot.value.u64 == before && now_ms() < end);
	KTSTR_EXPECT(t, hot.value.u64 > before);

	for (i = 0; i < KTSTR_MAX_KERNEL_OPS; i++) {
		cold[i] = hot;
		cold[i].cold = true;
	}
	KTSTR_EXPECT_EQ(t, ktstr_kernel_ops(t, cold, KTSTR_MAX_KERNEL_OPS),
			KTSTR_MAX_KERNEL_OPS);
	for (i = 1; i < KTSTR_MAX_KERNEL_OPS; i++)
		if (cold[i].value.u64 != cold[0].value.u64)
			break;
	KTSTR_EXPECT_EQ(t, i, KTSTR_MAX_KERNEL_OPS);
	KTSTR_EXPECT(t, cold[0].value.u64 >= hot.value.u64);
}

KTSTR_TEST(variables,
	   .desc = "a kernel variable written by the host is the guest's sysctl",
	   .duration_ms = 500)
{
	static const char path[] = "/proc/sys/kernel/randomize_va_space";
	struct ktstr_kernel_op op = symbol_op("randomize_va_space", 4);
	int i;

	for (i = 0; i < 4; i++) {
		op.cold = i & 1;
		op.write = true;
		op.value.u32 = i >> 1;
		done(t, &op);
		KTSTR_EXPECT_EQ(t, sysctl(path), i >> 1);
		op.write = false;
		op.value.u32 = 77;
		done(t, &op);
		KTSTR_EXPECT_EQ(t, op.value.u32, i >> 1);
	}
	set_sysctl(t, path, 2);
	done(t, &op);
	KTSTR_EXPECT_EQ(t, op.value.u32, 2);
}

KTSTR_TEST(addresses,
	   .desc = "the same bytes by symbol, by page tables and by direct map",
	   .duration_ms = 500)
{
	uint64_t text = kallsyms("_text"), banner = kallsyms("linux_banner");
	uint64_t phys = first_of("/proc/iomem", "Kernel code");
	struct ktstr_kernel_op op = symbol_op("page_offset_base", 8);
	struct ktstr_kernel_op way[3] = {
		symbol_op("linux_banner", 64), kva_op(banner, 64),
		kva_op(0, 64),
	};
	struct utsname uts;
	uint64_t vmalloc;
	char want[80];
	int i;

	/* true addresses, for us, in all of /proc */
	set_sysctl(t, "/proc/sys/kernel/kptr_restrict", 1);
	vmalloc = first_of("/proc/vmallocinfo", " vmalloc");
	KTSTR_ASSERT(t, text && banner && phys && vmalloc);
	done(t, &op);
	way[2].target = KTSTR_DIRECT_MAP;
	way[2].addr = op.value.u64 + phys + banner - text;
	uname(&uts);
	snprintf(want, sizeof(want), "Linux version %.40s ", uts.release);
	for (i = 0; i < 3; i++) {
		way[i].bytes = true;
		done(t, &way[i]);
		KTSTR_EXPECT(t, !memcmp(way[i].value.bytes, want, strlen(want)));
	}
	/* not in the image and not in the direct map */
	op = kva_op(vmalloc, 8);
	done(t, &op);
	ktstr_note(t, "_text %#llx, direct map %#llx",
		   (unsigned long long)text,
		   (unsigned long long)way[2].addr);
}

KTSTR_TEST(percpu,
	   .desc = "each CPU's runqueue knows which CPU it is",
	   .topology = "1n2l2c1t", .duration_ms = 500)
{
	struct ktstr_kernel_op op = {
		.target = KTSTR_PERCPU_FIELD, .symbol = "runqueues",
		.field = "cpu", .width = 4,
	};
	uint32_t cpu;

	for (cpu = 0; cpu < ktstr_nr_cpus(t); cpu++) {
		op.cpu = cpu;
		op.cold = cpu & 1;
		done(t, &op);
		KTSTR_EXPECT_EQ(t, op.value.u32, cpu);
	}
	/* where nothing reads it: what is written is still there */
	op.field = "nr_uninterruptible";
	op.width = 8;
	op.cpu = 0;
	done(t, &op);
	op.write = true;
	op.cold = true;
	done(t, &op);
}

static void be_ext(int cpu)
{
	struct sched_param param = {};
	cpu_set_t set;

	signal(SIGTERM, SIG_DFL);
	if (cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	if (sched_setscheduler(0, SCHED_EXT, &param))
		_exit(1);
}

/* A child that sleeps, as SCHED_EXT when @ext. */
static pid_t sleeper(bool ext)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (ext)
		be_ext(-1);
	for (;;)
		pause();
}

static pid_t spinner(int cpu)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	be_ext(cpu);
	for (;;)
		;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct ktstr_kernel_op task_op(pid_t pid, const char *field,
				      uint32_t width)
{
	return (struct ktstr_kernel_op){
		.target = KTSTR_TASK_FIELD, .pid = pid, .field = field,
		.width = width, .start_time = ktstr_start_time(pid) };
}

/* Until the task sleeps, which it does soon. */
static bool when_asleep(struct ktstr_ctx *t, struct ktstr_kernel_op *op)
{
	uint64_t end = now_ms() + SOON_MS;

	while (!one(t, op) && now_ms() < end)
		;
	return op->ok;
}

KTSTR_TEST(task,
	   .desc = "fields of a sleeping task under a scheduler, read and written",
	   .sched = &simple, .duration_ms = 500)
{
	pid_t pid = sleeper(true);
	struct ktstr_kernel_op op = task_op(pid, "pid", 4);

	KTSTR_ASSERT(t, pid > 0);
	KTSTR_EXPECT(t, when_asleep(t, &op));
	KTSTR_EXPECT_EQ(t, op.value.u32, pid);
	op = task_op(pid, "scx.dsq_vtime", 8);
	op.write = true;
	op.cold = true;
	op.value.u64 = 123456789;
	done(t, &op);
	op.write = false;
	op.cold = false;
	op.value.u64 = 0;
	done(t, &op);
	KTSTR_EXPECT_EQ(t, op.value.u64, 123456789);
	op = task_op(pid, "comm", 16);
	op.bytes = true;
	done(t, &op);
	KTSTR_EXPECT(t, !strcmp((char *)op.value.bytes, "task"));
	end_child(pid);
}

/* It is refused, and for that reason. */
static void refused(struct ktstr_ctx *t, struct ktstr_kernel_op op,
		    const char *reason)
{
	int mode;

	for (mode = 0; mode < 4; mode++) {
		op.cold = mode & 1;
		op.write = mode & 2;
		KTSTR_EXPECT(t, !one(t, &op));
		if (KTSTR_EXPECT(t, strstr(op.reason, reason)))
			continue;
		ktstr_note(t, "refused with \"%s\", not with \"%s\"", op.reason,
			   reason);
		return;
	}
}

KTSTR_TEST(refused_addresses,
	   .desc = "symbols and addresses that lead nowhere are refused",
	   .duration_ms = 500)
{
	struct ktstr_kernel_op op = symbol_op("page_offset_base", 8);
	uint64_t page_offset;

	done(t, &op);
	page_offset = op.value.u64;

	refused(t, symbol_op("no_such_symbol", 8), "no symbol \"no_such_symbol\"");
	refused(t, symbol_op("runqueues", 8), "per-CPU: name a field");
	refused(t, symbol_op("randomize_va_space", 8), "has 4 bytes, not 8");
	refused(t, kva_op(0x7000, 8), "is not a kernel address");
	refused(t, kva_op(-4ULL, 8), "is not a kernel address");
	refused(t, kva_op(0xfffff00000000000, 8), "is not mapped");
	op = kva_op(page_offset, 8);
	op.target = KTSTR_DIRECT_MAP;
	op.addr = page_offset + 4;
	refused(t, op, "is not aligned to 8 bytes");
	op.addr = kallsyms("linux_banner");
	refused(t, op, "is not in the direct map");
	op.addr = 0x7000;
	refused(t, op, "is not a kernel address");
}

KTSTR_TEST(refused_percpu,
	   .desc = "per-CPU fields that are none are refused",
	   .duration_ms = 500)
{
	const struct ktstr_kernel_op good = {
		.target = KTSTR_PERCPU_FIELD, .symbol = "runqueues",
		.field = "cpu", .width = 4,
	};
	struct ktstr_kernel_op op = good;

	done(t, &op);
	op = good;
	op.symbol = "no_such_symbol";
	refused(t, op, "no symbol \"no_such_symbol\"");
	op = good;
	op.symbol = "jiffies_64";
	refused(t, op, "is not per-CPU");
	op = good;
	op.cpu = 2;
	refused(t, op, "no CPU 2, there are 2");
	op = good;
	op.field = "nr_runing";
	refused(t, op, "no field \"nr_runing\" in struct rq");
	op = good;
	op.width = 8;
	refused(t, op, "has 4 bytes, not 8");
}

KTSTR_TEST(refused_tasks,
	   .desc = "tasks that are not at rest under sched_ext are refused",
	   .sched = &simple, .duration_ms = 500)
{
	pid_t asleep = sleeper(true), other = sleeper(false), zombie = fork();
	struct ktstr_kernel_op op;
	siginfo_t si;

	if (!zombie) {
		be_ext(-1);
		_exit(0);
	}
	KTSTR_ASSERT(t, asleep > 0 && other > 0 && zombie > 0);
	op = task_op(asleep, "pid", 4);
	KTSTR_EXPECT(t, when_asleep(t, &op));

	op.pid = NO_PID;
	refused(t, op, "no task with pid 3999999");
	op = task_op(asleep, "pid", 4);
	op.start_time++;
	refused(t, op, "another one");
	refused(t, task_op(asleep, "scx.no_field", 4), "no field \"no_field\"");
	refused(t, task_op(asleep, "in_execve", 4), "is a bitfield");
	refused(t, task_op(other, "pid", 4), "has policy 0, not SCHED_EXT");
	KTSTR_EXPECT(t, !waitid(P_PID, zombie, &si, WEXITED | WNOWAIT));
	refused(t, task_op(zombie, "pid", 4), "is dead");
	waitpid(zombie, NULL, 0);

	/* as it is before a task's start was stamped */
	op = task_op(asleep, "start_boottime", 8);
	op.write = true;
	op.value.u64 = 0;
	done(t, &op);
	refused(t, op, "has no start time yet");
	end_child(asleep);
	end_child(other);
}

#define NR_SPINNERS	4

KTSTR_TEST(refused_running,
	   .desc = "of tasks that share a CPU, one runs and the others are queued",
	   .sched = &simple, .duration_ms = 500)
{
	struct ktstr_kernel_op ops[NR_SPINNERS];
	pid_t pids[NR_SPINNERS];
	int running = 0, queued = 0, i;
	uint64_t end;

	/* one beside them: who asks runs on one of the CPUs, perhaps always there */
	for (i = 0; i < NR_SPINNERS; i++) {
		pids[i] = spinner(i != 0);
		KTSTR_ASSERT(t, pids[i] > 0);
	}
	end = now_ms() + SOON_MS;
	while ((!running || !queued) && now_ms() < end) {
		for (i = 0; i < NR_SPINNERS; i++) {
			ops[i] = task_op(pids[i], "pid", 4);
			ops[i].cold = true;
		}
		KTSTR_EXPECT_EQ(t, ktstr_kernel_ops(t, ops, NR_SPINNERS), 0);
		for (i = 0; i < NR_SPINNERS; i++) {
			running += !!strstr(ops[i].reason, "is on a runqueue");
			queued += !!strstr(ops[i].reason, "is on a DSQ");
		}
	}
	KTSTR_EXPECT_GE(t, running, 1);
	KTSTR_EXPECT_GE(t, queued, 1);
	for (i = 0; i < NR_SPINNERS; i++)
		end_child(pids[i]);
}

KTSTR_TEST(refused_without_scheduler,
	   .desc = "SCHED_EXT is not the sched_ext class where no scheduler is",
	   .duration_ms = 500)
{
	pid_t pid = sleeper(true);
	struct ktstr_kernel_op op = task_op(pid, "pid", 4);
	uint64_t end = now_ms() + SOON_MS;

	KTSTR_ASSERT(t, pid > 0);
	do {
		KTSTR_ASSERT(t, !one(t, &op));
	} while (strstr(op.reason, "has policy 0") &&	/* not yet SCHED_EXT */
		 now_ms() < end);
	refused(t, op, "is not of the sched_ext class");
	end_child(pid);
}
