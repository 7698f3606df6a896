// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running many cases. A child writes its diagnostics to a memory file and
 * exits with 64 plus the outcome, so that whatever becomes of it, there is a
 * result line with all it had to say; a child that dies otherwise is ERROR.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/proc.h"
#include "../base/strbuf.h"
#include "../check/verdict.h"
#include "chase.h"
#include "declared.h"
#include "reserve.h"
#include "results.h"
#include "shrink.h"
#include "suite.h"

#define OUTCOME_BASE	64
#define MAX_JOBS	256
#define TICK_MS		1000
#define STOP_MS		8000
#define RESERVE_SLACK_NS	(120 * KT_NSEC_PER_SEC)
#define OUTPUT_MAX	(1024 * 1024)

enum state {
	WAITING,
	RUNNING,
	FINISHED,
};

struct slot {
	const struct kt_cell *cell;
	enum state state;
	pid_t pid;
	int pidfd;
	int out_fd;
	int ktap_fd;		/* its own results; -1: none are taken */
	u64 started_ns;
	u64 limit_ns;		/* kt_now_ns() by which it is killed */
	enum kt_outcome outcome;
	char *skip;		/* reason, also of an expected failure */
	bool overran;
};

struct suite {
	const struct kt_session *session;
	struct kt_results results;
	struct slot *slots;
	u32 nr;
	u32 jobs;
	u32 running;
	u32 next;		/* to start */
	u32 printed;
	int signal_fd;
	int stop_signal;	/* 0: none */
	bool terminal;
};

static void child_log(enum kt_log_level level, const char *file, int line,
		      const char *text, void *arg)
{
	(void)file;
	(void)line;
	fprintf(arg, "%s%s\n", level == KT_LOG_ERR ? "error: " :
		level == KT_LOG_WARN ? "warning: " : "", text);
}

static __noreturn void child_main(const struct slot *sl, pid_t parent)
{
	struct kt_session session = *sl->cell->session;
	struct kt_options options = *session.options;
	enum kt_outcome outcome;
	sigset_t set;
	int cancel_fd;
	FILE *out;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(OUTCOME_BASE + KT_ERROR);
	out = fdopen(sl->out_fd, "a");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	cancel_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (!out || cancel_fd < 0)
		_exit(OUTCOME_BASE + KT_ERROR);
	setvbuf(out, NULL, _IOLBF, 0);
	kt_log_set_sink(child_log, out);
	session.ktap = sl->ktap_fd >= 0 ? fdopen(sl->ktap_fd, "a") : NULL;
	if (sl->cell->seed)
		options.seed = sl->cell->seed;
	session.options = &options;
	outcome = kt_run_cell(&session, sl->cell, out, cancel_fd);
	if (sl->cell->seed && !kt_outcome_info(outcome)->ok)
		kt_shrink(&session, sl->cell, outcome, out, cancel_fd);
	fflush(NULL);
	_exit(OUTCOME_BASE + outcome);
}

/* The most a run may take; the child's own watchdog comes long before. */
static u64 limit_of(const struct kt_cell *cell)
{
	const struct kt_session *s = cell->session;
	struct kt_case c;
	u64 limit = 0;

	if (!kt_case_init(&c, cell->test, s->options, &s->caps))
		limit = kt_case_limit_ns(&c) *
			(cell->seed ? 1 + KT_SHRINK_RUNS : 1);
	kt_case_fini(&c);
	if (kt_chase_has_gdb())
		return UINT64_MAX;
	return kt_now_ns() + limit + RESERVE_SLACK_NS;
}

static int start(struct suite *su, struct slot *sl)
{
	pid_t parent = getpid();

	sl->out_fd = memfd_create("ktstr-case", MFD_CLOEXEC);
	if (sl->out_fd < 0)
		return kt_err(-errno, "memfd: %s", strerror(errno));
	if (su->session->takes_ktap)
		sl->ktap_fd = memfd_create("ktstr-subtests", MFD_CLOEXEC);
	sl->limit_ns = limit_of(sl->cell);
	sl->started_ns = kt_now_ns();
	fflush(NULL);
	sl->pid = fork();
	if (sl->pid < 0)
		return kt_err(-errno, "fork: %s", strerror(errno));
	if (!sl->pid)
		child_main(sl, parent);
	sl->pidfd = syscall(SYS_pidfd_open, sl->pid, 0);
	sl->state = RUNNING;
	su->running++;
	return 0;
}

