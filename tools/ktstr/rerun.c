// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr rerun`: the command of a record once more, and the two records
 * compared. With two records nothing is run. The exit status is as diff's: 0
 * identical, 1 different, 2 trouble.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/host/chase.h"
#include "ktstr/host/rerun.h"
#include "chase.h"
#include "rerun.h"

#define EXIT_TROUBLE		2
#define RUN_MS			(3600u * 1000)
#define OUTPUT_MAX_BYTES	(4u << 20)
#define RECORD_LINE		"# record: "

static const char *const rerun_usage[] = {
	"ktstr rerun [--verbose] RUN [OTHER]",
	"ktstr rerun --at TIME --snapshot RUN",
	"ktstr rerun --watch SYMBOL RUN",
	"ktstr rerun --gdb [--at TIME] RUN",
	"ktstr rerun --bisect CHECK RUN",
	"ktstr rerun --verbose-trace [--at TIME --snapshot | --watch SYMBOL] RUN",
	"",
	"RUN is a record as `ktstr show` takes it, of a run with --deterministic. Runs it",
	"again, or takes OTHER for that, and says \"identical\" or where they first",
	"differ. Exit status: 0 identical, 1 different, 2 trouble.",
	"The other forms look into the run while it is repeated. TIME is of the guest's",
	"clock, as 3.2s or 3200ms. CHECK is a path as `ktstr show` takes it, == != < <= >",
	"or >=, and a value. --verbose-trace records the guest's scheduling events, which",
	"makes another run of it: 0 is then the same verdict.",
	NULL
};

/* The record that the program named in its output. */
static int find_record(const char *output, char *dir, size_t size)
{
	const char *line = strstr(output, RECORD_LINE);

	if (!line)
		return kt_err(-ENOENT, "the run has left no record; what it said:\n%s",
			      output);
	line += strlen(RECORD_LINE);
	if ((size_t)snprintf(dir, size, "%.*s", (int)strcspn(line, "\n"),
			     line) >= size)
		return -ENAMETOOLONG;
	return 0;
}

int rerun_set_chase(const struct kt_chase_opts *chase)
{
	char *text = chase ? kt_chase_encode(chase) : NULL;
	int ret = 0;

	if (chase && (!text || setenv(KT_CHASE_ENV, text, 1)))
		ret = -ENOMEM;
	if (!chase)
		unsetenv(KT_CHASE_ENV);
	free(text);
	return ret;
}

int rerun_run(const char *dir, const struct kt_chase_opts *chase, bool verbose,
	      char *again, size_t size)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;
	struct kt_rerun rr;
	int ret;

	kt_strbuf_init(&out, OUTPUT_MAX_BYTES);
	ret = kt_rerun_load(&rr, dir);
	if (!ret)
		ret = rerun_set_chase(chase);
	if (ret)
		goto out;
	opts.cwd = rr.dir;
	ret = kt_proc_run((const char *const *)rr.argv.v, &opts, RUN_MS, &out);
	if (ret < 0) {
		kt_err(ret, "%s: %s", rr.argv.v[0], strerror(-ret));
		goto out;
	}
	if (verbose)
		fputs(kt_strbuf_str(&out), stdout);
	ret = find_record(kt_strbuf_str(&out), again, size);
out:
	kt_rerun_fini(&rr);
	kt_strbuf_fini(&out);
	return ret;
}

static int compare(const char *dir, const char *again)
{
	printf("first:  %s\nsecond: %s\n", dir, again);
	switch (kt_rerun_compare(stdout, dir, again)) {
	case KT_RERUN_IDENTICAL:
	case KT_RERUN_TRACED:
		return 0;
	case KT_RERUN_DIFFERENT:
		return 1;
	default:
		return EXIT_TROUBLE;
	}
}

/* Looks into the run while it is repeated, and compares all the same. */
static int chase_run(struct chase *c, const char *dir, bool verbose)
{
	const struct kt_chase_opts *opts;
	char again[PATH_MAX];
	int ret, found = 0;

	if (chase_prepare(c, dir))
		return EXIT_TROUBLE;
	opts = c->opts.on ? &c->opts : NULL;
	if (c->bisect)
		return chase_bisect(c, dir);
	if (c->gdb)
		return chase_gdb(c, dir);
	if (c->verbose_trace)
		setenv("KTSTR_VERBOSE_TRACE", "1", 1);
	if (rerun_run(dir, opts, verbose, again, sizeof(again)))
		return EXIT_TROUBLE;
	if (opts)
		found = chase_print(c, again);
	if (c->verbose_trace)
		found = chase_print_events(again) ?: found;
	ret = compare(dir, again);
	return found ? EXIT_TROUBLE : ret;
}

static int plain_run(int argc, const char **argv, const char *base,
		     const char *dir, bool verbose)
{
	char again[PATH_MAX];
	int ret;

	if (argc > 1)
		ret = kt_record_find(base, argv[1], again, sizeof(again));
	else
		ret = rerun_run(dir, NULL, verbose, again, sizeof(again));
	return ret ? EXIT_TROUBLE : compare(dir, again);
}

int kt_cmd_rerun(int argc, const char **argv)
{
	struct chase chase = {};
	bool verbose = false;
	const struct option options[] = {
		OPT_STRING(0, "at", &chase.at, "time",
			   "stop at this virtual time, for --snapshot or --gdb"),
		OPT_BOOLEAN(0, "snapshot", &chase.snapshot,
			    "capture the kernel's state there, and print it"),
		OPT_STRING(0, "watch", &chase.watch, "symbol",
			   "print each write of a variable of the kernel or the scheduler"),
		OPT_BOOLEAN(0, "gdb", &chase.gdb,
			    "stop for a debugger: at --at, else at the first tick"),
		OPT_STRING(0, "bisect", &chase.bisect, "check",
			   "find the first virtual time at which this holds"),
		OPT_BOOLEAN(0, "verbose-trace", &chase.verbose_trace,
			    "record the guest's scheduling events"),
		OPT_BOOLEAN('v', "verbose", &verbose,
			    "print what the run says, too"),
		OPT_END()
	};
	const char *base = getenv("KTSTR_RUN_DIR");
	char dir[PATH_MAX];
	int ret;

	argc = parse_options(argc, argv, options, rerun_usage, 0);
	if (argc < 1 || argc > 2 || (argc > 1 && chase_wanted(&chase))) {
		kt_err(-EINVAL, "give one run, or two; ktstr rerun --help says more");
		return EXIT_TROUBLE;
	}
	ret = kt_record_find(base, argv[0], dir, sizeof(dir));
	if (ret)
		ret = EXIT_TROUBLE;
	else if (chase_wanted(&chase))
		ret = chase_run(&chase, dir, verbose);
	else
		ret = plain_run(argc, argv, base, dir, verbose);
	if (fflush(stdout) || ferror(stdout)) {
		kt_err(-EIO, "standard output: cannot be written");
		return EXIT_TROUBLE;
	}
	return ret;
}
