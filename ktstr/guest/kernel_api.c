// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ktstr.h offers for looking at this kernel from the host: from the
 * test's arguments to requests, from answers to results. What can be seen to
 * be wrong here is refused here, with its reason, and sent nowhere.
 */
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

#include "../base/fd.h"
#include "../base/strbuf.h"
#include "ctx.h"
#include "kernel_api.h"

#define ANSWER_MS	30000
#define STAT_BYTES	4096
#define STAT_STARTTIME	22	/* field of /proc/PID/stat, from 1 */

static int __printf(2, 3)
refuse(struct ktstr_kernel_op *op, const char *fmt, ...)
{
	va_list ap;

	op->ok = false;
	va_start(ap, fmt);
	vsnprintf(op->reason, sizeof(op->reason), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int set_width(struct ktstr_kernel_op *op, struct kt_kernel_op_req *req)
{
	if (!op->width || op->width > KTSTR_VALUE_BYTES)
		return refuse(op, "a width of %u bytes: 1 to %u are possible",
			      op->width, KTSTR_VALUE_BYTES);
	if (!op->bytes && op->width != sizeof(u32) && op->width != sizeof(u64))
		return refuse(op, "a number of %u bytes: 4 or 8 are possible, others as bytes",
			      op->width);
	req->width = op->width;
	req->kind = op->bytes ? KT_VALUE_BYTES :
		    op->width == sizeof(u32) ? KT_VALUE_U32 : KT_VALUE_U64;
	return 0;
}

static int set_name(struct ktstr_kernel_op *op, char *dst, const char *what,
		    const char *name)
{
	if (!name || !name[0])
		return refuse(op, "no %s is given", what);
	if (strlen(name) > KT_KERNEL_OP_NAME_BYTES)
		return refuse(op, "the %s has more than %u bytes: %.32s...",
			      what, KT_KERNEL_OP_NAME_BYTES, name);
	kt_utf8_copy(dst, KT_KERNEL_OP_NAME_BYTES + 1, name);
	return 0;
}

static int set_target(struct ktstr_kernel_op *op, struct kt_kernel_op_req *req)
{
	int ret;

	req->target = op->target;
	switch (op->target) {
	case KTSTR_SYMBOL:
		return set_name(op, req->symbol, "symbol", op->symbol);
	case KTSTR_DIRECT_MAP:
	case KTSTR_KVA:
		req->addr = op->addr;
		return 0;
	case KTSTR_PERCPU_FIELD:
		req->cpu = op->cpu;
		ret = set_name(op, req->symbol, "symbol", op->symbol);
		return ret ? ret : set_name(op, req->field, "field", op->field);
	case KTSTR_TASK_FIELD:
		req->pid = op->pid;
		req->start_time = op->start_time;
		if (!op->pid)
			return refuse(op, "no pid is given");
		return set_name(op, req->field, "field", op->field);
	}
	return refuse(op, "target %d: there is none such", (int)op->target);
}

static void set_value(const struct ktstr_kernel_op *op,
		      struct kt_kernel_op_req *req)
{
	u32 v32 = htole32(op->value.u32);
	u64 v64 = htole64(op->value.u64);

	if (req->kind == KT_VALUE_U32)
		memcpy(req->value, &v32, sizeof(v32));
	else if (req->kind == KT_VALUE_U64)
		memcpy(req->value, &v64, sizeof(v64));
	else
		memcpy(req->value, op->value.bytes, op->width);
}

/* A request without its id. -EINVAL, and @op says why. */
static int make_request(struct ktstr_kernel_op *op, const char *tag,
			struct kt_kernel_op_req *req)
{
	int ret;

	memset(req, 0, sizeof(*req));
	op->ok = false;
	op->reason[0] = '\0';
	ret = set_target(op, req);
	if (!ret)
		ret = set_width(op, req);
	if (ret)
		return ret;
	req->cold = op->cold;
	req->write = op->write;
	if (op->write)
		set_value(op, req);
	kt_utf8_copy(req->tag, sizeof(req->tag), tag);
	return 0;
}

static void send_op(struct kt_requests *r, int fd, struct ktstr_kernel_op *op,
		    const struct kt_kernel_op_req *req, u64 deadline_ns)
{
	u8 buf[KT_KERNEL_OP_MAX_BYTES];
	int ret = kt_kernel_op_req_encode(req, buf, sizeof(buf));

	if (ret >= 0)
		ret = kt_requests_send(fd, KT_TAG_KERNEL_OP_REQ, buf, ret,
				       deadline_ns);
	if (ret >= 0)
		return;
	refuse(op, "the request could not be sent: %s", strerror(-ret));
	kt_requests_match(r, req->request_id);	/* no answer to wait for */
}

/* True when it is done. */
static bool take_answer(struct ktstr_kernel_op *op,
			const struct kt_kernel_op_reply *reply)
{
	u32 v32;
	u64 v64;

	if (reply->status != KT_REPLY_OK) {
		refuse(op, "%s", reply->reason[0] ? reply->reason :
						    "the host gave no reason");
		return false;
	}
	if (!op->write && reply->width != op->width) {
		refuse(op, "the host answered with %u bytes, not %u",
		       reply->width, op->width);
		return false;
	}
	op->ok = true;
	op->reason[0] = '\0';
	if (op->write)
		return true;
	memcpy(op->value.bytes, reply->value, op->width);
	memcpy(&v32, reply->value, sizeof(v32));
	memcpy(&v64, reply->value, sizeof(v64));
	if (!op->bytes && op->width == sizeof(v32))
		op->value.u32 = le32toh(v32);
	else if (!op->bytes)
		op->value.u64 = le64toh(v64);
	return true;
}

/*
 * Sends those that are in order; @sent has the operation of each request. One
 * is sent when it is known whether another follows it.
 */
static void send_ops(struct kt_requests *r, int fd, const char *tag,
		     struct ktstr_kernel_op *ops, u32 nr,
		     struct ktstr_kernel_op **sent, u64 deadline_ns)
{
	struct kt_kernel_op_req req, last;
	u32 i, n = 0;

	for (i = 0; i < nr; i++) {
		if (make_request(&ops[i], tag, &req))
			continue;
		if (n) {
			last.more = true;
			send_op(r, fd, sent[n - 1], &last, deadline_ns);
		}
		req.request_id = kt_requests_add(r);
		sent[n++] = &ops[i];
		last = req;
	}
	if (n)
		send_op(r, fd, sent[n - 1], &last, deadline_ns);
}

u32 kt_kernel_ops_run(struct kt_requests *r, int fd, const char *tag,
		      struct ktstr_kernel_op *ops, u32 nr, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	struct ktstr_kernel_op *sent[KT_MAX_REQUESTS];
	struct kt_reply reply;
	u32 i, done = 0;
	int ret = 0;

	kt_requests_begin(r);
	if (nr > KTSTR_MAX_KERNEL_OPS) {
		for (i = 0; i < nr; i++)
			refuse(&ops[i], "%u operations in a call: %u at most",
			       nr, KTSTR_MAX_KERNEL_OPS);
		return 0;
	}
	send_ops(r, fd, tag, ops, nr, sent, deadline);
	while (r->waiting && ret >= 0) {
		ret = kt_requests_wait(r, fd, KT_TAG_KERNEL_OP_REPLY, &reply,
				       deadline);
		if (ret >= 0)
			done += take_answer(sent[ret], &reply.op);
	}
	for (i = 0; i < r->nr; i++)
		if (r->ids[i])
			refuse(sent[i], "no answer from the host within %u ms: %s",
			       timeout_ms, strerror(-ret));
	return done;
}

int kt_snapshot_run(struct kt_requests *r, int fd, enum kt_snapshot_kind kind,
		    const char *tag, u32 timeout_ms, char *why, size_t why_size)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	struct kt_snapshot_req req = { .kind = kind };
	u8 buf[KT_SNAPSHOT_REQ_BYTES];
	struct kt_reply reply;
	int ret;

	kt_requests_begin(r);
	if (!tag || !tag[0] || strlen(tag) > KT_SNAPSHOT_TAG_BYTES) {
		snprintf(why, why_size, "a %s has 1 to %u bytes",
			 kind == KT_SNAPSHOT_WATCH ? "watched symbol" : "tag",
			 KT_SNAPSHOT_TAG_BYTES);
		return -EINVAL;
	}
	req.request_id = kt_requests_add(r);
	kt_utf8_copy(req.tag, sizeof(req.tag), tag);
	ret = kt_snapshot_req_encode(&req, buf, sizeof(buf));
	if (ret >= 0)
		ret = kt_requests_send(fd, KT_TAG_SNAPSHOT_REQ, buf, ret,
				       deadline);
	if (ret >= 0)
		ret = kt_requests_wait(r, fd, KT_TAG_SNAPSHOT_REPLY, &reply,
				       deadline);
	if (ret < 0) {
		snprintf(why, why_size, "no answer from the host within %u ms: %s",
			 timeout_ms, strerror(-ret));
		return ret;
	}
	if (reply.snapshot.status == KT_REPLY_OK)
		return 0;
	snprintf(why, why_size, "%s", reply.snapshot.reason);
	return -EIO;
}

u32 ktstr_kernel_ops(struct ktstr_ctx *t, struct ktstr_kernel_op *ops, u32 nr)
{
	return kt_kernel_ops_run(&t->requests, t->frames_fd, t->test->name, ops,
				 nr, ANSWER_MS);
}

bool ktstr_capture(struct ktstr_ctx *t, const char *tag)
{
	char why[KTSTR_REASON_BYTES];

	if (!kt_snapshot_run(&t->requests, t->frames_fd, KT_SNAPSHOT_CAPTURE,
			     tag, ANSWER_MS, why, sizeof(why)))
		return true;
	ktstr_note(t, "no capture \"%.*s\": %s", KT_SNAPSHOT_TAG_BYTES,
		   tag ?: "", why);
	return false;
}

bool ktstr_watch(struct ktstr_ctx *t, const char *symbol)
{
	char why[KTSTR_REASON_BYTES];

	if (!kt_snapshot_run(&t->requests, t->frames_fd, KT_SNAPSHOT_WATCH,
			     symbol, ANSWER_MS, why, sizeof(why)))
		return true;
	ktstr_note(t, "no watch on \"%.*s\": %s", KT_SNAPSHOT_TAG_BYTES,
		   symbol ?: "", why);
	return false;
}

/* Behind the name, which may have anything in it, fields count from 3. */
u64 ktstr_start_time(u32 pid)
{
	char path[48], *text, *field, *save;
	u64 start = 0;
	u32 i;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	if (kt_read_file(path, STAT_BYTES, &text, NULL))
		return 0;
	field = strrchr(text, ')');
	field = field ? strtok_r(field + 1, " ", &save) : NULL;
	for (i = 3; i < STAT_STARTTIME && field; i++)
		field = strtok_r(NULL, " ", &save);
	if (field)
		start = strtoull(field, NULL, 10);
	free(text);
	return start;
}
