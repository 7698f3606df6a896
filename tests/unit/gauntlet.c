// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gauntlet's cells: presets, valid sets of flags, what constraints and
 * options leave, and what a cell is run as.
 */
#include <kselftest_harness.h>

#include "kept_log.h"
#include "ktstr/base/presets.h"
#include "ktstr/host/gauntlet.h"
#include "ktstr/host/profiles.h"

KTSTR_SCHED(three, .binary = "scx_three", .args = KTSTR_ARGS("-q"),
	    .flags = KTSTR_FLAGS({ .name = "a", .args = KTSTR_ARGS("-a", "1") },
				 { .name = "b", .args = KTSTR_ARGS("-b"),
				   .requires = KTSTR_NAMES("a") },
				 { .name = "c", .args = KTSTR_ARGS("-c"),
				   .excludes = KTSTR_NAMES("b") }));

KTSTR_TEST(plain, .desc = "of no flags", .duration_ms = 10)
{
}

KTSTR_TEST(small, .desc = "of few CPUs, never with c", .sched = &three,
	   .duration_ms = 10, .needs = { .max_cpus = 4 }, .memory_mib = 1000,
	   .not_flags = KTSTR_NAMES("c"))
{
}

KTSTR_TEST(nodes, .desc = "of four nodes, always with a", .sched = &three,
	   .topology = "4n4l1c1t", .duration_ms = 10, .memory_mib = 300,
	   .needs = { .nodes = 4 }, .flags = KTSTR_NAMES("a"))
{
}

TEST(presets)
{
	const struct kt_preset *p, *q;
	struct kt_topology topo;
	char why[256];
	u32 nr = 0;

	for (p = kt_presets; p->name; p++, nr++) {
		EXPECT_EQ(0, kt_topology_parse(p->topology, &topo, why,
					       sizeof(why)));
		EXPECT_EQ(p, kt_preset_find(p->name));
		for (q = kt_presets; q < p; q++)
			EXPECT_NE(0, strcmp(p->topology, q->topology));
	}
	EXPECT_EQ(24, nr);
	EXPECT_STREQ("1n14l9c2t", kt_preset_find("max-cpu")->topology);
	EXPECT_EQ(NULL, kt_preset_find("max"));
	EXPECT_EQ(NULL, kt_preset_find(""));
}

/* All sets of @t's flags that it takes, in order, behind commas. */
static const char *profiles_of(const struct ktstr_test *t)
{
	char name[KT_PROFILE_STR], why[256];
	static char text[1024];
	u32 i;

	text[0] = '\0';
	for (i = 0; i < kt_profiles_nr(t->sched); i++)
		if (kt_profile_fits(t, i, why, sizeof(why)))
			sprintf(text + strlen(text), ",%s",
				kt_profile_name(t->sched, i, name, sizeof(name)));
	return text;
}

TEST(profiles)
{
	const struct ktstr_test any = { .sched = &three }, none = {};
	char why[256];

	EXPECT_STREQ(",default,a,a+b,c,a+c", profiles_of(&any));
	EXPECT_STREQ(",default,a,a+b", profiles_of(&small_test));
	EXPECT_STREQ(",a,a+b,a+c", profiles_of(&nodes_test));
	EXPECT_STREQ(",default", profiles_of(&none));
	EXPECT_EQ(0, kt_profile_of(&small_test));
	EXPECT_EQ(1, kt_profile_of(&nodes_test));
	EXPECT_FALSE(kt_profile_fits(&any, 2, why, sizeof(why)));
	EXPECT_STREQ("b requires a", why);
	EXPECT_FALSE(kt_profile_fits(&any, 7, why, sizeof(why)));
	EXPECT_STREQ("c excludes b", why);
	EXPECT_FALSE(kt_profile_fits(&small_test, 4, why, sizeof(why)));
	EXPECT_STREQ("the case has c never on", why);
	EXPECT_FALSE(kt_profile_fits(&nodes_test, 0, why, sizeof(why)));
	EXPECT_STREQ("the case has a always on", why);
}

