// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loader of the fixture scheduler: sets the faults asked for, attaches it,
 * serves its statistics until it is told to stop or the kernel throws it out,
 * and says by its exit status which of the two it was.
 */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <bpf/bpf.h>
#include <scx/common.h>
#include "scx_ktstr.bpf.skel.h"
#include "stats.h"

enum exit_status {
	STATUS_STOPPED = 0,
	STATUS_THROWN_OUT = 1,
	STATUS_USAGE = 2,
	STATUS_NO_LOAD = 3,
	STATUS_RESTART = -1,	/* CPUs came or went: attach again */
};

enum fault {
	FAULT_STALL,
	FAULT_CRASH,
	FAULT_SLOW,
	FAULT_SCATTERSHOT,
	FAULT_LOST_WAKEUP,
	FAULT_REJECT,
	NR_FAULTS,
};

static const char *const fault_names[NR_FAULTS] = {
	[FAULT_STALL] = "stall",
	[FAULT_CRASH] = "crash",
	[FAULT_SLOW] = "slow",
	[FAULT_SCATTERSHOT] = "scattershot",
	[FAULT_LOST_WAKEUP] = "lost-wakeup",
	[FAULT_REJECT] = "reject",
};

struct options {
	bool faults[NR_FAULTS];
	u32 after_ms;
	u32 period_ms;
	u32 timeout_ms;
	bool verbose;
};

static const char help[] =
"Usage: scx_ktstr [OPTION]...\n"
"A plain sched_ext scheduler that fails on demand.\n"
"\n"
"  -f, --fault NAME     switch a fault on; may be given more than once:\n"
"                         stall        user tasks are queued and never run\n"
"                         crash        scx_bpf_error()\n"
"                         slow         a user task waits before it runs\n"
"                         scattershot  a user task goes to another CPU, drawn by lot\n"
"                         lost-wakeup  a race forgets tasks that were queued\n"
"                         reject       the verifier refuses the program\n"
"  -a, --after MS       faults begin MS after the start (default 0)\n"
"  -p, --period MS      how long slow lets a task wait (default 200)\n"
"  -t, --timeout MS     the kernel's watchdog, 1 to 30000 (default 5000)\n"
"  -v, --verbose        libbpf's messages, and counters every second\n"
"  -h, --help           this text\n"
"\n"
"While it runs, it serves its counters at " STATS_PATH ".\n"
"\n"
"Exit status: 0 after SIGINT or SIGTERM, 1 when the kernel threw the scheduler\n"
"out, 2 for a usage error, 3 when it could not be loaded or attached.\n";

static const struct option long_options[] = {
	{ "fault", required_argument, NULL, 'f' },
	{ "after", required_argument, NULL, 'a' },
	{ "period", required_argument, NULL, 'p' },
	{ "timeout", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static bool verbose;

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG && !verbose)
		return 0;
	return vfprintf(stderr, format, args);
}

static bool usage_error(const char *format, ...)
{
	va_list args;

	fputs("scx_ktstr: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see --help\n", stderr);
	return false;
}

static bool parse_ms(const char *option, const char *text, u32 min, u32 max, u32 *ms)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < min || value > max)
		return usage_error("--%s \"%s\" is no number of milliseconds from %u to %u",
				   option, text, min, max);
	*ms = value;
	return true;
}

static bool parse_fault(const char *name, bool *faults)
{
	for (int i = 0; i < NR_FAULTS; i++) {
		if (!strcmp(name, fault_names[i])) {
			faults[i] = true;
			return true;
		}
	}
	return usage_error("no fault \"%s\"; there are stall, crash, slow, scattershot, lost-wakeup, reject",
			   name);
}

