/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A KVM virtual machine as its descriptor, without vCPUs: memory slots, lines
 * of interrupt, doorbells. An error comes with a sentence, because the probe
 * wants it as the reason, not in the log.
 */
#ifndef KTSTR_ENGINE_KVM_VM_H
#define KTSTR_ENGINE_KVM_VM_H

#include "../engine.h"

struct kt_kvm_vm {
	int fd;			/* of the VM; -1 none */
	u32 run_bytes;		/* of a vCPU's struct kvm_run and what follows */
	u32 max_vcpus;
	bool doorbell_any_len;	/* what KVM serves quickest */
	bool nested;		/* its CPUID has VMX or SVM */
	bool hw_watch;		/* it takes KVM_SET_GUEST_DEBUG */
	struct kvm_cpuid2 *cpuid;	/* what it supports, KT_KVM_MAX_CPUID */
	struct kvm_msr_list *msrs;	/* that it knows */
	u32 xsave_bytes;	/* of a vCPU, */
	bool has_xsave2;	/* which this then tells of */
};

#define KT_KVM_MAX_CPUID	256

/* On @kvm_fd (/dev/kvm), which is needed no longer. -errno and @why. */
int kt_kvm_vm_init(struct kt_kvm_vm *vm, int kvm_fd, char *why, size_t size);
void kt_kvm_vm_fini(struct kt_kvm_vm *vm);

/* From here on -errno, reported. */
int kt_kvm_vm_memory(struct kt_kvm_vm *vm, const struct kt_region *regions,
		     u32 nr);

/* A write to eventfd @fd is an edge on line @gsi. */
int kt_kvm_vm_irq(struct kt_kvm_vm *vm, int fd, u32 gsi);

/* A guest's write of 4 bytes to @gpa is one to eventfd @fd. */
int kt_kvm_vm_doorbell(struct kt_kvm_vm *vm, int fd, u64 gpa);

#endif /* KTSTR_ENGINE_KVM_VM_H */
