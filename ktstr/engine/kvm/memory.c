// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory from memfds, and where it lies for the guest.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "memory.h"
#include "x86/layout.h"

static int map_node(struct kt_kvm_memory *mem, u32 node, u64 at, u64 size)
{
	int fd, ret = 0;
	char name[32];
	void *p;

	snprintf(name, sizeof(name), "ktstr-node%u", node);
	fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0)
		return kt_err(-errno, "memfd for node %u: %s", node,
			      strerror(errno));
	if (ftruncate(fd, size))
		ret = -errno;
	if (!ret) {
		p = mmap((char *)mem->base + at, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0);
		if (p == MAP_FAILED)
			ret = -errno;
	}
	kt_close(&fd);		/* the mapping keeps it */
	if (ret)
		return kt_err(ret, "guest memory of %llu MiB: %s",
			      (unsigned long long)size >> 20, strerror(-ret));
	return 0;
}

static void set_regions(const struct kt_kvm_memory *mem,
			struct kt_region *regions, u32 *nr)
{
	u64 low = min_t(u64, mem->size_bytes, KT_X86_HOLE_START);

	*nr = 1;
	regions[0] = (struct kt_region){ 0, low, mem->base };
	if (low == mem->size_bytes)
		return;
	*nr = 2;
	regions[1] = (struct kt_region){ KT_X86_HIGH_START,
					 mem->size_bytes - low,
					 (char *)mem->base + low };
}

int kt_kvm_memory_map(struct kt_kvm_memory *mem,
		      const struct kt_machine_plan *plan,
		      struct kt_region *regions, u32 *nr)
{
	u64 at = 0, size;
	u32 node;
	int ret;

	mem->size_bytes = (u64)plan->memory_mib << 20;
	mem->base = mmap(NULL, mem->size_bytes, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem->base == MAP_FAILED) {
		mem->base = NULL;
		return kt_err(-errno, "%u MiB of address space: %s",
			      plan->memory_mib, strerror(errno));
	}
	for (node = 0; at < mem->size_bytes; node++) {
		size = kt_engine_node_bytes(plan, node);
		ret = map_node(mem, node, at, size);
		if (ret) {
			kt_kvm_memory_unmap(mem);
			return ret;
		}
		at += size;
	}
	/* a core dump of ours is not one of the guest */
	madvise(mem->base, mem->size_bytes, MADV_DONTDUMP);
	set_regions(mem, regions, nr);
	return 0;
}

void kt_kvm_memory_unmap(struct kt_kvm_memory *mem)
{
	if (mem->base)
		munmap(mem->base, mem->size_bytes);
	mem->base = NULL;
}

u32 kt_kvm_memory_ranges(const struct kt_machine_plan *plan,
			 struct kt_node_range *ranges)
{
	u64 split = KT_X86_HOLE_START, at = 0;
	u32 node, nr = 0;

	for (node = 0; node < kt_topology_all_nodes(&plan->topo); node++) {
		u64 left = kt_engine_node_bytes(plan, node);

		while (left) {
			bool low = at < split;
			u64 part = low ? min_t(u64, left, split - at) : left;

			ranges[nr++] = (struct kt_node_range){
				.gpa = low ? at : at - split + KT_X86_HIGH_START,
				.size_bytes = part, .node = node,
			};
			at += part;
			left -= part;
		}
	}
	return nr;
}
