/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why KVM_RUN came back, in words.
 */
#ifndef KTSTR_ENGINE_KVM_EXIT_H
#define KTSTR_ENGINE_KVM_EXIT_H

#include "../../base/types.h"

struct kvm_run;

/* "KVM_EXIT_FAIL_ENTRY", or "unknown". */
const char *kt_kvm_exit_name(u32 reason);

/* With what there is to say besides: a suberror, a hardware's reason. */
void kt_kvm_exit_str(const struct kvm_run *run, char *buf, size_t size);

#endif /* KTSTR_ENGINE_KVM_EXIT_H */
