// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QEMU command line for a machine plan. microvm for sockets, cores and
 * threads; q35 with microvm's small firmware for what microvm lacks. Everything
 * is handed over as an inherited descriptor, so nothing has a path.
 */
#include <stdio.h>

#include "../../base/log.h"
#include "../../base/strv.h"
#include "../distance.h"
#include "icount.h"
#include "qemu.h"
#include "stops.h"

#define CMDLINE_MAX	2048

const char *kt_qemu_program(void)
{
	const char *p = getenv("KTSTR_QEMU");

	return p && *p ? p : "qemu-system-x86_64";
}

static bool is_numa(const struct kt_machine_plan *plan)
{
	return kt_topology_all_nodes(&plan->topo) > 1;
}

/*
 * It has ACPI's PM timer, too. By that a kernel which was moved, and so is not
 * told how fast its APIC's timer is, corrects what it has measured.
 */
bool kt_qemu_needs_q35(const struct kt_machine_plan *plan)
{
	return is_numa(plan) || plan->topo.llcs > 1 || plan->kaslr;
}

static void add_machine(struct kt_strv *argv, enum kt_qemu_accel accel,
			const struct kt_machine_plan *plan, bool q35)
{
	kt_strv_add(argv, "-machine");
	if (q35 && is_numa(plan))
		kt_strv_add(argv, "q35,hmat=on");
	else if (q35)
		kt_strv_add(argv, "q35,memory-backend=mem0");
	else
		kt_strv_add(argv, "microvm,acpi=on,rtc=on,pit=on,pic=on,memory-backend=mem0");
	if (q35) {
		kt_strv_add(argv, "-bios");
		kt_strv_add(argv, "bios-microvm.bin");
	}
	kt_strv_add(argv, "-accel");
	/* tcg's default, a thread per vCPU, breaks guests at random */
	kt_strv_add(argv, accel == KT_QEMU_KVM ? "kvm" : "tcg,thread=single");
	kt_strv_add(argv, "-cpu");
	/*
	 * An emulated AMD lacks topoext: no LLC smaller than a package; but of
	 * the two only AMD's way to run machines is emulated, and Linux wants
	 * the vendor to match. With erms and fsrm Linux clears and copies byte
	 * by byte, which is slow to emulate.
	 */
	if (accel == KT_QEMU_KVM)
		kt_strv_add(argv, "host,la57=off");
	else
		kt_strv_addf(argv, "max,la57=off,%s,-erms,-fsrm%s",
			     plan->nested ? "vendor=AuthenticAMD,+svm,+npt" :
					    "vendor=GenuineIntel",
			     kt_qemu_icount_cpu(plan));
}

static void add_cpus(struct kt_strv *argv, const struct kt_machine_plan *plan,
		     bool q35)
{
	const struct kt_topology *t = &plan->topo;

	kt_strv_add(argv, "-smp");
	if (q35)
		kt_strv_addf(argv, "%u,sockets=%u,dies=%u,cores=%u,threads=%u",
			     kt_topology_cpus(t), t->nodes, t->llcs / t->nodes,
			     t->cores, t->threads);
	else
		kt_strv_addf(argv, "%u,sockets=1,cores=%u,threads=%u",
			     kt_topology_cpus(t), t->cores, t->threads);
}

static void add_memory(struct kt_strv *argv,
		       const struct kt_machine_plan *plan,
		       const struct kt_qemu_fds *fds)
{
	u32 node;

	kt_strv_add(argv, "-m");
	kt_strv_addf(argv, "%u", plan->memory_mib);
	for (node = 0; node < kt_topology_all_nodes(&plan->topo); node++) {
		kt_strv_add(argv, "-object");
		kt_strv_addf(argv,
			     "memory-backend-file,id=mem%u,size=%llu,mem-path=/dev/fd/%d,share=on",
			     node,
			     (unsigned long long)kt_engine_node_bytes(plan, node),
			     fds->memory[node]);
	}
}

