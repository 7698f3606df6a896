/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * APIC ids and CPUID leaves of an exact topology: SMT threads, cores, LLCs,
 * packages (a NUMA node is a package). Pure: entries in, entries out.
 */
#ifndef KTSTR_ENGINE_KVM_X86_CPUID_H
#define KTSTR_ENGINE_KVM_X86_CPUID_H

#include <linux/kvm.h>

#include "../../../base/topology.h"

/* The APIC id of vCPU @cpu: package, LLC, core, thread, each in its own bits. */
u32 kt_x86_apic_id(const struct kt_topology *topo, u32 cpu);

/* The node of vCPU @cpu. */
u32 kt_x86_node(const struct kt_topology *topo, u32 cpu);

/*
 * Makes what KVM_GET_SUPPORTED_CPUID said (@cpuid, room for @max entries) that
 * of vCPU @cpu: leaves 1, 4, 0xb, 0x1f, AMD's 0x80000008, 0x8000001d and
 * 0x8000001e, KVM's own with steal time, no 5-level paging, x2APIC. The TSC's
 * rate in leaf 0x15 where Intel's, @tsc_khz. -ENOSPC.
 */
int kt_x86_cpuid(struct kvm_cpuid2 *cpuid, u32 max,
		 const struct kt_topology *topo, u32 cpu, u32 tsc_khz);

#endif /* KTSTR_ENGINE_KVM_X86_CPUID_H */
