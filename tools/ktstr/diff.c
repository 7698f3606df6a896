// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr diff`: the dumps of two runs, compared. The exit status is diff's: 0
 * the same, 1 different, 2 trouble.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <subcmd/parse-options.h>

#include "ktstr/base/log.h"
#include "ktstr/host/dump.h"
#include "ktstr/host/dump_diff.h"
#include "ktstr/host/record.h"
#include "diff.h"

#define EXIT_SAME	0
#define EXIT_DIFFERENT	1
#define EXIT_TROUBLE	2

static const char *const diff_usage[] = {
	"ktstr diff [--all] A B",
	"",
	"A and B are runs as `ktstr show` takes them. Exit status: 0 the same,",
	"1 different, 2 trouble.",
	NULL
};

static int read_run(const char *name, json_t **dump)
{
	char dir[PATH_MAX];
	int ret;

	ret = kt_record_find(getenv("KTSTR_RUN_DIR"), name, dir, sizeof(dir));
	return ret ? ret : kt_dump_read(dir, dump);
}

int kt_cmd_diff(int argc, const char **argv)
{
	json_t *a = NULL, *b = NULL;
	int status = EXIT_TROUBLE;
	bool all = false;
	const struct option options[] = {
		OPT_BOOLEAN(0, "all", &all,
			    "also times, addresses, registers and identifiers"),
		OPT_END()
	};

	argc = parse_options(argc, argv, options, diff_usage, 0);
	if (argc != 2) {
		kt_err(-EINVAL, "give two runs; ktstr diff --help says more");
		return EXIT_TROUBLE;
	}
	if (!read_run(argv[0], &a) && !read_run(argv[1], &b))
		status = kt_dump_diff(stdout, a, b, all) ? EXIT_DIFFERENT :
			 EXIT_SAME;
	json_decref(a);
	json_decref(b);
	if (fflush(stdout) || ferror(stdout)) {
		kt_err(-EIO, "standard output: cannot be written");
		return EXIT_TROUBLE;
	}
	return status;
}
