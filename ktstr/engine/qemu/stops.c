// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handing the plugin and its socket to QEMU.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "stops.h"

extern const char kt_qemu_plugin_start[], kt_qemu_plugin_end[];

int kt_qemu_stops_open(const struct kt_machine_plan *plan,
		       struct kt_qemu_fds *fds, int *ours)
{
	size_t bytes = kt_qemu_plugin_end - kt_qemu_plugin_start;
	int ret;

	if (!plan->stops)
		return 0;
	fds->plugin = memfd_create("ktstr-plugin.so", 0);	/* QEMU inherits it */
	if (fds->plugin < 0)
		return kt_err(-errno, "memfd: %s", strerror(errno));
	ret = kt_write_all(fds->plugin, kt_qemu_plugin_start, bytes, 0);
	if (ret)
		return kt_err(ret, "QEMU's plugin: %s", strerror(-ret));
	return kt_qemu_pair(ours, &fds->stop);
}

int kt_qemu_stops_preload(const struct kt_qemu_fds *fds)
{
	char path[32];

	if (fds->plugin < 0)
		return 0;
	snprintf(path, sizeof(path), "/dev/fd/%d", fds->plugin);
	return setenv("LD_PRELOAD", path, 1) ? -errno : 0;
}

void kt_qemu_stops_add(struct kt_strv *argv, const struct kt_machine_plan *plan,
		       const struct kt_qemu_fds *fds)
{
	if (!plan->stops)
		return;
	kt_strv_add(argv, "-plugin");
	kt_strv_addf(argv, "file=/dev/fd/%d,stops=%d", fds->plugin, fds->stop);
}
