// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as the state of a transport and its queues. What is taken can be
 * used, and saved again as the same bytes. The input is the state, and guest
 * memory behind it.
 */
#include "echo_device.h"
#include "ktstr/wire/codec.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define STATE_MAX	1024

static void save_again(struct kt_mmio *t, const u8 *data, size_t len_bytes)
{
	u8 state[STATE_MAX];
	struct kt_enc e;

	kt_enc_init(&e, state, sizeof(state));
	if (kt_mmio_save(t, &e))
		return;
	assert(e.len_bytes == len_bytes);
	/* what was loaded as a truth may have been any byte but 0 */
	assert(!memcmp(state, data, 20));
}

static void use(struct echo *e)
{
	u32 i;

	check(e);
	for (i = 0; i < e->device.nr_vqs; i++)
		e->device.ops->notify(&e->device, i);
	check(e);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct echo e;
	struct kt_region region = { RAM_GPA, RAM_BYTES, NULL };
	struct kt_guest_mem mem = { &region, 1 };
	struct kt_mmio t;
	struct kt_dec d;
	int irq_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert(irq_fd >= 0);
	echo_init(&e, &region, &mem);
	kt_mmio_init(&t, &e.device, irq_fd);
	kt_dec_init(&d, data, size);
	if (!kt_mmio_load(&t, &d)) {
		memcpy(region.hva, data + d.pos, min_t(size_t, size - d.pos, RAM_BYTES));
		save_again(&t, data, d.pos);
		use(&e);
	}
	kt_mmio_fini(&t);
	free(region.hva);
	close(irq_fd);
	return 0;
}
