// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints on a real kernel: a variable written once, one written without
 * end, the store that ends a scheduler, two schedulers one after the other, and
 * what is refused. Run with and without --kaslr. An engine may have no
 * watchpoints; emulated QEMU has them, but none in deterministic mode with KASLR,
 * and a guest can tell that it is there.
 */
#include <cpuid.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#define PANIC_FILE	"/proc/sys/kernel/panic"
#define NO_WATCHES	"none"		/* tag: the engine has no watchpoints */
#define WRITER_CPU	1
#define MAX_BURST	8

/* Both fail by themselves; which of them did is in the map of its variables. */
#define FIRST_MS	1000
#define SECOND_MS	700
KTSTR_SCHED(crashing, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "crash", "--after", "1000"));
KTSTR_SCHED(stalling, .binary = "scx_ktstr",
	    .args = KTSTR_ARGS("--fault", "stall", "--after", "500",
			       "--timeout", "1500"));
KTSTR_SCHED(simple, .binary = "scx_simple");

#define CRASH_TEXT	"ktstr: crash fault, asked for after"

static bool is_tcg(void)
{
	uint32_t eax, ebx, ecx, edx;

	__cpuid(0x40000000, eax, ebx, ecx, edx);
	return !memcmp(&ebx, "TCGT", 4);
}

/* False, and a capture that says so, where the engine has no watchpoints. */
static bool watched(struct ktstr_ctx *t, const char *symbol)
{
	if (ktstr_watch(t, symbol))
		return true;
	KTSTR_EXPECT(t, !is_tcg());
	KTSTR_EXPECT(t, ktstr_capture(t, NO_WATCHES));
	return false;
}

static bool no_watches(struct ktstr_after *a)
{
	const struct ktstr_capture_info *c = ktstr_capture_at(a, 0);

	if (!c || strcmp(c->tag, NO_WATCHES))
		return false;
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 1);
	return true;
}

static void pin_to(struct ktstr_ctx *t, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	KTSTR_ASSERT(t, !sched_setaffinity(0, sizeof(set), &set));
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = fd >= 0 &&
		    write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

static void sleep_ms(uint32_t ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* A machine that is idle has few ticks. */
static void spin_ms(uint32_t ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000 +
		 (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

static void check_once(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_nth(a, 0);

	if (no_watches(a))
		return;
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 1);
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(c, "tag")), "panic_timeout");
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(c, "cause")), "watchpoint");
	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(c, "watch.symbol")),
			  "panic_timeout");
	KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_at(c, "watch.vcpu")), WRITER_CPU);
	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(c, "watch.at")),
				  "do_proc_dointvec_conv+", 22), 0);
}

KTSTR_TEST(written_once,
	   .desc = "one write, one capture: which vCPU wrote, and from where",
	   .topology = "1n1l2c1t", .duration_ms = 100, .after = check_once)
{
	pin_to(t, WRITER_CPU);
	if (watched(t, "panic_timeout")) {
		KTSTR_EXPECT(t, write_text(PANIC_FILE, "17\n"));
		sleep_ms(200);
	}
}

static void check_often(struct ktstr_after *a)
{
	uint32_t i;

	if (no_watches(a))
		return;
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 2 * MAX_BURST);
	for (i = 0; i < 2 * MAX_BURST; i++)
		KTSTR_AFTER_STREQ(a, ktstr_capture_at(a, i)->tag, "jiffies_64");
}

KTSTR_TEST(written_often,
	   .desc = "a word written at each tick is given up, and the guest goes on",
	   .topology = "1n1l2c1t", .duration_ms = 100, .after = check_often)
{
	if (!watched(t, "jiffies_64"))
		return;
	spin_ms(500);
	/* its slot is free again */
	KTSTR_EXPECT(t, ktstr_watch(t, "jiffies_64"));
	spin_ms(500);
}

/* A global variable that begins between two words. */
static bool find_misaligned(char *name, size_t size)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long kva;
	char line[512], type;
	bool found = false;
	int at;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %n", &kva, &type, &at) != 2 ||
		    (type != 'B' && type != 'D') || kva % 4 == 0 ||
		    kva < 0xffffffff80000000ull || strchr(line, '['))
			continue;
		line[strcspn(line, "\n")] = '\0';
		found = snprintf(name, size, "%s", line + at) < (int)size;
	}
	if (f)
		fclose(f);
	return found;
}

static void check_slots(struct ktstr_after *a)
{
	if (no_watches(a))
		return;
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 3);
	KTSTR_AFTER_STREQ(a, ktstr_capture_at(a, 0)->tag, "panic_timeout");
	KTSTR_AFTER_STREQ(a, ktstr_capture_at(a, 1)->tag, "panic_on_oops");
	KTSTR_AFTER_STREQ(a, ktstr_capture_at(a, 2)->tag, "panic_on_warn");
}

