// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr kselftest TARGET`: builds the target with the tree's own make, takes
 * it along into micro-VMs of the chosen kernel, one for each of its tests, and
 * prints KTAP.
 */
#include <signal.h>
#include <stdio.h>

#include <subcmd/parse-options.h>

#include <jansson.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/host/initramfs_entries.h"
#include "ktstr/host/main.h"
#include "ktstr/host/pathf.h"
#include "besides.h"
#include "kernel.h"
#include "kselftest.h"

#define EXIT_USAGE	129	/* as parse-options exits */
#define MEMORY_MIB	512
#define MAX_MEMORY_MIB	65536
#define MAX_CASES	4096

static const char *const usage[] = {
	"ktstr kselftest [<options>] <target> [<pattern>...] [-- <argument>...]",
	NULL
};

struct request {
	const char *target;
	const char *source;
	const char *dir;
	const char *kernel;
	const char *engine;
	const char *topology;
	const char *append;
	const char *timeout;
	unsigned int jobs;
	unsigned int memory_mib;
	bool force;
	bool list;
	bool dry_run;
	bool verbose;
	struct kt_strv patterns;
	struct kt_strv args;		/* behind "--": for each program */
};

/* The target's cases, and all that is in memory for them. */
struct suite {
	struct kt_kselftest k;
	struct ktstr_test *tests;
	const struct ktstr_test **list;
	const char **lacks;		/* by case: why it cannot run, or NULL */
	u32 nr;
	bool wants_shell;
	bool has_runner;
	json_t *jobs;
	char *jobs_text;
	struct kt_strv besides;	/* pairs, as kt_kselftest_shell() has them */
	struct kt_initramfs_entry *entries;
};

static int take_args(struct request *rq, int argc, const char **argv)
{
	int i = 0;

	for (; i < argc && strcmp(argv[i], "--"); i++) {
		if (!rq->target)
			rq->target = argv[i];
		else
			kt_strv_add(&rq->patterns, argv[i]);
	}
	for (i++; i < argc; i++)
		kt_strv_add(&rq->args, argv[i]);
	if (!rq->target || *rq->target == '/' || strstr(rq->target, "..")) {
		kt_err(-EINVAL, "give a target: a directory of tools/testing/selftests");
		return -EINVAL;
	}
	if (rq->memory_mib > MAX_MEMORY_MIB)
		return kt_err(-EINVAL, "--memory %u: at most %u", rq->memory_mib,
			      MAX_MEMORY_MIB);
	return rq->patterns.err ? rq->patterns.err : rq->args.err;
}

static int parse(struct request *rq, int argc, const char **argv)
{
	const struct option options[] = {
		OPT_STRING(0, "source", &rq->source, "dir",
			   "kernel source tree (KDIR; else quickstart's, else the one we lie in)"),
		OPT_STRING(0, "dir", &rq->dir, "dir",
			   "what `make install INSTALL_PATH=` filled: builds nothing"),
		OPT_STRING('k', "kernel", &rq->kernel, "kernel",
			   "image, build directory, source tree or cached name (KTSTR_KERNEL)"),
		OPT_STRING('e', "engine", &rq->engine, "name",
			   "auto, kvm, qemu-kvm or qemu-tcg (KTSTR_ENGINE)"),
		OPT_STRING('t', "topology", &rq->topology, "NnLlCcTt",
			   "nodes, LLCs in all, cores per LLC, threads per core"),
		OPT_UINTEGER('m', "memory", &rq->memory_mib,
			     "of each machine, MiB (default 512)"),
		OPT_STRING(0, "timeout", &rq->timeout, "time",
			   "of each test (default: the target's settings, else 45s)"),
		OPT_UINTEGER('j', "jobs", &rq->jobs,
			     "machines at once (KTSTR_JOBS; default: as many as fit)"),
		OPT_STRING('a', "append", &rq->append, "arguments",
			   "added to the guest kernel's command line"),
		OPT_BOOLEAN(0, "force", &rq->force,
			    "run also on a kernel without what the target's config asks for"),
		OPT_BOOLEAN('l', "list", &rq->list, "list the tests and end"),
		OPT_BOOLEAN('n', "dry-run", &rq->dry_run,
			    "print each test's plan and the exact QEMU command"),
		OPT_BOOLEAN('v', "verbose", &rq->verbose,
			    "have the guest's whole kernel log on its console"),
		OPT_END()
	};

	argc = parse_options(argc, argv, options, usage,
			     PARSE_OPT_KEEP_DASHDASH);
	if (!argc)
		usage_with_options(usage, options);
	return take_args(rq, argc, argv);
}

static void add_flag(struct kt_strv *argv, const char *flag, const char *value)
{
	if (value && *value)
		kt_strv_addf(argv, "%s=%s", flag, value);
}

