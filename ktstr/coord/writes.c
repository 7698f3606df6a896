// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding the variables that are to be written now, and writing them. BPF is
 * read while the machine runs, so what is found may be torn, and a scheduler
 * that was just attached may not be found at once: both are tried again.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "serve.h"
#include "server.h"
#include "writes.h"

#define PATIENCE_NS	KT_NSEC_PER_SEC

void kt_writes_init(struct kt_writes *w, const struct kt_write *list, u32 nr)
{
	memset(w, 0, sizeof(*w));
	w->list = list;
	w->nr = min_t(u32, nr, KT_MAX_WRITES);
}

static bool is_open(const struct kt_writes *w, u32 i)
{
	return !w->results[i].made && !w->results[i].given_up;
}

static bool is_due(const struct kt_writes *w, u32 i, u64 workload_ns)
{
	return is_open(w, i) && workload_ns >= w->list[i].at_ns;
}

u64 kt_writes_left(const struct kt_writes *w, u64 workload_ns)
{
	u64 left = UINT64_MAX;
	u32 i;

	for (i = 0; i < w->nr; i++) {
		if (is_due(w, i, workload_ns))
			return 0;
		if (is_open(w, i))
			left = min(left, w->list[i].at_ns - workload_ns);
	}
	return left;
}

/* -EINVAL: it cannot succeed later either. */
static int write_one(const struct kt_write *e, struct kt_write_result *r,
		     const struct kt_guest_kernel *k, const struct kt_bpf *b)
{
	struct kt_bpf_var var;
	int ret;

	ret = kt_bpf_var_find(b, e->map, e->var, &var, r->why, sizeof(r->why));
	if (!ret)
		ret = kt_bpf_var_get(k, &var, &r->before, r->why,
				     sizeof(r->why));
	if (!ret)
		ret = kt_bpf_var_set(k, &var, e->value, r->why, sizeof(r->why));
	memcpy(r->map, var.map, sizeof(r->map));
	return ret;
}

static void failed(struct kt_writes *w, u32 i, int err)
{
	struct kt_write_result *r = &w->results[i];

	/* names in it are the guest's */
	kt_text_sanitize(r->why, strlen(r->why));
	r->given_up = err == -EINVAL ||
		      r->at_ns - w->list[i].at_ns >= PATIENCE_NS;
}

static void serve_one(struct kt_writes *w, u32 i, const struct kt_guest_kernel *k,
		      const struct kt_bpf *b, const char *why)
{
	struct kt_write_result *r = &w->results[i];
	int ret = -ENOENT;

	snprintf(r->why, sizeof(r->why), "%s", why);
	if (b)
		ret = write_one(&w->list[i], r, k, b);
	if (ret) {
		failed(w, i, ret);
		return;
	}
	r->made = true;
	r->why[0] = '\0';
}

void kt_writes_serve(struct kt_writes *w, struct kt_subject *s, const char *why,
		     u64 workload_ns)
{
	struct kt_bpf *b = NULL;
	u32 i;
	int ret;

	if (kt_writes_left(w, workload_ns))
		return;
	if (s) {
		why = "the kernel's BPF cannot be read";
		ret = kt_bpf_read(&s->kernel, kt_subject_btf(s), NULL, &b);
		if (ret == -ENOENT)
			why = "this kernel's BPF is not known, or it has none";
	}
	for (i = 0; i < w->nr; i++) {
		if (!is_due(w, i, workload_ns))
			continue;
		w->results[i].at_ns = workload_ns;
		serve_one(w, i, s ? &s->kernel : NULL, b, why);
	}
	kt_bpf_free(b);
}

bool kt_writes_missing(const struct kt_writes *w, char *why, size_t size)
{
	const struct kt_write_result *r;
	u32 i;

	for (i = 0; i < w->nr; i++) {
		r = &w->results[i];
		if (r->made)
			continue;
		snprintf(why, size, "variable \"%s\" was not written: %s",
			 w->list[i].var, *r->why ? r->why :
			 "the workload ended before it was due");
		return true;
	}
	return false;
}

void kt_server_write(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	char why[128] = "";
	int ret;

	if (!c->writes.nr || !c->sinks.ready)
		return;
	/* ahead of the first one: reading the types takes its time */
	ret = kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
				sizeof(why));
	if (!c->sinks.start_ns || c->sinks.pause_ns || c->workload_end_ns)
		return;
	kt_writes_serve(&c->writes, ret ? NULL : &c->subject, why,
			kt_serve_workload_ns(c, kt_now_ns() - c->started_at_ns));
}