static const char *fault_of(const struct ktstr_flag *flags,
			    const char *const *on, const char *const *off)
{
	const struct ktstr_sched sched = { .name = "s", .flags = flags };
	const struct ktstr_test t = { .sched = &sched, .flags = on,
				      .not_flags = off };
	static char why[512];

	return kt_profile_fault(&t, why, sizeof(why));
}

#define FLAG(name_)	{ .name = (name_), .args = KTSTR_ARGS("-x") }

TEST(flags_that_are_not_in_order)
{
	static const char *const names[] = {
		"", "A", "a b", "a+b", "a/b", "default", "abcdefghijklmnopqrstuvwx",
	};
	const struct ktstr_flag knows_x[] = {
		{ .name = "a", .args = KTSTR_ARGS("-a"),
		  .excludes = KTSTR_NAMES("x") },
		{ .name = NULL },
	};
	const struct ktstr_test no_sched = { .flags = KTSTR_NAMES("a") };
	char why[256];
	size_t i;

	EXPECT_EQ(NULL, fault_of(NULL, NULL, NULL));
	EXPECT_EQ(NULL, fault_of(three.flags, KTSTR_NAMES("a"), KTSTR_NAMES("b")));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_NE(NULL, fault_of(KTSTR_FLAGS(FLAG(names[i])), NULL, NULL));
	EXPECT_STREQ("scheduler s has two flags \"a\"",
		     fault_of(KTSTR_FLAGS(FLAG("a"), FLAG("a")), NULL, NULL));
	EXPECT_STREQ("flag \"a\" of scheduler s has no .args",
		     fault_of(KTSTR_FLAGS({ .name = "a" }), NULL, NULL));
	EXPECT_STREQ("flag \"a\" of scheduler s requires or excludes \"x\", which is none of its flags",
		     fault_of(knows_x, NULL, NULL));
	EXPECT_STREQ(".flags or .not_flags has \"x\", which is no flag of its scheduler",
		     fault_of(three.flags, NULL, KTSTR_NAMES("x")));
	EXPECT_STREQ(".flags cannot be on together: b requires a",
		     fault_of(three.flags, KTSTR_NAMES("b"), NULL));
	EXPECT_STREQ(".flags cannot be on together: the case has a never on",
		     fault_of(three.flags, KTSTR_NAMES("a"), KTSTR_NAMES("a")));
	EXPECT_NE(NULL, kt_profile_fault(&no_sched, why, sizeof(why)));
	EXPECT_STREQ("its scheduler has more than 8 .flags",
		     fault_of(KTSTR_FLAGS(FLAG("a"), FLAG("b"), FLAG("c"),
					  FLAG("d"), FLAG("e"), FLAG("f"),
					  FLAG("g"), FLAG("h"), FLAG("i")), NULL, NULL));
}

FIXTURE(gauntlet)
{
	struct kt_options o;
	struct kt_session s[2];
	struct kt_selection sel;
	char *text;
	size_t len;
	FILE *left_out;
};

FIXTURE_SETUP(gauntlet)
{
	keep_log();
	unsetenv("KTSTR_KERNEL");
	unsetenv("KTSTR_JOBS");
	unsetenv("KTSTR_SPEED_PCT");
	unsetenv("KTSTR_PERFORMANCE");
	memset(self, 0, sizeof(*self));
	self->left_out = open_memstream(&self->text, &self->len);
	self->s[0].options = &self->o;
	self->s[1].options = &self->o;
}

FIXTURE_TEARDOWN(gauntlet)
{
	kt_selection_fini(&self->sel);
	kt_options_fini(&self->o);
	fclose(self->left_out);
	free(self->text);
}

static const char *argv[16];

