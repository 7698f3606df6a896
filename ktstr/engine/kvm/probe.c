// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether this host's KVM can run Linux, by running the probe's guest on the
 * engine's own VM, vCPU thread and bus. It runs in a child, because a KVM that
 * is not fit may keep a vCPU for ever: the child is killed at the deadline, and
 * what it had found by then lies in memory shared with it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../base/proc.h"
#include "../../base/strbuf.h"
#include "../host_kvm.h"
#include "../payload.h"
#include "../verdict.h"
#include "kvm.h"
#include "vcpu.h"
#include "x86/boot.h"
#include "x86/layout.h"

#define PROBE_MS	3000	/* hardware needs a fraction of it */
#define KILL_MS		2000
#define OUTPUT_MAX	64
#define SERIAL_REGS	8

/* Written by the child, read when it is gone. */
struct findings {
	char output[OUTPUT_MAX];	/* NUL behind what the guest has said */
	char why[KT_WHY_MAX];		/* it could not be run, or how it ended */
	bool ended;			/* by itself */
	bool watch_fired;
	bool nested;
	u32 max_vcpus;
};

struct guest {
	struct findings *f;
	struct kt_bus ports, mmio;
	struct kt_vcpus vcpus;
	bool hw_watch;
	u32 len_bytes;
};

static void quiet(enum kt_log_level level, const char *file, int line,
		  const char *text, void *arg)
{
	struct findings *f = arg;

	(void)level;
	(void)file;
	(void)line;
	if (!*f->why)
		snprintf(f->why, sizeof(f->why), "%s", text);
}

static void read_nothing(void *dev, u32 offset, void *buf, u32 len_bytes)
{
	(void)dev;
	(void)offset;
	memset(buf, 0, len_bytes);
}

static void write_nothing(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	(void)dev;
	(void)offset;
	(void)buf;
	(void)len_bytes;
}

static void com1_write(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	struct guest *g = dev;
	const char *p = buf;

	(void)len_bytes;
	if (offset || g->len_bytes == OUTPUT_MAX - 1)
		return;
	g->f->output[g->len_bytes++] = *p;
	/* the store that follows is watched */
	if (*p == 'w' && g->hw_watch)
		kt_vcpus_watch(&g->vcpus, 0, KT_PAYLOAD_WATCHED);
}

static void exit_write(void *dev, u32 offset, const void *buf, u32 len_bytes)
{
	struct guest *g = dev;

	(void)offset;
	(void)buf;
	(void)len_bytes;
	kt_vcpus_end(&g->vcpus, KT_END_POWER_OFF, "");
}

static void virt_read(void *dev, u32 offset, void *buf, u32 len_bytes)
{
	const u32 v = KT_PAYLOAD_MMIO_VALUE;

	(void)dev;
	(void)offset;
	memcpy(buf, &v, min_t(u32, len_bytes, sizeof(v)));
}

static const struct kt_bus_ops com1_ops = { read_nothing, com1_write };
static const struct kt_bus_ops exit_ops = { read_nothing, exit_write };
static const struct kt_bus_ops virt_ops = { virt_read, write_nothing };

/* Its memory, with its code in place. */
static int add_memory(struct kt_kvm_vm *vm)
{
	struct kt_region r = { .size_bytes = KT_PAYLOAD_MEM_BYTES };
	const void *code;
	size_t len_bytes;

	r.hva = mmap(NULL, r.size_bytes, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.hva == MAP_FAILED)
		return -errno;
	code = kt_payload_code(&len_bytes);
	memcpy((char *)r.hva + KT_PAYLOAD_GPA, code, len_bytes);
	return kt_kvm_vm_memory(vm, &r, 1);
}

static int add_devices(struct guest *g)
{
	int ret;

	ret = kt_bus_add(&g->ports, KT_X86_COM1, SERIAL_REGS, &com1_ops, g);
	if (!ret)
		ret = kt_bus_add(&g->ports, KT_PAYLOAD_EXIT_PORT, 1, &exit_ops,
				 g);
	if (!ret)
		ret = kt_bus_add(&g->mmio, KT_PAYLOAD_MMIO, sizeof(u32),
				 &virt_ops, g);
	return ret;
}

/* Until the machine ends; a watchpoint that fires freezes it on the way. */
static void await_end(struct guest *g)
{
	struct pollfd fds[] = {
		{ .fd = g->vcpus.event_fd, .events = POLLIN },
		{ .fd = g->vcpus.watch_fd, .events = POLLIN },
	};
	struct kt_watch_fire fire;
	eventfd_t n;
	u32 parked;

	while (poll(fds, ARRAY_SIZE(fds), PROBE_MS) > 0) {
		if (fds[0].revents)
			return;
		eventfd_read(g->vcpus.watch_fd, &n);
		if (kt_vcpus_freeze(&g->vcpus, kt_now_ns() + KT_NSEC_PER_SEC,
				    &parked))
			return;
		kt_vcpus_watch_fired(&g->vcpus, &fire);
		g->f->watch_fired = fire.slots & 1;
		kt_vcpus_watch(&g->vcpus, 0, 0);
		kt_vcpus_thaw(&g->vcpus);
	}
}

