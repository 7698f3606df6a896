/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's KVM device, and why it cannot be opened.
 */
#ifndef KTSTR_ENGINE_HOST_KVM_H
#define KTSTR_ENGINE_HOST_KVM_H

#include "../base/types.h"

/* $KTSTR_KVM, else /dev/kvm. */
const char *kt_host_kvm_path(void);

/* 0 and a descriptor, or -errno, with the reason and the remedy in @why. */
int kt_host_kvm_open(int *fd, char *why, size_t size);

#endif /* KTSTR_ENGINE_HOST_KVM_H */
