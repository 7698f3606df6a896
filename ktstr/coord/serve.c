// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and captures. Whoever freezes thaws in the same function, and the
 * time between is given back to the watchdog.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "image.h"
#include "kernel_op.h"
#include "serve.h"
#include "server.h"
#include "snapshot.h"

#define FREEZE_MS	2000
#define RETRY_NS	(50 * KT_NSEC_PER_MSEC)	/* a boundary that waits */
#define BATCH_NS	KT_NSEC_PER_SEC		/* for its last request */

static u64 now_ns(const struct kt_coord *c)
{
	return kt_now_ns() - c->started_at_ns;
}

static u64 sub_sat(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

u64 kt_serve_workload_ns(const struct kt_coord *c, u64 now)
{
	const struct kt_sinks *s = &c->sinks;
	u64 ns;

	if (c->trace.on)
		return kt_trace_workload_ns(&c->trace);
	if (!s->start_ns)
		return 0;
	if (s->pause_ns)
		now = min(now, s->pause_ns);
	if (c->workload_end_ns)
		now = min(now, c->workload_end_ns);
	ns = sub_sat(now, s->start_ns);
	ns = sub_sat(ns, s->paused_total_ns);
	return sub_sat(ns, c->frozen_in_workload_ns);
}

static void let_go(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	u64 frozen_ns;

	sv->err = sv->m->ops->thaw(sv->m);
	frozen_ns = kt_now_ns() - sv->frozen_at_ns;
	sv->frozen_at_ns = 0;
	kt_watchdog_extend(&c->sinks, frozen_ns);
	if (c->sinks.start_ns && !c->workload_end_ns)
		c->frozen_in_workload_ns = kt_add_sat(c->frozen_in_workload_ns,
						      frozen_ns);
	/* a pause does not count what the freeze has counted */
	if (c->sinks.pause_ns)
		c->sinks.pause_ns = kt_add_sat(c->sinks.pause_ns, frozen_ns);
}

void kt_server_thaw(struct kt_server *sv)
{
	if (!sv->frozen_at_ns)
		return;
	kt_server_fires(sv);
	let_go(sv);
}

int kt_server_freeze(struct kt_server *sv, char *why, size_t size)
{
	u32 parked = 0;
	int ret;

	if (sv->frozen_at_ns)
		return 0;
	sv->frozen_at_ns = kt_now_ns();
	ret = sv->m->ops->freeze(sv->m, FREEZE_MS, &parked);
	if (!ret)
		return 0;
	snprintf(why, size, "not frozen (%s): %u of %u vCPUs parked in %u ms",
		 strerror(-ret), parked, sv->m->nr_vcpus, FREEZE_MS);
	let_go(sv);
	return ret;
}

static void describe(struct kt_coord *c, struct kt_capture *cap,
		     const char *tag, enum kt_capture_cause cause)
{
	u64 now = now_ns(c);

	kt_utf8_copy(cap->tag, sizeof(cap->tag), tag);
	kt_text_sanitize(cap->tag, strlen(cap->tag));
	cap->cause = cause;
	cap->at_ns = now;
	cap->workload_ns = kt_serve_workload_ns(c, now);
	/* Pairs with the release of dispatch. */
	cap->phase = atomic_load_explicit(&c->sinks.phase,
					  memory_order_acquire);
	cap->state = json_object();
	kt_json_set_text(cap->state, "tag", cap->tag);
	kt_json_set_text(cap->state, "cause", kt_capture_cause_str(cause));
	kt_json_set_u64(cap->state, "at_ns", cap->at_ns);
	kt_json_set_u64(cap->state, "workload_ns", cap->workload_ns);
	kt_json_set_u64(cap->state, "phase", cap->phase);
}

/* Sees what can be seen; why not all, in cap->error. */
static void look(struct kt_server *sv, struct kt_capture *cap)
{
	struct kt_coord *c = sv->c;

	if (!kt_snapshot_take(&c->subject, sv->m, cap->state, cap->error,
			      sizeof(cap->error)) && c->save_image) {
		kt_image_save(c->save_image, sv->m, &c->subject, cap->state);
		c->save_image = NULL;
	}
}

int kt_server_take(struct kt_server *sv, const char *tag,
		   enum kt_capture_cause cause, struct kt_capture **taken)
{
	struct kt_capture *cap = kt_captures_add(&sv->c->captures);
	int ret;

	if (taken)
		*taken = cap;
	if (!cap) {
		kt_warn("capture %s: no memory", tag);
		return -ENOMEM;
	}
	describe(sv->c, cap, tag, cause);
	ret = kt_server_freeze(sv, cap->error, sizeof(cap->error));
	if (!ret) {
		look(sv, cap);
		kt_json_set_u64(cap->state, "frozen_us",
				(kt_now_ns() - sv->frozen_at_ns) / 1000);
	}
	if (*cap->error)
		kt_json_set_text(cap->state, "error", cap->error);
	return ret;
}

/* One capture, and thawed. */
static int capture(struct kt_server *sv, const char *tag,
		   enum kt_capture_cause cause, char *why, size_t size)
{
	struct kt_capture *cap;
	int ret = kt_server_take(sv, tag, cause, &cap);

	snprintf(why, size, "%s", cap ? cap->error : "no memory");
	kt_server_thaw(sv);
	return ret;
}

static void answer(struct kt_coord *c, u32 tag, const void *payload, int len)
{
	int ret = len < 0 ? len : kt_outbox_add(&c->outbox, tag, payload, len);

	if (ret && c->outbox.refused <= 1)
		kt_warn("a reply is lost: %s; the guest does not read them",
			strerror(-ret));
}

static void answer_snapshot(struct kt_coord *c, u32 request_id,
			    const char *why)
{
	struct kt_snapshot_reply reply = {
		.request_id = request_id,
		.status = *why ? KT_REPLY_ERROR : KT_REPLY_OK,
	};
	u8 buf[KT_SNAPSHOT_REPLY_BYTES];

	kt_utf8_copy(reply.reason, sizeof(reply.reason), why);
	answer(c, KT_TAG_SNAPSHOT_REPLY, buf,
	       kt_snapshot_reply_encode(&reply, buf, sizeof(buf)));
}

static void serve_snapshot(struct kt_server *sv,
			   const struct kt_snapshot_req *req)
{
	struct kt_coord *c = sv->c;
	char why[128] = "";

	if (req->kind == KT_SNAPSHOT_WATCH)
		kt_server_add_watch(sv, req->tag, why, sizeof(why));
	else if (!kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
				    sizeof(why)))
		capture(sv, req->tag, KT_CAPTURE_REQUEST, why, sizeof(why));
	answer_snapshot(c, req->request_id, why);
}

