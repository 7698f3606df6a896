// SPDX-License-Identifier: GPL-2.0-only
/*
 * Halving one thing after the other. What a try has to say is in its own record.
 */
#include <poll.h>

#include "../base/log.h"
#include "shrink.h"

static void point(struct kt_shrink *sh)
{
	if (*sh->topology)
		sh->options.topology = sh->topology;
	if (*sh->duration)
		sh->options.duration = sh->duration;
}

int kt_shrink_init(struct kt_shrink *sh, const struct kt_options *o,
		   const struct ktstr_test *test)
{
	char why[256];

	memset(sh, 0, sizeof(*sh));
	sh->options = *o;
	/* a try is told apart from what it was made of by these */
	if (!sh->options.duration_ms)
		sh->options.duration_ms = test->duration_ms;
	return kt_case_topology(test, o, &sh->topo, why, sizeof(why));
}

void kt_shrink_copy(struct kt_shrink *to, const struct kt_shrink *from)
{
	*to = *from;
	point(to);
}

static bool halve(u32 *n)
{
	if (*n < 2)
		return false;
	*n /= 2;
	return true;
}

static bool halve_topology(struct kt_shrink *sh, enum kt_shrink_kind kind)
{
	struct kt_topology *t = &sh->topo;
	bool done = false;

	if (kind == KT_SHRINK_NODES && !t->mem_nodes && halve(&t->nodes)) {
		t->llcs = max(t->llcs / 2, t->nodes);
		t->llcs -= t->llcs % t->nodes;
		done = true;
	} else if (kind == KT_SHRINK_LLCS && t->llcs / 2 >= t->nodes) {
		t->llcs /= 2;
		t->llcs -= t->llcs % t->nodes;
		done = true;
	} else if (kind == KT_SHRINK_CORES) {
		done = halve(&t->cores);
	} else if (kind == KT_SHRINK_THREADS) {
		done = halve(&t->threads);
	}
	if (done)
		kt_topology_str(t, sh->topology, sizeof(sh->topology));
	return done;
}

bool kt_shrink_halve(struct kt_shrink *sh, enum kt_shrink_kind kind)
{
	struct kt_options *o = &sh->options;

	if (kind < KT_SHRINK_WORKERS) {
		if (!halve_topology(sh, kind))
			return false;
	} else if (kind == KT_SHRINK_WORKERS) {
		o->workers_pct = o->workers_pct ? o->workers_pct : 100;
		if (o->workers_pct / 2 < KT_SHRINK_LEAST_PCT)
			return false;
		o->workers_pct /= 2;
	} else {
		if (o->duration_ms / 2 < KT_SHRINK_LEAST_MS)
			return false;
		o->duration_ms /= 2;
		snprintf(sh->duration, sizeof(sh->duration), "%ums",
			 o->duration_ms);
	}
	point(sh);
	return true;
}

static bool is_cancelled(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* Whether it ends alike; what cannot be run at all does not. */
static bool fails(const struct kt_session *s, const struct kt_cell *cell,
		  const struct kt_shrink *sh, enum kt_outcome outcome,
		  int cancel_fd)
{
	struct kt_session smaller = *s;
	enum kt_outcome got;
	FILE *nowhere;

	smaller.options = &sh->options;
	smaller.ktap = NULL;
	nowhere = fopen("/dev/null", "we");
	if (!nowhere)
		return false;
	got = kt_run_cell(&smaller, cell, nowhere, cancel_fd);
	fclose(nowhere);
	return got == outcome;
}

static bool can_run(const struct kt_session *s, const struct kt_cell *cell,
		    const struct kt_shrink *sh)
{
	struct kt_session smaller = *s;
	char why[KT_SKIP_MAX];

	smaller.options = &sh->options;
	return !kt_run_skips(&smaller, cell->test, why, sizeof(why)) &&
	       !kt_case_fits(cell->test, &sh->options, why, sizeof(why));
}

static void tell(const struct kt_session *s, const struct kt_cell *cell,
		 const struct kt_shrink *sh, u32 runs, FILE *out)
{
	struct kt_session smaller = *s;
	char *line;

	smaller.options = &sh->options;
	line = kt_run_again(&smaller, cell);
	if (line)
		fprintf(out, "smaller: %s\n", line);
	free(line);
	fprintf(out, "it fails alike with these; %u smaller runs were tried\n",
		runs);
}

void kt_shrink(const struct kt_session *s, const struct kt_cell *cell,
	       enum kt_outcome outcome, FILE *out, int cancel_fd)
{
	enum kt_shrink_kind kind = 0;
	struct kt_shrink best, next;
	bool smaller = false;
	u32 runs = 0;

	if (kt_shrink_init(&best, s->options, cell->test))
		return;
	while (kind < KT_SHRINK_NR && runs < KT_SHRINK_RUNS &&
	       !is_cancelled(cancel_fd)) {
		kt_shrink_copy(&next, &best);
		if (!kt_shrink_halve(&next, kind) || !can_run(s, cell, &next)) {
			kind++;
			continue;
		}
		runs++;
		if (!fails(s, cell, &next, outcome, cancel_fd)) {
			kind++;
			continue;
		}
		kt_shrink_copy(&best, &next);
		smaller = true;
	}
	if (smaller)
		tell(s, cell, &best, runs, out);
	else
		fprintf(out, "none of %u smaller runs fails alike\n", runs);
}
