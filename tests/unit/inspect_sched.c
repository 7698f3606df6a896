// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runqueues, domains and event counters of a mini guest: what is read, what
 * this kernel has not, and what is broken.
 */
#include <kselftest_harness.h>

#include "mini_rq.h"

static struct kt_sched_sample *sample_of(struct mini_rq *m)
{
	struct kt_sched_sample *s = malloc(kt_sched_sample_bytes(2));
	char why[128] = "";

	if (!s || kt_sched_sample(&m->g.k, &m->l, s, why, sizeof(why))) {
		printf("# %s\n", why);
		free(s);
		return NULL;
	}
	return s;
}

/* The capture's member, with what is absent as its last element. */
static json_t *tree_of(struct mini_rq *m)
{
	struct kt_sched_sample *s = sample_of(m);
	json_t *absent = json_array(), *cpus;

	if (!s)
		abort();
	cpus = kt_sched_json(&m->g.k, &m->l, s, absent);
	json_array_append_new(cpus, absent);
	free(s);
	return cpus;
}

static const json_t *path(const json_t *v, u32 i, const char *key)
{
	return json_object_get(json_array_get(v, i), key);
}

static const char *text(const json_t *v)
{
	return json_string_value(v) ? json_string_value(v) : "";
}

TEST(all_fields)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	struct kt_sched_sample *s;

	mini_put_u32(&m->g, RQ_GPA(1) + R_SCX, 2);
	mini_put_u32(&m->g, RQ_GPA(1) + R_SCX + 12, 7);
	mini_put_u64(&m->g, RQ_GPA(1) + R_INFO + 8, 5000000000);
	mini_put_u32(&m->g, RQ_GPA(1) + R_TTWU_LOCAL, 9);
	s = sample_of(m);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(4321, s->jiffies);
	EXPECT_EQ(2, s->nr_cpus);
	EXPECT_EQ(3, s->cpus[0].rq[KT_RQ_NR_RUNNING]);
	EXPECT_EQ(4, s->cpus[1].rq[KT_RQ_NR_RUNNING]);
	EXPECT_EQ(1001, s->cpus[1].rq[KT_RQ_CLOCK]);
	EXPECT_EQ(2, s->cpus[1].rq[KT_RQ_SCX_NR_RUNNING]);
	EXPECT_EQ(7, s->cpus[1].rq[KT_RQ_LOCAL_DSQ]);
	EXPECT_EQ(5000000000, s->cpus[1].rq[KT_RQ_RUN_DELAY]);
	EXPECT_EQ(9, s->cpus[1].rq[KT_RQ_TTWU_LOCAL]);
	EXPECT_TRUE(s->cpus[1].curr_known);
	EXPECT_EQ(71, s->cpus[1].curr_pid);
	EXPECT_STREQ("worker", s->cpus[1].curr_comm);
	EXPECT_FALSE(s->has_events);
	EXPECT_FALSE(kt_sched_sample_early(s));
	free(s);
	mini_rq_free(m);
}

TEST(a_runqueue_by_the_page_tables)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	const u64 tables = 0x40000;
	struct kt_sched_sample *s;
	u64 kva;
	u32 level;

	/* CPU 1's area is mapped at one more place, far from the direct map */
	kva = 0xffffc90000000000;
	for (level = 4; level; level--) {
		u64 table = level == 4 ? MINI_IMAGE_GPA + MINI_TOP_PGT :
			    tables + level * 0x1000;
		u64 to = level == 1 ? MINI_PERCPU_GPA + 0x10000 :
			 tables + (level - 1) * 0x1000;

		mini_put_u64(&m->g, table + (kva >> (12 + 9 * (level - 1))) %
			     512 * 8, to | 1);
	}
	mini_put_u64(&m->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8, kva);
	s = sample_of(m);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(4, s->cpus[1].rq[KT_RQ_NR_RUNNING]);
	EXPECT_EQ(1001, s->cpus[1].rq[KT_RQ_CLOCK]);
	free(s);
	mini_rq_free(m);
}

TEST(what_the_kernel_has_not)
{
	struct mini_rq *m = mini_rq_new(0);
	json_t *cpus = tree_of(m), *absent;

	EXPECT_FALSE(kt_sched_has(&m->l, KT_RQ_LOCAL_DSQ));
	EXPECT_EQ(3, json_integer_value(path(cpus, 0, "nr_running")));
	EXPECT_EQ(NULL, path(cpus, 0, "local_dsq"));
	EXPECT_EQ(NULL, path(cpus, 0, "scx_flags"));
	EXPECT_EQ(NULL, path(cpus, 0, "schedstat"));
	EXPECT_EQ(NULL, path(cpus, 0, "domains"));
	absent = json_array_get(cpus, 2);
	EXPECT_EQ(NULL, kt_events_json(&m->g.k, &m->l.events, 2, absent));
	ASSERT_EQ(3, json_array_size(absent));
	EXPECT_STREQ("scheduling domains: not in this kernel",
		     text(json_array_get(absent, 0)));
	EXPECT_STREQ("schedstats: not in this kernel",
		     text(json_array_get(absent, 1)));
	EXPECT_STREQ("sched_ext event counters: not in this kernel",
		     text(json_array_get(absent, 2)));
	json_decref(cpus);
	mini_rq_free(m);
}

