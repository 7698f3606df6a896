// SPDX-License-Identifier: GPL-2.0-only
/*
 * A test program on the host: options, the records, the kernel and the engine,
 * then the suite. What is missing on this host makes every case a SKIP with
 * its remedy.
 */
#include <limits.h>
#include <stdio.h>

#include "../base/log.h"
#include "../base/strbuf.h"
#include "find.h"
#include "kconfig.h"
#include "main.h"
#include "record.h"
#include "stats_socket.h"
#include "suite.h"

struct selection {
	const struct ktstr_test **tests;
	const char **names;
	u32 nr;
};

static int select_cases(const struct kt_options *o, struct selection *sel)
{
	u32 nr = kt_cases_count(), i;

	sel->tests = calloc(nr, sizeof(*sel->tests));
	sel->names = calloc(nr, sizeof(*sel->names));
	if (!sel->tests || !sel->names)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		const struct ktstr_test *t = kt_cases_get(i);

		if (!kt_options_match(o, t->name))
			continue;
		sel->tests[sel->nr] = t;
		sel->names[sel->nr++] = t->name;
	}
	if (!sel->nr)
		return kt_err(-ENOENT,
			      "no case matches \"%s\"; --list shows them",
			      o->patterns[0]);
	return 0;
}

static void list_cases(const struct selection *sel, const struct kt_options *o)
{
	char buf[KT_TOPOLOGY_STR], why[256];
	u32 i;

	for (i = 0; i < sel->nr; i++) {
		const struct ktstr_test *t = sel->tests[i];
		struct kt_topology topo;

		if (kt_case_topology(t, o, &topo, why, sizeof(why)))
			continue;
		printf("%-24s %-10s %-12s %s\n", t->name,
		       kt_topology_str(&topo, buf, sizeof(buf)),
		       t->sched ? t->sched->binary : "-", t->desc);
	}
}

static int skip_all(const struct selection *sel, const char *why)
{
	struct kt_ktap k;

	kt_ktap_begin(&k, stdout, sel->nr);
	kt_ktap_skip_all(&k, sel->names, why);
	return kt_ktap_end(&k);
}

static int bail(const char *why)
{
	kt_ktap_bail(stdout, why);
	return 1;
}

/* Lines ahead of the KTAP header: which kernel, which engine, and why. */
static void print_choice(const struct kt_session *s, const char *engine_line)
{
	printf("# kernel %s %s (%s)\n# %s\n", s->kernel.release,
	       s->kernel.boot, s->kernel.why, engine_line);
	fflush(stdout);
}

/* Runs the suite while the socket of --stats is there. */
static int run_suite(struct kt_session *s, const struct selection *sel)
{
	struct kt_stats_socket stats;
	int ret;

	if (!s->options->stats)
		return kt_suite_run(s, sel->tests, sel->nr);
	if (kt_stats_socket_open(&stats, s->options->stats))
		return bail("the socket of --stats cannot be made");
	s->stats_fd = stats.fd;
	ret = kt_suite_run(s, sel->tests, sel->nr);
	kt_stats_socket_close(&stats);
	return ret;
}

static int run(struct kt_session *s, const struct selection *sel)
{
	char self[PATH_MAX];
	u32 i;
	int ret = 0;

	if (s->options->dry_run) {
		for (i = 0; i < sel->nr && !ret; i++)
			ret = kt_run_describe(s, sel->tests[i], stdout);
		return ret ? 1 : 0;
	}
	if (kt_find_self(self, sizeof(self)) ||
	    kt_initramfs_base_with(self, s->entries, &s->base))
		return bail("the initramfs cannot be built");
	kt_record_prune(s->options->run_dir);
	ret = run_suite(s, sel);
	kt_initramfs_free(s->base);
	return ret;
}

/* What is asked for against what was selected; NULL, or why to bail out. */
static const char *check_selection(const struct kt_options *o,
				   const struct selection *sel)
{
	struct kt_topology topo;
	char why[256];
	u32 i;

	for (i = 0; i < sel->nr; i++) {
		if (kt_case_topology(sel->tests[i], o, &topo, why,
				     sizeof(why))) {
			kt_err(-EINVAL, "%s", why);
			return "a topology is not possible";
		}
		if (kt_case_fits(sel->tests[i], o, why, sizeof(why))) {
			kt_err(-EINVAL, "--duration: %s", why);
			return "a duration is too short";
		}
	}
	if (o->stats && sel->nr != 1) {
		kt_err(-EINVAL, "--stats is for one case, and %u are selected: name the one",
		       sel->nr);
		return "--stats needs exactly one case";
	}
	if (o->save_image && sel->nr != 1) {
		kt_err(-EINVAL, "--save-image is for one case, and %u are selected: name the one",
		       sel->nr);
		return "--save-image needs exactly one case";
	}
	return NULL;
}

