// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities of a VM whose vCPUs have CPUs for themselves. Without that, a
 * vCPU that waits in the guest would keep others from running: all is refused.
 */
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "performance.h"
#include "x86/cpu.h"

#define HALT_POLL_NS	200000

static const struct {
	u32 bit;
	const char *name;
} waits[] = {
	{ KVM_X86_DISABLE_EXITS_HLT, "HLT" },
	{ KVM_X86_DISABLE_EXITS_PAUSE, "PAUSE" },
	{ KVM_X86_DISABLE_EXITS_MWAIT, "MWAIT" },
};

static int enable(struct kt_kvm_vm *vm, u32 cap, u64 value)
{
	struct kvm_enable_cap arg = { .cap = cap, .args = { value } };

	return ioctl(vm->fd, KVM_ENABLE_CAP, &arg) < 0 ? -errno : 0;
}

static const char *names(u32 bits, char *buf, size_t size)
{
	size_t len = 0, i;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		if (bits & waits[i].bit)
			len += snprintf(buf + len, size - len, "%s%s",
					len ? ", " : "", waits[i].name);
	return buf;
}

/* What it got of them. */
static u32 keep_waits(struct kt_performance *pf, struct kt_kvm_vm *vm)
{
	u32 want = KVM_X86_DISABLE_EXITS_HLT | KVM_X86_DISABLE_EXITS_PAUSE |
		   KVM_X86_DISABLE_EXITS_MWAIT, got;
	int offer = ioctl(vm->fd, KVM_CHECK_EXTENSION,
			  KVM_CAP_X86_DISABLE_EXITS), ret = 0;
	char list[32];

	got = offer > 0 ? want & offer : 0;
	if (got)
		ret = enable(vm, KVM_CAP_X86_DISABLE_EXITS, got);
	if (ret) {
		kt_performance_refuse(pf, "KVM_CAP_X86_DISABLE_EXITS refused: %s: %s; another KVM takes it before there are vCPUs",
				      names(got, list, sizeof(list)),
				      strerror(-ret));
		return 0;
	}
	if (got)
		kt_performance_say(pf, "KVM_CAP_X86_DISABLE_EXITS: %s stay in the guest",
				   names(got, list, sizeof(list)));
	if (got != want)
		kt_performance_refuse(pf, "KVM_CAP_X86_DISABLE_EXITS refused: %s: this KVM does not offer it; newer kernels or CPUs do (kvm.mitigate_smt_rsb, MWAIT with ARAT)",
				      names(want & ~got, list, sizeof(list)));
	return got;
}

static void poll_halts(struct kt_performance *pf, struct kt_kvm_vm *vm)
{
	int ret = enable(vm, KVM_CAP_HALT_POLL, HALT_POLL_NS);

	if (ret)
		kt_performance_refuse(pf, "KVM_CAP_HALT_POLL refused: %u ns: %s; kernels from 5.11 have it",
				      HALT_POLL_NS, strerror(-ret));
	else
		kt_performance_say(pf, "KVM_CAP_HALT_POLL: %u ns",
				   HALT_POLL_NS);
}

void kt_kvm_performance_vm(struct kt_performance *pf, struct kt_kvm_vm *vm)
{
	char list[32];
	u32 got;

	if (!pf->asked)
		return;
	if (!pf->placed) {
		kt_performance_refuse(pf, "KVM_CAP_X86_DISABLE_EXITS refused: %s: vCPUs are not pinned",
				      names(~0u, list, sizeof(list)));
		kt_performance_refuse(pf, "KVM_CAP_HALT_POLL refused: %u ns: vCPUs are not pinned",
				      HALT_POLL_NS);
		return;
	}
	got = keep_waits(pf, vm);
	if (got & KVM_X86_DISABLE_EXITS_MWAIT)
		kt_x86_offer_mwait(vm->cpuid);
	poll_halts(pf, vm);
}

void kt_kvm_performance_threads(struct kt_performance *pf,
				const struct kt_vcpus *vs)
{
	pthread_t threads[KT_MAX_CPUS];
	u32 i;

	for (i = 0; i < vs->nr; i++)
		threads[i] = vs->v[i].thread;
	kt_performance_threads(pf, threads, vs->nr);
}
