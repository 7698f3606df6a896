// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr bisect`: builds what is bisected, runs one test, and exits as `git
 * bisect run` wants: 0 good, 1 bad, 125 when it cannot be told. A mistake in the
 * command ends the whole bisection: 129.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/base/strv.h"
#include "ktstr/host/kernel_cache.h"
#include "bisect.h"
#include "kernel.h"
#include "programs.h"

#define EXIT_GOOD	0
#define EXIT_BAD	1
#define EXIT_UNTOLD	125
#define EXIT_USAGE	129
#define BUILD_MS	(4u * 3600 * 1000)
#define RUN_MS		(3600u * 1000)
#define OUTPUT_MAX	(4u << 20)

static const char *const bisect_usage[] = {
	"ktstr bisect --kernel-tree DIR --test PROGRAM[/CASE] [--seed N] [-- <options>]",
	"ktstr bisect [--build COMMAND] --scheduler BINARY --test PROGRAM[/CASE] [--seed N] [-- <options>]",
	"",
	"To be run by `git bisect run`: builds the kernel tree, which is cached by what it",
	"is, or has the shell run COMMAND, and runs the test. Exit status: 0 it passes, 1 it",
	"fails, 125 it cannot be built or run. Behind \"--\" are options of test programs.",
	NULL
};

struct bisect {
	const char *kernel_tree;
	const char *build;
	const char *scheduler;
	const char *test;
	const char *seed;
};

static int check(const struct bisect *b)
{
	char path[PATH_MAX];

	if (!b->test)
		return kt_err(-EINVAL, "--test is missing: name a program or PROGRAM/CASE; `ktstr list` shows them");
	if (!b->kernel_tree == !b->scheduler)
		return kt_err(-EINVAL, "what is bisected? give --kernel-tree DIR, or --scheduler BINARY: one of them");
	if (b->build && b->kernel_tree)
		return kt_err(-EINVAL, "--build \"%s\": a kernel tree is built by ktstr itself; leave one of them out",
			      b->build);
	if (b->kernel_tree && !realpath(b->kernel_tree, path))
		return kt_err(-errno, "--kernel-tree %s: %s", b->kernel_tree,
			      strerror(errno));
	return kt_program_find(b->test, path, sizeof(path));
}

/* In a shell: it is the user's own command line. */
static int build_scheduler(const struct bisect *b)
{
	const char *const argv[] = { "/bin/sh", "-c", b->build, NULL };
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int ret;

	if (b->build) {
		ret = kt_proc_run(argv, &opts, BUILD_MS, NULL);
		if (ret < 0)
			return kt_err(ret, "--build \"%s\": %s", b->build,
				      strerror(-ret));
		if (ret)
			return kt_err(-ECANCELED, "--build \"%s\" has failed: exit status %d",
				      b->build, ret);
	}
	if (access(b->scheduler, X_OK))
		return kt_err(-errno, "--scheduler %s: %s%s", b->scheduler,
			      strerror(errno),
			      b->build ? "; is that what --build makes?" : "");
	return 0;
}

/* What is to be tested, in options of a test program. */
static int prepare(const struct bisect *b, struct kt_strv *argv)
{
	struct kt_kernel_entry e;
	char path[PATH_MAX];
	int ret;

	if (b->kernel_tree) {
		ret = kt_kernel_build_tree(b->kernel_tree, &e);
		if (!ret)
			kt_strv_addf(argv, "--kernel=%s", e.dir);
		return ret;
	}
	ret = build_scheduler(b);
	if (ret)
		return ret;
	if (!realpath(b->scheduler, path))
		return kt_err(-errno, "--scheduler %s: %s", b->scheduler,
			      strerror(errno));
	kt_strv_addf(argv, "--scheduler=%s", path);
	return 0;
}

/*
 * The harness's own troubles, a kernel that never came up among them, are ERROR:
 * they tell nothing of what is looked for.
 */
static int verdict(int status, const char *output)
{
	const char *line;
	size_t len;

	if (!status)
		return EXIT_GOOD;
	for (line = output; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (!strncmp(line, "not ok ", 7) &&
		    !memmem(line, len, "# ERROR", 7))
			return EXIT_BAD;
	}
	return EXIT_UNTOLD;
}

static int run(const struct bisect *b, struct kt_strv *argv, int nr_more,
	       const char **more)
{
	const char *slash = strchr(b->test, '/');
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;
	int ret, i;

	if (b->seed) {
		kt_strv_add(argv, "--engine=qemu-tcg");
		kt_strv_add(argv, "--deterministic");
		kt_strv_addf(argv, "--seed=%s", b->seed);
	}
	for (i = 0; i < nr_more; i++)
		kt_strv_add(argv, more[i]);
	if (slash)
		kt_strv_add(argv, slash + 1);
	if (argv->err)
		return EXIT_UNTOLD;
	kt_strbuf_init(&out, OUTPUT_MAX);
	ret = kt_proc_run((const char *const *)argv->v, &opts, RUN_MS, &out);
	fputs(kt_strbuf_str(&out), stdout);
	if (ret < 0)
		kt_err(ret, "%s: %s", argv->v[0], strerror(-ret));
	ret = ret < 0 ? EXIT_UNTOLD : verdict(ret, kt_strbuf_str(&out));
	kt_strbuf_fini(&out);
	printf("# ktstr bisect: %s\n", ret == EXIT_GOOD ? "good" :
	       ret == EXIT_BAD ? "bad" : "cannot be told");
	return ret;
}

int kt_cmd_bisect(int argc, const char **argv)
{
	struct bisect b = {};
	const struct option options[] = {
		OPT_STRING(0, "kernel-tree", &b.kernel_tree, "dir",
			   "a kernel source tree, to be built and booted"),
		OPT_STRING(0, "build", &b.build, "command",
			   "a shell command that builds the scheduler"),
		OPT_STRING(0, "scheduler", &b.scheduler, "binary",
			   "the test runs under this program"),
		OPT_STRING(0, "test", &b.test, "program[/case]",
			   "what tells good from bad"),
		OPT_STRING(0, "seed", &b.seed, "n",
			   "in deterministic mode, with this seed"),
		OPT_END()
	};
	char program[PATH_MAX];
	struct kt_strv args;
	int ret;

	argc = parse_options(argc, argv, options, bisect_usage, 0);
	if (check(&b) || kt_program_find(b.test, program, sizeof(program)))
		return EXIT_USAGE;
	kt_strv_init(&args);
	kt_strv_add(&args, program);
	ret = prepare(&b, &args);
	if (ret == -EINTR)
		ret = EXIT_USAGE;
	else if (ret)
		ret = EXIT_UNTOLD;
	else
		ret = run(&b, &args, argc, argv);
	kt_strv_fini(&args);
	return ret;
}
