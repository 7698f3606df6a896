// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a dump's text in the order in which they tell, and those that
 * are not the kernel's: the outcome, what the monitor found, disks, what
 * programs printed.
 */
#include "../inspect/render.h"
#include "dump_out.h"
#include "dump_text.h"

#define BRIEF_FINDINGS	6
#define BRIEF_ABSENT	4	/* lines */

static void show_list(struct kt_dump_out *o, const char *head,
		      const json_t *texts)
{
	json_t *e;
	size_t i;

	json_array_foreach(texts, i, e)
		kt_dump_line(o, "%s%s", head, json_string_value(e) ?: "?");
}

static void show_claims(struct kt_dump_out *o, const json_t *claims)
{
	u64 held = 0;
	json_t *e;
	size_t i;

	json_array_foreach(claims, i, e) {
		held += json_is_true(json_object_get(e, "ok"));
		if (!json_is_true(json_object_get(e, "ok")))
			kt_dump_line(o, "  did not hold: %s: seen %lld, bound %lld",
				     kt_dump_str(e, "label"),
				     (long long)json_integer_value(json_object_get(e, "value")),
				     (long long)json_integer_value(json_object_get(e, "bound")));
	}
	if (held)
		kt_dump_line(o, "  expectations that held: %llu",
			     (unsigned long long)held);
}

static unsigned long long number(const json_t *object, const char *key)
{
	u64 n = 0;

	kt_dump_num(object, key, &n);
	return n;
}

/* Lines of a cgroup behind its first, as a run's report has them. */
static void show_cgroup_more(struct kt_dump_out *o, const json_t *g)
{
	if (number(g, "wakes"))
		kt_dump_line(o, "    %llu wakes, latency p50 %llu us, p99 %llu us, longest %llu us, varying by %llu%%",
			     number(g, "wakes"), number(g, "wake_p50_us"),
			     number(g, "wake_p99_us"),
			     number(g, "wake_max_us"), number(g, "wake_cv_pct"));
	if (number(g, "work_units"))
		kt_dump_line(o, "    %llu work units, varying by %llu%%, off CPU %llu%%, run delay %llu ms, %llu slices on %llu CPUs",
			     number(g, "work_units"),
			     number(g, "throughput_cv_pct"),
			     number(g, "off_cpu_pct"),
			     number(g, "run_delay_ns") / KT_NSEC_PER_MSEC,
			     number(g, "slices"), number(g, "cpus_used"));
	if (number(g, "pages"))
		kt_dump_line(o, "    %llu pages, %llu%% on nodes of its CPUs, %llu%% on nodes without CPUs; %llu migrations to another node",
			     number(g, "pages"), number(g, "local_pages_pct"),
			     number(g, "slow_pages_pct"),
			     number(g, "cross_node_migrations"));
}

static void show_cgroups(struct kt_dump_out *o, const json_t *cgroups)
{
	json_t *g;
	size_t i;

	json_array_foreach(cgroups, i, g) {
		kt_dump_line(o, "  cgroup %s: %llu workers, CPU share %llu..%llu%%, longest gap %llu ms, %llu migrations",
			     kt_dump_str(g, "name"), number(g, "workers"),
			     number(g, "min_share_pct"),
			     number(g, "max_share_pct"),
			     number(g, "longest_gap_ms"),
			     number(g, "migrations"));
		show_cgroup_more(o, g);
	}
}

static void show_machine(struct kt_dump_out *o, const json_t *dump)
{
	const json_t *times = json_object_get(dump, "times");
	const char *sched = kt_dump_str(dump, "sched");
	u64 ready = 0, workload = 0, ended = 0;

	kt_dump_num(times, "ready_ms", &ready);
	kt_dump_num(times, "workload_ms", &workload);
	kt_dump_num(times, "ended_ms", &ended);
	kt_dump_line(o, "on %s, kernel %s, %s%s", kt_dump_str(dump, "engine"),
		     kt_dump_str(dump, "kernel"),
		     kt_dump_str(dump, "topology"),
		     json_is_true(json_object_get(dump, "kaslr")) ? ", KASLR" :
		     "");
	kt_dump_line(o, "under %s; ready after %llu ms, %llu ms of workload, ended after %llu ms",
		     *sched ? sched : "the kernel's own scheduler",
		     (unsigned long long)ready, (unsigned long long)workload,
		     (unsigned long long)ended);
}

