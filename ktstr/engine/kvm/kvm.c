// SPDX-License-Identifier: GPL-2.0-only
/*
 * The native engine's machine: memory, VM, devices, kernel, vCPUs, put together
 * in this order and taken apart in reverse.
 */
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../base/strbuf.h"
#include "../host_kvm.h"
#include "devices.h"
#include "kvm.h"
#include "memory.h"
#include "performance.h"
#include "saved.h"
#include "vcpu.h"
#include "x86/acpi.h"
#include "x86/boot.h"
#include "x86/clock.h"
#include "x86/cpuid.h"

#define CMDLINE_MAX	2048	/* x86's COMMAND_LINE_SIZE */
#define DESCRIBE_MAX	8192
#define STOP_MS		5000

struct machine {
	struct kt_machine m;
	struct kt_kvm_vm vm;
	struct kt_kvm_memory memory;
	struct kt_kvm_devices devices;
	struct kt_vcpus vcpus;
	struct kt_x86_clock clock;
	struct kt_performance performance;
};

static struct machine *to_machine(struct kt_machine *m)
{
	return container_of(m, struct machine, m);
}

static void on_pm(void *arg, enum kt_machine_end how)
{
	struct machine *km = arg;

	kt_vcpus_end(&km->vcpus, how, "");
}

static int open_vm(struct machine *km, const struct kt_machine_plan *plan)
{
	u32 nr = kt_topology_cpus(&plan->topo);
	char why[KT_WHY_MAX] = "";
	int fd, ret;

	ret = kt_host_kvm_open(&fd, why, sizeof(why));
	if (ret)
		return kt_err(ret, "%s", why);
	ret = kt_kvm_vm_init(&km->vm, fd, why, sizeof(why));
	kt_close(&fd);
	if (ret)
		return kt_err(ret, "%s", why);
	if (nr > min_t(u32, km->vm.max_vcpus, KT_KVM_MAX_VCPUS))
		return kt_err(-EINVAL, "%u CPUs: at most %u are possible here",
			      nr, min_t(u32, km->vm.max_vcpus,
					KT_KVM_MAX_VCPUS));
	/* Linux takes no CPU beyond that with an in-kernel IOAPIC */
	if (kt_x86_apic_id(&plan->topo, nr - 1) > KT_XAPIC_MAX_ID)
		return kt_err(-EINVAL,
			      "topology with APIC ids up to %u, at most %u are possible: make its numbers powers of 2",
			      kt_x86_apic_id(&plan->topo, nr - 1),
			      KT_XAPIC_MAX_ID);
	return 0;
}

static int add_acpi(struct machine *km, const struct kt_machine_plan *plan)
{
	struct kt_node_range ranges[KT_MAX_NODES + 1];
	struct kt_acpi_node_mem mem[KT_MAX_NODES + 1];
	struct kt_acpi_opts opts = {
		.topo = &plan->topo, .mem = mem,
		.nr_mmio = km->devices.nr_virtio,
	};
	size_t size = KT_X86_ACPI_END - KT_X86_ACPI;
	void *p;
	int ret;
	u32 i;

	opts.nr_mem = kt_kvm_memory_ranges(plan, ranges);
	for (i = 0; i < opts.nr_mem; i++)
		mem[i] = (struct kt_acpi_node_mem){
			ranges[i].gpa, ranges[i].size_bytes, ranges[i].node,
		};
	p = kt_guest_mem_ptr(&km->devices.mem, KT_X86_ACPI, size);
	if (!p)
		return kt_err(-ENOSPC, "%u MiB of memory hold no machine",
			      plan->memory_mib);
	ret = kt_acpi_build(&opts, KT_X86_ACPI, p, size);
	if (ret < 0)
		return kt_err(ret, "ACPI tables: %s", strerror(-ret));
	return 0;
}

static int load_kernel(struct machine *km, const struct kt_machine_plan *plan,
		       struct kt_x86_entry *entry)
{
	char cmdline[CMDLINE_MAX];
	struct kt_x86_boot_opts opts = {
		.kernel = plan->kernel, .initrd_fd = plan->initrd_fd,
		.cmdline = cmdline, .acpi_gpa = KT_X86_ACPI,
	};
	int ret;

	ret = kt_engine_cmdline(plan, kt_engine_tsc_khz(), KT_KVM_CMDLINE,
				cmdline, sizeof(cmdline));
	return ret ? ret : kt_x86_boot_load(&km->devices.mem, &opts, entry);
}