static void add_hmat(struct kt_strv *argv, u32 from, u32 to)
{
	bool local = from == to;

	kt_strv_add(argv, "-numa");
	kt_strv_addf(argv,
		     "hmat-lb,initiator=%u,target=%u,hierarchy=memory,data-type=access-latency,latency=%u",
		     from, to, local ? KT_LOCAL_NSEC : KT_REMOTE_NSEC);
	kt_strv_add(argv, "-numa");
	kt_strv_addf(argv,
		     "hmat-lb,initiator=%u,target=%u,hierarchy=memory,data-type=access-bandwidth,bandwidth=%uM",
		     from, to, local ? KT_LOCAL_MBPS : KT_REMOTE_MBPS);
}

/* A node is a socket: its CPUs are known by the socket's number. */
static void add_numa(struct kt_strv *argv, const struct kt_machine_plan *plan)
{
	u32 nodes = plan->topo.nodes, all = kt_topology_all_nodes(&plan->topo);
	u32 i, j;

	for (i = 0; i < all; i++) {
		kt_strv_add(argv, "-numa");
		/* memory without CPUs is at node 0's */
		kt_strv_addf(argv, "node,nodeid=%u,memdev=mem%u%s", i, i,
			     i < nodes ? "" : ",initiator=0");
	}
	for (i = 0; i < nodes; i++) {
		kt_strv_add(argv, "-numa");
		kt_strv_addf(argv, "cpu,node-id=%u,socket-id=%u", i, i);
	}
	for (i = 0; i < all; i++)
		for (j = 0; j < all; j++) {
			kt_strv_add(argv, "-numa");
			kt_strv_addf(argv, "dist,src=%u,dst=%u,val=%u", i, j,
				     i == j ? KT_LOCAL_DISTANCE :
				     KT_REMOTE_DISTANCE);
		}
	for (i = 0; i < nodes; i++)
		for (j = 0; j < all; j++)
			add_hmat(argv, i, j);
}

static void add_socket(struct kt_strv *argv, const char *id, int fd)
{
	kt_strv_add(argv, "-chardev");
	kt_strv_addf(argv, "socket,id=%s,fd=%d", id, fd);
}

/* Text of the guest, by pipe or by socket. */
static void add_text(struct kt_strv *argv, const struct kt_machine_plan *plan,
		     const char *id, int fd)
{
	if (!plan->icount.on) {
		add_socket(argv, id, fd);
		return;
	}
	kt_strv_add(argv, "-chardev");
	kt_strv_addf(argv, "file,id=%s,path=/dev/fd/%d", id, fd);
}

/* A port of the virtio-serial bus, called by its name in the guest. */
static void add_port(struct kt_strv *argv, const char *id, const char *name,
		     u32 nr)
{
	kt_strv_add(argv, "-device");
	kt_strv_addf(argv, "virtserialport,chardev=%s,name=%s,nr=%u", id, name,
		     nr);
}

static void add_ports(struct kt_strv *argv, const struct kt_machine_plan *plan,
		      const struct kt_qemu_fds *fds, bool q35)
{
	add_socket(argv, "qmp", fds->qmp);
	kt_strv_add(argv, "-mon");
	kt_strv_add(argv, "chardev=qmp,mode=control");

	add_socket(argv, "gdb", fds->gdb);
	kt_strv_add(argv, "-gdb");
	kt_strv_add(argv, "chardev:gdb");

	add_text(argv, plan, "console", fds->console);
	kt_strv_add(argv, "-serial");
	kt_strv_add(argv, "chardev:console");

	if (!q35) {
		kt_strv_add(argv, "-global");
		kt_strv_add(argv, "virtio-mmio.force-legacy=false");
	}
	kt_strv_add(argv, "-device");
	if (q35)
		kt_strv_addf(argv, "virtio-serial-pci,disable-legacy=on%s",
			     kt_qemu_icount_virtio(plan, true));
	else
		kt_strv_addf(argv, "virtio-serial-device%s",
			     kt_qemu_icount_virtio(plan, false));
	/* only a console may be port 0 */
	add_text(argv, plan, "hvc", fds->hvc);
	kt_strv_add(argv, "-device");
	kt_strv_add(argv, "virtconsole,chardev=hvc,nr=0");
	add_socket(argv, "bulk", fds->bulk);
	add_port(argv, "bulk", KT_PORT_BULK_NAME, KT_PORT_BULK_NR);
	add_socket(argv, "stats", fds->stats);
	add_port(argv, "stats", KT_PORT_STATS_NAME, KT_PORT_STATS_NR);
}