static int run(struct guest *g, struct kt_kvm_vm *vm)
{
	const struct kt_x86_entry entry = { .pvh = true, .rip = KT_PAYLOAD_GPA };
	struct findings *f = g->f;
	char text[KT_KVM_END_TEXT];
	const char *why;
	int ret;

	g->vcpus.ports = &g->ports;
	g->vcpus.mmio = &g->mmio;
	g->vcpus.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	g->vcpus.watch_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = add_memory(vm);
	if (!ret)
		ret = add_devices(g);
	if (!ret)
		ret = kt_vcpus_init(&g->vcpus, vm, NULL, 0, &entry, f->why,
				    sizeof(f->why));
	if (!ret)
		ret = kt_vcpus_start(&g->vcpus);
	if (ret)
		return ret;
	await_end(g);
	if (kt_vcpus_ended(&g->vcpus, text, sizeof(text)) == KT_END_RUNNING)
		return -ETIMEDOUT;
	/* "vCPU 0: why; registers": the step is known, the line is long */
	why = strchr(text, ':');
	why = why ? why + 2 : text;
	snprintf(f->why, sizeof(f->why), "%.*s", (int)strcspn(why, ";"), why);
	f->ended = true;
	return 0;
}

/* The child. All of it goes with the process. */
static void explore(int kvm_fd, struct findings *f)
{
	struct guest g = { .f = f };
	struct kt_kvm_vm vm;
	int ret;

	kt_log_set_sink(quiet, f);
	ret = kt_kvm_vm_init(&vm, kvm_fd, f->why, sizeof(f->why));
	if (ret)
		return;
	f->nested = vm.nested;
	f->max_vcpus = vm.max_vcpus;
	g.hw_watch = vm.hw_watch;
	ret = run(&g, &vm);
	if (ret && ret != -ETIMEDOUT && !*f->why)
		snprintf(f->why, sizeof(f->why), "%s", strerror(-ret));
}

/* @in_time: it did not have to be killed. */
static int run_child(int kvm_fd, struct findings *f, bool *in_time)
{
	pid_t parent = getpid(), pid = fork();
	int status, ret;

	if (pid < 0)
		return kt_err(-errno, "fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			explore(kvm_fd, f);
		_exit(0);
	}
	ret = kt_proc_wait(pid, kt_now_ns() + PROBE_MS * KT_NSEC_PER_MSEC,
			   &status);
	*in_time = !ret;
	if (!ret)
		return 0;
	kill(pid, SIGKILL);
	if (kt_proc_wait(pid, kt_now_ns() + KILL_MS * KT_NSEC_PER_MSEC,
			 &status))
		kt_warn("the probe of %s, process %d, does not die",
			kt_host_kvm_path(), pid);
	return 0;
}

static void judge(const struct findings *f, bool in_time,
		  struct kt_engine_caps *caps)
{
	const char *step = kt_payload_step(f->output);

	caps->usable = f->ended && kt_payload_passed(f->output);
	if (caps->usable)
		return;
	if (!in_time || (!f->ended && !*f->why))
		snprintf(caps->why_not, sizeof(caps->why_not),
			 "%s opens but cannot run Linux: its probe hung at %s; a host with hardware virtualisation can",
			 kt_host_kvm_path(), step);
	else if (!f->ended)
		snprintf(caps->why_not, sizeof(caps->why_not),
			 "%s opens but makes no machine: %.120s",
			 kt_host_kvm_path(), f->why);
	else
		snprintf(caps->why_not, sizeof(caps->why_not),
			 "%s opens but cannot run Linux: its probe failed at %s%s%.80s; a host with hardware virtualisation can",
			 kt_host_kvm_path(), step, *f->why ? ": " : "", f->why);
	kt_text_sanitize(caps->why_not, strlen(caps->why_not));
}

static void find_version(struct kt_engine_caps *caps)
{
	struct utsname u;

	if (!uname(&u))
		snprintf(caps->version, sizeof(caps->version),
			 "KVM of Linux %.45s", u.release);
}

static int probe(int kvm_fd, struct kt_engine_caps *caps)
{
	struct findings *f;
	bool in_time = false;
	int ret;

	f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f == MAP_FAILED)
		return kt_err(-errno, "the probe's memory: %s",
			      strerror(errno));
	ret = run_child(kvm_fd, f, &in_time);
	if (!ret) {
		caps->watchpoints = f->watch_fired;
		caps->nested = f->nested;
		caps->max_vcpus = min_t(u32, f->max_vcpus, KT_KVM_MAX_VCPUS);
		judge(f, in_time, caps);
	}
	munmap(f, sizeof(*f));
	return ret;
}

int kt_kvm_probe(struct kt_engine_caps *caps)
{
	char key[KT_VERDICT_KEY_MAX];
	int kvm_fd, ret;

	memset(caps, 0, sizeof(*caps));
	caps->hardware_speed = true;
	caps->numa = true;
	caps->max_apic_id = KT_XAPIC_MAX_ID;
	find_version(caps);
	if (kt_host_kvm_open(&kvm_fd, caps->why_not, sizeof(caps->why_not)))
		return 0;
	kt_verdict_key(kt_host_kvm_path(), geteuid(), key, sizeof(key));
	if (kt_verdict_load("kvm", key, caps)) {
		kt_close(&kvm_fd);
		return 0;
	}
	ret = probe(kvm_fd, caps);
	kt_close(&kvm_fd);
	if (!ret)
		kt_verdict_store("kvm", key, caps);
	return ret;
}