/* What a case wrote, fit to print; NULL when that is nothing. */
static char *read_output(int fd)
{
	char *text = fd >= 0 ? malloc(OUTPUT_MAX) : NULL;
	ssize_t n = text ? pread(fd, text, OUTPUT_MAX - 1, 0) : 0;

	if (n <= 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	kt_text_sanitize(text, n);
	return text;
}

/* The reason of a SKIP that the case itself decided on. */
static void keep_skip_reason(struct slot *sl, const char *text)
{
	const char *reason = strstr(text, KT_SKIP_PREFIX);

	if (sl->outcome != KT_SKIP || sl->skip || !reason)
		return;
	reason += strlen(KT_SKIP_PREFIX);
	sl->skip = strndup(reason, strcspn(reason, "\n"));
}

/* What its outcome counts as, with a word where that is not plain. */
static enum kt_outcome judged(struct suite *su, struct slot *sl,
			      const char *report)
{
	struct kt_ktap *ktap = kt_results_ktap(&su->results);
	const char *reason;
	enum kt_outcome outcome =
		kt_declared_outcome(sl->cell->test, sl->cell->session->options,
				    sl->outcome, report, &reason);

	if (outcome == sl->outcome)
		return outcome;
	if (outcome == KT_XFAIL) {
		sl->skip = strdup(reason);
	} else {
		kt_ktap_diag(ktap, "it has passed, and .xfails says that it fails under this scheduler:");
		kt_ktap_diag(ktap, reason);
	}
	return outcome;
}

/*
 * One seed that fails is enough: those behind it that have not begun are left
 * out. It is told how to run it again with the case's own lines.
 */
static void stop_seeding(struct suite *su, const struct slot *failed)
{
	char why[64];
	u32 i;

	snprintf(why, sizeof(why), "seed %u fails", failed->cell->seed);
	for (i = 0; i < su->nr; i++) {
		struct slot *sl = &su->slots[i];

		if (sl->cell->test != failed->cell->test ||
		    sl->state != WAITING)
			continue;
		sl->state = FINISHED;
		sl->outcome = KT_SKIP;
		sl->skip = strdup(why);
	}
}

static void print_slot(struct suite *su, struct slot *sl)
{
	char *text = read_output(sl->out_fd);
	char *subtests = read_output(sl->ktap_fd);
	enum kt_outcome outcome;

	if (subtests)
		fputs(subtests, stdout);
	if (text) {
		keep_skip_reason(sl, text);
		kt_ktap_diag(kt_results_ktap(&su->results), text);
	}
	outcome = judged(su, sl, text);
	free(text);
	free(subtests);
	kt_close(&sl->out_fd);
	kt_close(&sl->ktap_fd);
	kt_results_add(&su->results, outcome, sl->cell->name, sl->skip);
	if (!kt_outcome_info(outcome)->ok && sl->cell->seed)
		stop_seeding(su, sl);
}

static void print_ready(struct suite *su)
{
	while (su->printed < su->nr &&
	       su->slots[su->printed].state == FINISHED)
		print_slot(su, &su->slots[su->printed++]);
}

static void finished(struct suite *su, struct slot *sl, int status)
{
	char words[64];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	sl->state = FINISHED;
	su->running--;
	kt_close(&sl->pidfd);
	if (code >= OUTCOME_BASE && code < OUTCOME_BASE + KT_NR_OUTCOMES) {
		sl->outcome = code - OUTCOME_BASE;
		return;
	}
	sl->outcome = sl->overran ? KT_TIMEOUT : KT_ERROR;
	dprintf(sl->out_fd, "the harness's process for this case ended by %s\n",
		kt_proc_status_str(status, words, sizeof(words)));
}

static void reap(struct suite *su)
{
	u64 now = kt_now_ns();
	int status;
	u32 i;

	for (i = 0; i < su->next; i++) {
		struct slot *sl = &su->slots[i];

		if (sl->state != RUNNING)
			continue;
		if (now >= sl->limit_ns && !sl->overran) {
			sl->overran = true;
			kill(sl->pid, SIGKILL);
		}
		if (waitpid(sl->pid, &status, WNOHANG) == sl->pid)
			finished(su, sl, status);
	}
}

static void progress(const struct suite *su)
{
	u64 now = kt_now_ns();
	u32 i;

	if (!su->terminal)
		return;
	fprintf(stderr, "\r\033[K[%u/%u]", su->printed, su->nr);
	for (i = su->printed; i < su->next; i++)
		if (su->slots[i].state == RUNNING)
			fprintf(stderr, " %s %llus", su->slots[i].cell->name,
				(unsigned long long)
				((now - su->slots[i].started_ns) /
				 KT_NSEC_PER_SEC));
	if (su->printed == su->nr)
		fprintf(stderr, "\r\033[K");
}

static void take_signal(struct suite *su)
{
	struct signalfd_siginfo si;

	if (read(su->signal_fd, &si, sizeof(si)) == sizeof(si) &&
	    si.ssi_signo != SIGCHLD)
		su->stop_signal = si.ssi_signo;
}

static void wait_event(struct suite *su)
{
	struct pollfd pfds[MAX_JOBS + 1] = {
		{ .fd = su->signal_fd, .events = POLLIN },
	};
	u32 nr = 1, i;

	for (i = su->printed; i < su->next && nr < ARRAY_SIZE(pfds); i++)
		if (su->slots[i].state == RUNNING)
			pfds[nr++] = (struct pollfd){
				.fd = su->slots[i].pidfd, .events = POLLIN };
	poll(pfds, nr, TICK_MS);
	if (pfds[0].revents & POLLIN)
		take_signal(su);
}

static void signal_all(struct suite *su, int sig)
{
	u32 i;

	for (i = 0; i < su->next; i++)
		if (su->slots[i].state == RUNNING)
			kill(su->slots[i].pid, sig);
}

/* Ends what runs: asked first, so that machines are taken down in order. */
static void stop_all(struct suite *su)
{
	u64 deadline = kt_now_ns() + STOP_MS * KT_NSEC_PER_MSEC;
	bool killed = false;

	signal_all(su, SIGTERM);
	while (su->running) {
		wait_event(su);
		reap(su);
		if (!killed && kt_now_ns() >= deadline) {
			signal_all(su, SIGKILL);
			killed = true;
		}
	}
}

/* Host CPUs and memory decide how many machines run at once. */
static u32 jobs_that_fit(const struct suite *su)
{
	u32 cpus = 1, mib = 1, i;

	for (i = 0; i < su->nr; i++) {
		const struct kt_cell *cell = su->slots[i].cell;
		const struct kt_session *s = cell->session;
		struct kt_topology topo;
		char why[256];
		u32 need;

		if (su->slots[i].state == FINISHED ||
		    kt_case_topology(cell->test, s->options, &topo, why,
				     sizeof(why)))
			continue;
		cpus = max_t(u32, cpus, kt_case_host_cpus(&topo, s->options,
							  &s->caps));
		need = kt_case_memory_mib(cell->test, &topo);
		mib = max_t(u32, mib, need + KT_MACHINE_SLACK_MIB);
	}
	cpus = kt_host_cpus() / cpus;
	mib = kt_host_free_mib() / mib;
	return max_t(u32, 1, min_t(u32, min(cpus, mib), MAX_JOBS));
}

/* What cannot run here is skipped before a process is made. */
static void mark_skips(struct suite *su)
{
	char why[KT_SKIP_MAX];
	u32 i;

	for (i = 0; i < su->nr; i++) {
		struct slot *sl = &su->slots[i];

		if (!kt_run_skips(sl->cell->session, sl->cell->test, why,
				  sizeof(why)))
			continue;
		sl->state = FINISHED;
		sl->outcome = KT_SKIP;
		sl->skip = strdup(why);
	}
}

static int open_signals(struct suite *su)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	su->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	return su->signal_fd < 0 ?
	       kt_err(-errno, "signalfd: %s", strerror(errno)) : 0;
}