static int add_vcpus(struct machine *km, const struct kt_machine_plan *plan,
		     const struct kt_x86_entry *entry)
{
	char why[KT_WHY_MAX] = "no memory";
	struct kt_vcpus *vs = &km->vcpus;
	int ret;

	km->m.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	km->m.watch_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (km->m.event_fd < 0 || km->m.watch_fd < 0)
		return kt_err(-errno, "eventfd: %s", strerror(errno));
	vs->ports = &km->devices.ports;
	vs->mmio = &km->devices.mmio;
	vs->event_fd = km->m.event_fd;
	vs->watch_fd = km->m.watch_fd;
	km->devices.pm.end = on_pm;
	km->devices.pm.arg = km;
	ret = kt_vcpus_init(vs, &km->vm, &plan->topo, kt_engine_tsc_khz(),
			    entry, why, sizeof(why));
	return ret ? kt_err(ret, "%s", why) : 0;
}

static struct kt_kvm_parts parts_of(struct machine *km)
{
	return (struct kt_kvm_parts){
		.vm = &km->vm, .vcpus = &km->vcpus, .devices = &km->devices,
		.clock = &km->clock,
	};
}

/* What a kernel is booted from. */
static int load_cold(struct machine *km, const struct kt_machine_plan *plan)
{
	struct kt_x86_entry entry;
	int ret;

	ret = add_acpi(km, plan);
	if (!ret)
		ret = load_kernel(km, plan, &entry);
	return ret ? ret : add_vcpus(km, plan, &entry);
}

/* The machine is frozen, as it was, until it starts. */
static int load_saved(struct machine *km, const struct kt_machine_plan *plan)
{
	const struct kt_kvm_parts parts = parts_of(km);
	int ret;

	kt_kvm_devices_pause(&km->devices, &km->m);
	ret = add_vcpus(km, plan, NULL);
	return ret ? ret : kt_kvm_state_load(&parts, plan->saved->state_fd);
}

static int build(struct machine *km, const struct kt_machine_plan *plan)
{
	int ret;

	ret = kt_kvm_memory_map(&km->memory, plan, &km->performance,
				km->m.regions, &km->m.nr_regions);
	if (!ret && plan->saved)
		ret = kt_kvm_memory_load(&km->memory, plan->saved);
	if (!ret)
		ret = open_vm(km, plan);
	if (!ret)
		ret = kt_kvm_vm_memory(&km->vm, km->m.regions,
				       km->m.nr_regions);
	if (!ret) {
		kt_kvm_performance_vm(&km->performance, &km->vm);
		ret = kt_kvm_devices_add(&km->devices, &km->vm, plan, &km->m);
	}
	if (ret)
		return ret;
	return plan->saved ? load_saved(km, plan) : load_cold(km, plan);
}

static void kvm_destroy(struct kt_machine *m)
{
	struct machine *km = to_machine(m);

	kt_performance_end(&km->performance);
	if (kt_vcpus_stop(&km->vcpus, STOP_MS)) {
		/* its thread may still use all of this */
		kt_err(-ETIMEDOUT, "a vCPU does not come back from KVM: its machine stays until this process ends");
		return;
	}
	kt_vcpus_fini(&km->vcpus);
	kt_kvm_devices_fini(&km->devices, m);
	kt_kvm_vm_fini(&km->vm);
	kt_kvm_memory_unmap(&km->memory);
	kt_close(&m->bulk_fd);
	kt_close(&m->stats_fd);
	kt_close(&m->console_fd);
	kt_close(&m->hvc_fd);
	kt_close(&m->event_fd);
	kt_close(&m->watch_fd);
	free(km);
}

static int kvm_create(const struct kt_machine_plan *plan, struct kt_machine **m)
{
	struct machine *km = calloc(1, sizeof(*km));
	int ret;

	if (!km)
		return -ENOMEM;
	km->m.ops = &kt_kvm_ops;
	km->m.nr_vcpus = kt_topology_cpus(&plan->topo);
	km->m.bulk_fd = -1;
	km->m.stats_fd = -1;
	km->m.console_fd = -1;
	km->m.hvc_fd = -1;
	km->m.event_fd = -1;
	km->m.watch_fd = -1;
	km->m.stop_fd = -1;
	km->m.gdb_fd = -1;
	km->vm.fd = -1;
	kt_kvm_devices_init(&km->devices);
	kt_performance_begin(&km->performance, plan);
	if (plan->performance)
		km->m.performance = km->performance.text;
	ret = build(km, plan);
	if (ret) {
		kvm_destroy(&km->m);
		return ret;
	}
	*m = &km->m;
	return 0;
}

static int kvm_start(struct kt_machine *m)
{
	struct machine *km = to_machine(m);
	int ret;

	/* of a saved machine, which is frozen */
	kt_x86_clock_release(&km->clock, &km->vm, &km->vcpus);
	kt_kvm_devices_resume(&km->devices, m);
	ret = kt_vcpus_start(&km->vcpus);
	km->m.vcpu_tids = km->vcpus.tids;
	if (!ret)
		kt_kvm_performance_threads(&km->performance, &km->vcpus);
	return ret;
}

