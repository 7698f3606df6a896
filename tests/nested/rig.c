// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nested rig: a machine whose kernel has KVM, and in it the project's own
 * test programs, on an engine that wants /dev/kvm. A case is a program. Their
 * KTAP goes to standard output as it comes; a case passes when every result
 * in it is the one that is wanted. Run by the script "check-kvm", which puts
 * in place what the cases need. Not a test program by itself.
 *
 * On the kernel's command line, which hands on to us what it does not know:
 * KTSTR_RIG_ENGINE, and what the programs themselves take from the environment.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ktstr.h>

#include "one_guest.h"

#define FILES		"/files/"
#define KERNEL_DIR	"/tmp/kernel"
#define OWN_ARGS	4	/* of a program; then come a case's */
#define MAX_ARGS	8
#define FROM_TEMPLATE	"# from template "
#define SPREAD_MS	5000	/* of the time from SysRdy to a case's body */
#define MINUTES(n)	((n) * 60000u)

/* How cases end that are made to fail, by the directive behind "not ok". */
static const struct {
	const char *name;
	const char *directive;	/* "" for none */
} endings[] = {
	{ "early_exit", "ERROR" },
	{ "length_4gib", "TIMEOUT" },
	{ "length_16mib", "TIMEOUT" },
	{ "endless_partial", "TIMEOUT" },
	{ "garbage", "TIMEOUT" },
	{ "crashes", "" },
	{ "loops", "TIMEOUT" },
	{ "leaves", "" },
	{ "expects_nothing", "ERROR" },
	{ "eats_memory", "" },
	{ "fills_tmp", "" },
	{ "panics", "ERROR" },
	{ "fresh", "" },
};

struct results {
	unsigned int planned;
	unsigned int good;
	unsigned int bad;
	unsigned int skipped;
	unsigned int wanted;	/* good ones that are not "ok" */
	unsigned int from_template;
	unsigned int uptime_ms;	/* the last that a guest has told */
};

/* Whether case @name is to end as "not ok", with @directive behind it. */
static bool is_wanted(const char *name, const char *directive)
{
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (!strcmp(endings[i].name, name))
			return !strcmp(endings[i].directive, directive);
	return false;
}

static bool must_fail(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (!strcmp(endings[i].name, name))
			return true;
	return false;
}

/* A result line is told again as what it means here; others as they are. */
static void take_line(struct results *r, const char *line)
{
	char name[64] = "", directive[16] = "";
	unsigned int nr;
	bool good;

	if (sscanf(line, "# note: uptime %u ms", &nr) == 1)
		r->uptime_ms = nr;
	r->from_template += !strncmp(line, FROM_TEMPLATE,
				     strlen(FROM_TEMPLATE));
	if (sscanf(line, "1..%u", &r->planned) == 1 ||
	    (sscanf(line, "ok %u %63s # %15s", &nr, name, directive) < 2 &&
	     sscanf(line, "not ok %u %63s # %15s", &nr, name, directive) < 2)) {
		printf("%s", line);
		return;
	}
	if (!strcmp(directive, "SKIP")) {
		r->skipped++;
		printf("%s", line);
		return;
	}
	if (must_fail(name)) {
		good = *line == 'n' && is_wanted(name, directive);
		printf("# %s%s %u %s\n", line, good ? "ok" : "not ok", nr, name);
		r->wanted += good;
	} else {
		good = *line == 'o';
		printf("%s", line);
	}
	r->good += good;
	r->bad += !good;
}

/* The directory that the programs take as a kernel of the cache. */
static void lay_out_kernel(struct ktstr_ctx *t)
{
	static const char *const names[] = {
		"vmlinux", "vmlinux.boot", "bzImage", "config", "meta",
	};
	char from[64], to[64];
	size_t i;

	KTSTR_ASSERT(t, !mkdir(KERNEL_DIR, 0755));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(from, sizeof(from), FILES "%s", names[i]);
		snprintf(to, sizeof(to), KERNEL_DIR "/%s", names[i]);
		KTSTR_ASSERT(t, !symlink(from, to));
	}
	setenv("HOME", "/tmp", 1);
	/* what is saved there takes memory */
	setenv("KTSTR_COLD", "1", 1);
}

