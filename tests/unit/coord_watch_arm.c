// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slot 0's state machine: every transition, in kernels that keep exit_kind in
 * the scheduler and as a variable, and the order of its stores.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/coord/watch_arm.h"
#include "scx_guest.h"
#include "store_order.h"

FIXTURE(arm)
{
	struct scx_guest *g;
	struct kt_scx scx;
	struct kt_watch_arm *arm;	/* alone in its page */
	u64 last;
};

FIXTURE_VARIANT(arm)
{
	const char *const *names;
	bool sched;
};

FIXTURE_VARIANT_ADD(arm, globals) {
	.names = scx_names_612,
};

FIXTURE_VARIANT_ADD(arm, scx_root) {
	.names = scx_names_616, .sched = true,
};

FIXTURE_SETUP(arm)
{
	char why[160];

	keep_log();
	self->g = scx_guest_new(variant->names, variant->sched);
	ASSERT_EQ(0, kt_scx_find(&self->g->mini.k, &self->scx, why,
				 sizeof(why)));
	self->arm = order_begin();
	ASSERT_NE(NULL, self->arm);
	self->last = 0;
}

FIXTURE_TEARDOWN(arm)
{
	order_end();
	scx_guest_free(self->g);
}

/* A scan with @sched attached; what it stores is noted. */
#define scan(sched) ({							\
	enum kt_watch_change change_;					\
									\
	scx_attach(self->g, sched);					\
	order_on();							\
	change_ = kt_watch_arm_scan(self->arm, &self->last,		\
				    &self->g->mini.k, &self->scx);	\
	order_off();							\
	change_;							\
})

#define STORES_KIND	offsetof(struct kt_watch_arm, kind)
#define STORES_REQUEST	offsetof(struct kt_watch_arm, request_kva)
#define STORES_ANY	offsetof(struct kt_watch_arm, any_armed)

#define stored_nothing()	(order_nr == 0)
#define published() \
	(order_nr == 3 && order_stores[0] == STORES_KIND && \
	 order_stores[1] == STORES_REQUEST && order_stores[2] == STORES_ANY)
#define disarmed() \
	(order_nr == 2 && order_stores[0] == STORES_REQUEST && \
	 order_stores[1] == STORES_KIND)

static u64 kind_kva(bool in_sched, u64 sched)
{
	return in_sched ? sched + SCHED_KIND : SCX_KIND;
}

static const void *kind_ptr(const struct scx_guest *g, bool in_sched, u64 sched)
{
	return g->mini.ram + (in_sched ? sched - MINI_DIRECT + SCHED_KIND :
			      SCX_GPA(SCX_KIND));
}

#define expect_armed(sched_kva) do {					\
	EXPECT_EQ(kind_kva(variant->sched, sched_kva),			\
		  atomic_load(&self->arm->request_kva));		\
	EXPECT_EQ(kind_ptr(self->g, variant->sched, sched_kva),		\
		  atomic_load(&self->arm->kind));			\
	EXPECT_TRUE(atomic_load(&self->arm->any_armed));		\
} while (0)

#define expect_disarmed() do {						\
	EXPECT_EQ(0, atomic_load(&self->arm->request_kva));		\
	EXPECT_EQ(NULL, atomic_load(&self->arm->kind));			\
} while (0)

TEST_F(arm, none_attached)
{
	EXPECT_EQ(KT_WATCH_UNCHANGED, scan(0));
	EXPECT_TRUE(stored_nothing());
	EXPECT_EQ(0, self->last);
	EXPECT_FALSE(atomic_load(&self->arm->any_armed));
}

TEST_F(arm, attached)
{
	EXPECT_EQ(KT_WATCH_PUBLISHED, scan(SCHED_A));
	EXPECT_TRUE(published());
	EXPECT_EQ(SCHED_A, self->last);
	expect_armed(SCHED_A);
	EXPECT_EQ(KT_WATCH_UNCHANGED, scan(SCHED_A));
	EXPECT_TRUE(stored_nothing());
	EXPECT_EQ(SCHED_A, self->last);
	expect_armed(SCHED_A);
}

