/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's model specific registers, all that its KVM knows, saved and loaded.
 * The TSC is not among them: its clock.h has it.
 */
#ifndef KTSTR_ENGINE_KVM_X86_MSRS_H
#define KTSTR_ENGINE_KVM_X86_MSRS_H

#include "../../../base/types.h"

struct kt_enc;
struct kt_dec;
struct kvm_msr_list;

/* Which ones there are, on /dev/kvm; the caller frees *@list. -errno. */
int kt_x86_msrs_list(int kvm_fd, struct kvm_msr_list **list);

/* While the vCPU stands still. -errno. */
int kt_x86_msrs_save(int vcpu_fd, const struct kvm_msr_list *list,
		     struct kt_enc *e);

/*
 * Into a vCPU as a reset leaves it, behind its APIC. -EBADMSG, or -ENOTSUP for
 * a value that this KVM does not take.
 */
int kt_x86_msrs_load(int vcpu_fd, const struct kvm_msr_list *list,
		     struct kt_dec *d);

#endif /* KTSTR_ENGINE_KVM_X86_MSRS_H */