#define enumerate(nr_kernels, ...) ({					\
	const char *const argv_[] = { "prog", "--gauntlet", ##__VA_ARGS__, NULL }; \
	kt_options_fini(&self->o);					\
	kt_selection_fini(&self->sel);					\
	rewind(self->left_out);						\
	memcpy(argv, argv_, sizeof(argv_));				\
	int ret_ = kt_options_parse(&self->o, ARRAY_SIZE(argv_) - 1, argv); \
	ret_ = ret_ ?: kt_gauntlet_cells(&self->sel, &self->o, self->s,	\
					 nr_kernels, self->left_out);	\
	fflush(self->left_out);						\
	ret_;								\
})

#define cell(i) (&self->sel.cells[i])

TEST_F(gauntlet, cells_in_order)
{
	static const char *const names[] = {
		"plain/tiny-1llc/default", "plain/tiny-2llc/default",
		"small/tiny-1llc/default", "small/tiny-1llc/a",
		"small/tiny-1llc/a+b", "small/tiny-2llc/default",
		"small/tiny-2llc/a", "small/tiny-2llc/a+b",
	};
	u32 i;

	/* in the order of the table, whatever that of the option */
	ASSERT_EQ(0, enumerate(1, "--preset=tiny-2llc,tiny-1llc"));
	ASSERT_EQ(ARRAY_SIZE(names), self->sel.nr);
	for (i = 0; i < self->sel.nr; i++) {
		EXPECT_STREQ(names[i], cell(i)->name);
		EXPECT_STREQ(names[i], cell(i)->pattern);
		EXPECT_EQ(&self->s[0], cell(i)->session);
	}
	ASSERT_EQ(3, self->sel.nr_groups);
	EXPECT_STREQ("plain", self->sel.groups[0].name);
	EXPECT_EQ(2, self->sel.groups[0].nr);
	EXPECT_EQ(6, self->sel.groups[1].nr);
	/* named as a whole: it has a result, a SKIP */
	EXPECT_STREQ("nodes", self->sel.groups[2].name);
	EXPECT_EQ(0, self->sel.groups[2].nr);
	EXPECT_NE(NULL, strstr(self->text,
			       "left out: nodes/tiny-2llc/*: needs 4 nodes with CPUs, 1n2l2c1t"));
	EXPECT_NE(NULL, strstr(self->text, "# left out: small/*/c: the case has c never on\n"));
	EXPECT_NE(NULL, strstr(self->text, "# left out: small/*/a+b+c: c excludes b\n"));
	EXPECT_EQ(NULL, strstr(self->text, "odd-3llc"));
}

TEST_F(gauntlet, all_of_it)
{
	u32 i;

	ASSERT_EQ(0, enumerate(1));
	/* 24 presets; two of 4 CPUs, by 3 profiles; two of 4 nodes, likewise */
	EXPECT_EQ(24 + 2 * 3 + 2 * 3, self->sel.nr);
	for (i = 0; i < self->sel.nr; i++)
		EXPECT_NE(NULL, cell(i)->test->topology);
	EXPECT_EQ(24, self->sel.groups[0].nr);
}

TEST_F(gauntlet, a_cell_is_a_case)
{
	const struct ktstr_test *t;
	struct kt_case c;

	ASSERT_EQ(0, enumerate(1, "small/tiny-2llc/a+b", "nodes/numa4-12llc/a"));
	ASSERT_EQ(2, self->sel.nr);
	t = cell(0)->test;
	EXPECT_STREQ("small", t->name);
	EXPECT_STREQ("1n2l2c1t", t->topology);
	EXPECT_EQ(1000, t->memory_mib);
	EXPECT_EQ(3, kt_profile_of(t));
	EXPECT_TRUE(small_test.body == t->body);
	ASSERT_EQ(0, kt_case_init(&c, t, &self->o, &self->s->caps));
	EXPECT_EQ(2, c.topo.llcs);
	/* 192 CPUs take more than was meant for four */
	EXPECT_EQ(256 + 8 * 192, cell(1)->test->memory_mib);
	EXPECT_EQ(2, self->sel.nr_groups);
}

