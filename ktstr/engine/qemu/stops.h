/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stops of a QEMU machine: a plugin that is carried along, and its socket.
 */
#ifndef KTSTR_ENGINE_QEMU_STOPS_H
#define KTSTR_ENGINE_QEMU_STOPS_H

#include "../../base/strv.h"
#include "../machine_plan.h"
#include "qemu.h"

/* Nothing unless @plan wants stops; *@ours gets our end. */
int kt_qemu_stops_open(const struct kt_machine_plan *plan,
		       struct kt_qemu_fds *fds, int *ours);
void kt_qemu_stops_add(struct kt_strv *argv, const struct kt_machine_plan *plan,
		       const struct kt_qemu_fds *fds);

/* In QEMU's process, ahead of exec: plugin/main_loop.h. -errno. */
int kt_qemu_stops_preload(const struct kt_qemu_fds *fds);

#endif /* KTSTR_ENGINE_QEMU_STOPS_H */
