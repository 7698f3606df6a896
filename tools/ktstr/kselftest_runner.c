// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selftests that are one program with many tests in it. What is known of each
 * is an entry of a table.
 */
#include <stdio.h>

#include "kselftest/ktap_read.h"
#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strbuf.h"
#include "kselftest.h"

#define LIST_MS		30000
#define LIST_MAX	(256 * 1024)

static const struct kt_kselftest_runner runners[] = {
	{
		/* -s tells of the tests that -t leaves out, here all of them */
		.target = "sched_ext",
		.program = "runner",
		.list = (const char *const[]){ "-q", "-s", "-t", ":none:", NULL },
		.run = "-t",
	},
};

const struct kt_kselftest_runner *
kt_kselftest_runner(const char *target, const char *program)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runners); i++)
		if (!strcmp(runners[i].target, target) &&
		    !strcmp(runners[i].program, program))
			return &runners[i];
	return NULL;
}

void kt_kselftest_runner_names(const char *text, struct kt_strv *names)
{
	struct kt_ktap_line l;

	while (*text) {
		kt_ktap_read_line(&l, text);
		/* a name is part of a directory's, later */
		if (l.kind == KT_KTAP_RESULT && *l.name && !strchr(l.name, '/'))
			kt_strv_add(names, l.name);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

int kt_kselftest_runner_list(const struct kt_kselftest_runner *r,
			     const char *path, struct kt_strv *names)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_strbuf out;
	struct kt_strv argv;
	const char *const *a;
	int ret;

	kt_strv_init(&argv);
	kt_strv_add(&argv, path);
	for (a = r->list; *a; a++)
		kt_strv_add(&argv, *a);
	kt_strbuf_init(&out, LIST_MAX);
	ret = argv.err ? argv.err :
	      kt_proc_run((const char *const *)argv.v, &opts, LIST_MS, &out);
	if (!ret)
		kt_kselftest_runner_names(kt_strbuf_str(&out), names);
	if (ret < 0)
		kt_err(ret, "%s: %s", path, strerror(-ret));
	else if (ret || !names->nr)
		ret = kt_err(-EPROTO, "%s names no tests (it exited with %d)",
			     path, ret);
	kt_strbuf_fini(&out);
	kt_strv_fini(&argv);
	return ret ? ret : names->err;
}
