// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gates: which frame may do what. Each act is behind the frame's CRC and
 * the check of its payload; what fails one costs a counted warning. Nothing
 * here waits, allocates, or keeps a pointer into the frame.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/log.h"
#include "dispatch.h"

#define MAX_LOGGED	8	/* warnings of a run that are shown */

#define KERNEL_HALF	0xffff800000000000ULL
#define SLIDE_MAX	0x40000000ULL	/* 1 GiB */

void kt_sinks_init(struct kt_sinks *s)
{
	memset(s, 0, sizeof(*s));
	s->kill_evt = -1;
	s->ready_evt = -1;
	s->kern_addrs_evt = -1;
}

static __printf(2, 3) void warn(struct kt_sinks *s, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	s->warnings = kt_add_sat(s->warnings, 1);
	if (s->warnings > MAX_LOGGED)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	kt_warn("%s%s", text, s->warnings == MAX_LOGGED ?
		" (further warnings of this run are only counted)" : "");
}

static void fire(struct kt_sinks *s, int fd, const char *what)
{
	const u64 one = 1;
	ssize_t n;

	if (fd < 0)
		return;
	do {
		n = write(fd, &one, sizeof(one));
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(one))
		warn(s, "%s: eventfd not written: %s", what, strerror(errno));
}

void kt_sinks_set_deadline(struct kt_sinks *s, u64 at_ns)
{
	if (s->deadline_cap_ns)
		at_ns = min(at_ns, s->deadline_cap_ns);
	s->deadline_ns = max_t(u64, at_ns, 1);
}

static void restart_deadline(struct kt_sinks *s)
{
	if (s->duration_ns)
		kt_sinks_set_deadline(s, kt_add_sat(s->now_ns, s->duration_ns));
}

/* A stamp of 0 means "not yet". */
static u64 stamp(const struct kt_sinks *s)
{
	return max_t(u64, s->now_ns, 1);
}

static void on_sched_exit(struct kt_sinks *s)
{
	/* Pairs with the acquire of who polls the flag without the event. */
	atomic_store_explicit(&s->kill, true, memory_order_release);
	fire(s, s->kill_evt, "SchedExit (the kill flag stands)");
}

static void on_sys_rdy(struct kt_sinks *s, const struct kt_frame *f)
{
	if (f->len_bytes) {
		warn(s, "SysRdy: payload of %u bytes, must be empty; ignored",
		     f->len_bytes);
		return;
	}
	if (s->ready)
		return;
	s->ready = true;
	fire(s, s->ready_evt, "SysRdy");
}

static void publish_slide(struct kt_sinks *s, u64 text_kva)
{
	u64 link = s->text_link_kva, biased, seen = 0;

	if (link < KERNEL_HALF || text_kva < KERNEL_HALF || text_kva < link ||
	    text_kva - link > SLIDE_MAX) {
		warn(s, "KernAddrs: no KASLR slide leads from _text %#llx to %#llx; left unknown",
		     (unsigned long long)link, (unsigned long long)text_kva);
		return;
	}
	biased = text_kva - link + 1;
	/* Pairs with the acquire of who translates addresses. */
	if (atomic_compare_exchange_strong_explicit(&s->slide_biased, &seen,
						    biased,
						    memory_order_acq_rel,
						    memory_order_acquire) ||
	    seen == biased)
		return;
	warn(s, "KernAddrs: KASLR slide %#llx, but %#llx stands already (off by %#llx)",
	     (unsigned long long)biased - 1, (unsigned long long)seen - 1,
	     (unsigned long long)(max(biased, seen) - min(biased, seen)));
}

static void on_kern_addrs(struct kt_sinks *s, const struct kt_frame *f)
{
	struct kt_kern_addrs addrs;

	if (kt_kern_addrs_decode(&addrs, f->payload, f->len_bytes)) {
		warn(s, "KernAddrs: payload of %u bytes, must be %u; ignored",
		     f->len_bytes, KT_KERN_ADDRS_BYTES);
		return;
	}
	s->kern_addrs = addrs;
	/* Release pairs with the acquire of who translates addresses. */
	if (addrs.phys_base_biased)
		atomic_store_explicit(&s->phys_base_biased,
				      addrs.phys_base_biased,
				      memory_order_release);
	if (addrs.text_kva_biased && s->text_link_kva)
		publish_slide(s, addrs.text_kva_biased - 1);
	fire(s, s->kern_addrs_evt, "KernAddrs");
}

