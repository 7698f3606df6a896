// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QEMU engine: memory and ports as descriptors, one confined process,
 * driven over QMP. Which accelerator runs the vCPUs is the only difference
 * between its two faces.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../base/priv.h"
#include "../../base/proc.h"
#include "../../base/strbuf.h"
#include "../../base/strv.h"
#include "../../virtio/vhost_user.h"
#include "qemu.h"
#include "qmp.h"

#define START_MS	30000	/* QEMU's own start on a busy host */
#define CMD_MS		5000
#define REAP_MS		5000
#define STDERR_MAX	4096
#define GIB		((u64)1 << 30)

struct machine {
	struct kt_machine m;
	enum kt_qemu_accel accel;
	pid_t pid;
	bool reaped;
	bool destroying;
	int status;			/* once reaped */
	int stderr_fd;
	struct kt_qmp qmp;
	struct kt_guest_mem mem;
	int disk_fds[KT_MAX_DISKS];	/* ours, until a transport has them */
	struct kt_vhost_user *transports[KT_MAX_DISKS];
};

static struct machine *to_machine(struct kt_machine *m)
{
	return container_of(m, struct machine, m);
}

static int alloc_node(const struct kt_machine_plan *plan, u32 node, int *fd)
{
	u64 size = kt_engine_node_bytes(plan, node);
	char name[32];

	snprintf(name, sizeof(name), "ktstr-node%u", node);
	*fd = memfd_create(name, 0);	/* QEMU inherits it */
	if (*fd < 0)
		return kt_err(-errno, "memfd for node %u: %s", node,
			      strerror(errno));
	if (ftruncate(*fd, size))
		return kt_err(-errno, "guest memory of %llu MiB: %s",
			      (unsigned long long)size >> 20, strerror(errno));
	return 0;
}

static int map_region(struct machine *qm, int fd, u64 offset, u64 gpa,
		      u64 size)
{
	struct kt_region *r = &qm->m.regions[qm->m.nr_regions];
	void *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	if (p == MAP_FAILED)
		return kt_err(-errno, "mapping %llu MiB of guest memory: %s",
			      (unsigned long long)size >> 20, strerror(errno));
	r->gpa = gpa;
	r->size_bytes = size;
	r->hva = p;
	qm->m.nr_regions++;
	return 0;
}

/*
 * Where RAM lies: from 0 up to the split below 4 GiB (3 GiB on microvm; on
 * q35 2 GiB once RAM exceeds 2.75 GiB), the rest from 4 GiB. Nodes follow
 * each other in that space.
 */
static int map_memory(struct machine *qm, const struct kt_machine_plan *plan,
		      struct kt_qemu_fds *fds)
{
	u64 total = (u64)plan->memory_mib << 20, split, at = 0;
	u32 node;
	int ret;

	split = total;
	if (!kt_qemu_needs_q35(plan))
		split = min_t(u64, total, 3 * GIB);
	else if (total > 2 * GIB + 3 * GIB / 4)
		split = 2 * GIB;

