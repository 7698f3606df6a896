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
#include "gauntlet.h"
#include "kconfig.h"
#include "main.h"
#include "record.h"
#include "results.h"
#include "stats_socket.h"
#include "suite.h"

#define NAME_WIDTH	24

/* What a person wants to know of a cell: its machine, its scheduler. */
static void list_cell(const struct kt_cell *cell, int width)
{
	const struct ktstr_test *t = cell->test;
	const struct kt_options *o = cell->session->options;
	const char *own = t->sched ? t->sched->binary : "-";
	char buf[KT_TOPOLOGY_STR], why[256];
	struct kt_topology topo;

	if (kt_case_topology(t, o, &topo, why, sizeof(why)))
		return;
	printf("%-*s %-10s %-12s %s\n", width, cell->name,
	       kt_topology_str(&topo, buf, sizeof(buf)),
	       o->scheduler ? o->scheduler : own, t->desc);
}

static void list_cells(const struct kt_selection *sel)
{
	int width = NAME_WIDTH;
	u32 i;

	for (i = 0; i < sel->nr; i++)
		width = max_t(int, width, strlen(sel->cells[i].name));
	for (i = 0; i < sel->nr; i++)
		list_cell(&sel->cells[i], width);
}

static int skip_all(const struct kt_selection *sel, const char *why)
{
	struct kt_results r;
	u32 i;

	kt_results_begin(&r, sel, stdout);
	for (i = 0; i < sel->nr; i++)
		kt_results_add(&r, KT_SKIP, sel->cells[i].name, why);
	return kt_results_end(&r);
}

static int bail(const char *why)
{
	kt_ktap_bail(stdout, why);
	return 1;
}

/* Lines ahead of the KTAP header: which kernels, which engine, and why. */
static void print_choice(const struct kt_session *s, u32 nr,
			 const char *engine_line)
{
	u32 i;

	for (i = 0; i < nr; i++)
		printf("# kernel %s %s (%s)\n", s[i].kernel.release,
		       s[i].kernel.boot, s[i].kernel.why);
	printf("# %s\n", engine_line);
	fflush(stdout);
}

/* Runs the suite while the socket of --stats is there. */
static int run_suite(struct kt_session *s, u32 nr,
		     const struct kt_selection *sel)
{
	struct kt_stats_socket stats;
	int ret;
	u32 i;

	if (!s->options->stats)
		return kt_suite_run(s, sel);
	if (kt_stats_socket_open(&stats, s->options->stats))
		return bail("the socket of --stats cannot be made");
	for (i = 0; i < nr; i++)
		s[i].stats_fd = stats.fd;
	ret = kt_suite_run(s, sel);
	kt_stats_socket_close(&stats);
	return ret;
}

static int run(struct kt_session *s, u32 nr, const struct kt_selection *sel)
{
	char self[PATH_MAX];
	u32 i;
	int ret = 0;

	if (s->options->dry_run) {
		for (i = 0; i < sel->nr && !ret; i++)
			ret = kt_run_describe(&sel->cells[i], stdout);
		return ret ? 1 : 0;
	}
	if (kt_find_self(self, sizeof(self)) ||
	    kt_initramfs_base_with(self, s->entries, &s->base))
		return bail("the initramfs cannot be built");
	for (i = 1; i < nr; i++)
		s[i].base = s->base;
	kt_record_prune(s->options->run_dir);
	ret = run_suite(s, nr, sel);
	kt_initramfs_free(s->base);
	return ret;
}

