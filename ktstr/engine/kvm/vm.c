// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a VM of KVM's API (Documentation/virt/kvm/api.rst): what it must have
 * is asked for by name first.
 */
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "../../base/fd.h"
#include "../../base/log.h"
#include "vm.h"
#include "x86/cpu.h"
#include "x86/msrs.h"

#define CAP(name)	{ KVM_CAP_##name, "KVM_CAP_" #name }

static const struct {
	int cap;
	const char *name;
} required[] = {
	CAP(USER_MEMORY),
	CAP(IRQCHIP),
	CAP(IRQFD),
	CAP(IOEVENTFD),
	CAP(IMMEDIATE_EXIT),
	CAP(EXT_CPUID),
	CAP(MP_STATE),
	CAP(SET_TSS_ADDR),
	CAP(SET_IDENTITY_MAP_ADDR),
};

/* The API's version and what has to be there. */
static int check(int kvm_fd, char *why, size_t size)
{
	int version = ioctl(kvm_fd, KVM_GET_API_VERSION, 0);
	size_t i;

	if (version != KVM_API_VERSION) {
		snprintf(why, size,
			 "KVM_GET_API_VERSION says %d, not %d: no KVM that Linux knows",
			 version, KVM_API_VERSION);
		return -ENOTSUP;
	}
	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (ioctl(kvm_fd, KVM_CHECK_EXTENSION, required[i].cap) > 0)
			continue;
		snprintf(why, size, "its KVM lacks %s: a newer kernel has it",
			 required[i].name);
		return -ENOTSUP;
	}
	return 0;
}

static int read_cpuid(struct kt_kvm_vm *vm, int kvm_fd)
{
	vm->cpuid = calloc(1, sizeof(*vm->cpuid) +
			   KT_KVM_MAX_CPUID * sizeof(vm->cpuid->entries[0]));
	if (!vm->cpuid)
		return -ENOMEM;
	vm->cpuid->nent = KT_KVM_MAX_CPUID;
	return ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, vm->cpuid) ? -errno : 0;
}

static int create_vm(struct kt_kvm_vm *vm, int kvm_fd)
{
	do {
		vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	} while (vm->fd < 0 && errno == EINTR);
	return vm->fd < 0 ? -errno : 0;
}

/* Without the capability it is what the structure has. */
static void find_xsave(struct kt_kvm_vm *vm)
{
	int len = ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);

	vm->has_xsave2 = len >= (int)sizeof(struct kvm_xsave);
	vm->xsave_bytes = vm->has_xsave2 ? len : (int)sizeof(struct kvm_xsave);
}

static int failed(int ret, const char *what, char *why, size_t size)
{
	if (ret)
		snprintf(why, size, "%s: %s", what, strerror(-ret));
	return ret;
}

int kt_kvm_vm_init(struct kt_kvm_vm *vm, int kvm_fd, char *why, size_t size)
{
	const char *step;
	int ret;

	memset(vm, 0, sizeof(*vm));
	vm->fd = -1;
	ret = check(kvm_fd, why, size);
	if (ret)
		return ret;
	ret = failed(read_cpuid(vm, kvm_fd), "KVM_GET_SUPPORTED_CPUID", why,
		     size);
	if (!ret)
		ret = failed(kt_x86_msrs_list(kvm_fd, &vm->msrs),
			     "KVM_GET_MSR_INDEX_LIST", why, size);
	if (!ret)
		ret = failed(create_vm(vm, kvm_fd), "KVM_CREATE_VM", why, size);
	if (!ret)
		ret = failed(kt_x86_vm_init(vm->fd, &step), step, why, size);
	if (ret) {
		kt_kvm_vm_fini(vm);
		return ret;
	}
	vm->run_bytes = max(ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0),
			    (int)sizeof(struct kvm_run));
	vm->max_vcpus = max(ioctl(kvm_fd, KVM_CHECK_EXTENSION,
				  KVM_CAP_MAX_VCPUS), 1);
	vm->doorbell_any_len = ioctl(vm->fd, KVM_CHECK_EXTENSION,
				     KVM_CAP_IOEVENTFD_ANY_LENGTH) > 0;
	vm->hw_watch = ioctl(kvm_fd, KVM_CHECK_EXTENSION,
			     KVM_CAP_SET_GUEST_DEBUG) > 0;
	vm->nested = kt_x86_nests(vm->cpuid);
	find_xsave(vm);
	return 0;
}

void kt_kvm_vm_fini(struct kt_kvm_vm *vm)
{
	kt_close(&vm->fd);
	free(vm->cpuid);
	vm->cpuid = NULL;
	free(vm->msrs);
	vm->msrs = NULL;
}

int kt_kvm_vm_memory(struct kt_kvm_vm *vm, const struct kt_region *regions,
		     u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct kvm_userspace_memory_region slot = {
			.slot = i,
			.guest_phys_addr = regions[i].gpa,
			.memory_size = regions[i].size_bytes,
			.userspace_addr = (uintptr_t)regions[i].hva,
		};

		if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
			return kt_err(-errno,
				      "KVM_SET_USER_MEMORY_REGION %llu MiB at 0x%llx: %s",
				      (unsigned long long)slot.memory_size >> 20,
				      (unsigned long long)slot.guest_phys_addr,
				      strerror(errno));
	}
	return 0;
}

int kt_kvm_vm_irq(struct kt_kvm_vm *vm, int fd, u32 gsi)
{
	struct kvm_irqfd irqfd = { .fd = fd, .gsi = gsi };

	if (ioctl(vm->fd, KVM_IRQFD, &irqfd))
		return kt_err(-errno, "KVM_IRQFD line %u: %s", gsi,
			      strerror(errno));
	return 0;
}

int kt_kvm_vm_doorbell(struct kt_kvm_vm *vm, int fd, u64 gpa)
{
	struct kvm_ioeventfd doorbell = {
		.addr = gpa,
		.fd = fd,
		/* 0: any, and no look at the guest's instruction */
		.len = vm->doorbell_any_len ? 0 : sizeof(u32),
	};

	if (ioctl(vm->fd, KVM_IOEVENTFD, &doorbell))
		return kt_err(-errno, "KVM_IOEVENTFD at 0x%llx: %s",
			      (unsigned long long)gpa, strerror(errno));
	return 0;
}
