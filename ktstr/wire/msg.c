// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of tags, and the payloads of fixed or small size. Decoders check
 * every length, range and enumeration here, so that who acts on a message
 * handles only meaning.
 */
#include "../base/strbuf.h"
#include "codec.h"
#include "msg.h"

static const struct kt_tag_info tags[] = {
	{ KT_TAG_STIMULUS,		"Stimulus",		true,	false },
	{ KT_TAG_SCENARIO_START,	"ScenarioStart",	true,	false },
	{ KT_TAG_SCENARIO_PAUSE,	"ScenarioPause",	true,	false },
	{ KT_TAG_SCENARIO_RESUME,	"ScenarioResume",	true,	false },
	{ KT_TAG_SCENARIO_END,		"ScenarioEnd",		true,	false },
	{ KT_TAG_EXIT,			"Exit",			true,	false },
	{ KT_TAG_TEST_RESULT,		"TestResult",		true,	false },
	{ KT_TAG_SCHED_EXIT,		"SchedExit",		true,	false },
	{ KT_TAG_CRASH,			"Crash",		true,	false },
	{ KT_TAG_PAYLOAD_METRICS,	"PayloadMetrics",	true,	false },
	{ KT_TAG_RAW_OUTPUT,		"RawPayloadOutput",	true,	false },
	{ KT_TAG_PROFRAW,		"Profraw",		true,	false },
	{ KT_TAG_STDOUT,		"Stdout",		true,	false },
	{ KT_TAG_STDERR,		"Stderr",		true,	false },
	{ KT_TAG_SCHED_LOG,		"SchedLog",		true,	false },
	{ KT_TAG_LIFECYCLE,		"Lifecycle",		true,	false },
	{ KT_TAG_EXEC_EXIT,		"ExecExit",		true,	false },
	{ KT_TAG_DMESG,			"Dmesg",		true,	false },
	{ KT_TAG_PROBE_OUTPUT,		"ProbeOutput",		true,	false },
	{ KT_TAG_SYS_RDY,		"SysRdy",		false,	false },
	{ KT_TAG_KERN_ADDRS,		"KernAddrs",		false,	false },
	{ KT_TAG_SNAPSHOT_REQ,		"SnapshotRequest",	false,	false },
	{ KT_TAG_SNAPSHOT_REPLY,	"SnapshotReply",	false,	true },
	{ KT_TAG_KERNEL_OP_REQ,		"KernelOpRequest",	false,	false },
	{ KT_TAG_KERNEL_OP_REPLY,	"KernelOpReply",	false,	true },
	{ KT_TAG_PLAN,			"Plan",			false,	true },
	{ KT_TAG_PLAN_READ,		"PlanRead",		false,	false },
	{ KT_TAG_TIME,			"Time",			false,	false },
	{ KT_TAG_FINAL_STATE,		"FinalState",		false,	false },
	{ KT_TAG_HOLD,			"Hold",			false,	false },
};

const struct kt_tag_info *kt_tag_info(u32 tag)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		if (tags[i].tag == tag)
			return &tags[i];
	return NULL;
}