static int run_all(struct suite *su)
{
	char why[64];

	while (su->printed < su->nr) {
		print_ready(su);	/* a seed that failed ends its row */
		while (su->next < su->nr && su->running < su->jobs &&
		       !su->stop_signal) {
			struct slot *sl = &su->slots[su->next++];

			if (sl->state == WAITING && start(su, sl)) {
				sl->state = FINISHED;
				sl->outcome = KT_ERROR;
			}
		}
		print_ready(su);
		progress(su);
		if (su->printed == su->nr)
			break;
		wait_event(su);
		reap(su);
		if (!su->stop_signal)
			continue;
		stop_all(su);
		print_ready(su);
		snprintf(why, sizeof(why), "stopped by SIG%s",
			 sigabbrev_np(su->stop_signal) ?: "?");
		kt_ktap_bail(stdout, why);
		return 1;
	}
	return kt_results_end(&su->results);
}

int kt_suite_run(const struct kt_session *s, const struct kt_selection *sel)
{
	struct suite su = { .session = s, .nr = sel->nr, .signal_fd = -1 };
	u32 i;
	int ret;

	su.slots = calloc(sel->nr + 1, sizeof(*su.slots));
	if (!su.slots)
		return 1;
	for (i = 0; i < sel->nr; i++) {
		su.slots[i].cell = &sel->cells[i];
		su.slots[i].pidfd = -1;
		su.slots[i].out_fd = -1;
		su.slots[i].ktap_fd = -1;
	}
	su.terminal = isatty(STDERR_FILENO);
	kt_results_begin(&su.results, sel, stdout);
	mark_skips(&su);
	su.jobs = s->options->jobs ? s->options->jobs : jobs_that_fit(&su);
	ret = open_signals(&su) ? 1 : run_all(&su);
	kt_close(&su.signal_fd);
	for (i = 0; i < sel->nr; i++)
		free(su.slots[i].skip);
	free(su.slots);
	return ret;
}
