// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what the coordinator kept to one tree, and that tree to a file and
 * back. How it reads is dump_text's.
 */
#include <limits.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "cgroups.h"
#include "dump.h"
#include "monitor.h"
#include "pathf.h"

#define MAX_FRAMES	256	/* of a run's, the last ones */
#define TEXT_BYTES	(16u << 10)	/* of each stream, its end */
#define EXIT_TAG	"exit"

static void set_ms(json_t *o, const char *key, u64 ns)
{
	kt_json_set_u64(o, key, ns / KT_NSEC_PER_MSEC);
}

static json_t *times_json(const struct kt_coord *c)
{
	json_t *o = json_object();

	if (c->ready_ns)
		set_ms(o, "ready_ms", c->ready_ns);
	set_ms(o, "workload_ms", c->workload_total_ns);
	set_ms(o, "ended_ms", c->ended_ns);
	return o;
}

static void set_case(json_t *o, const struct kt_case *cs)
{
	char topo[KT_TOPOLOGY_STR];
	json_t *args = json_array();
	u32 i;

	kt_json_set_text(o, "test", cs->test->name);
	kt_json_set_text(o, "desc", cs->test->desc);
	kt_json_set_text(o, "topology", kt_topology_str(&cs->topo, topo,
							sizeof(topo)));
	kt_json_set_u64(o, "memory_mib", cs->memory_mib);
	kt_json_set(o, "kaslr", json_boolean(cs->kaslr));
	kt_json_set_text(o, "sched", cs->sched);
	for (i = 0; i < cs->plan.sched_argc; i++)
		json_array_append_new(args, kt_json_text(cs->plan.sched_argv[i],
							 KT_PLAN_ARG_MAX));
	kt_json_set(o, "sched_args", args);
}

static json_t *details_json(const struct kt_result *r)
{
	json_t *all = json_array();
	u32 i;

	for (i = 0; i < r->nr_details; i++)
		json_array_append_new(all,
				      kt_json_textf("%s%s", r->details[i].kind ==
						    KT_DETAIL_INFO ? "note: " : "",
						    r->details[i].text));
	return all;
}

