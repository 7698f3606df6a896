// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reply path whole: frames into the outbox, as many of its bytes through
 * a socket as fit, and what arrives at the guest's end of it put together
 * again. The input is a list of steps of three bytes, one that says what to do
 * and a number. What was accepted comes out whole, once, and in order.
 */
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktstr/base/log.h"
#include "ktstr/coord/outbox.h"
#include "ktstr/wire/frame.h"
#include "ktstr/wire/msg.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define STEP_BYTES	3
#define SOCKET_BYTES	8192

enum step {
	REPLY,		/* a snapshot's, with that id */
	PAYLOAD,	/* of so many bytes */
	TOO_LONG,
	FLUSH,
	RECEIVE,	/* so many bytes */
	BREAK,
	NR_STEPS,
};

struct path {
	struct kt_outbox o;
	struct kt_assembler a;
	int host, guest;	/* the port's two ends */
	u32 sent, received;	/* frames */
};

static u8 filler[UINT16_MAX];

static void add(struct path *p, const void *payload, size_t len)
{
	u64 refused = p->o.refused;
	int err = kt_outbox_add(&p->o, 0x100 + p->sent, payload, len);

	if (!err)
		p->sent++;
	else if (len > KT_FRAME_MAX_PAYLOAD)
		assert(err == -EMSGSIZE);
	else
		assert(err == -ENOBUFS && p->o.refused == refused + 1);
}

static void add_reply(struct path *p, u32 id)
{
	const struct kt_snapshot_reply r = { id, KT_REPLY_OK };
	u8 buf[KT_SNAPSHOT_REPLY_BYTES];

	if (kt_snapshot_reply_encode(&r, buf, sizeof(buf)) > 0)
		add(p, buf, sizeof(buf));
}

static void receive(struct path *p, size_t len)
{
	static u8 buf[UINT16_MAX];
	ssize_t n = read(p->guest, buf, len);
	struct kt_frame f;

	if (n <= 0)
		return;
	assert(!kt_assembler_feed(&p->a, buf, n));
	while (kt_assembler_next(&p->a, &f)) {
		assert(f.crc_ok && f.msg_type == 0x100 + p->received);
		p->received++;
	}
}

static void flush(struct path *p)
{
	int err = kt_outbox_flush(&p->o, p->host);

	assert(!err || (err == -EPIPE && p->guest < 0));
}

static void step(struct path *p, u8 what, u16 number)
{
	switch (what % NR_STEPS) {
	case REPLY:
		return add_reply(p, number);
	case PAYLOAD:
		return add(p, filler, number);
	case TOO_LONG:
		return add(p, filler, KT_FRAME_MAX_PAYLOAD + 1 + number);
	case FLUSH:
		return flush(p);
	case RECEIVE:
		return receive(p, number);
	case BREAK:
		close(p->guest);
		p->guest = -1;
	}
}

static void open_port(struct path *p)
{
	const int size = SOCKET_BYTES;
	int sv[2];

	signal(SIGPIPE, SIG_IGN);
	assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			   0, sv));
	setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	p->host = sv[0];
	p->guest = sv[1];
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct path p = { 0 };

	kt_log_set_level(KT_LOG_ERR);
	kt_assembler_init(&p.a);
	open_port(&p);
	for (; size >= STEP_BYTES; data += STEP_BYTES, size -= STEP_BYTES)
		step(&p, data[0], data[1] | data[2] << 8);
	/* all that was accepted arrives, once the guest reads */
	while (p.guest >= 0 && p.received < p.sent) {
		flush(&p);
		receive(&p, UINT16_MAX);
	}
	assert(p.guest < 0 || kt_outbox_empty(&p.o));
	kt_assembler_fini(&p.a);
	kt_outbox_fini(&p.o);
	close(p.host);
	if (p.guest >= 0)
		close(p.guest);
	return 0;
}
