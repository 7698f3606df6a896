/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPUs: a thread for each that enters the guest, and answers its exits from
 * two buses. It knows how vCPUs run, stop and end, and no device.
 */
#ifndef KTSTR_ENGINE_KVM_VCPU_H
#define KTSTR_ENGINE_KVM_VCPU_H

#include "bus.h"
#include "park.h"
#include "vm.h"

#define KT_KVM_END_TEXT	1024

struct kvm_run;
struct kt_x86_entry;

struct kt_vcpu {
	struct kt_vcpus *all;
	u32 index;
	int fd;
	struct kvm_run *run;	/* of all->run_bytes */
	pthread_t thread;
	bool has_thread;
	u32 arm_epoch;		/* of the watchpoints it has */
};

struct kt_vcpus {
	struct kt_vcpu *v;
	u32 *tids;		/* of the threads; 0 until one runs */
	u32 nr;
	u32 run_bytes;
	const struct kt_bus *ports;
	const struct kt_bus *mmio;
	struct kt_park park;
	int event_fd;		/* eventfd, the caller's: the machine has ended */

	pthread_mutex_t lock;	/* for what follows */
	enum kt_machine_end end;	/* the first reason, and its text */
	char text[KT_KVM_END_TEXT];
	u64 watch_gva[KT_MAX_WATCHES];	/* 0: none */
	u32 watch_fired;	/* bits of slots, until they are asked for */
	u32 watch_vcpu;
	/* grows behind watch_gva, under the lock; read without */
	_Atomic u32 arm_epoch;
	int watch_fd;		/* eventfd, the caller's */
};

/*
 * Makes @nr vCPUs of @vm, vCPU 0 at @entry and the others waiting for it.
 * Without @topo there is one; without @entry all are as a reset leaves them.
 * -errno and @why.
 */
int kt_vcpus_init(struct kt_vcpus *vs, struct kt_kvm_vm *vm,
		  const struct kt_topology *topo, u32 tsc_khz,
		  const struct kt_x86_entry *entry, char *why, size_t size);

/* Starts the threads. -errno, reported. */
int kt_vcpus_start(struct kt_vcpus *vs);

/* 0 when all are parked, else -ETIMEDOUT; how many are known to be. */
int kt_vcpus_freeze(struct kt_vcpus *vs, u64 deadline_ns, u32 *parked);
void kt_vcpus_thaw(struct kt_vcpus *vs);

/* The machine is over, so; the first reason counts. From any thread. */
void kt_vcpus_end(struct kt_vcpus *vs, enum kt_machine_end how,
		  const char *text);

/* How it ended, KT_END_RUNNING if it has not. */
enum kt_machine_end kt_vcpus_ended(struct kt_vcpus *vs, char *text,
				   size_t size);

/* -EINVAL, or -EBUSY while the machine is not frozen. */
int kt_vcpus_regs(struct kt_vcpus *vs, u32 vcpu, struct kt_vcpu_regs *regs);

int kt_vcpus_watch(struct kt_vcpus *vs, u32 slot, u64 gva);
void kt_vcpus_watch_fired(struct kt_vcpus *vs, struct kt_watch_fire *fire);

/*
 * Ends the threads, whatever they do. -ETIMEDOUT when one is stuck in KVM: then
 * nothing that they use may be freed.
 */
int kt_vcpus_stop(struct kt_vcpus *vs, u32 timeout_ms);

/* Behind kt_vcpus_stop() that succeeded. */
void kt_vcpus_fini(struct kt_vcpus *vs);

#endif /* KTSTR_ENGINE_KVM_VCPU_H */
