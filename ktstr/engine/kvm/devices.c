// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices made and wired up. Virtio devices come in the order console, disks;
 * the ACPI tables name as many as there are.
 */
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "devices.h"

#define CONSOLE_BYTES	(1024 * 1024)	/* on the way to the host */

void kt_kvm_devices_init(struct kt_kvm_devices *d)
{
	u32 i;

	memset(d, 0, sizeof(*d));
	d->console_fd = -1;
	d->hvc_fd = -1;
	d->bulk_fd = -1;
	d->stats_fd = -1;
	for (i = 0; i < KT_KVM_SERIALS; i++)
		d->serial_irq[i] = -1;
	for (i = 0; i < KT_X86_MAX_MMIO; i++)
		d->virtio_irq[i] = -1;
}

/* Both ends close-on-exec and non-blocking. */
static int port(int *ours, int *devices)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       sv))
		return kt_err(-errno, "socketpair: %s", strerror(errno));
	*ours = sv[0];
	*devices = sv[1];
	return 0;
}

static int add_sockets(struct kt_kvm_devices *d, struct kt_machine *m)
{
	int bytes = CONSOLE_BYTES, ret;

	ret = port(&m->console_fd, &d->console_fd);
	if (!ret)
		ret = port(&m->hvc_fd, &d->hvc_fd);
	if (!ret)
		ret = port(&m->bulk_fd, &d->bulk_fd);
	if (!ret)
		ret = port(&m->stats_fd, &d->stats_fd);
	/* a vCPU does not wait for the console's reader */
	if (!ret)
		setsockopt(d->console_fd, SOL_SOCKET, SO_SNDBUF, &bytes,
			   sizeof(bytes));
	return ret;
}

static int new_irq(struct kt_kvm_vm *vm, u32 gsi, int *fd)
{
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		return kt_err(-errno, "eventfd: %s", strerror(errno));
	return kt_kvm_vm_irq(vm, *fd, gsi);
}

static int add_to_bus(struct kt_bus *bus, u64 base, u32 len_bytes,
		      const struct kt_bus_ops *ops, void *dev)
{
	int ret = kt_bus_add(bus, base, len_bytes, ops, dev);

	if (ret)
		return kt_err(ret, "device at 0x%llx: %s",
			      (unsigned long long)base, strerror(-ret));
	return 0;
}

/*
 * COM1 is the kernel's console; COM2 is for a guest that is dying and no
 * longer trusts it. Both go to the console's stream, line by line.
 */
static int add_serial(struct kt_kvm_devices *d, struct kt_kvm_vm *vm)
{
	static const struct {
		u32 port, gsi;
	} com[KT_KVM_SERIALS] = {
		{ KT_X86_COM1, KT_X86_COM1_GSI },
		{ KT_X86_COM2, KT_X86_COM2_GSI },
	};
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < KT_KVM_SERIALS; i++) {
		ret = new_irq(vm, com[i].gsi, &d->serial_irq[i]);
		if (ret)
			break;
		kt_serial_init(&d->serial[i], d->console_fd, d->serial_irq[i]);
		d->nr_serial++;
		ret = add_to_bus(&d->ports, com[i].port, KT_SERIAL_PORTS,
				 &kt_serial_ops, &d->serial[i]);
	}
	return ret;
}

static void mmio_read(void *dev, u32 offset, void *buf, u32 len_bytes)
{
	kt_mmio_read(dev, offset, buf, len_bytes);
}

static void mmio_write(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	kt_mmio_write(dev, offset, buf, len_bytes);
}

static const struct kt_bus_ops mmio_ops = {
	.read	= mmio_read,
	.write	= mmio_write,
};

/* The next virtio device. @kick_fd serves its notifications. */
static int add_virtio(struct kt_kvm_devices *d, struct kt_kvm_vm *vm,
		      struct kt_virtio_device *dev, int kick_fd)
{
	u32 i = d->nr_virtio;
	u64 base = KT_X86_MMIO + i * KT_X86_MMIO_STRIDE;
	int ret;

	if (i == KT_X86_MAX_MMIO)
		return kt_err(-ENOSPC, "more than %d virtio devices",
			      KT_X86_MAX_MMIO);
	ret = new_irq(vm, KT_X86_MMIO_GSI + i, &d->virtio_irq[i]);
	if (ret)
		return ret;
	kt_mmio_init(&d->virtio[i], dev, d->virtio_irq[i]);
	d->nr_virtio++;
	ret = add_to_bus(&d->mmio, base, KT_MMIO_BYTES, &mmio_ops,
			 &d->virtio[i]);
	if (ret)
		return ret;
	return kt_kvm_vm_doorbell(vm, kick_fd, base + KT_MMIO_QUEUE_NOTIFY);
}