KTSTR_TEST(refusals,
	   .desc = "a fourth, an unknown, a misaligned and a per-CPU symbol",
	   .topology = "1n1l2c1t", .duration_ms = 100, .after = check_slots)
{
	char name[64];

	if (!watched(t, "panic_timeout"))
		return;
	KTSTR_EXPECT(t, !ktstr_watch(t, "panic_timeouts"));
	KTSTR_EXPECT(t, !ktstr_watch(t, "runqueues"));
	KTSTR_EXPECT(t, !ktstr_watch(t, "Panic_timeout"));
	KTSTR_EXPECT(t, !ktstr_watch(t, ""));
	if (find_misaligned(name, sizeof(name)))
		KTSTR_EXPECT(t, !ktstr_watch(t, name));
	else
		ktstr_note(t, "no global variable here is misaligned");
	KTSTR_EXPECT(t, ktstr_watch(t, "panic_on_oops"));
	KTSTR_EXPECT(t, ktstr_watch(t, "panic_on_warn"));
	KTSTR_EXPECT(t, !ktstr_watch(t, "sysctl_sched_features"));
	KTSTR_EXPECT(t, !ktstr_watch(t, "jiffies_64"));
	KTSTR_EXPECT(t, write_text(PANIC_FILE, "18\n"));
	KTSTR_EXPECT(t, write_text("/proc/sys/kernel/panic_on_oops", "1\n"));
	KTSTR_EXPECT(t, write_text("/proc/sys/kernel/panic_on_warn", "0\n"));
	sleep_ms(100);
}

/* The capture of a scheduler's end; false when it came late, by looking. */
static bool check_exit(struct ktstr_after *a, struct ktstr_value c)
{
	const char *cause = ktstr_str(ktstr_at(c, "cause"));

	KTSTR_AFTER_STREQ(a, ktstr_str(ktstr_at(c, "tag")), "exit");
	if (!strcmp(cause, "poll")) {
		KTSTR_AFTER_EQ(a, *ktstr_str(ktstr_at(c, "late")) != '\0', 1);
		return false;
	}
	KTSTR_AFTER_STREQ(a, cause, "watchpoint");
	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(c, "watch.at")),
				  "scx_", 4), 0);
	KTSTR_AFTER_EQ(a, strncmp(ktstr_str(ktstr_at(c, "sched_ext.state")),
				  "enabled", 7), 0);
	return true;
}

static bool is_queue_of_many(struct ktstr_value dsq, void *arg)
{
	(void)arg;
	return ktstr_u64(ktstr_at(dsq, "nr")) >= 2;
}

static void check_stall(struct ktstr_after *a)
{
	struct ktstr_value c = ktstr_capture_nth(a, 0), queue;

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 1);
	if (!check_exit(a, c))
		return;
	queue = ktstr_where(ktstr_at(c, "dsqs"), is_queue_of_many, NULL);
	KTSTR_AFTER_GE(a, ktstr_u64(ktstr_at(queue, "nr")), 2);
}

KTSTR_TEST(stalled,
	   .desc = "a stall is captured while its tasks are queued",
	   .sched = &stalling, .topology = "1n1l2c1t", .duration_ms = 2500,
	   .expect = { KTSTR_EXPECT_SCHED_ERROR, "runnable task stall" },
	   .after = check_stall)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "spin", .workers = 4,
				  .work = { KTSTR_SPIN_WAIT } }));
}

/* Ends by itself: the error that it makes throws it out. */
static bool run_second(uint32_t after_ms)
{
	char ms[16];
	int status;
	pid_t pid;

	snprintf(ms, sizeof(ms), "%u", after_ms);
	pid = fork();
	if (!pid) {
		execl("/files/scx_ktstr", "scx_ktstr", "--fault", "crash",
		      "--after", ms, (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

static void check_two(struct ktstr_after *a)
{
	struct ktstr_value c;

	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 2);
	c = ktstr_capture_nth(a, 0);
	if (check_exit(a, c))
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "after_ms")),
			       FIRST_MS);
	c = ktstr_capture_nth(a, 1);
	if (check_exit(a, c))
		KTSTR_AFTER_EQ(a, ktstr_u64(ktstr_var(c, "after_ms")),
			       SECOND_MS);
}

KTSTR_TEST(one_after_the_other,
	   .desc = "a second scheduler's end is captured as its own",
	   .sched = &crashing, .topology = "1n1l2c1t", .duration_ms = 2000,
	   .files = KTSTR_ARGS("scx_ktstr"),
	   .expect = { KTSTR_EXPECT_SCHED_ERROR, CRASH_TEXT },
	   .after = check_two)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "burst", .workers = 2,
				  .work = { KTSTR_BURSTY } }));
	KTSTR_EXPECT(t, run_second(SECOND_MS));
}

static void check_none(struct ktstr_after *a)
{
	KTSTR_AFTER_EQ(a, ktstr_nr_captures(a), 0);
}

KTSTR_TEST(no_error,
	   .desc = "a scheduler that is ended leaves no capture",
	   .sched = &simple, .topology = "1n1l2c1t", .duration_ms = 500,
	   .after = check_none)
{
	KTSTR_RUN(t, KTSTR_STEP(KTSTR_HOLD_ALL,
				{ .name = "pair", .workers = 2,
				  .work = { KTSTR_SPIN_WAIT } }));
}
