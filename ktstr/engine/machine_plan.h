/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine is to be: all that an engine is told of it.
 */
#ifndef KTSTR_ENGINE_MACHINE_PLAN_H
#define KTSTR_ENGINE_MACHINE_PLAN_H

#include "../base/topology.h"
#include "../base/types.h"
#include "../virtio/block.h"
#include "icount.h"

/*
 * Where a kernel that was not moved measures the APIC's timer, and where it
 * keeps what comes of it, the cycles of its bus in a jiffy. Zeroes: not known.
 */
struct kt_apic_timer {
	u64 measure_kva;	/* setup_boot_APIC_clock() */
	u64 period_gpa;		/* lapic_timer_period */
};

/* A machine on file: save() wrote it, create() goes on from there. */
struct kt_saved {
	int state_fd;		/* the engine's own state: a memory file */
	int memory_fd;		/* guest memory, node behind node, sparse, */
	u64 memory_at;		/* from this offset on, */
	u64 memory_sum;		/* with this sum: see saved_memory.h */
	bool trusted;		/* the sum was right: it need not be looked at */
};

struct kt_machine_plan {
	struct kt_topology topo;
	u32 memory_mib;
	const char *kernel;		/* host path: vmlinux or bzImage */
	u32 hz;				/* CONFIG_HZ, 0 unknown */
	struct kt_apic_timer apic_timer;
	int initrd_fd;			/* not taken over */
	const char *cmdline;		/* behind the engine's own part */
	bool kaslr;			/* @kernel is a bzImage and may move */
	bool nested;			/* its vCPUs can run machines themselves */
	bool performance;		/* see performance.h */
	const struct kt_disk *disks;	/* /dev/vda, vdb, ... in this order */
	u32 nr_disks;
	struct kt_icount icount;	/* of an engine that is deterministic */
	const u32 *host_cpu;		/* that alone runs it; NULL: any */
	bool stops;			/* of icount: see stops.h */
	const struct kt_saved *saved;	/* of the same plan; NULL: it boots */
};

#endif /* KTSTR_ENGINE_MACHINE_PLAN_H */
