/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A QEMU that counts instructions for time: its arguments, and the one host
 * CPU that its threads share.
 */
#ifndef KTSTR_ENGINE_QEMU_ICOUNT_H
#define KTSTR_ENGINE_QEMU_ICOUNT_H

#include <sys/types.h>

#include "../engine.h"

struct kt_strv;

void kt_qemu_icount_add(struct kt_strv *argv,
			const struct kt_machine_plan *plan);

/*
 * What its CPUs lack; begins with ','. They have no random numbers, but where the
 * kernel is to move by them: a machine that goes on where it was saved would have
 * others than one that has booted. The guest's come from the Plan's seed.
 */
const char *kt_qemu_icount_cpu(const struct kt_machine_plan *plan);

/*
 * For a virtio device: how it and its driver notify each other; begins with ','.
 * With event_idx a device that was loaded interrupts once more than another.
 */
const char *kt_qemu_icount_virtio(const struct kt_machine_plan *plan, bool pci);

/* What the guest is told that its TSC runs at. */
u32 kt_qemu_tsc_khz(const struct kt_machine_plan *plan);

/* In the child, before exec. 0 or -errno. */
int kt_qemu_icount_pin(const struct kt_machine_plan *plan);

/*
 * QEMU's end of the frame stream: takes little at a time (wire/hold.h), and then
 * has the machine wait, its clock with it. 0 or -errno.
 */
int kt_qemu_icount_port(int fd);

/*
 * Stops all threads of QEMU, which goes on by SIGCONT: 0, -ETIMEDOUT, or -ESRCH
 * when it has ended.
 */
int kt_qemu_icount_stop(pid_t pid, u64 deadline_ns);

#endif /* KTSTR_ENGINE_QEMU_ICOUNT_H */
