// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running and listing test programs. Each is a subtest of `ktstr run`, its
 * KTAP nested in ours; its flags are the program's own, handed on.
 */
#include <dirent.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strv.h"
#include "ktstr/host/find.h"
#include "kselftest/ktap.h"
#include "payload.h"
#include "programs.h"
#include "scenarios.h"
#include "signals.h"

#define SECTION		"ktstr_tests"
#define PROGRAM_MS	(3600u * 1000)
#define STOP_MS		10000

/* A test program has a section of cases. */
static bool has_cases(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *scn = NULL;
	bool found = false;
	size_t names;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF &&
	    !elf_getshdrstrndx(elf, &names)) {
		while (!found && (scn = elf_nextscn(elf, scn))) {
			const char *name = NULL;
			GElf_Shdr sh;

			if (gelf_getshdr(scn, &sh))
				name = elf_strptr(elf, names, sh.sh_name);
			found = name && !strcmp(name, SECTION);
		}
	}
	elf_end(elf);
	close(fd);
	return found;
}

static void scan(const char *dir, struct kt_strv *programs)
{
	struct dirent **names;
	char path[PATH_MAX];
	struct stat st;
	int i, n;

	n = scandir(dir, &names, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir,
				     names[i]->d_name) < sizeof(path) &&
		    !stat(path, &st) && S_ISREG(st.st_mode) &&
		    !access(path, X_OK) && has_cases(path))
			kt_strv_add(programs, path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* Beside the command line (installed), else in the build's tests/. */
static int find_programs(struct kt_strv *programs)
{
	char dir[PATH_MAX], tests[PATH_MAX + 16];
	int ret;

	kt_strv_init(programs);
	ret = kt_find_self_dir(dir, sizeof(dir));
	if (ret)
		return ret;
	scan(dir, programs);
	if (!programs->nr) {
		snprintf(tests, sizeof(tests), "%s/../../tests", dir);
		scan(tests, programs);
	}
	if (!programs->nr)
		return kt_err(-ENOENT, "no test programs beside %s nor in its build; run make first",
			      dir);
	return programs->err;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * Arguments that name a program choose it; "simple/llcs_apart" chooses a case
 * of one, --scenario canned scenarios. What is behind "--" is for the scheduler.
 * All else goes to every program that runs.
 */
struct request {
	struct kt_strv programs;	/* all there are */
	struct kt_strv flags;
	struct kt_strv names;		/* "program" or "program/case" */
};

bool kt_flag_takes_value(const char *flag)
{
	static const char *const with_value[] = {
		"-k", "--kernel", "-e", "--engine", "-s", "--scheduler",
		"--sched-arg", "-t", "--topology", "-d", "--duration", "-j",
		"--jobs", "-a", "--append", "--stats",
		"--sample-ms", "--save-image", "--preset", "--profile",
		"--seed", "--seeds", "--workers",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(with_value); i++)
		if (!strcmp(flag, with_value[i]))
			return true;
	return false;
}

static bool is_program(const struct kt_strv *programs, const char *name)
{
	size_t len = strcspn(name, "/");
	u32 i;

	for (i = 0; i < programs->nr; i++) {
		const char *base = base_name(programs->v[i]);

		if (strlen(base) == len && !strncmp(base, name, len))
			return true;
	}
	return false;
}

const char *kt_flag_value(const char *flag, int argc, const char **argv, int *i)
{
	const char *arg = argv[*i];
	size_t len = strlen(flag);

	if (strncmp(arg, flag, len))
		return NULL;
	if (arg[len] == '=')
		return arg + len + 1;
	if (arg[len])
		return NULL;
	return *i + 1 < argc ? argv[++*i] : "";
}

int kt_program_find(const char *name, char *path, size_t size)
{
	size_t len = strcspn(name, "/");
	struct kt_strv programs;
	int ret;
	u32 i;

	ret = find_programs(&programs);
	for (i = 0; !ret && i < programs.nr; i++) {
		const char *base = base_name(programs.v[i]);

		if (strlen(base) == len && !strncmp(base, name, len))
			break;
	}
	if (!ret && i == programs.nr)
		ret = kt_err(-ENOENT, "no test program \"%s\"; `ktstr list` shows them",
			     name);
	if (!ret && (size_t)snprintf(path, size, "%s", programs.v[i]) >= size)
		ret = -ENAMETOOLONG;
	kt_strv_fini(&programs);
	return ret;
}

static int choose_scenarios(struct request *rq, const char *what)
{
	if (!is_program(&rq->programs, KT_SCENARIOS_PROGRAM))
		return kt_err(-ENOENT, "the test program \"" KT_SCENARIOS_PROGRAM "\" is not there, which runs them; run make first");
	return kt_scenarios_add(what, &rq->names);
}

static int parse(struct request *rq, int argc, const char **argv)
{
	const char *scenario;
	int i, ret;

	kt_strv_init(&rq->flags);
	kt_strv_init(&rq->names);
	ret = find_programs(&rq->programs);
	for (i = 1; !ret && i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			break;
		scenario = kt_flag_value("--scenario", argc, argv, &i);
		if (scenario) {
			ret = choose_scenarios(rq, scenario);
		} else if (argv[i][0] == '-') {
			kt_strv_add(&rq->flags, argv[i]);
			if (kt_flag_takes_value(argv[i]) && i + 1 < argc)
				kt_strv_add(&rq->flags, argv[++i]);
		} else if (is_program(&rq->programs, argv[i])) {
			kt_strv_add(&rq->names, argv[i]);
		} else {
			ret = kt_err(-ENOENT, "no test program \"%s\"; `ktstr list` shows them",
				     argv[i]);
		}
	}
	while (!ret && ++i < argc)
		kt_strv_addf(&rq->flags, "--sched-arg=%s", argv[i]);
	return ret ? ret : rq->flags.err ? rq->flags.err : rq->names.err;
}

static void request_fini(struct request *rq)
{
	kt_strv_fini(&rq->programs);
	kt_strv_fini(&rq->flags);
	kt_strv_fini(&rq->names);
}

/* The program's argv, or none when it was not chosen. */
static bool program_argv(const struct request *rq, const char *program,
			 struct kt_strv *argv)
{
	size_t len = strlen(base_name(program));
	bool chosen = !rq->names.nr;
	u32 i;

	kt_strv_init(argv);
	kt_strv_add(argv, program);
	for (i = 0; i < rq->flags.nr; i++)
		kt_strv_add(argv, rq->flags.v[i]);
	for (i = 0; i < rq->names.nr; i++) {
		const char *name = rq->names.v[i];

		if (strncmp(name, base_name(program), len) ||
		    (name[len] && name[len] != '/'))
			continue;
		chosen = true;
		if (name[len])
			kt_strv_add(argv, name + len + 1);
	}
	return chosen && !argv->err;
}

/*
 * Copies @fd to our output line by line, behind @indent. A KTAP header makes
 * it the subtest @name; its name follows the header, as ktap.rst has it.
 */
static void relay(int fd, const char *indent, const char *name)
{
	FILE *in = fdopen(fd, "r");
	char *line = NULL;
	size_t cap = 0;

	if (!in) {
		close(fd);
		return;
	}
	while (!stop_signal && getline(&line, &cap, in) > 0) {
		printf("%s%s", indent, line);
		if (name && !strcmp(line, "KTAP version 1\n"))
			printf("%s# Subtest: %s\n", indent, name);
		fflush(stdout);
	}
	free(line);
	fclose(in);
}

/* Exit status of the program, or -errno. @name as relay() takes it. */
static int run_program(const struct kt_strv *argv, const char *indent,
		       const char *name)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int fds[2], ret, status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	opts.stdout_fd = fds[1];
	ret = kt_proc_start((const char *const *)argv->v, &opts, &pid);
	kt_close(&fds[1]);
	if (ret) {
		kt_close(&fds[0]);
		return kt_err(ret, "%s: %s", argv->v[0], strerror(-ret));
	}
	relay(fds[0], indent, name);
	if (stop_signal) {
		kt_proc_stop(pid, STOP_MS);
		return -EINTR;
	}
	ret = kt_proc_wait(pid, kt_now_ns() + PROGRAM_MS * KT_NSEC_PER_MSEC,
			   &status);
	if (ret)
		kt_proc_stop(pid, STOP_MS);
	else
		ret = WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
	return ret;
}

static enum kt_outcome outcome_of(int status)
{
	switch (status) {
	case 0:
		return KT_PASS;
	case 4:
		return KT_SKIP;
	case 1:
		return KT_FAIL;
	default:
		return KT_ERROR;
	}
}

static int run_chosen(const struct request *rq)
{
	struct kt_strv argv;
	struct kt_ktap k;
	u32 nr = 0, i;

	for (i = 0; i < rq->programs.nr; i++) {
		nr += program_argv(rq, rq->programs.v[i], &argv);
		kt_strv_fini(&argv);
	}
	catch_signals();
	kt_ktap_begin(&k, stdout, nr);
	for (i = 0; i < rq->programs.nr; i++) {
		const char *program = rq->programs.v[i];
		int status;

		if (program_argv(rq, program, &argv)) {
			status = run_program(&argv, "    ", base_name(program));
			kt_ktap_result(&k, outcome_of(status),
				       base_name(program), NULL);
		}
		kt_strv_fini(&argv);
		if (stop_signal) {
			kt_ktap_bail(stdout, "stopped by a signal");
			return 1;
		}
	}
	return kt_ktap_end(&k);
}

static bool wants(const struct request *rq, const char *a, const char *b)
{
	u32 i;

	for (i = 0; i < rq->flags.nr; i++)
		if (!strcmp(rq->flags.v[i], a) || !strcmp(rq->flags.v[i], b))
			return true;
	return false;
}

/* Without KTAP around it: for --help, --list and --dry-run. */
static int run_plain(const struct request *rq, const char *extra, bool first)
{
	struct kt_strv argv;
	int ret = 0;
	u32 i;

	for (i = 0; i < rq->programs.nr && ret >= 0; i++) {
		if (program_argv(rq, rq->programs.v[i], &argv)) {
			if (extra)
				kt_strv_add(&argv, extra);
			if (!first)
				printf("%s\n", base_name(rq->programs.v[i]));
			fflush(stdout);
			ret = run_program(&argv, first ? "" : "  ", NULL);
		}
		kt_strv_fini(&argv);
		if (first)
			break;
	}
	return ret < 0 ? 1 : ret;
}

static const char run_help[] =
	"usage: ktstr run [<options>] [<program>[/<case>]...] [-- <scheduler's arguments>]\n"
	"   or: ktstr run [--scheduler <binary>] --scenario <name>|<family>|all [<options>]\n"
	"   or: ktstr run [--scheduler <binary>] --payload <program> [--file <file>]...\n"
	"                 [--metric <name>=<regex>[,min=<n>][,max=<n>][,unit=<text>]]...\n"
	"                 [--memory <MiB>] [<options>] [-- <program's arguments>]\n\n"
	"A canned scenario is a case of the program \"scenarios\"; `ktstr list --scenarios`\n"
	"describes them. Options of every test program:\n";

int kt_cmd_run(int argc, const char **argv)
{
	struct request rq = {};
	int ret = 1;

	if (kt_payload_wanted(argc, argv))
		return kt_cmd_run_payload(argc, argv);
	if (!parse(&rq, argc, argv)) {
		if (wants(&rq, "-h", "--help")) {
			fputs(run_help, stdout);
			ret = run_plain(&rq, NULL, true);
		} else if (wants(&rq, "-n", "--dry-run") ||
			   wants(&rq, "-l", "--list")) {
			ret = run_plain(&rq, NULL, false);
		} else {
			ret = run_chosen(&rq);
		}
	}
	request_fini(&rq);
	return ret;
}

int kt_cmd_list(int argc, const char **argv)
{
	struct request rq = {};
	int ret = 1;

	if (argc == 2 && !strcmp(argv[1], "--scenarios"))
		return kt_scenarios_list();
	if (!parse(&rq, argc, argv))
		ret = run_plain(&rq, "--list", false);
	request_fini(&rq);
	return ret;
}
