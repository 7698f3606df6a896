/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Engines: who runs the vCPUs. Everything above (coordinator, inspect, host)
 * is the same for all of them, and a test does not know which one it runs on.
 *
 * A machine belongs to one thread. Nothing here looks for anything by itself:
 * the plan names the kernel, the initramfs and the command line.
 */
#ifndef KTSTR_ENGINE_ENGINE_H
#define KTSTR_ENGINE_ENGINE_H

#include "../base/topology.h"
#include "../base/types.h"
#include "../inspect/guest_mem.h"
#include "../inspect/regs.h"
#include "../virtio/block.h"
#include "machine_plan.h"

#define KT_MAX_REGIONS		(KT_MAX_NODES + 1)
#define KT_WHY_MAX		256
#define KT_MAX_DISKS		4
#define KT_PORT_BULK_NAME	"ktstr.bulk"
#define KT_PORT_BULK_NR		1
#define KT_PORT_STATS_NAME	"ktstr.stats"
#define KT_PORT_STATS_NR	2

#define KT_XAPIC_MAX_ID		254	/* 255 is all of them */

/* What an engine can do on this host, as its probe found it just now. */
struct kt_engine_caps {
	bool usable;
	char why_not[KT_WHY_MAX];	/* and the remedy; "" when usable */
	char version[64];
	bool hardware_speed;		/* vCPUs run natively */
	bool watchpoints;
	bool deterministic;
	bool numa;			/* several nodes, several LLCs in one */
	bool nested;			/* its vCPUs can run machines themselves */
	u32 max_vcpus;
	u32 max_apic_id;		/* 0: any that its vCPUs may have */
};

/* How a machine ended. */
enum kt_machine_end {
	KT_END_RUNNING,		/* it has not */
	KT_END_POWER_OFF,	/* the guest asked for it */
	KT_END_RESET,		/* reboot or triple fault: a panic with panic=-1 */
	KT_END_KILLED,		/* by us, or by a signal from outside */
	KT_END_ENGINE_FAILED,	/* the engine itself broke */
};

struct kt_machine {
	const struct kt_engine_ops *ops;
	struct kt_region regions[KT_MAX_REGIONS];
	u32 nr_regions;
	u32 nr_vcpus;
	int watch_fd;		/* eventfd of watch_set(); -1: it has none */
	int bulk_fd;		/* host's end of ktstr.bulk, non-blocking */
	int console_fd;		/* host's end of the serial console */
	int hvc_fd;		/* of the virtio console, port 0 */
	int stats_fd;		/* of ktstr.stats, non-blocking */
	int stop_fd;		/* with plan->stops: see stops.h; else -1 */
	int gdb_fd;		/* likewise: to the gdb stub, the engine's to close */
	int event_fd;		/* readable once the machine has ended */
	/* as in the plan; for their counters, the engine's to free */
	struct kt_block *disks[KT_MAX_DISKS];
	u32 nr_disks;
	/*
	 * The thread that runs each vCPU, all the same where one runs them in
	 * turn; 0 before it has begun (__ATOMIC_ACQUIRE). NULL: not told.
	 */
	const u32 *vcpu_tids;
	/* what became of performance mode, a line each; NULL without it */
	const char *performance;
};

#define KT_MAX_WATCHES	4	/* debug registers of a vCPU */

/* Where a guest's memory lies. */
struct kt_machine_memory {
	u64 own_bytes;		/* in pages that are only this machine's */
	u64 shared_bytes;	/* in a template's, which others may have, too */
};

/* What a watchpoint has seen. */
struct kt_watch_fire {
	bool stopped;		/* the machine stands still: it is to be thawed */
	u32 slots;		/* a bit for each of them that fired */
	u32 vcpu;		/* that wrote; the last one, of several */
};

