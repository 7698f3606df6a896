// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as what the host sends: the guest's way from the port to a Plan or
 * a reply. The first byte chooses: bit 0 repairs the CRC of every frame, the
 * other bits are how many bytes arrive at a time (0: all at once).
 */
#include <assert.h>

#include "ktstr/base/log.h"
#include "ktstr/wire/msg.h"
#include "ktstr/wire/plan.h"
#include "stream.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void snapshot_reply(const struct kt_frame *f)
{
	struct kt_snapshot_reply r;

	if (kt_snapshot_reply_decode(&r, f->payload, f->len_bytes))
		return;
	assert(f->len_bytes == KT_SNAPSHOT_REPLY_BYTES && r.request_id);
	assert(strlen(r.reason) <= KT_SNAPSHOT_TAG_BYTES);
}

static void kernel_op_reply(const struct kt_frame *f)
{
	struct kt_kernel_op_reply r;

	if (kt_kernel_op_reply_decode(&r, f->payload, f->len_bytes))
		return;
	assert(r.request_id && r.width <= sizeof(r.value));
	assert(strlen(r.reason) <= KT_KERNEL_OP_REASON_BYTES);
}

static void plan(const struct kt_frame *f)
{
	static struct kt_plan p;

	if (kt_plan_decode(&p, f->payload, f->len_bytes))
		return;
	assert(strlen(p.test) < sizeof(p.test));
	assert(p.sched_argc <= KT_PLAN_MAX_ARGS);
}

static void drain(struct kt_assembler *a)
{
	struct kt_frame f;

	while (kt_assembler_next(a, &f)) {
		if (!f.crc_ok)
			continue;
		if (f.msg_type == KT_TAG_SNAPSHOT_REPLY)
			snapshot_reply(&f);
		else if (f.msg_type == KT_TAG_KERNEL_OP_REPLY)
			kernel_op_reply(&f);
		else if (f.msg_type == KT_TAG_PLAN)
			plan(&f);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_assembler a;
	size_t at, n, piece;
	u8 *stream;

	if (size < 2)
		return 0;
	kt_log_set_level(KT_LOG_ERR);
	stream = malloc(size - 1);
	if (!stream)
		return 0;
	memcpy(stream, data + 1, size - 1);
	if (data[0] & 1)
		repair_crcs(stream, size - 1);
	piece = data[0] >> 1 ?: size;

	kt_assembler_init(&a);
	for (at = 0; at < size - 1; at += n) {
		n = min(piece, size - 1 - at);
		assert(!kt_assembler_feed(&a, stream + at, n));
		drain(&a);
	}
	kt_assembler_fini(&a);
	free(stream);
	return 0;
}