static bool parse_option(int c, struct options *o)
{
	switch (c) {
	case 'f':
		return parse_fault(optarg, o->faults);
	case 'a':
		return parse_ms("after", optarg, 0, 3600 * 1000, &o->after_ms);
	case 'p':
		return parse_ms("period", optarg, 1, 30 * 1000, &o->period_ms);
	case 't':
		return parse_ms("timeout", optarg, 1, 30 * 1000, &o->timeout_ms);
	case 'v':
		o->verbose = true;
		return true;
	case 'h':
		fputs(help, stdout);
		exit(STATUS_STOPPED);
	default:
		fputs("See scx_ktstr --help\n", stderr);
		return false;
	}
}

static bool parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "f:a:p:t:vh", long_options, NULL)) != -1) {
		if (!parse_option(c, o))
			return false;
	}
	if (optind < argc)
		return usage_error("unexpected argument \"%s\"", argv[optind]);
	if (o->faults[FAULT_SLOW] && o->period_ms >= o->timeout_ms)
		return usage_error("--period %u must be below --timeout %u",
				   o->period_ms, o->timeout_ms);
	return true;
}

/* The tree's helpers for loading exit where these are missing. */
static bool kernel_can_load(void)
{
	static const char *const needed[] = {
		"/sys/kernel/sched_ext",
		"/sys/kernel/btf/vmlinux",
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (access(needed[i], F_OK)) {
			fprintf(stderr, "scx_ktstr: no %s: the kernel needs "
				"CONFIG_SCHED_CLASS_EXT and CONFIG_DEBUG_INFO_BTF, "
				"and sysfs must be mounted\n", needed[i]);
			return false;
		}
	}
	return true;
}

/*
 * Blocked, a signal interrupts neither the verifier nor the attach; whenever
 * it came, the descriptor returned is readable, and stays so. Or -1.
 */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);

	/* Not those that the parent chose to ignore: they would never pend. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void set_options(struct scx_ktstr *skel, const struct options *o)
{
	skel->bss->stall = o->faults[FAULT_STALL];
	skel->bss->crash = o->faults[FAULT_CRASH];
	skel->bss->slow = o->faults[FAULT_SLOW];
	skel->bss->scattershot = o->faults[FAULT_SCATTERSHOT];
	skel->rodata->lost_wakeup = o->faults[FAULT_LOST_WAKEUP];
	skel->rodata->reject = o->faults[FAULT_REJECT];
	skel->bss->after_ms = o->after_ms;
	skel->bss->period_ms = o->period_ms;
	skel->struct_ops.ktstr_ops->timeout_ms = o->timeout_ms;
}

static void print_start(const struct options *o)
{
	printf("scx_ktstr: enabled; faults after %u ms:", o->after_ms);
	for (int i = 0; i < NR_FAULTS; i++) {
		if (o->faults[i])
			printf(" %s", fault_names[i]);
	}
	printf("%s\n", memchr(o->faults, true, sizeof(o->faults)) ? "" : " none");
	fflush(stdout);
}

static void print_counters(const struct scx_ktstr *skel)
{
	printf("direct=%llu shared=%llu kthread=%llu held=%llu scattered=%llu\n",
	       (unsigned long long)skel->bss->nr_direct,
	       (unsigned long long)skel->bss->nr_shared,
	       (unsigned long long)skel->bss->nr_kthread,
	       (unsigned long long)skel->bss->nr_held,
	       (unsigned long long)skel->bss->nr_scattered);
	fflush(stdout);
}

static void serve_stats(struct stats_server *stats, const struct scx_ktstr *skel)
{
	const struct stats_value values[] = {
		{ "nr_direct", "tasks put on an idle CPU at wakeup", skel->bss->nr_direct },
		{ "nr_shared", "tasks put on the shared queue", skel->bss->nr_shared },
		{ "nr_kthread", "per-CPU kernel threads, put on their CPU",
		  skel->bss->nr_kthread },
		{ "nr_held", "tasks put on the queue of stall and slow", skel->bss->nr_held },
		{ "nr_scattered", "tasks put on a CPU drawn by lot", skel->bss->nr_scattered },
		{ "nr_dispatched", "times that a CPU took a task from a queue",
		  skel->bss->nr_dispatched },
		{ "stall", "1 while this fault is on", !!skel->bss->stall },
		{ "crash", "1 while this fault is on", !!skel->bss->crash },
		{ "slow", "1 while this fault is on", !!skel->bss->slow },
		{ "scattershot", "1 while this fault is on", !!skel->bss->scattershot },
		{ "after_ms", "when faults begin, from the start", skel->bss->after_ms },
		{ "period_ms", "how long slow lets a task wait", skel->bss->period_ms },
	};

	stats_serve(stats, values, ARRAY_SIZE(values));
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void wait_for_end(struct scx_ktstr *skel, int signal_fd, struct stats_server *stats)
{
	struct pollfd fds[1 + STATS_MAX_FDS] = { { .fd = signal_fd, .events = POLLIN } };
	time_t printed = now_s();

	/* the kernel's word to the scheduler wakes nobody: look for it */
	while (!UEI_EXITED(skel, uei)) {
		stats_fds(stats, fds + 1);
		if (poll(fds, ARRAY_SIZE(fds), 100) > 0 && fds[0].revents)
			break;
		serve_stats(stats, skel);
		if (verbose && now_s() > printed) {
			print_counters(skel);
			printed = now_s();
		}
	}
}