/* Without them there is no look at the guest's kernel, but a run all the same. */
static void load_symbols(struct kt_session *s)
{
	if (*s->kernel.vmlinux &&
	    kt_symbols_load(s->kernel.vmlinux, &s->symbols)) {
		kt_warn("%s: no symbols: the guest's kernel cannot be looked at",
			s->kernel.vmlinux);
		s->symbols = NULL;
	}
}

/* Whether the kernel is without something of the session's fragment. */
static bool lacks_options(const struct kt_session *s, char *why, size_t size)
{
	struct kt_strbuf lack;
	char *text = NULL;
	u32 nr = 0;

	if (!s->fragment)
		return false;
	kt_strbuf_init(&lack, size / 2);
	if (kt_kconfig_read(s->kernel.boot, &text) &&
	    kt_kconfig_read(s->kernel.vmlinux, &text))
		kt_warn("%s: no configuration in it: whether it has what the tests need is not known",
			s->kernel.boot);
	else
		nr = kt_kconfig_differs(text, s->fragment, &lack);
	if (nr)
		snprintf(why, size, "the kernel is built without what these tests need: %s; build one with it, or run them all the same with --force",
			 kt_strbuf_str(&lack));
	kt_strbuf_fini(&lack);
	free(text);
	return nr;
}

static int prepare_and_run(struct kt_session *s, const struct selection *sel)
{
	const struct kt_options *o = s->options;
	const char *fault = check_selection(o, sel);
	char line[1024], why[1024];
	int ret;

	if (fault)
		return bail(fault);
	ret = kt_kernel_resolve(o->kernel, &s->kernel, why, sizeof(why));
	if (ret == -ENOENT && (!o->kernel || !*o->kernel))
		return skip_all(sel, why);
	if (ret) {
		kt_err(ret, "%s", why);
		return bail("the kernel cannot be used");
	}
	if (lacks_options(s, why, sizeof(why)))
		return skip_all(sel, why);
	ret = kt_engine_choose(o->engine, &s->engine, &s->caps, line,
			       sizeof(line));
	if (ret == -ENODEV)
		return skip_all(sel, line);
	if (ret) {
		kt_err(ret, "%s", line);
		return bail("the engine cannot be used");
	}
	/* slower than the engine takes it for: as good as emulated */
	if (o->speed_pct && o->speed_pct < 100)
		s->caps.hardware_speed = false;
	print_choice(s, line);
	load_symbols(s);
	ret = run(s, sel);
	kt_symbols_free(s->symbols);
	return ret;
}

int kt_host_run(struct kt_session *s, const struct ktstr_test **tests, u32 nr)
{
	struct selection sel = { .tests = tests, .nr = nr };
	int ret = 1;
	u32 i;

	sel.names = calloc(nr, sizeof(*sel.names));
	if (!sel.names)
		return bail("no memory");
	for (i = 0; i < nr; i++)
		sel.names[i] = tests[i]->name;
	if (s->options->list) {
		list_cases(&sel, s->options);
		ret = 0;
	} else {
		ret = prepare_and_run(s, &sel);
	}
	free(sel.names);
	return ret;
}

int kt_host_main(int argc, char **argv)
{
	struct kt_options options;
	struct kt_session s = { .options = &options, .stats_fd = -1 };
	struct selection sel = {};
	const char *slash = strrchr(argv[0], '/');
	int ret = 1;

	s.program = slash ? slash + 1 : argv[0];
	if (kt_options_parse(&options, argc, (const char **)argv))
		return 1;
	if (kt_cases_check() || select_cases(&options, &sel))
		goto out;
	if (options.list) {
		list_cases(&sel, &options);
		ret = 0;
	} else {
		ret = prepare_and_run(&s, &sel);
	}
out:
	free(sel.tests);
	free(sel.names);
	kt_options_fini(&options);
	return ret;
}