static void serve_kernel_op(struct kt_server *sv,
			    const struct kt_kernel_op_req *req)
{
	struct kt_coord *c = sv->c;
	struct kt_kernel_op_reply reply;
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	char why[128];
	int ret;

	ret = kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
				sizeof(why));
	if (!ret && req->cold)
		ret = kt_server_freeze(sv, why, sizeof(why));
	else
		kt_server_thaw(sv);
	if (ret)
		kt_kernel_op_refuse(&reply, req->request_id, "%s", why);
	else
		kt_kernel_op_serve(&c->subject.kernel, req, &reply);
	answer(c, KT_TAG_KERNEL_OP_REPLY, buf,
	       kt_kernel_op_reply_encode(&reply, buf, sizeof(buf)));
}

static void serve_snapshots(struct kt_server *sv)
{
	struct kt_sinks *s = &sv->c->sinks;
	u32 i;

	for (i = 0; i < s->nr_snapshots && !sv->err; i++)
		serve_snapshot(sv, &s->snapshots[i]);
	s->nr_snapshots = 0;
}

/* A batch is served whole: its last request has no `more`. */
static bool batch_complete(const struct kt_coord *c)
{
	const struct kt_sinks *s = &c->sinks;

	return s->nr_kernel_ops == KT_MAX_PENDING ||
	       !s->kernel_ops[s->nr_kernel_ops - 1].more ||
	       now_ns(c) >= kt_add_sat(s->batch_since_ns, BATCH_NS);
}

