// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes from the peer of a QMP connection that then ends. The first byte
 * says how many of the commands are tried; the bytes are there before the
 * first of them. Nothing may take long, and what was kept must be in bounds.
 */
#include <assert.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drop_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/engine/qemu/qmp.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define COMMAND_NS	(2 * KT_NSEC_PER_SEC)
#define LIMIT_NS	(20 * KT_NSEC_PER_SEC)

static void check(const struct kt_qmp *q, int ret)
{
	assert(ret <= 0);
	/* the peer has ended: there is nothing to wait for */
	assert(ret != -ETIMEDOUT);
	assert(q->len_bytes <= sizeof(q->buf));
	assert(memchr(q->reason, '\0', sizeof(q->reason)));
	assert(q->shutdown || !q->reason[0]);
}

static void talk(struct kt_qmp *q, int fd, u32 commands)
{
	int ret = kt_qmp_open(q, fd, kt_now_ns() + COMMAND_NS);

	check(q, ret);
	while (!ret && commands--) {
		ret = kt_qmp_cmd(q, "stop", kt_now_ns() + COMMAND_NS);
		check(q, ret);
	}
	kt_qmp_poll(q);
	check(q, 0);
	assert(q->eof || q->len_bytes == sizeof(q->buf));
	kt_qmp_close(q);
	assert(q->fd == -1);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct kt_qmp q;
	u64 from = kt_now_ns();
	int sv[2];

	if (!size || size > (64u << 10))
		return 0;
	signal(SIGPIPE, SIG_IGN);
	drop_log();
	assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	assert(!kt_set_nonblock(sv[0], true));
	assert(!kt_write_all(sv[1], data + 1, size - 1, 0));
	shutdown(sv[1], SHUT_WR);
	talk(&q, sv[0], data[0] % 8);
	close(sv[1]);
	assert(kt_now_ns() - from < LIMIT_NS);
	return 0;
}
