// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transitions. Going from one scheduler to another takes two scans: a vCPU
 * may hold the old address until its next entry, and a fire on it must not be
 * taken for the new one's.
 */
#include "watch_arm.h"

static void disarm(struct kt_watch_arm *arm)
{
	/* The address first; pairs with the acquire of who reads both. */
	atomic_store_explicit(&arm->request_kva, 0, memory_order_release);
	atomic_store_explicit(&arm->kind, NULL, memory_order_release);
}

static void publish(struct kt_watch_arm *arm, const u32 *kind, u64 kva)
{
	/* The pointer first; pairs with the acquire of who reads both. */
	atomic_store_explicit(&arm->kind, kind, memory_order_release);
	atomic_store_explicit(&arm->request_kva, kva, memory_order_release);
	/* A hint alone: what is armed is known by the address. */
	atomic_store_explicit(&arm->any_armed, true, memory_order_relaxed);
}

/* Where the scheduler at @sched keeps its exit_kind: a whole, aligned word. */
static const u32 *find_word(const struct kt_guest_kernel *k,
			    const struct kt_scx *scx, u64 sched, u64 *kva)
{
	u64 gpa;

	*kva = kt_scx_field(scx->exit_kind_kva, scx->exit_kind_offset, sched);
	if (!*kva || *kva % sizeof(u32) ||
	    kt_guest_kernel_translate(k, *kva, &gpa))
		return NULL;
	return kt_guest_mem_ptr(&k->mem, gpa, sizeof(u32));
}

enum kt_watch_change kt_watch_arm_scan(struct kt_watch_arm *arm, u64 *last,
				       const struct kt_guest_kernel *k,
				       const struct kt_scx *scx)
{
	u64 sched, kva, before = *last;
	const u32 *word;

	if (kt_scx_attached(k, scx, &sched) || sched == before)
		return KT_WATCH_UNCHANGED;
	if (before) {
		disarm(arm);
		*last = 0;
		return sched ? KT_WATCH_REBIND : KT_WATCH_DETACHED;
	}
	word = find_word(k, scx, sched, &kva);
	if (!word)
		return KT_WATCH_DEFERRED;
	publish(arm, word, kva);
	*last = sched;
	return KT_WATCH_PUBLISHED;
}

bool kt_watch_arm_kind(struct kt_watch_arm *arm, u32 *kind)
{
	/* Pairs with the release of disarm() and publish(). */
	const u32 *word = atomic_load_explicit(&arm->kind,
					       memory_order_acquire);

	if (!word)
		return false;
	/* the guest writes it: loaded once, whole */
	*kind = __atomic_load_n(word, __ATOMIC_RELAXED);
	return true;
}
