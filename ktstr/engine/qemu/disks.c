// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening, serving, pausing and closing the disks of a QEMU machine.
 */
#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../virtio/vhost_user.h"
#include "disks.h"

void kt_qemu_disks_init(struct kt_qemu_disks *d)
{
	memset(d, 0, sizeof(*d));
	memset(d->fds, -1, sizeof(d->fds));
}

int kt_qemu_disks_open(struct kt_qemu_disks *d,
		       const struct kt_machine_plan *plan,
		       struct kt_qemu_fds *fds)
{
	int ret = 0;
	u32 i;

	if (plan->nr_disks > KT_MAX_DISKS)
		return kt_err(-E2BIG, "%u disks, at most %u", plan->nr_disks,
			      KT_MAX_DISKS);
	for (i = 0; !ret && i < plan->nr_disks; i++)
		ret = kt_qemu_pair(&d->fds[i], &fds->disks[i]);
	return ret;
}

int kt_qemu_disks_serve(struct kt_qemu_disks *d,
			const struct kt_machine_plan *plan,
			struct kt_machine *m)
{
	int ret = 0, fd;
	u32 i;

	d->mem = (struct kt_guest_mem){ m->regions, m->nr_regions };
	for (i = 0; !ret && i < plan->nr_disks; i++) {
		ret = kt_block_new(&d->mem, &plan->disks[i], &m->disks[i]);
		if (ret)
			break;
		m->nr_disks++;
		fd = d->fds[i];
		d->fds[i] = -1;
		ret = kt_vhost_user_start(kt_block_device(m->disks[i]), &d->mem,
					  fd, &d->transports[i]);
	}
	return ret;
}

void kt_qemu_disks_close(struct kt_qemu_disks *d, struct kt_machine *m)
{
	u32 i;

	for (i = 0; i < KT_MAX_DISKS; i++) {
		kt_vhost_user_stop(d->transports[i]);
		kt_block_free(m->disks[i]);
		kt_close(&d->fds[i]);
	}
}

void kt_qemu_disks_pause(struct kt_machine *m)
{
	u32 i;

	for (i = 0; i < m->nr_disks; i++)
		kt_block_pause(m->disks[i]);
}

void kt_qemu_disks_resume(struct kt_machine *m)
{
	u32 i;

	for (i = 0; i < m->nr_disks; i++)
		kt_block_resume(m->disks[i]);
}
