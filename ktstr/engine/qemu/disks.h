/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The disks of a QEMU machine. QEMU shows them to the guest; this process
 * serves them, each to a socket that QEMU inherits and in a thread of its own.
 */
#ifndef KTSTR_ENGINE_QEMU_DISKS_H
#define KTSTR_ENGINE_QEMU_DISKS_H

#include "qemu.h"

struct kt_vhost_user;

struct kt_qemu_disks {
	struct kt_guest_mem mem;
	int fds[KT_MAX_DISKS];		/* ours, until a transport has them */
	struct kt_vhost_user *transports[KT_MAX_DISKS];
};

void kt_qemu_disks_init(struct kt_qemu_disks *d);

/* A socket for each of them, before QEMU is started. */
int kt_qemu_disks_open(struct kt_qemu_disks *d,
		       const struct kt_machine_plan *plan,
		       struct kt_qemu_fds *fds);

/*
 * QEMU waits for them while it comes up. Their threads begin behind the fork
 * that made it. @m, whose memory is mapped, gets the devices.
 */
int kt_qemu_disks_serve(struct kt_qemu_disks *d,
			const struct kt_machine_plan *plan,
			struct kt_machine *m);

/* From any state; the memory that they are in outlives them. */
void kt_qemu_disks_close(struct kt_qemu_disks *d, struct kt_machine *m);

/* Nothing of @m's memory is touched by a disk until its pair. */
void kt_qemu_disks_pause(struct kt_machine *m);
void kt_qemu_disks_resume(struct kt_machine *m);

#endif /* KTSTR_ENGINE_QEMU_DISKS_H */