static int no_load(struct scx_ktstr *skel, const char *what, int err)
{
	fprintf(stderr, "scx_ktstr: could not %s: %s\n", what, strerror(-err));
	scx_ktstr__destroy(skel);
	return STATUS_NO_LOAD;
}

static int report_end(struct scx_ktstr *skel)
{
	u64 first_error = __COMPAT_ENUM_OR_ZERO("scx_exit_kind", "SCX_EXIT_ERROR");
	u64 kind = UEI_EXITED(skel, uei);
	u64 ecode = UEI_REPORT(skel, uei);

	scx_ktstr__destroy(skel);
	if (kind >= first_error)
		return STATUS_THROWN_OUT;
	return UEI_ECODE_RESTART(ecode) ? STATUS_RESTART : STATUS_STOPPED;
}

static int run(const struct options *o, int signal_fd)
{
	struct stats_server stats;
	struct scx_ktstr *skel;
	struct bpf_link *link;
	int err;

	skel = scx_ktstr__open();
	if (!skel)
		return no_load(NULL, "open the BPF object", -errno);
#ifdef SCX_ENUM_INIT
	SCX_ENUM_INIT(skel);
#endif
	skel->struct_ops.ktstr_ops->hotplug_seq = scx_hotplug_seq();
	set_options(skel, o);
	UEI_SET_SIZE(skel, ktstr_ops, uei);

	err = scx_ktstr__load(skel);
	if (err)
		return no_load(skel, "load the BPF programs", err);
	link = bpf_map__attach_struct_ops(skel->maps.ktstr_ops);
	if (!link)
		return no_load(skel, "attach", -errno);
	err = stats_open(&stats, STATS_PATH);
	if (err)
		fprintf(stderr, "scx_ktstr: no statistics at " STATS_PATH ": %s\n",
			strerror(-err));
	print_start(o);

	wait_for_end(skel, signal_fd, &stats);

	stats_close(&stats);
	bpf_link__destroy(link);
	return report_end(skel);
}

int main(int argc, char **argv)
{
	struct options o = { .period_ms = 200, .timeout_ms = 5000 };
	int signal_fd, status;

	if (!parse_options(argc, argv, &o))
		return STATUS_USAGE;
	verbose = o.verbose;
	if (!kernel_can_load())
		return STATUS_NO_LOAD;

	libbpf_set_print(print_libbpf);
	signal_fd = block_signals();
	if (signal_fd < 0) {
		fprintf(stderr, "scx_ktstr: signalfd: %s\n", strerror(errno));
		return STATUS_NO_LOAD;
	}
	do {
		status = run(&o, signal_fd);
	} while (status == STATUS_RESTART);
	return status;
}