static void show_writes(struct kt_dump_out *o, const json_t *writes)
{
	json_t *e;
	size_t i;

	json_array_foreach(writes, i, e) {
		long long value = json_integer_value(json_object_get(e, "value"));
		u64 ms = 0;

		kt_dump_num(e, "at_ms", &ms);
		if (json_is_true(json_object_get(e, "made")))
			kt_dump_line(o, "the host wrote %s = %lld in %s, %llu ms into the workload",
				     kt_dump_str(e, "var"), value,
				     kt_dump_str(e, "map"),
				     (unsigned long long)ms);
		else
			kt_dump_line(o, "the host did not write %s = %lld: %s",
				     kt_dump_str(e, "var"), value,
				     kt_dump_str(e, "why"));
	}
}

static void show_head(struct kt_dump_out *o, const json_t *dump)
{
	const json_t *result = json_object_get(dump, "result");
	const char *why = kt_dump_str(dump, "why");

	kt_dump_line(o, "%s: %s %s: %s", kt_dump_str(dump, "outcome"),
		     kt_dump_str(dump, "program"), kt_dump_str(dump, "test"),
		     kt_dump_str(dump, "desc"));
	if (*why)
		kt_dump_line(o, "  %s", why);
	show_list(o, "  ", json_object_get(result, "details"));
	show_claims(o, json_object_get(result, "claims"));
	show_cgroups(o, json_object_get(result, "cgroups"));
	show_machine(o, dump);
	show_writes(o, json_object_get(dump, "writes"));
	if (*kt_dump_str(dump, "again"))
		kt_dump_line(o, "again: %s", kt_dump_str(dump, "again"));
}

static void show_monitor(struct kt_dump_out *o, const json_t *dump)
{
	const json_t *monitor = json_object_get(dump, "monitor");
	const json_t *findings = json_object_get(monitor, "findings");
	const char *why = kt_dump_str(monitor, "why");
	u64 samples = 0, interval = 0;
	json_t *e;
	size_t i;

	if (!monitor)
		return;
	kt_dump_num(monitor, "samples", &samples);
	kt_dump_num(monitor, "interval_ms", &interval);
	kt_dump_line(o, "monitor: %llu samples, %llu ms apart, %zu findings%s%s",
		     (unsigned long long)samples, (unsigned long long)interval,
		     json_array_size(findings), *why ? "; " : "", why);
	json_array_foreach(findings, i, e) {
		if (!kt_dump_more(o, i, BRIEF_FINDINGS,
				  json_array_size(findings)))
			break;
		kt_dump_line(o, "  %s", kt_dump_str(e, "text"));
	}
	if (!o->brief)
		kt_render_text(o->f, json_object_get(monitor, "timeline"), 1);
}

static void show_disks(struct kt_dump_out *o, const json_t *dump)
{
	const json_t *disks = json_object_get(dump, "disks");
	json_t *d;
	size_t i;

	json_array_foreach(disks, i, d) {
		u64 reads = 0, writes = 0, errors = 0, throttled = 0;

		kt_dump_num(d, "reads", &reads);
		kt_dump_num(d, "writes", &writes);
		kt_dump_num(d, "io_errors", &errors);
		kt_dump_num(d, "throttled", &throttled);
		kt_dump_line(o, "disk %s: %llu reads, %llu writes, %llu I/O errors, %llu throttled",
			     kt_dump_str(d, "name"), (unsigned long long)reads,
			     (unsigned long long)writes,
			     (unsigned long long)errors,
			     (unsigned long long)throttled);
	}
}

