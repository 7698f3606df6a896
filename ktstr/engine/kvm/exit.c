// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of KVM's exits and internal errors.
 */
#include <linux/kvm.h>
#include <stdio.h>

#include "exit.h"

#define NAME(x)	{ KVM_EXIT_##x, "KVM_EXIT_" #x }

static const struct {
	u32 reason;
	const char *name;
} names[] = {
	NAME(UNKNOWN), NAME(EXCEPTION), NAME(IO), NAME(HYPERCALL), NAME(DEBUG),
	NAME(HLT), NAME(MMIO), NAME(IRQ_WINDOW_OPEN), NAME(SHUTDOWN),
	NAME(FAIL_ENTRY), NAME(INTR), NAME(SET_TPR), NAME(TPR_ACCESS),
	NAME(NMI), NAME(INTERNAL_ERROR), NAME(SYSTEM_EVENT), NAME(IOAPIC_EOI),
	NAME(HYPERV), NAME(X86_RDMSR), NAME(X86_WRMSR), NAME(DIRTY_RING_FULL),
	NAME(AP_RESET_HOLD), NAME(X86_BUS_LOCK), NAME(XEN), NAME(NOTIFY),
};

const char *kt_kvm_exit_name(u32 reason)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].reason == reason)
			return names[i].name;
	return "unknown";
}

static const char *suberror_name(u32 suberror)
{
	switch (suberror) {
	case KVM_INTERNAL_ERROR_EMULATION:
		return "an instruction that it cannot emulate";
	case KVM_INTERNAL_ERROR_SIMUL_EX:
		return "exceptions at once";
	case KVM_INTERNAL_ERROR_DELIVERY_EV:
		return "the delivery of an event";
	case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
		return "an exit of the processor that it does not know";
	default:
		return "unknown";
	}
}

void kt_kvm_exit_str(const struct kvm_run *run, char *buf, size_t size)
{
	const char *name = kt_kvm_exit_name(run->exit_reason);

	switch (run->exit_reason) {
	case KVM_EXIT_FAIL_ENTRY:
		snprintf(buf, size, "%s, the processor's reason 0x%llx", name,
			 (unsigned long long)
			 run->fail_entry.hardware_entry_failure_reason);
		break;
	case KVM_EXIT_UNKNOWN:
		snprintf(buf, size, "%s, the processor's reason 0x%llx", name,
			 (unsigned long long)run->hw.hardware_exit_reason);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		snprintf(buf, size, "%s, %s (%u)", name,
			 suberror_name(run->internal.suberror),
			 run->internal.suberror);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		snprintf(buf, size, "%s of type %u", name,
			 run->system_event.type);
		break;
	default:
		snprintf(buf, size, "%s (%u)", name, run->exit_reason);
	}
}
