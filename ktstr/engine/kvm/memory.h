/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's memory: a memfd for each NUMA node, mapped one behind the other
 * into one range of this process, so that the guest has at most two regions:
 * below the hole under 4 GiB, and from 4 GiB on.
 */
#ifndef KTSTR_ENGINE_KVM_MEMORY_H
#define KTSTR_ENGINE_KVM_MEMORY_H

#include "../engine.h"

struct kt_kvm_memory {
	void *base;		/* of size_bytes; NULL: nothing is mapped */
	u64 size_bytes;
};

struct kt_node_range {		/* a range of a node's memory */
	u64 gpa;
	u64 size_bytes;
	u32 node;
};

/* Fills @regions (room for 2) and their number. -errno, reported. */
int kt_kvm_memory_map(struct kt_kvm_memory *mem,
		      const struct kt_machine_plan *plan,
		      struct kt_region *regions, u32 *nr);
void kt_kvm_memory_unmap(struct kt_kvm_memory *mem);

/* Which node's what is, @ranges has room for KT_MAX_NODES + 1; their number. */
u32 kt_kvm_memory_ranges(const struct kt_machine_plan *plan,
			 struct kt_node_range *ranges);

#endif /* KTSTR_ENGINE_KVM_MEMORY_H */