const char *kt_tag_str(u32 tag, char buf[5])
{
	int i;

	for (i = 0; i < 4; i++) {
		u8 c = tag >> (24 - 8 * i);

		buf[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	buf[4] = '\0';
	return buf;
}

int kt_stimulus_encode(const struct kt_stimulus *s, void *buf, size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	kt_enc_u32(&e, s->elapsed_ms);
	kt_enc_u16(&e, s->step_index);
	kt_enc_u16(&e, s->op_count);
	kt_enc_u32(&e, s->op_kinds);
	kt_enc_u16(&e, s->cgroup_count);
	kt_enc_u16(&e, s->worker_count);
	kt_enc_u64(&e, s->total_iterations);
	return kt_enc_finish(&e);
}

int kt_stimulus_decode(struct kt_stimulus *s, const void *buf, size_t len)
{
	struct kt_dec d;

	kt_dec_init(&d, buf, len);
	s->elapsed_ms = kt_dec_u32(&d);
	s->step_index = kt_dec_u16(&d);
	s->op_count = kt_dec_u16(&d);
	s->op_kinds = kt_dec_u32(&d);
	s->cgroup_count = kt_dec_u16(&d);
	s->worker_count = kt_dec_u16(&d);
	s->total_iterations = kt_dec_u64(&d);
	return kt_dec_finish(&d);
}

int kt_kern_addrs_encode(const struct kt_kern_addrs *k, void *buf, size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	kt_enc_u64(&e, k->phys_base_biased);
	kt_enc_u64(&e, k->page_offset_base_kva);
	kt_enc_u64(&e, k->text_kva_biased);
	return kt_enc_finish(&e);
}

int kt_kern_addrs_decode(struct kt_kern_addrs *k, const void *buf, size_t len)
{
	struct kt_dec d;

	kt_dec_init(&d, buf, len);
	k->phys_base_biased = kt_dec_u64(&d);
	k->page_offset_base_kva = kt_dec_u64(&d);
	k->text_kva_biased = kt_dec_u64(&d);
	return kt_dec_finish(&d);
}

static bool reply_status_ok(u32 status)
{
	return status == KT_REPLY_OK || status == KT_REPLY_ERROR;
}

/* Text in a fixed buffer: cut at a character, NUL only when shorter. */
static void enc_fixed_text(struct kt_enc *e, const char *text, size_t size)
{
	char buf[KT_SNAPSHOT_TAG_BYTES] = "";

	memcpy(buf, text, kt_utf8_cut(text, strlen(text), size));
	kt_enc_bytes(e, buf, size);
}

static bool snapshot_kind_ok(u32 kind)
{
	return kind == KT_SNAPSHOT_CAPTURE || kind == KT_SNAPSHOT_WATCH;
}

int kt_snapshot_req_encode(const struct kt_snapshot_req *r, void *buf,
			   size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	e.bad = !r->request_id || !snapshot_kind_ok(r->kind);
	kt_enc_u32(&e, r->request_id);
	kt_enc_u32(&e, r->kind);
	enc_fixed_text(&e, r->tag, KT_SNAPSHOT_TAG_BYTES);
	return kt_enc_finish(&e);
}

int kt_snapshot_req_decode(struct kt_snapshot_req *r, const void *buf,
			   size_t len)
{
	struct kt_dec d;

	kt_dec_init(&d, buf, len);
	r->request_id = kt_dec_u32(&d);
	r->kind = kt_dec_u32(&d);
	kt_dec_bytes(&d, r->tag, KT_SNAPSHOT_TAG_BYTES);
	r->tag[KT_SNAPSHOT_TAG_BYTES] = '\0';
	kt_dec_require(&d, r->request_id && snapshot_kind_ok(r->kind));
	return kt_dec_finish(&d);
}

int kt_snapshot_reply_encode(const struct kt_snapshot_reply *r, void *buf,
			     size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	e.bad = !r->request_id || !reply_status_ok(r->status);
	kt_enc_u32(&e, r->request_id);
	kt_enc_u32(&e, r->status);
	enc_fixed_text(&e, r->reason, KT_SNAPSHOT_TAG_BYTES);
	return kt_enc_finish(&e);
}

int kt_snapshot_reply_decode(struct kt_snapshot_reply *r, const void *buf,
			     size_t len)
{
	struct kt_dec d;

	kt_dec_init(&d, buf, len);
	r->request_id = kt_dec_u32(&d);
	r->status = kt_dec_u32(&d);
	kt_dec_bytes(&d, r->reason, KT_SNAPSHOT_TAG_BYTES);
	r->reason[KT_SNAPSHOT_TAG_BYTES] = '\0';
	kt_dec_require(&d, r->request_id && reply_status_ok(r->status));
	return kt_dec_finish(&d);
}

static bool value_ok(const struct kt_kernel_op_req *r)
{
	switch (r->kind) {
	case KT_VALUE_U32:
		return r->width == sizeof(u32);
	case KT_VALUE_U64:
		return r->width == sizeof(u64);
	case KT_VALUE_BYTES:
		return r->width && r->width <= KT_KERNEL_OP_VALUE_BYTES;
	default:
		return false;
	}
}

static bool kernel_op_ok(const struct kt_kernel_op_req *r)
{
	if (!r->request_id || r->cold > 1 || r->write > 1 || r->more > 1 ||
	    !value_ok(r))
		return false;
	switch (r->target) {
	case KT_TARGET_SYMBOL:
		return r->symbol[0];
	case KT_TARGET_DIRECT_MAP:
	case KT_TARGET_KVA:
		return true;
	case KT_TARGET_PERCPU_FIELD:
		return r->symbol[0] && r->field[0];
	case KT_TARGET_TASK_FIELD:
		return r->pid && r->field[0];
	default:
		return false;
	}
}

/* A value travels only with a write, @width bytes of it. */
int kt_kernel_op_req_encode(const struct kt_kernel_op_req *r, void *buf,
			    size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, min_t(size_t, size, KT_KERNEL_OP_MAX_BYTES));
	e.bad = !kernel_op_ok(r);
	kt_enc_u32(&e, r->request_id);
	kt_enc_u8(&e, r->cold);
	kt_enc_u8(&e, r->write);
	kt_enc_u8(&e, r->target);
	kt_enc_u8(&e, r->kind);
	kt_enc_u8(&e, r->width);
	kt_enc_u8(&e, r->more);
	kt_enc_str(&e, r->tag);
	kt_enc_str(&e, r->symbol);
	kt_enc_str(&e, r->field);
	kt_enc_u64(&e, r->addr);
	kt_enc_u32(&e, r->cpu);
	kt_enc_u32(&e, r->pid);
	kt_enc_u64(&e, r->start_time);
	if (!e.bad && r->write)
		kt_enc_bytes(&e, r->value, r->width);
	return kt_enc_finish(&e);
}

/* A tag may be longer than what is kept of it: it only names the request. */
static void decode_tag(struct kt_dec *d, struct kt_kernel_op_req *r)
{
	char tag[KT_KERNEL_OP_MAX_BYTES];

	kt_dec_str(d, tag, sizeof(tag));
	kt_utf8_copy(r->tag, sizeof(r->tag), tag);
}

int kt_kernel_op_req_decode(struct kt_kernel_op_req *r, const void *buf,
			    size_t len)
{
	struct kt_dec d;

	memset(r, 0, sizeof(*r));
	kt_dec_init(&d, buf, len);
	kt_dec_require(&d, len <= KT_KERNEL_OP_MAX_BYTES);
	r->request_id = kt_dec_u32(&d);
	r->cold = kt_dec_u8(&d);
	r->write = kt_dec_u8(&d);
	r->target = kt_dec_u8(&d);
	r->kind = kt_dec_u8(&d);
	r->width = kt_dec_u8(&d);
	r->more = kt_dec_u8(&d);
	decode_tag(&d, r);
	kt_dec_str(&d, r->symbol, sizeof(r->symbol));
	kt_dec_str(&d, r->field, sizeof(r->field));
	r->addr = kt_dec_u64(&d);
	r->cpu = kt_dec_u32(&d);
	r->pid = kt_dec_u32(&d);
	r->start_time = kt_dec_u64(&d);
	kt_dec_require(&d, kernel_op_ok(r));
	if (!d.bad && r->write)
		kt_dec_bytes(&d, r->value, r->width);
	return kt_dec_finish(&d);
}

/* A value comes only with an answer, a reason only with an error. */
static bool kernel_op_reply_ok(const struct kt_kernel_op_reply *r)
{
	return r->request_id && reply_status_ok(r->status) &&
	       r->width <= KT_KERNEL_OP_VALUE_BYTES &&
	       (r->status == KT_REPLY_OK ? !r->reason[0] : !r->width);
}

int kt_kernel_op_reply_encode(const struct kt_kernel_op_reply *r, void *buf,
			      size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, min_t(size_t, size, KT_KERNEL_OP_MAX_BYTES));
	e.bad = !kernel_op_reply_ok(r);
	kt_enc_u32(&e, r->request_id);
	kt_enc_u32(&e, r->status);
	kt_enc_str(&e, r->reason);
	kt_enc_u8(&e, r->width);
	if (!e.bad)
		kt_enc_bytes(&e, r->value, r->width);
	return kt_enc_finish(&e);
}

