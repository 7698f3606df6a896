// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86 vCPUs through KVM's API. The clock is left alone here: a guest's TSC is the
 * host's but for the time that it was frozen, and its kernel is told the rate.
 */
#include <linux/bits.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "boot.h"
#include "cpu.h"
#include "cpuid.h"
#include "layout.h"

#define MSR_MISC_ENABLE		0x1a0
#define MISC_FAST_STRING	BIT(0)
#define MSR_MTRR_DEF_TYPE	0x2ff
#define MTRR_ENABLED		BIT(11)
#define MTRR_WRITE_BACK		6

#define APIC_LINT0		0x350
#define APIC_LINT1		0x360
#define APIC_MODE_NMI		0x400
#define APIC_MODE_EXTINT	0x700

#define LEAF_FEATURES		1
#define LEAF_XSAVE		0xd
#define LEAF_AMD_FEATURES	0x80000001
#define ECX1_MONITOR		BIT(3)
#define ECX1_VMX		BIT(5)
#define ECX_AMD_SVM		BIT(2)

/* DR7: exact, and for each watchpoint enabled, on writes, 4 bytes long */
#define DR7_EXACT		0x700
#define DR7_ENABLE(n)		(2u << (2 * (n)))
#define DR7_WRITE_4(n)		(0xdu << (16 + 4 * (n)))

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

#define CALL(step, fd, request, arg) \
	(*(step) = #request, call(fd, request, (void *)(arg)))

int kt_x86_vm_init(int vm_fd, const char **step)
{
	struct kvm_enable_cap x2apic = {
		.cap = KVM_CAP_X2APIC_API,
		.args = { KVM_X2APIC_API_USE_32BIT_IDS |
			  KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK },
	};
	u64 identity_map = KT_X86_IDENTITY_MAP;
	int ret;

	ret = CALL(step, vm_fd, KVM_SET_TSS_ADDR, (uintptr_t)KT_X86_TSS);
	if (!ret)
		ret = CALL(step, vm_fd, KVM_SET_IDENTITY_MAP_ADDR,
			   &identity_map);
	if (!ret)
		ret = CALL(step, vm_fd, KVM_CREATE_IRQCHIP, NULL);
	if (ret)
		return ret;
	/* ids above 254 alone need it */
	call(vm_fd, KVM_ENABLE_CAP, &x2apic);
	return 0;
}

bool kt_x86_nests(const struct kvm_cpuid2 *supported)
{
	u32 i;

	for (i = 0; i < supported->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &supported->entries[i];

		if ((e->function == LEAF_FEATURES && (e->ecx & ECX1_VMX)) ||
		    (e->function == LEAF_AMD_FEATURES &&
		     (e->ecx & ECX_AMD_SVM)))
			return true;
	}
	return false;
}

void kt_x86_offer_mwait(struct kvm_cpuid2 *supported)
{
	u32 i;

	for (i = 0; i < supported->nent; i++)
		if (supported->entries[i].function == LEAF_FEATURES)
			supported->entries[i].ecx |= ECX1_MONITOR;
}

static int set_cpuid(int vcpu_fd, const struct kvm_cpuid2 *supported, u32 max,
		     const struct kt_topology *topo, u32 cpu, u32 tsc_khz,
		     const char **step)
{
	struct kvm_cpuid2 *own;
	int ret;

	own = calloc(1, sizeof(*own) + max * sizeof(own->entries[0]));
	if (!own)
		return -ENOMEM;
	memcpy(own, supported, sizeof(*own) +
	       supported->nent * sizeof(own->entries[0]));
	*step = "CPUID entries";
	ret = topo ? kt_x86_cpuid(own, max, topo, cpu, tsc_khz) : 0;
	if (!ret)
		ret = CALL(step, vcpu_fd, KVM_SET_CPUID2, own);
	free(own);
	return ret;
}

static int set_msrs(int vcpu_fd)
{
	static const struct kvm_msr_entry want[] = {
		{ .index = MSR_MISC_ENABLE, .data = MISC_FAST_STRING },
		{ .index = MSR_MTRR_DEF_TYPE,
		  .data = MTRR_ENABLED | MTRR_WRITE_BACK },
	};
	union {
		struct kvm_msrs msrs;
		u8 bytes[sizeof(struct kvm_msrs) + sizeof(want)];
	} u = { .msrs.nmsrs = ARRAY_SIZE(want) };
	int n;

	memcpy(u.msrs.entries, want, sizeof(want));
	n = ioctl(vcpu_fd, KVM_SET_MSRS, &u);
	if (n < 0)
		return -errno;
	return n == ARRAY_SIZE(want) ? 0 : -ENOTSUP;
}

/*
 * XCR0 as the guest's kernel will set it, with all there is. A KVM below which
 * SVM is emulated may not learn of XSETBV (QEMU 7.2); one that believes in
 * another value loads that at each entry, and XSAVE then leaves registers out.
 */
static int set_xcr0(int vcpu_fd, const struct kvm_cpuid2 *supported)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1 };
	u32 i;

	for (i = 0; i < supported->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &supported->entries[i];

		if (e->function == LEAF_XSAVE && !e->index)
			xcrs.xcrs[0].value = (u64)e->edx << 32 | e->eax;
	}
	if (!xcrs.xcrs[0].value)
		return 0;
	return ioctl(vcpu_fd, KVM_SET_XCRS, &xcrs) ? -errno : 0;
}

