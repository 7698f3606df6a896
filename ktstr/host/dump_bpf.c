// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler's variables, maps, programs and events in a dump's text. Of
 * variables those come first that are not zero: a switch that was set is
 * often the cause.
 */
#include "../inspect/render.h"
#include "dump_out.h"

#define BRIEF_VAR_LINES	6	/* of one map */
#define BRIEF_VALUE	80	/* bytes of one */
#define BRIEF_VAR_MAPS	4
#define BRIEF_MAPS	8
#define BRIEF_EVENTS	4	/* lines */
#define MAX_LEVELS	8

static bool is_zero(const json_t *v, u32 level)
{
	const char *text = json_string_value(v), *key;
	json_t *e;
	size_t i;

	if (level == MAX_LEVELS)
		return false;
	json_object_foreach((json_t *)v, key, e)
		if (!is_zero(e, level + 1))
			return false;
	json_array_foreach(v, i, e)
		if (!is_zero(e, level + 1))
			return false;
	if (text)
		return !*text || !strcmp(text, "0x0") || strstr(text, "(0)") ||
		       strstr(text, " more, all zero");
	return !json_is_true(v) && !json_integer_value(v) &&
	       !json_is_real(v);
}

/* What bpf_printk() and its like are given is a variable, too. */
static bool is_text(const char *name)
{
	return strstr(name, "___fmt");
}

static void add_vars(struct kt_dump_words *w, const json_t *vars, bool zero)
{
	const char *key;
	char *value;
	json_t *v;

	json_object_foreach((json_t *)vars, key, v) {
		if (is_zero(v, 0) != zero || (w->o->brief && is_text(key)))
			continue;
		value = zero ? NULL :
			kt_dump_value(v, w->o->brief ? BRIEF_VALUE : SIZE_MAX);
		kt_dump_word(w, "%s%s%s", key, zero ? "" : " ", value ?: "");
		free(value);
	}
}

static void show_vars(struct kt_dump_out *o, const json_t *map)
{
	const json_t *vars = json_object_get(map, "variables");
	struct kt_dump_words w;
	char head[64];

	snprintf(head, sizeof(head), "  %.48s: ", kt_dump_str(map, "name"));
	kt_dump_words_init(&w, o, head, BRIEF_VAR_LINES);
	add_vars(&w, vars, false);
	kt_dump_words_end(&w);
	kt_dump_words_init(&w, o, w.lines ? "    zero: " : head, 2);
	add_vars(&w, vars, true);
	kt_dump_words_end(&w);
}

/* Those of a map of which none was ever set say nothing in brief. */
static bool has_vars(const struct kt_dump_out *o, const json_t *map)
{
	const json_t *vars = json_object_get(map, "variables");
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)vars, key, v)
		if (!o->brief || (!is_zero(v, 0) && !is_text(key)))
			return true;
	return false;
}

static bool is_rodata(const json_t *map)
{
	return strstr(kt_dump_str(map, "name"), ".rodata");
}

void kt_dump_show_vars(struct kt_dump_out *o, const json_t *state)
{
	const json_t *maps = json_object_get(state, "maps");
	size_t i, nr = 0, shown = 0;
	json_t *map;
	int ro;

	json_array_foreach(maps, i, map)
		nr += has_vars(o, map);
	if (nr)
		kt_dump_line(o, "variables of BPF programs");
	/* constants behind what changes */
	for (ro = 0; ro < 2; ro++)
		json_array_foreach(maps, i, map) {
			if (!has_vars(o, map) || is_rodata(map) != ro)
				continue;
			if (!kt_dump_more(o, shown++, BRIEF_VAR_MAPS, nr))
				return;
			show_vars(o, map);
		}
}

static void show_map(struct kt_dump_out *o, const json_t *map)
{
	const json_t *entries = json_object_get(map, "entries");
	const char *cut = kt_dump_str(map, "cut");

	kt_dump_line(o, "  %s (%s): %zu entr%s%s%s",
		     kt_dump_str(map, "name"), kt_dump_str(map, "type"),
		     json_array_size(entries),
		     json_array_size(entries) == 1 ? "y" : "ies",
		     *cut ? "; " : "", cut);
	if (!o->brief && json_array_size(entries))
		kt_render_text(o->f, entries, 2);
}

void kt_dump_show_maps(struct kt_dump_out *o, const json_t *state)
{
	const json_t *maps = json_object_get(state, "maps");
	size_t i, nr = 0, shown = 0;
	json_t *map;

	json_array_foreach(maps, i, map)
		nr += !json_object_get(map, "variables");
	if (nr)
		kt_dump_line(o, "other maps");
	json_array_foreach(maps, i, map) {
		if (json_object_get(map, "variables"))
			continue;
		if (!kt_dump_more(o, shown++, BRIEF_MAPS, nr))
			return;
		show_map(o, map);
	}
}

void kt_dump_show_progs(struct kt_dump_out *o, const json_t *state)
{
	const json_t *progs = json_object_get(state, "progs");
	json_t *prog;
	u64 insns, runs, ns;
	size_t i;

	if (o->brief || !json_array_size(progs))
		return;
	kt_dump_line(o, "programs");
	json_array_foreach(progs, i, prog) {
		insns = 0;
		runs = 0;
		ns = 0;
		kt_dump_num(prog, "verified_insns", &insns);
		kt_dump_num(prog, "run_count", &runs);
		kt_dump_num(prog, "run_ns", &ns);
		kt_dump_line(o, "  %s (%s): %llu instructions verified, ran %llu times, %llu ns in all",
			     kt_dump_str(prog, "name"),
			     kt_dump_str(prog, "type"),
			     (unsigned long long)insns,
			     (unsigned long long)runs, (unsigned long long)ns);
	}
}

void kt_dump_show_events(struct kt_dump_out *o, const json_t *state)
{
	const json_t *events = json_object_get(state, "events");
	struct kt_dump_words w;
	const char *key;
	json_t *v;

	kt_dump_words_init(&w, o, "events of sched_ext: ", BRIEF_EVENTS);
	json_object_foreach((json_t *)events, key, v)
		if (!is_zero(v, 0))
			kt_dump_word(&w, "%s %lld", key,
				     (long long)json_integer_value(v));
	if (json_object_size(events) && !w.line.len_bytes)
		kt_dump_word(&w, "none was counted");
	kt_dump_words_end(&w);
}