static void show_absent(struct kt_dump_out *o, const json_t *dump,
			const json_t *state)
{
	const json_t *absent = json_object_get(state, "absent");
	const char *no_state = kt_dump_str(dump, "no_state");
	const char *error = kt_dump_str(state, "error");
	struct kt_dump_words w;
	json_t *e;
	size_t i;

	if (*no_state)
		kt_dump_line(o, "the kernel was not looked into: %s", no_state);
	if (*error)
		kt_dump_line(o, "not all was seen: %s", error);
	kt_dump_words_init(&w, o, "absent: ", BRIEF_ABSENT);
	json_array_foreach(absent, i, e)
		kt_dump_word(&w, "%s", json_string_value(e) ?: "?");
	kt_dump_words_end(&w);
	if (!o->brief)
		show_list(o, "left out of the record: ",
			  json_object_get(dump, "cut"));
}

static void show_frames(struct kt_dump_out *o, const json_t *frames)
{
	json_t *f;
	size_t i;

	if (json_array_size(frames))
		kt_dump_line(o, "frames");
	json_array_foreach(frames, i, f) {
		const char *text = kt_dump_str(f, "text");
		u64 ns = 0, len = 0;

		kt_dump_num(f, "at_ns", &ns);
		kt_dump_num(f, "len", &len);
		kt_dump_line(o, "  %llu ms %s, %llu bytes%s%s%s",
			     (unsigned long long)(ns / 1000000),
			     kt_dump_str(f, "type"), (unsigned long long)len,
			     json_is_false(json_object_get(f, "crc_ok")) ?
			     ", bad CRC" : "", *text ? ": " : "", text);
	}
}

/* Text of many lines. */
static void show_text(struct kt_dump_out *o, const char *head,
		      const json_t *text)
{
	if (!json_is_string(text))
		return;
	kt_dump_line(o, "%s", head);
	kt_render_text(o->f, text, 1);
}

static void show_rest(struct kt_dump_out *o, const json_t *dump,
		      const json_t *state)
{
	const json_t *scx = json_object_get(state, "sched_ext");
	const json_t *texts = json_object_get(dump, "texts");
	const char *key;
	json_t *e;

	show_frames(o, json_object_get(dump, "frames"));
	show_text(o, "sched_ext's own dump",
		  json_object_get(json_object_get(scx, "exit"), "dump"));
	json_object_foreach((json_t *)texts, key, e)
		show_text(o, key, e);
}

static void show(struct kt_dump_out *o, const json_t *dump)
{
	static void (*const parts[])(struct kt_dump_out *o,
				     const json_t *state) = {
		kt_dump_show_sched, kt_dump_show_tasks, kt_dump_show_cpus,
		kt_dump_show_dsqs, kt_dump_show_vcpus, kt_dump_show_vars,
		kt_dump_show_stacks, kt_dump_show_maps, kt_dump_show_progs,
		kt_dump_show_events,
	};
	const json_t *state = json_object_get(dump, "state");
	size_t i;

	if (!o->brief)
		show_head(o, dump);
	for (i = 0; state && i < ARRAY_SIZE(parts); i++)
		parts[i](o, state);
	show_absent(o, dump, state);
	if (!o->brief) {
		show_monitor(o, dump);
		show_disks(o, dump);
		show_rest(o, dump, state);
	}
}

void kt_dump_text(FILE *out, const json_t *dump)
{
	struct kt_dump_out o = { .f = out, .dump = dump };

	show(&o, dump);
}

void kt_dump_text_brief(FILE *out, const json_t *dump)
{
	struct kt_dump_out o = {
		.f = out,
		.dump = dump,
		.brief = true,
		.lines_left = KT_DUMP_BRIEF_LINES,
		.bytes_left = KT_DUMP_BRIEF_BYTES,
	};

	show(&o, dump);
}