	for (node = 0; node < kt_topology_all_nodes(&plan->topo); node++) {
		u64 size = kt_engine_node_bytes(plan, node), done = 0;

		ret = alloc_node(plan, node, &fds->memory[node]);
		while (!ret && done < size) {
			u64 gpa = at < split ? at : at - split + 4 * GIB;
			u64 part = size - done;

			if (at < split && part > split - at)
				part = split - at;
			ret = map_region(qm, fds->memory[node], done, gpa,
					 part);
			done += part;
			at += part;
		}
		if (ret)
			return ret;
	}
	return 0;
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

/* Nobody's yet. */
static void fds_init(struct kt_qemu_fds *fds)
{
	u32 i;

	fds->qmp = -1;
	fds->console = -1;
	fds->hvc = -1;
	fds->bulk = -1;
	fds->stats = -1;
	fds->initrd = -1;
	for (i = 0; i < KT_MAX_NODES; i++)
		fds->memory[i] = -1;
	for (i = 0; i < KT_MAX_DISKS; i++)
		fds->disks[i] = -1;
}

/* QEMU has its copies; the initrd is the caller's. */
static void fds_close(struct kt_qemu_fds *fds)
{
	u32 i;

	kt_close(&fds->qmp);
	kt_close(&fds->console);
	kt_close(&fds->hvc);
	kt_close(&fds->bulk);
	kt_close(&fds->stats);
	for (i = 0; i < KT_MAX_NODES; i++)
		kt_close(&fds->memory[i]);
	for (i = 0; i < KT_MAX_DISKS; i++)
		kt_close(&fds->disks[i]);
}

/* What QEMU said on its standard error, on one line. */
static void read_stderr(struct machine *qm, char *text, size_t size)
{
	ssize_t n;
	size_t i;

	text[0] = '\0';
	if (qm->stderr_fd < 0)
		return;
	n = pread(qm->stderr_fd, text, size - 1, 0);
	if (n <= 0)
		return;
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	for (i = 0; text[i]; i++)
		if (text[i] == '\n')
			text[i] = ';';
	kt_text_sanitize(text, n);
}

int kt_qemu_confine(void *unused)
{
	(void)unused;
	return kt_priv_drop();
}

static int spawn(struct machine *qm, const struct kt_strv *argv)
{
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int ret;

	qm->stderr_fd = memfd_create("ktstr-qemu-stderr", MFD_CLOEXEC);
	if (qm->stderr_fd < 0)
		return kt_err(-errno, "memfd: %s", strerror(errno));
	opts.stdout_fd = qm->stderr_fd;
	opts.stderr_fd = qm->stderr_fd;
	opts.prepare = kt_qemu_confine;
	ret = kt_proc_start((const char *const *)argv->v, &opts, &qm->pid);
	if (ret)
		return kt_err(ret, "cannot run %s: %s; install qemu-system-x86 or set KTSTR_QEMU",
			      argv->v[0], strerror(-ret));
	qm->m.event_fd = syscall(SYS_pidfd_open, qm->pid, 0);
	if (qm->m.event_fd < 0)
		return kt_err(-errno, "pidfd_open: %s", strerror(errno));
	return 0;
}

static void reap(struct machine *qm)
{
	if (!qm->reaped && qm->pid > 0 &&
	    waitpid(qm->pid, &qm->status, WNOHANG) == qm->pid)
		qm->reaped = true;
}

static int open_disks(struct machine *qm, const struct kt_machine_plan *plan,
		      struct kt_qemu_fds *fds)
{
	int ret = 0;
	u32 i;