TEST(no_types)
{
	struct mini_rq *m = mini_rq_new(0);
	struct kt_sched_sample *s = malloc(kt_sched_sample_bytes(2));
	char why[128] = "";

	m->g.k.types = NULL;
	EXPECT_EQ(-ENOENT, kt_sched_layout_init(&m->l, &m->g.k));
	EXPECT_EQ(-ENOENT, kt_sched_sample(&m->g.k, &m->l, s, why, sizeof(why)));
	EXPECT_STREQ("runqueues are not described by the BTF", why);
	free(s);
	mini_rq_free(m);
}

TEST(a_runqueue_that_cannot_be_read)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	struct kt_sched_sample *s = malloc(kt_sched_sample_bytes(2));
	char why[128] = "";

	mini_put_u64(&m->g, MINI_IMAGE_GPA + MINI_PERCPU_OFFSETS + 8,
		     MINI_DIRECT + MINI_RAM_BYTES - MINI_RQ - 8);
	EXPECT_EQ(-EFAULT, kt_sched_sample(&m->g.k, &m->l, s, why, sizeof(why)));
	EXPECT_STREQ("the runqueue of CPU 1 cannot be read", why);
	free(s);
	mini_rq_free(m);
}

TEST(a_task_that_is_gone)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	json_t *cpus;

	mini_put_u64(&m->g, RQ_GPA(0) + R_CURR, KVA(MINI_RAM_BYTES));
	cpus = tree_of(m);
	EXPECT_EQ(NULL, path(cpus, 0, "curr"));
	EXPECT_STREQ("0xffff888000080000 cannot be read",
		     text(path(cpus, 0, "curr_error")));
	EXPECT_EQ(71, json_integer_value(json_object_get(path(cpus, 1, "curr"),
							 "pid")));
	json_decref(cpus);
	mini_rq_free(m);
}

TEST(early_samples)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	struct kt_sched_sample *s = sample_of(m);

	ASSERT_NE(NULL, s);
	EXPECT_FALSE(kt_sched_sample_early(s));
	s->cpus[1].rq[KT_RQ_LOCAL_DSQ] = 10000;
	EXPECT_FALSE(kt_sched_sample_early(s));
	s->cpus[1].rq[KT_RQ_LOCAL_DSQ] = 10001;
	EXPECT_TRUE(kt_sched_sample_early(s));
	s->cpus[1].rq[KT_RQ_LOCAL_DSQ] = 0;
	s->cpus[1].rq[KT_RQ_CLOCK] = s->cpus[0].rq[KT_RQ_CLOCK];
	EXPECT_TRUE(kt_sched_sample_early(s));
	s->nr_cpus = 1;
	EXPECT_FALSE(kt_sched_sample_early(s));
	s->cpus[0].rq[KT_RQ_CLOCK] = 0;
	EXPECT_TRUE(kt_sched_sample_early(s));
	free(s);
	mini_rq_free(m);
}

TEST(flags_and_schedstats_in_words)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	const json_t *stats;
	json_t *cpus;

	mini_put_u32(&m->g, RQ_GPA(0) + R_SCX + 4, 17);
	mini_put_u32(&m->g, RQ_GPA(0) + R_SCHED_COUNT, 55);
	cpus = tree_of(m);
	EXPECT_STREQ("ONLINE|BYPASSING", text(path(cpus, 0, "scx_flags")));
	stats = path(cpus, 0, "schedstat");
	EXPECT_EQ(7, json_object_size(stats));
	EXPECT_EQ(55, json_integer_value(json_object_get(stats, "sched_count")));
	json_decref(cpus);
	mini_rq_free(m);
}

TEST(domains)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	const json_t *d, *lb, *counts;
	json_t *cpus;

	mini_put_u32(&m->g, DOMAIN_GPA(2) + S_COUNT + 4, 11);
	mini_put_u32(&m->g, DOMAIN_GPA(2) + S_TTWU, 12);
	cpus = tree_of(m);
	d = path(cpus, 1, "domains");
	ASSERT_EQ(2, json_array_size(d));
	EXPECT_STREQ("MC", text(path(d, 0, "name")));
	EXPECT_STREQ("1", text(path(d, 0, "span")));
	EXPECT_EQ(0, json_integer_value(path(d, 0, "level")));
	EXPECT_EQ(0, json_object_size(path(d, 0, "lb")));
	EXPECT_STREQ("PKG", text(path(d, 1, "name")));
	EXPECT_STREQ("0-1", text(path(d, 1, "span")));
	EXPECT_STREQ("0x123f", text(path(d, 1, "flags")));
	EXPECT_EQ(1, json_integer_value(path(d, 1, "level")));
	EXPECT_EQ(NULL, path(d, 1, "broken"));
	lb = path(d, 1, "lb");
	EXPECT_EQ(2, json_object_size(lb));
	counts = json_object_get(lb, "count");
	EXPECT_EQ(11, json_integer_value(json_array_get(counts, 1)));
	counts = json_object_get(lb, "ttwu_wake_remote");
	EXPECT_EQ(12, json_integer_value(counts));
	json_decref(cpus);
	mini_rq_free(m);
}