static int add_console(struct kt_kvm_devices *d, struct kt_kvm_vm *vm)
{
	const int fds[KT_CONSOLE_PORTS] = {
		d->hvc_fd, d->bulk_fd, d->stats_fd,
	};
	int ret = kt_console_new(&d->mem, fds, &d->console);

	if (ret)
		return kt_err(ret, "virtio console: %s", strerror(-ret));
	return add_virtio(d, vm, kt_console_device(d->console),
			  kt_console_kick_fd(d->console));
}

static int add_disks(struct kt_kvm_devices *d, struct kt_kvm_vm *vm,
		     const struct kt_machine_plan *plan, struct kt_machine *m)
{
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < plan->nr_disks; i++) {
		ret = kt_block_new(&d->mem, &plan->disks[i], &m->disks[i]);
		if (ret)
			return kt_err(ret, "disk %u: %s", i, strerror(-ret));
		m->nr_disks++;
		ret = add_virtio(d, vm, kt_block_device(m->disks[i]),
				 kt_block_kick_fd(m->disks[i]));
	}
	return ret;
}

int kt_kvm_devices_add(struct kt_kvm_devices *d, struct kt_kvm_vm *vm,
		       const struct kt_machine_plan *plan,
		       struct kt_machine *m)
{
	int ret;

	d->mem.regions = m->regions;
	d->mem.nr = m->nr_regions;
	ret = add_sockets(d, m);
	if (!ret)
		ret = kt_pm_add(&d->pm, &d->ports);
	if (!ret)
		ret = add_serial(d, vm);
	if (!ret)
		ret = add_console(d, vm);
	return ret ? ret : add_disks(d, vm, plan, m);
}

void kt_kvm_devices_pause(struct kt_kvm_devices *d, struct kt_machine *m)
{
	u32 i;

	if (d->paused)
		return;
	d->paused = true;
	kt_console_pause(d->console);
	for (i = 0; i < m->nr_disks; i++)
		kt_block_pause(m->disks[i]);
	kt_kvm_devices_flush(d);
}

void kt_kvm_devices_resume(struct kt_kvm_devices *d, struct kt_machine *m)
{
	u32 i;

	if (!d->paused)
		return;
	d->paused = false;
	for (i = 0; i < m->nr_disks; i++)
		kt_block_resume(m->disks[i]);
	kt_console_resume(d->console);
}

int kt_kvm_devices_save(struct kt_kvm_devices *d, struct kt_enc *e)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < d->nr_serial; i++)
		kt_serial_save(&d->serial[i], e);
	for (i = 0; i < d->nr_virtio && !ret; i++)
		ret = kt_mmio_save(&d->virtio[i], e);
	return ret ? ret : kt_console_save(d->console, e);
}

int kt_kvm_devices_load(struct kt_kvm_devices *d, struct kt_dec *dec)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < d->nr_serial; i++)
		kt_serial_load(&d->serial[i], dec);
	for (i = 0; i < d->nr_virtio && !ret; i++)
		ret = kt_mmio_load(&d->virtio[i], dec);
	return ret ? ret : kt_console_load(d->console, dec);
}

void kt_kvm_devices_flush(struct kt_kvm_devices *d)
{
	u32 i;

	for (i = 0; i < d->nr_serial; i++)
		kt_serial_flush(&d->serial[i]);
}

void kt_kvm_devices_fini(struct kt_kvm_devices *d, struct kt_machine *m)
{
	u32 i;

	kt_kvm_devices_resume(d, m);
	if (d->console)
		kt_console_free(d->console);
	for (i = 0; i < m->nr_disks; i++)
		kt_block_free(m->disks[i]);
	for (i = 0; i < d->nr_virtio; i++)
		kt_mmio_fini(&d->virtio[i]);
	for (i = 0; i < d->nr_serial; i++)
		kt_serial_fini(&d->serial[i]);
	for (i = 0; i < KT_KVM_SERIALS; i++)
		kt_close(&d->serial_irq[i]);
	for (i = 0; i < KT_X86_MAX_MMIO; i++)
		kt_close(&d->virtio_irq[i]);
	kt_close(&d->console_fd);
	kt_close(&d->hvc_fd);
	kt_close(&d->bulk_fd);
	kt_close(&d->stats_fd);
}
