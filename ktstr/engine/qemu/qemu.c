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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../base/priv.h"
#include "../../base/proc.h"
#include "../../base/strbuf.h"
#include "../../base/strv.h"
#include "../performance.h"
#include "apic_timer.h"
#include "disks.h"
#include "icount.h"
#include "qemu.h"
#include "qmp.h"
#include "regs.h"
#include "saved.h"
#include "stops.h"
#include "threads.h"
#include "watch.h"

#define START_MS	30000	/* QEMU's own start on a busy host */
#define CMD_MS		5000
#define REAP_MS		5000
#define STDERR_MAX	4096
#define AHEAD_NS	8000000	/* from QEMU's reading of a command to its main loop */
#define GIB		((u64)1 << 30)

struct machine {
	struct kt_machine m;
	pid_t pid;
	bool reaped;
	int status;			/* once reaped */
	int stderr_fd;
	bool frozen;
	bool freezes;			/* asked for, ahead */
	bool icount;
	struct kt_qmp qmp;
	struct kt_qemu_watch watch;
	struct kt_qemu_apic_timer apic_timer;
	struct kt_qemu_disks disks;
	struct kt_qemu_memory memory;
	struct kt_performance performance;
	u32 vcpu_tids[KT_MAX_CPUS];
};

static struct machine *to_machine(struct kt_machine *m)
{
	return container_of(m, struct machine, m);
}

