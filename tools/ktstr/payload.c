// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr run --payload PROGRAM`: a case that is made of the command line, and
 * run as any other.
 */
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/host/find.h"
#include "ktstr/host/main.h"
#include "besides.h"
#include "kselftest.h"
#include "payload.h"
#include "programs.h"

#define DURATION_MS	60000
#define MEMORY_MIB	512
#define MAX_MEMORY_MIB	65536
#define NAME_LETTERS	32

struct request {
	const char *program;
	const char *memory;
	u32 memory_mib;
	struct kt_strv files;
	struct kt_strv metrics;
	struct kt_strv args;		/* behind "--" */
	struct kt_strv flags;		/* of any test program */
};

/* The case, and all that is in memory for it. */
struct made {
	char name[NAME_LETTERS + 1];
	char path[PATH_MAX];
	struct ktstr_payload payload;
	struct ktstr_metric metrics[KT_PAYLOAD_MAX_METRICS + 1];
	char *texts[KT_PAYLOAD_MAX_METRICS];
	const struct ktstr_payload *payloads[2];
	struct ktstr_test test;
	const char *lacks;		/* why it cannot run, or NULL */
	char *job;
	struct kt_strv besides;
	struct kt_initramfs_entry *entries;
	struct kt_strv command;
	struct kt_strv command_end;
};

bool kt_payload_wanted(int argc, const char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (kt_flag_value("--payload", argc, argv, &i))
			return true;
		if (kt_flag_takes_value(argv[i]))
			i++;
	}
	return false;
}

/* A file's name alone means the one here, if there is one. */
static void add_file(struct kt_strv *files, const char *name)
{
	bool here = !strchr(name, '/') && !access(name, F_OK);

	kt_strv_addf(files, "%s%s", here ? "./" : "", name);
}

static bool take_own(struct request *rq, int argc, const char **argv, int *i)
{
	const char *value = kt_flag_value("--payload", argc, argv, i);

	if (value) {
		rq->program = value;
		return true;
	}
	value = kt_flag_value("--memory", argc, argv, i);
	if (value) {
		rq->memory = value;
		return true;
	}
	value = kt_flag_value("--file", argc, argv, i);
	if (value) {
		add_file(&rq->files, value);
		return true;
	}
	value = kt_flag_value("--metric", argc, argv, i);
	if (value)
		kt_strv_add(&rq->metrics, value);
	return value;
}

static int take_memory(struct request *rq)
{
	unsigned long v;
	char *end;

	rq->memory_mib = MEMORY_MIB;
	if (!rq->memory)
		return 0;
	errno = 0;
	v = strtoul(rq->memory, &end, 10);
	if (errno || !isdigit((unsigned char)*rq->memory) || *end || !v ||
	    v > MAX_MEMORY_MIB)
		return kt_err(-EINVAL, "--memory \"%s\": give MiB, from 1 to %u",
			      rq->memory, MAX_MEMORY_MIB);
	rq->memory_mib = v;
	return 0;
}

static int parse(struct request *rq, int argc, const char **argv)
{
	int i;

	kt_strv_add(&rq->flags, "ktstr run");
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (take_own(rq, argc, argv, &i))
			continue;
		if (argv[i][0] != '-')
			return kt_err(-EINVAL, "\"%s\" beside --payload: the program's own arguments stand behind --",
				      argv[i]);
		kt_strv_add(&rq->flags, argv[i]);
		if (kt_flag_takes_value(argv[i]) && i + 1 < argc)
			kt_strv_add(&rq->flags, argv[++i]);
	}
	while (++i < argc)
		kt_strv_add(&rq->args, argv[i]);
	if (!*rq->program)
		return kt_err(-EINVAL, "--payload needs a program");
	if (rq->args.nr > KT_PAYLOAD_MAX_ARGS)
		return kt_err(-E2BIG, "%u arguments of the payload: at most %u",
			      rq->args.nr, KT_PAYLOAD_MAX_ARGS);
	if (rq->metrics.nr > KT_PAYLOAD_MAX_METRICS)
		return kt_err(-E2BIG, "%u times --metric: at most %u",
			      rq->metrics.nr, KT_PAYLOAD_MAX_METRICS);
	return take_memory(rq);
}

/* Its file's name, made of what a case's is made of. */
static void make_name(struct made *m)
{
	const char *slash = strrchr(m->path, '/');
	char *p;

	snprintf(m->name, sizeof(m->name), "%.*s", NAME_LETTERS,
		 slash ? slash + 1 : m->path);
	for (p = m->name; *p; p++)
		*p = isalnum((unsigned char)*p) && !(*p & 0x80) ?
		     tolower(*p) : '_';
}