	if (plan->nr_disks > KT_MAX_DISKS)
		return kt_err(-E2BIG, "%u disks, at most %u", plan->nr_disks,
			      KT_MAX_DISKS);
	for (i = 0; !ret && i < plan->nr_disks; i++)
		ret = port(&qm->disk_fds[i], &fds->disks[i]);
	return ret;
}

/*
 * QEMU waits for them while it comes up. Their threads begin behind the fork
 * that made it.
 */
static int serve_disks(struct machine *qm, const struct kt_machine_plan *plan)
{
	int ret = 0, fd;
	u32 i;

	qm->mem = (struct kt_guest_mem){ qm->m.regions, qm->m.nr_regions };
	for (i = 0; !ret && i < plan->nr_disks; i++) {
		ret = kt_block_new(&qm->mem, &plan->disks[i], &qm->m.disks[i]);
		if (ret)
			break;
		qm->m.nr_disks++;
		fd = qm->disk_fds[i];
		qm->disk_fds[i] = -1;
		ret = kt_vhost_user_start(kt_block_device(qm->m.disks[i]),
					  &qm->mem, fd, &qm->transports[i]);
	}
	return ret;
}

static void close_disks(struct machine *qm)
{
	u32 i;

	for (i = 0; i < KT_MAX_DISKS; i++) {
		kt_vhost_user_stop(qm->transports[i]);
		kt_block_free(qm->m.disks[i]);
		kt_close(&qm->disk_fds[i]);
	}
}

static void qemu_destroy(struct kt_machine *m)
{
	struct machine *qm = to_machine(m);
	int status;
	u32 i;

	reap(qm);
	if (qm->pid > 0 && !qm->reaped) {
		kill(qm->pid, SIGKILL);
		kt_proc_wait(qm->pid, kt_now_ns() + REAP_MS * KT_NSEC_PER_MSEC,
			     &status);
	}
	close_disks(qm);	/* before the memory that they are in */
	for (i = 0; i < m->nr_regions; i++)
		munmap(m->regions[i].hva, m->regions[i].size_bytes);
	kt_qmp_close(&qm->qmp);
	kt_close(&m->bulk_fd);
	kt_close(&m->stats_fd);
	kt_close(&m->console_fd);
	kt_close(&m->hvc_fd);
	kt_close(&m->event_fd);
	kt_close(&qm->stderr_fd);
	free(qm);
}

static int create(enum kt_qemu_accel accel, const struct kt_engine_ops *ops,
		  const struct kt_machine_plan *plan, struct kt_machine **m)
{
	u64 deadline = kt_now_ns() + START_MS * KT_NSEC_PER_MSEC;
	char said[STDERR_MAX];
	struct kt_qemu_fds fds;
	struct machine *qm;
	struct kt_strv argv;
	int qmp_fd = -1, ret;

	qm = calloc(1, sizeof(*qm));
	if (!qm)
		return -ENOMEM;
	qm->accel = accel;
	qm->m.ops = ops;
	qm->m.nr_vcpus = kt_topology_cpus(&plan->topo);
	qm->m.bulk_fd = -1;
	qm->m.stats_fd = -1;
	qm->m.console_fd = -1;
	qm->m.hvc_fd = -1;
	qm->m.event_fd = -1;
	qm->m.watch_fd = -1;
	qm->qmp.fd = -1;
	qm->stderr_fd = -1;
	memset(qm->disk_fds, -1, sizeof(qm->disk_fds));
	fds_init(&fds);

	ret = port(&qmp_fd, &fds.qmp);
	if (!ret)
		ret = port(&qm->m.console_fd, &fds.console);
	if (!ret)
		ret = port(&qm->m.hvc_fd, &fds.hvc);
	if (!ret)
		ret = port(&qm->m.bulk_fd, &fds.bulk);
	if (!ret)
		ret = port(&qm->m.stats_fd, &fds.stats);
	if (!ret)
		ret = map_memory(qm, plan, &fds);
	if (!ret)
		ret = open_disks(qm, plan, &fds);
	if (ret)
		goto fail;
	fds.initrd = plan->initrd_fd;
	if (fds.initrd >= 0)
		kt_set_cloexec(fds.initrd, false);

	ret = kt_qemu_args(accel, plan, &fds, &argv);
	if (ret)
		goto fail;
	ret = spawn(qm, &argv);
	kt_strv_fini(&argv);
	if (!ret)
		ret = serve_disks(qm, plan);
	if (ret)
		goto fail;
	fds_close(&fds);
	ret = kt_qmp_open(&qm->qmp, qmp_fd, deadline);
	qmp_fd = -1;
	if (ret) {
		read_stderr(qm, said, sizeof(said));
		kt_err(ret, "QEMU did not come up (%s)%s%s", strerror(-ret),
		       *said ? ": " : "", said);
		goto fail;
	}
	*m = &qm->m;
	return 0;

fail:
	kt_close(&qmp_fd);
	fds_close(&fds);
	qemu_destroy(&qm->m);
	return ret;
}

static int cmd(struct kt_machine *m, const char *name, u32 timeout_ms)
{
	struct machine *qm = to_machine(m);

	return kt_qmp_cmd(&qm->qmp, name,
			  kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC);
}

static void pause_disks(struct kt_machine *m, bool pause)
{
	u32 i;

	for (i = 0; i < m->nr_disks; i++)
		if (pause)
			kt_block_pause(m->disks[i]);
		else
			kt_block_resume(m->disks[i]);
}

static int qemu_start(struct kt_machine *m)
{
	int ret = cmd(m, "cont", CMD_MS);

	return ret ? kt_err(ret, "starting the machine: %s", strerror(-ret)) : 0;
}

/* QEMU answers "stop" when all vCPUs are parked. */
static int qemu_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	int ret = cmd(m, "stop", timeout_ms);

