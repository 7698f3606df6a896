// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was found in a repeated run, in words.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ktstr/base/log.h"
#include "ktstr/host/chase.h"
#include "ktstr/host/dump.h"
#include "ktstr/host/dump_text.h"
#include "ktstr/host/events.h"
#include "ktstr/host/rerun.h"
#include "ktstr/inspect/json.h"
#include "chase.h"

static bool looks(const struct chase *c)
{
	return c->at || c->snapshot || c->watch || c->gdb || c->bisect;
}

bool chase_wanted(const struct chase *c)
{
	return looks(c) || c->verbose_trace;
}

static int check_options(const struct chase *c)
{
	if (c->snapshot && !c->at)
		return kt_err(-EINVAL, "--snapshot: of which moment? add --at, as --at 3.2s");
	if (c->at && !c->snapshot && !c->gdb)
		return kt_err(-EINVAL, "--at %s: what is to be done then? add --snapshot or --gdb",
			      c->at);
	if (c->bisect && (c->at || c->watch || c->gdb))
		return kt_err(-EINVAL, "--bisect goes alone: it finds a time by itself");
	if (c->verbose_trace && (c->bisect || c->gdb))
		return kt_err(-EINVAL, "--verbose-trace makes another run of it: trace that first, and do this with its record");
	if (c->watch && (!*c->watch || strchr(c->watch, ';')))
		return kt_err(-EINVAL, "--watch \"%s\" is no name of a variable",
			      c->watch);
	return 0;
}

/* The last moment that the record at @dir knows of; -errno, reported. */
static int check_record(const char *dir, u64 *end_ns)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/" KT_RERUN_IDENTITY,
			     dir) >= sizeof(path))
		return -ENAMETOOLONG;
	if (access(path, R_OK))
		return kt_err(-EINVAL, "%s ran in real time, which does not come again: run the test with --deterministic, and name that run",
			      dir);
	return kt_rerun_end(dir, end_ns);
}

int chase_prepare(struct chase *c, const char *dir)
{
	char end[32];
	int ret;

	ret = check_options(c);
	if (!ret)
		ret = check_record(dir, &c->end_ns);
	if (ret)
		return ret;
	c->opts.on = looks(c);
	c->opts.watch = c->watch;
	if (!c->at) {
		c->opts.nr_at = c->gdb;
		return 0;
	}
	if (kt_chase_parse_time(c->at, &c->opts.at_ns[0]))
		return kt_err(-EINVAL, "--at \"%s\" is no time: write 3.2s, 3200ms or 3200000us",
			      c->at);
	if (c->opts.at_ns[0] > c->end_ns)
		return kt_err(-ERANGE, "--at %s is behind the end of the run, which was at %s; name a time before",
			      c->at, kt_chase_time(c->end_ns, end, sizeof(end)));
	c->opts.nr_at = 1;
	return 0;
}

/* The capture called @tag, of the record at @dir; NULL: reported. */
static json_t *find_capture(const char *dir, const char *tag)
{
	json_t *all = kt_chase_captures(dir), *e, *found = NULL;
	const char *name;
	size_t i;

	json_array_foreach(all, i, e) {
		name = json_string_value(json_object_get(e, "tag"));
		if (name && !strcmp(name, tag))
			found = json_incref(e);
	}
	if (all && !found)
		kt_err(-ENOENT, "%s: there is no capture \"%s\"", dir, tag);
	json_decref(all);
	return found;
}

static int print_stop(const char *dir, const json_t *stop)
{
	const char *tag = json_string_value(json_object_get(stop, "tag"));
	const char *err = json_string_value(json_object_get(stop, "error"));
	json_t *dump, *state;

	if (!tag)
		return kt_err(-EAGAIN, "nothing can be seen then: %s",
			      err ? err : "?");
	state = find_capture(dir, tag);
	if (!state || kt_dump_read(dir, &dump)) {
		json_decref(state);
		return -ENOENT;
	}
	printf("%s of virtual time\n", tag);
	json_object_set_new(dump, "state", state);
	kt_dump_text(stdout, dump);
	json_decref(dump);
	return 0;
}

/* What the run itself has to say of it: its verdict's first words. */
static const char *why_none(const json_t *dump)
{
	const char *why = json_string_value(json_object_get(dump, "why"));
	const json_t *details;

	if (why && *why)
		return why;
	details = json_object_get(json_object_get(dump, "result"), "details");
	why = json_string_value(json_array_get(details, 0));
	return why ?: "it does not say why";
}

int chase_print_events(const char *again)
{
	json_t *dump;
	int ret = kt_events_print(stdout, again);

	if (!ret || kt_dump_read(again, &dump))
		return ret;
	kt_err(ret, "%s has no events: %s", again, why_none(dump));
	json_decref(dump);
	return ret;
}

int chase_print(const struct chase *c, const char *again)
{
	json_t *found, *stop;
	const char *error;
	int ret, err = 0;
	size_t i;

	ret = kt_chase_read(again, &found);
	if (ret)
		return ret;
	error = json_string_value(json_object_get(found, "error"));
	if (c->watch && json_object_get(found, "watch"))
		kt_chase_print_writes(stdout, found);
	if (c->snapshot)
		json_array_foreach(json_object_get(found, "stops"), i, stop)
			err = print_stop(again, stop) ?: err;
	if (error)
		err = kt_err(-ENOENT, "%s", error);
	json_decref(found);
	return err;
}
