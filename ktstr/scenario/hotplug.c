// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU hotplug by sysfs.
 */
#include <stdio.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "hotplug.h"
#include "members.h"

#define LIST_SHOWN	80

static int write_online(u32 cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 cpu);
	return kt_write_file(path, online ? "1" : "0");
}

static int check(struct kt_scenario *s, u32 cpu, bool online)
{
	const char *what = online ? "online" : "offline";
	char list[KT_CPUMASK_STR];

	if (!kt_cpumask_test(&s->topo->online, cpu))
		return kt_scenario_fail(s, -EINVAL, "CPU %u %s: the machine has CPUs %.*s",
					cpu, what, LIST_SHOWN,
					kt_cpumask_str(&s->topo->online, list,
						       sizeof(list)));
	if (kt_cpumask_test(&s->now.online, cpu) == online)
		return kt_scenario_fail(s, -EINVAL, "CPU %u %s: it is already",
					cpu, what);
	if (!online && s->now.nr_cpus == 1)
		return kt_scenario_fail(s, -EINVAL, "CPU %u offline: it is the last one online",
					cpu);
	return 0;
}

int kt_hotplug(struct kt_scenario *s, u32 cpu, bool online)
{
	int ret = check(s, cpu, online);

	if (ret)
		return ret;
	ret = write_online(cpu, online);
	if (ret)
		return kt_scenario_fail(s, ret, "CPU %u %s: %s%s", cpu,
					online ? "online" : "offline",
					strerror(-ret), ret == -ENOENT ?
					"; the kernel cannot take it offline" :
					"");
	kt_guest_topology_set_online(&s->now, cpu, online);
	return kt_members_cpus_changed(s);
}

void kt_hotplug_restore(struct kt_scenario *s)
{
	struct kt_cpumask gone;
	u32 cpu;
	int ret;

	kt_cpumask_andnot(&gone, &s->topo->online, &s->now.online);
	for (cpu = kt_cpumask_next(&gone, 0); cpu < KT_MAX_CPUS;
	     cpu = kt_cpumask_next(&gone, cpu + 1)) {
		ret = write_online(cpu, true);
		if (ret)
			kt_warn("bring CPU %u back: %s", cpu, strerror(-ret));
		else
			kt_guest_topology_set_online(&s->now, cpu, true);
	}
}
