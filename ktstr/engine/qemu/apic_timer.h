/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux measures the APIC's timer against the TSC while it boots, for 100 ms. A
 * host that takes the CPU away at the wrong moment makes the result wrong: all
 * timers come late, or the kernel finds the timer too slow and never ticks. It
 * does not measure when it knows lapic_timer_period, which some hypervisors
 * tell. So the machine is stopped where the kernel would begin, and is told.
 */
#ifndef KTSTR_ENGINE_QEMU_APIC_TIMER_H
#define KTSTR_ENGINE_QEMU_APIC_TIMER_H

#include "gdb.h"

#include "../engine.h"

struct kt_qemu_apic_timer {
	u64 measure_kva;	/* a breakpoint is there; 0: none */
	u64 period_gpa;
	u32 period;		/* cycles of the timer's bus in a jiffy */
};

/*
 * Sets the breakpoint in a machine that stands before its first instruction.
 * Nothing where @plan does not know the places. -errno as of kt_gdb_break().
 */
int kt_qemu_apic_timer_arm(struct kt_qemu_apic_timer *t, struct kt_gdb *gdb,
			   const struct kt_machine_plan *plan, u64 deadline_ns);

/*
 * In a machine that stands still: if it is there, tells the kernel, clears the
 * breakpoint, and is through with it. Whether it was there.
 */
bool kt_qemu_apic_timer_tell(struct kt_qemu_apic_timer *t, struct kt_gdb *gdb,
			     const struct kt_machine *m, u64 deadline_ns);

#endif /* KTSTR_ENGINE_QEMU_APIC_TIMER_H */