static int kvm_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	struct machine *km = to_machine(m);
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC;
	int ret = kt_vcpus_freeze(&km->vcpus, deadline, parked);

	if (ret)
		return ret;
	kt_kvm_devices_pause(&km->devices, m);
	kt_x86_clock_hold(&km->clock, &km->vm);
	return 0;
}

static int kvm_thaw(struct kt_machine *m)
{
	struct machine *km = to_machine(m);

	kt_x86_clock_release(&km->clock, &km->vm, &km->vcpus);
	kt_kvm_devices_resume(&km->devices, m);
	kt_vcpus_thaw(&km->vcpus);
	return 0;
}

static enum kt_machine_end kvm_end(struct kt_machine *m, char *text,
				   size_t size)
{
	struct machine *km = to_machine(m);
	enum kt_machine_end end = kt_vcpus_ended(&km->vcpus, text, size);

	if (end != KT_END_RUNNING)
		kt_kvm_devices_flush(&km->devices);
	return end;
}

static int kvm_regs(struct kt_machine *m, u32 vcpu, struct kt_vcpu_regs *regs)
{
	return kt_vcpus_regs(&to_machine(m)->vcpus, vcpu, regs);
}

static bool frozen(struct machine *km)
{
	u32 parked;

	return !kt_park_await(&km->vcpus.park, 0, &parked);
}

static int kvm_save(struct kt_machine *m, struct kt_saved *saved)
{
	struct machine *km = to_machine(m);
	const struct kt_kvm_parts parts = parts_of(km);
	int ret;

	if (!frozen(km))
		return -EBUSY;
	ret = kt_kvm_state_save(&parts, saved->state_fd);
	return ret ? ret : kt_kvm_memory_save(&km->memory, saved);
}

static int kvm_memory(struct kt_machine *m, struct kt_machine_memory *mem)
{
	return kt_kvm_memory_count(&to_machine(m)->memory, mem);
}

static int kvm_watch_set(struct kt_machine *m, u32 slot, u64 gva)
{
	struct machine *km = to_machine(m);

	if (!gva)
		return -EINVAL;
	return frozen(km) ? kt_vcpus_watch(&km->vcpus, slot, gva) : -EBUSY;
}

static void kvm_watch_clear(struct kt_machine *m, u32 slot)
{
	kt_vcpus_watch(&to_machine(m)->vcpus, slot, 0);
}

static void kvm_watch_fired(struct kt_machine *m, struct kt_watch_fire *fire)
{
	eventfd_t count;

	/* before the look at what fired: what fires behind it is told again */
	fire->stopped = !eventfd_read(m->watch_fd, &count);
	kt_vcpus_watch_fired(&to_machine(m)->vcpus, fire);
}

/* There is no command: what the machine is, and the kernel's command line. */
static int kvm_describe(const struct kt_machine_plan *plan, char **text)
{
	char topo[KT_TOPOLOGY_STR], cmdline[CMDLINE_MAX];
	struct kt_strbuf sb;
	int ret;

	ret = kt_engine_cmdline(plan, kt_engine_tsc_khz(), KT_KVM_CMDLINE,
				cmdline, sizeof(cmdline));
	if (ret)
		return ret;
	kt_strbuf_init(&sb, DESCRIBE_MAX);
	kt_strbuf_addf(&sb, "%s, in this process: %s, %u MiB, %u disks, %skernel %s, command line: %s",
		       kt_host_kvm_path(),
		       kt_topology_str(&plan->topo, topo, sizeof(topo)),
		       plan->memory_mib, plan->nr_disks,
		       plan->performance ? "performance mode, " : "",
		       plan->kernel, cmdline);
	*text = strdup(kt_strbuf_str(&sb));
	kt_strbuf_fini(&sb);
	return *text ? 0 : -ENOMEM;
}

const struct kt_engine_ops kt_kvm_ops = {
	.name		= "kvm",
	.probe		= kt_kvm_probe,
	.create		= kvm_create,
	.start		= kvm_start,
	.freeze		= kvm_freeze,
	.thaw		= kvm_thaw,
	.end		= kvm_end,
	.regs		= kvm_regs,
	.watch_set	= kvm_watch_set,
	.watch_clear	= kvm_watch_clear,
	.watch_fired	= kvm_watch_fired,
	.describe	= kvm_describe,
	.save		= kvm_save,
	.memory		= kvm_memory,
	.destroy	= kvm_destroy,
};
