/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers by which a guest ends its machine: ACPI's sleep control and
 * reset, and the keyboard controller's reset line, the last resort of kernels.
 */
#ifndef KTSTR_ENGINE_KVM_X86_PM_H
#define KTSTR_ENGINE_KVM_X86_PM_H

#include "../../engine.h"
#include "../bus.h"

struct kt_pm {
	/* The machine is to end so. On the thread of the vCPU that asked. */
	void (*end)(void *arg, enum kt_machine_end how);
	void *arg;
};

/* Puts them on the bus of ports. */
int kt_pm_add(struct kt_pm *pm, struct kt_bus *ports);

#endif /* KTSTR_ENGINE_KVM_X86_PM_H */
