// SPDX-License-Identifier: GPL-2.0-only
/*
 * The run loop. A vCPU is got out of the guest by a signal, and kept from
 * entering it by immediate_exit, which closes the gap between its last look at
 * what is asked of it and KVM_RUN. park.c says which stores pair.
 */
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "../../base/thread.h"
#include "exit.h"
#include "vcpu.h"
#include "x86/boot.h"
#include "x86/cpu.h"
#include "x86/cpuid.h"

#define KICK_SIGNAL	(SIGRTMIN)
#define STACK_BYTES	(256u << 10)
#define KICK_AGAIN_NS	(20 * KT_NSEC_PER_MSEC)
#define WHY_BYTES	160

/* Its arrival alone ends KVM_RUN. */
static void on_kick(int sig)
{
	(void)sig;
}

static void kick(struct kt_vcpu *v)
{
	/* behind park's flag; pairs with enter() */
	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	if (v->has_thread)
		pthread_kill(v->thread, KICK_SIGNAL);
}

static void kick_all(struct kt_vcpus *vs)
{
	u32 i;

	for (i = 0; i < vs->nr; i++)
		kick(&vs->v[i]);
}

void kt_vcpus_end(struct kt_vcpus *vs, enum kt_machine_end how,
		  const char *text)
{
	bool first;

	/* pairs with kt_vcpus_ended() */
	pthread_mutex_lock(&vs->lock);
	first = vs->end == KT_END_RUNNING;
	if (first) {
		vs->end = how;
		snprintf(vs->text, sizeof(vs->text), "%s", text);
	}
	pthread_mutex_unlock(&vs->lock);
	if (!first)
		return;
	kt_park_stop(&vs->park);
	kick_all(vs);
	eventfd_write(vs->event_fd, 1);
}

enum kt_machine_end kt_vcpus_ended(struct kt_vcpus *vs, char *text,
				   size_t size)
{
	enum kt_machine_end end;

	pthread_mutex_lock(&vs->lock);
	end = vs->end;
	if (text && size)
		snprintf(text, size, "%s", vs->text);
	pthread_mutex_unlock(&vs->lock);
	return end;
}

/* @why, with the registers. */
static void fail(struct kt_vcpu *v, enum kt_machine_end how, const char *why)
{
	char regs[KT_KVM_END_TEXT - WHY_BYTES - 32];
	char text[KT_KVM_END_TEXT];

	kt_x86_vcpu_regs_str(v->fd, regs, sizeof(regs));
	snprintf(text, sizeof(text), "vCPU %u: %s; %s", v->index, why, regs);
	kt_vcpus_end(v->all, how, text);
}

static void do_io(struct kt_vcpu *v)
{
	struct kvm_run *run = v->run;
	u8 *p = (u8 *)run + run->io.data_offset;
	u32 i;

	for (i = 0; i < run->io.count; i++, p += run->io.size) {
		if (run->io.direction == KVM_EXIT_IO_OUT)
			kt_bus_write(v->all->ports, run->io.port, p,
				     run->io.size);
		else
			kt_bus_read(v->all->ports, run->io.port, p,
				    run->io.size);
	}
}

static void do_mmio(struct kt_vcpu *v)
{
	struct kvm_run *run = v->run;

	if (run->mmio.is_write)
		kt_bus_write(v->all->mmio, run->mmio.phys_addr,
			     run->mmio.data, run->mmio.len);
	else
		kt_bus_read(v->all->mmio, run->mmio.phys_addr,
			    run->mmio.data, run->mmio.len);
}

/* The machine freezes behind the store; who waits on watch_fd thaws it. */
static void do_debug(struct kt_vcpu *v)
{
	struct kt_vcpus *vs = v->all;
	u32 slots = kt_x86_watch_fired(&v->run->debug.arch), i;

	/* pairs with kt_vcpus_watch() and kt_vcpus_watch_fired() */
	pthread_mutex_lock(&vs->lock);
	for (i = 0; i < KT_MAX_WATCHES; i++)
		if (!vs->watch_gva[i])
			slots &= ~(1u << i);	/* cleared in between */
	vs->watch_fired |= slots;
	if (slots)
		vs->watch_vcpu = v->index;
	pthread_mutex_unlock(&vs->lock);
	if (!slots)
		return;
	kt_park_freeze(&vs->park);
	kick_all(vs);
	eventfd_write(vs->watch_fd, 1);
}

static void do_system_event(struct kt_vcpu *v)
{
	char why[WHY_BYTES];

	switch (v->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		kt_vcpus_end(v->all, KT_END_POWER_OFF, "");
		break;
	case KVM_SYSTEM_EVENT_RESET:
		kt_vcpus_end(v->all, KT_END_RESET, "");
		break;
	default:
		kt_kvm_exit_str(v->run, why, sizeof(why));
		fail(v, KT_END_ENGINE_FAILED, why);
	}
}