static void serve_kernel_ops(struct kt_server *sv)
{
	struct kt_sinks *s = &sv->c->sinks;
	u32 i;

	if (!s->nr_kernel_ops || !batch_complete(sv->c))
		return;
	for (i = 0; i < s->nr_kernel_ops && !sv->err; i++)
		serve_kernel_op(sv, &s->kernel_ops[i]);
	kt_server_thaw(sv);
	s->nr_kernel_ops = 0;
}

static void serve_periodic(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;
	char tag[32], why[128];
	int ret;

	/* ahead of the first one: reading the types takes its time */
	if (c->periodic.nr && c->sinks.ready)
		kt_subject_locate(&c->subject, sv->m, &c->sinks, why,
				  sizeof(why));
	if (!c->sinks.start_ns || c->sinks.pause_ns || c->workload_end_ns ||
	    !kt_periodic_due(&c->periodic, kt_serve_workload_ns(c, now_ns(c))) ||
	    !kt_subject_ready(&c->subject, sv->m, &c->sinks))
		return;
	snprintf(tag, sizeof(tag), "periodic_%03u", c->periodic.next);
	ret = capture(sv, tag, KT_CAPTURE_PERIODIC, why, sizeof(why));
	kt_periodic_done(&c->periodic, !ret);
	if (c->periodic.ended)
		kt_warn("%s: the machine could not be frozen twice in a row: no more periodic captures",
			tag);
}

static void last_look(struct kt_server *sv, enum kt_capture_cause cause)
{
	struct kt_capture *last = &sv->c->last_look, cap = {};
	int ret;

	describe(sv->c, &cap, "end", cause);
	ret = kt_subject_locate(&sv->c->subject, sv->m, &sv->c->sinks,
				cap.error, sizeof(cap.error));
	if (!ret && cause != KT_CAPTURE_POST_MORTEM)
		ret = kt_server_freeze(sv, cap.error, sizeof(cap.error));
	if (!ret)
		look(sv, &cap);
	kt_server_thaw(sv);
	if (*cap.error)
		kt_json_set_text(cap.state, "error", cap.error);
	if (ret && last->state) {
		json_decref(cap.state);
		return;
	}
	json_decref(last->state);
	*last = cap;
}

void kt_serve_last_look(struct kt_coord *c, struct kt_machine *m,
			enum kt_capture_cause cause)
{
	struct kt_server sv = { .c = c, .m = m };

	last_look(&sv, cause);
}

/* What may change the machine, or is to see it at a defined time. */
static void serve_all(struct kt_server *sv)
{
	struct kt_coord *c = sv->c;

	serve_snapshots(sv);
	if (!sv->err)
		serve_kernel_ops(sv);
	if (!sv->err)
		kt_server_write(sv);
	if (!sv->err)
		serve_periodic(sv);
	if (!sv->err && c->last_look_due) {
		c->last_look_due = false;
		last_look(sv, KT_CAPTURE_FAILURE);
	}
}

int kt_serve(struct kt_coord *c, struct kt_machine *m)
{
	struct kt_server sv = { .c = c, .m = m };

	kt_server_watch(&sv);	/* before anything else lets it run on */
	if (!sv.err && (!c->trace.on || c->hold.stands))
		serve_all(&sv);
	if (!sv.err && c->hold.stands)
		kt_coord_hold_end(&c->hold, m, &c->outbox);
	return sv.err;
}

u64 kt_serve_left_ns(const struct kt_coord *c, u64 now)
{
	const struct kt_sinks *s = &c->sinks;
	u64 left = s->ready ? kt_watch_left_ns(&c->watch, now) : UINT64_MAX;

	/* the machine says when */
	if (c->trace.on)
		return left;
	if (s->nr_kernel_ops)
		left = min_t(u64, left, RETRY_NS);
	if (!s->start_ns || s->pause_ns || c->workload_end_ns)
		return left;
	left = min(left, kt_periodic_left(&c->periodic,
					  kt_serve_workload_ns(c, now)));
	left = min(left, kt_writes_left(&c->writes,
					kt_serve_workload_ns(c, now)));
	/* due, and not done: it waits for what it is to see */
	return left ? left : RETRY_NS;
}