TEST_F(gauntlet, chosen_by_name)
{
	ASSERT_EQ(0, enumerate(1, "--profile=a", "*/tiny-*"));
	ASSERT_EQ(2, self->sel.nr);
	EXPECT_STREQ("small/tiny-1llc/a", cell(0)->name);
	EXPECT_STREQ("small/tiny-2llc/a", cell(1)->name);
	ASSERT_EQ(1, self->sel.nr_groups);
	EXPECT_EQ(-ENOENT, enumerate(1, "small/tiny-3llc"));
	EXPECT_NE(NULL, strstr(last_log, "\"small/tiny-3llc\""));
	/* what is left out is not there either */
	EXPECT_EQ(-ENOENT, enumerate(1, "small/odd-3llc"));
	EXPECT_EQ(-ENOENT, enumerate(1, "--profile=b+c"));
	EXPECT_EQ(-ENOENT, enumerate(1, "--profile=d"));
	EXPECT_STREQ("--profile \"d\": the schedulers of these cases have default, a, c, a+b, a+c",
		     last_log);
}

/* Its flags are not known. */
TEST_F(gauntlet, another_scheduler)
{
	ASSERT_EQ(0, enumerate(1, "--scheduler=/other", "--preset=tiny-1llc,numa4-8llc"));
	ASSERT_EQ(4, self->sel.nr);
	EXPECT_STREQ("plain/numa4-8llc/default", cell(1)->name);
	EXPECT_STREQ("small/tiny-1llc/default", cell(2)->name);
	EXPECT_STREQ("nodes/numa4-8llc/default", cell(3)->name);
	EXPECT_EQ(-ENOENT, enumerate(1, "--scheduler=/other", "--profile=a"));
}

TEST_F(gauntlet, several_kernels)
{
	struct kt_strv labels;

	ASSERT_EQ(0, enumerate(1, "-k", "/x/6.12", "-k", "6.12/", "-k", "a # b",
			       "-k", "6.12", "plain/max-cpu"));
	ASSERT_EQ(0, kt_gauntlet_labels(&self->o, &labels));
	ASSERT_EQ(4, labels.nr);
	EXPECT_STREQ("6.12", labels.v[0]);
	EXPECT_STREQ("6.12-2", labels.v[1]);
	EXPECT_STREQ("a___b", labels.v[2]);
	EXPECT_STREQ("6.12-3", labels.v[3]);
	self->s[0].label = labels.v[0];
	self->s[1].label = labels.v[1];
	ASSERT_EQ(0, enumerate(2, "plain/max-cpu"));
	ASSERT_EQ(2, self->sel.nr);
	EXPECT_STREQ("plain/max-cpu/default/6.12", cell(0)->name);
	EXPECT_STREQ("plain/max-cpu/default/6.12-2", cell(1)->name);
	/* the kernel is said by its own option then */
	EXPECT_STREQ("plain/max-cpu/default", cell(1)->pattern);
	EXPECT_EQ(&self->s[1], cell(1)->session);
	ASSERT_EQ(0, enumerate(2, "plain/max-cpu/default/6.12-2"));
	EXPECT_EQ(1, self->sel.nr);
	kt_strv_fini(&labels);
}

/* A cell that this host cannot hold is skipped, a declared case is not. */
TEST_F(gauntlet, memory)
{
	static const struct kt_engine_ops engine = { .name = "some" };
	const struct ktstr_test huge = { .name = "huge", .memory_mib = 1u << 31 };
	char why[KT_SKIP_MAX];

	ASSERT_EQ(0, enumerate(1, "plain/tiny-1llc"));
	self->s->engine = &engine;
	self->s->caps.max_vcpus = 4;
	EXPECT_FALSE(kt_run_skips(self->s, cell(0)->test, why, sizeof(why)));
	EXPECT_TRUE(kt_run_skips(self->s, &huge, why, sizeof(why)));
	EXPECT_NE(NULL, strstr(why, "needs 2147483776 MiB of memory, the host has "));
	self->o.gauntlet = false;
	EXPECT_FALSE(kt_run_skips(self->s, &huge, why, sizeof(why)));
}

TEST_HARNESS_MAIN