int kt_kernel_op_reply_decode(struct kt_kernel_op_reply *r, const void *buf,
			      size_t len)
{
	struct kt_dec d;

	memset(r, 0, sizeof(*r));
	kt_dec_init(&d, buf, len);
	r->request_id = kt_dec_u32(&d);
	r->status = kt_dec_u32(&d);
	kt_dec_str(&d, r->reason, sizeof(r->reason));
	r->width = kt_dec_u8(&d);
	kt_dec_require(&d, kernel_op_reply_ok(r));
	if (!d.bad)
		kt_dec_bytes(&d, r->value, r->width);
	return kt_dec_finish(&d);
}

int kt_i32_encode(s32 v, void *buf, size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	kt_enc_u32(&e, v);
	return kt_enc_finish(&e);
}

int kt_i32_decode(s32 *v, const void *buf, size_t len)
{
	struct kt_dec d;

	kt_dec_init(&d, buf, len);
	*v = kt_dec_u32(&d);
	return kt_dec_finish(&d);
}

int kt_u64_encode(u64 v, void *buf, size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	kt_enc_u64(&e, v);
	return kt_enc_finish(&e);
}

int kt_u64_decode(u64 *v, const void *buf, size_t len)
{
	struct kt_dec d;

	kt_dec_init(&d, buf, len);
	*v = kt_dec_u64(&d);
	return kt_dec_finish(&d);
}

