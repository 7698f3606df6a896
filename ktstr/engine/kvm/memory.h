/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's memory: one range of this process, in which its NUMA nodes lie one
 * behind the other, so that the guest has at most two regions: below the hole
 * under 4 GiB, and from 4 GiB on. It is anonymous and not a memfd: that gets
 * huge pages on any host, where a memfd does on few, and without them a boot
 * takes KVM ten thousand page faults. A machine that starts from a saved one
 * has that one's file there instead, mapped privately.
 */
#ifndef KTSTR_ENGINE_KVM_MEMORY_H
#define KTSTR_ENGINE_KVM_MEMORY_H

#include "../performance.h"

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
		      struct kt_performance *pf, struct kt_region *regions,
		      u32 *nr);
void kt_kvm_memory_unmap(struct kt_kvm_memory *mem);

/*
 * All of it to @saved's file, of a machine that stands still; and in its place
 * that of the file, whose pages are the machine's once it writes to them and
 * until then those of all who have mapped it. -errno, not reported; -EBADMSG
 * when the sum is not that of @saved.
 */
int kt_kvm_memory_save(const struct kt_kvm_memory *mem,
		       struct kt_saved *saved);
int kt_kvm_memory_load(struct kt_kvm_memory *mem,
		       const struct kt_saved *saved);

/* By what is mapped of it. -errno. */
int kt_kvm_memory_count(const struct kt_kvm_memory *mem,
			struct kt_machine_memory *count);

/* Which node's what is, @ranges has room for KT_MAX_NODES + 1; their number. */
u32 kt_kvm_memory_ranges(const struct kt_machine_plan *plan,
			 struct kt_node_range *ranges);

#endif /* KTSTR_ENGINE_KVM_MEMORY_H */
