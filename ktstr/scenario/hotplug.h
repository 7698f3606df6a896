/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that a scenario takes offline and brings back.
 */
#ifndef KTSTR_SCENARIO_HOTPLUG_H
#define KTSTR_SCENARIO_HOTPLUG_H

#include "steps.h"

/*
 * The topology and the workers' CPUs follow. -EINVAL for a CPU that the machine
 * has not, one that is so already, and the last one; with a sentence in
 * @s->why.
 */
int kt_hotplug(struct kt_scenario *s, u32 cpu, bool online);

/* All that were taken offline are back; what could not be is reported. */
void kt_hotplug_restore(struct kt_scenario *s);

#endif /* KTSTR_SCENARIO_HOTPLUG_H */
