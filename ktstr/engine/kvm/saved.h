/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A native machine that stands still, all but its memory, to a file and back:
 * clocks, vCPUs, interrupt controllers, devices.
 */
#ifndef KTSTR_ENGINE_KVM_SAVED_H
#define KTSTR_ENGINE_KVM_SAVED_H

#include "devices.h"
#include "vcpu.h"
#include "x86/clock.h"

/* What has state; the machine's own. */
struct kt_kvm_parts {
	const struct kt_kvm_vm *vm;
	const struct kt_vcpus *vcpus;
	struct kt_kvm_devices *devices;
	struct kt_x86_clock *clock;
};

/* -errno, reported. */
int kt_kvm_state_save(const struct kt_kvm_parts *p, int fd);

/*
 * Into parts just made of the same plan, whose devices are paused: they and the
 * clocks are let go when the machine starts. -EBADMSG or another -errno,
 * reported.
 */
int kt_kvm_state_load(const struct kt_kvm_parts *p, int fd);

#endif /* KTSTR_ENGINE_KVM_SAVED_H */