	*parked = ret ? 0 : m->nr_vcpus;
	if (!ret)
		pause_disks(m, true);
	return ret;
}

static int qemu_thaw(struct kt_machine *m)
{
	pause_disks(m, false);
	return cmd(m, "cont", CMD_MS);
}

static enum kt_machine_end qemu_end(struct kt_machine *m, char *text,
				    size_t size)
{
	struct machine *qm = to_machine(m);
	char said[STDERR_MAX], status[64];

	if (text && size)
		text[0] = '\0';
	reap(qm);
	kt_qmp_poll(&qm->qmp);
	if (!qm->reaped)
		return KT_END_RUNNING;
	if (qm->qmp.shutdown && !strcmp(qm->qmp.reason, "guest-shutdown"))
		return KT_END_POWER_OFF;
	if (qm->qmp.shutdown && !strcmp(qm->qmp.reason, "guest-reset"))
		return KT_END_RESET;
	read_stderr(qm, said, sizeof(said));
	if (text)
		snprintf(text, size, "QEMU: %s%s%.300s",
			 kt_proc_status_str(qm->status, status, sizeof(status)),
			 *said ? "; " : "", said);
	return WIFSIGNALED(qm->status) ? KT_END_KILLED : KT_END_ENGINE_FAILED;
}

static int describe(enum kt_qemu_accel accel,
		    const struct kt_machine_plan *plan, char **text)
{
	struct kt_qemu_fds fds;
	struct kt_strv argv;
	int next = 10, ret;

	fds_init(&fds);
	fds.qmp = next++;
	fds.console = next++;
	fds.hvc = next++;
	fds.bulk = next++;
	fds.stats = next++;
	fds.initrd = next++;
	for (u32 i = 0; i < kt_topology_all_nodes(&plan->topo); i++)
		fds.memory[i] = next++;
	for (u32 i = 0; i < plan->nr_disks; i++)
		fds.disks[i] = next++;
	ret = kt_qemu_args(accel, plan, &fds, &argv);
	if (ret)
		return ret;
	*text = kt_strv_quote(&argv);
	kt_strv_fini(&argv);
	return *text ? 0 : -ENOMEM;
}

static int kvm_probe(struct kt_engine_caps *caps)
{
	return kt_qemu_probe(KT_QEMU_KVM, caps);
}

static int tcg_probe(struct kt_engine_caps *caps)
{
	return kt_qemu_probe(KT_QEMU_TCG, caps);
}

static int kvm_create(const struct kt_machine_plan *plan, struct kt_machine **m)
{
	return create(KT_QEMU_KVM, &kt_qemu_kvm_ops, plan, m);
}

static int tcg_create(const struct kt_machine_plan *plan, struct kt_machine **m)
{
	return create(KT_QEMU_TCG, &kt_qemu_tcg_ops, plan, m);
}

static int kvm_describe(const struct kt_machine_plan *plan, char **text)
{
	return describe(KT_QEMU_KVM, plan, text);
}

static int tcg_describe(const struct kt_machine_plan *plan, char **text)
{
	return describe(KT_QEMU_TCG, plan, text);
}

const struct kt_engine_ops kt_qemu_kvm_ops = {
	.name		= "qemu-kvm",
	.probe		= kvm_probe,
	.create		= kvm_create,
	.start		= qemu_start,
	.freeze		= qemu_freeze,
	.thaw		= qemu_thaw,
	.end		= qemu_end,
	.describe	= kvm_describe,
	.destroy	= qemu_destroy,
};

const struct kt_engine_ops kt_qemu_tcg_ops = {
	.name		= "qemu-tcg",
	.probe		= tcg_probe,
	.create		= tcg_create,
	.start		= qemu_start,
	.freeze		= qemu_freeze,
	.thaw		= qemu_thaw,
	.end		= qemu_end,
	.describe	= tcg_describe,
	.destroy	= qemu_destroy,
};