/* As a PC's firmware leaves them. */
static int set_lints(int vcpu_fd)
{
	const u32 lint0 = APIC_MODE_EXTINT, lint1 = APIC_MODE_NMI;
	struct kvm_lapic_state apic;

	if (ioctl(vcpu_fd, KVM_GET_LAPIC, &apic))
		return -errno;
	memcpy(apic.regs + APIC_LINT0, &lint0, sizeof(lint0));
	memcpy(apic.regs + APIC_LINT1, &lint1, sizeof(lint1));
	return ioctl(vcpu_fd, KVM_SET_LAPIC, &apic) ? -errno : 0;
}

int kt_x86_vcpu_init(int vcpu_fd, const struct kvm_cpuid2 *supported, u32 max,
		     const struct kt_topology *topo, u32 cpu, u32 tsc_khz,
		     const char **step)
{
	int ret;

	ret = set_cpuid(vcpu_fd, supported, max, topo, cpu, tsc_khz, step);
	if (ret)
		return ret;
	*step = "KVM_SET_XCRS";
	ret = set_xcr0(vcpu_fd, supported);
	if (ret)
		return ret;
	*step = "KVM_SET_MSRS";
	ret = set_msrs(vcpu_fd);
	if (ret)
		return ret;
	*step = "KVM_SET_LAPIC";
	return set_lints(vcpu_fd);
}

int kt_x86_vcpu_enter(int vcpu_fd, const struct kt_x86_entry *entry,
		      const char **step)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	int ret;

	ret = CALL(step, vcpu_fd, KVM_GET_SREGS, &sregs);
	if (ret)
		return ret;
	kt_x86_boot_regs(entry, &regs, &sregs);
	ret = CALL(step, vcpu_fd, KVM_SET_SREGS, &sregs);
	return ret ? ret : CALL(step, vcpu_fd, KVM_SET_REGS, &regs);
}

int kt_x86_vcpu_regs(int vcpu_fd, struct kt_vcpu_regs *regs)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	if (ioctl(vcpu_fd, KVM_GET_REGS, &r) ||
	    ioctl(vcpu_fd, KVM_GET_SREGS, &s))
		return -errno;
	*regs = (struct kt_vcpu_regs){
		.rip = r.rip, .rflags = r.rflags,
		.rax = r.rax, .rbx = r.rbx, .rcx = r.rcx, .rdx = r.rdx,
		.rsi = r.rsi, .rdi = r.rdi, .rbp = r.rbp, .rsp = r.rsp,
		.r8 = r.r8, .r9 = r.r9, .r10 = r.r10, .r11 = r.r11,
		.r12 = r.r12, .r13 = r.r13, .r14 = r.r14, .r15 = r.r15,
		.cr0 = s.cr0, .cr2 = s.cr2, .cr3 = s.cr3, .cr4 = s.cr4,
		.efer = s.efer, .fs_base = s.fs.base, .gs_base = s.gs.base,
		.cs = s.cs.selector,
	};
	return 0;
}

void kt_x86_vcpu_regs_str(int vcpu_fd, char *buf, size_t size)
{
	struct kt_vcpu_regs r;
	int ret = kt_x86_vcpu_regs(vcpu_fd, &r);

	if (ret) {
		snprintf(buf, size, "registers: %s", strerror(-ret));
		return;
	}
#define X(name)	((unsigned long long)r.name)
	snprintf(buf, size,
		 "rip %04x:%llx rflags %llx rsp %llx rbp %llx rax %llx rbx %llx rcx %llx rdx %llx rsi %llx rdi %llx r8 %llx r9 %llx r10 %llx r11 %llx r12 %llx r13 %llx r14 %llx r15 %llx cr0 %llx cr2 %llx cr3 %llx cr4 %llx efer %llx gs %llx",
		 r.cs, X(rip), X(rflags), X(rsp), X(rbp), X(rax), X(rbx),
		 X(rcx), X(rdx), X(rsi), X(rdi), X(r8), X(r9), X(r10), X(r11),
		 X(r12), X(r13), X(r14), X(r15), X(cr0), X(cr2), X(cr3), X(cr4),
		 X(efer), X(gs_base));
#undef X
}

int kt_x86_vcpu_watch(int vcpu_fd, const u64 gva[KT_MAX_WATCHES])
{
	struct kvm_guest_debug debug = {};
	u32 i;

	debug.arch.debugreg[7] = DR7_EXACT;
	for (i = 0; i < KT_MAX_WATCHES; i++) {
		if (!gva[i])
			continue;
		debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
		debug.arch.debugreg[i] = gva[i];
		debug.arch.debugreg[7] |= DR7_ENABLE(i) | DR7_WRITE_4(i);
	}
	return ioctl(vcpu_fd, KVM_SET_GUEST_DEBUG, &debug) ? -errno : 0;
}

u32 kt_x86_watch_fired(const struct kvm_debug_exit_arch *debug)
{
	return debug->dr6 & ((1u << KT_MAX_WATCHES) - 1);
}
