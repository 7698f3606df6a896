/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The native engine: a VMM of our own on KVM, in this process. No firmware, no
 * PCI; the kernel is entered directly.
 */
#ifndef KTSTR_ENGINE_KVM_KVM_H
#define KTSTR_ENGINE_KVM_KVM_H

#include "../engine.h"

extern const struct kt_engine_ops kt_kvm_ops;

/* APIC ids end there without a guest that has interrupts remapped. */
#define KT_KVM_MAX_VCPUS	252

/* probe.c */
int kt_kvm_probe(struct kt_engine_caps *caps);

/* What this machine adds to kt_engine_cmdline(). */
#define KT_KVM_CMDLINE		"pci=off"

#endif /* KTSTR_ENGINE_KVM_KVM_H */
