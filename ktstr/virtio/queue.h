/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A split virtqueue (virtio 1.2, 2.7) from the device's side, with EVENT_IDX.
 * It knows descriptors and rings and nothing of devices. All of it lies in
 * guest memory and is hostile: what breaks the rules poisons the queue until it
 * is reset, and is counted.
 *
 * One thread at a time.
 */
#ifndef KTSTR_VIRTIO_QUEUE_H
#define KTSTR_VIRTIO_QUEUE_H

#include <sys/uio.h>

#include "../inspect/guest_mem.h"

/* descriptors of a queue; QEMU's virtio-mmio gives as many to each */
#define KT_VQ_MAX_SIZE	1024
/* readable and writable segments of a chain, and what one may be cut into */
#define KT_VQ_MAX_IOV	(2 * KT_VQ_MAX_SIZE)

struct kt_enc;
struct kt_dec;

struct kt_vq {
	const struct kt_guest_mem *mem;
	/* set by the transport, before the queue is made ready */
	u16 size;			/* a power of 2, at most KT_VQ_MAX_SIZE */
	bool ready;
	u64 desc_gpa, avail_gpa, used_gpa;
	bool event_idx;			/* negotiated */
	bool indirect;			/* negotiated */

	u16 last_avail;			/* next entry of the avail ring to take */
	u16 next_used;
	u16 signalled_used;		/* next_used when it was last signalled */
	bool signalled_valid;
	bool poisoned;			/* until kt_vq_reset() */
	u64 poisonings;			/* in its life */
};

/* A chain taken: host addresses, checked; readable ones come first. */
struct kt_vq_chain {
	u16 head;
	u16 nr_in;			/* the device reads these: iov[0..nr_in) */
	u16 nr_out;			/* it writes these, behind them */
	struct iovec iov[KT_VQ_MAX_IOV];
};

void kt_vq_reset(struct kt_vq *q);

/* Made ready: -EINVAL when a ring does not lie in memory or is misaligned. */
int kt_vq_enable(struct kt_vq *q);

/*
 * The next chain: 1, or 0 when there is none, or -EPROTO when the queue was
 * poisoned just now (it is told once) or before.
 */
int kt_vq_pop(struct kt_vq *q, struct kt_vq_chain *chain);

/* Puts the last chain popped back, as if it was never seen. */
void kt_vq_unpop(struct kt_vq *q);

/* Gives @chain back, @len_bytes of it written. */
int kt_vq_push(struct kt_vq *q, const struct kt_vq_chain *chain,
	       u32 len_bytes);

/* Whether the driver wants an interrupt for what was pushed since the last one. */
bool kt_vq_should_signal(struct kt_vq *q);

/*
 * Asks the driver to notify (or not to bother). After enabling the caller
 * looks once more: true when there is something already.
 */
bool kt_vq_enable_notify(struct kt_vq *q);
void kt_vq_disable_notify(struct kt_vq *q);

/* No call of the above at the same time. A poisoned one is not saved. */
void kt_vq_save(const struct kt_vq *q, struct kt_enc *e);
/* @d is bad when its rings do not lie in memory, or are larger than @max. */
void kt_vq_load(struct kt_vq *q, u16 max, struct kt_dec *d);

#endif /* KTSTR_VIRTIO_QUEUE_H */
