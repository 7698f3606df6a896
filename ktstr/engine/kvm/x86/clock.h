/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's clocks, its TSC and kvmclock, that stand still while the machine is
 * frozen: what the host looks at costs the guest no time. A timer that was
 * armed before may come early, which Linux takes for none.
 */
#ifndef KTSTR_ENGINE_KVM_X86_CLOCK_H
#define KTSTR_ENGINE_KVM_X86_CLOCK_H

#include "../vcpu.h"

struct kt_enc;
struct kt_dec;

struct kt_x86_clock {
	bool held;
	bool refused;		/* told once: this KVM cannot */
	u64 host_tsc;		/* when it was held */
	u64 kvmclock_ns;
};

/* Every vCPU is parked, from before hold until behind release. */
void kt_x86_clock_hold(struct kt_x86_clock *c, const struct kt_kvm_vm *vm);
/* Harmless when it is not held. */
void kt_x86_clock_release(struct kt_x86_clock *c, const struct kt_kvm_vm *vm,
			  const struct kt_vcpus *vs);

/*
 * One that is held, and one that is held where that one stood, in a machine
 * that has not run. -errno, not reported; -ENOTSUP when this KVM cannot.
 */
int kt_x86_clock_save(const struct kt_x86_clock *c, const struct kt_vcpus *vs,
		      struct kt_enc *e);
int kt_x86_clock_load(struct kt_x86_clock *c, const struct kt_kvm_vm *vm,
		      const struct kt_vcpus *vs, struct kt_dec *d);

#endif /* KTSTR_ENGINE_KVM_X86_CLOCK_H */