/* What is asked for against what was selected; NULL, or why to bail out. */
static const char *check_selection(const struct kt_options *o,
				   const struct kt_selection *sel)
{
	struct kt_topology topo;
	char why[256];
	u32 i;

	for (i = 0; i < sel->nr; i++) {
		const struct ktstr_test *t = sel->cells[i].test;

		if (kt_case_topology(t, o, &topo, why, sizeof(why))) {
			kt_err(-EINVAL, "%s", why);
			return "a topology is not possible";
		}
		if (kt_case_fits(t, o, why, sizeof(why))) {
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

#define GO_ON	(-1)

/* The kernel of @s; the exit status when there is none to run on. */
static int prepare_kernel(struct kt_session *s, const struct kt_selection *sel)
{
	const char *want = s->options->kernel;
	char why[1024];
	int ret;

	ret = kt_kernel_resolve(want, &s->kernel, why, sizeof(why));
	if (ret == -ENOENT && (!want || !*want))
		return skip_all(sel, why);
	if (ret) {
		kt_err(ret, "%s", why);
		return bail("the kernel cannot be used");
	}
	return lacks_options(s, why, sizeof(why)) ? skip_all(sel, why) : GO_ON;
}

/* The engine of all @nr sessions; the exit status when there is none. */
static int prepare_engine(struct kt_session *s, u32 nr,
			  const struct kt_selection *sel)
{
	const struct kt_options *o = s->options;
	char line[1024];
	int ret;
	u32 i;

	ret = kt_engine_choose(o->engine, &s->engine, &s->caps, line,
			       sizeof(line));
	if (ret == -ENODEV)
		return skip_all(sel, line);
	if (ret) {
		kt_err(ret, "%s", line);
		return bail("the engine cannot be used");
	}
	if (o->deterministic && !s->caps.deterministic &&
	    (o->deterministic_set || o->seeds)) {
		kt_err(-EINVAL, "%s: engine %s is not deterministic; take --engine=qemu-tcg",
		       o->seeds ? "--seeds" : "--deterministic",
		       s->engine->name);
		return bail("the engine is not deterministic");
	}
	/* slower than the engine takes it for: as good as emulated */
	if (o->speed_pct && o->speed_pct < 100)
		s->caps.hardware_speed = false;
	for (i = 1; i < nr; i++) {
		s[i].engine = s->engine;
		s[i].caps = s->caps;
	}
	print_choice(s, nr, line);
	return GO_ON;
}

/* @s has one of @nr sessions for each kernel. The exit status. */
static int prepare_and_run(struct kt_session *s, u32 nr,
			   const struct kt_selection *sel)
{
	const char *fault = check_selection(s->options, sel);
	int ret = GO_ON;
	u32 i;

	kt_engine_tsc_begin();
	if (fault)
		return bail(fault);
	for (i = 0; i < nr && ret == GO_ON; i++)
		ret = prepare_kernel(&s[i], sel);
	if (ret == GO_ON)
		ret = prepare_engine(s, nr, sel);
	if (ret != GO_ON)
		return ret;
	for (i = 0; i < nr; i++)
		load_symbols(&s[i]);
	ret = run(s, nr, sel);
	for (i = 0; i < nr; i++)
		kt_symbols_free(s[i].symbols);
	return ret;
}

int kt_host_run(struct kt_session *s, const struct ktstr_test **tests, u32 nr)
{
	struct kt_selection sel = {};
	int ret = 0;
	u32 i;

	for (i = 0; i < nr && !ret; i++)
		ret = kt_selection_add(&sel, s, tests[i]);
	if (ret)
		ret = bail("no memory");
	else if (s->options->list)
		list_cells(&sel);
	else
		ret = prepare_and_run(s, 1, &sel);
	kt_selection_fini(&sel);
	return ret;
}

/* A program's own cases, on one kernel or more. */
struct host {
	struct kt_options options;
	struct kt_options *by_kernel;
	struct kt_session *sessions;
	struct kt_strv labels;
	u32 nr;
	struct kt_selection sel;
	char *left_out;			/* of the gauntlet, to be listed */
};

static int make_sessions(struct host *h, const char *program)
{
	const struct kt_options *o = &h->options;
	u32 i;

	h->nr = max(o->kernels.nr, 1u);
	h->by_kernel = calloc(h->nr, sizeof(*h->by_kernel));
	h->sessions = calloc(h->nr, sizeof(*h->sessions));
	if (!h->by_kernel || !h->sessions || kt_gauntlet_labels(o, &h->labels))
		return kt_err(-ENOMEM, "no memory for %u kernels", h->nr);
	for (i = 0; i < h->nr; i++) {
		h->by_kernel[i] = *o;
		if (o->kernels.nr)
			h->by_kernel[i].kernel = o->kernels.v[i];
		h->sessions[i].options = &h->by_kernel[i];
		h->sessions[i].stats_fd = -1;
		h->sessions[i].program = program;
		h->sessions[i].label = h->nr > 1 ? h->labels.v[i] : NULL;
	}
	return 0;
}

static int select_gauntlet(struct host *h)
{
	size_t len;
	FILE *f = h->options.list ? open_memstream(&h->left_out, &len) : NULL;
	int ret = kt_gauntlet_cells(&h->sel, &h->options, h->sessions, h->nr, f);

	if (f)
		fclose(f);
	return ret;
}

static int select_cells(struct host *h)
{
	int ret = kt_cases_check();

	if (ret)
		return ret;
	if (h->options.gauntlet)
		return select_gauntlet(h);
	return kt_selection_cases(&h->sel, h->sessions, &h->options);
}

static void host_fini(struct host *h)
{
	kt_selection_fini(&h->sel);
	kt_strv_fini(&h->labels);
	free(h->by_kernel);
	free(h->sessions);
	free(h->left_out);
	kt_options_fini(&h->options);
}

int kt_host_main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct host h = {};
	int ret = 1;

	if (kt_options_parse(&h.options, argc, (const char **)argv))
		goto out;
	if (make_sessions(&h, slash ? slash + 1 : argv[0]) || select_cells(&h))
		goto out;
	if (h.options.list) {
		list_cells(&h.sel);
		fputs(h.left_out ? h.left_out : "", stdout);
		ret = 0;
	} else {
		ret = prepare_and_run(h.sessions, h.nr, &h.sel);
	}
out:
	host_fini(&h);
	return ret;
}