static int make_case(struct made *m, const struct request *rq)
{
	u32 i;
	int ret = kt_find_file(rq->program, m->path, sizeof(m->path));

	for (i = 0; !ret && i < rq->metrics.nr; i++)
		ret = kt_payload_metric_parse(&m->metrics[i], &m->texts[i],
					      rq->metrics.v[i]);
	if (ret)
		return ret;
	make_name(m);
	m->payload.name = m->name;
	m->payload.binary = m->path;
	m->payload.args = (const char *const *)rq->args.v;
	m->payload.files = (const char *const *)rq->files.v;
	m->payload.metrics = m->metrics;
	m->payloads[0] = &m->payload;
	m->test.name = m->name;
	m->test.desc = "a payload of the command line";
	m->test.payloads = m->payloads;
	m->test.memory_mib = rq->memory_mib;
	m->test.duration_ms = DURATION_MS;
	return 0;
}

static int make_entries(struct made *m)
{
	bool script = kt_kselftest_is_script(m->path, &m->lacks);
	json_t *job = kt_payload_pack(&m->payload);
	int ret = kt_besides_add(&m->besides, script);

	m->job = job ? json_dumps(job, JSON_COMPACT) : NULL;
	json_decref(job);
	m->entries = calloc(m->besides.nr / 2 + 2, sizeof(*m->entries));
	if (ret || !m->entries)
		return -ENOMEM;
	if (!m->job)
		return kt_err(-EINVAL, "%s: an argument or metric is no UTF-8",
			      m->path);
	m->entries[0].path = KT_PAYLOAD_JOB;
	m->entries[0].text = m->job;
	kt_besides_entries(&m->besides, &m->entries[1]);
	return 0;
}

/* What repeats it; the options of any test program come between. */
static int make_command(struct made *m, const struct request *rq)
{
	u32 i;

	kt_strv_add(&m->command, "ktstr");
	kt_strv_add(&m->command, "run");
	kt_strv_addf(&m->command, "--payload=%s", rq->program);
	for (i = 0; i < rq->files.nr; i++)
		kt_strv_addf(&m->command, "--file=%s", rq->files.v[i]);
	for (i = 0; i < rq->metrics.nr; i++)
		kt_strv_addf(&m->command, "--metric=%s", rq->metrics.v[i]);
	if (rq->memory)
		kt_strv_addf(&m->command, "--memory=%s", rq->memory);
	if (rq->args.nr)
		kt_strv_add(&m->command_end, "--");
	for (i = 0; i < rq->args.nr; i++)
		kt_strv_add(&m->command_end, rq->args.v[i]);
	return m->command.err ? m->command.err : m->command_end.err;
}

static const char *lacks(const struct kt_session *s,
			 const struct ktstr_test *test)
{
	const struct made *m = s->skips_arg;

	(void)test;
	return m->lacks;
}

/* The exit status. */
static int run(struct made *m, struct kt_options *o)
{
	const struct ktstr_test *tests[] = { &m->test };
	struct kt_session s = {
		.options = o, .stats_fd = -1, .program = "payload",
		.command = &m->command, .command_end = &m->command_end,
		.entries = m->entries, .skips = lacks, .skips_arg = m,
		.shows_payloads = true,
	};

	return kt_host_run(&s, tests, 1);
}

static void made_free(struct made *m)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(m->texts); i++)
		free(m->texts[i]);
	free(m->job);
	free(m->entries);
	kt_strv_fini(&m->besides);
	kt_strv_fini(&m->command);
	kt_strv_fini(&m->command_end);
	free(m);
}

/* The exit status. */
static int make_and_run(const struct request *rq, struct kt_options *o)
{
	struct made *m = calloc(1, sizeof(*m));
	int ret = m ? 0 : -ENOMEM;

	if (o->gauntlet)
		ret = kt_err(-EINVAL, "--payload in a gauntlet: it runs on one topology, give it by --topology");
	if (!ret)
		ret = make_case(m, rq);
	if (!ret)
		ret = make_entries(m);
	if (!ret)
		ret = make_command(m, rq);
	ret = ret ? 1 : run(m, o);
	if (m)
		made_free(m);
	return ret;
}

int kt_cmd_run_payload(int argc, const char **argv)
{
	struct request rq = {};
	struct kt_options o;
	const char **flags = NULL;
	int ret = 1;

	if (!parse(&rq, argc, argv))
		flags = calloc(rq.flags.nr + 1, sizeof(*flags));
	if (!flags || rq.flags.err || rq.files.err || rq.metrics.err ||
	    rq.args.err)
		goto out;
	/* a copy: parsing moves its entries about */
	memcpy(flags, rq.flags.v, rq.flags.nr * sizeof(*flags));
	if (!kt_options_parse(&o, rq.flags.nr, flags))
		ret = make_and_run(&rq, &o);
	kt_options_fini(&o);
out:
	free(flags);
	kt_strv_fini(&rq.files);
	kt_strv_fini(&rq.metrics);
	kt_strv_fini(&rq.args);
	kt_strv_fini(&rq.flags);
	return ret;
}