TEST(domains_without_end)
{
	struct mini_rq *m = mini_rq_new(MINI_HAS_ALL);
	const json_t *d;
	json_t *cpus;

	mini_put_u64(&m->g, DOMAIN_GPA(2) + S_PARENT, KVA(DOMAIN_GPA(0)));
	mini_put_u64(&m->g, RQ_GPA(1) + R_SD, KVA(MINI_RAM_BYTES));
	cpus = tree_of(m);
	d = path(cpus, 0, "domains");
	EXPECT_EQ(16, json_array_size(d));
	EXPECT_STREQ("there are too many above it", text(path(d, 15, "broken")));
	d = path(cpus, 1, "domains");
	EXPECT_EQ(1, json_array_size(d));
	EXPECT_STREQ("its parent cannot be read", text(path(d, 0, "broken")));
	json_decref(cpus);
	mini_rq_free(m);
}

/* Of CPU @cpu, @at bytes into where the kernel keeps its counters. */
static void put_events(struct mini_rq *m, u32 cpu, u64 at)
{
	u64 gpa = MINI_PERCPU_GPA + cpu * 0x10000 + at;

	mini_put_u64(&m->g, gpa, 10 + cpu);
	mini_put_u64(&m->g, gpa + 8, 20 + cpu);
	mini_put_u64(&m->g, gpa + 16, 30 + cpu);
}

FIXTURE(events)
{
	struct mini_rq *m;
};

FIXTURE_VARIANT(events)
{
	u32 has;
	const char *how;
	u64 pointer_at;		/* in the scheduler; 0: a variable */
	u64 inner;
};

FIXTURE_VARIANT_ADD(events, v6_15)
{
	MINI_HAS_EV_6_15, "event_stats_cpu (6.15)", 0, 0,
};

FIXTURE_VARIANT_ADD(events, v6_16)
{
	MINI_HAS_EV_6_16, "scx_sched.event_stats_cpu (6.16)", 16, 0,
};

FIXTURE_VARIANT_ADD(events, v6_18)
{
	MINI_HAS_EV_6_18, "scx_sched_pcpu.event_stats (6.18)", 32, 8,
};

FIXTURE_SETUP(events)
{
	self->m = mini_rq_new(MINI_HAS_ALL | variant->has);
	put_events(self->m, 0, EVENTS_AT + variant->inner);
	put_events(self->m, 1, EVENTS_AT + variant->inner);
	if (variant->pointer_at) {
		mini_put_u64(&self->m->g, MINI_IMAGE_GPA + AT_SCX_ROOT,
			     KVA(SCHED_GPA));
		mini_put_u64(&self->m->g, SCHED_GPA + variant->pointer_at,
			     EVENTS_AT);
	}
}

FIXTURE_TEARDOWN(events)
{
	mini_rq_free(self->m);
}

TEST_F(events, summed)
{
	struct kt_sched_sample *s = sample_of(self->m);
	json_t *o, *absent = json_array();

	ASSERT_NE(NULL, s);
	EXPECT_STREQ(variant->how, self->m->l.events.how);
	EXPECT_TRUE(s->has_events);
	EXPECT_EQ(61, s->fallbacks);
	EXPECT_EQ(21, s->keep_lasts);
	o = kt_events_json(&self->m->g.k, &self->m->l.events, 2, absent);
	EXPECT_EQ(3, json_object_size(o));
	EXPECT_EQ(41, json_integer_value(json_object_get(o, "SCX_EV_OTHER")));
	EXPECT_EQ(0, json_array_size(absent));
	json_decref(o);
	json_decref(absent);
	free(s);
}

TEST_F(events, no_scheduler)
{
	struct kt_sched_sample *s;

	if (!variant->pointer_at)
		return;
	mini_put_u64(&self->m->g, MINI_IMAGE_GPA + AT_SCX_ROOT, 0);
	s = sample_of(self->m);
	ASSERT_NE(NULL, s);
	EXPECT_FALSE(s->has_events);
	EXPECT_EQ(NULL, kt_events_json(&self->m->g.k, &self->m->l.events, 2,
				       NULL));
	free(s);
}

TEST_HARNESS_MAIN