static void on_snapshot_req(struct kt_sinks *s, const struct kt_frame *f)
{
	struct kt_snapshot_req req;

	if (kt_snapshot_req_decode(&req, f->payload, f->len_bytes)) {
		warn(s, "SnapshotRequest: malformed (%u bytes); dropped",
		     f->len_bytes);
		return;
	}
	if (s->nr_snapshots >= KT_MAX_PENDING) {
		warn(s, "SnapshotRequest %u: %u are pending already; dropped",
		     req.request_id, s->nr_snapshots);
		return;
	}
	s->snapshots[s->nr_snapshots++] = req;
}

/* A malformed one gets no reply: its request_id cannot be trusted. */
static void on_kernel_op_req(struct kt_sinks *s, const struct kt_frame *f)
{
	struct kt_kernel_op_req req;

	if (kt_kernel_op_req_decode(&req, f->payload, f->len_bytes)) {
		warn(s, "KernelOpRequest: malformed (%u bytes); dropped",
		     f->len_bytes);
		return;
	}
	if (s->nr_kernel_ops >= KT_MAX_PENDING) {
		warn(s, "KernelOpRequest %u: %u are pending already; dropped",
		     req.request_id, s->nr_kernel_ops);
		return;
	}
	if (!s->nr_kernel_ops)
		s->batch_since_ns = s->now_ns;
	s->kernel_ops[s->nr_kernel_ops++] = req;
}

static void on_start(struct kt_sinks *s)
{
	if (!s->start_ns)
		s->start_ns = stamp(s);
	restart_deadline(s);
}

static void on_resume(struct kt_sinks *s)
{
	u64 paused_ns;

	if (!s->duration_ns || !s->pause_ns)
		return;
	paused_ns = s->now_ns - min(s->now_ns, s->pause_ns);
	s->pause_ns = 0;
	s->paused_total_ns = kt_add_sat(s->paused_total_ns, paused_ns);
	if (s->deadline_ns)
		kt_sinks_set_deadline(s, kt_add_sat(s->deadline_ns, paused_ns));
}

static void on_stimulus(struct kt_sinks *s, const struct kt_frame *f)
{
	struct kt_stimulus stim;

	if (kt_stimulus_decode(&stim, f->payload, f->len_bytes)) {
		warn(s, "Stimulus: payload of %u bytes, must be %u; phase unchanged",
		     f->len_bytes, KT_STIMULUS_BYTES);
		return;
	}
	/* Release pairs with the acquire of who takes a sample. */
	atomic_store_explicit(&s->phase, stim.step_index, memory_order_release);
}

static void act(const struct kt_frame *f, struct kt_sinks *s)
{
	switch (f->msg_type) {
	case KT_TAG_SCHED_EXIT:
		on_sched_exit(s);
		break;
	case KT_TAG_SYS_RDY:
		on_sys_rdy(s, f);
		break;
	case KT_TAG_KERN_ADDRS:
		on_kern_addrs(s, f);
		break;
	case KT_TAG_SNAPSHOT_REQ:
		on_snapshot_req(s, f);
		break;
	case KT_TAG_KERNEL_OP_REQ:
		on_kernel_op_req(s, f);
		break;
	case KT_TAG_SCENARIO_START:
		on_start(s);
		break;
	case KT_TAG_SCENARIO_PAUSE:
		s->pause_ns = stamp(s);
		break;
	case KT_TAG_SCENARIO_RESUME:
		on_resume(s);
		break;
	case KT_TAG_SCENARIO_END:
		restart_deadline(s);
		break;
	case KT_TAG_STIMULUS:
		on_stimulus(s, f);
		break;
	}
}

bool kt_dispatch(const struct kt_frame *frame, struct kt_sinks *s)
{
	const struct kt_tag_info *info = kt_tag_info(frame->msg_type);
	char tag[5];

	if (!info) {
		warn(s, "unknown frame type %s (%#010x), %u bytes, crc %s; dropped",
		     kt_tag_str(frame->msg_type, tag), frame->msg_type,
		     frame->len_bytes, frame->crc_ok ? "ok" : "bad");
		return false;
	}
	if (info->host_only) {
		warn(s, "%s from a guest (%u bytes), only the host sends it; dropped",
		     info->name, frame->len_bytes);
		return false;
	}
	if (!frame->crc_ok) {
		warn(s, "%s: bad CRC (%u bytes)", info->name, frame->len_bytes);
		/* A torn SchedExit must never surface, not even in the bucket. */
		return info->verdict && frame->msg_type != KT_TAG_SCHED_EXIT;
	}
	act(frame, s);
	return info->verdict;
}
