// SPDX-License-Identifier: GPL-2.0-only
/*
 * One case from its declaration to its outcome: resolve, reserve, build the
 * initramfs, boot, coordinate, judge, record.
 */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/priv.h"
#include "../base/strbuf.h"
#include "../coord/coord.h"
#include "../engine/performance.h"
#include "after.h"
#include "boot.h"
#include "captures.h"
#include "chase.h"
#include "declared.h"
#include "cgroups.h"
#include "dump.h"
#include "events.h"
#include "monitor.h"
#include "noise.h"
#include "payloads.h"
#include "record.h"
#include "report.h"
#include "rerun.h"
#include "reserve.h"
#include "run.h"
#include "subtests.h"
#include "timeline.h"

#define RESERVE_MS	60000

static void print_head(const struct kt_case *c, const char *name, FILE *out)
{
	const struct kt_thresholds *th = &c->plan.thresholds;
	char topo[KT_TOPOLOGY_STR], gap[24] = "not checked";

	if (th->longest_gap_ms != KT_UNSET)
		snprintf(gap, sizeof(gap), "%d ms", th->longest_gap_ms);
	fprintf(out, "%s: %s\n", name, c->test->desc);
	fprintf(out, "%s, %u MiB, %s%s%s, %u ms; thresholds of time x %u.%02u, longest gap %s\n",
		kt_topology_str(&c->topo, topo, sizeof(topo)), c->memory_mib,
		c->kaslr ? "KASLR, " : "",
		c->performance ? "performance mode, " : "", *c->sched ? c->sched : "the kernel's own scheduler",
		c->plan.duration_ms, c->scale_pct / 100, c->scale_pct % 100,
		gap);
	kt_cgroups_thresholds(out, c);
}

/* All that can be known before a machine is made; kt_case_fini() in any case. */
static int resolve(struct kt_case *c, const struct kt_session *s,
		   const struct kt_cell *cell, FILE *out)
{
	int ret = kt_case_init(c, cell->test, s->options, &s->caps);

	if (!ret)
		ret = kt_case_resolve(c, s->options);
	if (!ret)
		print_head(c, cell->name, out);
	return ret;
}

static void coord_opts(const struct kt_session *s, const struct kt_case *cs,
		       const struct kt_record *rec, int cancel_fd,
		       struct kt_coord_opts *opts)
{
	*opts = (struct kt_coord_opts){
		.plan = &cs->plan,
		.boot_budget_ns = cs->boot_budget_ns,
		.attach_budget_ns = cs->attach_budget_ns,
		.workload_budget_ns = cs->workload_budget_ns,
		.teardown_budget_ns = cs->teardown_budget_ns,
		.cancel_fd = cancel_fd,
		.stream_fd = rec->stream_fd,
		.console_log_fd = rec->console_fd,
		.hvc_log_fd = rec->hvc_fd,
		.subject = {
			.symbols = s->symbols,
			.vmlinux = s->kernel.vmlinux,
			.kaslr = cs->kaslr,
			.has_sched = *cs->sched || cs->nr_scheds,
			.hz = s->kernel.hz,
		},
		.nr_periodic = cs->test->captures,
		.workload_ns = cs->plan.duration_ms * KT_NSEC_PER_MSEC,
		.stats_listen_fd = s->stats_fd,
		.save_image = s->options->save_image,
		.writes = cs->writes,
		.nr_writes = cs->nr_writes,
		/* to set one, the machine is stopped */
		.watchpoints = s->caps.watchpoints && !cs->icount.on,
		.trace = cs->icount.on,
		.monitor = cs->monitor,
	};
}

static void count_memory(struct kt_case *cs, const struct kt_record *rec,
			 struct kt_machine *m)
{
	char text[64];

	if (!m->ops->memory || m->ops->memory(m, &cs->memory))
		return;
	snprintf(text, sizeof(text), "own %llu\nshared %llu\n",
		 (unsigned long long)cs->memory.own_bytes,
		 (unsigned long long)cs->memory.shared_bytes);
	kt_record_text(rec, "memory", text);
}

