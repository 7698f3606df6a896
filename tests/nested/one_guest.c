// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether /dev/kvm runs anything at all, with nothing of the engine in
 * between: tells a rig that is broken from an engine that is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "one_guest.h"

#define PAGE		4096
#define PORT		0x3f8
#define ROUNDS		1000

/* An OUT for each of ROUNDS, each an exit, then HLT; AL counts. */
static const unsigned char code[] = {
	0xba, PORT & 0xff, PORT >> 8,		/* mov dx, PORT */
	0xb9, ROUNDS & 0xff, ROUNDS >> 8,	/* mov cx, ROUNDS */
	0x30, 0xc0,				/* xor al, al */
	0xfe, 0xc0,				/* 1: inc al */
	0xee,					/* out dx, al */
	0xe2, 0xfb,				/* loop 1b */
	0xf4,					/* hlt */
};

static int fail(char *reason, size_t size, const char *what)
{
	snprintf(reason, size, "%s: %s", what, strerror(errno));
	return -1;
}

static int set_up_vcpu(int vcpu, char *reason, size_t size)
{
	struct kvm_regs regs = { .rip = PAGE, .rflags = 2 };
	struct kvm_sregs sregs;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return fail(reason, size, "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs))
		return fail(reason, size, "KVM_SET_SREGS");
	if (ioctl(vcpu, KVM_SET_REGS, &regs))
		return fail(reason, size, "KVM_SET_REGS");
	return 0;
}

static int run_vcpu(int vcpu, const volatile struct kvm_run *run, char *reason,
		    size_t size)
{
	struct timespec from, to;
	unsigned int outs = 0;
	unsigned char last = 0;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0))
			return fail(reason, size, "KVM_RUN");
		if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT)
			break;
		last = *((const volatile unsigned char *)run +
			 run->io.data_offset);
		outs++;
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	if (run->exit_reason != KVM_EXIT_HLT || outs != ROUNDS ||
	    last != (ROUNDS & 0xff)) {
		snprintf(reason, size, "exit reason %u after %u bytes, the last %#x",
			 run->exit_reason, outs, last);
		return -1;
	}
	printf("# %u exits, %lld ns each\n", outs + 1,
	       ((to.tv_sec - from.tv_sec) * 1000000000ll + to.tv_nsec -
		from.tv_nsec) / (outs + 1));
	return 0;
}

static int run_in_vm(int kvm, int vm, char *reason, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = PAGE, .memory_size = PAGE,
	};
	int vcpu, run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), ret = -1;
	struct kvm_run *run;
	void *mem;

	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return fail(reason, size, "mmap");
	memcpy(mem, code, sizeof(code));
	region.userspace_addr = (unsigned long)mem;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		fail(reason, size, "KVM_SET_USER_MEMORY_REGION");
	else if (vcpu < 0 || run == MAP_FAILED)
		fail(reason, size, "KVM_CREATE_VCPU");
	else if (!set_up_vcpu(vcpu, reason, size))
		ret = run_vcpu(vcpu, run, reason, size);
	if (run != MAP_FAILED)
		munmap(run, run_size);
	if (vcpu >= 0)
		close(vcpu);
	munmap(mem, PAGE);
	return ret;
}

int one_guest_run(char *reason, size_t size)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm, ret;

	if (kvm < 0)
		return fail(reason, size, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0) {
		close(kvm);
		return fail(reason, size, "KVM_CREATE_VM");
	}
	ret = run_in_vm(kvm, vm, reason, size);
	close(vm);
	close(kvm);
	return ret;
}
