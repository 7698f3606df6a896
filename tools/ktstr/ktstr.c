// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktstr, the command line: one table of subcommands. As /init of a machine it
 * is the guest, as test programs are.
 */
#include <stdio.h>
#include <unistd.h>

#include "ktstr/base/types.h"
#include "ktstr/guest/init.h"
#include "bisect.h"
#include "diff.h"
#include "engines.h"
#include "frames.h"
#include "kernel.h"
#include "kselftest.h"
#include "programs.h"
#include "rerun.h"
#include "show.h"
#include "template.h"
#include "work.h"

static const struct command {
	const char *name;
	int (*run)(int argc, const char **argv);
	const char *help;
} commands[] = {
	{ "run", kt_cmd_run, "run test programs and print KTAP" },
	{ "list", kt_cmd_list, "list test programs and their cases" },
	{ "engines", kt_cmd_engines, "what can run machines on this host" },
	{ "kernel", kt_cmd_kernel, "build, list and remove cached kernels" },
	{ "template", kt_cmd_template, "list and remove saved machines, from which others start" },
	{ "kselftest", kt_cmd_kselftest, "run another selftest target in micro-VMs" },
	{ "show", kt_cmd_show, "print what is known of a run: the dump of its record" },
	{ "rerun", kt_cmd_rerun, "run a recorded run again, and compare" },
	{ "bisect", kt_cmd_bisect, "build, test, and exit as `git bisect run` wants" },
	{ "diff", kt_cmd_diff, "compare two runs" },
	{ "work", kt_cmd_work, "list work types, their parameters and defaults" },
	{ "frames", kt_cmd_frames, "decode a recorded frame stream" },
};

static int usage(FILE *out, int status)
{
	size_t i;

	fprintf(out, "usage: ktstr <command> [<options>]\n\n");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].help);
	fprintf(out, "\nktstr <command> --help says more.\n");
	return status;
}

int main(int argc, char **argv)
{
	const char **args = (const char **)argv;
	size_t i;

	/* in the machines of `ktstr kselftest` */
	if (getpid() == 1 && !strcmp(argv[0], "/init"))
		return kt_guest_main(argc, argv);
	if (argc < 2)
		return usage(stderr, 1);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help"))
		return usage(stdout, 0);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, args + 1);
	fprintf(stderr, "ktstr: no command \"%s\"\n", argv[1]);
	return usage(stderr, 1);
}