static int run_machine(const struct kt_session *s, struct kt_case *cs,
		       struct kt_coord *c, struct kt_coord_opts *opts,
		       const struct kt_record *rec, struct kt_boot *b)
{
	struct kt_machine *m;
	int ret = kt_boot_machine(s, cs, rec, b, &m);

	if (ret)
		return ret;
	kt_template_coord(&b->template, opts);
	ret = kt_coord_run(c, m, opts);
	kt_disks_count(&cs->disks, m);
	count_memory(cs, rec, m);
	if (m->performance)
		kt_record_text(rec, "performance", m->performance);
	m->ops->destroy(m);
	return ret;
}

/* The template's fault, as far as can be told: nobody has ended it. */
static bool is_mute(const struct kt_boot *b, const struct kt_coord *c)
{
	return b->template.started && !c->answer_ns &&
	       (c->end == KT_RUN_MACHINE_ENDED || c->end == KT_RUN_WATCHDOG);
}

static int boot_and_run(const struct kt_session *s, struct kt_case *cs,
			struct kt_coord *c, const struct kt_record *rec,
			FILE *out, int cancel_fd)
{
	struct kt_chase_opts chase;
	struct kt_coord_opts opts;
	char *chase_text = NULL;
	struct kt_boot b;
	int ret;

	ret = kt_disks_open(&cs->disks);
	if (!ret)
		ret = kt_chase_decode(&chase, &chase_text);
	if (ret)
		goto out_chase;
	cs->chased = chase.on;
	ret = kt_boot_prepare(s, cs, &b, out);
	if (ret)
		goto out;
	if (cs->performance)
		kt_performance_prepare();
	/* behind set-up nothing needs a privilege */
	ret = kt_priv_drop();
	if (ret) {
		kt_err(ret, "cannot drop capabilities: %s", strerror(-ret));
		goto out;
	}
	kt_case_set_clock(cs);
	coord_opts(s, cs, rec, cancel_fd, &opts);
	opts.chase = chase;
	ret = run_machine(s, cs, c, &opts, rec, &b);
	if (!ret && is_mute(&b, c)) {
		kt_template_discard(&b.template, "its machine did not answer",
				    0);
		kt_coord_fini(c);
		kt_record_rewind(rec);
		ret = run_machine(s, cs, c, &opts, rec, &b);
	}
	kt_chase_record(rec, &c->chase, s->kernel.vmlinux);
out:
	kt_boot_fini(&b);
out_chase:
	free(chase_text);
	return ret;
}

/* The command that does it again, for kt_strv_fini(). */
static void repeat(const struct kt_session *s, const struct kt_cell *cell,
		   struct kt_strv *argv)
{
	u32 i;

	kt_strv_init(argv);
	for (i = 0; s->command && i < s->command->nr; i++)
		kt_strv_add(argv, s->command->v[i]);
	if (!s->command)
		kt_strv_add(argv, s->program);
	kt_options_repeat(s->options, argv);
	for (i = 0; s->command_end && i < s->command_end->nr; i++)
		kt_strv_add(argv, s->command_end->v[i]);
	if (!s->command_end)
		kt_strv_add(argv, cell->pattern);
}

char *kt_run_again(const struct kt_session *s, const struct kt_cell *cell)
{
	struct kt_strv argv;
	char *line;

	repeat(s, cell, &argv);
	line = kt_strv_quote(&argv);
	kt_strv_fini(&argv);
	return line;
}

static void print_again(const struct kt_session *s, const struct kt_cell *cell,
			FILE *out)
{
	char *line = kt_run_again(s, cell);

	if (line)
		fprintf(out, "again: %s\n", line);
	free(line);
}

static json_t *make_dump(const struct kt_session *s, const struct kt_cell *cell,
			 const struct kt_case *cs, const struct kt_coord *c,
			 enum kt_outcome outcome, const char *why)
{
	struct kt_result *result = kt_report_result(c, cs);
	char *line = kt_run_again(s, cell);
	const struct kt_dump_facts facts = {
		.c = c,
		.cs = cs,
		.result = result,
		.outcome = outcome,
		.why = why,
		.program = s->program,
		.engine = s->engine->name,
		.engine_version = s->caps.version,
		.kernel = s->kernel.release,
		.again = line,
	};
	json_t *dump = kt_dump_make(&facts);