static bool lifecycle_ok(u32 phase)
{
	return phase >= KT_LIFE_INIT_STARTED &&
	       phase <= KT_LIFE_SCHED_NOT_ATTACHED;
}

int kt_lifecycle_encode(enum kt_lifecycle phase, const char *reason,
			void *buf, size_t size)
{
	struct kt_enc e;

	kt_enc_init(&e, buf, size);
	e.bad = !lifecycle_ok(phase);
	kt_enc_u8(&e, phase);
	if (reason)
		kt_enc_bytes(&e, reason, kt_utf8_cut(reason, strlen(reason),
						     KT_LIFECYCLE_REASON_MAX));
	return kt_enc_finish(&e);
}

int kt_lifecycle_decode(u8 *phase, char *reason, size_t reason_size,
			const void *buf, size_t len)
{
	size_t text_len = len > 1 ? len - 1 : 0, max;
	struct kt_dec d;
	const char *text;

	if (reason_size)
		reason[0] = '\0';
	kt_dec_init(&d, buf, len - text_len);
	*phase = kt_dec_u8(&d);
	kt_dec_require(&d, lifecycle_ok(*phase));
	if (d.bad || !text_len)
		return kt_dec_finish(&d);
	text = (const char *)buf + 1;
	kt_dec_require(&d, !memchr(text, '\0', text_len));
	if (!d.bad && reason_size) {
		max = min_t(size_t, reason_size - 1, KT_LIFECYCLE_REASON_MAX);
		text_len = kt_utf8_cut(text, text_len, max);
		memcpy(reason, text, text_len);
		reason[text_len] = '\0';
	}
	return kt_dec_finish(&d);
}
