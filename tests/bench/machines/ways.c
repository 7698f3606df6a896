// SPDX-License-Identifier: GPL-2.0-only
/*
 * How each machine is started. QEMU's are as its documentation has them: the
 * firmware that comes with it, its own virtio devices, a kernel that is quiet.
 * Then microvm once more, with the command line of our engine.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/base/proc.h"
#include "ktstr/base/strv.h"
#include "ktstr/engine/kvm/kvm.h"
#include "ktstr/engine/qemu/qemu.h"
#include "machines.h"

#define CMDLINE_MAX	1024
#define PLAIN_CMDLINE	"console=ttyS0 panic=-1 quiet"
#define STOP_MS		5000
#define EXITS_PATH	"/sys/kernel/debug/kvm/exits"

static const char *const microvm[] = {
	"-M", "microvm", "-global", "virtio-mmio.force-legacy=false",
	"-device", "virtio-serial-device",
	"-device", "virtio-blk-device,drive=disk", NULL,
};

static const char *const q35[] = {
	"-M", "q35", "-vga", "none", "-device", "virtio-serial-pci",
	"-device", "virtio-blk-pci,drive=disk", NULL,
};

const struct way ways[] = {
	{ "ktstr" },
	{ "microvm", microvm, PLAIN_CMDLINE },
	{ "q35", q35, PLAIN_CMDLINE },
	{ "microvm, our command line", microvm },
};

const u32 nr_ways = ARRAY_SIZE(ways);

static const struct kt_topology one_cpu = { 1, 1, 1, 1 };

static int start_ours(const struct job *job, struct running *r)
{
	struct kt_disk disk = {
		.capacity_bytes = (u64)DISK_MIB << 20, .serial = "bench",
	};
	struct kt_machine_plan plan = {
		.topo = one_cpu, .memory_mib = GUEST_MIB,
		.kernel = job->kernel, .cmdline = "quiet",
		.disks = &disk, .nr_disks = 1,
	};
	int ret;

	disk.fd = open(job->disk, O_RDWR | O_CLOEXEC);
	plan.initrd_fd = open(job->initramfs, O_RDONLY | O_CLOEXEC);
	if (disk.fd < 0 || plan.initrd_fd < 0)
		return kt_err(-errno, "%s, %s: %s", job->disk, job->initramfs,
			      strerror(errno));
	r->start_ns = job->start_ns;
	ret = kt_kvm_ops.create(&plan, &r->machine);
	kt_close(&plan.initrd_fd);
	kt_close(&disk.fd);
	if (ret)
		return ret;
	r->bulk_fd = r->machine->bulk_fd;
	r->stats_fd = r->machine->stats_fd;
	r->end_fd = r->machine->event_fd;
	return kt_kvm_ops.start(r->machine);
}

/* The kernel's arguments; without ones of its own, those of our engine. */
static int add_kernel(struct kt_strv *argv, const struct way *way,
		      const struct job *job)
{
	struct kt_machine_plan plan = { .topo = one_cpu, .cmdline = "quiet" };
	char cmdline[CMDLINE_MAX];
	int ret = 0;

	if (way->cmdline)
		snprintf(cmdline, sizeof(cmdline), "%s", way->cmdline);
	else
		ret = kt_engine_cmdline(&plan, kt_engine_tsc_khz(),
					KT_KVM_CMDLINE, cmdline,
					sizeof(cmdline));
	kt_strv_add(argv, "-kernel");
	kt_strv_add(argv, job->kernel);
	kt_strv_add(argv, "-initrd");
	kt_strv_add(argv, job->initramfs);
	kt_strv_add(argv, "-append");
	kt_strv_add(argv, cmdline);
	return ret;
}

static void add_port(struct kt_strv *argv, int fd, const char *name, u32 nr)
{
	kt_strv_add(argv, "-chardev");
	kt_strv_addf(argv, "socket,id=port%u,fd=%d", nr, fd);
	kt_strv_add(argv, "-device");
	kt_strv_addf(argv, "virtserialport,chardev=port%u,name=%s,nr=%u", nr,
		     name, nr);
}

static int make_args(struct kt_strv *argv, const struct way *way,
		     const struct job *job, const int ports[2])
{
	static const char *const common[] = {
		"-accel", "kvm", "-cpu", "host", "-nodefaults",
		"-no-user-config", "-display", "none", "-no-reboot",
		"-serial", "null", NULL,
	};
	const char *const *arg;
	int ret;

	kt_strv_init(argv);
	kt_strv_add(argv, kt_qemu_program());
	if (job->qemu_data) {
		kt_strv_add(argv, "-L");
		kt_strv_add(argv, job->qemu_data);
	}
	for (arg = common; *arg; arg++)
		kt_strv_add(argv, *arg);
	kt_strv_add(argv, "-m");
	kt_strv_addf(argv, "%u", GUEST_MIB);
	kt_strv_add(argv, "-drive");
	kt_strv_addf(argv, "id=disk,file=%s,format=raw,if=none", job->disk);
	for (arg = way->qemu; *arg; arg++)
		kt_strv_add(argv, *arg);
	add_port(argv, ports[0], KT_PORT_BULK_NAME, KT_PORT_BULK_NR);
	add_port(argv, ports[1], KT_PORT_STATS_NAME, KT_PORT_STATS_NR);
	ret = add_kernel(argv, way, job);
	return ret ? ret : argv->err;
}

/* Our end non-blocking and close-on-exec; theirs is inherited. */
static int port(int *ours, int *theirs)
{
	int sv[2], ret;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return kt_err(-errno, "socketpair: %s", strerror(errno));
	*ours = sv[0];
	*theirs = sv[1];
	ret = kt_set_nonblock(*ours, true);
	return ret ? ret : kt_set_cloexec(*theirs, false);
}

static int start_qemu(const struct way *way, const struct job *job,
		      struct running *r)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	struct kt_strv argv = {};
	int ports[2] = { -1, -1 };
	int ret;

	ret = port(&r->bulk_fd, &ports[0]);
	if (!ret)
		ret = port(&r->stats_fd, &ports[1]);
	if (!ret)
		ret = make_args(&argv, way, job, ports);
	r->start_ns = kt_now_ns();
	if (!ret)
		ret = kt_proc_start((const char *const *)argv.v, &opts,
				    &r->pid);
	if (ret)
		kt_err(ret, "cannot start QEMU: %s", strerror(-ret));
	kt_strv_fini(&argv);
	kt_close(&ports[0]);
	kt_close(&ports[1]);
	return ret;
}

u64 exits_of_all(void)
{
	char line[32];

	return kt_read_line(EXITS_PATH, line, sizeof(line)) ? 0 :
	       strtoull(line, NULL, 10);
}

int way_start(const struct way *way, const struct job *job, struct running *r)
{
	*r = (struct running){
		.bulk_fd = -1, .stats_fd = -1, .end_fd = -1,
		.alone = !exits_of_all(),
	};
	return way->qemu ? start_qemu(way, job, r) : start_ours(job, r);
}

void way_stop(struct running *r)
{
	int status;

	if (r->machine) {
		kt_kvm_ops.destroy(r->machine);
		return;
	}
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		kt_proc_wait(r->pid, kt_now_ns() + STOP_MS * KT_NSEC_PER_MSEC,
			     &status);
	}
	kt_close(&r->bulk_fd);
	kt_close(&r->stats_fd);
}