	free(line);
	free(result);
	return dump;
}

static void record_dump(const struct kt_record *rec, const json_t *dump)
{
	FILE *f = kt_record_file(rec, KT_DUMP_NAME);

	if (!f)
		return;
	kt_dump_write(f, dump, KT_DUMP_MAX_BYTES);
	kt_record_file_end(rec, KT_DUMP_NAME, f);
}

static void print_subtests(const struct kt_session *s,
			   const struct kt_case *cs, const struct kt_coord *c)
{
	const struct kt_tail *t = &c->bucket.texts[KT_TEXT_STDOUT];
	char *text = s->ktap && t->total_bytes ?
		     kt_tail_text(t, KT_TAIL_BYTES) : NULL;

	if (text)
		kt_subtests_print(s->ktap, cs->test->name, text);
	free(text);
}

/* The whole verdict; the text of it on @out. */
static enum kt_outcome judge(const struct kt_session *s,
			     const struct kt_cell *cell, struct kt_case *cs,
			     const struct kt_coord *c,
			     const struct kt_record *rec, FILE *out)
{
	enum kt_outcome outcome;
	char why[512];
	json_t *dump;

	outcome = kt_report_outcome(c, cs, why, sizeof(why));
	if (outcome == KT_PASS && cs->test->after)
		outcome = kt_after_run(cs->test, &c->captures, out);
	dump = make_dump(s, cell, cs, c, outcome, why);
	if (s->shows_payloads)
		kt_payloads_print(out, cs->test, &c->bucket);
	kt_report_print(out, c, cs, outcome, why, dump);
	print_subtests(s, cs, c);
	record_dump(rec, dump);
	json_decref(dump);
	return outcome;
}

static void record_captures(const struct kt_record *rec,
			    const struct kt_captures *captures)
{
	FILE *f;

	if (!kt_captures_nr(captures))
		return;
	f = kt_record_file(rec, "captures.json");
	if (!f)
		return;
	kt_captures_write(f, captures, KT_CAPTURES_MAX_BYTES);
	kt_record_file_end(rec, "captures.json", f);
}

static void record_timeline(const struct kt_record *rec,
			    const struct kt_coord *c)
{
	char *text = kt_timeline_text(c);

	if (text && *text)
		kt_record_text(rec, "timeline", text);
	free(text);
}

static void record_noise(const struct kt_record *rec, const struct kt_noise *n)
{
	FILE *f = kt_record_file(rec, "noise.json");
	json_t *noise;

	if (!f)
		return;
	noise = kt_noise_json(n);
	json_dumpf(noise, f, JSON_INDENT(2));
	fputc('\n', f);
	json_decref(noise);
	kt_record_file_end(rec, "noise.json", f);
}

/* As part of a directory's name, what chooses @cell. */
static void open_record(struct kt_record *rec, const struct kt_session *s,
			const struct kt_cell *cell)
{
	char name[NAME_MAX], *p;

	snprintf(name, sizeof(name), "%s", cell->pattern);
	for (p = name; *p; p++)
		if (*p == '/')
			*p = '-';
	kt_record_open(rec, s->options->run_dir, s->program, name);
}

/* A verdict that hangs on times, of a machine that was not given its time. */
static bool is_inconclusive(enum kt_outcome outcome, const struct kt_coord *c)
{
	char why[256];

	/* whose clock stands still whenever the host does not let it run */
	if (c->trace.on && c->end != KT_RUN_WATCHDOG)
		return false;
	return (outcome == KT_FAIL || outcome == KT_TIMEOUT) &&
	       kt_noise_starved(&c->monitor.noise, true, why, sizeof(why));
}

/* For `ktstr rerun`. */
static void record_command(const struct kt_session *s,
			   const struct kt_cell *cell,
			   const struct kt_record *rec)
{
	struct kt_strv argv;

	repeat(s, cell, &argv);
	/* whatever is the default by then */
	if (!s->options->deterministic_set)
		kt_strv_add(&argv, s->options->deterministic ?
			    "--deterministic" : "--real-time");
	kt_rerun_record(rec, &argv);
	kt_strv_fini(&argv);
}