static void exec_program(const char *program, const char *const *flags, int out)
{
	const char *engine = getenv("KTSTR_RIG_ENGINE");
	char path[64], engine_flag[64];
	const char *argv[MAX_ARGS] = { path, engine_flag,
				       "--kernel=" KERNEL_DIR, "--jobs=1" };
	size_t i;

	snprintf(path, sizeof(path), FILES "%s", program);
	snprintf(engine_flag, sizeof(engine_flag), "--engine=%s",
		 engine ? engine : "kvm");
	for (i = 0; flags[i]; i++)
		argv[OWN_ARGS + i] = flags[i];
	dup2(out, STDOUT_FILENO);
	execv(path, (char *const *)argv);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

/* Its exit status; -1 when it did not end by itself. */
static int run_program(struct ktstr_ctx *t, const char *program,
		       const char *const *flags, struct results *r)
{
	char *line = NULL;
	size_t size = 0;
	int fds[2], status;
	pid_t pid;
	FILE *in;

	KTSTR_ASSERT(t, !pipe(fds));
	pid = fork();
	if (!pid)
		exec_program(program, flags, fds[1]);
	close(fds[1]);
	in = fdopen(fds[0], "r");
	KTSTR_ASSERT(t, pid > 0 && in);
	while (getline(&line, &size, in) > 0)
		take_line(r, line);
	free(line);
	fclose(in);
	KTSTR_ASSERT(t, waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void judge(struct ktstr_ctx *t, const struct results *r, int status)
{
	KTSTR_EXPECT_GE(t, r->planned, 1);
	KTSTR_EXPECT_EQ(t, r->good + r->bad + r->skipped, r->planned);
	KTSTR_EXPECT_EQ(t, r->bad, 0);
	/* an engine that is not usable skips them all */
	KTSTR_EXPECT_GE(t, r->good, 1);
	KTSTR_EXPECT_EQ(t, status, r->wanted || r->bad ? 1 : 0);
	ktstr_note(t, "%u passed, %u failed, %u skipped", r->good, r->bad,
		   r->skipped);
}

static void run(struct ktstr_ctx *t, const char *program, const char *flag)
{
	const char *const flags[] = { flag, NULL };
	struct results r = {};
	int status;

	/* no workload of our own, but from here on its budget is what counts */
	KTSTR_RUN(t, KTSTR_PAUSE_MS(1));
	lay_out_kernel(t);
	status = run_program(t, program, flags, &r);
	judge(t, &r, status);
}

/* CLOCK_MONOTONIC of the first answer to a Plan in the last run. */
static long long answered_at_ns(void)
{
	long long ns, last = 0;
	glob_t g;
	size_t i;
	FILE *f;

	if (glob("/tmp/.local/state/ktstr/runs/*/answer", 0, NULL, &g))
		return 0;
	for (i = 0; i < g.gl_pathc; i++) {
		f = fopen(g.gl_pathv[i], "r");
		if (f && fscanf(f, "%lld", &ns) == 1 && ns > last)
			last = ns;
		if (f)
			fclose(f);
	}
	globfree(&g);
	return last;
}

/* The @rounds machines of one that was saved are to be as that was. */
static void run_warm(struct ktstr_ctx *t, const char *program,
		     const char *which, int rounds)
{
	const char *const flags[] = { "--no-cold", which, NULL };
	unsigned int uptime_ms = 0;
	struct results r = {};
	struct timespec from;
	int i, status;

	for (i = 0; i <= rounds; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		uptime_ms = r.uptime_ms;
		r = (struct results){};
		status = run_program(t, program, flags, &r);
		judge(t, &r, status);
		printf("# %s: exec to the first answer %lld us\n",
		       i ? "from a template" : "booted",
		       (answered_at_ns() - from.tv_sec * 1000000000LL -
			from.tv_nsec) / 1000);
		fflush(stdout);
	}
	/* more of them when a case was run once more */
	KTSTR_EXPECT_GE(t, r.from_template, r.planned);
	/* clocks go on where they stood, whenever that was */
	KTSTR_EXPECT_LE(t, r.uptime_ms, 2 * uptime_ms + SPREAD_MS);
}

KTSTR_TEST(hardware,
	   .desc = "the rig's KVM runs a guest of a few instructions",
	   .nested = true, .topology = "1n1l1c1t", .duration_ms = 5000)
{
	char reason[128] = "";

	if (!KTSTR_EXPECT(t, !one_guest_run(reason, sizeof(reason))))
		ktstr_note(t, "%s", reason);
}

/*
 * One CPU: emulated ones take turns of up to 100 ms, and a machine inside whose
 * CPUs are on two of them stands still where one waits for the other.
 */
#define RIG_TEST(id, desc_, ...)					\
	KTSTR_TEST(id, .desc = desc_, .nested = true,			\
		   .topology = "1n1l1c1t",				\
		   .memory_mib = 1536, .duration_ms = MINUTES(25),	\
		   .files = KTSTR_ARGS(__VA_ARGS__, "vmlinux",		\
				       "vmlinux.boot", "bzImage",	\
				       "config", "meta", "scx_simple",	\
				       "scx_qmap", "scx_central",	\
				       "scx_flatcg", "scx_ktstr",	\
				       "mke2fs", "e2fsck",		\
				       "printf", "sleep"))

#define RIG_CASE(id, desc_, program, flag)				\
	RIG_TEST(id, desc_, program)					\
	{								\
		run(t, program, flag);					\
	}

#define RIG_PROGRAM(id) \
	RIG_CASE(id, "test program " #id " in the rig", #id, NULL)
#define RIG_PROGRAM_KASLR(id) \
	RIG_CASE(id##_kaslr, "test program " #id " in the rig, with KASLR", \
		 #id, "--kaslr")

/* Made by the build: the project's programs. */
#include "rig_programs.h"

RIG_PROGRAM(hostile)
RIG_PROGRAM(trouble)

/* Its one CPU is too few: all that pinning brings is refused, and it goes on. */
RIG_CASE(performance, "test program simple in the rig, in performance mode",
	 "simple", "--performance")

/* QEMU looks for its firmware beside where it is. */
static void lay_out_qemu(struct ktstr_ctx *t)
{
	KTSTR_ASSERT(t, !mkdir("/share", 0755));
	KTSTR_ASSERT(t, !symlink(FILES, "/share/qemu"));
	setenv("KTSTR_QEMU", FILES "qemu-system-x86_64", 1);
	setenv("KTSTR_RIG_ENGINE", "qemu-kvm", 1);
}

RIG_TEST(templates_qemu_kvm, "machines of QEMU with KVM from templates in the rig",
	 "fresh", "qemu-system-x86_64", "linuxboot_dma.bin", "pvh.bin",
	 "kvmvapic.bin", "bios-microvm.bin", "qboot.rom")
{
	KTSTR_RUN(t, KTSTR_PAUSE_MS(1));
	lay_out_kernel(t);
	lay_out_qemu(t);
	run_warm(t, "fresh", "fresh", 1);
}

RIG_TEST(templates, "machines from templates in the rig", "disks", "fresh")
{
	KTSTR_RUN(t, KTSTR_PAUSE_MS(1));
	lay_out_kernel(t);
	run_warm(t, "fresh", "fresh", 1);
	run_warm(t, "disks", "several", 1);
}

/* For the benchmark, which counts the rig's time in instructions. */
RIG_TEST(start, "from exec of a runner to the first answer of its machine",
	 "fresh")
{
	const char *rounds = getenv("KTSTR_BENCH_ROUNDS");

	KTSTR_RUN(t, KTSTR_PAUSE_MS(1));
	lay_out_kernel(t);
	run_warm(t, "fresh", "fresh", rounds ? atoi(rounds) : 1);
}
