// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's end of a run: SysRdy, a Plan for the guest, its figures, which are
 * lines "NAME NUMBER" on its standard output, and its frames on the port of
 * the statistics, until it says Exit. The guest's figures are by its own clock,
 * so that is held against ours.
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/strbuf.h"
#include "ktstr/wire/frame.h"
#include "ktstr/wire/msg.h"
#include "ktstr/wire/plan.h"
#include "machines.h"

#define BOOT_MS		120000
#define WORK_MS		240000
#define TEXT_MAX	4096
#define MIB		0x100000
#define CLOCKS_PCT	10	/* by which they may differ */

struct session {
	struct running *r;
	struct kt_assembler bulk;
	struct kt_assembler stats;
	struct kt_strbuf text;
	bool ready;
	s32 exit;
	bool done;
	u64 ready_ns;
	u64 exits;
	u64 disk_from_ns, disk_to_ns;
	u64 first_ns, last_ns;	/* frames on the port of the statistics */
	u32 frames;
	u32 bad_frames;
};

static int send_plan(const struct session *s)
{
	static const struct kt_plan plan = {
		.test = GUEST_CASE, .duration_ms = WORK_MS,
		.test_timeout_ms = WORK_MS, .speed_pct = 100, .seed = 1,
		.thresholds = { KT_UNSET, KT_UNSET, KT_UNSET, KT_UNSET },
	};
	u64 deadline = kt_now_ns() + BOOT_MS * KT_NSEC_PER_MSEC;
	u8 buf[KT_PLAN_MAX_BYTES];
	struct kt_frame_hdr hdr;
	int len, ret;

	len = kt_plan_encode(&plan, buf, sizeof(buf));
	if (len < 0)
		return len;
	ret = kt_frame_encode_hdr(&hdr, KT_TAG_PLAN, buf, len);
	if (!ret)
		ret = kt_write_all(s->r->bulk_fd, &hdr, sizeof(hdr), deadline);
	return ret ? ret : kt_write_all(s->r->bulk_fd, buf, len, deadline);
}

static void take_text(struct session *s, const struct kt_frame *f)
{
	kt_strbuf_add(&s->text, f->payload, f->len_bytes);
	if (!s->disk_from_ns && strstr(kt_strbuf_str(&s->text), "disk_begins"))
		s->disk_from_ns = kt_now_ns();
	if (!s->disk_to_ns && strstr(kt_strbuf_str(&s->text), "disk_s"))
		s->disk_to_ns = kt_now_ns();
}

static int take_bulk(struct session *s, const struct kt_frame *f)
{
	switch (f->msg_type) {
	case KT_TAG_SYS_RDY:
		s->ready_ns = kt_now_ns();
		s->ready = true;
		s->exits = s->r->alone ? exits_of_all() : 0;
		return send_plan(s);
	case KT_TAG_STDOUT:
	case KT_TAG_STDERR:
		take_text(s, f);
		return 0;
	case KT_TAG_EXIT:
		s->done = true;
		return kt_i32_decode(&s->exit, f->payload, f->len_bytes);
	default:
		return 0;
	}
}

static int take_stats(struct session *s, const struct kt_frame *f)
{
	s->last_ns = kt_now_ns();
	if (!s->frames++)
		s->first_ns = s->last_ns;
	s->bad_frames += !f->crc_ok || f->len_bytes != FRAME_BYTES ||
			 f->msg_type != KT_TAG_RAW_OUTPUT;
	return 0;
}

/* All that there is now. */
static int pump(struct session *s, int fd, struct kt_assembler *a,
		int (*take)(struct session *s, const struct kt_frame *f))
{
	static u8 buf[256u << 10];
	struct kt_frame frame;
	ssize_t n;
	int ret = 0;

	n = read(fd, buf, sizeof(buf));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!n)
		return kt_err(-EPIPE, "the machine has ended");
	ret = kt_assembler_feed(a, buf, n);
	while (!ret && kt_assembler_next(a, &frame))
		ret = take(s, &frame);
	return ret;
}

/* Exit may overtake frames of the other port. */
static bool is_over(const struct session *s)
{
	return s->done && (s->exit || s->frames >= NR_FRAMES);
}

static int run(struct session *s)
{
	struct pollfd fds[] = {
		{ .fd = s->r->bulk_fd, .events = POLLIN },
		{ .fd = s->r->stats_fd, .events = POLLIN },
		{ .fd = s->r->end_fd, .events = POLLIN },
	};
	u64 now, deadline;
	int ret = 0;

	while (!ret && !is_over(s)) {
		now = kt_now_ns();
		deadline = s->ready ?
			   s->ready_ns + WORK_MS * KT_NSEC_PER_MSEC :
			   s->r->start_ns + BOOT_MS * KT_NSEC_PER_MSEC;
		if (now >= deadline)
			return kt_err(-ETIMEDOUT, "no %s in time: %s",
				      s->ready ? "Exit" : "SysRdy",
				      kt_strbuf_str(&s->text));
		poll(fds, ARRAY_SIZE(fds), 1000);
		if (fds[0].revents)
			ret = pump(s, fds[0].fd, &s->bulk, take_bulk);
		if (!ret && fds[1].revents)
			ret = pump(s, fds[1].fd, &s->stats, take_stats);
		if (!ret && fds[2].revents)
			ret = kt_err(-EPIPE, "the machine has ended");
	}
	return ret;
}

/* What the guest said of @name; 0 when it did not. */
static double said(const struct session *s, const char *name)
{
	const char *p = strstr(kt_strbuf_str(&s->text), name);

	return p ? strtod(p + strlen(name), NULL) : 0;
}

static int check(const struct session *s)
{
	double theirs = said(s, "disk_s"), ours;

	ours = (s->disk_to_ns - s->disk_from_ns) / 1e9;
	if (s->exit || s->bad_frames || s->frames != NR_FRAMES)
		return kt_err(-EIO, "exit %d, %u frames, %u of them bad: %s",
			      s->exit, s->frames, s->bad_frames,
			      kt_strbuf_str(&s->text));
	if (theirs > ours * (100 + CLOCKS_PCT) / 100 ||
	    theirs < ours * (100 - CLOCKS_PCT) / 100)
		return kt_err(-ERANGE, "%.3f s by the guest's clock are %.3f s here",
			      theirs, ours);
	return 0;
}

int session_run(struct running *r, struct values *values)
{
	struct session s = { .r = r };
	int ret;

	kt_assembler_init(&s.bulk);
	kt_assembler_init(&s.stats);
	kt_strbuf_init(&s.text, TEXT_MAX);
	ret = run(&s);
	if (!ret)
		ret = check(&s);
	values->v[BOOT_S] = (s.ready_ns - r->start_ns) / 1e9;
	values->v[BOOT_EXITS] = s.exits;
	values->v[WRITE_MIBPS] = said(&s, "write_mibps");
	values->v[READ_MIBPS] = said(&s, "read_mibps");
	values->v[LATENCY_US] = said(&s, "latency_us");
	values->v[FRAMES_MIBPS] = (NR_FRAMES - 1.0) * FRAME_BYTES * 1e9 /
				  max(s.last_ns - s.first_ns, (u64)1) / MIB;
	kt_strbuf_fini(&s.text);
	kt_assembler_fini(&s.bulk);
	kt_assembler_fini(&s.stats);
	return ret;
}
