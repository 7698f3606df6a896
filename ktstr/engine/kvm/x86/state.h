/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What KVM keeps of a machine that stands still: each vCPU and the interrupt
 * controllers. In bytes of this host's order, for a KVM of the same kernel.
 */
#ifndef KTSTR_ENGINE_KVM_X86_STATE_H
#define KTSTR_ENGINE_KVM_X86_STATE_H

#include "../vm.h"

struct kt_enc;
struct kt_dec;

/* -errno, not reported; *@step is the call that failed. */
int kt_x86_vcpu_save(int vcpu_fd, const struct kt_kvm_vm *vm, struct kt_enc *e,
		     const char **step);
int kt_x86_irqchips_save(const struct kt_kvm_vm *vm, struct kt_enc *e,
			 const char **step);

/*
 * Into what was made of the same plan and has not run; vCPUs behind their
 * clock, the controllers behind all of them. Also -EBADMSG.
 */
int kt_x86_vcpu_load(int vcpu_fd, const struct kt_kvm_vm *vm, struct kt_dec *d,
		     const char **step);
int kt_x86_irqchips_load(const struct kt_kvm_vm *vm, struct kt_dec *d,
			 const char **step);

#endif /* KTSTR_ENGINE_KVM_X86_STATE_H */
