// SPDX-License-Identifier: GPL-2.0-only
/*
 * The APIC timer's frequency, told to a booting kernel.
 */
#include "../../base/log.h"
#include "apic_timer.h"

#define BUS_HZ	1000000000	/* QEMU hw/intc/apic.c: of virtual time */

int kt_qemu_apic_timer_arm(struct kt_qemu_apic_timer *t, struct kt_gdb *gdb,
			   const struct kt_machine_plan *plan, u64 deadline_ns)
{
	const struct kt_apic_timer *at = &plan->apic_timer;
	int ret;

	if (!at->measure_kva || !plan->hz)
		return 0;
	ret = kt_gdb_break(gdb, at->measure_kva, true, deadline_ns);
	if (ret)
		return ret;
	t->measure_kva = at->measure_kva;
	t->period_gpa = at->period_gpa;
	t->period = BUS_HZ / plan->hz;
	return 0;
}

bool kt_qemu_apic_timer_tell(struct kt_qemu_apic_timer *t, struct kt_gdb *gdb,
			     const struct kt_machine *m, u64 deadline_ns)
{
	const struct kt_guest_mem mem = { m->regions, m->nr_regions };
	u64 kva = t->measure_kva;
	int ret, err;

	if (!kva || !gdb->at_break)
		return false;
	gdb->at_break = false;
	t->measure_kva = 0;
	ret = kt_guest_mem_write_u32(&mem, t->period_gpa, t->period);
	/* in any case: it would not get beyond it */
	err = kt_gdb_break(gdb, kva, false, deadline_ns);
	if (ret || err)
		kt_warn("the APIC timer's frequency could not be told (%s): the kernel measures it",
			strerror(ret ? -ret : -err));
	return true;
}