TEST_F(arm, detached)
{
	scan(SCHED_A);
	EXPECT_EQ(KT_WATCH_DETACHED, scan(0));
	EXPECT_TRUE(disarmed());
	EXPECT_EQ(0, self->last);
	expect_disarmed();
	EXPECT_TRUE(atomic_load(&self->arm->any_armed));
	EXPECT_EQ(KT_WATCH_UNCHANGED, scan(0));
	EXPECT_TRUE(stored_nothing());
	EXPECT_EQ(KT_WATCH_PUBLISHED, scan(SCHED_A));
	EXPECT_TRUE(published());
	expect_armed(SCHED_A);
}

TEST_F(arm, rebound_in_two_scans)
{
	scan(SCHED_A);
	EXPECT_EQ(KT_WATCH_REBIND, scan(SCHED_B));
	EXPECT_TRUE(disarmed());
	EXPECT_EQ(0, self->last);
	expect_disarmed();
	EXPECT_EQ(KT_WATCH_PUBLISHED, scan(SCHED_B));
	EXPECT_TRUE(published());
	EXPECT_EQ(SCHED_B, self->last);
	expect_armed(SCHED_B);
}

TEST_F(arm, gone_between_the_two_scans)
{
	scan(SCHED_A);
	EXPECT_EQ(KT_WATCH_REBIND, scan(SCHED_B));
	EXPECT_EQ(KT_WATCH_UNCHANGED, scan(0));
	EXPECT_TRUE(stored_nothing());
	expect_disarmed();
}

/* An address that leads nowhere, or half a word: tried again each time. */
TEST_F(arm, deferred)
{
	static const u64 bad[] = {
		MINI_DIRECT + (1ULL << 40),
		MINI_DIRECT + MINI_FREE_GPA + 2,
		0x1000,
	};
	u32 i;

	if (!variant->sched)
		return;		/* a variable is always there */
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(KT_WATCH_DEFERRED, scan(bad[i]));
		EXPECT_TRUE(stored_nothing());
		EXPECT_EQ(0, self->last);
		expect_disarmed();
	}
	EXPECT_EQ(KT_WATCH_PUBLISHED, scan(SCHED_A));
	EXPECT_TRUE(published());
}

TEST_F(arm, deferred_as_a_variable)
{
	if (variant->sched)
		return;
	self->scx.exit_kind_kva = MINI_TEXT + MINI_IMAGE_BYTES + 0x100000;
	EXPECT_EQ(KT_WATCH_DEFERRED, scan(SCHED_A));
	EXPECT_TRUE(stored_nothing());
	EXPECT_EQ(0, self->last);
}

/* The pointer itself cannot be read: nothing is known to have changed. */
TEST_F(arm, unreadable)
{
	u64 attached = self->scx.attached_kva;

	scan(SCHED_A);
	self->scx.attached_kva = 8;
	EXPECT_EQ(KT_WATCH_UNCHANGED, scan(0));
	EXPECT_TRUE(stored_nothing());
	EXPECT_EQ(SCHED_A, self->last);
	expect_armed(SCHED_A);
	self->scx.attached_kva = attached;
	EXPECT_EQ(KT_WATCH_DETACHED, scan(0));
}

TEST_F(arm, the_word)
{
	u64 gpa = variant->sched ? MINI_FREE_GPA + SCHED_KIND : SCX_GPA(SCX_KIND);
	u32 kind = 7;

	EXPECT_FALSE(kt_watch_arm_kind(self->arm, &kind));
	EXPECT_EQ(7, kind);
	scan(SCHED_A);
	mini_put_u32(&self->g->mini, gpa, 1026);
	EXPECT_TRUE(kt_watch_arm_kind(self->arm, &kind));
	EXPECT_EQ(1026, kind);
	scan(0);
	EXPECT_FALSE(kt_watch_arm_kind(self->arm, &kind));
}

TEST_HARNESS_MAIN
