/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a KVM virtual machine and its vCPUs need on x86: CPUID, MSRs, local
 * APIC, registers, debug registers.
 */
#ifndef KTSTR_ENGINE_KVM_X86_CPU_H
#define KTSTR_ENGINE_KVM_X86_CPU_H

#include "../../engine.h"

struct kvm_cpuid2;
struct kvm_debug_exit_arch;
struct kt_x86_entry;

/* Before there is a vCPU. -errno, and *@step is the call that failed. */
int kt_x86_vm_init(int vm_fd, const char **step);

/* Whether it says that a guest can run guests. */
bool kt_x86_nests(const struct kvm_cpuid2 *supported);

/* Tells guests of MONITOR and MWAIT: for a VM whose MWAIT stays in the guest. */
void kt_x86_offer_mwait(struct kvm_cpuid2 *supported);

/*
 * vCPU @cpu of @topo as a reset leaves it, with CPUID as kt_x86_cpuid() makes
 * it of @supported, of at most @max entries. Without @topo CPUID is
 * @supported.
 */
int kt_x86_vcpu_init(int vcpu_fd, const struct kvm_cpuid2 *supported, u32 max,
		     const struct kt_topology *topo, u32 cpu, u32 tsc_khz,
		     const char **step);

/* The boot CPU stands before its first instruction. */
int kt_x86_vcpu_enter(int vcpu_fd, const struct kt_x86_entry *entry,
		      const char **step);

/* Not while the vCPU runs. */
int kt_x86_vcpu_regs(int vcpu_fd, struct kt_vcpu_regs *regs);

/* For people, on one line. */
void kt_x86_vcpu_regs_str(int vcpu_fd, char *buf, size_t size);

/* Watches writes of 4 bytes at each @gva that is not 0. */
int kt_x86_vcpu_watch(int vcpu_fd, const u64 gva[KT_MAX_WATCHES]);

/* Which watchpoints a debug exit tells of, as bits. */
u32 kt_x86_watch_fired(const struct kvm_debug_exit_arch *debug);

#endif /* KTSTR_ENGINE_KVM_X86_CPU_H */
