/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Performance mode of the native engine: what KVM itself can do besides.
 */
#ifndef KTSTR_ENGINE_KVM_PERFORMANCE_H
#define KTSTR_ENGINE_KVM_PERFORMANCE_H

#include "../performance.h"
#include "vcpu.h"
#include "vm.h"

/*
 * Before there is a vCPU: instructions that wait stay in the guest, and the host
 * polls for a while before it lets a halted vCPU's thread sleep.
 */
void kt_kvm_performance_vm(struct kt_performance *pf, struct kt_kvm_vm *vm);

/* Behind kt_vcpus_start(). */
void kt_kvm_performance_threads(struct kt_performance *pf,
				const struct kt_vcpus *vs);

#endif /* KTSTR_ENGINE_KVM_PERFORMANCE_H */
