// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order matters (Documentation/virt/kvm/api.rst): to ask for the MP state
 * may change the APIC, to ask for events all else; what is set needs the APIC's
 * base and mode, which are among the special registers, before the APIC, and
 * that before the MSRs, of which one is the APIC's timer.
 */
#include <linux/kvm.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "../../../wire/codec.h"
#include "msrs.h"
#include "state.h"

/* One of KVM's structures, by the two calls that read and write it. */
struct part {
	const char *name;
	unsigned long get, set;
	u32 len_bytes;
};

#define PART(what, type) \
	{ #what, KVM_GET_##what, KVM_SET_##what, sizeof(struct type) }

static const struct part before_apic[] = {
	PART(MP_STATE, kvm_mp_state),
	PART(REGS, kvm_regs),
	PART(SREGS, kvm_sregs),
	PART(XCRS, kvm_xcrs),
	PART(DEBUGREGS, kvm_debugregs),
};

static const struct part apic = PART(LAPIC, kvm_lapic_state);
static const struct part events = PART(VCPU_EVENTS, kvm_vcpu_events);

static const u32 irqchips[] = {
	KVM_IRQCHIP_PIC_MASTER, KVM_IRQCHIP_PIC_SLAVE, KVM_IRQCHIP_IOAPIC,
};

union any_part {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debugregs;
	struct kvm_lapic_state apic;
	struct kvm_vcpu_events events;
};

static int save_part(int fd, const struct part *p, struct kt_enc *e,
		     const char **step)
{
	union any_part any = {};

	*step = p->name;
	if (ioctl(fd, p->get, &any))
		return -errno;
	kt_enc_bytes(e, &any, p->len_bytes);
	return 0;
}

static int load_part(int fd, const struct part *p, struct kt_dec *d,
		     const char **step)
{
	union any_part any = {};

	*step = p->name;
	kt_dec_bytes(d, &any, p->len_bytes);
	if (d->bad)
		return -EBADMSG;
	return ioctl(fd, p->set, &any) ? -errno : 0;
}

/* KVM writes and reads as much as it says a vCPU has. */
static int save_xsave(int fd, const struct kt_kvm_vm *vm, struct kt_enc *e,
		      const char **step)
{
	void *xsave = calloc(1, vm->xsave_bytes);
	int ret = 0;

	*step = "XSAVE";
	if (!xsave)
		return -ENOMEM;
	if (ioctl(fd, vm->has_xsave2 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE, xsave))
		ret = -errno;
	kt_enc_u32(e, vm->xsave_bytes);
	kt_enc_bytes(e, xsave, vm->xsave_bytes);
	free(xsave);
	return ret;
}

static int load_xsave(int fd, const struct kt_kvm_vm *vm, struct kt_dec *d,
		      const char **step)
{
	void *xsave = calloc(1, vm->xsave_bytes);
	int ret = 0;

	*step = "XSAVE";
	if (!xsave)
		return -ENOMEM;
	kt_dec_require(d, kt_dec_u32(d) == vm->xsave_bytes);
	kt_dec_bytes(d, xsave, vm->xsave_bytes);
	if (d->bad)
		ret = -EBADMSG;
	else if (ioctl(fd, KVM_SET_XSAVE, xsave))
		ret = -errno;
	free(xsave);
	return ret;
}

int kt_x86_vcpu_save(int vcpu_fd, const struct kt_kvm_vm *vm, struct kt_enc *e,
		     const char **step)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(before_apic) && !ret; i++)
		ret = save_part(vcpu_fd, &before_apic[i], e, step);
	if (!ret)
		ret = save_xsave(vcpu_fd, vm, e, step);
	if (!ret)
		ret = save_part(vcpu_fd, &apic, e, step);
	if (!ret) {
		*step = "MSRS";
		ret = kt_x86_msrs_save(vcpu_fd, vm->msrs, e);
	}
	return ret ? ret : save_part(vcpu_fd, &events, e, step);
}

int kt_x86_vcpu_load(int vcpu_fd, const struct kt_kvm_vm *vm, struct kt_dec *d,
		     const char **step)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(before_apic) && !ret; i++)
		ret = load_part(vcpu_fd, &before_apic[i], d, step);
	if (!ret)
		ret = load_xsave(vcpu_fd, vm, d, step);
	if (!ret)
		ret = load_part(vcpu_fd, &apic, d, step);
	if (!ret) {
		*step = "MSRS";
		ret = kt_x86_msrs_load(vcpu_fd, vm->msrs, d);
	}
	return ret ? ret : load_part(vcpu_fd, &events, d, step);
}

int kt_x86_irqchips_save(const struct kt_kvm_vm *vm, struct kt_enc *e,
			 const char **step)
{
	size_t i;

	*step = "IRQCHIP";
	for (i = 0; i < ARRAY_SIZE(irqchips); i++) {
		struct kvm_irqchip chip = { .chip_id = irqchips[i] };

		if (ioctl(vm->fd, KVM_GET_IRQCHIP, &chip))
			return -errno;
		kt_enc_bytes(e, &chip, sizeof(chip));
	}
	return 0;
}

int kt_x86_irqchips_load(const struct kt_kvm_vm *vm, struct kt_dec *d,
			 const char **step)
{
	struct kvm_irqchip chip;
	size_t i;

	*step = "IRQCHIP";
	for (i = 0; i < ARRAY_SIZE(irqchips); i++) {
		kt_dec_bytes(d, &chip, sizeof(chip));
		kt_dec_require(d, chip.chip_id == irqchips[i]);
		if (d->bad)
			return -EBADMSG;
		if (ioctl(vm->fd, KVM_SET_IRQCHIP, &chip))
			return -errno;
	}
	return 0;
}
