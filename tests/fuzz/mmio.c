// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register accesses of any offset, size and order, over guest memory from the
 * input. The input is a count, that many accesses, and memory.
 */
#include "echo_device.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct access {
	u16 offset;		/* the upper bits: write, bytes */
	u16 value;
};

static void one_access(struct kt_mmio *t, const struct access *a)
{
	u32 offset = a->offset & 0x3ff, len = ((a->offset >> 10) & 7) + 1;
	u64 v = (u64)a->value << 32 | a->value;

	/* values worth trying: themselves, and as a high half */
	if (a->offset & 0x2000)
		v <<= 16;
	if (a->offset & 0x8000)
		kt_mmio_write(t, offset, &v, len);
	else
		kt_mmio_read(t, offset, &v, len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct echo e;
	struct kt_region region = { RAM_GPA, RAM_BYTES, NULL };
	struct kt_guest_mem mem = { &region, 1 };
	struct access a;
	struct kt_mmio t;
	int irq_fd;

	if (!size)
		return 0;
	irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(irq_fd >= 0);
	echo_init(&e, &region, &mem);
	kt_mmio_init(&t, &e.device, irq_fd);
	/* memory is the end of the input */
	if (size > 1 + data[0] * sizeof(a))
		memcpy(region.hva, data + 1 + data[0] * sizeof(a),
		       min_t(size_t, size - 1 - data[0] * sizeof(a), RAM_BYTES));
	size = min_t(size_t, (size - 1) / sizeof(a), data[0]);
	for (data++; size; size--, data += sizeof(a)) {
		memcpy(&a, data, sizeof(a));
		one_access(&t, &a);
		check(&e);
	}
	kt_mmio_fini(&t);
	free(region.hva);
	close(irq_fd);
	return 0;
}
