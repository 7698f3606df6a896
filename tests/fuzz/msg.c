// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as each of the small payloads. What is accepted must survive
 * another round trip unchanged.
 */
#include <assert.h>

#include "ktstr/wire/msg.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u8 buf[KT_LIFECYCLE_REASON_MAX + 1];

static void fuzz_fixed(const u8 *data, size_t size)
{
	struct kt_kern_addrs k;
	struct kt_stimulus s;
	s32 code;
	u64 ms;

	if (!kt_stimulus_decode(&s, data, size)) {
		assert(kt_stimulus_encode(&s, buf, sizeof(buf)) == (int)size);
		assert(!memcmp(buf, data, size));
	}
	if (!kt_kern_addrs_decode(&k, data, size)) {
		assert(kt_kern_addrs_encode(&k, buf, sizeof(buf)) == (int)size);
		assert(!memcmp(buf, data, size));
	}
	if (!kt_i32_decode(&code, data, size)) {
		assert(kt_i32_encode(code, buf, sizeof(buf)) == (int)size);
		assert(!memcmp(buf, data, size));
	}
	if (!kt_u64_decode(&ms, data, size)) {
		assert(kt_u64_encode(ms, buf, sizeof(buf)) == (int)size);
		assert(!memcmp(buf, data, size));
	}
}

static void fuzz_snapshot_req(const u8 *data, size_t size)
{
	struct kt_snapshot_req r, again;

	if (kt_snapshot_req_decode(&r, data, size))
		return;
	assert(r.request_id && (r.kind == 1 || r.kind == 2));
	assert(kt_snapshot_req_encode(&r, buf, sizeof(buf)) == (int)size);
	assert(!kt_snapshot_req_decode(&again, buf, size));
	assert(again.request_id == r.request_id && again.kind == r.kind);
	assert(!strcmp(again.tag, r.tag));
}

static void fuzz_snapshot_reply(const u8 *data, size_t size)
{
	struct kt_snapshot_reply r, again;

	if (kt_snapshot_reply_decode(&r, data, size))
		return;
	assert(r.request_id && (r.status == 1 || r.status == 2));
	assert(kt_snapshot_reply_encode(&r, buf, sizeof(buf)) == (int)size);
	assert(!kt_snapshot_reply_decode(&again, buf, size));
	assert(again.request_id == r.request_id && again.status == r.status);
	assert(!strcmp(again.reason, r.reason));
}

static void fuzz_kernel_op_req(const u8 *data, size_t size)
{
	struct kt_kernel_op_req r, again;
	int len;

	if (kt_kernel_op_req_decode(&r, data, size))
		return;
	assert(r.width && r.width <= KT_KERNEL_OP_VALUE_BYTES);
	assert(r.kind == KT_VALUE_BYTES || r.width == 4 * r.kind);
	assert(r.cold <= 1 && r.write <= 1 && r.more <= 1);
	assert(strlen(r.tag) <= KT_KERNEL_OP_TAG_BYTES);
	assert(strlen(r.symbol) <= KT_KERNEL_OP_NAME_BYTES);
	assert(strlen(r.field) <= KT_KERNEL_OP_NAME_BYTES);
	len = kt_kernel_op_req_encode(&r, buf, sizeof(buf));
	assert(len > 0 && len <= (int)size);
	assert(!kt_kernel_op_req_decode(&again, buf, len));
	assert(!strcmp(again.tag, r.tag) && !strcmp(again.symbol, r.symbol));
	assert(!strcmp(again.field, r.field) && again.addr == r.addr);
	assert(again.kind == r.kind && again.more == r.more);
	assert(!memcmp(again.value, r.value, sizeof(r.value)));
}

static void fuzz_kernel_op_reply(const u8 *data, size_t size)
{
	struct kt_kernel_op_reply r;

	if (kt_kernel_op_reply_decode(&r, data, size))
		return;
	assert(r.request_id && r.width <= KT_KERNEL_OP_VALUE_BYTES);
	assert(r.status == KT_REPLY_OK ? !r.reason[0] : !r.width);
	assert(strlen(r.reason) <= KT_KERNEL_OP_REASON_BYTES);
	assert(kt_kernel_op_reply_encode(&r, buf, sizeof(buf)) == (int)size);
	assert(!memcmp(buf, data, size));
}

static void fuzz_lifecycle(const u8 *data, size_t size)
{
	char reason[KT_LIFECYCLE_REASON_MAX + 1], again[sizeof(reason)];
	u8 phase, phase_again;
	int len;

	if (kt_lifecycle_decode(&phase, reason, sizeof(reason), data, size))
		return;
	len = kt_lifecycle_encode(phase, reason, buf, sizeof(buf));
	assert(len > 0);
	assert(!kt_lifecycle_decode(&phase_again, again, sizeof(again), buf,
				    len));
	assert(phase == phase_again && !strcmp(reason, again));
	/* a buffer too small for it only cuts it */
	assert(!kt_lifecycle_decode(&phase, again, 8, data, size));
	assert(strlen(again) < 8);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char tag[5];
	u32 msg_type;

	fuzz_fixed(data, size);
	fuzz_snapshot_req(data, size);
	fuzz_snapshot_reply(data, size);
	fuzz_kernel_op_req(data, size);
	fuzz_kernel_op_reply(data, size);
	fuzz_lifecycle(data, size);
	if (size >= sizeof(msg_type)) {
		memcpy(&msg_type, data, sizeof(msg_type));
		assert(strlen(kt_tag_str(msg_type, tag)) == 4);
	}
	return 0;
}
