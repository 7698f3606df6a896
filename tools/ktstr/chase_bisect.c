// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ktstr rerun --bisect`: a run shows many moments, so an interval is divided by
 * more than two each time. One at which nothing can be seen is one at which the
 * condition does not hold.
 */
#include <limits.h>
#include <stdio.h>

#include "ktstr/base/log.h"
#include "ktstr/host/chase.h"
#include "ktstr/host/condition.h"
#include "ktstr/host/rerun.h"
#include "ktstr/inspect/json.h"
#include "chase.h"
#include "rerun.h"

#define MOMENTS		15	/* in each run */
#define MAX_RUNS	16
#define TICK_NS		KT_NSEC_PER_MSEC

struct interval {
	u64 lo_ns;		/* it does not hold here, as far as is known */
	u64 hi_ns;		/* here it does */
	bool found;		/* @hi_ns */
	char why[512];		/* the last time it could not be said */
};

/* Between the ends, which are known, but for the last one of the first run. */
static void choose(struct kt_chase_opts *o, const struct interval *iv)
{
	u64 span = iv->hi_ns - iv->lo_ns, at;
	u32 i;

	o->nr_at = 0;
	for (i = 1; i <= MOMENTS; i++) {
		at = iv->lo_ns + span / (MOMENTS + 1) * i +
		     span % (MOMENTS + 1) * i / (MOMENTS + 1);
		if (at > iv->lo_ns &&
		    (!o->nr_at || at > o->at_ns[o->nr_at - 1]))
			o->at_ns[o->nr_at++] = at;
	}
	if (!iv->found)
		o->at_ns[o->nr_at++] = iv->hi_ns;
}

static json_t *state_of(const json_t *captures, const json_t *stop)
{
	const char *tag = json_string_value(json_object_get(stop, "tag"));
	const char *name;
	json_t *e;
	size_t i;

	json_array_foreach(captures, i, e) {
		name = json_string_value(json_object_get(e, "tag"));
		if (tag && name && !strcmp(tag, name))
			return e;
	}
	return NULL;
}

/* Narrows @iv by the stops of one run. Whether that was of any use. */
static bool narrow(struct interval *iv, const struct kt_condition *cond,
		   const json_t *stops, const json_t *captures)
{
	u64 lo = iv->lo_ns, hi = iv->hi_ns, at;
	bool found = iv->found;
	json_t *stop, *state;
	size_t i;

	json_array_foreach(stops, i, stop) {
		if (kt_json_get_u64(json_object_get(stop, "at_ns"), &at) ||
		    (found && at >= iv->hi_ns))
			break;
		state = state_of(captures, stop);
		if (state && kt_condition_holds(cond, state, iv->why,
						sizeof(iv->why)) == 1) {
			iv->hi_ns = at;
			iv->found = true;
			break;
		}
		iv->lo_ns = max(iv->lo_ns, at);
	}
	return iv->lo_ns != lo || iv->hi_ns != hi || iv->found != found;
}

/* One run more. 1: narrower, 0: that is all, -errno. */
static int look(struct chase *c, const struct kt_condition *cond,
		const char *dir, struct interval *iv)
{
	char again[PATH_MAX];
	json_t *found, *captures;
	int ret;

	choose(&c->opts, iv);
	if (!c->opts.nr_at)
		return 0;
	ret = rerun_run(dir, &c->opts, false, again, sizeof(again));
	if (!ret)
		ret = kt_chase_read(again, &found);
	if (ret)
		return ret;
	captures = kt_chase_captures(again);
	if (!json_object_get(found, "stops"))
		ret = kt_err(-EPROTO, "%s: the run was not stopped anywhere: %s",
			     again,
			     json_string_value(json_object_get(found, "error")) ?: "?");
	else
		ret = narrow(iv, cond, json_object_get(found, "stops"),
			     captures);
	json_decref(captures);
	json_decref(found);
	return ret;
}

static int say(const struct chase *c, const char *dir,
	       const struct interval *iv, u32 runs)
{
	char hi[32], lo[32];

	kt_chase_time(iv->hi_ns, hi, sizeof(hi));
	kt_chase_time(iv->lo_ns, lo, sizeof(lo));
	if (!iv->found) {
		printf("%s holds at none of the moments looked at, up to %s%s%s\n",
		       c->bisect, lo, *iv->why ? "; " : "", iv->why);
		return 1;
	}
	printf("%s holds first at %s of virtual time, and does not at %s (%u runs)\n"
	       "look: ktstr rerun --at %lluus --snapshot %s\n", c->bisect, hi, lo,
	       runs, (unsigned long long)iv->hi_ns / 1000, dir);
	return 0;
}

int chase_bisect(struct chase *c, const char *dir)
{
	struct interval iv = {};
	struct kt_condition cond;
	int ret = 1;
	u32 runs;

	if (kt_condition_parse(&cond, c->bisect) ||
	    kt_rerun_end(dir, &iv.hi_ns))
		return 2;
	c->opts.ends = true;
	for (runs = 0; runs < MAX_RUNS && ret == 1; runs++) {
		if (runs && (!iv.found || iv.hi_ns - iv.lo_ns <= TICK_NS))
			break;
		ret = look(c, &cond, dir, &iv);
	}
	return ret < 0 ? 2 : say(c, dir, &iv, runs);
}