/* What remains is for the machines: the options of any test program. */
static void machine_argv(const struct request *rq, struct kt_strv *argv)
{
	kt_strv_init(argv);
	kt_strv_add(argv, "kselftest");
	add_flag(argv, "--kernel", rq->kernel);
	add_flag(argv, "--engine", rq->engine);
	add_flag(argv, "--topology", rq->topology);
	add_flag(argv, "--append", rq->append);
	if (rq->jobs)
		kt_strv_addf(argv, "--jobs=%u", rq->jobs);
	if (rq->list)
		kt_strv_add(argv, "--list");
	if (rq->dry_run)
		kt_strv_add(argv, "--dry-run");
	if (rq->verbose)
		kt_strv_add(argv, "--verbose");
}

/* The beginning of a line that repeats it; machine options come behind. */
static void command_argv(const struct request *rq, struct kt_strv *argv)
{
	kt_strv_init(argv);
	kt_strv_add(argv, "ktstr");
	kt_strv_add(argv, "kselftest");
	add_flag(argv, "--source", rq->source);
	add_flag(argv, "--dir", rq->dir);
	add_flag(argv, "--timeout", rq->timeout);
	if (rq->memory_mib)
		kt_strv_addf(argv, "--memory=%u", rq->memory_mib);
	if (rq->force)
		kt_strv_add(argv, "--force");
	kt_strv_add(argv, rq->target);
}

static int build(struct suite *s, const struct request *rq)
{
	struct kt_kselftest_build b = { .jobs = rq->jobs };
	char source[PATH_MAX], why[1024];
	struct kt_kernel *kernel;
	int ret;

	b.source = rq->source ? rq->source : getenv("KDIR");
	if (!b.source && kt_find_source(source))
		b.source = source;
	if (!b.source)
		return kt_err(-ENOENT, "no kernel source: give --source DIR, or --dir DIR with what was built elsewhere");
	kernel = calloc(1, sizeof(*kernel));
	if (!kernel)
		return -ENOMEM;
	if (!kt_kernel_resolve(rq->kernel ? rq->kernel : getenv("KTSTR_KERNEL"),
			       kernel, why, sizeof(why)))
		b.vmlinux = kernel->vmlinux;
	ret = kt_kselftest_build(&s->k, &b);
	free(kernel);
	return ret;
}

static int add_case(struct suite *s, const struct request *rq, u32 duration_ms,
		    const char *name, const char *program, const char *run,
		    const char *lacks)
{
	char cwd[PATH_MAX], path[PATH_MAX];
	json_t *job, *argv = json_array();
	struct ktstr_test *t = &s->tests[s->nr];
	u32 i;

	if (s->nr == MAX_CASES)
		return kt_err(-E2BIG, "more than %u tests", MAX_CASES);
	if (kt_pathf(cwd, KT_KSELFTEST_DIR "/%s", s->k.target) ||
	    kt_pathf(path, "./%s", program))
		return -ENAMETOOLONG;
	json_array_append_new(argv, json_string(path));
	if (run) {
		json_array_append_new(argv, json_string(run));
		json_array_append_new(argv, json_string(name));
	}
	for (i = 0; i < rq->args.nr; i++)
		json_array_append_new(argv, json_string(rq->args.v[i]));
	job = json_pack("{s:o,s:s,s:s*}", "argv", argv, "cwd", cwd, "test",
			run ? name : NULL);
	t->name = strdup(name);
	if (!job || !t->name || json_object_set_new(s->jobs, name, job))
		return -ENOMEM;
	t->desc = s->k.target;
	t->duration_ms = duration_ms;
	t->memory_mib = rq->memory_mib ? rq->memory_mib : MEMORY_MIB;
	s->lacks[s->nr] = lacks;
	s->list[s->nr++] = t;
	return 0;
}

static int add_program(struct suite *s, const struct request *rq,
		       u32 duration_ms, const char *program)
{
	const struct kt_kselftest_runner *r =
		kt_kselftest_runner(s->k.target, program);
	struct kt_strv names;
	const char *lacks;
	char path[PATH_MAX];
	int ret;
	u32 i;

	ret = kt_pathf(path, "%s/%s", s->k.dir, program);
	if (ret)
		return ret;
	s->wants_shell |= kt_kselftest_is_script(path, &lacks);
	if (!r)
		return add_case(s, rq, duration_ms, program, program, NULL, lacks);
	s->has_runner = true;
	kt_strv_init(&names);
	ret = kt_kselftest_runner_list(r, path, &names);
	for (i = 0; !ret && i < names.nr; i++)
		ret = add_case(s, rq, duration_ms, names.v[i], program, r->run, NULL);
	kt_strv_fini(&names);
	return ret;
}

static int add_cases(struct suite *s, const struct request *rq)
{
	u32 duration_ms = s->k.timeout_s * 1000, i;
	int ret = 0;

	if (rq->timeout && kt_duration_parse(rq->timeout, &duration_ms))
		return kt_err(-EINVAL, "--timeout \"%s\": write 90s or 5m, at most an hour",
			      rq->timeout);
	s->tests = calloc(MAX_CASES, sizeof(*s->tests));
	s->list = calloc(MAX_CASES, sizeof(*s->list));
	s->lacks = calloc(MAX_CASES, sizeof(*s->lacks));
	s->jobs = json_object();
	if (!s->tests || !s->list || !s->lacks || !s->jobs)
		return -ENOMEM;
	for (i = 0; !ret && i < s->k.programs.nr; i++)
		ret = add_program(s, rq, duration_ms, s->k.programs.v[i]);
	return ret;
}

