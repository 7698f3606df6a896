// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing an engine, and what all of them share: the boot command line and
 * the host's clock rate.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "engine.h"
#include "kvm/kvm.h"
#include "kvm/x86/cpuid.h"
#include "qemu/qemu.h"

#define CALIBRATE_NS	(4 * KT_NSEC_PER_MSEC)
#define CLOCK_TRIES	5

const struct kt_engine_ops *const kt_engines[] = {
	&kt_kvm_ops,
	&kt_qemu_kvm_ops,
	&kt_qemu_tcg_ops,
	NULL,
};

static int choose_named(const char *want, const struct kt_engine_ops **ops,
			struct kt_engine_caps *caps, char *line, size_t size)
{
	const struct kt_engine_ops *const *e;
	size_t len;
	int ret;

	for (e = kt_engines; *e; e++) {
		if (strcmp((*e)->name, want))
			continue;
		ret = (*e)->probe(caps);
		if (ret)
			return ret;
		*ops = *e;
		if (!caps->usable) {
			snprintf(line, size, "engine %s is not usable: %s",
				 want, caps->why_not);
			return -ENODEV;
		}
		snprintf(line, size, "engine %s (%s), as asked for", want,
			 caps->version);
		return 0;
	}
	len = snprintf(line, size, "no engine \"%s\": choose auto", want);
	for (e = kt_engines; *e && len < size; e++)
		len += snprintf(line + len, size - len, "%s%s",
				e[1] ? ", " : " or ", (*e)->name);
	return -EINVAL;
}

int kt_engine_choose(const char *want, const struct kt_engine_ops **ops,
		     struct kt_engine_caps *caps, char *line, size_t size)
{
	const struct kt_engine_ops *const *e;
	char reasons[3 * KT_WHY_MAX] = "";
	size_t len = 0;
	int ret;

	if (want && *want && strcmp(want, "auto"))
		return choose_named(want, ops, caps, line, size);

	for (e = kt_engines; *e; e++) {
		ret = (*e)->probe(caps);
		if (ret)
			return ret;
		if (caps->usable) {
			*ops = *e;
			snprintf(line, size, "engine %s (%s)%s%s", (*e)->name,
				 caps->version, len ? "; not " : "", reasons);
			return 0;
		}
		len += snprintf(reasons + len, sizeof(reasons) - len,
				"%s%s: %s", len ? "; " : "", (*e)->name,
				caps->why_not);
		len = min(len, sizeof(reasons) - 1);
	}
	snprintf(line, size, "no engine is usable: %s", reasons);
	return -ENODEV;
}

/* Both clocks at one moment: of a few tries the one with the least between. */
static void read_clocks(u64 *ns, u64 *tsc)
{
	u64 before, after, least = UINT64_MAX;
	struct timespec ts;
	u32 i;

	for (i = 0; i < CLOCK_TRIES; i++) {
		before = __rdtsc();
		clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
		after = __rdtsc();
		if (after - before >= least)
			continue;
		least = after - before;
		*ns = ts.tv_sec * KT_NSEC_PER_SEC + ts.tv_nsec;
		*tsc = before + least / 2;
	}
}

/* When the measuring began. */
static u64 tsc_ns, tsc_count;

void kt_engine_tsc_begin(void)
{
	if (!tsc_ns)
		read_clocks(&tsc_ns, &tsc_count);
}

u32 kt_engine_tsc_khz(void)
{
	static u32 khz;
	u64 ns, count;

	if (khz)
		return khz;
	kt_engine_tsc_begin();
	do {
		read_clocks(&ns, &count);
	} while (ns - tsc_ns < CALIBRATE_NS);
	khz = (count - tsc_count) * KT_NSEC_PER_MSEC / (ns - tsc_ns);
	return khz;
}

/*
 * With one CPU Linux takes the lock prefixes out of its text, 6000 of them one
 * by one: a fifth of such a boot.
 */
static const char *lock_prefixes(const struct kt_machine_plan *plan)
{
	return kt_topology_cpus(&plan->topo) == 1 ? "noreplace-smp " : "";
}

int kt_engine_cmdline(const struct kt_machine_plan *plan, u32 tsc_khz,
		      const char *extra, char *buf, size_t size)
{
	u32 hz = plan->hz ? plan->hz : 1000;
	/* loops per jiffy of a delay loop that counts TSC cycles */
	u64 lpj = (u64)tsc_khz * 1000 / hz;
	int len;

	len = snprintf(buf, size,
		       "console=ttyS0 panic=-1 oops=panic tsc_early_khz=%u tsc=reliable lpj=%llu no_timer_check rcupdate.rcu_expedited=1 %s%s%s%s%s",
		       tsc_khz, (unsigned long long)lpj,
		       plan->kaslr ? "" : "nokaslr ", lock_prefixes(plan), extra,
		       *extra ? " " : "",
		       plan->cmdline ? plan->cmdline : "");
	if (len < 0 || (size_t)len >= size)
		return kt_err(-E2BIG,
			      "kernel command line is longer than %zu bytes",
			      size - 1);
	return 0;
}

u64 kt_engine_node_bytes(const struct kt_machine_plan *plan, u32 node)
{
	u32 nodes = kt_topology_all_nodes(&plan->topo);
	u32 mib = plan->memory_mib / nodes;

	if (plan->performance && mib > 1)
		mib -= mib % 2;
	if (!node)
		mib = plan->memory_mib - mib * (nodes - 1);
	return (u64)mib << 20;
}

u32 kt_engine_last_apic_id(const struct kt_topology *topo)
{
	return kt_x86_apic_id(topo, kt_topology_cpus(topo) - 1);
}
