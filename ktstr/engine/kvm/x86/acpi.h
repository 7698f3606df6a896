/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The native machine's ACPI tables, written into guest memory: RSDP, XSDT, FADT
 * (hardware-reduced), MADT, SRAT, SLIT, HMAT (several nodes), DSDT with the
 * processors, the serial ports and the virtio-mmio devices.
 */
#ifndef KTSTR_ENGINE_KVM_X86_ACPI_H
#define KTSTR_ENGINE_KVM_X86_ACPI_H

#include "../../engine.h"
#include "cpuid.h"

struct kt_acpi_node_mem {	/* a range of a node's memory */
	u64 gpa;
	u64 size_bytes;
	u32 node;
};

struct kt_acpi_opts {
	const struct kt_topology *topo;
	const struct kt_acpi_node_mem *mem;
	u32 nr_mem;
	u32 nr_mmio;		/* virtio-mmio devices */
};

/*
 * Builds the tables as they are to be at @gpa (of the RSDP) into @buf. Bytes
 * used, or -ENOSPC.
 */
int kt_acpi_build(const struct kt_acpi_opts *opts, u64 gpa, void *buf,
		  size_t size);

#endif /* KTSTR_ENGINE_KVM_X86_ACPI_H */
