// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hashing frames and console. The console comes on a way of its own: which of
 * its bytes came before which frame the host cannot tell, so it is apart.
 */
#include <stdarg.h>
#include <stdio.h>

#include "../base/fnv.h"
#include "../wire/msg.h"
#include "trace.h"

void kt_trace_init(struct kt_trace *t, bool on)
{
	memset(t, 0, sizeof(*t));
	t->on = on;
	t->frames_hash = KT_FNV64_INIT;
	t->console_hash = KT_FNV64_INIT;
}

static void note_time(struct kt_trace *t, const struct kt_frame *f)
{
	u64 ns;

	switch (f->msg_type) {
	case KT_TAG_TIME:
		if (!kt_u64_decode(&ns, f->payload, f->len_bytes))
			t->last_ns = max(t->last_ns, ns);
		break;
	case KT_TAG_SCENARIO_START:
		if (!t->start_ns)
			t->start_ns = t->last_ns;
		break;
	case KT_TAG_SCENARIO_PAUSE:
		if (!t->pause_ns)
			t->pause_ns = t->last_ns;
		break;
	case KT_TAG_SCENARIO_RESUME:
		if (t->pause_ns)
			t->paused_total_ns += t->last_ns - t->pause_ns;
		t->pause_ns = 0;
		break;
	case KT_TAG_SCENARIO_END:
		if (!t->end_ns)
			t->end_ns = t->last_ns;
		break;
	}
}

u64 kt_trace_workload_at(const struct kt_trace *t, u64 now)
{
	u64 skip;

	if (!t->start_ns)
		return 0;
	if (t->pause_ns)
		now = t->pause_ns;
	if (t->end_ns)
		now = min(now, t->end_ns);
	/* a pause may have come before the start */
	skip = t->start_ns + t->paused_total_ns;
	return now - min(now, skip);
}

u64 kt_trace_workload_ns(const struct kt_trace *t)
{
	return kt_trace_workload_at(t, t->last_ns);
}

void kt_trace_frame(struct kt_trace *t, const struct kt_frame *f)
{
	const __le32 head[] = {
		cpu_to_le32(f->msg_type), cpu_to_le32(f->len_bytes),
		cpu_to_le32(f->crc_ok),
	};

	if (!t->on)
		return;
	t->frames_hash = kt_fnv64(t->frames_hash, head, sizeof(head));
	t->frames_hash = kt_fnv64(t->frames_hash, f->payload, f->len_bytes);
	t->nr_frames++;
	if (f->crc_ok)
		note_time(t, f);
}

void kt_trace_console_begin(struct kt_trace *t)
{
	t->console_hash = KT_FNV64_INIT;
}

void kt_trace_console(struct kt_trace *t, const void *data, size_t len_bytes)
{
	if (t->on)
		t->console_hash = kt_fnv64(t->console_hash, data, len_bytes);
}

void kt_trace_disturb(struct kt_trace *t, const char *fmt, ...)
{
	va_list ap;

	if (!t->on || *t->disturbed)
		return;
	va_start(ap, fmt);
	vsnprintf(t->disturbed, sizeof(t->disturbed), fmt, ap);
	va_end(ap);
}

u64 kt_trace_hash(const struct kt_trace *t)
{
	const __le64 both[] = {
		cpu_to_le64(t->frames_hash), cpu_to_le64(t->console_hash),
	};

	return kt_fnv64(KT_FNV64_INIT, both, sizeof(both));
}