/* Those that the patterns choose; the rest of them is forgotten. */
static int choose(struct suite *s, const struct kt_options *o)
{
	u32 i, nr = 0;

	for (i = 0; i < s->nr; i++) {
		if (!kt_options_match(o, s->list[i]->name))
			continue;
		s->lacks[nr] = s->lacks[i];
		s->list[nr++] = s->list[i];
	}
	s->nr = nr;
	return nr ? 0 : kt_err(-ENOENT, "no test of %s matches \"%s\"; --list shows them",
			       s->k.target, o->patterns[0]);
}

/* What each machine gets besides us: the target, its jobs, a shell. */
static int make_entries(struct suite *s)
{
	struct kt_initramfs_entry *e;
	int ret = kt_besides_add(&s->besides, s->wants_shell);

	s->jobs_text = json_dumps(s->jobs, JSON_COMPACT);
	e = calloc(s->besides.nr / 2 + 3, sizeof(*e));
	if (ret || !s->jobs_text || !e) {
		free(e);
		return -ENOMEM;
	}
	s->entries = e;
	*e++ = (struct kt_initramfs_entry){ .path = KT_KSELFTEST_DIR,
					    .host = s->k.install };
	*e++ = (struct kt_initramfs_entry){ .path = KT_KSELFTEST_JOBS,
					    .text = s->jobs_text };
	kt_besides_entries(&s->besides, e);
	return 0;
}

static const char *lacks(const struct kt_session *session,
			 const struct ktstr_test *test)
{
	const struct suite *s = session->skips_arg;
	u32 i;

	for (i = 0; i < s->nr; i++)
		if (s->list[i] == test)
			return s->lacks[i];
	return NULL;
}

static int run_suite(struct suite *s, const struct request *rq,
		     struct kt_options *o)
{
	struct kt_strv command;
	struct kt_session session = {
		.options = o, .stats_fd = -1, .program = "kselftest",
		.command = &command, .entries = s->entries,
		.fragment = rq->force ? NULL : s->k.fragment,
		.takes_ktap = !s->has_runner, .skips = lacks, .skips_arg = s,
	};
	int ret;

	command_argv(rq, &command);
	ret = command.err ? 1 : kt_host_run(&session, s->list, s->nr);
	kt_strv_fini(&command);
	return ret;
}

static void suite_fini(struct suite *s)
{
	u32 i;

	for (i = 0; s->tests && i < MAX_CASES; i++)
		free((char *)s->tests[i].name);
	free(s->tests);
	free(s->list);
	free(s->lacks);
	free(s->entries);
	free(s->jobs_text);
	json_decref(s->jobs);
	kt_strv_fini(&s->besides);
	kt_kselftest_fini(&s->k);
}

/* The exit status. */
static int run(const struct request *rq, struct kt_options *o)
{
	struct suite s = { .k = { .target = rq->target, .lock_fd = -1 } };
	int ret;

	kt_strv_init(&s.besides);
	kt_strv_init(&s.k.programs);
	ret = rq->dir ? kt_pathf(s.k.install, "%s", rq->dir) : build(&s, rq);
	if (!ret)
		ret = kt_kselftest_read(&s.k);
	if (!ret)
		ret = add_cases(&s, rq);
	if (!ret)
		ret = choose(&s, o);
	if (!ret)
		ret = make_entries(&s);
	if (ret)
		ret = ret == -EINTR ? 128 + SIGINT : 1;
	else
		ret = run_suite(&s, rq, o);
	suite_fini(&s);
	return ret;
}

/* The exit status. */
static int run_with(const struct request *rq, const struct kt_strv *flags)
{
	const char **argv = calloc(flags->nr + 1, sizeof(*argv));
	struct kt_options o;
	int ret = 1;

	if (!argv || flags->err)
		goto out;
	/* a copy: parsing moves its entries about */
	memcpy(argv, flags->v, flags->nr * sizeof(*argv));
	if (!kt_options_parse(&o, flags->nr, argv)) {
		o.patterns = (const char *const *)rq->patterns.v;
		ret = run(rq, &o);
		kt_options_fini(&o);
	}
out:
	free(argv);
	return ret;
}

int kt_cmd_kselftest(int argc, const char **argv)
{
	struct request rq = {};
	struct kt_strv flags;
	int ret = EXIT_USAGE;

	kt_strv_init(&rq.patterns);
	kt_strv_init(&rq.args);
	if (!parse(&rq, argc, argv)) {
		machine_argv(&rq, &flags);
		ret = run_with(&rq, &flags);
		kt_strv_fini(&flags);
	}
	kt_strv_fini(&rq.patterns);
	kt_strv_fini(&rq.args);
	return ret;
}
