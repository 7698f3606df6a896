// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where each version keeps the state of sched_ext, and kernels of none.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "scx_guest.h"

FIXTURE(scx)
{
	struct scx_guest *g;
	struct kt_scx scx;
	char why[160];
};

FIXTURE_SETUP(scx)
{
	keep_log();
	self->g = NULL;
}

FIXTURE_TEARDOWN(scx)
{
	if (self->g)
		scx_guest_free(self->g);
}

#define find(names, sched) ({						\
	self->g = scx_guest_new(names, sched);				\
	kt_scx_find(&self->g->mini.k, &self->scx, self->why,		\
		    sizeof(self->why));					\
})

TEST_F(scx, globals)
{
	struct kt_scx *s = &self->scx;

	ASSERT_EQ(0, find(scx_names_612, false));
	EXPECT_STREQ("globals (6.12)", s->how);
	EXPECT_EQ(SCX_ATTACHED, s->attached_kva);
	EXPECT_EQ(SCX_KIND, s->exit_kind_kva);
	EXPECT_GT(0, s->exit_kind_offset);
	EXPECT_EQ(SCX_INFO, s->exit_info_kva);
	EXPECT_GT(0, s->exit_info_offset);
	EXPECT_EQ(SCX_OPS, s->ops_kva);
	EXPECT_GT(0, s->ops_offset);
	EXPECT_EQ(SCX_STATE, s->enable_state_kva);
}

TEST_F(scx, a_structure_of_its_own)
{
	struct kt_scx *s = &self->scx;

	ASSERT_EQ(0, find(scx_names_616, true));
	EXPECT_STREQ("scx_root (6.16)", s->how);
	EXPECT_EQ(SCX_ATTACHED, s->attached_kva);
	EXPECT_EQ(0, s->exit_kind_kva);
	EXPECT_EQ(SCHED_KIND, s->exit_kind_offset);
	EXPECT_EQ(0, s->exit_info_kva);
	EXPECT_EQ(SCHED_INFO, s->exit_info_offset);
	EXPECT_EQ(0, s->ops_kva);
	EXPECT_EQ(SCHED_OPS, s->ops_offset);
	EXPECT_EQ(SCX_STATE, s->enable_state_kva);
}

/* What is not needed to see the end may be missing, or have its other name. */
TEST_F(scx, only_what_is_needed)
{
	static const char *const names[5] = {
		"scx_root_kobj", "scx_exit_kind", NULL, NULL,
		"scx_enable_state_var",
	};
	struct kt_scx *s = &self->scx;

	ASSERT_EQ(0, find(names, false));
	EXPECT_EQ(0, s->exit_info_kva);
	EXPECT_EQ(0, s->ops_kva);
	EXPECT_EQ(SCX_STATE, s->enable_state_kva);
}

TEST_F(scx, none)
{
	static const char *const names[5] = {};

	EXPECT_EQ(-ENOENT, find(names, true));
	EXPECT_STREQ("this kernel has no sched_ext", self->why);
	EXPECT_EQ(0, self->scx.attached_kva);
}

/* Each lacks what is needed to know that its scheduler has ended. */
TEST_F(scx, unlike_any_known)
{
	static const char *const no_kind[5] = { "scx_root_kobj" };

	EXPECT_EQ(-ENOENT, find(no_kind, true));
	EXPECT_NE(NULL, strstr(self->why, "scx_root_kobj"));
	scx_guest_free(self->g);
	EXPECT_EQ(-ENOENT, find(scx_names_616, false));
	EXPECT_NE(NULL, strstr(self->why, "scx_root,"));
}

TEST_F(scx, no_types)
{
	find(scx_names_616, true);
	self->g->mini.k.types = NULL;
	EXPECT_EQ(-ENOENT, kt_scx_find(&self->g->mini.k, &self->scx, self->why,
				       sizeof(self->why)));
	EXPECT_NE(NULL, strstr(self->why, "no BTF"));
	scx_guest_free(self->g);
	/* globals need none */
	find(scx_names_612, false);
	self->g->mini.k.types = NULL;
	EXPECT_EQ(0, kt_scx_find(&self->g->mini.k, &self->scx, self->why,
				 sizeof(self->why)));
}

TEST_F(scx, attached)
{
	u64 sched = 1;

	ASSERT_EQ(0, find(scx_names_616, true));
	EXPECT_EQ(0, kt_scx_attached(&self->g->mini.k, &self->scx, &sched));
	EXPECT_EQ(0, sched);
	scx_attach(self->g, SCHED_A);
	EXPECT_EQ(0, kt_scx_attached(&self->g->mini.k, &self->scx, &sched));
	EXPECT_EQ(SCHED_A, sched);
	self->scx.attached_kva = 8;
	EXPECT_EQ(-EFAULT, kt_scx_attached(&self->g->mini.k, &self->scx,
					   &sched));
}

TEST(fields)
{
	EXPECT_EQ(7, kt_scx_field(7, -1, 0));
	EXPECT_EQ(7, kt_scx_field(7, 4, 0x1000));
	EXPECT_EQ(0x1004, kt_scx_field(0, 4, 0x1000));
	EXPECT_EQ(0, kt_scx_field(0, 4, 0));
	EXPECT_EQ(0, kt_scx_field(0, -ENOENT, 0x1000));
}

TEST_HARNESS_MAIN