static void do_exit(struct kt_vcpu *v)
{
	char why[WHY_BYTES];

	switch (v->run->exit_reason) {
	case KVM_EXIT_IO:
		do_io(v);
		break;
	case KVM_EXIT_MMIO:
		do_mmio(v);
		break;
	case KVM_EXIT_INTR:
		break;
	case KVM_EXIT_DEBUG:
		do_debug(v);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		do_system_event(v);
		break;
	case KVM_EXIT_SHUTDOWN:
		fail(v, KT_END_RESET, "triple fault");
		break;
	default:
		kt_kvm_exit_str(v->run, why, sizeof(why));
		fail(v, KT_END_ENGINE_FAILED, why);
	}
}

/* Once into the guest and back: false when it was kept out of it. */
static bool enter(struct kt_vcpu *v)
{
	char why[WHY_BYTES];

	if (!ioctl(v->fd, KVM_RUN, 0))
		return true;
	if (errno == EINTR || errno == EAGAIN)
		return false;
	snprintf(why, sizeof(why), "KVM_RUN: %s", strerror(errno));
	fail(v, KT_END_ENGINE_FAILED, why);
	return false;
}

/*
 * What a vCPU read from a device gets into its registers at its next entry:
 * one that goes no further than that, but for the rest of an access in parts.
 */
static void complete_io(struct kt_vcpu *v)
{
	v->run->immediate_exit = 1;
	while (enter(v))
		do_exit(v);
}

static void rearm(struct kt_vcpu *v)
{
	struct kt_vcpus *vs = v->all;
	u64 gva[KT_MAX_WATCHES];
	char why[WHY_BYTES];
	int ret;

	/* pairs with kt_vcpus_watch() */
	pthread_mutex_lock(&vs->lock);
	v->arm_epoch = atomic_load(&vs->arm_epoch);
	memcpy(gva, vs->watch_gva, sizeof(gva));
	pthread_mutex_unlock(&vs->lock);
	ret = kt_x86_vcpu_watch(v->fd, gva);
	if (!ret)
		return;
	snprintf(why, sizeof(why), "KVM_SET_GUEST_DEBUG: %s", strerror(-ret));
	fail(v, KT_END_ENGINE_FAILED, why);
}

