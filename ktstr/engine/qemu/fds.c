// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptors that a QEMU process inherits: what it is to have of memory,
 * ports and disks it finds there, and nothing of it has a path.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "qemu.h"

#define PIPE_BYTES	(1024 * 1024)

int kt_qemu_pair(int *ours, int *theirs)
{
	int sv[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return kt_err(-errno, "socketpair: %s", strerror(errno));
	*ours = sv[0];
	*theirs = sv[1];
	ret = kt_set_nonblock(*ours, true);
	return ret ? ret : kt_set_cloexec(*theirs, false);
}

int kt_qemu_pipe(int *ours, int *theirs)
{
	int p[2], ret;

	if (pipe2(p, O_CLOEXEC))
		return kt_err(-errno, "pipe: %s", strerror(errno));
	*ours = p[0];
	*theirs = p[1];
	/* a smaller one does as well as long as we read in time */
	fcntl(*ours, F_SETPIPE_SZ, PIPE_BYTES);
	ret = kt_set_nonblock(*ours, true);
	return ret ? ret : kt_set_cloexec(*theirs, false);
}

void kt_qemu_fds_init(struct kt_qemu_fds *fds)
{
	u32 i;

	fds->qmp = -1;
	fds->gdb = -1;
	fds->console = -1;
	fds->hvc = -1;
	fds->bulk = -1;
	fds->stats = -1;
	fds->initrd = -1;
	fds->plugin = -1;
	fds->stop = -1;
	for (i = 0; i < KT_MAX_NODES; i++)
		fds->memory[i] = -1;
	for (i = 0; i < KT_MAX_DISKS; i++)
		fds->disks[i] = -1;
}

void kt_qemu_fds_close(struct kt_qemu_fds *fds)
{
	u32 i;

	kt_close(&fds->qmp);
	kt_close(&fds->gdb);
	kt_close(&fds->console);
	kt_close(&fds->hvc);
	kt_close(&fds->bulk);
	kt_close(&fds->stats);
	kt_close(&fds->plugin);
	kt_close(&fds->stop);
	for (i = 0; i < KT_MAX_NODES; i++)
		kt_close(&fds->memory[i]);
	for (i = 0; i < KT_MAX_DISKS; i++)
		kt_close(&fds->disks[i]);
}