/* CLOCK_MONOTONIC in nanoseconds; 0 when it did not come. */
static void record_time(const struct kt_record *rec, const char *name,
			const struct kt_coord *c, u64 since_start_ns)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)
		 (since_start_ns ? c->started_at_ns + since_start_ns : 0));
	kt_record_text(rec, name, text);
}

static enum kt_outcome run_reserved(const struct kt_session *s,
				    const struct kt_cell *cell,
				    struct kt_case *cs, FILE *out,
				    int cancel_fd, bool *inconclusive)
{
	enum kt_outcome outcome = KT_ERROR;
	struct kt_coord c = {};
	struct kt_record rec;
	int ret;

	open_record(&rec, s, cell);
	record_command(s, cell, &rec);
	ret = boot_and_run(s, cs, &c, &rec, out, cancel_fd);
	if (!ret)
		outcome = judge(s, cell, cs, &c, &rec, out);
	record_captures(&rec, &c.captures);
	kt_payloads_record(&rec, cs->test, &c.bucket);
	kt_events_record(&rec, &c.bucket);
	record_timeline(&rec, &c);
	record_noise(&rec, &c.monitor.noise);
	*inconclusive = is_inconclusive(outcome, &c);
	kt_rerun_record_trace(&rec, cs, &c.trace);
	kt_coord_fini(&c);
	if (*rec.dir)
		fprintf(out, "record: %s\n", rec.dir);
	if (*rec.dir && cs->plan.events_kib)
		kt_events_print(out, rec.dir);
	if (*rec.dir && !kt_outcome_info(outcome)->ok)
		fprintf(out, "the whole of it: ktstr show %s\n", rec.dir);
	kt_record_text(&rec, "outcome", kt_outcome_info(outcome)->name);
	record_time(&rec, "ready", &c, c.ready_ns);
	record_time(&rec, "answer", &c, c.answer_ns);
	kt_record_close(&rec);
	return outcome;
}

static enum kt_outcome run_once(const struct kt_session *s,
				const struct kt_cell *cell, FILE *out,
				int cancel_fd, bool *inconclusive)
{
	enum kt_outcome outcome = KT_ERROR;
	struct kt_reservation cpus;
	struct kt_case cs;
	int ret;

	*inconclusive = false;
	ret = resolve(&cs, s, cell, out);
	if (ret)
		goto out;
	ret = kt_reserve_cpus(&cpus, kt_case_host_cpus(&cs.topo, s->options,
						       &s->caps),
			      kt_now_ns() + RESERVE_MS * KT_NSEC_PER_MSEC,
			      cancel_fd);
	if (ret == -ECANCELED)
		goto out;
	if (ret)
		kt_warn("other runs hold the host's CPUs: running beside them, times may be off");
	cs.host_cpu = cpus.nr ? cpus.cpus[0] : (u32)max(sched_getcpu(), 0);
	outcome = run_reserved(s, cell, &cs, out, cancel_fd, inconclusive);
	kt_reserve_release(&cpus);
out:
	kt_case_fini(&cs);
	return outcome;
}

enum kt_outcome kt_run_cell(const struct kt_session *s,
			    const struct kt_cell *cell, FILE *out,
			    int cancel_fd)
{
	enum kt_outcome outcome;
	bool inconclusive;

	outcome = run_once(s, cell, out, cancel_fd, &inconclusive);
	if (inconclusive && !s->options->once) {
		fprintf(out, "INCONCLUSIVE (%s): the host was busy; it is run once more, and what comes of that counts\n",
			kt_outcome_info(outcome)->name);
		outcome = run_once(s, cell, out, cancel_fd, &inconclusive);
	}
	if (!kt_outcome_info(outcome)->ok)
		print_again(s, cell, out);
	return outcome;
}

static bool skips_kaslr(const struct kt_kernel *k, char *why, size_t size)
{
	if (!k->randomizes)
		snprintf(why, size,
			 "KASLR needs a kernel with RANDOMIZE_BASE: run \"ktstr kernel build\", or merge ktstr's config into that kernel's and build it again");
	else if (!*k->bzimage)
		snprintf(why, size,
			 "KASLR needs a bzImage, and none was built of that kernel: run \"make bzImage\" where it was built, or \"ktstr kernel build\"");
	else
		return false;
	return true;
}

