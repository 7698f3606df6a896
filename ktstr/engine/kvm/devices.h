/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The native machine's devices: two serial ports, the virtio console, disks and
 * the registers that end it; each with its address, interrupt and doorbell.
 */
#ifndef KTSTR_ENGINE_KVM_DEVICES_H
#define KTSTR_ENGINE_KVM_DEVICES_H

#include "../../virtio/console.h"
#include "../../virtio/mmio.h"
#include "bus.h"
#include "vm.h"
#include "x86/layout.h"
#include "x86/pm.h"
#include "x86/serial.h"

#define KT_KVM_SERIALS	2

struct kt_kvm_devices {
	struct kt_bus ports;
	struct kt_bus mmio;
	struct kt_guest_mem mem;
	struct kt_pm pm;
	struct kt_serial serial[KT_KVM_SERIALS];
	u32 nr_serial;
	int serial_irq[KT_KVM_SERIALS];
	struct kt_console_dev *console;
	struct kt_mmio virtio[KT_X86_MAX_MMIO];
	int virtio_irq[KT_X86_MAX_MMIO];
	u32 nr_virtio;
	/* the devices' ends of the machine's sockets */
	int console_fd, hvc_fd, bulk_fd, stats_fd;
	bool paused;
};

/* Nothing yet, so that kt_kvm_devices_fini() may be called. */
void kt_kvm_devices_init(struct kt_kvm_devices *d);

/*
 * Makes them as @plan wants; @m gets the host's ends of the ports and its
 * disks. The vCPUs do not run yet. -errno, reported.
 */
int kt_kvm_devices_add(struct kt_kvm_devices *d, struct kt_kvm_vm *vm,
		       const struct kt_machine_plan *plan,
		       struct kt_machine *m);

/* For a frozen machine: their threads stand still between the two. */
void kt_kvm_devices_pause(struct kt_kvm_devices *d, struct kt_machine *m);
void kt_kvm_devices_resume(struct kt_kvm_devices *d, struct kt_machine *m);

/* What was sent without an end of line goes to the host. */
void kt_kvm_devices_flush(struct kt_kvm_devices *d);

/*
 * Of a frozen machine, and into one whose devices are paused. -EBUSY when one
 * is in a state that is not saved, -EBADMSG.
 */
int kt_kvm_devices_save(struct kt_kvm_devices *d, struct kt_enc *e);
int kt_kvm_devices_load(struct kt_kvm_devices *d, struct kt_dec *dec);

/* No vCPU runs any more. Frees @m's disks too, not its descriptors. */
void kt_kvm_devices_fini(struct kt_kvm_devices *d, struct kt_machine *m);

#endif /* KTSTR_ENGINE_KVM_DEVICES_H */
