// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes from the peer of a gdb stub's connection that then ends. The first
 * byte says how many watchpoints are asked for; the bytes are there before the
 * first of them. Nothing may take long, and what was kept must be in bounds.
 */
#include <assert.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drop_log.h"
#include "ktstr/base/fd.h"
#include "ktstr/engine/qemu/regs.h"
#include "ktstr/engine/qemu/watch.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define COMMAND_NS	(2 * KT_NSEC_PER_SEC)
#define LIMIT_NS	(20 * KT_NSEC_PER_SEC)
#define GVA		0xffffffff81e07a00ULL

static void check(const struct kt_qemu_watch *w)
{
	assert(w->gdb.len_bytes <= sizeof(w->gdb.buf));
	assert(!(w->fire.slots & ~((1u << KT_MAX_WATCHES) - 1)));
	assert(w->fire.stopped || !w->fire.slots);
}

static void talk(struct kt_qemu_watch *w, u32 asked)
{
	u32 i;
	int ret;

	for (i = 0; i < asked; i++) {
		ret = kt_qemu_watch_set(w, i % KT_MAX_WATCHES, GVA + 4 * (i / 5),
					kt_now_ns() + COMMAND_NS);
		assert(ret <= 0);
		/* the peer has ended: there is nothing to wait for */
		assert(ret != -ETIMEDOUT);
		check(w);
	}
	do
		kt_qemu_watch_poll(w);
	while (!w->gdb.eof);
	check(w);
}

/* The same bytes as what the monitor prints. */
static void read_regs(const u8 *data, size_t size)
{
	struct kt_vcpu_regs regs;
	char *text = strndup((const char *)data, size);

	assert(text);
	assert(kt_qemu_regs_parse(text, &regs) <= 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kt_qemu_watch w = {};
	u64 from = kt_now_ns();
	int sv[2];

	if (!size || size > (64u << 10))
		return 0;
	signal(SIGPIPE, SIG_IGN);
	drop_log();
	read_regs(data, size);
	assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	assert(!kt_set_nonblock(sv[0], true));
	assert(!kt_write_all(sv[1], data + 1, size - 1, 0));
	shutdown(sv[1], SHUT_WR);
	kt_gdb_open(&w.gdb, sv[0]);
	talk(&w, data[0] % 8);
	kt_gdb_close(&w.gdb);
	assert(w.gdb.fd == -1);
	close(sv[1]);
	assert(kt_now_ns() - from < LIMIT_NS);
	return 0;
}