static int alloc_node(struct machine *qm, const struct kt_machine_plan *plan,
		      u32 node, int *fd)
{
	u64 size = kt_engine_node_bytes(plan, node);
	char name[32];

	if (!kt_performance_file(&qm->performance, plan, node, fd))
		return 0;
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

		ret = alloc_node(qm, plan, node, &fds->memory[node]);
		if (!ret)
			ret = kt_qemu_memory_add(&qm->memory,
						 fds->memory[node], size);
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

struct child {
	const struct kt_machine_plan *plan;
	const struct kt_qemu_fds *fds;
};

/* The last thing a QEMU child does before exec. */
static int prepare(void *arg)
{
	const struct child *c = arg;
	int ret = kt_qemu_icount_pin(c->plan);

	if (!ret)
		ret = kt_qemu_stops_preload(c->fds);
	return ret ? ret : kt_qemu_confine(NULL);
}

static int spawn(struct machine *qm, const struct kt_strv *argv,
		 const struct kt_machine_plan *plan,
		 const struct kt_qemu_fds *fds)
{
	struct child child = { .plan = plan, .fds = fds };
	struct kt_proc_opts opts = KT_PROC_OPTS_INIT;
	int ret;

	qm->stderr_fd = memfd_create("ktstr-qemu-stderr", MFD_CLOEXEC);
	if (qm->stderr_fd < 0)
		return kt_err(-errno, "memfd: %s", strerror(errno));
	opts.stdout_fd = qm->stderr_fd;
	opts.stderr_fd = qm->stderr_fd;
	opts.prepare = prepare;
	opts.prepare_arg = &child;
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
	kt_qemu_disks_close(&qm->disks, m);	/* before the memory that they are in */
	for (i = 0; i < m->nr_regions; i++)
		munmap(m->regions[i].hva, m->regions[i].size_bytes);
	kt_qemu_memory_fini(&qm->memory);
	kt_qmp_close(&qm->qmp);
	kt_gdb_close(&qm->watch.gdb);
	kt_close(&m->bulk_fd);
	kt_close(&m->stats_fd);
	kt_close(&m->console_fd);
	kt_close(&m->hvc_fd);
	kt_close(&m->event_fd);
	kt_close(&m->stop_fd);
	kt_close(&qm->stderr_fd);
	free(qm);
}

/* The vCPUs' threads are QEMU's: only memory is ours to improve. */
static void ask_performance(struct machine *qm)
{
	qm->performance.asked = true;
	qm->m.performance = qm->performance.text;
	kt_performance_refuse(&qm->performance, "pinning of vCPUs, SCHED_FIFO, mbind, KVM_CAP_X86_DISABLE_EXITS and KVM_CAP_HALT_POLL refused: engine %s leaves its threads to QEMU; take --engine=kvm",
			      qm->m.ops->name);
}

static struct machine *new_machine(const struct kt_engine_ops *ops,
				   const struct kt_machine_plan *plan)
{
	struct machine *qm = calloc(1, sizeof(*qm));

	if (!qm)
		return NULL;
	qm->m.ops = ops;
	qm->m.nr_vcpus = kt_topology_cpus(&plan->topo);
	qm->m.bulk_fd = -1;
	qm->m.stats_fd = -1;
	qm->m.console_fd = -1;
	qm->m.hvc_fd = -1;
	qm->m.event_fd = -1;
	qm->m.watch_fd = -1;
	qm->m.stop_fd = -1;
	qm->m.gdb_fd = -1;
	qm->qmp.fd = -1;
	qm->watch.gdb.fd = -1;
	qm->stderr_fd = -1;
	qm->icount = plan->icount.on;
	kt_qemu_disks_init(&qm->disks);
	if (plan->performance)
		ask_performance(qm);
	return qm;
}

/* The ports that a guest writes to. */
static int open_ports(struct machine *qm, struct kt_qemu_fds *fds)
{
	int (*open_text)(int *ours, int *theirs) =
		qm->icount ? kt_qemu_pipe : kt_qemu_pair;
	int ret;

	ret = open_text(&qm->m.console_fd, &fds->console);
	if (!ret)
		ret = open_text(&qm->m.hvc_fd, &fds->hvc);
	return ret ? ret : kt_qemu_pair(&qm->m.bulk_fd, &fds->bulk);
}

/* All that QEMU inherits; *@qmp_fd is our end of QMP. */
static int open_all(struct machine *qm, const struct kt_machine_plan *plan,
		    struct kt_qemu_fds *fds, int *qmp_fd)
{
	int ret;

	ret = kt_qemu_pair(qmp_fd, &fds->qmp);
	if (!ret)
		ret = kt_qemu_pair(&qm->m.watch_fd, &fds->gdb);
	if (!ret)
		kt_gdb_open(&qm->watch.gdb, qm->m.watch_fd);
	if (!ret)
		ret = open_ports(qm, fds);
	if (!ret)
		ret = kt_qemu_pair(&qm->m.stats_fd, &fds->stats);
	if (!ret)
		ret = kt_qemu_stops_open(plan, fds, &qm->m.stop_fd);
	if (!ret && plan->stops)
		qm->m.gdb_fd = qm->watch.gdb.fd;
	if (!ret)
		ret = map_memory(qm, plan, fds);
	if (!ret)
		ret = kt_qemu_disks_open(&qm->disks, plan, fds);
	fds->initrd = plan->initrd_fd;
	if (!ret && fds->initrd >= 0)
		kt_set_cloexec(fds->initrd, false);
	return ret;
}

static int launch(struct machine *qm, enum kt_qemu_accel accel,
		  const struct kt_machine_plan *plan,
		  const struct kt_qemu_fds *fds)
{
	struct kt_strv argv;
	int ret = kt_qemu_args(accel, plan, fds, &argv);

	if (ret)
		return ret;
	ret = spawn(qm, &argv, plan, fds);
	kt_strv_fini(&argv);
	return ret ? ret : kt_qemu_disks_serve(&qm->disks, plan, &qm->m);
}

/* Waits until QEMU is up; takes @qmp_fd over. */
static int come_up(struct machine *qm, int qmp_fd, u64 deadline)
{
	int ret = kt_qmp_open(&qm->qmp, qmp_fd, deadline);
	char said[STDERR_MAX];
	const char *remedy = "";

	if (!ret)
		return 0;
	read_stderr(qm, said, sizeof(said));
	if (qm->m.stop_fd >= 0 && strstr(said, "plugin"))
		remedy = "; deterministic runs need a QEMU with plugins, --real-time does not";
	return kt_err(ret, "QEMU did not come up (%s)%s%s%s", strerror(-ret),
		      *said ? ": " : "", said, remedy);
}

static int create(enum kt_qemu_accel accel, const struct kt_engine_ops *ops,
		  const struct kt_machine_plan *plan, struct kt_machine **m)
{
	u64 deadline = kt_now_ns() + START_MS * KT_NSEC_PER_MSEC;
	struct machine *qm = new_machine(ops, plan);
	struct kt_qemu_fds fds;
	int qmp_fd = -1, bulk_fd = -1, ret;

	if (!qm)
		return -ENOMEM;
	kt_qemu_fds_init(&fds);
	ret = open_all(qm, plan, &fds, &qmp_fd);
	if (!ret)
		ret = launch(qm, accel, plan, &fds);
	if (!ret && plan->icount.on)
		bulk_fd = fcntl(fds.bulk, F_DUPFD_CLOEXEC, 0);
	kt_qemu_fds_close(&fds);
	/* meanwhile QEMU comes up */
	if (!ret && plan->saved)
		ret = kt_qemu_memory_load(&qm->memory, plan->saved);
	if (!ret)
		ret = come_up(qm, qmp_fd, deadline);
	else
		kt_close(&qmp_fd);
	if (!ret && bulk_fd >= 0)
		ret = kt_qemu_icount_port(bulk_fd);
	kt_close(&bulk_fd);
	if (!ret && plan->saved)
		ret = kt_qemu_state_load(&qm->qmp, plan->saved, deadline);
	else if (!ret && accel == KT_QEMU_TCG)
		ret = kt_qemu_apic_timer_arm(&qm->apic_timer, &qm->watch.gdb,
					     plan, deadline);
	if (ret)
		qemu_destroy(&qm->m);
	else
		*m = &qm->m;
	return ret;
}

static u64 in_ms(u32 ms)
{
	return kt_now_ns() + ms * KT_NSEC_PER_MSEC;
}

static int cmd(struct kt_machine *m, const char *name, u32 timeout_ms)
{
	struct machine *qm = to_machine(m);

	return kt_qmp_cmd(&qm->qmp, name, in_ms(timeout_ms));
}

static int qemu_start(struct kt_machine *m)
{
	struct machine *qm = to_machine(m);
	int ret;

	/* ahead of the first instruction: it is nothing that the guest notices */
	if (!kt_qemu_threads(&qm->qmp, qm->vcpu_tids, m->nr_vcpus,
			     in_ms(CMD_MS)))
		m->vcpu_tids = qm->vcpu_tids;
	ret = cmd(m, "cont", CMD_MS);
	return ret ? kt_err(ret, "starting the machine: %s", strerror(-ret)) :
	       0;
}

/*
 * QEMU answers "stop" when all vCPUs are parked. Where instructions are counted
 * its process is stopped instead: that is as good for a look at memory, and then
 * nothing in it goes another way than it would have gone.
 */
static int qemu_freeze(struct kt_machine *m, u32 timeout_ms, u32 *parked)
{
	struct machine *qm = to_machine(m);
	int ret;

	if (qm->icount && !qm->freezes) {
		ret = kt_qemu_icount_stop(qm->pid, in_ms(timeout_ms));
		*parked = ret ? 0 : m->nr_vcpus;
		return ret;
	}
	ret = qm->freezes ? kt_qmp_await(&qm->qmp, "stop", in_ms(timeout_ms)) :
	      cmd(m, "stop", timeout_ms);
	*parked = ret ? 0 : m->nr_vcpus;
	if (ret)
		return ret;
	qm->frozen = true;
	kt_qemu_watch_poll(&qm->watch);	/* the stub tells of this stop too */
	kt_qemu_disks_pause(m);
	return 0;
}

/*
 * QEMU takes it in now. Its main loop, which does what it says, waits for the
 * vCPU that waits for the host.
 */
static int qemu_freeze_ahead(struct kt_machine *m)
{
	struct machine *qm = to_machine(m);
	const struct timespec soon = { .tv_nsec = AHEAD_NS };
	int ret = kt_qmp_send(&qm->qmp, "stop", "", in_ms(CMD_MS));

	qm->freezes = !ret;
	if (ret)
		return ret;
	if (kt_wait_taken(qm->qmp.fd, in_ms(CMD_MS)))
		kt_warn("QEMU did not read within %u ms that it is to stop",
			CMD_MS);
	nanosleep(&soon, NULL);
	return 0;
}

static int qemu_thaw(struct kt_machine *m)
{
	struct machine *qm = to_machine(m);

	if (qm->icount && !qm->freezes)
		return kill(qm->pid, SIGCONT) ? -errno : 0;
	qm->freezes = false;
	kt_qemu_apic_timer_tell(&qm->apic_timer, &qm->watch.gdb, m,
				in_ms(CMD_MS));
	qm->frozen = false;
	kt_qemu_disks_resume(m);
	return cmd(m, "cont", CMD_MS);
}

static int qemu_regs(struct kt_machine *m, u32 vcpu, struct kt_vcpu_regs *regs)
{
	struct machine *qm = to_machine(m);
	char text[KT_QEMU_REGS_TEXT];
	int ret;

	if (vcpu >= m->nr_vcpus)
		return -EINVAL;
	if (!qm->frozen)
		return -EBUSY;
	ret = kt_qmp_hmp(&qm->qmp, "info registers", vcpu, text, sizeof(text),
			 in_ms(CMD_MS));
	return ret ? ret : kt_qemu_regs_parse(text, regs);
}

static int qemu_save(struct kt_machine *m, struct kt_saved *saved)
{
	struct machine *qm = to_machine(m);
	int ret;

	if (!qm->frozen)
		return -EBUSY;
	ret = kt_qemu_state_save(&qm->qmp, saved, in_ms(START_MS));
	return ret ? ret : kt_qemu_memory_save(&qm->memory, saved);
}

static int qemu_memory(struct kt_machine *m, struct kt_machine_memory *mem)
{
	return kt_qemu_memory_count(&to_machine(m)->memory, mem);
}

static int qemu_watch_set(struct kt_machine *m, u32 slot, u64 gva)
{
	struct machine *qm = to_machine(m);

	if (!qm->frozen)
		return -EBUSY;
	return kt_qemu_watch_set(&qm->watch, slot, gva, in_ms(CMD_MS));
}

static void qemu_watch_clear(struct kt_machine *m, u32 slot)
{
	struct machine *qm = to_machine(m);

	if (qm->frozen)
		kt_qemu_watch_clear(&qm->watch, slot, in_ms(CMD_MS));
}

static void qemu_watch_fired(struct kt_machine *m, struct kt_watch_fire *fire)
{
	struct machine *qm = to_machine(m);
	struct kt_qemu_watch *w = &qm->watch;

	kt_qemu_watch_poll(w);
	/* a stop of our own: nobody is told */
	if (!qm->frozen && kt_qemu_apic_timer_tell(&qm->apic_timer, &w->gdb, m,
						   in_ms(CMD_MS)))
		cmd(m, "cont", CMD_MS);
	*fire = w->fire;
	memset(&w->fire, 0, sizeof(w->fire));
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

	kt_qemu_fds_init(&fds);
	fds.qmp = next++;
	fds.gdb = next++;
	fds.console = next++;
	fds.hvc = next++;
	fds.bulk = next++;
	fds.stats = next++;
	fds.initrd = next++;
	for (u32 i = 0; i < kt_topology_all_nodes(&plan->topo); i++)
		fds.memory[i] = next++;
	for (u32 i = 0; i < plan->nr_disks; i++)
		fds.disks[i] = next++;
	fds.plugin = next++;
	fds.stop = next++;
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
	.regs		= qemu_regs,
	.watch_set	= qemu_watch_set,
	.watch_clear	= qemu_watch_clear,
	.watch_fired	= qemu_watch_fired,
	.describe	= kvm_describe,
	.save		= qemu_save,
	.memory		= qemu_memory,
	.destroy	= qemu_destroy,
};

const struct kt_engine_ops kt_qemu_tcg_ops = {
	.name		= "qemu-tcg",
	.probe		= tcg_probe,
	.create		= tcg_create,
	.start		= qemu_start,
	.freeze		= qemu_freeze,
	.thaw		= qemu_thaw,
	.freeze_ahead	= qemu_freeze_ahead,
	.end		= qemu_end,
	.regs		= qemu_regs,
	.watch_set	= qemu_watch_set,
	.watch_clear	= qemu_watch_clear,
	.watch_fired	= qemu_watch_fired,
	.describe	= tcg_describe,
	.save		= qemu_save,
	.memory		= qemu_memory,
	.destroy	= qemu_destroy,
};