static void *run(void *arg)
{
	struct kt_vcpu *v = arg;
	struct kt_vcpus *vs = v->all;
	bool exited = false;

	__atomic_store_n(&vs->tids[v->index], gettid(), __ATOMIC_RELEASE);
	for (;;) {
		/* before the look at what is asked; pairs with kick() */
		__atomic_store_n(&v->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		if (kt_park_asked(&vs->park)) {
			if (exited)
				complete_io(v);
			exited = false;
			if (!kt_park_wait(&vs->park))
				break;
			continue;
		}
		if (v->arm_epoch != atomic_load(&vs->arm_epoch))
			rearm(v);
		exited = enter(v);
		if (exited)
			do_exit(v);
	}
	kt_park_leave(&vs->park);
	return NULL;
}

static int create(struct kt_vcpu *v, struct kt_kvm_vm *vm,
		  const struct kt_topology *topo, u32 tsc_khz,
		  const char **step)
{
	u32 id = topo ? kt_x86_apic_id(topo, v->index) : 0;

	*step = "KVM_CREATE_VCPU";
	v->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (v->fd < 0)
		return -errno;
	*step = "mapping of a vCPU";
	v->run = mmap(NULL, vm->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->fd, 0);
	if (v->run == MAP_FAILED) {
		v->run = NULL;
		return -errno;
	}
	return kt_x86_vcpu_init(v->fd, vm->cpuid, KT_KVM_MAX_CPUID, topo,
				v->index, tsc_khz, step);
}

static int create_all(struct kt_vcpus *vs, struct kt_kvm_vm *vm,
		      const struct kt_topology *topo, u32 tsc_khz,
		      const struct kt_x86_entry *entry, char *why, size_t size)
{
	const char *step = "";
	int ret = 0;
	u32 i;

	for (i = 0; !ret && i < vs->nr; i++) {
		ret = create(&vs->v[i], vm, topo, tsc_khz, &step);
		if (ret)
			snprintf(why, size, "%s (vCPU %u): %s", step, i,
				 strerror(-ret));
	}
	if (ret || !entry)
		return ret;
	ret = kt_x86_vcpu_enter(vs->v[0].fd, entry, &step);
	if (ret)
		snprintf(why, size, "%s: %s", step, strerror(-ret));
	return ret;
}

int kt_vcpus_init(struct kt_vcpus *vs, struct kt_kvm_vm *vm,
		  const struct kt_topology *topo, u32 tsc_khz,
		  const struct kt_x86_entry *entry, char *why, size_t size)
{
	u32 i, nr = topo ? kt_topology_cpus(topo) : 1;
	int ret;

	vs->v = calloc(nr, sizeof(*vs->v));
	vs->tids = calloc(nr, sizeof(*vs->tids));
	if (!vs->v || !vs->tids) {
		free(vs->v);
		free(vs->tids);
		vs->v = NULL;
		return -ENOMEM;
	}
	vs->nr = nr;
	vs->run_bytes = vm->run_bytes;
	for (i = 0; i < nr; i++) {
		vs->v[i].all = vs;
		vs->v[i].index = i;
		vs->v[i].fd = -1;
	}
	pthread_mutex_init(&vs->lock, NULL);
	kt_park_init(&vs->park, nr);
	ret = create_all(vs, vm, topo, tsc_khz, entry, why, size);
	if (ret)
		kt_vcpus_fini(vs);
	return ret;
}

void kt_vcpus_fini(struct kt_vcpus *vs)
{
	u32 i;

	if (!vs->v)
		return;
	for (i = 0; i < vs->nr; i++) {
		if (vs->v[i].run)
			munmap(vs->v[i].run, vs->run_bytes);
		kt_close(&vs->v[i].fd);
	}
	kt_park_fini(&vs->park);
	pthread_mutex_destroy(&vs->lock);
	free(vs->v);
	free(vs->tids);
	vs->v = NULL;
}

/* A vCPU's thread takes the kick and no other signal. */
static int start_one(struct kt_vcpu *v, const pthread_attr_t *attr)
{
	int ret = kt_thread_start(&v->thread, attr, KICK_SIGNAL, run, v);
	char name[16];

	if (ret)
		return ret;
	v->has_thread = true;
	snprintf(name, sizeof(name), "vcpu%u", v->index);
	pthread_setname_np(v->thread, name);
	return 0;
}

int kt_vcpus_start(struct kt_vcpus *vs)
{
	struct sigaction action = { .sa_handler = on_kick };
	pthread_attr_t attr;
	int ret = 0;
	u32 i;

	if (sigaction(KICK_SIGNAL, &action, NULL))
		return kt_err(-errno, "sigaction: %s", strerror(errno));
	/* nobody runs before all are there: a vCPU may kick each other one */
	kt_park_freeze(&vs->park);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (i = 0; !ret && i < vs->nr; i++)
		ret = start_one(&vs->v[i], &attr);
	pthread_attr_destroy(&attr);
	if (ret)
		return kt_err(ret, "thread of vCPU %u: %s", i - 1,
			      strerror(-ret));
	kt_park_thaw(&vs->park);
	return 0;
}

int kt_vcpus_freeze(struct kt_vcpus *vs, u64 deadline_ns, u32 *parked)
{
	kt_park_freeze(&vs->park);
	kick_all(vs);
	return kt_park_await(&vs->park, deadline_ns, parked);
}

void kt_vcpus_thaw(struct kt_vcpus *vs)
{
	kt_park_thaw(&vs->park);
}

int kt_vcpus_regs(struct kt_vcpus *vs, u32 vcpu, struct kt_vcpu_regs *regs)
{
	u32 parked;

	if (vcpu >= vs->nr)
		return -EINVAL;
	if (kt_park_await(&vs->park, 0, &parked))
		return -EBUSY;
	return kt_x86_vcpu_regs(vs->v[vcpu].fd, regs);
}

int kt_vcpus_watch(struct kt_vcpus *vs, u32 slot, u64 gva)
{
	if (slot >= KT_MAX_WATCHES || (gva & 3))
		return -EINVAL;
	/* pairs with rearm() and do_debug() */
	pthread_mutex_lock(&vs->lock);
	vs->watch_gva[slot] = gva;
	vs->watch_fired &= ~(1u << slot);
	atomic_fetch_add(&vs->arm_epoch, 1);
	pthread_mutex_unlock(&vs->lock);
	kick_all(vs);
	return 0;
}

void kt_vcpus_watch_fired(struct kt_vcpus *vs, struct kt_watch_fire *fire)
{
	pthread_mutex_lock(&vs->lock);
	fire->slots = vs->watch_fired;
	fire->vcpu = vs->watch_vcpu;
	vs->watch_fired = 0;
	pthread_mutex_unlock(&vs->lock);
}

static u32 nr_threads(const struct kt_vcpus *vs)
{
	u32 i, n = 0;

	for (i = 0; i < vs->nr; i++)
		n += vs->v[i].has_thread;
	return n;
}

int kt_vcpus_stop(struct kt_vcpus *vs, u32 timeout_ms)
{
	u64 deadline = kt_now_ns() + timeout_ms * KT_NSEC_PER_MSEC, now, again;
	int ret;
	u32 i;

	if (!vs->v)
		return 0;
	vs->park.nr = nr_threads(vs);	/* all, unless start failed midway */
	kt_park_stop(&vs->park);
	do {
		kick_all(vs);
		now = kt_now_ns();
		again = now + KICK_AGAIN_NS;
		ret = kt_park_await_gone(&vs->park, min(deadline, again));
	} while (ret && now < deadline);
	if (ret)
		return ret;
	for (i = 0; i < vs->nr; i++) {
		if (vs->v[i].has_thread)
			pthread_join(vs->v[i].thread, NULL);
		vs->v[i].has_thread = false;
	}
	return 0;
}