/* Served by this process. The guest finds them in this order. */
static void add_disks(struct kt_strv *argv, const struct kt_machine_plan *plan,
		      const struct kt_qemu_fds *fds, bool q35)
{
	char id[16];
	u32 i;

	for (i = 0; i < plan->nr_disks; i++) {
		snprintf(id, sizeof(id), "disk%u", i);
		add_socket(argv, id, fds->disks[i]);
		kt_strv_add(argv, "-device");
		kt_strv_addf(argv, "%s,chardev=%s,num-queues=1,queue-size=%u",
			     q35 ? "vhost-user-blk-pci,disable-legacy=on" :
			     "vhost-user-blk", id, KT_BLOCK_QUEUE_SIZE);
	}
}

/*
 * What QEMU's machines want of their kernel. Emulated SVM loses an interrupt
 * now and then (helpers change interrupt_request without the lock). With
 * one-shot timers the machine then stands still; a periodic one brings what was
 * lost with its next tick.
 */
static const char *own_options(enum kt_qemu_accel accel,
			       const struct kt_machine_plan *plan)
{
	bool ticks = accel == KT_QEMU_TCG && plan->nested;

	if (kt_qemu_needs_q35(plan))
		return ticks ? "nohz=off highres=off" : "";
	/* microvm has no PCI */
	return ticks ? "pci=off nohz=off highres=off" : "pci=off";
}

static int add_kernel(struct kt_strv *argv, enum kt_qemu_accel accel,
		      const struct kt_machine_plan *plan,
		      const struct kt_qemu_fds *fds)
{
	char cmdline[CMDLINE_MAX];
	int ret;

	ret = kt_engine_cmdline(plan, kt_qemu_tsc_khz(plan),
				own_options(accel, plan), cmdline,
				sizeof(cmdline));
	if (ret)
		return ret;
	kt_strv_add(argv, "-kernel");
	kt_strv_add(argv, plan->kernel);
	if (fds->initrd >= 0) {
		kt_strv_add(argv, "-initrd");
		kt_strv_addf(argv, "/dev/fd/%d", fds->initrd);
	}
	kt_strv_add(argv, "-append");
	kt_strv_add(argv, cmdline);
	return 0;
}

/* Its kernel is in its memory: QEMU need not load it. */
static void add_incoming(struct kt_strv *argv)
{
	kt_strv_add(argv, "-incoming");
	kt_strv_add(argv, "defer");
}

int kt_qemu_args(enum kt_qemu_accel accel, const struct kt_machine_plan *plan,
		 const struct kt_qemu_fds *fds, struct kt_strv *argv)
{
	bool q35 = kt_qemu_needs_q35(plan);
	int ret = 0;

	kt_strv_init(argv);
	kt_strv_add(argv, kt_qemu_program());
	kt_strv_add(argv, "-nodefaults");
	kt_strv_add(argv, "-no-user-config");
	kt_strv_add(argv, "-display");
	kt_strv_add(argv, "none");
	kt_strv_add(argv, "-no-reboot");
	kt_strv_add(argv, "-S");
	kt_strv_add(argv, "-sandbox");
	kt_strv_add(argv, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	add_machine(argv, accel, plan, q35);
	kt_qemu_icount_add(argv, plan);
	kt_qemu_stops_add(argv, plan, fds);
	add_cpus(argv, plan, q35);
	add_memory(argv, plan, fds);
	if (is_numa(plan))
		add_numa(argv, plan);
	add_ports(argv, plan, fds, q35);
	add_disks(argv, plan, fds, q35);
	if (plan->saved)
		add_incoming(argv);
	else
		ret = add_kernel(argv, accel, plan, fds);
	if (!ret && argv->err)
		ret = argv->err;
	if (ret)
		kt_strv_fini(argv);
	return ret;
}