static bool skips_captures(const struct kt_session *s, char *why, size_t size)
{
	if (!*s->kernel.vmlinux)
		snprintf(why, size,
			 "captures, writes and checks by samples need the kernel's vmlinux, which was not found: put it beside the image, or name it with KTSTR_KERNEL");
	else if (!s->symbols)
		snprintf(why, size,
			 "captures, writes and checks by samples need the symbols of %.200s, which cannot be read: name a vmlinux that is not stripped",
			 s->kernel.vmlinux);
	else
		return false;
	return true;
}

static bool skips_vcpus(const struct kt_session *s,
			const struct kt_topology *topo, char *why, size_t size)
{
	const struct kt_engine_caps *caps = &s->caps;
	u32 last = kt_engine_last_apic_id(topo);

	if (kt_topology_cpus(topo) > caps->max_vcpus)
		snprintf(why, size,
			 "needs more vCPUs than engine %s has (%u); try another engine",
			 s->engine->name, caps->max_vcpus);
	else if (caps->max_apic_id && last > caps->max_apic_id)
		snprintf(why, size,
			 "needs APIC IDs up to %u, engine %s has them up to %u; try another engine, or numbers of LLCs and cores near a power of two",
			 last, s->engine->name, caps->max_apic_id);
	else
		return false;
	return true;
}

/* Cells are made by a table: one may be too much for this host. */
static bool skips_memory(const struct kt_session *s,
			 const struct ktstr_test *test,
			 const struct kt_topology *topo, char *why, size_t size)
{
	u64 need = (u64)kt_case_memory_mib(test, topo) + KT_MACHINE_SLACK_MIB;
	u32 have = s->options->gauntlet ? kt_host_free_mib() : 0;

	if (!have || need <= have)
		return false;
	snprintf(why, size,
		 "needs %llu MiB of memory, the host has %u available; free some, or choose smaller presets",
		 (unsigned long long)need, have);
	return true;
}

bool kt_run_skips(const struct kt_session *s, const struct ktstr_test *test,
		  char *why, size_t size)
{
	const char *reason = s->skips ? s->skips(s, test) : NULL;
	struct kt_topology topo = { 1, 1, 1, 1 };

	if (reason) {
		snprintf(why, size, "%s", reason);
		return true;
	}
	if (!kt_case_topology(test, s->options, &topo, why, size) &&
	    kt_declared_lacks(test, &topo, why, size))
		return true;
	if (skips_vcpus(s, &topo, why, size) ||
	    skips_memory(s, test, &topo, why, size))
		return true;
	if ((test->kaslr || s->options->kaslr) &&
	    skips_kaslr(&s->kernel, why, size))
		return true;
	if (test->nested && !s->caps.nested) {
		snprintf(why, size,
			 "needs machines that run machines, which engine %s cannot here; try --engine=qemu-tcg",
			 s->engine->name);
		return true;
	}
	return (test->captures || test->writes ||
		(s->options->sample_ms && kt_monitor_wanted(test))) &&
	       skips_captures(s, why, size);
}

int kt_run_describe(const struct kt_cell *cell, FILE *out)
{
	const struct kt_session *s = cell->session;
	struct kt_machine_plan mp;
	char cmdline[KT_CMDLINE_MAX], why[KT_SKIP_MAX];
	struct kt_case cs;
	char *text = NULL;
	u32 i;
	int ret;

	if (kt_run_skips(s, cell->test, why, sizeof(why))) {
		fprintf(out, "%s: skipped: %s\n", cell->name, why);
		return 0;
	}
	ret = resolve(&cs, s, cell, out);
	if (ret)
		goto out;
	if (*cs.sched) {
		fprintf(out, "scheduler in the guest: %s", cs.plan.sched_path);
		for (i = 0; i < cs.plan.sched_argc; i++)
			fprintf(out, " %s", cs.plan.sched_argv[i]);
		fputc('\n', out);
	}
	kt_boot_plan(s, &cs, &mp, cmdline);
	ret = s->engine->describe(&mp, &text);
	if (!ret)
		fprintf(out, "%s\n", text);
	free(text);
out:
	kt_case_fini(&cs);
	return ret;
}