static json_t *claims_json(const struct kt_result *r)
{
	json_t *all = json_array(), *o;
	u32 i;

	for (i = 0; i < r->nr_claims; i++) {
		o = json_object();
		kt_json_set_text(o, "label", r->claims[i].label);
		kt_json_set(o, "value", json_integer(r->claims[i].value));
		kt_json_set(o, "bound", json_integer(r->claims[i].bound));
		kt_json_set(o, "ok", json_boolean(r->claims[i].ok));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *cgroup_json(const struct kt_cgroup_stats *g)
{
	json_t *o = json_object();

	kt_json_set_text(o, "name", g->name);
	kt_json_set_u64(o, "workers", g->workers);
	kt_json_set_u64(o, "iterations", g->iterations);
	set_ms(o, "cpu_ms", g->cpu_ns);
	kt_json_set_u64(o, "min_share_pct", g->min_share_pct);
	kt_json_set_u64(o, "max_share_pct", g->max_share_pct);
	kt_json_set_u64(o, "longest_gap_ms", g->longest_gap_ms);
	kt_json_set_u64(o, "gap_cpu", g->gap_cpu);
	kt_json_set_u64(o, "migrations", g->migrations);
	kt_cgroups_json(o, g);
	return o;
}

static json_t *result_json(const struct kt_result *r)
{
	json_t *o = json_object(), *cgroups = json_array();
	u32 i;

	kt_json_set(o, "details", details_json(r));
	kt_json_set(o, "claims", claims_json(r));
	for (i = 0; i < r->nr_cgroups; i++)
		json_array_append_new(cgroups, cgroup_json(&r->cgroups[i]));
	kt_json_set(o, "cgroups", cgroups);
	return o;
}

/* What a short frame says. */
static void set_said(json_t *o, const struct kt_kept_frame *f)
{
	struct kt_stimulus stim;
	char reason[256];
	u8 phase;
	s32 code;

	if ((f->msg_type == KT_TAG_SCHED_EXIT || f->msg_type == KT_TAG_EXIT) &&
	    !kt_i32_decode(&code, f->payload, f->len_bytes))
		kt_json_set(o, "text", kt_json_textf("code %d", code));
	else if (f->msg_type == KT_TAG_LIFECYCLE &&
		 !kt_lifecycle_decode(&phase, reason, sizeof(reason),
				      f->payload, f->len_bytes))
		kt_json_set(o, "text", kt_json_textf("phase %u%s%s", phase,
						     *reason ? ": " : "",
						     reason));
	else if (f->msg_type == KT_TAG_STIMULUS &&
		 !kt_stimulus_decode(&stim, f->payload, f->len_bytes))
		kt_json_set(o, "text",
			    kt_json_textf("step %u, %u cgroups, %u workers",
					  stim.step_index, stim.cgroup_count,
					  stim.worker_count));
}

static json_t *frames_json(const struct kt_bucket *b)
{
	const struct kt_tag_info *info;
	json_t *all = json_array(), *o;
	char tag[5];
	u32 i;

	for (i = b->nr_frames - min_t(u32, b->nr_frames, MAX_FRAMES);
	     i < b->nr_frames; i++) {
		const struct kt_kept_frame *f = b->frames[i];

		o = json_object();
		info = kt_tag_info(f->msg_type);
		kt_json_set_text(o, "type", info ? info->name :
				 kt_tag_str(f->msg_type, tag));
		kt_json_set_u64(o, "at_ns", f->at_ns);
		kt_json_set_u64(o, "len", f->len_bytes);
		kt_json_set(o, "crc_ok", json_boolean(f->crc_ok));
		if (f->crc_ok)
			set_said(o, f);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *disks_json(const struct kt_disks *d)
{
	json_t *all = json_array(), *o;
	u32 i;

	for (i = 0; i < d->nr; i++) {
		const struct kt_block_counters *c = &d->counters[i];

		o = json_object();
		kt_json_set(o, "name", kt_json_textf("vd%c", 'a' + i));
		kt_json_set_u64(o, "reads", c->reads);
		kt_json_set_u64(o, "read_bytes", c->read_bytes);
		kt_json_set_u64(o, "writes", c->writes);
		kt_json_set_u64(o, "write_bytes", c->write_bytes);
		kt_json_set_u64(o, "flushes", c->flushes);
		kt_json_set_u64(o, "io_errors", c->io_errors);
		kt_json_set_u64(o, "throttled", c->throttled);
		kt_json_set_u64(o, "poisoned", c->poisoned);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *writes_json(const struct kt_writes *w)
{
	json_t *all = json_array(), *o;
	u32 i;

	for (i = 0; i < w->nr; i++) {
		const struct kt_write_result *r = &w->results[i];

		o = json_object();
		kt_json_set_text(o, "var", w->list[i].var);
		kt_json_set(o, "value", json_integer(w->list[i].value));
		kt_json_set(o, "made", json_boolean(r->made));
		if (r->made) {
			kt_json_set_text(o, "map", r->map);
			kt_json_set(o, "before", json_integer(r->before));
			set_ms(o, "at_ms", r->at_ns);
		} else {
			kt_json_set_text(o, "why", r->why);
		}
		json_array_append_new(all, o);
	}
	return all;
}

static void set_tail(json_t *o, const char *key, const struct kt_tail *t)
{
	char *text = t->total_bytes ? kt_tail_text(t, TEXT_BYTES) : NULL;

	if (text)
		kt_json_set_text(o, key, text);
	free(text);
}

static json_t *texts_json(const struct kt_coord *c)
{
	const struct kt_tail *t = c->bucket.texts;
	json_t *o = json_object();

	set_tail(o, "scheduler", &t[KT_TEXT_SCHED]);
	set_tail(o, "stdout", &t[KT_TEXT_STDOUT]);
	set_tail(o, "stderr", &t[KT_TEXT_STDERR]);
	set_tail(o, "kernel_log", &t[KT_TEXT_DMESG]);
	set_tail(o, "hvc", &c->hvc);
	set_tail(o, "console", &c->console.tail);
	return o;
}

static bool shows_state(const struct kt_capture *e)
{
	/* the last member that a look at the kernel makes */
	return json_object_get(e->state, "absent");
}

/*
 * Which moment tells most: that of the store by which the scheduler ended, of
 * several the last; else the end of the workload, or of the run.
 */
static const struct kt_capture *choose(const struct kt_coord *c)
{
	const struct kt_capture *e, *best = NULL;
	u32 i;

	for (i = 0; (e = kt_captures_get(&c->captures, i)); i++)
		if ((e->cause == KT_CAPTURE_WATCH ||
		     e->cause == KT_CAPTURE_POLL) &&
		    !strcmp(e->tag, EXIT_TAG) && shows_state(e))
			best = e;
	return best ? best : &c->last_look;
}

static const char *say_no_state(const struct kt_coord *c,
				const struct kt_capture *e)
{
	if (*e->error)
		return e->error;
	if (!c->ready_ns)
		return "the guest never said that it was ready, nor where its kernel is";
	return "no workload had ended, and the guest ended by itself";
}

static void set_state(json_t *o, const struct kt_coord *c)
{
	const struct kt_capture *e = choose(c);
	json_t *tags = json_array();
	u32 i;

	if (shows_state(e))
		kt_json_set(o, "state", json_incref(e->state));
	else
		kt_json_set_text(o, "no_state", say_no_state(c, e));
	for (i = 0; (e = kt_captures_get(&c->captures, i)); i++)
		json_array_append_new(tags, kt_json_text(e->tag,
							 sizeof(e->tag)));
	kt_json_set(o, "captures", tags);
}

json_t *kt_dump_make(const struct kt_dump_facts *f)
{
	json_t *o = json_object();

	kt_json_set_u64(o, "format", KT_DUMP_FORMAT);
	kt_json_set_text(o, "program", f->program);
	set_case(o, f->cs);
	kt_json_set_text(o, "outcome", kt_outcome_info(f->outcome)->name);
	kt_json_set_text(o, "why", f->why);
	kt_json_set(o, "engine", kt_json_textf("%s (%s)", f->engine,
					       f->engine_version));
	kt_json_set_text(o, "kernel", f->kernel);
	kt_json_set(o, "times", times_json(f->c));
	if (f->again)
		kt_json_set_text(o, "again", f->again);
	if (f->result)
		kt_json_set(o, "result", result_json(f->result));
	set_state(o, f->c);
	kt_json_set(o, "monitor", kt_monitor_json(f->c));
	kt_json_set(o, "writes", writes_json(&f->c->writes));
	kt_json_set(o, "frames", frames_json(&f->c->bucket));
	kt_json_set(o, "disks", disks_json(&f->cs->disks));
	kt_json_set(o, "texts", texts_json(f->c));
	return o;
}

/* Leaves the first @most elements of each map. */
static bool cut_entries(json_t *dump, size_t most)
{
	json_t *maps = json_object_get(json_object_get(dump, "state"), "maps");
	json_t *map, *entries;
	bool cut = false;
	size_t i, nr;

	json_array_foreach(maps, i, map) {
		entries = json_object_get(map, "entries");
		nr = json_array_size(entries);
		if (nr <= most)
			continue;
		while (json_array_size(entries) > most)
			json_array_remove(entries, json_array_size(entries) - 1);
		kt_json_set(map, "cut", kt_json_textf("%zu entries more",
						      nr - most));
		cut = true;
	}
	return cut;
}

static bool cut_member(json_t *o, const char *key)
{
	return o && !json_object_del(o, key);
}

/* Takes out what is next, in words; NULL when there is nothing left. */
static const char *cut_more(json_t *dump, u32 *step)
{
	json_t *state = json_object_get(dump, "state");

	for (;;) {
		switch ((*step)++) {
		case 0:
			if (cut_entries(dump, 16))
				return "entries of maps behind the 16th";
			break;
		case 1:
			if (cut_entries(dump, 0))
				return "all entries of maps";
			break;
		case 2:
			if (cut_member(dump, "monitor"))
				return "monitor";
			break;
		case 3:
			if (cut_member(state, "maps"))
				return "state.maps";
			break;
		case 4:
			if (cut_member(state, "vcpus"))
				return "state.vcpus";
			break;
		case 5:
			if (cut_member(state, "tasks"))
				return "state.tasks";
			break;
		case 6:
			if (cut_member(dump, "texts"))
				return "texts";
			break;
		case 7:
			if (cut_member(dump, "state"))
				return "state";
			break;
		default:
			return NULL;
		}
	}
}

static char *cut_to_fit(json_t *dump, size_t max_bytes)
{
	char *text = json_dumps(dump, JSON_INDENT(1));
	json_t *cut = json_array();
	const char *what;
	u32 step = 0;

	kt_json_set(dump, "cut", cut);
	while (text && strlen(text) > max_bytes) {
		what = cut_more(dump, &step);
		if (!what)
			break;
		json_array_append_new(cut, kt_json_text(what, strlen(what)));
		free(text);
		text = json_dumps(dump, JSON_INDENT(1));
	}
	return text;
}

void kt_dump_write(FILE *out, const json_t *dump, size_t max_bytes)
{
	char *text = json_dumps(dump, JSON_INDENT(1));
	json_t *copy;

	if (text && strlen(text) > max_bytes) {
		free(text);
		copy = json_deep_copy(dump);
		text = cut_to_fit(copy, max_bytes);
		json_decref(copy);
	}
	if (text)
		fprintf(out, "%s\n", text);
	else
		kt_warn("the dump cannot be written: no memory");
	free(text);
}

/* What is known of a record without a dump. */
static int no_dump(const char *dir, int err)
{
	char path[PATH_MAX], outcome[64];

	if (!kt_pathf(path, "%s/outcome", dir) &&
	    !kt_read_line(path, outcome, sizeof(outcome)))
		return kt_err(err, "%s has no %s: its outcome is \"%s\", and no machine ran or it is of an older ktstr; run the test again",
			      dir, KT_DUMP_NAME, outcome);
	return kt_err(err, "%s has no %s: name the record of a run, as the line \"record:\" of its output does",
		      dir, KT_DUMP_NAME);
}

int kt_dump_read(const char *dir, json_t **dump)
{
	char path[PATH_MAX], *text;
	json_error_t error;
	json_t *read;
	u64 format = 0;
	size_t len;
	int ret;

	ret = kt_pathf(path, "%s/" KT_DUMP_NAME, dir);
	if (!ret)
		ret = kt_read_file(path, KT_DUMP_MAX_READ, &text, &len);
	if (ret == -ENOENT || ret == -ENOTDIR)
		return no_dump(dir, ret);
	if (ret)
		return kt_err(ret, "%s/%s: cannot be read: %s", dir,
			      KT_DUMP_NAME, strerror(-ret));
	read = json_loadb(text, len, 0, &error);
	free(text);
	kt_text_sanitize(error.text, strlen(error.text));
	if (!read)
		return kt_err(-EPROTO, "%s: line %d: %s; it was written by another program or cut off: run the test again",
			      path, error.line, error.text);
	if (!json_is_object(read) ||
	    kt_json_get_u64(json_object_get(read, "format"), &format) ||
	    format != KT_DUMP_FORMAT) {
		json_decref(read);
		return kt_err(-EPROTO, "%s: no dump of format %u; use the ktstr that wrote it",
			      path, KT_DUMP_FORMAT);
	}
	*dump = read;
	return 0;
}
