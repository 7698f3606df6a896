// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holding clocks (Documentation/virt/kvm/devices/vcpu.rst, KVM_VCPU_TSC_CTRL):
 * each vCPU's offset to the host's TSC is lowered by the time that has passed,
 * and kvmclock is set back to where it stood.
 */
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

#include "../../../base/log.h"
#include "../../../wire/codec.h"
#include "clock.h"

static int tsc_offset(int vcpu_fd, unsigned long what, u64 *offset)
{
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)offset,
	};

	return ioctl(vcpu_fd, what, &attr) ? -errno : 0;
}

static int take_back(const struct kt_vcpus *vs, u64 cycles)
{
	u64 offset;
	int ret = 0;
	u32 i;

	for (i = 0; i < vs->nr && !ret; i++) {
		ret = tsc_offset(vs->v[i].fd, KVM_GET_DEVICE_ATTR, &offset);
		offset -= cycles;
		if (!ret)
			ret = tsc_offset(vs->v[i].fd, KVM_SET_DEVICE_ATTR,
					 &offset);
	}
	return ret;
}

void kt_x86_clock_hold(struct kt_x86_clock *c, const struct kt_kvm_vm *vm)
{
	struct kvm_clock_data data = {};

	if (c->held || c->refused || ioctl(vm->fd, KVM_GET_CLOCK, &data))
		return;
	c->kvmclock_ns = data.clock;
	c->host_tsc = __rdtsc();
	c->held = true;
}

void kt_x86_clock_release(struct kt_x86_clock *c, const struct kt_kvm_vm *vm,
			  const struct kt_vcpus *vs)
{
	struct kvm_clock_data data = { .clock = c->kvmclock_ns };
	int ret;

	if (!c->held)
		return;
	c->held = false;
	ret = take_back(vs, __rdtsc() - c->host_tsc);
	if (!ret && ioctl(vm->fd, KVM_SET_CLOCK, &data))
		ret = -errno;
	if (ret) {
		c->refused = true;
		kt_warn("the guest's clocks go on while it is frozen: KVM_VCPU_TSC_CTRL: %s; kernels from 5.16 have it",
			strerror(-ret));
	}
}

int kt_x86_clock_save(const struct kt_x86_clock *c, const struct kt_vcpus *vs,
		      struct kt_enc *e)
{
	u64 offset;
	int ret = c->held ? 0 : -ENOTSUP;
	u32 i;

	kt_enc_u64(e, c->kvmclock_ns);
	for (i = 0; i < vs->nr && !ret; i++) {
		ret = tsc_offset(vs->v[i].fd, KVM_GET_DEVICE_ATTR, &offset);
		kt_enc_u64(e, c->host_tsc + offset);
	}
	return ret == -ENXIO ? -ENOTSUP : ret;
}

int kt_x86_clock_load(struct kt_x86_clock *c, const struct kt_kvm_vm *vm,
		      const struct kt_vcpus *vs, struct kt_dec *d)
{
	struct kvm_clock_data data = { .clock = kt_dec_u64(d) };
	u64 offset;
	int ret = 0;
	u32 i;

	c->kvmclock_ns = data.clock;
	c->host_tsc = __rdtsc();
	for (i = 0; i < vs->nr && !ret; i++) {
		offset = kt_dec_u64(d) - c->host_tsc;
		ret = d->bad ? -EBADMSG :
		      tsc_offset(vs->v[i].fd, KVM_SET_DEVICE_ATTR, &offset);
	}
	if (!ret && ioctl(vm->fd, KVM_SET_CLOCK, &data))
		ret = -errno;
	c->held = !ret;
	return ret;
}