/**
 * struct kt_engine_ops - one way to run a machine
 * @name: as in --engine
 * @probe: runs something real on this host and fills @caps. 0, also when the
 *	engine is not usable (@caps says why); -errno when the probe itself
 *	could not be made. Bounded to a few seconds.
 * @create: builds a machine that stands before its first instruction, or where
 *	plan->saved was saved. @plan and what it points to need live no longer
 *	than the call. 0 and the machine, or -errno with nothing left behind;
 *	-EBADMSG when it is not what save() wrote.
 * @start: lets the vCPUs run. Once.
 * @freeze: parks every vCPU. 0, or -ETIMEDOUT after @timeout_ms (the caller
 *	thaws all the same). @parked gets how many are known to be parked.
 * @thaw: pair of @freeze; harmless on a machine that runs.
 * @freeze_ahead: optional, of a deterministic machine that stands at a Hold:
 *	has it parked as soon as the host lets it go on, and in a way in which it
 *	can be saved. The next freeze() waits for that. -errno: it will not be.
 * @end: how the machine ended, with details for people in @text (may be
 *	NULL). Does not block.
 * @regs: optional: registers of vCPU @vcpu. -EBUSY unless it is parked.
 * @watch_set: optional: from the next thaw on a write of 4 bytes at
 *	guest-virtual @gva, aligned, stops the machine behind it and makes
 *	watch_fd readable. The caller asks watch_fired(), completes the stop
 *	with freeze(), and thaws. @slot below KT_MAX_WATCHES; replaces what was
 *	there. -EBUSY unless the machine is frozen, -EINVAL.
 * @watch_clear: optional: pair of @watch_set, likewise.
 * @watch_fired: optional: what fired since the last call; takes what is
 *	readable from watch_fd. Does not block. Also to be asked before a thaw:
 *	what fired while a freeze came about is told nowhere else.
 * @describe: optional: the exact command behind @plan, for --dry-run; the
 *	caller frees *@text.
 * @save: optional, and with it plan->saved: writes the frozen machine @m, which
 *	stays as it was, to the files of @saved, empty from their offsets on,
 *	and sets its sum. -errno leaves in them what is of no use; -EBUSY when
 *	it is in a state that is not saved. What is on its disks is no part of
 *	it.
 * @memory: optional: how much of the host's memory the guest's takes, also when
 *	the machine has ended. -errno when the host does not tell.
 * @destroy: ends the machine from any state, within seconds, and frees it.
 *	Leaves no process, descriptor, mapping or file.
 */
struct kt_engine_ops {
	const char *name;
	int (*probe)(struct kt_engine_caps *caps);
	int (*create)(const struct kt_machine_plan *plan,
		      struct kt_machine **m);
	int (*start)(struct kt_machine *m);
	int (*freeze)(struct kt_machine *m, u32 timeout_ms, u32 *parked);
	int (*thaw)(struct kt_machine *m);
	int (*freeze_ahead)(struct kt_machine *m);
	enum kt_machine_end (*end)(struct kt_machine *m, char *text,
				   size_t size);
	int (*regs)(struct kt_machine *m, u32 vcpu, struct kt_vcpu_regs *regs);
	int (*watch_set)(struct kt_machine *m, u32 slot, u64 gva);
	void (*watch_clear)(struct kt_machine *m, u32 slot);
	void (*watch_fired)(struct kt_machine *m, struct kt_watch_fire *fire);
	int (*describe)(const struct kt_machine_plan *plan, char **text);
	int (*save)(struct kt_machine *m, struct kt_saved *saved);
	int (*memory)(struct kt_machine *m, struct kt_machine_memory *mem);
	void (*destroy)(struct kt_machine *m);
};

/*
 * The engine that @want names: "auto" (or NULL) takes the best usable one.
 * -ENODEV when none is; @line gets one line for people in any case: which was
 * chosen and why not a better one, or why none. -EINVAL for a name that is no
 * engine's.
 */
int kt_engine_choose(const char *want, const struct kt_engine_ops **ops,
		     struct kt_engine_caps *caps, char *line, size_t size);

/* All engines, best first; ends with NULL. */
extern const struct kt_engine_ops *const kt_engines[];

/*
 * The same boot options for every engine; the clock is never calibrated.
 * @extra is the engine's own, "" for none.
 */
int kt_engine_cmdline(const struct kt_machine_plan *plan, u32 tsc_khz,
		      const char *extra, char *buf, size_t size);

/*
 * Size of node @node's memory; the nodes share plan->memory_mib, in performance
 * mode by huge pages of 2 MiB.
 */
u64 kt_engine_node_bytes(const struct kt_machine_plan *plan, u32 node);

/* Of all vCPUs of @topo: its parts have whole bits each, so there are gaps. */
u32 kt_engine_last_apic_id(const struct kt_topology *topo);

/*
 * The host's TSC in kHz, measured against CLOCK_MONOTONIC_RAW once. That takes
 * 4 ms from the first call of either.
 */
u32 kt_engine_tsc_khz(void);
void kt_engine_tsc_begin(void);

#endif /* KTSTR_ENGINE_ENGINE_H */
